"""The forms of 扫码登记: the public one, and the one that opens an address."""

from django import forms
from django.core import signing

from crm.forms import NamedForm, PlausibleDayField, ValueField
from crm.values import clean_text, company_key, phone
from leads.walk_ins import Told

SALT = "leads.walk-in"
LONGEST = 12 * 3600  # seconds between the page and the form it sends


def stamp(door):
    """A mark that our page of this door was opened today: no cookie, and nobody else can make it."""
    return signing.dumps(door.pk, salt=SALT)


def is_ours(text, door):
    """Whether a stamp is of this door's page, and not too old.

    However fresh: a phone that fills in name and number by itself is as quick as a robot. Those are held off
    by the field nobody sees and by the limits on how often a form is taken.
    """
    try:
        return signing.loads(text, salt=SALT, max_age=LONGEST) == door.pk
    except signing.BadSignature:
        return False


class DoorForm(NamedForm):
    """Until when the address works."""

    last_day = PlausibleDayField(label="有效至")


class WalkInForm(NamedForm):
    """What a company tells of itself. `homepage` is a trap: no person sees it, a robot fills it."""

    company_name = forms.CharField(label="企业全称", max_length=120)
    contact_name = forms.CharField(label="您的姓名", max_length=40)
    contact_phone = ValueField(label="手机", reads=phone)
    contact_title = forms.CharField(label="职务", max_length=40, required=False)
    wishes = forms.CharField(
        label="合作意向",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：想设研发中心，需要 500 ㎡。",
    )
    consent = forms.BooleanField(label="同意使用个人信息", required=False)
    homepage = forms.CharField(label="网址", required=False, max_length=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, kind in (("company_name", "organization"), ("contact_name", "name")):
            self.fields[name].widget.attrs["autocomplete"] = kind
        self.fields["contact_phone"].widget = forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "class": "form-control", "maxlength": 60}
        )
        self.fields["homepage"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}

    def clean_company_name(self):
        name = clean_text(self.cleaned_data["company_name"])
        if len(company_key(name)) < 2:
            raise forms.ValidationError("请填写企业全称（至少两个字）。")
        return name

    def clean_contact_phone(self):
        number = self.cleaned_data["contact_phone"]
        if not number:
            raise forms.ValidationError("请填写手机或带区号的电话。")
        return number

    def clean_consent(self):
        if not self.cleaned_data["consent"]:
            raise forms.ValidationError("请勾选同意使用个人信息，再提交。")
        return True

    def is_trapped(self):
        """Whether the field nobody sees was filled."""
        return bool(self.data.get("homepage", "").strip())

    def told(self):
        names = Told.__dataclass_fields__
        return Told(**{name: self.cleaned_data[name] for name in names})
