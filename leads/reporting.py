"""行程小结: what the data says of a trip, what a person writes about it, and handing it in for good."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, Sum

from crm import audit, display
from crm.clashes import check_clashes
from crm.errors import NotAllowed, Refused, StaleVersion
from crm.workdays import shanghai_day
from leads import stages
from leads.models import Lead, Roadshow, TripReport
from leads.trips import may_resolve

# the parts a person writes, in the order of the document
PARTS = {
    "overview": "基本情况",
    "results": "主要成果",
    "problems": "存在问题",
    "next": "下一步打算",
}
WANTED = ("overview", "results", "next")
LONGEST = 4000
NOTHING = "—"
LISTED = 200  # rows of an appendix: about ten pages; nobody reads more on paper
STEPS_PROPOSED = 20
TARGETS_NAMED = 5


class ReportRefused(Refused):
    """The report cannot be written as asked; `field` names why."""

    code = "invalid"


def may_write(user, trip):
    """Whether `user` may write the report of a trip: who went along, and who plans the trips of the unit."""
    return may_resolve(user, trip)


def figures(trip, user):
    """What the data says of `trip` as far as `user` sees it, all of it words: facts, counts, targets, leads.

    Returns {"facts": [[label, text]], "counts": [[label, text]], "targets": [[name, result, why]],
    "leads": [[name, sector, amount, verdict, next step]], "more": {"targets": n, "leads": n}}. At most LISTED
    of either are listed, of leads those of the largest amount; `more` is how many beyond. Fit for JSON: it is
    kept as it was.
    """
    leads, tally, targets = _leads(trip, user), _tally(trip, user), trip.targets.count()
    if tally.number > LISTED:
        leads = leads.order_by(F("amount_wan").desc(nulls_last=True), "created_at", "pk")
    return {
        "facts": _facts(trip),
        "counts": _counts(trip, targets, tally),
        "targets": [_target_row(one) for one in trip.targets.select_related("lead")[:LISTED]],
        "leads": [_lead_row(one) for one in leads[:LISTED]],
        "more": {"targets": max(targets - LISTED, 0), "leads": max(tally.number - LISTED, 0)},
    }


def _leads(trip, user):
    seen = Lead.objects.visible_to(user).own().filter(roadshow=trip)
    return seen.select_related("sector").order_by("created_at", "pk")


@dataclass(frozen=True)
class _Tally:
    """How many leads in all and by verdict, how many without an amount, the sum of the others in 万元."""

    number: int
    by_verdict: Counter
    blank: int
    amount: Decimal


def _tally(trip, user):
    by_stage = _leads(trip, user).order_by().values("stage")
    rows = list(by_stage.annotate(number=Count("pk"), known=Count("amount_wan"), amount=Sum("amount_wan")))
    number = sum(row["number"] for row in rows)
    by_verdict = Counter({stages.MAP.labels[row["stage"]]: row["number"] for row in rows})
    blank = number - sum(row["known"] for row in rows)
    return _Tally(number, by_verdict, blank, sum((row["amount"] or 0 for row in rows), Decimal()))


def _target_row(target):
    return [target.company_name, target.get_state_display(), target.note or NOTHING]


def _lead_row(lead):
    amount = display.money(lead.amount_wan)
    return [lead.title, lead.sector_label, amount, stages.MAP.labels[lead.stage], _next(lead)]


def _facts(trip):
    members = [str(person) for person in trip.members.order_by("unit__name", "name")]
    return [
        ["行程", f"{trip.title}（{trip.get_kind_display()}）"],
        ["城市", str(trip.city)],
        ["日期", f"{trip.starts_on:%Y-%m-%d} 至 {trip.ends_on:%Y-%m-%d}"],
        ["牵头单位", str(trip.unit)],
        ["带队人", str(trip.leader or NOTHING)],
        ["我方人员", "、".join(members) or NOTHING],
        ["预算", display.money(trip.budget_wan)],
        ["实际费用", display.money(trip.cost_wan)],
    ]


def _counts(trip, targets, tally):
    in_order = [word for word in stages.MAP.labels.values() if tally.by_verdict[word]]
    unresolved = trip.targets.unresolved().count()
    amount = display.money(tally.amount) if tally.number > tally.blank else NOTHING
    return [
        ["目标企业", f"{targets} 家，有结果 {targets - unresolved} 家"],
        ["记下线索", f"{tally.number} 家"],
        ["研判结论", "，".join(f"{word} {tally.by_verdict[word]} 家" for word in in_order) or NOTHING],
        ["投资额合计", amount + (f"（{tally.blank} 家没有金额，未计入）" if tally.blank else "")],
    ]


def _next(lead):
    when = f"{lead.next_contact_on:%Y-%m-%d} 联系" if lead.next_contact_on else ""
    return "，".join(text for text in (lead.next_step, when) if text) or NOTHING


def proposed(trip, found):
    """The texts a person begins with: what `found` (figures) says, in sentences; problems only they know."""
    facts, counts = dict(found["facts"]), dict(found["counts"])
    led = f"由{trip.leader}带队" if trip.leader else ""
    to_do = [f"{name}：{step}" for name, _, _, _, step in found["leads"] if step != NOTHING]
    if found["more"]["leads"]:
        to_do[STEPS_PROPOSED:] = ["其余各家见系统中这次行程的线索名单。"]
    elif len(to_do) > STEPS_PROPOSED:
        to_do[STEPS_PROPOSED:] = [f"其余 {len(to_do) - STEPS_PROPOSED} 家见附表。"]
    purpose = f"，目的：{trip.purpose}" if trip.purpose else ""
    return {
        "overview": f"{facts['日期']}，{trip.unit}{led}赴{trip.city}开展{trip.get_kind_display()}{purpose}。"
        f"目标企业 {counts['目标企业']}。",
        "results": f"记下线索 {counts['记下线索']}（{counts['研判结论']}），"
        f"投资额合计 {counts['投资额合计']}。",
        "problems": "",
        "next": "\n".join(to_do),
    }


def draft_of(trip):
    """The report that is being written, or None."""
    return trip.reports.filter(handed_in_at=None).select_related("by").first()


@transaction.atomic
def save(trip, texts, *, by, at, version=None, shown=None):
    """Keep the draft of the trip's report, a new one if there is none; `version` is that of the draft shown.

    When somebody else wrote meanwhile and `shown` tells what the form held when it was opened ({part: text}),
    the parts that only one of the two wrote are merged; parts that both wrote raise Clashing (StaleVersion
    without `shown`). Raises NotAllowed, ReportRefused.
    """
    _check(trip, by, at)
    Roadshow.objects.select_for_update(of=("self",)).get(pk=trip.pk)
    row = draft_of(trip)
    if row is None and version is not None:
        raise ReportRefused("草稿刚被别人提交了，您写的没有存下。请先看已提交的那一份，再决定要不要另写。")
    if row is None:
        number = (trip.reports.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        return TripReport.objects.create(
            roadshow=trip, number=number, texts=tidy(texts), by=by, updated_at=at
        )
    if row.version != version:
        texts = _merged(row, tidy(texts), shown)
    row.texts, row.by = tidy(texts), by
    row.save_version(row.version, ["texts", "by"], at=at)
    return row


def _merged(row, texts, shown):
    """The parts as they stand in `row`, over them what the person wrote since the form `shown` was opened."""
    if shown is None:
        raise StaleVersion(row)
    changes = {name: text for name, text in texts.items() if text != shown[name]}
    check_clashes(row, changes, shown, row.texts)
    return {**row.texts, **changes}


@transaction.atomic
def hand_in(trip, texts, *, by, at, version=None, shown=None):
    """Save, and make it final with the figures of this moment; the trip's summary is filled if it is empty.

    Raises what `save` raises, and ReportRefused for a part that has to be written, or while a target has no
    result: a trip is over when each is a lead or has a reason why it is none (domain rule §2.7).
    """
    row = save(trip, texts, by=by, at=at, version=version, shown=shown)
    _check_targets(trip)
    for name in WANTED:
        if not row.texts[name]:
            raise ReportRefused(f"「{PARTS[name]}」还没有写，写好再提交。", field=name)
    row.figures = {**figures(trip, by), "unit": by.unit_id}  # who reads it: models/trip_reports.py
    row.handed_in_at, row.handed_in_by = at, by
    row.save_version(row.version, ["figures", "handed_in_at", "handed_in_by"], at=at)
    current = Roadshow.objects.get(pk=trip.pk)
    if not current.summary:
        current.summary = f"{row.texts['overview']}\n{row.texts['results']}"
        current.save_version(current.version, ["summary"], at=at)
    audit.record(by, "hand_in_report", trip, detail={"number": row.number}, at=at)
    return row


def _check_targets(trip):
    open_ones = [str(target) for target in trip.targets.unresolved()]
    if open_ones:
        rest = f"等 {len(open_ones)} 家" if len(open_ones) > TARGETS_NAMED else ""
        names = "、".join(open_ones[:TARGETS_NAMED])
        todo = "请先在行程的目标清单里逐家填写；已访的记成线索，或写明为什么无需跟进。"
        raise ReportRefused(f"目标企业还没有结果：{names}{rest}。{todo}")


def _check(trip, by, at):
    if not may_write(by, trip):
        raise NotAllowed("行程小结由同行人员、站长、单位负责人写。")
    if trip.is_cancelled:
        raise ReportRefused("行程已取消，不用写小结。")
    if trip.starts_on > shanghai_day(at):
        raise ReportRefused("行程还没有开始，回来以后再写小结。")


def tidy(texts):
    """The text of every part as it is kept: one kind of line break, no blanks around it, not too long."""
    return {name: texts.get(name, "").replace("\r\n", "\n").strip()[:LONGEST] for name in PARTS}
