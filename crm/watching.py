"""SQL for migrations: which tables keep the history of their fields, and by which trigger.

A watched table needs nothing else: whoever changes a row, by whatever door, is written down. Columns that
come later are kept without a new trigger; one that must not be kept is named in a new `watch` of its table.
"""

import json

MASK = """
CREATE FUNCTION crm_masked(name text, value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bare text := btrim(value);
    size int := length(bare);
    head int := least(3, size - 8);
    account text := substring(bare from '^(.*)@');
BEGIN
    IF size = 0 THEN
        RETURN '';
    ELSIF name = 'phone' AND size < 8 THEN
        RETURN repeat('*', greatest(size - 2, 4)) || CASE WHEN size > 4 THEN right(bare, 2) ELSE '' END;
    ELSIF name = 'phone' THEN
        RETURN left(bare, head) || repeat('*', size - head - 4) || right(bare, 4);
    ELSIF name = 'email' AND account IS NOT NULL THEN
        RETURN left(account, 1) || '***' || substr(bare, length(account) + 1);
    ELSIF name = 'email' THEN
        RETURN left(bare, 1) || '***';
    END IF;
    RETURN left(bare, 1) || repeat('*', least(greatest(size - 1, 1), 3));
END $$;
"""

# Arguments: kind of the record, its key, its parent's key, the personal columns, those that are never kept
# as an object of nulls. With these nulls both rows are compared first: that costs a tenth of reading them.
KEEP = """
CREATE FUNCTION crm_keep_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    author jsonb;
    before jsonb;
    after jsonb;
    changes jsonb;
    personal text[] := TG_ARGV[3];
    never jsonb := TG_ARGV[4];
BEGIN
    OLD := jsonb_populate_record(OLD, never);
    IF TG_OP = 'UPDATE' THEN
        NEW := jsonb_populate_record(NEW, never);
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NULL;
        END IF;
        after := to_jsonb(NEW);
    END IF;
    before := to_jsonb(OLD);
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (personal)
               THEN jsonb_build_array(crm_masked(key, before ->> key), crm_masked(key, after ->> key))
               ELSE jsonb_build_array(value, after -> key) END)
      INTO changes
      FROM jsonb_each(before)
     WHERE value IS DISTINCT FROM coalesce(after -> key, 'null');
    IF changes IS NULL THEN
        RETURN NULL;  -- told apart as rows, but alike in writing
    END IF;
    author := nullif(current_setting('crm.author', true), '');
    INSERT INTO crm_fieldchange
        (at, by_id, channel, name, request_id, kind, record_key, parent_key, is_removal, changes)
    VALUES (clock_timestamp(), (author ->> 'by')::bigint, coalesce(author ->> 'channel', ''),
            coalesce(author ->> 'name', ''), coalesce(author ->> 'request', ''),
            TG_ARGV[0], before ->> TG_ARGV[1], coalesce(before ->> TG_ARGV[2], ''),
            TG_OP = 'DELETE', changes);
    RETURN NULL;
END $$;
"""

FORBID = """
CREATE FUNCTION crm_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of fields is append-only';
END $$;
CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE ON crm_fieldchange
    FOR EACH ROW EXECUTE FUNCTION crm_history_is_append_only();
"""

INSTALL = MASK + KEEP + FORBID
REMOVE = """
DROP TRIGGER history_append_only ON crm_fieldchange;
DROP FUNCTION crm_history_is_append_only();
DROP FUNCTION crm_keep_change();
DROP FUNCTION crm_masked(text, text);
"""


def watch(table, kind, never=(), *, key="id", parent="", personal=()):
    """The SQL that lets `table` keep every change and removal of its rows as those of a record of `kind`.

    `parent` is the column of the record the row belongs to; `personal` columns are kept masked, `never`
    ones (technical, derived, secret) not at all. Nothing is done for a row that stays as it was.
    """
    words = (kind, key, parent, "{" + ",".join(personal) + "}", json.dumps(dict.fromkeys(never)))
    call = "EXECUTE FUNCTION crm_keep_change({})".format(", ".join(f"'{word}'" for word in words))
    return f"""
CREATE OR REPLACE TRIGGER history_of_change AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) {call};
CREATE OR REPLACE TRIGGER history_of_removal AFTER DELETE ON {table} FOR EACH ROW {call};
"""


def leave(table):
    """The SQL that lets `table` keep no history any more."""
    return f"DROP TRIGGER history_of_change ON {table}; DROP TRIGGER history_of_removal ON {table};"
