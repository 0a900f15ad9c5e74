"""A choice stands while sources only repeat themselves: 0002_triggers ended it by whatever came later.

A fact recorded after somebody chose is a repetition (`is_repeated`) if it says what was chosen, or what its own
source said last when he chose. Of what is no repetition the newest decides whether the choice holds. The
chosen source repeating the chosen value brings its date up: then that row is in use.
"""

from importlib import import_module

from django.db import migrations

SETTLE = """
CREATE OR REPLACE FUNCTION crm_settle_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM touched) THEN
    RETURN NULL;  -- also the end of what the update below sets off
  END IF;
  WITH standing AS (
    SELECT id, company_id, key, source, as_of, created_at, crm_fact_said(value) AS said,
           first_value(id) OVER newest AS newest,
           first_value(CASE WHEN chosen_at IS NOT NULL THEN id END) OVER chosen AS chosen,
           first_value(chosen_over) OVER chosen AS chosen_over,
           first_value(source) OVER chosen AS chosen_source,
           first_value(crm_fact_said(value)) OVER chosen AS chosen_said,
           row_number() OVER newest_of_source = 1 AS is_latest
      FROM crm_fact
     WHERE withdrawn_at IS NULL AND (company_id, key) IN (SELECT company_id, key FROM touched)
    WINDOW newest AS (PARTITION BY company_id, key ORDER BY as_of DESC, created_at DESC, id DESC),
           chosen AS (PARTITION BY company_id, key ORDER BY chosen_at DESC NULLS LAST, id DESC),
           newest_of_source AS (
             PARTITION BY company_id, key, source ORDER BY as_of DESC, created_at DESC, id DESC)),
  heard AS (
    SELECT *, first_value(CASE WHEN id <= chosen_over THEN said END) OVER (
             PARTITION BY company_id, key, source
             ORDER BY coalesce(id <= chosen_over, false) DESC, as_of DESC, created_at DESC, id DESC
           ) AS said_then
      FROM standing),
  told AS (
    SELECT *, coalesce(chosen_over > 0 AND id > chosen_over
                       AND (said = chosen_said OR said = said_then), false) AS is_repeated
      FROM heard),
  weighed AS (
    SELECT *, first_value(id) OVER (
             PARTITION BY company_id, key ORDER BY is_repeated, as_of DESC, created_at DESC, id DESC
           ) AS newest_said,
           first_value(id) OVER (
             PARTITION BY company_id, key
             ORDER BY coalesce(id = chosen OR is_repeated AND source = chosen_source AND said = chosen_said,
                               false) DESC, as_of DESC, created_at DESC, id DESC
           ) AS restated
      FROM told),
  used AS (
    SELECT *, coalesce(newest_said <= chosen_over, false) AS holds,
           CASE WHEN newest_said <= chosen_over THEN restated ELSE newest END AS used
      FROM weighed),
  beside AS (
    SELECT *, max(source) FILTER (WHERE id = used) OVER pair AS used_source,
           max(said) FILTER (WHERE id = used) OVER pair AS used_said
      FROM used WINDOW pair AS (PARTITION BY company_id, key)),
  mark AS (
    SELECT id, id = used AS is_in_use, id = used AND bool_or(
             is_latest AND source <> used_source AND said IS DISTINCT FROM used_said
             AND NOT (holds AND (id <= chosen_over OR is_repeated))
           ) OVER (PARTITION BY company_id, key) AS is_contested
      FROM beside)
  UPDATE crm_fact AS fact SET is_in_use = mark.is_in_use, is_contested = mark.is_contested
    FROM mark
   WHERE fact.id = mark.id
     AND (fact.is_in_use, fact.is_contested) IS DISTINCT FROM (mark.is_in_use, mark.is_contested);
  UPDATE crm_fact SET is_in_use = false, is_contested = false
   WHERE withdrawn_at IS NOT NULL AND (is_in_use OR is_contested) AND id IN (SELECT id FROM touched);
  RETURN NULL;
END $$;
"""
BEFORE = import_module("crm.migrations.0002_triggers").SETTLE.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
RESETTLE = "UPDATE crm_fact SET key = key WHERE chosen_at IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("crm", "0012_muted_kinds")]

    operations = [migrations.RunSQL([SETTLE, RESETTLE], [BEFORE, RESETTLE])]
