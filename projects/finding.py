"""全局搜索: everything a person may see, by word, pinyin, code, number or telephone's end; kind by kind."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from crm.finding import Asked, Found, Group, Hit, best, by_name, names_of_company, told_person
from crm.menus import jumps
from crm.models import Company
from leads import finding as of_leads
from leads.models import Lead, Roadshow
from projects.models import Fund, Policy, Project, Space
from projects.stages import MAP

SHOWN = ("name", "code", "stage", "created_at", "unit__name", "station_id", "city__name", "lead__contact_id")
SHOWN += tuple(f"company__{name}" for name in of_leads.COMPANY)
FEW = 5  # of a kind, while typing
MANY = 100  # of one kind, on the page of search
RECENT = 8


def find(query, user, only=""):
    """The Groups that are not empty: a few Hits of every kind, or many of the one kind `only`.

    Of what `user` may not see nothing is found, nor counted.
    """
    asked, most = Asked(query), MANY if only else FEW
    if not asked.terms:
        return []
    groups = []
    for kind, (label, search) in KINDS.items():
        if only in ("", kind) and (hits := search(asked, user, most + 1)):
            groups.append(Group(kind, label, hits[:most], len(hits) > most))
    return groups


def projects(asked, user, most):
    """The projects `user` may see that answer, as Hits, best first."""
    rows = Project.objects.visible_to(user).order_by(*of_leads.NEWEST)
    rows = rows.select_related("company", "unit", "city", "lead").only(*SHOWN)
    same = Q(company__in=Company.objects.called(asked.key))
    named = by_name(rows.filter(grams__contains=asked.terms), asked, _names, most, same)
    return [_hit(one) for one in best([*named, *_keyed(rows, asked)], most)]


def _names(project):
    return [("", project.name), ("项目编号", project.code), *names_of_company(project.company)]


def _keyed(rows, asked):
    """Those found by their company's code or a contact's telephone."""
    companies, people = asked.coded.keys() | asked.acquaintances, [one.pk for one in asked.people]
    if not companies and not people:
        return []
    found = rows.filter(Q(company__in=companies) | Q(lead__contact__in=people))
    return list(filter(None, (_told(project, asked) for project in found)))


def _told(project, asked):
    if project.company_id in asked.coded:
        return Found(project, 1, f"信用代码 {project.company.uscc}")
    units = {project.unit_id, project.station_id} - {None}
    known = of_leads.met(asked.people, project.lead.contact_id, project.company_id, units)
    return Found(project, 1, f"联系人 {told_person(known)}") if known else None


def _hit(found):
    project = found.row
    words = (project.code, MAP.labels[project.stage], project.unit.name)
    return Hit(
        "project", project.name, project.get_absolute_url(), " · ".join(words), found.why, "layout-kanban"
    )


def companies(asked, user, most):
    """Companies that a lead or project `user` may see is about; the hit opens what is known of them."""
    rows = _companies_of(user).select_related("city").order_by("-pk").defer("grams", "other_keys")
    same = Q(pk__in=Company.objects.called(asked.key))
    named = by_name(rows.filter(grams__contains=asked.terms), asked, _company_names, most, same)
    keyed = rows.filter(pk__in=asked.coded) if asked.coded else ()
    found = best([*named, *(Found(one, 1, f"信用代码 {one.uscc}") for one in keyed)], most)
    places = _places([one.row.pk for one in found], user)
    return [_company(one, places[one.row.pk]) for one in found]


def _companies_of(user):
    of_lead = Lead.objects.visible_to(user).own().filter(company=OuterRef("pk"))
    of_project = Project.objects.visible_to(user).filter(company=OuterRef("pk"))
    return Company.objects.filter(Exists(of_lead) | Exists(of_project))


def _company_names(company):
    (_, name), *others = names_of_company(company)
    return [("", name), *others]


def _places(companies, user):
    """{company: address of what is known of it}, at its newest project, else at its newest lead."""
    found = {}
    for rows, page in (
        (Lead.objects.visible_to(user).own(), "projects:lead_facts"),
        (Project.objects.visible_to(user), "projects:facts"),
    ):
        newest = rows.filter(company__in=companies).order_by("pk").values_list("company", "pk")
        found |= {company: reverse(page, args=[pk]) for company, pk in newest}
    return found


def _company(found, url):
    one = found.row
    line = " · ".join(filter(None, (one.uscc, one.city and one.city.name))) or "信用代码未填"
    return Hit("company", one.name, url, line, found.why, "building-factory")


def funds(asked, user, most):
    """The funds `user` may see, by name or operator."""
    rows = Fund.objects.visible_to(user).order_by("order", "code").distinct()
    return [_fund(one) for one in by_name(rows, asked, _fund_names, most)]


def _fund_names(fund):
    return [("", fund.name), ("管理机构", fund.operator)]


def _fund(found):
    fund = found.row
    return Hit("fund", fund.name, fund.get_absolute_url(), fund.get_status_display(), found.why, "coin-yuan")


def policies(asked, user, most):
    """The policies `user` may see, by name, number of the document or issuer."""
    rows = Policy.objects.visible_to(user).order_by("order", "code")
    return [_policy(one) for one in by_name(rows, asked, _policy_names, most)]


def _policy_names(policy):
    return [("", policy.name), ("文号", policy.number), ("发布单位", policy.issuer)]


def _policy(found):
    policy = found.row
    line = f"{policy.get_level_display()} · {policy.get_status_display()}"
    return Hit("policy", policy.name, policy.get_absolute_url(), line, found.why, "file-description")


def spaces(asked, user, most):
    """The spaces `user` may see, by carrier, building, floor or address."""
    rows = Space.objects.visible_to(user).select_related("building__carrier").order_by("-pk")
    return [_space(one) for one in by_name(rows, asked, _space_names, most)]


def _space_names(space):
    house = space.building
    return [("", f"{house.carrier.name} {house.name} {space.label}"), ("地址", house.address)]


def _space(found):
    space, (_, title) = found.row, _space_names(found.row)[0]
    line = f"{space.area_sqm.normalize():f} ㎡ · {space.get_state_display()}"
    return Hit("space", title, space.get_absolute_url(), line, found.why, "building")


def pages(asked, user, most):
    """The pages of the menu and beside it that `user` may open."""
    entries = [Entry(*entry) for entry in jumps(user)]
    return [
        Hit("page", one.row.label, reverse(one.row.pk), "打开页面", one.why, one.row.icon)
        for one in by_name(entries, asked, lambda entry: [("", entry.label), ("也叫", entry.words)], most)
    ]


class Entry:
    """A page of the menu as `by_name` reads it."""

    def __init__(self, pk, label, icon, words=""):
        self.pk, self.label, self.icon, self.words = pk, label, icon, words


KINDS = {
    "page": ("页面", pages),
    "lead": ("线索", of_leads.leads),
    "project": ("项目", projects),
    "company": ("企业", companies),
    "trip": ("行程", of_leads.trips),
    "fund": ("基金", funds),
    "policy": ("政策", policies),
    "space": ("载体", spaces),
}
OPENED = {
    "lead": (Lead, "users"),
    "project": (Project, "layout-kanban"),
    "trip": (Roadshow, "map-pin"),
    "fund": (Fund, "coin-yuan"),
    "policy": (Policy, "file-description"),
    "space": (Space, "building"),
}


def recent(opened, user):
    """The records (kind, number) `opened` by this person before, as one Group in the same order.

    The browser keeps numbers, no names: what `user` may not see (any more) is left out here.
    """
    opened = [(kind, pk) for kind, pk in dict.fromkeys(opened) if kind in OPENED][:RECENT]
    rows = {}
    for kind in {kind for kind, _ in opened}:
        model, _ = OPENED[kind]
        asked = [pk for one, pk in opened if one == kind]
        rows |= {(kind, row.pk): row for row in model.objects.visible_to(user).filter(pk__in=asked)}
    hits = [_opened(kind, rows[kind, pk]) for kind, pk in opened if (kind, pk) in rows]
    return [Group("recent", "最近打开", hits)] if hits else []


def _opened(kind, row):
    return Hit(kind, str(row), row.get_absolute_url(), KINDS[kind][0], "", OPENED[kind][1])
