"""Who may do what to a record they see: one function decides for pages, API, imports and tasks."""

from crm import roles
from crm.errors import NotAllowed

# verb → (roles that may do it, whether the record must be of the own unit unless the bureau does it)
RULES = {
    "capture": (roles.WORKS_ON_LEADS, False),
    "edit": (roles.WORKS_ON_LEADS, True),
    "move": (roles.WORKS_ON_LEADS, True),
    "screen": (roles.WORKS_ON_LEADS, True),
    "log_visit": (roles.WORKS_ON_LEADS, True),
    "feed_back": (roles.WORKS_ON_LEADS, True),
    "assign": (frozenset({roles.HEAD, roles.MANAGER}), True),
    "hand_over": (frozenset({roles.STATION, roles.HEAD, roles.MANAGER}), True),
    "open_conflict": (frozenset({roles.OFFICER, roles.STATION, roles.HEAD}), False),
    "add_evidence": (frozenset({roles.OFFICER, roles.STATION, roles.HEAD}), True),
    "decide_conflict": (frozenset({roles.MANAGER}), False),
    "answer_handover": (frozenset({roles.STATION, roles.HEAD, roles.MANAGER}), True),
    "approve_handover": (frozenset({roles.MANAGER}), False),
    "see_pool": (roles.SEES_RECORDS, False),
    "take_from_pool": (roles.SEES_OWN_UNIT, False),
    "give_to_pool": (frozenset({roles.HEAD, roles.MANAGER}), True),
    "preview_pool": (frozenset({roles.HEAD, roles.MANAGER}), False),
    "extend_claim": (frozenset({roles.HEAD, roles.MANAGER}), True),
    "judge_duplicates": (roles.WORKS_ON_LEADS, True),
    "approve_export": (frozenset({roles.MANAGER}), False),
    "force": (roles.FORCES_MOVES, True),
    "suspend": (roles.WORKS_ON_LEADS, True),
    "suspend_long": (roles.FORCES_MOVES, True),
    "reveal": (roles.REVEALS_CONTACTS, True),
    "plan_trip": (frozenset({roles.STATION, roles.HEAD, roles.MANAGER}), True),
    "import": (frozenset({roles.STATION, roles.HEAD, roles.MANAGER}), True),
    "count": (frozenset({roles.MANAGER}), False),
    "waive": (frozenset({roles.HEAD, roles.MANAGER}), True),
    "draft_incentive": (roles.WORKS_ON_LEADS, True),
    "review_incentive": (frozenset({roles.REVIEWER}), False),
    "see_rules": (frozenset({roles.ADMIN, roles.REVIEWER, roles.MANAGER, roles.AUDITOR}), False),
    "edit_rules": (frozenset({roles.ADMIN}), False),
    "edit_criteria": (frozenset({roles.MANAGER, roles.FUND}), False),
    "edit_funds": (frozenset({roles.MANAGER}), False),
    "edit_policies": (frozenset({roles.MANAGER}), False),
    "see_bases": (roles.SEES_RECORDS | {roles.REVIEWER, roles.ADMIN}, False),
    "edit_bases": (frozenset({roles.MANAGER}), False),
    "see_spaces": (roles.SEES_RECORDS, False),
    "edit_spaces": (frozenset({roles.OFFICER, roles.HEAD, roles.MANAGER}), True),
    "edit_compute": (frozenset({roles.MANAGER}), False),
    "refer": (roles.WORKS_ON_LEADS, True),
    "supervise": (frozenset({roles.LEADER, roles.MANAGER}), False),
    "answer_order": (roles.WORKS_ON_LEADS, True),
    "report": (
        frozenset({roles.OFFICER, roles.STATION, roles.HEAD, roles.MANAGER, roles.LEADER, roles.AUDITOR}),
        False,
    ),
    "system": (frozenset({roles.ADMIN, roles.MANAGER, roles.AUDITOR}), False),
}

REFUSALS = {
    "approve_export": "超过上限的导出由区投促局审批。",
    "force": "只有单位负责人和区投促局可以强制推进，请填写理由后由他们操作。",
    "plan_trip": "只有站长、单位负责人和区投促局可以安排行程。",
    "import": "只有站长、单位负责人和区投促局可以导入名单。",
    "open_conflict": "只有招商专员、站长和单位负责人可以代表单位提出首报冲突。",
    "add_evidence": "只有冲突双方单位的人可以补充证据。",
    "decide_conflict": "首报冲突由区投促局裁决。",
    "answer_handover": "移交由接收单位的负责人、站长或指定的接收人答复。",
    "approve_handover": "再次移交由区投促局审批。",
    "see_pool": "公海只对招商人员和区领导、审计开放。",
    "take_from_pool": "公海线索由招商专员、站长和单位负责人领取。",
    "give_to_pool": "只有负责人、单位负责人和区投促局可以把线索放入公海。",
    "preview_pool": "今晚退回的名单只给单位负责人和区投促局看。",
    "judge_duplicates": "只有两条线索的责任单位可以判定；分属两个单位的由区投促局判定。",
    "extend_claim": "只有负责人、单位负责人和区投促局可以延长首报保护。",
    "hand_over": "只有站长、单位负责人和区投促局可以移交。",
    "count": "统计日期由区投促局审核通过后确认，请联系区投促局。",
    "waive": "只有单位负责人和区投促局可以豁免承诺，请写明理由后由他们操作。",
    "review_incentive": "公平竞争审查由审查人员出具，起草单位不能自审。",
    "see_rules": "审查提示规则只给审查人员、区投促局、审计和系统管理员看。",
    "edit_rules": "审查提示规则由系统管理员修改。",
    "edit_criteria": "条件由区投促局修改，基金的也由这只基金的基金方账号修改。",
    "edit_funds": "基金档案由区投促局登记和更正；要更正请联系区投促局。",
    "edit_policies": "政策由区投促局登记和更正，请把文件交给区投促局。",
    "see_bases": "依据库只给招商人员、审查人员、区领导、审计和系统管理员看。",
    "edit_bases": "依据库由区投促局维护；文件没有收录的，请把原文交给区投促局补录。",
    "see_spaces": "载体和算力台账只对招商人员和区领导、审计开放。",
    "edit_spaces": "载体台账由区投促局和载体的管理单位维护；要补录或更正，请联系他们。",
    "edit_compute": "算力台账由区投促局维护；要补录或更正，请联系区投促局。",
    "refer": "基金推荐由项目的责任单位和区投促局提出、撤回。",
    "supervise": "只有区领导和区投促局可以签发督办。",
    "answer_order": "督办由责任单位回复。",
    "report": "漏斗、大屏这些汇总只给招商人员、区领导和审计看。",
    "reveal": "您可以看到联系人，但不能查看完整号码；请联系负责单位。",
}


# what the owner of a record may do to it whatever the rule says of his role
OWNERS_TOO = frozenset({"extend_claim", "answer_handover", "give_to_pool"})

# what the bureau does for its own records alone: it closes what it would otherwise have answered itself
NOT_FOR_OTHERS = frozenset({"answer_order"})

# what may still be done to a record that was merged into another
OF_MERGED = frozenset({"reveal", "feed_back", "judge_duplicates"})
MERGED = "这条线索已经合并到另一条，请在那一条上继续；合并错了请先撤销合并。"

# what a partner's token opens, on what it sent itself and nobody has taken over yet
PARTNER_SCOPES = {"capture": "leads:write", "edit": "leads:write"}


def may(user, verb, record=None):
    """Whether `user` may `verb` the record; record=None asks about the verb alone."""
    if is_closed_to(verb, record):
        return False
    if user.role == roles.PARTNER:
        return _partner_may(user, verb, record)
    if verb in OWNERS_TOO and record is not None and record.owner_id == user.pk:
        return user.role in roles.WORKS_ON_LEADS
    allowed, own_unit_only = RULES[verb]
    if user.role not in allowed:
        return False
    if record is None or not own_unit_only:
        return True
    if user.role == roles.MANAGER and verb not in NOT_FOR_OTHERS:
        return True
    return user.unit_id is not None and user.unit_id in getattr(record, "party_ids", {record.unit_id})


def is_closed_to(verb, record):
    """Whether the record was merged into another and takes no such change any more."""
    return bool(getattr(record, "merged_into_id", None)) and verb not in OF_MERGED


def _partner_may(partner, verb, record):
    if PARTNER_SCOPES.get(verb) not in partner.scopes:
        return False
    return record is None or (record.partner_id in partner.token_ids and record.is_untouched)


def require(user, verb, record=None):
    """Raise NotAllowed, with the sentence the person reads, unless they may."""
    if is_closed_to(verb, record):
        raise NotAllowed(MERGED)
    if not may(user, verb, record):
        raise NotAllowed(REFUSALS.get(verb, "您的角色或单位不能对这条记录做此操作，请联系负责单位。"))
