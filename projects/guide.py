"""上手引导: the five first steps of each kind of work; a step is done when its record exists."""

from dataclasses import dataclass

from django.db.models import Exists, F, Q

from crm import roles
from crm.models import AuditEvent, Notification, User
from leads.models import Handover, Lead, LeadStageChange, Roadshow, Screening, Visit
from projects.models import SupervisionOrder


@dataclass(frozen=True)
class Step:
    """One step: what to do, what it is good for, and the page (a name of an address) where it is done."""

    name: str
    label: str
    why: str
    page: str
    query: str = ""


STEPS = {
    step.name: step
    for step in (
        Step("record", "记一家", "企业、联系人、行程、下次联系日期，四项就够。", "leads:capture"),
        Step("screen", "研判", "打开线索，写六个方面的意见和结论。", "leads:list", "?stage=screening"),
        Step("move", "看板", "在看板上把一条推进到下一阶段，缺什么会逐项列出。", "leads:board"),
        Step("read", "提醒", "每个工作日 8:30 汇总当天要办的事，打开一条读一读。", "notifications"),
        Step("search", "检索", "输两个字或拼音首字母，找出一家企业。", "leads:list"),
        Step("trip", "建一次行程", "谁带队、去哪座城市、拜访哪些企业。", "leads:roadshow_new"),
        Step("visit", "记录跟进", "写下谈了什么、下一步和下次联系日期。", "leads:list"),
        Step("hand_over", "移交", "把谈到位的线索移交给落地单位，或者答复一次移交。", "leads:handovers"),
        Step("export", "导出一张表", "漏斗、线索或项目，按现在的筛选导出。", "reports"),
        Step(
            "supervise",
            "签发一次督办",
            "在亮红灯的项目上写明要求和期限。",
            "projects:list",
            "?light=red",
        ),
    )
}
OF_ROLE = {
    roles.OFFICER: ("record", "screen", "move", "read", "search"),
    roles.STATION: ("trip", "record", "visit", "hand_over", "read"),
    roles.HEAD: ("search", "move", "hand_over", "read", "export"),
    roles.MANAGER: ("search", "move", "supervise", "read", "export"),
}


def steps_of(user):
    """[(Step, whether it is done)] in their order, by one query; a role without steps has none."""
    names = OF_ROLE.get(user.role, ())
    if not names:
        return []
    asked = {name: TRACES[name](user) for name in names}
    found = User.objects.filter(pk=user.pk).order_by().values(**asked).get()
    return [(STEPS[name], found[name]) for name in names]


def _handed_over(user):
    return Exists(Handover.objects.filter(Q(by=user) | Q(answered_by=user) | Q(approved_by=user)))


def _visited(user):
    """A follow-up of its own, not what was written down along with the lead."""
    return Exists(Visit.objects.filter(by=user).exclude(created_at=F("lead__created_at")))


TRACES = {
    "record": lambda user: Exists(Lead.objects.filter(reporter=user)),
    "screen": lambda user: Exists(Screening.objects.filter(by=user)),
    "move": lambda user: Exists(LeadStageChange.objects.filter(by=user, seq__gt=1)),
    "read": lambda user: Exists(Notification.objects.filter(user=user, read_at__isnull=False)),
    "search": lambda user: Q(searched_at__isnull=False),
    "trip": lambda user: Exists(Roadshow.objects.filter(created_by=user)),
    "visit": _visited,
    "hand_over": _handed_over,
    "export": lambda user: Exists(AuditEvent.objects.filter(actor=user, action="export")),
    "supervise": lambda user: Exists(SupervisionOrder.objects.filter(issuer=user)),
}
