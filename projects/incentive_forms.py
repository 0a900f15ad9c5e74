"""The forms of 优惠条款 and their review: they read what people type; the rules stand in the domain."""

from django import forms

from crm import values
from crm.forms import DayField, NamedForm, ValueField
from crm.opened_forms import Opened
from leads.forms import area
from projects.models import IncentiveItem, ItemReview
from projects.models.incentives import CONTENT
from projects.paper_forms import known_field, paper_field
from projects.reviewing import Verdict


def with_paper(given):
    """The fields with one paper: the file uploaded now, else the known one."""
    known = given.pop("known_paper")
    return {**given, "paper": given["paper"] or known}


class ItemForm(Opened):
    """One promise as written; `row` is the item being amended."""

    kind = forms.ChoiceField(label="条款类别", choices=[("", "请选择"), *IncentiveItem.Kind.choices])
    text = area(label="条款原文", rows=4)
    formula = forms.CharField(label="计算方式", max_length=300, required=False)
    conditions = forms.CharField(label="兑现条件", max_length=300, required=False)
    scope = forms.ChoiceField(
        label="适用对象", choices=[("", "未写明"), *IncentiveItem.Scope.choices], required=False
    )
    basis = forms.CharField(label="依据文件与条款", max_length=200, required=False)
    basis_valid_to = DayField(label="依据有效期至", required=False)
    amount_wan = ValueField(label="金额（万元）", reads=values.amount_wan)
    cap_wan = ValueField(label="政策上限（万元）", reads=values.amount_wan)
    budget_source = forms.CharField(label="资金来源", max_length=120, required=False)
    has_case_approval = forms.BooleanField(label="已有一事一议批复", required=False)
    paper = paper_field("一事一议批复文件（有批复时上传）")
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, row=None, **kwargs):
        if row:
            kwargs.setdefault(
                "initial", {name: getattr(row, name) for name in CONTENT} | {"version": row.version}
            )
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["placeholder"] = "照协议或批复的原文录入，一条一项。"
        self.fields["basis"].widget.attrs["placeholder"] = "文件名称、文号和第几条"

    def content(self):
        """The item as the domain takes it."""
        return {name: self.cleaned_data[name] for name in CONTENT}


class VerdictForm(NamedForm):
    """The conclusion on one item; `digest` is the wording the reviewer saw."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    conclusion = forms.ChoiceField(
        label="审查结论", choices=[("", "请选择"), *ItemReview.Conclusion.choices], required=False
    )
    reason = area(label="理由", rows=3, required=False)
    ground = forms.ChoiceField(
        label="例外情形（适用例外时填）", choices=[("", "不适用"), *ItemReview.Ground.choices], required=False
    )
    no_lesser_way = forms.CharField(
        label="为何没有影响更小的办法（适用例外时填）", max_length=300, required=False
    )
    ends_on = DayField(label="例外终止日期（适用例外时填）", required=False)
    opinion_number = forms.CharField(label="市场监管部门意见文号", max_length=80, required=False)
    opinion_on = DayField(label="意见日期", required=False)
    paper = paper_field("意见文件（引用意见时必传）")
    known_paper = known_field("或用本项目已上传的文件")

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["known_paper"].queryset = project.papers.for_review()

    def verdict(self):
        """The conclusion as the domain takes it."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "digest"}
        return Verdict(**with_paper(given))


class ConclusionForm(NamedForm):
    """The conclusion on the whole set."""

    number = forms.CharField(label="审查结论文号", max_length=80, required=False)
    legal_number = forms.CharField(label="合法性审查文号", max_length=80, required=False)
    note = forms.CharField(label="说明", max_length=300, required=False)
    paper = paper_field("合法性审查文件")
    known_paper = known_field("或用本项目已上传的文件")

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["known_paper"].queryset = project.papers.for_review()

    def conclusion(self):
        """The conclusion as the domain takes it."""
        return with_paper(dict(self.cleaned_data))
