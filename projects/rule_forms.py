"""The form of a 审查提示规则: it reads what people type, one wording a line; the domain judges it."""

import hashlib
import json

from django import forms

from crm.forms import DayField, NamedForm
from projects.flag_patterns import PLACEHOLDERS
from projects.flags import CLAUSE_FIELDS, READABLE
from projects.models import IncentiveItem
from projects.ruling import Wording

LABELS = [(name, IncentiveItem._meta.get_field(name).verbose_name) for name in READABLE]
LONGEST = 20_000


class LinesField(forms.CharField):
    """Lines of text as a tuple; empty ones are left out."""

    def __init__(self, **kwargs):
        widget = forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
        super().__init__(required=False, max_length=LONGEST, widget=widget, **kwargs)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value):
        return tuple(line.strip() for line in super().clean(value).splitlines() if line.strip())


class RuleForm(NamedForm):
    """One rule; `row` is the one being changed. `sample` is only tried."""

    name = forms.CharField(label="名称", max_length=60)
    reason = forms.CharField(label="问题与依据", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    advice = forms.CharField(label="怎么办", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    patterns = LinesField(label="触发措辞，一行一条")
    exempting = LinesField(label="豁免措辞，一行一条")
    fields_ = forms.MultipleChoiceField(
        label="检查哪些栏目", choices=LABELS, widget=forms.CheckboxSelectMultiple, required=False
    )
    needs_opinion = forms.BooleanField(label="放行须有市场监管部门意见", required=False)
    active_from = DayField(label="启用日期", required=False)
    active_to = DayField(label="停用日期（当天仍有效）", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)
    sample = forms.CharField(
        label="试一段文字（不保存）",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    placeholders = [(f"{{{name}}}", words) for name, words in PLACEHOLDERS.items()]

    def __init__(self, *args, row=None, **kwargs):
        names = (*(name for name in Wording.__dataclass_fields__ if name != "fields"), "version")
        initial = {name: getattr(row, name) for name in names} if row else {}
        initial["fields_"] = row.fields if row else CLAUSE_FIELDS
        super().__init__(*args, initial=initial, **kwargs)

    def wording(self):
        """The rule as the domain takes it."""
        given = {name: self.cleaned_data.get(name) for name in Wording.__dataclass_fields__}
        return Wording(**{**given, "fields": tuple(self.cleaned_data["fields_"])})

    def mark(self):
        """The fingerprint of what is to be saved: what was looked at is what is written."""
        text = json.dumps(vars(self.wording()), ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()
