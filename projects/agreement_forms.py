"""The forms of agreements, commitments, receipts and dates: they read what people type; no rule is here."""

from django import forms
from django.db.models import Q

from crm import roles, values
from crm.forms import NamedForm, PlausibleDayField, ValueField, offered
from crm.models import Unit, User
from crm.opened_forms import Opened
from crm.permissions import may
from projects import agreements, commitments, receipts
from projects.models import Agreement, Commitment, IncentiveItem, Receipt
from projects.models.projects import LandingMode
from projects.paper_forms import paper_field

ENDING = Agreement.Kind.TERMINATION
COUNTED_HINT = "计入月报的那一天；审核通过后由区投促局确认，空着就是还没有计入。"


class VersionedForm(Opened):
    """A form over a row: it keeps the version it showed, and says what was changed."""

    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def stated(self, names):
        """The cleaned values of the fields `names` that this form has."""
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def text(self, name):
        return self.cleaned_data.get(name) or ""


def initial_of(row, names):
    """What a form shows of `row`, amounts without trailing zeros."""
    shown = {name: getattr(row, name) for name in names}
    return {
        name: f"{value.normalize():f}" if hasattr(value, "normalize") else value
        for name, value in shown.items()
    } | {"version": row.version}


def reason_field(**kwargs):
    return forms.CharField(label="理由", max_length=300, required=False, **kwargs)


class AgreementForm(VersionedForm):
    """A signed paper; `row` is the one being corrected."""

    kind = forms.ChoiceField(label="协议类型", choices=Agreement.Kind.choices)
    title = forms.CharField(label="协议名称", max_length=120)
    number = forms.CharField(label="协议编号", max_length=80, required=False)
    signed_on = PlausibleDayField(label="签订日期", help_text="双方签字盖章的那一天。")
    amount_wan = ValueField(label="协议金额（万元）", reads=values.amount_wan)
    signer = forms.CharField(label="签约主体", max_length=120)
    signer_uscc = ValueField(label="签约主体信用代码", reads=values.uscc)
    supersedes = forms.ModelChoiceField(
        Agreement.objects.none(), label="替代或解除哪一份", required=False, empty_label="不替代"
    )
    supervisor = forms.ModelChoiceField(
        Unit.objects.none(), label="履约监管单位", required=False, empty_label="未定"
    )
    filed_on = PlausibleDayField(label="备案日期", required=False)
    expires_on = PlausibleDayField(label="有效期至", required=False)
    paper = paper_field("协议文件（签字盖章的扫描件）")
    reason = reason_field()

    def __init__(self, *args, project, row=None, **kwargs):
        kwargs.setdefault("initial", initial_of(row, agreements.FIELDS) if row else _first(project))
        super().__init__(*args, **kwargs)
        if project.is_lost and row is None and not self.is_bound:  # what was typed before stays to be read
            self.fields["kind"].choices = [(ENDING.value, ENDING.label)]
        old = Agreement.objects.filter(project=project).exclude(pk=row.pk if row else None)
        self.fields["supersedes"].queryset = old
        self.fields["supervisor"].queryset = Unit.objects.filter(is_active=True)
        self.fields["amount_wan"].help_text = "补充协议填增加的金额；替代原协议的填新的总额；解除协议不填。"
        self.fields["amount_wan"].widget.attrs["placeholder"] = "例如 3000 或 0.3亿"
        del self.fields["paper" if row else "reason"]

    def agreement(self):
        return agreements.Paper(**self.stated(agreements.FIELDS))

    def clean_signer_uscc(self):
        return self.cleaned_data["signer_uscc"] or ""


def _first(project):
    """A new agreement is most often the investment agreement, signed by the project's own firm.

    A project in 流失 signs nothing but that one ends.
    """
    company = project.company
    firm = {"signer": company.name, "signer_uscc": company.uscc} if company else {}
    return {"kind": ENDING.value if project.is_lost else Agreement.Kind.INVESTMENT.value, **firm}


class CountForm(VersionedForm):
    """The 统计日期 of an agreement, for the bureau; of a firm that expands also how much of it counts."""

    counted_on = PlausibleDayField(label="统计日期", required=False)
    counted_wan = ValueField(label="计入金额（万元）", reads=values.amount_wan)
    reason = reason_field()

    def __init__(self, *args, row, **kwargs):
        kwargs.setdefault("initial", initial_of(row, ("counted_on", "counted_wan")))
        super().__init__(*args, **kwargs)
        if row.project.landing_mode != LandingMode.EXPANSION or not (row.is_formal or row.is_increase):
            del self.fields["counted_wan"]
        else:
            self.fields["counted_wan"].widget.attrs["placeholder"] = "只填新增的部分；不填按协议金额"

    def counting(self):
        """What is counted, by the names of agreements.count."""
        return {"day": self.cleaned_data["counted_on"], "counted_wan": self.cleaned_data.get("counted_wan")}


class CommitmentForm(VersionedForm):
    """A promise of one side with its measure, day and people."""

    side = forms.ChoiceField(label="承诺方", choices=Commitment.Side.choices)
    item = forms.CharField(label="承诺事项", max_length=200)
    metric = forms.CharField(label="指标", max_length=60, required=False)
    target = forms.DecimalField(label="目标值", required=False, max_digits=18, decimal_places=4)
    measure = forms.CharField(label="计量单位", max_length=20, required=False)
    due_on = PlausibleDayField(label="到期日")
    owner = forms.ModelChoiceField(
        User.objects.none(), label="我方责任人", required=False, empty_label="未定（提醒单位负责人）"
    )
    partner_owner = forms.ModelChoiceField(
        User.objects.none(), label="监管责任人", required=False, empty_label="未定"
    )
    incentive = forms.ModelChoiceField(
        IncentiveItem.objects.none(),
        label="依据的优惠条款",
        required=False,
        empty_label="不涉及",
        help_text="政府承诺给钱、减免或有系统提示的，要有通过公平竞争审查的条款作依据。",
    )
    reason = reason_field(help_text="更改到期日必填。")

    def __init__(self, *args, project, row=None, **kwargs):
        if row:
            kwargs.setdefault("initial", initial_of(row, commitments.FIELDS))
        super().__init__(*args, **kwargs)
        for name in ("owner", "partner_owner"):
            self.fields[name].queryset = offered(readers(project), getattr(row, f"{name}_id", None))
        items = IncentiveItem.objects.filter(project=project).standing()
        self.fields["incentive"].queryset = offered(items, getattr(row, "incentive_id", None))
        self.fields["metric"].widget.attrs["placeholder"] = "例如 纳税、用工、投资额"
        self.fields["measure"].widget.attrs["placeholder"] = "例如 万元、人、㎡"
        if row is None:
            del self.fields["reason"]

    def promise(self):
        return commitments.Promise(**self.stated(commitments.FIELDS))


def readers(project):
    """The people one may name: those who see the project and work on it."""
    near = Q(unit__in=[u for u in (project.unit_id, project.station_id) if u], role__in=roles.SEES_OWN_UNIT)
    return User.objects.filter(near | Q(role=roles.MANAGER), is_active=True).order_by("unit_id", "name")


class VerdictForm(VersionedForm):
    """What became of a promise; 豁免 is offered to those who may grant it."""

    outcome = forms.ChoiceField(label="履约结果", choices=[], required=False)
    judged_on = PlausibleDayField(label="核实日期", required=False)
    actual = forms.DecimalField(label="实际值", required=False, max_digits=18, decimal_places=4)
    evidence = forms.CharField(label="证明材料", max_length=300, required=False)
    reason = forms.CharField(label="原因与下一步", max_length=300, required=False)

    def __init__(self, *args, row, user, today, **kwargs):
        kwargs.setdefault(
            "initial",
            {"judged_on": today}
            | (initial_of(row, commitments.JUDGED) if row.outcome else {"version": row.version}),
        )
        super().__init__(*args, **kwargs)
        waives = may(user, "waive", row.project)
        offered = [c for c in Commitment.Outcome.choices if waives or c[0] != Commitment.Outcome.WAIVED]
        empty = [("", "收回结果，改为待核实")] if row.outcome else [("", "请选择")]
        self.fields["outcome"].choices = [*empty, *offered]
        self.fields["evidence"].widget.attrs["placeholder"] = "文号、凭证号或核查记录"

    def verdict(self):
        given = self.stated(commitments.JUDGED)
        return commitments.Verdict(**given)


class ReceiptForm(NamedForm):
    """Money that arrived, with its proof."""

    amount_wan = ValueField(label="到位金额（万元）", reads=values.amount_wan)
    received_on = PlausibleDayField(label="到位日期")
    purpose = forms.CharField(label="用途", max_length=120)
    proof = forms.ChoiceField(label="证明方式", choices=Receipt.Proof.choices)
    proof_number = forms.CharField(label="凭证号", max_length=80)
    explanation = forms.CharField(label="超出总投资的说明", max_length=300, required=False)
    paper = paper_field("凭证文件（回单、验资报告）")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount_wan"].widget.attrs["placeholder"] = "例如 3000 或 0.3亿"

    def money(self):
        return receipts.Money(**{k: v for k, v in self.cleaned_data.items() if k != "paper"})


class WithdrawForm(NamedForm):
    """Why a receipt is taken back."""

    reason = forms.CharField(label="撤销原因", max_length=300, required=False)


class MilestoneForm(NamedForm):
    """Both dates of a proof: the day it happened, and the day it counts for those who confirm it."""

    event_on = PlausibleDayField(label="发生日期", help_text="文件签署或事情办成的那一天。")
    counted_on = PlausibleDayField(label="统计日期", required=False, help_text=COUNTED_HINT)
    reason = reason_field(help_text="已计入统计的，改动必填。")

    def __init__(self, *args, row, user, **kwargs):
        kwargs.setdefault("initial", {"event_on": row.event_on, "counted_on": row.counted_on})
        super().__init__(*args, **kwargs)
        if not may(user, "count", row.project):
            del self.fields["counted_on"]
