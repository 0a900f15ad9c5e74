"""Who exists: the roles of the house and what each may see without asking. Imports nothing."""

OFFICER = "officer"
STATION = "station"
HEAD = "head"
MANAGER = "manager"
LEADER = "leader"
REVIEWER = "reviewer"
FUND = "fund"
AUDITOR = "auditor"
ADMIN = "admin"
PARTNER = "partner"

ROLE_CHOICES = [
    (OFFICER, "招商专员"),
    (STATION, "站长"),
    (HEAD, "单位负责人"),
    (MANAGER, "区投促局"),
    (LEADER, "区领导"),
    (REVIEWER, "公平竞争审查"),
    (FUND, "基金方"),
    (AUDITOR, "审计"),
    (ADMIN, "系统管理员"),
]

SEES_EVERYTHING = frozenset({MANAGER, LEADER, AUDITOR})
SEES_OWN_UNIT = frozenset({OFFICER, STATION, HEAD})
SEES_RECORDS = SEES_EVERYTHING | SEES_OWN_UNIT  # leads, projects and trips by their very role
RECEIVES_HANDOVERS = frozenset({STATION, HEAD})
WORKS_ON_LEADS = frozenset({OFFICER, STATION, HEAD, MANAGER})
FORCES_MOVES = frozenset({HEAD, MANAGER})
REVEALS_CONTACTS = frozenset({OFFICER, STATION, HEAD, MANAGER})
