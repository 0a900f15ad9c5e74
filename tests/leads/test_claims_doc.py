"""The worked examples of docs/claims.md are executed as they stand."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from crm.models import Channel, Notification, Setting
from crm.numbers import DEFAULTS
from crm.reading import read_once
from crm.workdays import SHANGHAI
from leads import claims, conflicts, credit, handover, pool
from leads.follow_up import FollowUp, log_visit
from leads.lapses import scan
from leads.models import Claim, ClaimWarning, Conflict, PoolEntry
from projects.models import Project, holding
from projects.stages import ProjectStage
from tests import make

PAGE = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
NOTHING = "—"
HOUR = timedelta(hours=1)


def table(heading):
    """The rows of the table below `heading`, without its head."""
    lines = PAGE.split(f"## {heading}")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def names(row):
    return " ".join(row)


def noon(text):
    return datetime.combine(date.fromisoformat(text), time(12), SHANGHAI)


def days(text):
    return [] if text == NOTHING else text.split("、")


@pytest.mark.parametrize("row", [row for row in table("保护多久") if row[0].startswith("`")], ids=names)
def test_the_page_names_the_numbers_of_the_code(row):
    assert DEFAULTS[row[0].strip("`")] == int(row[1])


def how_it_stands(claim):
    """What the page says of a claim: valid, announced, or lost and why."""
    if not claim.is_open:
        return {"silence": "失效：没有有效跟进", "expired": "失效：保护期满"}[claim.ended]
    since = {"expiry": claim.claimed_at}
    told = [one for one in claim.warnings.all() if one.at >= since.get(one.kind, claim.last_effective_at)]
    if not told or not Notification.objects.exists():
        return "有效"
    warning = max(told, key=lambda one: one.due_on)
    return {
        "silence": f"预警：{warning.due_on} 前要有有效跟进",
        "imminent": f"预警：{warning.due_on} 前要有有效跟进",
        "expiry": f"预警：保护至 {warning.due_on}",
    }[warning.kind]


@pytest.mark.parametrize("row", table("例子：首报什么时候失效"), ids=names)
@read_once()
def test_an_example_of_a_lapse_is_true(row, owner, head):
    reported, talks, extended, checked, result = row
    lead = make.lead(owner, at=noon(reported))
    for day in each_day(reported, checked):
        if day in days(talks):
            talk(lead, owner, day)
        if day in days(extended):
            claims.extend(lead, by=owner, at=noon(day), reason="等土地指标")
        scan(noon(day) + HOUR)
    assert how_it_stands(Claim.objects.get(lead=lead)) == result


def each_day(first, last):
    """The days from `first` to `last` as the page writes them."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [f"{begin + timedelta(days=n)}" for n in range((end - begin).days + 1)]


def talk(lead, by, day):
    """An effective follow-up at noon."""
    follow_up = FollowUp("call", "谈了选址", "发材料", date.fromisoformat(day), noon(day))
    log_visit(lead, follow_up, by=by, at=noon(day))


@pytest.mark.parametrize("row", table("例子：停机以后和改数值以后"), ids=names)
def test_an_example_of_a_late_warning_is_true(row, owner, head):
    reported, talks, stopped, shortened, warned, last, lost = row
    stop = each_day(*stopped.split(" 至 ")) if stopped != NOTHING else []
    lead = make.lead(owner, at=noon(reported))
    lost_on, why = lost.split("：")
    for day in each_day(reported, lost_on):
        assert Claim.objects.get(lead=lead).is_open
        if day in days(talks):
            talk(lead, owner, day)
        if day == shortened:
            Setting.objects.create(key="protection_days", value=50)
        if day not in stop:
            scan(noon(day) + HOUR)
    claim = Claim.objects.get(lead=lead)
    warning = claim.warnings.order_by("-at").first()
    assert f"{warning.at.astimezone(SHANGHAI).date()} {warning.due_on}" == f"{warned} {last}"
    assert how_it_stands(claim) == f"失效：{why}"


@pytest.mark.parametrize("row", table("例子：裁决"), ids=names)
def test_an_example_of_a_decision_is_true(row, owner, outsider, manager):
    reported, opened, due, verdict, decided, shares, holder, until = row
    lead = make.lead(owner, "深圳云芯科技有限公司", at=noon(reported))
    case = conflicts.open_case(lead.title, by=outsider, at=noon(opened), reason="我方在先")
    assert f"{case.due_on}" == due
    code = {label: code for code, label in Conflict.Verdict.choices}[verdict]
    parts = dict(zip((owner.unit, outsider.unit), map(int, shares.split(":")), strict=True))
    conflicts.decide(case, verdict=code, opinion="证据", shares=parts, by=manager, at=noon(decided))
    claim = Claim.objects.get(lead=lead)
    assert (str(claim.unit), f"{claim.protected_until}") == (holder, until)
    assert credit.shares_of(lead) == {unit: part for unit, part in parts.items() if part}


@pytest.mark.parametrize("row", table("例子：落地和增资"), ids=names)
def test_an_example_of_an_expansion_is_true(row, owner, outsider, now):
    stage, unit, channel, result = row
    project = make.project(owner, name="深圳云芯科技有限公司")
    code = {label: code for code, label in ProjectStage.choices}[stage]
    Project.objects.filter(pk=project.pk).update(stage=code)
    project.refresh_from_db()
    holding.settle(project, "negotiating", owner, now)
    by = {str(one.unit): one for one in (owner, outsider)}[unit]
    channel = Channel.objects.get(name=channel)
    outcome, what = result.split("：")
    if outcome == "拒绝":
        with pytest.raises(claims.AlreadyReported, match=what):
            make.lead(by, project.name, channel=channel)
        return
    claim = Claim.objects.get(lead=make.lead(by, project.name, channel=channel))
    assert what == ("自己的首报" if claim.is_open else claim.get_ended_display())


@pytest.mark.parametrize("row", table("例子：流转"), ids=names)
def test_an_example_of_a_hand_over_is_true(row, owner, head, outsider, station, manager):
    asked, due, answered, first, second, shares = row
    lead = make.lead(owner, at=noon(asked))
    steps = [(outsider.unit, first, head)]
    steps += [] if second == NOTHING else [(station.unit, second, manager)]
    for unit, keep, by in steps:
        lead.refresh_from_db()
        offered = handover.hand_over(
            lead, to_unit=unit, by=by, at=noon(asked), reason="载体", share=int(keep)
        )
        assert f"{offered.due_on}" == due
        handover.accept(offered, by=manager, at=noon(answered))
    assert "、".join(f"{unit} {part}" for unit, part in credit.shares_of(lead).items() if part) == shares


@pytest.mark.parametrize("row", table("例子：公海"), ids=names)
def test_an_example_of_the_pool_is_true(row, owner, bureau):
    reported, talked, warned, returned = row
    channel = Channel.objects.get(code="walk_in")
    lead = make.lead(owner, at=noon(reported), channel=channel)
    for days_later in range(60):
        at = noon(reported) + timedelta(days=days_later)
        if talked == f"{at.date()}":
            follow_up = FollowUp("call", "谈了选址", "发材料", at.date(), at)
            log_visit(lead, follow_up, by=owner, at=at)
        pool.watch(at)
        pool.return_all(at + timedelta(hours=11))
    warning = ClaimWarning.objects.filter(kind="pool").order_by("at").first()
    entry = PoolEntry.objects.first()
    assert f"{warning.at.astimezone(SHANGHAI).date()}" == warned
    found = f"{entry.entered_at.astimezone(SHANGHAI).date()}" if entry else NOTHING
    assert found == returned
