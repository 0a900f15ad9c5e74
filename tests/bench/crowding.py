"""A crowd of open projects for the matching of a whole city: the filled ones again and again, in SQL.

Ten times the leads would fill for an hour what matching never reads. Here every open project comes again with
a company of its own; amounts, founding days and numbers differ, so that the columns are as wide as real ones.
"""

from django.db import connection, transaction

from crm.models import Company, Fact
from leads.models import Lead
from projects.demo.copying import set_aside
from projects.models import Project

COPIED = (Company, Lead, Project, Fact)
QUIET = "ALTER TABLE crm_fact {how} TRIGGER settled_after_insert"  # the filled say which is in use
# half of it to half as much again, three digits long as people say such numbers
ABOUT = """
CREATE FUNCTION pg_temp.about(amount numeric) RETURNS numeric LANGUAGE sql VOLATILE AS
  'SELECT round(ceil(x), 2 - floor(log(x))::int) FROM (SELECT amount * (0.5 + random())::numeric) AS one (x)'
"""
# which project is copied how often, and the numbers of the copies
PLAN = """
CREATE TEMPORARY TABLE crowd ON COMMIT DROP AS
SELECT p.id AS project, p.company_id AS company, p.lead_id AS lead,
       row_number() OVER (ORDER BY n, p.id) AS place
  FROM (SELECT * FROM projects_project
         WHERE stage <> ALL(ARRAY['lost', 'aftercare']) AND company_id IS NOT NULL) AS p,
       generate_series(1, %(times)s) AS n
 ORDER BY n, p.id LIMIT %(missing)s
"""
COPY = """
INSERT INTO {table}
SELECT again.* FROM crowd JOIN {table} AS one ON one.id = crowd.{source},
       LATERAL jsonb_populate_record(one, jsonb_build_object({changes})) AS again
"""
FACTS = """
INSERT INTO crm_fact
SELECT again.* FROM crowd JOIN crm_fact AS one ON one.company_id = crowd.company,
       LATERAL jsonb_populate_record(one, jsonb_build_object(
         'id', nextval('crm_fact_id_seq'), 'company_id', %(company)s + place,
         'value', CASE WHEN one.key = ANY(%(numbers)s) AND jsonb_typeof(one.value) = 'number'
                       THEN to_jsonb(pg_temp.about((one.value #>> '{}')::numeric))
                       ELSE one.value END)) AS again
"""
NUMBERS = ["staff", "valuation", "ticket", "rd_cost_ratio"]
MAKES = {
    Company: (
        "company",
        "'id', %(company)s + place, 'uscc', NULL, 'name', one.name || place,"
        " 'established_on', one.established_on - (random() * 900)::int",
    ),
    Lead: (
        "lead",
        "'id', %(lead)s + place, 'company_id', %(company)s + place, 'external_id', '',"
        " 'grams', '[]'::jsonb, 'likeness', '[]'::jsonb",
    ),
    Project: (
        "project",
        "'id', %(project)s + place, 'company_id', %(company)s + place, 'lead_id', %(lead)s + place,"
        " 'code', 'GX' || place, 'amount_wan', pg_temp.about(one.amount_wan)",
    ),
}


@transaction.atomic
def grow(count):
    """As many open projects as `count`, on a working copy of the bench; the tables are locked meanwhile."""
    found = Project.objects.open().count()
    missing = count - found
    if missing <= 0:
        return
    top = {model._meta.model_name: model.objects.order_by("-pk").values_list("pk")[0][0] for model in COPIED}
    values = {**top, "numbers": NUMBERS, "missing": missing, "times": -(-missing // max(found // 2, 1))}
    with connection.cursor() as cursor, set_aside(COPIED):
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(ABOUT)
        cursor.execute(PLAN, values)
        for model, (source, changes) in MAKES.items():
            cursor.execute(COPY.format(table=model._meta.db_table, source=source, changes=changes), values)
        cursor.execute(QUIET.format(how="DISABLE"))
        cursor.execute(FACTS, values)
        cursor.execute(QUIET.format(how="ENABLE"))
