"""载体匹配: spaces for a project, and projects for a space, by the rule engine with all its reasons."""

from collections import Counter

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from crm import rules
from crm.choices import Words, choices
from crm.models import Carrier, FutureTrack
from crm.workdays import shanghai_day
from projects.fitting import EMPTY, Fits, Judge, Register, Term, explained, read_off
from projects.models import CandidateSpace, Project, Space

SHOWN = 20  # how many are explained on a page, the best first
NO_EIA = {False: False, None: False}  # a space where 环评 is possible asks nothing
SPACES = Register(
    "载体台账",
    (
        Term("area_need", "lte", "area_sqm", "面积"),
        Term("area_most", "gte", "area_sqm", "面积", "最多要"),
        Term("space_use", "in", "uses", "允许用途"),
        Term("needed_by", "gte", "available_from", "可用日期", "需用日期"),
        Term("power_need", "lte", "power_kva", "供电", least=0),
        Term("rack_need", "lte", "racks", "机柜", least=0),
        Term("height_need", "lte", "height_m", "层高", least=0),
        Term("load_need", "lte", "load_kg", "承重", least=0),
        Term("needs_eia", "eq", "allows_eia", "可办环评", bounds=NO_EIA),
        Term("rent_ceiling", "gte", "rent_daily", "租金", "上限", weight=40),
        Term("carrier_wishes", "overlaps", "building__carrier__code", "所在载体", "意向", weight=30),
        Term("tracks", "overlaps", "track_codes", "适合赛道", "项目赛道", weight=30),
    ),
)
# the key of the dictionary → where the project or its need says it
SAID = {
    "area_need": "area_sqm",
    "area_most": "space_need__area_most_sqm",
    "space_use": "space_need__use",
    "needed_by": "space_need__needed_by",
    "power_need": "space_need__power_kva",
    "rack_need": "space_need__racks",
    "height_need": "space_need__height_m",
    "load_need": "space_need__load_kg",
    "needs_eia": "space_need__needs_eia",
    "rent_ceiling": "space_need__rent_most",
    "tracks": "track_codes",
}
STATED = {key for key, column in SAID.items() if column.startswith("space_need__")}
DATES = ("updated_at", "space_need__updated_at")


def criteria_of(space):
    """What a space asks of a need, as criteria: every figure of the register with its date.

    `space` comes of `described`.
    """
    values = read_off(space, SPACES.columns)
    return SPACES.criteria(values, str(space), shanghai_day(space.updated_at))


def described(spaces):
    """These spaces with what `criteria_of` reads beside them: building, carrier, the codes of tracks."""
    through = Space.tracks.through.objects.filter(space=OuterRef(OuterRef("pk"))).values("futuretrack_id")
    tracks = FutureTrack.objects.filter(pk__in=through).order_by("code").values("code")
    return spaces.select_related("building__carrier").annotate(track_codes=ArraySubquery(tracks))


def words():
    """The words of today for codes that live as rows."""
    found = choices(tracks=Words(FutureTrack.objects.all()), carrier_wishes=Words(Carrier.objects.all()))
    return {kind: dict(pairs) for kind, pairs in found.items()}


def needs_of(projects):
    """{pk: {column of SAID: value}} of these projects, with the carriers they would like; one query."""
    wishes, tracks = Project.carriers.through, Project.tracks.through
    wished = wishes.objects.filter(project=OuterRef(OuterRef("pk"))).values("carrier_id")
    tracked = tracks.objects.filter(project=OuterRef(OuterRef("pk"))).values("futuretrack_id")
    rows = projects.annotate(
        wish_codes=ArraySubquery(Carrier.objects.filter(pk__in=wished).order_by("code").values("code")),
        track_codes=ArraySubquery(FutureTrack.objects.filter(pk__in=tracked).order_by("code").values("code")),
    )
    return {
        row["pk"]: row for row in rows.values("pk", "carrier__code", "wish_codes", *SAID.values(), *DATES)
    }


def known_of(row):
    """{key: value} of what a row of `needs_of` says; a settled carrier stands for the wishes."""
    found = {key: row[column] for key, column in SAID.items()}
    found["carrier_wishes"] = [row["carrier__code"]] if row["carrier__code"] else row["wish_codes"]
    return {key: value for key, value in found.items() if value not in EMPTY}


def facts_of(row):
    """What `known_of` says as facts, each with the day the project or its need was last written."""
    days = {True: row["space_need__updated_at"], False: row["updated_at"]}
    return {
        key: rules.Fact(value, "project", shanghai_day(days[key in STATED]))
        for key, value in known_of(row).items()
    }


def spaces_for(project, spaces, at, most=SHOWN):
    """The Fits of a project among `spaces`, the best first; four queries however many there are."""
    day = shanghai_day(at)
    row = needs_of(Project.objects.filter(pk=project.pk))[project.pk]
    judge, known, counts, places = Judge(SPACES, day), known_of(row), Counter(), []
    asked, compared = judge.asked(known), of_about_the_size(spaces, known)
    for pk, *values in described(compared).order_by().values_list("pk", *SPACES.columns):
        key, code = judge.place(values, asked)
        counts[code] += 1
        places.append((*key, pk))
    best = [pk for *_, pk in sorted(places)[:most]]
    full, facts, labels = described(Space.objects).in_bulk(best), facts_of(row), words()
    rows = [
        explained(SPACES, space, criteria_of(space), facts, day, labels)
        for space in (full[pk] for pk in best if pk in full)
    ]
    return Fits(rows, counts)


def of_about_the_size(spaces, known):
    """Without those of less than half or more than double the area asked for: nobody looks at them."""
    if "area_need" in known:
        spaces = spaces.filter(area_sqm__gte=known["area_need"] / 2)
    return spaces.filter(area_sqm__lte=known["area_most"] * 2) if "area_most" in known else spaces


def of_candidates(project, candidates, at):
    """These candidates of a project, each with its Fit and why its space is not to be had now (`hindrance`,
    empty for the final one); those not to be had stand last.
    """
    row = needs_of(Project.objects.filter(pk=project.pk))[project.pk]
    full = described(Space.objects).in_bulk([one.space_id for one in candidates])
    facts, labels, day = facts_of(row), words(), shanghai_day(at)
    for one in candidates:
        space = full[one.space_id]
        one.fit = explained(SPACES, space, criteria_of(space), facts, day, labels)
        one.hindrance = "" if one.is_final else space.unavailable_on(day)
    return sorted(candidates, key=lambda one: one.hindrance != "")


def asking(projects):
    """Of these projects those that stated a need of a space and have no final one yet."""
    settled = CandidateSpace.objects.final().values("project_id")
    return projects.exclude(space_need=None).exclude(pk__in=settled)


def projects_for(space, projects, at, most=SHOWN):
    """The Fits of a space (of `described`) among those that stated a need and have no final space yet."""
    day, values = shanghai_day(at), read_off(space, SPACES.columns)
    judge, counts, places, rows = Judge(SPACES, day), Counter(), [], needs_of(asking(projects).order_by())
    for pk, row in rows.items():
        key, code = judge.place(values, judge.asked(known_of(row)))
        counts[code] += 1
        places.append((*key, pk))
    best = [pk for *_, pk in sorted(places)[:most]]
    full = Project.objects.select_related("unit", "owner").in_bulk(best)
    criteria, labels = criteria_of(space), words()
    found = [
        explained(SPACES, full[pk], criteria, facts_of(rows[pk]), day, labels) for pk in best if pk in full
    ]
    return Fits(found, counts)
