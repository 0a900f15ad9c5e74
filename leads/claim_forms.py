"""The forms of 首报首谈: they read what people type and leave every rule to the domain."""

from django import forms
from django.core.exceptions import ValidationError

from crm.forms import NamedForm, PlausibleDayField, ValueField, dressed
from crm.values import uscc
from leads.forms import area
from leads.models import Conflict, Visit


class ExtensionForm(NamedForm):
    """延长首报保护."""

    reason = forms.CharField(label="延期理由", max_length=200)


class ConflictForm(NamedForm):
    """提出首报冲突."""

    company_name = forms.CharField(label="企业", max_length=120)
    uscc = ValueField(label="统一社会信用代码（知道就填）", reads=uscc)
    investor_name = forms.CharField(label="投资方（同名的有几家时填）", max_length=120, required=False)
    reason = area(label="理由（我方何时接触、为什么应当由我方首谈）")

    def clean_reason(self):
        return short(self.cleaned_data["reason"])


class EvidenceForm(NamedForm):
    """补充证据."""

    happened_on = PlausibleDayField(label="发生日期")
    text = area(label="说明（不写电话、邮箱、微信号和 QQ 号，对方看得到）")
    visit = forms.ModelChoiceField(
        Visit.objects.none(), label="本单位的拜访记录", required=False, empty_label="不引用"
    )

    def __init__(self, *args, visits, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["visit"].queryset = visits
        self.fields["visit"].label_from_instance = lambda visit: f"{visit}　{visit.place}"

    def clean_text(self):
        return short(self.cleaned_data["text"])


class DecisionForm(NamedForm):
    """裁决: the verdict, why, and a percentage for every unit that has to do with the lead."""

    verdict = forms.ChoiceField(label="裁决", choices=[("", "请选择"), *Conflict.Verdict.rulings()])
    opinion = area(label="裁决理由")

    def __init__(self, *args, shares, **kwargs):
        super().__init__(*args, **kwargs)
        self.units = {f"share-{unit.pk}": unit for unit in shares}
        for unit, part in shares.items():
            part = forms.IntegerField(label=f"{unit}（%）", min_value=0, max_value=100, initial=part)
            self.fields[f"share-{unit.pk}"] = dressed(part)

    def clean_opinion(self):
        return short(self.cleaned_data["opinion"])

    def shares(self):
        """{unit: percent} as typed."""
        return {unit: self.cleaned_data[name] for name, unit in self.units.items()}

    @property
    def share_fields(self):
        return [self[name] for name in self.units]


def short(text, most=400):
    """The text if it fits into its column; the rest belongs into a visit or a file."""
    if len(text) > most:
        raise ValidationError(f"请控制在 {most} 个字以内，现在是 {len(text)} 个字。")
    return text


class GiveForm(NamedForm):
    """放入公海."""

    reason = forms.CharField(label="放入公海的理由", max_length=200)
