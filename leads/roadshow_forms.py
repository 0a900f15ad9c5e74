"""The forms of trips and imports."""

from django import forms

from crm import roles
from crm.errors import Refused
from crm.forms import Named, NamedForm, PlausibleDayField, ValueField, offered
from crm.models import User
from crm.values import amount_wan, clean_text
from leads.models import Roadshow, RoadshowTarget
from leads.trips import BAR, QUICK, check_days

TARGETS_MAX = 500


class TripForm(Named, forms.ModelForm):
    """A trip with its people and, when it is new, its target list."""

    starts_on = PlausibleDayField(label="开始日期")
    ends_on = PlausibleDayField(label="结束日期")
    budget_wan = ValueField(label="预算（万元）", reads=amount_wan)
    cost_wan = ValueField(label="实际费用（万元）", reads=amount_wan)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)
    targets = forms.CharField(
        label="目标企业清单",
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="一行一家企业全称，可以从表格里整列粘贴；地址连那一列一起粘贴，或在后面加「| 地址」。",
    )

    class Meta:
        model = Roadshow
        fields = [
            "title",
            "kind",
            "city",
            "starts_on",
            "ends_on",
            "leader",
            "members",
            "purpose",
            "budget_wan",
            "cost_wan",
            "summary",
            "is_cancelled",
        ]
        widgets = {
            "members": forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
            "summary": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, role__in=roles.WORKS_ON_LEADS).select_related("unit")
        members = [person.pk for person in self.instance.members.all()] if self.instance.pk else []
        for name, chosen in (("members", members), ("leader", [self.instance.leader_id])):
            self.fields[name].queryset = offered(people, *chosen).order_by("unit__name", "name")
        for name in ("members", "leader"):
            self.fields[name].label_from_instance = lambda person: f"{person}｜{person.unit or '区级'}"
        self.fields["leader"].empty_label = "待定"
        self.fields["city"].empty_label = "请选择"
        if self.instance.pk:
            del self.fields["targets"]
            self.initial.setdefault("version", self.instance.version)
        else:
            for name in ("cost_wan", "summary", "is_cancelled"):
                del self.fields[name]

    def clean_targets(self):
        """The names line by line, empty ones too: whoever is told of a line must find it."""
        lines = [clean_text(line.replace("\t", "|")) for line in self.cleaned_data["targets"].splitlines()]
        names = [name for name in lines if name]
        if len(names) > TARGETS_MAX:
            raise forms.ValidationError(f"目标企业一次最多 {TARGETS_MAX} 家，现在有 {len(names)} 家。")
        if long := next((name for name in names if len(BAR.split(name)[0]) > 120), None):
            raise forms.ValidationError(f"企业「{long[:20]}…」超过 120 个字，请核对是否一行一家。")
        return lines

    def clean(self):
        """Have the days judged together with the fields, so that everything wrong is said at once."""
        given = super().clean()
        if given.get("starts_on") and given.get("ends_on"):
            try:
                check_days(given["starts_on"], given["ends_on"])
            except Refused as refusal:
                self.add_refusal(refusal)
        return given

    def values(self):
        """The trip's own fields, without people, targets and version."""
        apart = ("members", "targets", "version")
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}

    def _post_clean(self):
        """The domain checks the trip (leads/trips.py); the form only reads."""


class TargetsForm(NamedForm):
    """More companies for the target list."""

    targets = forms.CharField(
        label="补充目标企业",
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "一行一家，可以写「企业 | 地址」"}),
    )

    clean_targets = TripForm.clean_targets


class TargetForm(NamedForm):
    """What became of one target."""

    state = forms.ChoiceField(label="结果", choices=RoadshowTarget.State.choices, required=False)
    note = forms.CharField(label="说明", max_length=200, required=False)
    address = forms.CharField(label="地址", max_length=120, required=False)
    quick = forms.ChoiceField(label="一键结果", choices=[(code, code) for code in QUICK], required=False)
    seen = forms.ChoiceField(label="看到的结果", choices=RoadshowTarget.State.choices, required=False)

    def clean(self):
        given = super().clean()
        if not given.get("state") and not given.get("quick") and "state" not in self.errors:
            self.add_error("state", "请选择结果。")
        return given

    def result(self):
        """What `trips.resolve` takes: the state, its reason, and what the form had of the address and of the
        state that was seen."""
        given = self.cleaned_data
        state, note = QUICK[given["quick"]] if given["quick"] else (given["state"], given["note"])
        address = given["address"] if "address" in self.data else None
        return {"state": state, "note": note, "address": address, "seen": given["seen"] or None}


class UploadForm(NamedForm):
    """The sheet of a trip."""

    file = forms.FileField(
        label="名单文件",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
    )


class ImportForm(UploadForm):
    """A sheet, and the trip it comes from."""

    roadshow = forms.ModelChoiceField(Roadshow.objects.none(), label="哪次行程", empty_label=None)
    field_order = ["roadshow", "file"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roadshow"].queryset = Roadshow.objects.importable_by(user)


class UndoForm(NamedForm):
    """Why an import is taken back, and how many leads the page said would go."""

    reason = forms.CharField(label="撤销的理由", max_length=200)
    foreseen = forms.IntegerField(label="删除的线索数", min_value=0, widget=forms.HiddenInput)
