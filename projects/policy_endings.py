"""政策到期: who hears of it, `policy_notice_days` before a version ends that none follows.

The bureau, which may prolong it; and who works on projects that could still apply, once, in one message.
"""

import hashlib
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import BinaryField, Count, Exists, F, Func, OuterRef, Q, Value
from django.urls import reverse

from crm.models import Notification
from crm.notifications import bureau, notify, queue
from crm.numbers import number
from crm.workdays import ONE_DAY, shanghai_day
from leads.lapses import Row
from leads.reminders import DUE, Readers
from projects.models import CriteriaVersion, Match, MatchSheet, Policy, Project

LISTED = 30  # projects in one message; the rest are a number
NAMED = 10  # policies whose last day one message names
CONCERNED = (Match.Verdict.FIT, Match.Verdict.INCOMPLETE)
FIT, INCOMPLETE = (MatchSheet.LETTERS[verdict] for verdict in CONCERNED)
WORDS = {FIT: Match.Verdict.FIT.label, INCOMPLETE: Match.Verdict.INCOMPLETE.label}


class Bundle(NamedTuple):
    """The projects of the same people that a policy concerns: how many of either verdict, the first ones."""

    version: CriteriaVersion
    fit: int
    incomplete: int
    first: list


def remind_policies(at):
    """Tell of every policy whose last version ends soon; returns how many. Told once per end."""
    people, ending = bureau(), list(_ending(shanghai_day(at)))
    for version in ending:
        for person in people:
            _tell(person, version, at)
    tell_owners(at)
    return len(ending)


@transaction.atomic
def tell_owners(at):
    """Tell who works on projects that a policy concerns by their present sheets; returns how many messages.

    One message a person and run names every policy. A policy that concerns no project yet waits until it
    does; one that was told is marked in the same transaction, with the day it was told for: of two workers
    the second finds nothing left, and one prolonged is told of anew.
    """
    day, readers, letters, told = shanghai_day(at), Readers(), defaultdict(list), []
    untold = Q(told_for=None) | ~Q(told_for=F("valid_to"))
    rows = _ending(day).filter(untold, valid_from__lte=day, policy__status=Policy.Status.OPERATING)
    for version in rows.select_for_update(of=("self",)):
        for place, bundle in _concerned(version):
            told.append(version.pk)
            for person in readers.of(Row(0, "", None, *place, level=DUE)):
                letters[person].append(bundle)
    queue([_letter(readers.by_pk[person], found, at) for person, found in letters.items()])
    CriteriaVersion.objects.filter(pk__in=told).update(told_for=F("valid_to"))
    return len(letters)


def nearest_ending(project, day):
    """The version in force that ends first without a next one, of those that concern `project`, or None."""
    rows = _unfollowed().filter(valid_to__gte=day, valid_from__lte=day).select_related("policy")
    rows = list(rows.filter(policy__status=Policy.Status.OPERATING).order_by("valid_to", "pk"))
    sheet = MatchSheet.objects.filter(project=project).values_list("verdicts", flat=True) if rows else []
    letters = next(map(bytes, sheet), b"")
    return next((row for row in rows if letters[row.policy.slot : row.policy.slot + 1] in WORDS), None)


def _ending(day):
    """The versions in force or to come that end within the time of notice and that no other outlasts."""
    last = day + timedelta(days=number("policy_notice_days"))
    soon = _unfollowed().filter(valid_to__range=(day, last))
    return soon.select_related("policy").order_by("valid_to", "pk")


def _unfollowed():
    """Versions of policies, those closed left out, that are in force some day and that no other outlasts."""
    followed = CriteriaVersion.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=OuterRef("valid_to")),
        policy=OuterRef("policy"),
        valid_from__lte=OuterRef("valid_to") + ONE_DAY,
    )
    ever = CriteriaVersion.objects.filter(policy__isnull=False, valid_from__lte=F("valid_to"))
    return ever.exclude(policy__status=Policy.Status.CLOSED).exclude(Exists(followed))


def _tell(person, version, at):
    notify(
        person,
        kind=Notification.Kind.SYSTEM,
        key=f"policy_ending:{version.pk}:{version.valid_to}",
        title=f"政策将到期：{version.policy}",
        body=f"第 {version.number} 版 {version.valid_to} 到期，{_left(version, at)}，后面没有新版；"
        "到期以后匹配一律为「不符合」。延续的请发布新版，写明新的失效日期。",
        url=version.policy.get_criteria_url(),
        at=at,
    )


def _left(version, at):
    days = (version.valid_to - shanghai_day(at)).days
    return f"还有 {days} 天" if days else "就是今天"


def _concerned(version):
    """[((unit, station, owner), Bundle)] of the open projects whose sheet says 符合 or 待补充."""
    letter = Func(
        F("sheet__verdicts"),
        Value(version.policy.slot + 1),
        Value(1),
        function="substr",
        output_field=BinaryField(),
    )
    rows = Project.objects.open().annotate(letter=letter).filter(letter__in=[FIT, INCOMPLETE])
    rows = rows.order_by().values_list("unit_id", "station_id", "owner_id")
    groups = rows.annotate(
        fit=Count("pk", filter=Q(letter=FIT)),
        incomplete=Count("pk", filter=Q(letter=INCOMPLETE)),
        first=ArrayAgg("pk", order_by=[F("letter"), F("pk")]),
    ).order_by("unit_id", "station_id", "owner_id")
    for *place, fit, incomplete, first in groups:
        yield place, Bundle(version, fit, incomplete, first[:LISTED])


def _letter(person, bundles, at):
    """What ends, when, and which projects of this person it concerns; `bundles` the earliest end first."""
    versions = list(dict.fromkeys(one.version for one in bundles))
    numbers = {pk for one in bundles for pk in one.first}
    names = dict(Project.objects.filter(pk__in=numbers).values_list("pk", "name"))
    count = sum(one.fit + one.incomplete for one in bundles)
    key = "|".join(f"{one.pk}:{one.valid_to}" for one in versions)
    return Notification(
        user=person,
        kind=Notification.Kind.MATCH,
        key=f"policies_ending:{hashlib.sha256(key.encode()).hexdigest()[:32]}",
        title=_title(versions, count)[:120],
        body=_body(versions, bundles, at),
        items=_items(bundles, names, count),
        url=versions[0].policy.get_absolute_url() if len(versions) == 1 else reverse("projects:policies"),
        created_at=at,
    )


def _title(versions, count):
    if len(versions) == 1:
        one = versions[0]
        return f"{one.policy} {one.valid_to} 到期，涉及 {count} 个项目"
    return f"{len(versions)} 条政策将到期，涉及您的项目"


def _body(versions, bundles, at):
    lines = []
    for version in versions[:NAMED]:
        fit = sum(one.fit for one in bundles if one.version == version)
        open_ones = sum(one.incomplete for one in bundles if one.version == version)
        counts = "、".join(f"{word} {n} 个" for word, n in (("符合", fit), ("待补充", open_ones)) if n)
        lines.append(f"{version.policy}：{version.valid_to} 到期，{_left(version, at)}；{counts}。")
    if len(versions) > NAMED:
        lines.append(f"另 {len(versions) - NAMED} 条政策，见政策页。")
    said = "要申报的请抓紧；待补充的先补齐信息。到期以后匹配一律为「不符合」。结论供参考，不是承诺。"
    return "\n".join([*lines, said])


def _items(bundles, names, count):
    items = [
        {
            "kind": "match",
            "title": names[pk],
            "text": f"{WORDS[letter]} {version.policy}，{version.valid_to} 到期",
            "url": f"{reverse('projects:detail', args=[pk])}#matches",
        }
        for version, letter, pk in _named(bundles)
    ]
    if count > len(items):
        items.append({"kind": "more", "title": f"另 {count - len(items)} 个", "text": "", "url": ""})
    return items


def _named(bundles):
    """(version, letter, project) of the projects to name: what ends first, then 符合 before 待补充."""
    found = [
        (one.version, FIT if place < one.fit else INCOMPLETE, pk)
        for one in bundles
        for place, pk in enumerate(one.first)
    ]
    return sorted(found, key=lambda row: (row[0].valid_to, row[0].pk, row[1], row[2]))[:LISTED]
