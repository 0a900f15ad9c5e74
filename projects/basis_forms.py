"""The form of a clause of the 依据库: it reads what people type; the domain judges it."""

from django import forms

from crm import values
from crm.forms import DayField, NamedForm, ValueField
from projects.bases import Entry
from projects.flags import KINDS
from projects.rule_forms import LinesField


class BasisForm(NamedForm):
    """One clause; `row` is the one being changed."""

    document = forms.CharField(label="文件名称（不写书名号）", max_length=120)
    number = forms.CharField(label="文号", max_length=60, required=False)
    clause = forms.CharField(label="条款（整份文件都算的留空）", max_length=40, required=False)
    area = forms.CharField(label="适用区域", max_length=40, required=False)
    kinds = forms.MultipleChoiceField(
        label="所给的条款类别（不选：不限）",
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    measures = LinesField(label="按什么给，一行一个词，如“租金”；条款里写到任何一个就算")
    most_percent = forms.DecimalField(label="最高比例（%）", max_digits=6, decimal_places=2, required=False)
    cap_wan = ValueField(label="单家上限（万元）", reads=values.amount_wan)
    valid_from = DayField(label="生效日期", required=False)
    valid_to = DayField(label="有效期至（当天仍有效）", required=False)
    text = forms.CharField(
        label="条款原文（照公开文件录入；录了原文的，优惠条款多出来的话也会提示）",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    summary = forms.CharField(
        label="内容摘要", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    read_on = DayField(label="核对原文日期（没有读过原文的留空）", required=False)
    is_withdrawn = forms.BooleanField(label="停用（录错的条款）", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, row=None, **kwargs):
        names = (*Entry.__dataclass_fields__, "version")
        kwargs.setdefault("initial", {name: getattr(row, name) for name in names} if row else {})
        super().__init__(*args, **kwargs)

    def entry(self):
        """The clause as the domain takes it."""
        given = {name: self.cleaned_data.get(name) for name in Entry.__dataclass_fields__}
        return Entry(**{**given, "kinds": tuple(given["kinds"])})

    def mark(self):
        """The fingerprint of what is to be saved."""
        return self.entry().mark
