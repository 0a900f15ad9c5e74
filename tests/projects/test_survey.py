"""Many projects at once: the columns hold what is known of each alone, and both ways give one verdict."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from django.db import transaction

from crm import rules
from crm.models import Fact, FusionSector, FutureTrack
from crm.workdays import shanghai_day
from projects import rejudging, rematching, survey
from projects.known import facts
from projects.matching import match, offers
from projects.models import CriteriaVersion, Fund, MatchSheet, Policy, Project
from projects.seeding import load_funds, load_policies
from tests import make

DAY = shanghai_day(make.NOW)


def know(project, key, value, as_of=DAY, source="officer", at=make.NOW):
    return Fact.objects.create(
        company=project.company, key=key, value=value, as_of=as_of, source=source, created_at=at
    )


def certify(project, kind, issued_on=None, expires_on=None):
    project.company.qualifications.create(kind=kind, issued_on=issued_on, expires_on=expires_on)


def team(project):
    """The same project before there is a company."""
    project.company = project.lead.company = None
    project.lead.save()
    project.save()


def policy(code, status="operating", valid_from=date(2026, 1, 1), valid_to=None):
    one = Policy.objects.create(code=code, name=code, level="city", status=status)
    staff = {"field": "staff", "op": "lte", "value": 100, "unit": "人"}
    one.versions.create(
        number=1, criteria=staff, valid_from=valid_from, valid_to=valid_to, published_at=make.NOW
    )
    return one


@pytest.fixture(scope="module")
def crowd(module_db):
    """Projects that differ in where what is known of them comes from, the starting funds, and policies: the
    starting ones, one over, one to come, one in drafting."""
    owner = make.user("owner", "officer", make.unit())
    load_funds(at=make.NOW)
    load_policies(at=make.NOW)
    policy("over", valid_to=date(2026, 4, 1))
    policy("to_come", valid_from=date(2026, 5, 1))
    policy("drafted", "preparing")
    bare, dated, twice, certified, newer, odd, alone, second, closed = (make.project(owner) for _ in range(9))
    working, coded, founded = titled(owner)
    Project.objects.filter(pk=second.pk).update(company=dated.company, amount_wan=None)
    know(dated, "industries", [f"industry_{number:03}" for number in range(60)])
    Project.objects.filter(pk=dated.pk).update(
        amount_wan="3000.5", area_sqm=None, sector=FusionSector.objects.first()
    )
    dated.tracks.set(FutureTrack.objects.all()[:2])
    dated.company.established_on = date(2023, 3, 1)
    dated.company.save()
    know(dated, "established_on", "2024-02-29", source="registry")
    know(twice, "staff", 80, as_of=date(2026, 1, 1))
    know(twice, "staff", 120, source="registry", as_of=date(2026, 2, 1))
    know(twice, "valuation", "9000", as_of=date(2026, 2, 1))
    know(twice, "valuation", 10500.25, as_of=date(2026, 2, 1), at=make.NOW + timedelta(hours=1))
    know(twice, "total_investment", "未定")
    certify(certified, "国高企", date(2024, 1, 1), date(2027, 1, 1))
    certify(certified, "瞪羚", date(2020, 1, 1), date(2023, 1, 1))
    certify(newer, "国高企", date(2020, 1, 1), date(2023, 1, 1))
    know(newer, "qualifications", ["little_giant"], as_of=date(2025, 1, 1))
    know(odd, "staff", "很多")
    know(odd, "no_such_field", 1)
    certify(odd, "国高企")
    certify(bare, "瞪羚")
    bare.company.qualifications.update(ended_on=DAY, ended_reason="录入有误")
    team(alone)
    Project.objects.filter(pk=closed.pk).update(stage="lost")
    know(closed, "staff", 5)
    return bare, dated, twice, certified, newer, odd, alone, second, working, coded, founded


def titled(owner):
    """Projects under working titles: one of which no more is said, one with a code, one said to be a team."""
    working = make.project(owner, name="人形机器人创业团队")
    coded = make.project(owner, name="之江脑机实验室", uscc="91330105MA2KCYP88T")
    said = make.project(owner, name="王教授课题组")
    know(said, "applicant_kind", "team")
    return working, coded, said


def surveyed(keys, day=DAY, take=survey.everything):
    found = take()
    return list(found.numbers), found.table(keys, day)


def worth(table, field, place):
    column = table.column(field)
    known = column.places[place]
    return column.values[known] if known < len(column.values) else None


@pytest.mark.parametrize("take", [survey.everything, lambda: survey.take(0, 100)], ids=["all", "batch"])
def test_the_columns_hold_what_is_known_of_each_project_alone(crowd, take):
    keys = {key for key, field in rules.FIELDS.items() if not field.derived}
    with transaction.atomic():
        numbers, table = surveyed(keys, take=take)
    assert numbers == [project.pk for project in crowd]
    for place, project in enumerate(crowd):
        alone = rules.Situation(facts(Project.objects.get(pk=project.pk), DAY), DAY)
        for field in rules.FIELDS.values():
            assert worth(table, field, place) == alone.known(field).value, (place, field.key)


def test_every_fund_and_policy_says_of_each_what_it_says_of_it_alone(crowd):
    for day in (DAY, date(2029, 3, 1)):
        among = offers(day)
        with transaction.atomic():
            sheets = rematching.judge(survey.take(0, 100), among, day)
        for place, project in enumerate(crowd):
            alone = rules.Situation(facts(Project.objects.get(pk=project.pk), day), day)
            for offer in among:
                told = rules.evaluate(offer.plan, alone)
                code = offer.settled.code if offer.settled else told.code
                assert sheets.verdicts[place, offer.slot] == MatchSheet.LETTERS[code][0]
                assert sheets.weights[place, offer.slot] == MatchSheet.weight(told.score, told.coverage)


def test_the_night_writes_the_sheets_that_opening_each_project_would_write(crowd, monkeypatch):
    monkeypatch.setattr(rematching, "BATCH", 3)
    with transaction.atomic():
        for project in crowd:
            match(project, at=make.NOW)
        opened = sheets_now()
        assert len(opened) == len(crowd)
        MatchSheet.objects.all().delete()
        assert nights(make.NOW) == opened
        transaction.set_rollback(True)


def nights(at):
    after = 0
    while after is not None:
        after = rematching.rematch(at, after)
    return sheets_now()


def sheets_now():
    rows = MatchSheet.objects.values_list("project", "verdicts", "weights")
    return {pk: (bytes(verdicts), bytes(weights)) for pk, verdicts, weights in rows}


def judged_at():
    return dict(MatchSheet.objects.values_list("project", "judged_at"))


def test_a_night_writes_only_what_is_new_and_never_over_a_later_answer(crowd):
    later, night = make.NOW + timedelta(hours=2), make.NOW + timedelta(hours=1)
    with transaction.atomic():
        nights(make.NOW)
        nights(night)
        assert set(judged_at().values()) == {make.NOW}
        know(crowd[0], "established_on", "2001-01-01")
        know(crowd[2], "established_on", "2001-01-01")
        MatchSheet.objects.filter(project=crowd[2].pk).update(judged_at=later)
        nights(night)
        assert judged_at()[crowd[2].pk] == later
        assert {pk for pk, at in judged_at().items() if at == night} == {crowd[0].pk}
        transaction.set_rollback(True)


def test_a_changed_fund_is_judged_anew_for_all_and_nothing_else_is_touched(crowd):
    with transaction.atomic():
        nights(make.NOW)
        before = sheets_now()
        fund = Fund.objects.get(code="runmiao")
        MatchSheet.objects.filter(project=crowd[0].pk).delete()
        MatchSheet.objects.filter(project=crowd[1].pk).update(verdicts=b"", weights=b"")
        CriteriaVersion.objects.create(
            fund=fund, number=2, criteria={"field": "staff", "op": "gt", "value": 100, "unit": "人"},
            valid_from=DAY, published_at=make.NOW,
        )  # fmt: skip
        assert rejudging.rematch_one(fund, make.NOW) == 3  # without a sheet, with an empty one, and now fit
        after = sheets_now()
        letters = [chr(after[project.pk][0][fund.slot]) for project in crowd]
        assert letters == ["i", "i", "f", *"iiiiiiii"]
        for project in crowd[2:]:
            rest = [bytes(side[: fund.slot] + side[fund.slot + 1 :]) for side in after[project.pk]]
            assert rest == [side[: fund.slot] + side[fund.slot + 1 :] for side in before[project.pk]]
        assert rejudging.rematch_one(fund, make.NOW) == 0
        assert {pk: nights(make.NOW)[pk] for pk in after if pk not in (crowd[0].pk, crowd[1].pk)} == {
            project.pk: after[project.pk] for project in crowd[2:]
        }
        transaction.set_rollback(True)


def test_a_project_that_is_gone_meanwhile_or_closed_gets_no_sheet(crowd):
    with transaction.atomic():
        nights(make.NOW)
        assert MatchSheet.objects.count() == len(crowd) == Project.objects.open().count()
        transaction.set_rollback(True)


def in_use(project, key="staff"):
    rows = Fact.objects.filter(company=project.company, key=key, is_in_use=True)
    return list(rows.values_list("value", flat=True))


def test_the_value_in_use_is_marked_whoever_writes_moves_or_removes(crowd):
    one, other = crowd[0], crowd[2]
    with transaction.atomic():
        first = know(one, "staff", 1, as_of=date(2026, 1, 1))
        know(one, "staff", 2, as_of=date(2025, 1, 1))
        assert in_use(one) == [1]
        last = know(one, "staff", 3, as_of=date(2026, 1, 1), at=make.NOW + timedelta(hours=1))
        assert (in_use(one), in_use(other)) == ([3], [120])
        Fact.objects.filter(pk=last.pk).update(company=other.company, as_of=date(2026, 3, 1))
        assert (in_use(one), in_use(other)) == ([1], [3])
        first.delete()
        assert in_use(one) == [2]
        Fact.objects.bulk_create(
            Fact(company=one.company, key="trl", value=n, as_of=DAY, source="api", created_at=make.NOW)
            for n in (4, 5)
        )
        assert in_use(one, "trl") == [5]
        transaction.set_rollback(True)


def by_hand(rows):
    """(number in use, whether it is contested) of the facts of one company and key, as docs/facts.md says."""
    standing = [row for row in rows if row.withdrawn_at is None]
    if not standing:
        return None, False
    newest, said = max(standing, key=aged), by_source(standing)
    chosen = max((row for row in standing if row.chosen_at), key=lambda row: row.chosen_at, default=None)
    heard = by_source(row for row in standing if chosen and row.pk <= chosen.chosen_over)
    repeated = [row for row in standing if chosen and is_repeated(row, chosen, heard)]
    news = max((row for row in standing if row not in repeated), key=aged)
    if chosen is None or news.pk > chosen.chosen_over:
        return newest.pk, any(figure(row) != figure(newest) for row in said.values())
    own = [row for row in repeated if row.source == chosen.source and figure(row) == figure(chosen)]
    used = max([chosen, *own], key=aged)
    unheard = [row for row in said.values() if row.pk > chosen.chosen_over and row not in repeated]
    others = [row for row in unheard if row.source != used.source]
    return used.pk, any(figure(row) != figure(used) for row in others)


def aged(row):
    return row.as_of, row.created_at, row.pk


def figure(row):
    return Decimal(str(row.value))


def by_source(rows):
    """What each source says by its latest row."""
    return {row.source: row for row in sorted(rows, key=aged)}


def is_repeated(row, chosen, heard):
    """Whether a row says after the choice what was chosen, or what its source had said before."""
    if row.pk <= chosen.chosen_over:
        return False
    return figure(row) in {figure(one) for one in (chosen, heard.get(row.source)) if one}


def test_whatever_is_recorded_chosen_or_withdrawn_both_ways_go_by_the_same_value(crowd):
    project, random = crowd[0], Random(7)
    person = project.lead.reporter
    about = rules.FIELDS["staff"]
    with transaction.atomic():
        for step in range(90):
            at = make.NOW + timedelta(minutes=step)
            rows = list(Fact.objects.filter(company=project.company, key="staff"))
            deed = random.choice(["record"] * 3 + ["choose"] * 2 + ["withdraw"]) if rows else "record"
            if deed == "record":
                value = random.choice([80, "80", "80.0", 120, 130])
                source = random.choice(["officer", "registry", "document", "api"])
                know(project, "staff", value, date(2026, 1, random.randrange(1, 9)), source, at)
            elif deed == "choose":
                over = random.choice([max(row.pk for row in rows), rows[0].pk])
                Fact.objects.filter(pk=random.choice(rows).pk).update(
                    chosen_by=person, chosen_at=at, chosen_reason="核实", chosen_over=over
                )
            else:
                Fact.objects.filter(pk=random.choice(rows).pk).update(
                    withdrawn_by=person, withdrawn_at=at, withdrawn_reason="误"
                )
            rows = Fact.objects.filter(company=project.company, key="staff")
            used, is_contested = by_hand(rows)
            marked = list(rows.filter(is_in_use=True).values_list("pk", "is_contested"))
            assert marked == ([(used, is_contested)] if used else []), step
            assert not rows.filter(is_contested=True, is_in_use=False).exists()
            alone = rules.Situation(facts(project, DAY), DAY).known(about)
            numbers, table = surveyed({"staff"})
            assert worth(table, about, numbers.index(project.pk)) == alone.value
            assert bool(alone.contested) == is_contested
        transaction.set_rollback(True)


KINDS = {"国高企": "national_high_tech", "国家高新技术企业": "national_high_tech", "瞪羚": "gazelle"}
UNNAMED = "区级榜样"  # a kind the dictionary does not have
ABOUT = rules.FIELDS["qualifications"]


def some_day(random):
    return DAY + timedelta(days=random.randrange(-6, 4))


def certify_somehow(project, random):
    """A certificate with any of its days unknown, ended as lost, by mistake, or before that was asked."""
    issued, expires = sorted(some_day(random) for _ in range(2))
    given = {"issued_on": random.choice([issued, None]), "expires_on": random.choice([expires, None])}
    if random.random() < 0.3:
        given |= {"ended_on": min(some_day(random), DAY), "ended_reason": "核实"}
        given["ended_as"] = random.choice(["lost", "lost", "mistake", ""])
    if random.random() < 0.6:
        given["updated_at"] = make.NOW + timedelta(days=random.randrange(-6, 1))
    project.company.qualifications.create(kind=random.choice([*KINDS, UNNAMED]), **given)


def held_by_hand(company, day):
    """The 资质 by the words of docs/facts.md, once more and otherwise."""
    listed = Fact.objects.filter(company=company, key="qualifications", is_in_use=True).first()
    has, came, lacks, went = set(), set(), set(), set()
    for row in company.qualifications.all():
        if row.ended_on and row.ended_as != "lost":
            continue
        code, ends = KINDS.get(row.kind, row.kind), [one for one in (row.expires_on, row.ended_on) if one]
        is_over = bool(row.ended_on) or any(one < day for one in ends)
        known_on = [row.issued_on, row.updated_at and shanghai_day(row.updated_at)]
        known_on = min(ends) if is_over else max(filter(None, known_on), default=date.min)
        (lacks if is_over else has).add(code)
        if listed and known_on >= listed.as_of:
            (went if is_over else came).add(code)
    if listed is None or not isinstance(listed.value, list):
        return rules.Partly(frozenset(has), frozenset(lacks - has)) if has | lacks else None
    return frozenset((set(listed.value) - (went - has)) | came | (has & {UNNAMED}))


def test_whatever_certificates_and_lists_say_both_ways_know_the_same_of_it(crowd):
    """Certificates alone are open-ended; beside a checked list they add and take away (docs/facts.md)."""
    random, kinds = Random(11), set()
    with transaction.atomic():
        for _ in range(40):
            for project in crowd[:4]:
                project.company.qualifications.all().delete()
                Fact.objects.filter(company=project.company, key="qualifications").delete()
                for _ in range(random.randrange(4)):
                    certify_somehow(project, random)
                if random.random() < 0.7:
                    said = random.choice([[], ["national_high_tech"], ["gazelle", "srdi"], "国高企"])
                    know(project, "qualifications", said, some_day(random))
            numbers, table = surveyed({"qualifications"})
            for project in crowd[:4]:
                alone = rules.Situation(facts(project, DAY), DAY).known(ABOUT)
                assert alone.value == held_by_hand(project.company, DAY)
                assert worth(table, ABOUT, numbers.index(project.pk)) == alone.value
                kinds.add(type(alone.value))
        assert kinds == {rules.Partly, frozenset, type(None)}
        transaction.set_rollback(True)
