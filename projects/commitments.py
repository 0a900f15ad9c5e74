"""承诺: entering what both sides promised, recording what became of it, and the 履约率 (domain §5.1)."""

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, CharField, Count, F, Q, Value, When

from crm import audit, display
from crm.errors import Refused
from crm.permissions import require
from crm.workdays import shanghai_day
from projects.corrections import keep
from projects.days import check_year
from projects.incentives import hold
from projects.models import Agreement, Commitment, Project
from projects.models.clearance import lack_of_backing, rules_in_force

State = Commitment.State
Outcome = Commitment.Outcome


class CommitmentRefused(Refused):
    """The commitment or what is said of it cannot stand; `field` names what to mend."""

    code = "invalid"


@dataclass(frozen=True)
class Promise:
    """A promise as stated: whose, what, by which measure, until when, and who looks after it on our side."""

    side: str
    item: str
    due_on: date
    metric: str = ""
    target: Decimal | None = None
    measure: str = ""
    owner: object = None
    partner_owner: object = None
    incentive: object = None  # the 优惠条款 a promise of the government rests on


@dataclass(frozen=True)
class Verdict:
    """What became of a promise on `judged_on`, with its proof; "" takes an earlier verdict back."""

    outcome: str
    judged_on: date | None = None
    actual: Decimal | None = None
    evidence: str = ""
    reason: str = ""


FIELDS = tuple(f.name for f in fields(Promise))
JUDGED = tuple(f.name for f in fields(Verdict))


@transaction.atomic
def promise(agreement, stated, *, by, at):
    """Enter a commitment of `agreement`; CommitmentRefused for what cannot be, NotAllowed for strangers."""
    project = hold(agreement.project_id)
    require(by, "edit", agreement.project)
    project.check_takes("承诺", CommitmentRefused)
    if agreement.kind == Agreement.Kind.TERMINATION:
        raise CommitmentRefused("解除协议里没有承诺，请选被履行的那份协议。", field="item")
    row = Commitment(agreement=agreement, project=agreement.project, created_at=at, **_stated(stated))
    _check(row)
    _check_standing(row)
    row.save()
    return row


@transaction.atomic
def correct(commitment, changes, *, by, at, version, reason=""):
    """Write `changes` (names of Promise) over `version` and keep what stood there before.

    A due date moves only with a reason: it decides what is overdue. A new due date is told of anew.
    """
    require(by, "edit", commitment.project)
    row = _held(commitment)
    before = {name: getattr(row, name) for name in FIELDS}
    changes = {name: value for name, value in changes.items() if before[name] != value}
    if "due_on" in changes and not reason.strip():
        raise CommitmentRefused("更改到期日请写明理由。", code="reason_required", field="reason")
    for name, value in changes.items():
        setattr(row, name, value)
    _check(row)
    if "due_on" in changes:
        _check_standing(row)
    if changes:
        keep(row, {name: before[name] for name in changes}, by=by, at=at, reason=reason)
        row.save_version(version, [*changes], at=at)
    return row


@transaction.atomic
def judge(commitment, verdict, *, by, at, version=None):
    """Record what became of a commitment, with day and proof; 豁免 is for heads and the bureau, with reason.

    A verdict may be changed or taken back, with a reason; what stood before is kept. Raises NotAllowed,
    StaleVersion, CommitmentRefused.
    """
    require(by, "waive" if verdict.outcome == Outcome.WAIVED else "edit", commitment.project)
    row = _held(commitment)
    if row.outcome == Outcome.WAIVED:
        require(by, "waive", commitment.project)
    _check_verdict(row, verdict, at)
    before = {name: getattr(row, name) for name in JUDGED}
    for name in JUDGED:
        setattr(row, name, getattr(verdict, name))
    row.judged_on = verdict.judged_on if verdict.outcome else None
    row.judged_by = by if verdict.outcome else None
    changed = {name: value for name, value in before.items() if getattr(row, name) != value}
    keep(row, changed, by=by, at=at, reason=verdict.reason)
    row.save_version(row.version if version is None else version, [*JUDGED, "judged_by"], at=at)
    if row.outcome == Outcome.WAIVED:
        detail = {"project": row.project_id, "name": row.item, "reason": row.reason}
        audit.record(by, "waive", row, detail=detail, at=at)
    return row


def _held(commitment):
    """The row as it stands, locked after its project: a signature reads what is promised under that lock."""
    hold(commitment.project_id)
    return Commitment.objects.select_for_update(of=("self",)).get(pk=commitment.pk)


def warned(commitments, day):
    """Give each of `commitments` (of `with_backing`) its `lack`: what 公平竞争审查 asks of it, or None."""
    is_ours = any(one.side == Commitment.Side.GOVERNMENT for one in commitments)
    rules = rules_in_force(day) if is_ours else []
    for one in commitments:
        one.lack = lack_of_backing(one, day, rules)
    return commitments


def _stated(stated):
    given = {name: getattr(stated, name) for name in FIELDS}
    return {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}


def _check(row):
    if not row.item:
        raise CommitmentRefused("请填写承诺事项。", field="item")
    check_year(row.due_on, "到期日", CommitmentRefused, field="due_on")
    if row.due_on < row.agreement.signed_on:
        raise CommitmentRefused(f"到期日不能早于协议签订日期（{row.agreement.signed_on}）。", field="due_on")
    if row.target is not None and not row.measure:
        raise CommitmentRefused("填了目标值，请写明计量单位（万元、人、㎡……）。", field="measure")
    _check_backing(row)
    for name in ("owner", "partner_owner"):
        person = getattr(row, name)
        if person and not sees(person, row.project_id):
            raise CommitmentRefused(
                f"{person}看不到这个项目，收不到提醒；请选责任单位或区投促局的人。", field=name
            )


def _check_standing(row):
    """What would fall due after its agreement ended is no promise of that agreement any more."""
    if row.agreement.ended_on and row.due_on >= row.agreement.ended_on:
        raise CommitmentRefused(
            f"这份协议已于 {row.agreement.ended_on} 解除或由新协议替代，不能登记那天及以后到期的承诺；"
            "请登记在仍然有效的协议里。",
            field="due_on",
        )


def _check_backing(row):
    if row.incentive is None:
        return
    if row.side != Commitment.Side.GOVERNMENT:
        raise CommitmentRefused("企业承诺不用关联优惠条款，请留空。", field="incentive")
    if row.incentive.project_id != row.project_id:
        raise CommitmentRefused("请选择本项目的优惠条款。", field="incentive")


def sees(person, project):
    """Whether `person` works here and sees the project with this number: nobody is told of what is hidden."""
    return Project.objects.visible_to(person).filter(pk=project).exists()


def _check_verdict(row, verdict, at):
    if verdict.outcome not in ("", *Outcome.values):
        raise CommitmentRefused("没有这个履约结果，请从选项里选。", field="outcome")
    if verdict.outcome and row.has_ended(shanghai_day(at)):
        raise CommitmentRefused(
            f"协议已于 {row.ended_on} 解除、被替代或因项目流失终止，之后到期的承诺不用再核实。",
            code="ended",
            field="outcome",
        )
    if not verdict.outcome and not row.outcome:
        raise CommitmentRefused("请选择履约结果。", field="outcome")
    if verdict.outcome and verdict.judged_on is None:
        raise CommitmentRefused("请填写核实日期。", field="judged_on")
    check_year(verdict.judged_on, "核实日期", CommitmentRefused, field="judged_on")
    if verdict.judged_on and verdict.judged_on > shanghai_day(at):
        raise CommitmentRefused("核实日期不能晚于今天。", field="judged_on")
    if verdict.judged_on and verdict.judged_on < (signed_on := row.agreement.signed_on):
        raise CommitmentRefused(f"核实日期不能早于协议签订日期（{signed_on}）。", field="judged_on")
    if verdict.outcome == Outcome.BREACHED and row.due_on >= shanghai_day(at):
        raise CommitmentRefused("还没有到期，不能记为违约。", field="outcome")
    if verdict.outcome in (Outcome.FULFILLED, Outcome.PARTIAL) and not verdict.evidence.strip():
        raise CommitmentRefused("请写明证明材料：文号、凭证号或核查记录。", field="evidence")
    asks = row.outcome or verdict.outcome != Outcome.FULFILLED or _falls_short(row, verdict)
    if asks and not verdict.reason.strip():
        raise CommitmentRefused(_why(row, verdict), code="reason_required", field="reason")


def _falls_short(row, verdict):
    """Whether the actual is below the target. Of a consumption that is as it should be; somebody says so."""
    return None not in (row.target, verdict.actual) and verdict.actual < row.target


def _why(row, verdict):
    if row.outcome:
        return f"已记为「{row.get_outcome_display()}」，更改请写明理由。"
    if verdict.outcome == Outcome.FULFILLED:
        actual, target = (display.quantity(one, row.measure, None) for one in (verdict.actual, row.target))
        return f"实际 {actual}，低于目标 {target}；记为「已履约」请写明原因，没有做到的记为「部分履约」。"
    return f"记为「{Outcome(verdict.outcome).label}」，请写明原因与下一步。"


@dataclass
class Keeping:
    """履约: how many commitments are in which State; the rate is of those due, waived ones aside."""

    counts: Counter = field(default_factory=Counter)
    due: int = 0
    fulfilled: int = 0

    def add(self, state, number, is_due):
        """Count `number` commitments in `state`; `is_due` as Commitment.is_due says."""
        self.counts[state] += number
        if is_due and state != State.WAIVED:
            self.due += number
            self.fulfilled += number * (state == State.FULFILLED)

    def __add__(self, other):
        return Keeping(self.counts + other.counts, self.due + other.due, self.fulfilled + other.fulfilled)

    @property
    def rate(self):
        """Fulfilled ÷ due as a ratio; None, shown as 「—」, when nothing is due."""
        return self.fulfilled / self.due if self.due else None

    @property
    def waived(self):
        return self.counts[State.WAIVED]

    @property
    def partial(self):
        return self.counts[State.PARTIAL]

    @property
    def unproven(self):
        return self.counts[State.UNPROVEN]

    @property
    def ended(self):
        return self.counts[State.ENDED]


def keeping(commitments, day):
    """The Keeping of loaded commitments (read `with_end`) on `day`."""
    found = Keeping()
    for one in commitments:
        found.add(one.state(day), 1, one.is_due(day))
    return found


def keeping_by_unit(commitments, day):
    """{unit id: Keeping} over a queryset of commitments; one query."""
    rows, found = on_day(commitments.order_by(), day), {}
    for row in rows.values("project__unit", "on_day", "is_due").annotate(number=Count("pk")):
        one = found.setdefault(row["project__unit"], Keeping())
        one.add(State(row["on_day"]), row["number"], row["is_due"])
    return found


def on_day(commitments, day):
    """The rows with `on_day` (State) and `is_due` on `day`, as the model's methods say them."""
    rows = commitments.with_end()
    ended, past = Q(ended_on__lte=day, due_on__gte=F("ended_on")), Q(due_on__lt=day)
    states = [When(~Q(outcome=""), then=F("outcome")), When(ended, then=Value(State.ENDED.value))]
    states.append(When(past, then=Value(State.UNPROVEN.value)))
    state = Case(*states, default=Value(State.OPEN.value), output_field=CharField())
    is_due = Case(When(ended, then=False), When(past, then=True), default=False)
    return rows.annotate(on_day=state, is_due=is_due)


def in_state(commitments, state, day):
    """The commitments of a queryset that are in `state` on `day`."""
    open_ones = commitments.filter(outcome="")
    if state == State.OPEN:
        return open_ones.standing(day).filter(due_on__gte=day)
    if state == State.UNPROVEN:
        return open_ones.standing(day).filter(due_on__lt=day)
    if state == State.ENDED:
        return open_ones.with_end().filter(ended_on__lte=day, due_on__gte=F("ended_on"))
    return commitments.filter(outcome=state)
