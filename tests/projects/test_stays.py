"""The days of the funnel by whichever way they are read, held against counting over random histories."""

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from random import Random
from statistics import median

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import paging
from crm.errors import Refused
from crm.models import Channel, City, LossReason
from crm.pipeline import days_between
from crm.workdays import shanghai_day
from leads import importing, merging, undoing
from leads.losing import Loss
from leads.models import ImportJob, Lead
from leads.sheet_rows import to_json
from leads.stages import LeadStage
from projects.groups import GROUPS
from projects.losing import lose
from projects.models import Project
from projects.reports import funnel, funnels
from projects.stages import LINE, ProjectStage
from projects.stays import LEAD_LINE, Stay, stays
from projects.suspending import resume, suspend
from tests import make

RECORDS, STEPS = 16, 5
END = make.NOW + timedelta(days=200)
SINCE = make.NOW + timedelta(days=40)
STAGES = {Lead: [*LeadStage.values], Project: [*ProjectStage.values]}


class _History:
    """Things that happen to some leads and projects of two units, one after the other, from a seed."""

    def __init__(self, seed, people, station, manager):
        self.seed, self.random, self.people = seed, Random(seed), people
        self.station, self.manager = station, manager
        self.cities = list(City.objects.order_by("pk")[:3])
        self.channels = list(Channel.objects.order_by("pk")[:3])
        self.reason = LossReason.objects.get(code="no_interest")

    def tell(self):
        self._imported()
        for _ in range(RECORDS):
            by, at = self.random.choice(self.people), self._after(make.NOW)
            begin = self.random.choice([make.lead, make.screened, make.project])
            more = {"city": self.random.choice(self.cities), "channel": self.random.choice(self.channels)}
            one = begin(by, at=at, **more)
            for _ in range(self.random.randrange(STEPS)):
                at = self._after(at)
                with suppress(Refused):  # what is refused changes nothing
                    self._happens(type(one).objects.get(pk=one.pk), at)

    def _after(self, at):
        return at + timedelta(seconds=self.random.randrange(1, 20 * 86400))

    def _happens(self, one, at):
        deeds = [self._move, self._move, self._merge]
        if isinstance(one, Project):
            deeds = [self._move, self._move, self._suspend, self._resume, self._lose]
        self.random.choice(deeds)(one, at)

    def _move(self, one, at):
        to = self.random.choice(STAGES[type(one)])
        one.move_to(to, by=self.manager, at=at, reason="另有安排", forced=True)

    def _merge(self, one, at):
        if one.merged_into:
            merging.undo(one, by=self.manager, at=at, reason="不是一家")
        elif keep := Lead.objects.filter(unit=one.unit).own().exclude(pk=one.pk).first():
            merging.merge(keep, one, by=self.manager, at=at, reason="同一家，重复登记")

    def _suspend(self, one, at):
        until = shanghai_day(at + timedelta(days=30))
        suspend(one, until=until, reason="等待土地挂牌", by=self.manager, at=at)

    def _resume(self, one, at):
        resume(one, by=self.manager, at=at)

    def _lose(self, one, at):
        reason = self.random.choice([self.reason, LossReason.objects.get(code="duplicate")])
        lose(one, Loss(reason, "企业改了主意"), by=self.manager, at=at)

    def _imported(self):
        """An import that is taken back, but for the one lead somebody went on with."""
        by = self.station
        names = [f"杭州{self.seed}批{place}号科技有限公司" for place in (1, 2)]
        job = ImportJob.objects.create(
            roadshow=make.roadshow(by), unit=by.unit, by=by, state="checked", created_at=make.NOW
        )
        for number, name in enumerate(names, 5):
            values = to_json({"name": name, "contact_name": "王怀瑾"})
            job.rows.create(number=number, cells=[name], values=values, verdict="new", decision="write")
        importing.confirm(job, by=by, at=make.NOW)
        importing.write_rows(job, at=make.NOW)
        kept = Lead.objects.get(title=names[0])
        kept.move_to("screening", by=self.manager, at=self._after(make.NOW), reason="先研判", forced=True)
        undoing.undo(job, foreseen=1, reason="传错了", by=by, at=self._after(make.NOW))


@pytest.fixture(params=range(4))
def told(request, owner, outsider, station, manager):
    _History(request.param, [owner, outsider], station, manager).tell()


def plain(leads, projects, group=None):
    """The same as `stays`, stay by stay."""
    ended, going_on = defaultdict(list), defaultdict(list)
    for rows, line in ((leads.own(), LEAD_LINE), (projects, LINE)):
        key = group.key() if group else None
        keys = dict(rows.order_by().annotate(key=key).values_list("pk", "key")) if group else {}
        for one in rows:
            if _is_repeated(getattr(one, "project", one)):
                continue
            for stay in one.changes.filter(stage__in=line):
                for place in {None, keys.get(one.pk)} if group else {None}:
                    found = going_on if stay.left_at is None else ended
                    found[place, stay.stage].append(_days(one, stay))
    answer = defaultdict(dict)
    for key, stage in {*ended, *going_on}:
        closed, still = ended[key, stage], going_on[key, stage]
        answer[key][stage] = Stay(pytest.approx(median([*closed, *still])), len(closed), len(still))
    return answer


def _is_repeated(one):
    return one.is_lost and one.loss_reason is not None and one.loss_reason.code == "duplicate"


def _days(one, stay):
    if stay.left_at:
        return stay.days
    return max(days_between(stay.entered_at, one.runs_until(END)) - stay.paused_days, 0)


def test_the_days_are_those_of_every_single_stay_for_whoever_asks(told, owner, outsider, station, manager):
    for person in (manager, owner, outsider, station):
        for since in ({}, {"created_at__gte": SINCE}):
            leads = Lead.objects.visible_to(person).filter(**since)
            projects = Project.objects.visible_to(person)
            projects = projects.filter(**{f"lead__{name}": day for name, day in since.items()})
            for group in (None, *GROUPS.values()):
                assert stays(leads, projects, at=END, group=group) == plain(leads, projects, group)


def test_the_seeds_tell_of_everything_that_may_happen(owner, outsider, station, manager):
    for seed in range(4):
        _History(seed, [owner, outsider], station, manager).tell()
    assert Lead.objects.filter(stage=LeadStage.MERGED).exists()
    assert ImportJob.objects.filter(state="undone").exists()
    assert Project.objects.filter(suspended_until__isnull=False).exists()
    assert Project.objects.filter(changes__paused_days__gt=0).exists()
    assert Project.objects.given_up_as_repeated().exists()
    assert Project.objects.once().filter(stage=ProjectStage.LOST).exists()


def test_several_groups_of_one_count_are_what_each_is_by_itself(told, manager):
    leads, projects = Lead.objects.visible_to(manager), Project.objects.visible_to(manager)
    each = [funnel(leads, projects, at=END, group=group, days="") for group in GROUPS]
    assert funnels(leads, projects, list(GROUPS)) == each


def test_the_stays_of_a_stage_stand_longest_first_and_say_where_they_led(as_, owner, manager):
    for days, to in ((3, "screening"), (9, "dropped"), (5, "screening")):
        lead = make.lead(owner, at=make.NOW - timedelta(days=20))
        at = make.NOW - timedelta(days=20 - days)
        lead.move_to(to, by=manager, at=at, reason="无意向", forced=True)
    make.lead(owner)
    page = as_(manager).get("/reports/stays/lead/")
    told = [(one.days, one.went_to) for one in page.context["page"]]
    assert told == [(9, "流失（线索）"), (5, "研判"), (3, "研判")]
    assert page.context["stay"] == Stay(median=7.0, closed=3, open=1)
    text = page.content.decode()
    assert "已离开 <b>3</b> 次" in text
    assert f'href="{page.context["still_here"]}"' in text
    assert as_(manager).get(page.context["still_here"]).context["count"].number == 1


def test_pages_of_stays_hold_each_once(as_, owner, manager, monkeypatch):
    for days in (1, 2, 2, 2, 3):
        lead = make.lead(owner, at=make.NOW - timedelta(days=20))
        lead.move_to("screening", by=owner, at=make.NOW - timedelta(days=20 - days))
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    monkeypatch.setattr(paging.keyset_page, "__defaults__", ("", 2, "created_at"))
    client, found, token = as_(manager), [], ""
    while True:
        page = client.get("/reports/stays/lead/", {"page": token} if token else {}).context["page"]
        found += [one.pk for one in page]
        if not (token := page.next):
            break
    assert len(found) == len(set(found)) == 5


@pytest.mark.parametrize(
    "address, status, told",
    [
        ("/reports/stays/nowhere/", 404, ""),
        ("/reports/stays/lost/", 404, ""),
        ("/reports/stays/lead/?colour=1", 400, "没有「colour」这个筛选条件"),
        ("/reports/stays/lead/?page=xyz", 400, "页码已失效"),
        ("/reports/stays/review/", 200, "还没有离开过"),
    ],
)
def test_stays_of_nothing_and_of_nonsense(as_, manager, address, status, told):
    answer = as_(manager).get(address)
    assert answer.status_code == status
    assert told in answer.content.decode()


@pytest.mark.parametrize("begin, stage", [(make.lead, "lead"), (make.project, "negotiating")])
def test_a_page_of_stays_costs_as_much_for_many_as_for_few(as_, owner, manager, begin, stage):
    client, found = as_(manager), []
    for number in (1, 6):
        for _ in range(number):
            one = begin(owner, at=make.NOW - timedelta(days=9))
            to = {"lead": "screening", "negotiating": "review"}[stage]
            one.move_to(to, by=manager, at=make.NOW, reason="先过会", forced=True)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/reports/stays/{stage}/").status_code == 200
        found.append(len(asked))
    assert found[0] == found[1] <= 8
