"""The demo's units and accounts: one account per role of the contract, and colleagues to share the work."""

from crm import roles
from crm.models import City, Unit, User

UNITS = [
    ("bureau", "区投促局", "bureau", None),
    ("station_sz", "驻深工作站", "station", "440300"),
    ("station_sh", "驻沪工作站", "station", "310000"),
    ("station_js", "驻苏工作站", "station", "320500"),
    ("banshan", "半山区块", "platform", None),
    ("wanggu", "智慧网谷小镇", "platform", None),
    ("beiruan", "北部软件园区块", "platform", None),
    ("wealth", "运河财富小镇", "platform", None),
]

# username, name, role, unit; the first ten are the accounts of the contract
PEOPLE = [
    ("officer", "林晓", roles.OFFICER, "banshan"),
    ("officer2", "郑言", roles.OFFICER, "wanggu"),
    ("station", "陈砺", roles.STATION, "station_sz"),
    ("head", "沈知远", roles.HEAD, "banshan"),
    ("manager", "何清", roles.MANAGER, "bureau"),
    ("leader", "陆川", roles.LEADER, None),
    ("reviewer", "方正平", roles.REVIEWER, None),
    ("fund", "严基", roles.FUND, None),
    ("auditor", "蒋实", roles.AUDITOR, None),
    ("admin", "管理员", roles.ADMIN, None),
    ("station_sh", "顾闻", roles.STATION, "station_sh"),
    ("station_js", "徐行", roles.STATION, "station_js"),
    ("zhouzhou", "周舟", roles.OFFICER, "banshan"),
    ("tangtang", "唐棠", roles.OFFICER, "banshan"),
    ("luming", "陆鸣", roles.OFFICER, "wanggu"),
    ("head_wanggu", "袁野", roles.HEAD, "wanggu"),
    ("songyu", "宋屿", roles.OFFICER, "beiruan"),
    ("head_beiruan", "罗一川", roles.HEAD, "beiruan"),
    ("baihe", "白荷", roles.OFFICER, "wealth"),
]
ACCOUNTS = [(username, name, role) for username, name, role, _ in PEOPLE[:10]]


def make_people(password):
    """Create the units and accounts; every account has `password`."""
    for code, name, kind, city in UNITS:
        Unit.objects.create(code=code, name=name, kind=kind, city=City.objects.filter(pk=city).first())
    units = {unit.code: unit for unit in Unit.objects.all()}
    hashed = User(password="")
    hashed.set_password(password)
    for username, name, role, unit in PEOPLE:
        User.objects.create(
            username=username,
            name=name,
            role=role,
            unit=units.get(unit),
            password=hashed.password,
            is_staff=role == roles.ADMIN,
        )
