"""What each role finds in the menu: (url name, label, icon); and the pages one may jump to beside it."""

from crm import roles
from crm.permissions import may

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


EVERYBODY = "everybody"
READERS = "readers"
# (url name, label, icon, other words for it, who may: a verb of the permissions, READERS or EVERYBODY)
BESIDE = [
    ("leads:capture", "记一家", "circle-plus", "登记 录入 新增线索", "capture"),
    ("leads:board", "线索看板", "layout-kanban", "", READERS),
    ("projects:list", "项目列表", "list", "", READERS),
    ("leads:pool", "公海", "users-group", "领取", "see_pool"),
    ("leads:duplicates", "判重", "copy", "疑似重复 合并", READERS),
    ("leads:conflicts", "首报冲突", "gavel", "裁决", READERS),
    ("leads:handovers", "流转", "arrows-exchange", "移交 接收", READERS),
    ("leads:imports", "导入", "file-import", "导入名单 表格 批量登记", READERS),
    ("leads:roadshow_new", "安排行程", "map-pin-plus", "敲门招商", "plan_trip"),
    ("projects:commitments", "承诺", "checks", "履约", READERS),
    ("projects:referrals", "基金推荐", "send", "", READERS),
    ("projects:match_changes", "匹配变化", "refresh", "", READERS),
    ("projects:compute", "算力", "cpu", "算力台账", "see_spaces"),
    ("projects:bases", "依据库", "file-text", "优惠条款 文件", "see_bases"),
    ("projects:rules", "审查提示规则", "list-check", "公平竞争", "see_rules"),
    ("delivery", "签约与到位", "report-money", "到位资金 履约率", "report"),
    ("chain", "补链", "hierarchy", "产业链", "report"),
    ("screen", "大屏", "presentation", "", "report"),
    ("projects:exports", "导出", "download", "下载 审批", READERS),
    ("notifications", "消息", "bell", "提醒", EVERYBODY),
    ("password_change", "修改密码", "key", "账号", EVERYBODY),
]


def main(user):
    """The main menu of `user`."""
    return MENUS.get(user.role, WORK)


def phone(user):
    """The bottom bar on a phone; those who record nothing get their main menu."""
    return PHONE if user.role in roles.WORKS_ON_LEADS else main(user)[:5]


def jumps(user):
    """(url name, label, icon, other words) of every page `user` may open without knowing a record."""
    beside = [entry[:4] for entry in BESIDE if _may_open(user, entry[4])]
    return [*((*entry, "") for entry in main(user)), *beside]


def _may_open(user, who):
    if who == READERS:
        return user.role in roles.SEES_RECORDS
    return who == EVERYBODY or may(user, who)
