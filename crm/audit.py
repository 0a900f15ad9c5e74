"""The audit log: who did what to which record, written in the transaction of the deed itself."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.apps import apps

from crm.models import AuditEvent

ACTIONS = {
    "login": "登录",
    "login_failed": "登录失败",
    "logout": "退出登录",
    "password_changed": "修改密码",
    "reveal_contact": "查看联系方式",
    "correct_contact": "更正联系人",
    "export": "导出",
    "ask_export": "申请导出",
    "decide_export": "审批导出",
    "download_export": "下载导出的文件",
    "import": "导入",
    "undo_import": "撤销导入",
    "stop_import": "停止导入",
    "bulk": "批量操作",
    "undo_bulk": "撤销批量操作",
    "open_door": "开启扫码登记",
    "close_door": "停用扫码登记",
    "remove_photo": "删除照片",
    "hand_in_report": "提交行程小结",
    "force_move": "强制推进",
    "hand_over": "移交",
    "decide_conflict": "裁决首报冲突",
    "judge_duplicates": "判定疑似重复",
    "merge": "合并线索",
    "unmerge": "撤销合并",
    "refer": "推荐给基金",
    "withdraw_referral": "撤回基金推荐",
    "correct_referral": "更正基金推荐的进展",
    "retract_referral_step": "撤销基金推荐的进展",
    "supervise": "签发督办",
    "review_incentive": "审查优惠条款",
    "conclude_review": "出具审查结论",
    "change_rule": "修改审查提示规则",
    "add_rule": "新增审查提示规则",
    "publish_criteria": "发布条件",
    "choose_fact": "选定企业信息",
    "withdraw_fact": "撤回企业信息",
    "add_fund": "登记基金",
    "change_fund": "更正基金",
    "add_policy": "登记政策",
    "change_policy": "更正政策",
    "change_basis": "修改依据库",
    "add_basis": "补录依据库",
    "add_building": "登记楼宇",
    "change_building": "修改楼宇",
    "add_space": "登记载体空间",
    "change_space": "修改载体空间",
    "settle_space": "确定空间",
    "return_space": "交还空间",
    "add_compute": "登记算力",
    "change_compute": "修改算力",
    "count": "确认统计日期",
    "waive": "豁免承诺",
    "withdraw": "撤销到位资金",
    "token_issued": "签发令牌",
    "token_revoked": "撤销令牌",
    "change_preference": "修改提醒设置",
    "open_calendar": "开通日历订阅",
    "close_calendar": "停用日历订阅",
    "api_contacts": "接口读取联系方式",
    "admin_add": "后台新增",
    "admin_change": "后台修改",
    "admin_delete": "后台删除",
}
SUBJECTS = {
    "leads.lead": "线索",
    "leads.roadshow": "行程",
    "leads.conflict": "首报冲突",
    "leads.importjob": "导入",
    "projects.project": "项目",
    "projects.fund": "基金",
    "projects.policy": "政策",
    "projects.referral": "基金推荐",
    "projects.supervisionorder": "督办单",
    "projects.flagrule": "审查提示规则",
    "projects.basisclause": "依据库条款",
    "projects.building": "楼宇",
    "projects.space": "载体空间",
    "projects.computeoffer": "算力供给",
    "projects.agreement": "协议",
    "projects.commitment": "承诺",
    "projects.receipt": "到位资金",
    "projects.evidence": "阶段材料",
    "projects.decisionroute": "决策路径",
    "crm.bulkjob": "批量操作",
    "crm.tag": "标签",
    "crm.exportjob": "导出",
    "crm.user": "人员",
    "crm.unit": "单位",
    "crm.contact": "联系人",
    "crm.company": "企业",
    "crm.partnertoken": "伙伴令牌",
    "crm.stagesetting": "阶段设置",
    "crm.setting": "规则数值",
    "crm.holiday": "节假日",
    "crm.city": "城市",
    "crm.channel": "来源渠道",
    "crm.fusionsector": "融合赛道",
    "crm.futuretrack": "未来赛道",
    "crm.lossreason": "流失原因",
    "crm.carrier": "载体",
}
# how the keys and code words of `detail` read on screen, in this order; others are Chinese already
WORDS = {
    "object": "对象",
    "account": "账号",
    "partner": "伙伴",
    "prefix": "前缀",
    "scopes": "权限范围",
    "list": "列表",
    "lead": "线索",
    "leads": "线索",
    "project": "项目",
    "projects": "项目",
    "reverse": "反向匹配",
    "funnel": "漏斗",
    "fund": "基金",
    "shared": "共享",
    "way": "同意方式",
    "on": "日期",
    "title": "名称",
    "name": "名称",
    "step": "进展",
    "file": "文件",
    "rows": "行数",
    "undone": "已撤销的线索",
    "count": "数量",
    "filters": "筛选",
    "from": "从",
    "to": "到",
    "into": "合并到",
    "pair": "线索",
    "reason": "理由",
    "missing": "缺少",
    "number": "编号",
    "conclusion": "结论",
    "demand": "要求",
}
ORDER = {key: place for place, key in enumerate(WORDS)}
EMPTY = ("", None, [])
NEVER_KEPT = frozenset({"phone", "email", "contact_phone", "contact_email", "password", "token"})


@dataclass(frozen=True)
class Origin:
    """Where the work at hand comes from: a request has an address and a number, a task has neither."""

    ip: str | None = None
    request_id: str = ""


_origin = ContextVar("origin", default=Origin())  # noqa: B039 (frozen)


@contextmanager
def origin(ip, request_id):
    """Everything recorded inside carries this address and request number."""
    token = _origin.set(Origin(ip, request_id))
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin():
    """The Origin of the request being served, for the log lines that want its number."""
    return _origin.get()


def record(actor, action, subject=None, *, detail=None, request=None, at):
    """Write one event and return it; call it inside the transaction of the deed, so both stand or fall.

    `actor` is a User, a partner's principal or None (nobody known); `action` a key of ACTIONS;
    `subject` the record it happened to; `detail` says what in plain words and never holds a contact
    or a secret: ValueError for an unknown action or such a key. Address and request number come from
    `request`, else from the request being served.
    """
    if action not in ACTIONS:
        raise ValueError(f"unknown audit action: {action}")
    if kept := NEVER_KEPT.intersection(detail or ()):
        raise ValueError(f"not for the audit log: {', '.join(sorted(kept))}")
    place = _origin.get() if request is None else Origin(request.client_ip, request.request_id)
    is_user = getattr(actor, "_meta", None) is not None
    return AuditEvent.objects.create(
        at=at,
        actor=actor if is_user else None,
        actor_name=_name(actor, place),
        action=action,
        subject=subject._meta.label_lower if subject is not None else "",
        subject_id=_number(subject),
        detail=detail or {},
        ip=place.ip,
        request_id=place.request_id,
    )


def action_word(action):
    """What was done, in Chinese, also when nothing does it any more."""
    return ACTIONS.get(action, "其他操作")


def subject_word(label):
    """What it happened to, in Chinese: the word of SUBJECTS, else the model's own name; "" for nothing."""
    if not label or label in SUBJECTS:
        return SUBJECTS.get(label, "")
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return "其他"


def in_words(detail, labels):
    """The detail of an event as [(name, text)] in Chinese; `labels` are the words of other codes in it.

    Empty values are left out.
    """
    words = {**WORDS, **labels}
    told = sorted(detail, key=lambda key: ORDER.get(key, len(ORDER)))
    return [(WORDS.get(key, key), _text(detail[key], words)) for key in told if detail[key] not in EMPTY]


def _text(value, words):
    if isinstance(value, list):
        texts = [str(words.get(one, one)) for one in value]
        return ("" if all(text.endswith("。") for text in texts) else "、").join(texts)
    return words.get(value, value) if isinstance(value, str) else str(value)


def _name(actor, place):
    if actor is None:
        return "未登录" if place.ip else "系统"
    return (getattr(actor, "name", "") or str(actor))[:60]


def _number(subject):
    """The record's number; a row whose key is a word (a setting) has none and is named in the detail."""
    return subject.pk if subject is not None and isinstance(subject.pk, int) else None
