"""全局搜索: everything a person may see, by word, pinyin, code, number or telephone's end; kind by kind."""

from django.db.models import Q
from django.urls import reverse

from crm.finding import (
    Asked,
    Candidates,
    Found,
    Group,
    Hit,
    Keys,
    Records,
    best,
    by_code,
    by_name,
    names_of_company,
    told_person,
)
from crm.menus import jumps
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
    most = MANY if only else FEW
    asked = Asked(query, most + 1)
    if not asked.terms:
        return []
    seen, groups = Seen(asked, user), []
    for kind, (label, search) in KINDS.items():
        if only in ("", kind) and (hits := search(asked, seen)):
            groups.append(Group(kind, label, hits[:most], len(hits) > most))
    return sorted(groups, key=_is_guess)


def _is_guess(group):
    """Whether pages were found by initials or another word only: records stand before them."""
    return group.kind == "page" and all(hit.why for hit in group.hits)


class Seen:
    """What `user` may see of leads and projects, looked at by several kinds and fetched once."""

    def __init__(self, asked, user):
        rows = Project.objects.visible_to(user).order_by(*of_leads.NEWEST)
        rows = rows.select_related("company", "unit", "city", "lead").only(*SHOWN)
        self.user = user
        self.leads, self.projects = of_leads.records(asked, user), Records(rows, asked)
        Keys(self.leads.named, self.projects.named)


def leads(asked, seen):
    """The leads that answer, as Hits, best first."""
    return of_leads.leads(asked, seen.leads)


def trips(asked, seen):
    """The trips that answer."""
    return of_leads.trips(asked, seen.user)


def projects(asked, seen):
    """The projects that answer, as Hits, best first."""
    found, rows = by_name(seen.projects.named, asked, _names), seen.projects
    return [_hit(one) for one in best([*found, *by_code(rows.coded), *_keyed(rows.rows, asked)], asked.most)]


def _names(project):
    return [("", project.name), ("项目编号", project.code), *names_of_company(project.company)]


def _keyed(rows, asked):
    """Those found by a contact's telephone."""
    if not asked.people:
        return []
    # the leads first: an OR over two tables would read both of them whole
    of_them = Lead.objects.filter(contact__in=asked.people).order_by().values_list("pk", flat=True)
    found = list(rows.filter(Q(company__in=asked.acquaintances) | Q(lead__in=list(of_them))))
    through = of_leads.Through(asked, [(project.lead_id, project.company_id) for project in found])
    return list(filter(None, (_told(project, asked, through) for project in found)))


def _told(project, asked, through):
    units = {project.unit_id, project.station_id} - {None}
    main = project.lead.contact_id
    known = of_leads.met(asked.people, main, project.company_id, units) or through.met(project.lead_id)
    return Found(project, 1, f"联系人 {told_person(known)}") if known else None


def _hit(found):
    project = found.row
    words = (project.code, MAP.labels[project.stage], project.unit.name)
    return Hit(
        "project", project.name, project.get_absolute_url(), " · ".join(words), found.why, "layout-kanban"
    )


def companies(asked, seen):
    """Companies that a lead or project one may see is about; the hit opens what is known of them.

    A record's words hold every name of its company, so they are found among the records that were named.
    """
    found = []
    for rows in (seen.leads, seen.projects):
        found += by_name(rows.named, asked, _company_names, pick=_company_of)
        found += [Found(one.row.company, one.rank, one.why) for one in by_code(rows.coded)]
    found = best(found, asked.most)
    places = _places([one.row.pk for one in found], seen.user)
    return [_company(one, places[one.row.pk]) for one in found]


def _company_of(record):
    return record.company


def _company_names(company):
    (_, name), *others = names_of_company(company)
    return [("", name), *others]


def _places(companies, user):
    """{company: address of what is known of it}, at its newest project, else at its newest lead."""
    found = {}
    if not companies:
        return found
    for rows, page in (
        (Lead.objects.visible_to(user).own(), "projects:lead_facts"),
        (Project.objects.visible_to(user), "projects:facts"),
    ):
        newest = rows.filter(company__in=companies).order_by("pk").values_list("company", "pk")
        found |= {company: reverse(page, args=[pk]) for company, pk in newest}
    return found


def _company(found, url):
    one = found.row
    line = one.uscc or "信用代码未填"
    return Hit("company", one.name, url, line, found.why, "building-factory")


def funds(asked, seen):
    """The funds `user` may see, by name or operator."""
    rows = Fund.objects.visible_to(seen.user).order_by("order", "code").distinct()
    return [_fund(one) for one in by_name(Candidates(rows), asked, _fund_names)]


def _fund_names(fund):
    return [("", fund.name), ("管理机构", fund.operator)]


def _fund(found):
    fund = found.row
    return Hit("fund", fund.name, fund.get_absolute_url(), fund.get_status_display(), found.why, "coin-yuan")


def policies(asked, seen):
    """The policies `user` may see, by name, number of the document or issuer."""
    rows = Policy.objects.visible_to(seen.user).order_by("order", "code")
    return [_policy(one) for one in by_name(Candidates(rows), asked, _policy_names)]


def _policy_names(policy):
    return [("", policy.name), ("文号", policy.number), ("发布单位", policy.issuer)]


def _policy(found):
    policy = found.row
    line = f"{policy.get_level_display()} · {policy.get_status_display()}"
    return Hit("policy", policy.name, policy.get_absolute_url(), line, found.why, "file-description")


def spaces(asked, seen):
    """The spaces `user` may see, by carrier, building, floor or address."""
    rows = Space.objects.visible_to(seen.user).select_related("building__carrier").order_by("-pk")
    return [_space(one) for one in by_name(Candidates(rows), asked, _space_names)]


def _space_names(space):
    house = space.building
    return [("", f"{house.carrier.name} {house.name} {space.label}"), ("地址", house.address)]


def _space(found):
    space, (_, title) = found.row, _space_names(found.row)[0]
    line = f"{space.area_sqm.normalize():f} ㎡ · {space.get_state_display()}"
    return Hit("space", title, space.get_absolute_url(), line, found.why, "building")


def pages(asked, seen):
    """The pages of the menu and beside it that `user` may open."""
    entries = Candidates([Entry(*entry) for entry in jumps(seen.user)])
    found = by_name(entries, asked, lambda entry: [("", entry.label), ("也叫", entry.words)])
    return [
        Hit("page", one.row.label, reverse(one.row.pk), "打开页面", one.why, one.row.icon) for one in found
    ]


class Entry:
    """A page of the menu as `by_name` reads it."""

    def __init__(self, pk, label, icon, words=""):
        self.pk, self.label, self.icon, self.words = pk, label, icon, words


KINDS = {
    "page": ("页面", pages),
    "lead": ("线索", leads),
    "project": ("项目", projects),
    "company": ("企业", companies),
    "trip": ("行程", trips),
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
