"""字段变更: whoever changes a row by whatever door is written down by the database; nobody rewrites it."""

import pytest

from django.db import DatabaseError, connection, transaction

from config.celery import app as celery_app
from crm import authorship, display
from crm.models import Company, Contact, FieldChange, Qualification, Setting
from leads import contacts
from leads.models import Lead
from manage import main
from tests import callers, make


@pytest.fixture
def lead(owner):
    return make.lead(owner, "深圳恒远智能装备有限公司", amount_wan=3000, next_step="寄材料")


def edit(client, lead, **fields):
    """Save the page of the lead with these fields and the rest as it stands; the answer."""
    form = client.get(f"/leads/{lead.pk}/edit/").context["form"]
    given = {field.name: field.value() for field in form.visible_fields()}
    given |= {"version": Lead.objects.get(pk=lead.pk).version, **fields}
    shown = {f"initial-{name}": "" if value is None else value for name, value in given.items()}
    given = {name: "" if value is None else value for name, value in given.items()}
    answer = client.post(f"/leads/{lead.pk}/edit/", {**shown, **given})
    assert answer.status_code == 302
    return answer


def kept(record):
    """[(changes, by, channel, name)] of the record, the oldest first."""
    rows = FieldChange.objects.filter(kind=record._meta.label_lower, record_key=record.pk).order_by("pk")
    return [(row.changes, row.by, row.channel, row.name) for row in rows]


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.rowcount


# --- who


def test_an_edit_on_the_page_is_kept_with_the_person_and_the_request(as_, owner, lead):
    answer = edit(as_(owner), lead, amount_wan="5000", note="厂房已看")
    changes = {"amount_wan": [3000, 5000], "note": ["", "厂房已看"]}
    assert kept(lead) == [(changes, owner, "page", "")]
    assert FieldChange.objects.get().request_id == answer["X-Request-ID"]


def test_an_edit_by_the_api_is_kept_with_the_partner(bureau):
    caller = callers.partner("市平台")
    pk = caller.post("leads/", {"company_name": "杭州云栖算力有限公司", "channel": "knock", "city": "440300"})
    lead = Lead.objects.get(pk=pk.json()["id"])
    answer = caller.patch(f"leads/{lead.pk}/", {"note": "新消息"}, If_Match='"v1"')
    assert answer.status_code == 200
    assert kept(lead)[-1] == ({"note": ["", "新消息"]}, None, "api", "市平台")


def test_an_edit_by_the_api_is_kept_with_the_person(owner, lead):
    answer = callers.person(owner).patch(f"leads/{lead.pk}/", {"note": "新消息"}, If_Match='"v1"')
    assert answer.status_code == 200
    assert kept(lead) == [({"note": ["", "新消息"]}, owner, "api", "")]


def test_a_bulk_update_of_a_task_is_kept_row_by_row_with_the_name_of_the_task(owner, lead):
    other = make.lead(owner)

    @celery_app.task(name="leads.tasks.plan_anew")
    def plan_anew():
        return Lead.objects.update(next_step="年后再约")

    assert plan_anew() == 2
    assert kept(lead) == [({"next_step": ["寄材料", "年后再约"]}, None, "task", "leads.tasks.plan_anew")]
    assert kept(other)[0][2:] == ("task", "leads.tasks.plan_anew")


@pytest.mark.django_db(transaction=True)
def test_on_one_connection_nobody_signs_for_another(as_, owner, teammate, lead):
    """Every statement commits by itself or in the transaction of its request, as on the real site."""
    edit(as_(owner), lead, note="林晓写的")
    sql("UPDATE leads_lead SET note = %s WHERE id = %s", "没有人写的", lead.pk)
    edit(as_(teammate), lead, note="周舟写的")
    with authorship.acting("task", "夜间整理"):
        assert Lead.objects.filter(pk=lead.pk).update(note="任务写的") == 1
        assert sql("UPDATE leads_lead SET note = '100%%' WHERE id = %s", lead.pk) == 1
    command = f"from leads.models import Lead; Lead.objects.filter(pk={lead.pk}).update(note='壳里写的')"
    main(["manage.py", "shell", "--no-imports", "-c", command])
    Lead.objects.filter(pk=lead.pk).update(note="又没有人")
    signed = [(changes["note"][1], by, name) for changes, by, _, name in kept(lead)]
    assert signed == [
        ("林晓写的", owner, ""),
        ("没有人写的", None, ""),
        ("周舟写的", teammate, ""),
        ("任务写的", None, "夜间整理"),
        ("100%", None, "夜间整理"),
        ("壳里写的", None, "shell"),
        ("又没有人", None, ""),
    ]
    requests = list(FieldChange.objects.filter(channel="page").values_list("request_id", flat=True))
    assert len(set(requests)) == len(requests) == 2


def test_a_name_cannot_break_out_of_its_signature(lead):
    with authorship.acting("command", "x'; DROP TABLE leads_lead; -- %s \\ \""):
        Lead.objects.filter(pk=lead.pk).update(note="写")
    assert kept(lead)[0][3] == "x DROP TABLE leadslead -- s  ".replace("leadslead", "leads_lead")


def test_what_answers_rows_answers_them_behind_the_signature(lead):
    with authorship.acting("task", "一"), connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET note = '一' WHERE id = %s RETURNING id, note", [lead.pk])
        assert cursor.fetchall() == [(lead.pk, "一")]
        cursor.executemany(
            "UPDATE leads_lead SET note = %s WHERE id = %s", [("二", lead.pk), ("三", lead.pk)]
        )
    assert [(changes["note"][1], name) for changes, _, _, name in kept(lead)] == [
        ("一", "一"),
        ("二", "一"),
        ("三", "一"),
    ]


def test_a_page_that_only_reads_asks_nothing_more(as_, owner, lead, django_assert_num_queries):
    with authorship.acting("page"), django_assert_num_queries(1) as asked:
        list(Lead.objects.select_for_update().filter(pk=lead.pk))
    assert "crm.author" not in asked[0]["sql"]


# --- what


def test_what_is_rolled_back_leaves_nothing(lead):
    with transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(note="写")
        assert len(kept(lead)) == 1
        transaction.set_rollback(True)
    assert kept(lead) == []


def test_technical_columns_and_unchanged_rows_leave_nothing(owner, lead):
    Company.objects.update(name="深圳恒远机器人有限公司", name_key="恒远机器人")
    before = FieldChange.objects.count()
    lead.refresh_from_db()
    lead.index_anew()
    lead.refresh_from_db()
    assert any("机" in word for word in lead.grams)
    lead.save_version(lead.version, ["grams"], at=make.NOW)
    lead.save()
    owner.set_password("Another-canal-2026")
    owner.save()
    assert FieldChange.objects.count() == before


def test_a_removal_keeps_what_stood_there_and_no_secret(owner, lead):
    gone = Qualification.objects.create(company=lead.company, kind="国高企", issued_on="2024-03-01")
    pk = gone.pk
    gone.delete()
    row = FieldChange.objects.get(kind="crm.qualification")
    assert (row.is_removal, row.record_key, row.parent_key) == (True, str(pk), str(lead.company_id))
    assert row.changes.items() >= {"kind": ["国高企", None], "issued_on": ["2024-03-01", None]}.items()
    make.user("leaver", "officer", owner.unit).delete()
    changes = FieldChange.objects.get(kind="crm.user").changes
    assert "leaver" in changes["username"]
    assert {"password", "email", "last_login"} & changes.keys() == set()


def test_people_and_numbers_of_the_rules_are_kept_too(owner):
    owner.role = "head"
    owner.save()
    Setting.objects.create(key="protection_days", value=90)
    Setting.objects.filter(key="protection_days").update(value=720)
    assert kept(owner) == [({"role": ["officer", "head"]}, None, "", "")]
    assert FieldChange.objects.get(kind="crm.setting", record_key="protection_days").changes == {
        "value": [90, 720]
    }


@pytest.mark.parametrize("verb", ["UPDATE crm_fieldchange SET by_id = 1", "DELETE FROM crm_fieldchange"])
def test_the_database_refuses_to_change_or_remove_history(lead, verb):
    Lead.objects.filter(pk=lead.pk).update(note="写")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql(verb)
    assert kept(lead) == [({"note": ["", "写"]}, None, "", "")]


EDITED = {
    "crm": "carrier channel company companylink contact fact fusionsector futuretrack holiday lossreason"
    " qualification setting stagesetting tag unit user",
    "leads": "lead roadshow roadshowtarget visit",
    "projects": "agreement building candidatespace commitment computedemand computeoffer criteriaversion"
    " evidence fund incentiveitem policy project receipt space spaceneed",
}


def test_every_table_people_edit_is_watched_and_inserting_costs_nothing(db):
    """After all migrations: dropping a column must not have taken a trigger along."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, array_agg(tgtype ORDER BY tgtype) FROM pg_trigger JOIN pg_proc p"
            " ON p.oid = tgfoid WHERE proname = 'crm_keep_change' AND tgenabled = 'O' GROUP BY 1"
        )
        found = dict(cursor.fetchall())
    tables = [f"{app}_{name}" for app, names in EDITED.items() for name in names.split()]
    after_row_delete, after_row_update = 1 + 8, 1 + 16
    assert found == dict.fromkeys(tables, [after_row_delete, after_row_update])


PRIVATE = "phone|mobile|email|password|token|digest|secret"
COLUMNS = """
SELECT relname || '.' || attname, string_to_array(encode(tgargs, 'escape'), '\\000')
  FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid JOIN pg_class c ON c.oid = tgrelid
  JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE proname = 'crm_keep_change' AND attname ~ %s AND NOT attisdropped
"""


def test_no_watched_column_that_sounds_private_is_kept_in_clear(db):
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [PRIVATE])
        found = {name: args[3] + args[4] for name, args in cursor.fetchall()}
    assert {"crm_contact.phone", "crm_contact.email", "crm_user.password"} <= found.keys()
    assert [name for name, hidden in found.items() if name.split(".")[1] not in hidden] == []


# --- contacts

PHONES = [
    "",
    "1",
    "12345",
    "1234567",
    "12345678",
    "13800000001",
    " 0571-8888 6666 ",
    "+86 138 0000 0001",
    "一二三四五六七八九",
]
EMAILS = ["", "zhou@example.com", "a@b@c.cn", "@x", "无地址", " z@x.cn "]
NAMES = ["", "王", "王海", "欧阳修文远", "John Smith"]


@pytest.mark.parametrize(
    ("column", "mask", "values"),
    [
        ("phone", display.mask_phone, PHONES),
        ("email", display.mask_email, EMAILS),
        ("name", display.mask_name, NAMES),
    ],
)
def test_the_database_masks_as_the_pages_do(db, column, mask, values):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT crm_masked(%s, v) FROM unnest(%s::text[]) WITH ORDINALITY AS t(v, n) ORDER BY n",
            [column, values],
        )
        assert [masked for (masked,) in cursor.fetchall()] == [mask(value) for value in values]


def test_of_a_contact_only_masked_values_are_kept_and_shown(as_, owner, lead):
    person = contacts.Person("王海", "总经理", "13800000001", "wang@example.com")
    contact = contacts.add(lead, person, by=owner, at=make.NOW)
    Contact.objects.filter(pk=contact.pk).update(phone="13811110001", title="董事长")
    raw = str(FieldChange.objects.filter(kind="crm.contact").values_list("changes", flat=True)[0])
    assert "138****0001" in raw
    assert "1111" not in raw
    page = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert "电话：138****0001 → 138****0001（遮蔽的部分有改动）" in page
    assert "职务：总经理 → 董事长" in page
    assert "联系人「王*」" in page
    assert "13811110001" not in page
    contact.delete()
    assert "13811110001" not in str(list(FieldChange.objects.values_list("changes", flat=True)))
