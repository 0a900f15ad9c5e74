"""协议: entering and correcting what was signed, confirming the day it counts, and what it adds up to.

The rules with worked examples stand in docs/agreements.md. A project is counted once, for its first formal
agreement; supplements add their increment, a replacing agreement states the new total, 解除 takes away from
its own 统计日期 on and leaves earlier periods as they were (domain §1.7, 三明).
"""

from collections import defaultdict
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from crm import display
from crm.errors import Refused
from crm.permissions import may, require
from crm.values import unspaced
from crm.workdays import shanghai_day
from projects.corrections import check_counted_on, keep, tell_audit
from projects.days import check_year
from projects.models import Agreement, Project
from projects.models.projects import LandingMode
from projects.papers import attach

ONE_DAY = timedelta(days=1)
ZERO = Decimal(0)
COUNTED = ("project", "kind", "signed_on", "counted_on", "amount_wan", "counted_wan", "supersedes")
FROZEN = ("kind", "signed_on", "amount_wan", "supersedes")  # what the bulletin was counted from


class AgreementRefused(Refused):
    """What was entered cannot stand; `field` names it."""

    code = "invalid"


@dataclass(frozen=True)
class Paper:
    """An agreement as somebody states it; `supersedes` is the Agreement it replaces or ends."""

    kind: str
    title: str
    signed_on: date
    signer: str
    signer_uscc: str = ""
    number: str = ""
    amount_wan: Decimal | None = None
    filed_on: date | None = None
    expires_on: date | None = None
    supervisor: object = None
    supersedes: Agreement | None = None


FIELDS = tuple(f.name for f in fields(Paper))


@transaction.atomic
def sign(project, paper, *, by, at, scan=None):
    """Enter an agreement, not counted yet, with its file when there is one (`scan`, an upload).

    Raises AgreementRefused for what cannot be, NotAllowed for strangers, PaperRefused.
    """
    require(by, "edit", project)
    _check_takes(_lock(project), paper.kind)
    row = Agreement(project=project, by=by, created_at=at, **_stated(paper))
    _check(row, at)
    row.save()
    Project.objects.filter(pk=project.pk).update(updated_at=at)
    if scan is not None:
        attach(row, scan, by=by, at=at)
    return row


@transaction.atomic
def correct(agreement, changes, *, by, at, version, reason=""):
    """Write `changes` (names of Paper) over `version` and keep what stood there before, with who and when.

    What a counted agreement was counted from changes only by the bureau and with a reason: the bulletin is
    out. Raises NotAllowed, StaleVersion, AgreementRefused.
    """
    require(by, "edit", agreement.project)
    project = _lock(agreement.project)
    row = _locked(agreement)
    before = {name: getattr(row, name) for name in FIELDS}
    changes = {name: value for name, value in changes.items() if before[name] != value}
    if row.kind == Agreement.Kind.TERMINATION:
        _check_takes(project, changes.get("kind", row.kind))
    is_frozen = row.counted_on and not {*changes}.isdisjoint(FROZEN)
    if is_frozen:
        _check_frozen(row, by, reason)
    for name, value in changes.items():
        setattr(row, name, value)
    _check(row, at)
    if is_frozen:
        _check_increment(row)
    if changes:
        keep(row, {name: before[name] for name in changes}, by=by, at=at, reason=reason)
        row.save_version(version, [*changes], at=at)
    return row


def _lock(project):
    """One at a time: two people entering at once meet the same number or the same replaced agreement."""
    return Project.objects.select_for_update(of=("self",)).get(pk=project.pk)


def check_begun(project):
    """Raise AgreementRefused where a new agreement cannot even be begun: in 流失, with none to end."""
    if not project.agreements.exists():
        _check_takes(project, None)


def _check_takes(project, kind):
    """A project in 流失 signs nothing but that an agreement ends, nor turns such a paper into another."""
    if kind != Agreement.Kind.TERMINATION:
        project.check_takes("协议（解除协议除外）", AgreementRefused)


def _locked(agreement):
    rows = Agreement.objects.select_for_update(of=("self",)).select_related("project")
    return rows.get(pk=agreement.pk)


def _check_frozen(row, by, reason):
    if not may(by, "count", row.project):
        raise AgreementRefused(
            f"这份协议已按 {row.counted_on} 计入统计，类型、签订日期、金额和替代关系只能由区投促局更正；"
            "金额有变化请另行登记补充协议。",
            code="counted",
            field="amount_wan",
        )
    if not reason.strip():
        raise AgreementRefused("更正已计入统计的协议，请写明理由。", code="reason_required", field="reason")


@transaction.atomic
def count(agreement, day, *, by, at, version, reason="", counted_wan=None):
    """Set the 统计日期 (None takes it back, with a reason): only the bureau, written into the audit log.

    `counted_wan` is how much of the amount counts, of a firm that expands; None leaves what was stated.
    A formal agreement counts with its file. Raises NotAllowed, StaleVersion, CountRefused, AgreementRefused.
    """
    require(by, "count", agreement.project)
    _lock(agreement.project)
    row = _locked(agreement)
    before = {"counted_on": row.counted_on, "counted_wan": row.counted_wan}
    stated = row.counted_wan if counted_wan is None else counted_wan
    check_counted_on(row, day, row.signed_on, reason, at, is_same=stated == row.counted_wan)
    row.counted_on, row.counted_wan = day, stated if day else None
    _check_file(row)
    _check_increment(row)
    if not (changed := {name: value for name, value in before.items() if getattr(row, name) != value}):
        return row
    keep(row, changed, by=by, at=at, reason=reason)
    row.save_version(version, [*before], at=at)
    tell_audit(row, before["counted_on"], reason, by=by, at=at)
    return row


def _check_file(row):
    """What makes a project 签约 is on file before it counts (domain §1.4)."""
    if row.counted_on and row.is_formal and not row.papers.exists():
        raise AgreementRefused(
            "还没有这份协议的文件：请先上传签字盖章的扫描件，再确认统计日期。",
            code="paper_required",
            field="counted_on",
        )


def _check_increment(row):
    """Of a firm that expands (增资) the increment counts and nothing else, which is what the project states.

    AgreementRefused for a counted paper by which more would stand signed, until the amount counted is stated.
    """
    if row.counted_wan is not None:
        _check_counts(row)
    if row.counted_on is None or row.project.landing_mode != LandingMode.EXPANSION:
        return
    others = Agreement.objects.filter(project=row.project_id).exclude(pk=row.pk)
    whole = standing([*others, row], date.max).amount_wan
    increment = row.project.amount_wan
    if row.counts_wan is None or (increment is not None and whole <= increment):
        return
    known = "未填" if increment is None else display.money(increment, None)
    if row.counted_wan is None:
        text = f"协议金额 {display.money(row.amount_wan, None)}，请写明计入金额（其中新增的部分）"
    else:
        text = f"计入后签约额 {display.money(whole, None)}，请核对计入金额，或先更正项目的新增投资额"
    text = f"增资项目只计新增部分：新增投资额 {known}，{text}。"
    raise AgreementRefused(text, code="increment", field="counted_wan")


def _check_counts(row):
    if row.project.landing_mode != LandingMode.EXPANSION or not (row.is_formal or row.is_increase):
        raise AgreementRefused(
            "只有增资项目的正式协议和补充协议写计入金额，其他按协议金额计入。", field="counted_wan"
        )
    if row.amount_wan is None or row.counted_wan > row.amount_wan:
        raise AgreementRefused("计入金额不能大于协议金额。", field="counted_wan")


def _stated(paper):
    given = {name: getattr(paper, name) for name in FIELDS}
    return {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}


def _check(row, at):
    """AgreementRefused unless the paper can exist: its days, its number, what it replaces."""
    if not row.title or not row.signer:
        raise AgreementRefused("请填写协议名称和签约主体。", field="title" if not row.title else "signer")
    for name in ("signed_on", "filed_on", "expires_on"):
        label = row._meta.get_field(name).verbose_name
        check_year(getattr(row, name), label, AgreementRefused, field=name)
    if row.signed_on > shanghai_day(at):
        raise AgreementRefused("签订日期不能晚于今天：签完再登记。", field="signed_on")
    if row.counted_on and row.counted_on < row.signed_on:
        raise AgreementRefused(f"签订日期不能晚于统计日期（{row.counted_on}）。", field="signed_on")
    if row.filed_on and row.filed_on < row.signed_on:
        raise AgreementRefused("备案日期不能早于签订日期。", field="filed_on")
    if row.expires_on and row.expires_on < row.signed_on:
        raise AgreementRefused("有效期不能早于签订日期。", field="expires_on")
    others = Agreement.objects.filter(project=row.project_id).exclude(pk=row.pk)
    if same := _of_same_number(row, others):
        raise AgreementRefused(f"这个项目已有编号为 {same.number} 的协议「{same}」。", field="number")
    _check_kind(row)
    if row.supersedes:
        _check_superseded(row, others)


def _of_same_number(row, others):
    """The agreement among `others` with the number of `row`, however spaced; None when it has none."""
    number = unspaced(row.number)
    return next((other for other in others if number and unspaced(other.number) == number), None)


def _check_kind(row):
    kinds = Agreement.Kind
    if row.kind == kinds.TERMINATION and not row.supersedes:
        raise AgreementRefused("解除协议要选明解除的是哪一份。", field="supersedes")
    if row.kind == kinds.TERMINATION and row.amount_wan:
        raise AgreementRefused("解除协议不填金额，解除的金额按被解除的协议计算。", field="amount_wan")
    if row.kind == kinds.SUPPLEMENT and row.supersedes:
        raise AgreementRefused(
            "补充协议只增加金额，不替代原协议；整体重签请选投资协议或租赁协议。", field="supersedes"
        )


def _check_superseded(row, others):
    old = row.supersedes
    if old.project_id != row.project_id or old.pk == row.pk:
        raise AgreementRefused("替代或解除的协议要是这个项目的另一份协议。", field="supersedes")
    if other := others.filter(supersedes=old).first():
        raise AgreementRefused(f"「{old}」已由「{other}」替代或解除。", field="supersedes")
    if old.kind == Agreement.Kind.TERMINATION:
        raise AgreementRefused("解除协议不能再被替代。", field="supersedes")
    if row.signed_on < old.signed_on:
        raise AgreementRefused(f"签订日期不能早于被替代的协议（{old.signed_on}）。", field="signed_on")
    if row.kind != Agreement.Kind.TERMINATION and old.is_formal and not row.is_formal:
        raise AgreementRefused("正式协议不能由框架协议或其他文件替代。", field="supersedes")
    if row.kind != Agreement.Kind.TERMINATION and old.kind == Agreement.Kind.SUPPLEMENT:
        raise AgreementRefused("补充协议不能单独被替代，请登记解除协议或新的补充协议。", field="supersedes")


@dataclass(frozen=True)
class Standing:
    """What one project has signed as of a day: counted or not, how much, and whether the amount is known."""

    is_signed: bool = False
    amount_wan: Decimal = ZERO
    is_unknown: bool = False


def standing(agreements, day):
    """The Standing of one project's `agreements` on `day`, by their 统计日期.

    They hold those that were replaced, too, counted or not: what one replaced that itself never counted is
    replaced with it by the next that does.
    """
    counted = [a for a in agreements if a.counted_on and a.counted_on <= day]
    replaced = _replaced_by(counted, {a.pk: a.supersedes_id for a in agreements})
    left = [a for a in counted if a.pk not in replaced]
    formal = sorted((a for a in left if a.is_formal), key=lambda a: (a.counted_on, a.signed_on, a.pk))
    if not formal:
        return Standing()
    first = formal[0]
    added = [a for a in left if a.is_increase and a.signed_on >= first.signed_on]
    amounts = [a.counts_wan for a in (first, *added)]
    return Standing(True, sum((a for a in amounts if a is not None), ZERO), None in amounts)


def _replaced_by(papers, before):
    """All that `papers` replace, by way of others or at once; `before` is {paper: what it replaces}."""
    found, going = set(), {a.supersedes_id for a in papers}
    while going := going - found - {None}:
        found |= going
        going = {before.get(pk) for pk in going}
    return found


def signed_amount(project, day):
    """How many 万元 stand signed for `project` on `day`; 0 while only a framework is signed."""
    return standing(list(project.agreements.all()), day).amount_wan


@dataclass
class Signings:
    """What a period adds: projects signed first in it, projects whose agreement ended, and the net amount.

    `amount_wan` holds first signings, increments and replacements less what ended; `changed` are the projects
    it comes of; `unknown` counts projects signed in the period without a known amount. Years add up to what
    stands.
    """

    signed: list = field(default_factory=list)
    ended: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    amount_wan: Decimal = ZERO
    unknown: int = 0

    @property
    def number(self):
        return len(self.signed) - len(self.ended)

    @property
    def touched(self):
        return bool(self.changed)

    def __add__(self, other):
        return Signings(
            self.signed + other.signed,
            self.ended + other.ended,
            self.changed + other.changed,
            self.amount_wan + other.amount_wan,
            self.unknown + other.unknown,
        )

    def add(self, pk, before, after):
        """Take in one project that stood `before` the period and stands `after` it."""
        added = after.amount_wan - before.amount_wan
        self.amount_wan += added
        if added or after.is_signed != before.is_signed:
            self.changed.append(pk)
        if after.is_signed and not before.is_signed:
            self.signed.append(pk)
            self.unknown += after.is_unknown
        elif before.is_signed and not after.is_signed:
            self.ended.append(pk)


def counted_between(projects, start, end):
    """The Signings of the days `start` to `end` over a queryset of projects, by 统计日期; one query."""
    found = Signings()
    for pk, papers in counted_papers(projects).items():
        found.add(pk, standing(papers, start - ONE_DAY), standing(papers, end))
    return found


def counted_in(projects, year):
    """The Signings of a calendar year over a queryset of projects."""
    return counted_between(projects, date(year, 1, 1), date(year, 12, 31))


def counted_papers(projects):
    """project id → its agreements that count, and those that were replaced; others are left out."""
    is_replaced = Exists(Agreement.objects.filter(supersedes=OuterRef("pk")))
    rows = Agreement.objects.filter(project__in=projects.order_by())
    rows = rows.filter(Q(counted_on__isnull=False) | is_replaced)
    found = defaultdict(list)
    for row in rows.only(*COUNTED):
        found[row.project_id].append(row)
    return found
