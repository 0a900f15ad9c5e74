"""Every page of the map, as the bureau and as an officer see it; the floor is its rows without Django."""

from config.pagemap import pages
from crm.models import User
from crm.paging import next_token
from leads.models import Lead, Roadshow
from projects.models import Fund, Project

BESIDE = ("/reports/?group=sector", "/reports/stays/lead/")  # pages beside those of the map
OFFICERS = ("/", "/leads/", "/leads/board/", "/leads/new/", "/projects/", "/projects/board/", "/reports/")

LIST = """
SELECT l.id, l.title, l.stage, l.entered_at, l.limit_on, l.red_on, l.next_contact_on, l.next_step,
       l.amount_wan, l.created_at, c.name, u.name, o.name, y.name, h.name, s.name, r.title
  FROM leads_lead l LEFT JOIN crm_company c ON c.id = l.company_id JOIN crm_unit u ON u.id = l.unit_id
  LEFT JOIN crm_user o ON o.id = l.owner_id LEFT JOIN crm_city y ON y.code = l.city_id
  JOIN crm_channel h ON h.id = l.channel_id LEFT JOIN crm_fusionsector s ON s.id = l.sector_id
  LEFT JOIN leads_roadshow r ON r.id = l.roadshow_id
"""
NEWEST = " ORDER BY l.created_at DESC, l.id DESC LIMIT 51"
FIRST = LIST + NEWEST
DEEP = LIST + " WHERE (l.created_at, l.id) < (%s, %s)" + NEWEST
CARDS = """
SELECT p.* FROM (SELECT DISTINCT stage FROM projects_project) s, LATERAL (
  SELECT id, name, stage, amount_wan, entered_at, limit_on, red_on, owner_id, sector_id, unit_id
    FROM projects_project WHERE stage = s.stage ORDER BY entered_at DESC, id DESC LIMIT 20) p
"""
HEADS = "SELECT stage, count(*), sum(amount_wan) FROM projects_project GROUP BY stage"
SUMS = (
    "SELECT stage, furthest, count(*), sum(amount_wan) FROM leads_lead GROUP BY stage, furthest",
    "SELECT stage, furthest, count(*), sum(amount_wan) FROM projects_project GROUP BY stage, furthest",
    "SELECT stage, avg(days), count(*) FROM leads_leadstagechange GROUP BY stage",
    "SELECT stage, avg(days), count(*) FROM projects_projectstagechange GROUP BY stage",
)
ONE = (
    "SELECT * FROM projects_project p LEFT JOIN crm_company c ON c.id = p.company_id WHERE p.id = %s",
    "SELECT * FROM projects_projectstagechange WHERE project_id = %s ORDER BY seq",
    "SELECT * FROM projects_match WHERE project_id = %s",
    "SELECT v.* FROM leads_visit v JOIN projects_project p ON p.lead_id = v.lead_id WHERE p.id = %s",
)


def measure(stand):
    """The named pages, then every page of the map for the bureau and an officer."""
    manager, officer = stand.visitor("manager"), stand.visitor("officer")
    _leads(stand, manager)
    _projects(stand, manager)
    everything = pages(User.objects.get(username="manager")).values()
    for path in dict.fromkeys((*everything, *BESIDE, *_records())):
        stand.page(f"page:{path}", manager, path)
    for path in OFFICERS:
        stand.page(f"page:{path} officer", officer, path)


def _leads(stand, manager):
    bare, row = stand.bare, _at_depth(0.9)
    deep, key = f"/leads/?page={next_token(row)}", (row.created_at, row.pk)
    stand.page("lead_list", manager, "/leads/", lambda n: bare.rows(FIRST))
    stand.page("lead_list_deep", manager, deep, lambda n: bare.rows(DEEP, key))


def _at_depth(share):
    """The row before the page that lies this far down the list: page 900 of 1,000."""
    leads = Lead.objects.order_by("-created_at", "-pk")
    return leads[int(share * leads.count())]


def _projects(stand, manager):
    bare, sample = stand.bare, stand.projects()
    stand.page("project_board", manager, "/projects/board/", lambda n: [bare.rows(CARDS), bare.rows(HEADS)])
    stand.page(
        "project_detail",
        manager,
        lambda n: f"/projects/{sample[n % len(sample)]}/",
        lambda n: [bare.rows(statement, [sample[n % len(sample)]]) for statement in ONE],
    )
    stand.page("home", manager, "/")
    stand.page("funnel", manager, "/reports/", lambda n: [bare.rows(statement) for statement in SUMS])


def _records():
    """The addresses of one lead, one project, one fund and one trip."""
    newest = (
        Lead.objects.order_by("-created_at").first(),
        Project.objects.open().order_by("pk").first(),
        Fund.objects.order_by("order").first(),
        Roadshow.objects.filter(leads__isnull=False).order_by("-starts_on").first(),
    )
    return [record.get_absolute_url() for record in newest]
