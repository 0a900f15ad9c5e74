"""政策到期: the bureau hears once, `policy_notice_days` before a version ends that none follows."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q

from crm.models import Notification
from crm.notifications import bureau, notify
from crm.numbers import number
from crm.workdays import ONE_DAY, shanghai_day
from projects.models import CriteriaVersion, Policy


def remind_policies(at):
    """Tell the bureau of every policy whose last version ends soon; returns how many. Told once per end."""
    people, ending = bureau(), list(_ending(shanghai_day(at)))
    for version in ending:
        for person in people:
            _tell(person, version, at)
    return len(ending)


def _ending(day):
    """The versions in force or to come that end within the time of notice and that no other outlasts."""
    last = day + timedelta(days=number("policy_notice_days"))
    soon = CriteriaVersion.objects.filter(policy__isnull=False, valid_to__range=(day, last))
    followed = CriteriaVersion.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=OuterRef("valid_to")),
        policy=OuterRef("policy"),
        valid_from__lte=OuterRef("valid_to") + ONE_DAY,
    )
    open_ones = soon.exclude(policy__status=Policy.Status.CLOSED).filter(valid_from__lte=F("valid_to"))
    return open_ones.exclude(Exists(followed)).select_related("policy").order_by("valid_to", "pk")


def _tell(person, version, at):
    left = (version.valid_to - shanghai_day(at)).days
    when = f"还有 {left} 天" if left else "就是今天"
    notify(
        person,
        kind=Notification.Kind.SYSTEM,
        key=f"policy_ending:{version.pk}:{version.valid_to}",
        title=f"政策将到期：{version.policy}",
        body=f"第 {version.number} 版 {version.valid_to} 到期，{when}，后面没有新版；"
        "到期以后匹配一律为「不符合」。延续的请发布新版，写明新的失效日期。",
        url=version.policy.get_criteria_url(),
        at=at,
    )
