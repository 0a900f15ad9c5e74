"""What each role finds in the menu: (url name, label, icon)."""

from crm import roles

WORK = [
    ("home", "工作台", "home"),
    ("leads:list", "线索", "users"),
    ("projects:board", "项目", "layout-kanban"),
    ("leads:roadshows", "行程", "map-pin"),
    ("projects:funds", "基金", "coin-yuan"),
    ("projects:spaces", "载体", "building"),
    ("projects:policies", "政策", "file-description"),
    ("reports", "漏斗", "chart-funnel"),
    ("projects:orders", "督办", "alert-triangle"),
]
MENUS = {
    roles.FUND: [
        ("home", "工作台", "home"),
        ("projects:referrals", "推荐", "send"),
        ("projects:funds", "基金", "coin-yuan"),
    ],
    roles.REVIEWER: [
        ("home", "工作台", "home"),
        ("projects:reviews", "审查", "shield-check"),
        ("projects:rules", "提示规则", "list-check"),
        ("projects:bases", "依据库", "file-text"),
        ("projects:funds", "基金", "coin-yuan"),
        ("projects:policies", "政策", "file-description"),
    ],
    roles.ADMIN: [
        ("home", "工作台", "home"),
        ("admin:index", "设置", "settings"),
        ("audit", "审计", "report-search"),
    ],
    roles.MANAGER: [*WORK, ("admin:index", "设置", "settings")],
    roles.AUDITOR: [*WORK, ("audit", "审计", "report-search")],
}
PHONE = [
    ("home", "工作台", "home"),
    ("leads:list", "线索", "users"),
    ("leads:capture", "记一家", "circle-plus"),
    ("leads:roadshows", "行程", "map-pin"),
    ("projects:board", "项目", "layout-kanban"),
]


def main(user):
    """The main menu of `user`."""
    return MENUS.get(user.role, WORK)


def phone(user):
    """The bottom bar on a phone; those who record nothing get their main menu."""
    return PHONE if user.role in roles.WORKS_ON_LEADS else main(user)[:5]
