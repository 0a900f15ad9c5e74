"""上手引导: the five first steps of each kind of work; a step is done when its record exists."""

from dataclasses import dataclass

from django.db.models import Exists, F, Q

from crm import roles
from crm.models import AuditEvent, Notification, Preference, SavedView, User
from leads.models import Handover, Lead, LeadStageChange, Roadshow, Screening, Visit
from projects.models import CriteriaVersion, FairReview, ItemReview, ReferralStep, SupervisionOrder


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
        Step("close", "办结一次督办", "责任单位答复以后，写明意见办结。", "projects:orders"),
        Step("view", "存一个视图", "筛选好要常看的项目，起个名字存下，以后一点就到。", "projects:list"),
        Step("review", "审一条优惠条款", "打开待审的条款，对照系统提示写审查意见。", "projects:reviews"),
        Step("conclude", "出具审查结论", "一个项目的条款都审过以后，出具结论，填文号。", "projects:reviews"),
        Step("criteria", "发布投资条件", "打开自己的基金，写明投什么，项目按它匹配。", "projects:funds"),
        Step("answer", "答复一次推荐", "接收推荐来的项目，或写明理由退回。", "projects:referrals"),
        Step("export_referrals", "导出推荐表", "推荐来的项目和进展，导出成一张表。", "projects:referrals"),
        Step("units", "核对单位", "新增或修改一个责任单位。", "admin:crm_unit_changelist"),
        Step(
            "people", "开一个账号", "写明姓名、单位和角色，看到什么由角色决定。", "admin:crm_user_changelist"
        ),
        Step("limits", "核对规则数值", "按本区的规定改一项期限或上限。", "admin:crm_setting_changelist"),
        Step(
            "holidays",
            "核对节假日",
            "补上今年的节假日和调休，期限按工作日数。",
            "admin:crm_holiday_changelist",
        ),
        Step("remind", "定提醒时间", "几点收当天汇总，哪些发到邮箱和机器人，几点以后不打扰。", "preferences"),
        Step("password", "换成自己的密码", "开账号时给的密码别人也知道，换一个。", "password_change"),
    )
}
OF_ROLE = {
    roles.OFFICER: ("record", "screen", "move", "read", "search"),
    roles.STATION: ("trip", "record", "visit", "hand_over", "read"),
    roles.HEAD: ("search", "move", "hand_over", "read", "export"),
    roles.MANAGER: ("search", "move", "supervise", "read", "export"),
    roles.LEADER: ("search", "supervise", "close", "read", "export"),
    roles.REVIEWER: ("review", "conclude", "read", "remind", "password"),
    roles.FUND: ("criteria", "answer", "read", "export_referrals", "remind"),
    roles.AUDITOR: ("search", "view", "export", "remind", "password"),
    roles.ADMIN: ("password", "units", "people", "limits", "holidays"),
}


def steps_of(user):
    """[(Step, whether it is done)] in their order, by one query; a role without steps has none."""
    names = OF_ROLE.get(user.role, ())
    if not names:
        return []
    asked = {f"did_{name}": TRACES[name](user) for name in names}
    found = User.objects.filter(pk=user.pk).order_by().values(**asked).get()
    return [(STEPS[name], found[f"did_{name}"]) for name in names]


def _handed_over(user):
    return Exists(Handover.objects.filter(Q(by=user) | Q(answered_by=user) | Q(approved_by=user)))


def _visited(user):
    """A follow-up of its own, not what was written down along with the lead."""
    return Exists(Visit.objects.filter(by=user).exclude(created_at=F("lead__created_at")))


def _did(*actions, subject=""):
    """A trace: the person did one of `actions`, to a record of the kind `subject` if one is named."""
    asked = {"action__in": actions, **({"subject": subject} if subject else {})}
    return lambda user: Exists(AuditEvent.objects.filter(actor=user, **asked))


def _set(subject):
    """A trace: the person added or changed such a record in the settings."""
    return _did("admin_add", "admin_change", subject=subject)


TRACES = {
    "record": lambda user: Exists(Lead.objects.filter(reporter=user)),
    "screen": lambda user: Exists(Screening.objects.filter(by=user)),
    "move": lambda user: Exists(LeadStageChange.objects.filter(by=user, seq__gt=1)),
    "read": lambda user: Exists(Notification.objects.filter(user=user, read_at__isnull=False)),
    "search": lambda user: Q(searched_at__isnull=False),
    "trip": lambda user: Exists(Roadshow.objects.filter(created_by=user)),
    "visit": _visited,
    "hand_over": _handed_over,
    "export": _did("export"),
    "export_referrals": _did("export"),
    "supervise": lambda user: Exists(SupervisionOrder.objects.filter(issuer=user)),
    "close": lambda user: Exists(SupervisionOrder.objects.filter(closed_by=user)),
    "view": lambda user: Exists(SavedView.objects.filter(owner=user)),
    "review": lambda user: Exists(ItemReview.objects.filter(by=user)),
    "conclude": lambda user: Exists(FairReview.objects.filter(by=user)),
    "criteria": lambda user: Exists(CriteriaVersion.objects.filter(published_by=user)),
    "answer": lambda user: Exists(ReferralStep.objects.filter(by=user)),
    "units": _set("crm.unit"),
    "people": _set("crm.user"),
    "limits": _set("crm.setting"),
    "holidays": _set("crm.holiday"),
    "remind": lambda user: Exists(Preference.objects.filter(user=user)),
    "password": _did("password_changed"),
}
