"""导出 as a job: made by a worker, approved above the limit, cancelled, kept for the person alone."""

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from django.utils import timezone

from crm import exporting
from crm.models import AuditEvent, ExportJob, Notification, Setting
from leads import exports
from projects import export_filters
from tests import make


@pytest.fixture
def leads(owner, outsider, monkeypatch):
    """Four leads of the own unit, more than are written at once, and one of another unit."""
    monkeypatch.setattr(exporting, "SMALL", 2)
    for n in range(4):
        make.lead(owner, f"深圳甲{n}智能有限公司", contact_name="王海", contact_phone=f"1380000000{n}")
    make.lead(outsider, "深圳丙三智能有限公司")


def limit(rows):
    Setting.objects.create(key="export_rows_max", value=rows)


def ask(client, address="q=智能", **more):
    given = {"kind": "leads", "query": address, **more}
    return client.post("/exports/new/", given)


def make_all():
    export_filters.resume_all(timezone.now())


def body(answer):
    assert answer.status_code == 200
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    head, *rows = sheet.get_sheet_by_index(0).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows]


def events():
    return list(
        AuditEvent.objects.filter(action__contains="export").order_by("pk").values_list("action", flat=True)
    )


def test_a_larger_export_is_made_by_a_worker_with_the_columns_asked_for(as_, owner, teammate, leads):
    client = as_(owner)
    page = client.get("/leads/export/", {"q": "智能", "columns": "stage.next"})
    assert page.status_code == 200
    assert "后台生成" in page.content.decode()
    job_page = ask(client, "q=智能&columns=stage.next").url
    working = client.get(job_page).content.decode()
    assert 'hx-trigger="every 2s"' in working
    assert "共 4 行" in working
    assert client.get(f"{job_page}file/").status_code == 409
    make_all()
    ready = client.get(job_page, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in ready
    rows = body(client.get(f"{job_page}file/"))
    assert len(rows) == 4
    assert "联系电话" not in rows[0]
    assert events() == ["export", "download_export"]
    assert Notification.objects.filter(user=owner, url=job_page).count() == 1
    for address in (job_page, f"{job_page}file/"):
        assert as_(teammate).get(address).status_code == 404


def test_above_the_limit_the_bureau_approves_with_all_told_and_written_down(as_, owner, manager, leads):
    limit(3)
    client = as_(owner)
    refused = client.get("/leads/export/", {"q": "智能"})
    assert refused.status_code == 400
    assert "超过一次 3 行的导出上限，没有导出" in refused.content.decode()
    assert ask(client).status_code == 400
    assert not ExportJob.objects.exists()
    page = ask(client, reason="月度汇总").url
    make_all()
    assert ExportJob.objects.get().state == "asked"
    assert "请审批" in Notification.objects.get(user=manager).title
    decide = f"{page}decide/"
    assert client.post(decide, {"decision": "approve"}).status_code == 403
    boss = as_(manager)
    assert "月度汇总" in boss.get("/exports/").content.decode()
    assert boss.post(decide, {"decision": "refuse"}).status_code == 400
    assert boss.post(decide, {"decision": "approve", "opinion": "可以"}).status_code == 302
    assert boss.post(decide, {"decision": "approve"}).status_code == 409
    make_all()
    assert boss.get(f"{page}file/").status_code == 404
    assert len(body(as_(owner).get(f"{page}file/"))) == 4
    assert events() == ["ask_export", "decide_export", "export", "download_export"]
    told = Notification.objects.filter(user=owner).values_list("title", flat=True)
    assert [title for title in told if "批准" in title]


def test_a_request_nobody_answers_lapses_and_its_person_is_told(as_, owner, manager, leads):
    limit(3)
    page = ask(as_(owner), reason="月度汇总").url
    exporting.forget(timezone.now() + timedelta(days=29))
    assert ExportJob.objects.get().state == "asked"
    exporting.forget(timezone.now() + timedelta(days=30, minutes=1))
    assert "30 天没有人审批" in as_(owner).get(page).content.decode()
    assert Notification.objects.filter(user=owner, title__contains="没有生成").count() == 1
    assert as_(manager).post(f"{page}decide/", {"decision": "approve"}).status_code == 409
    make_all()
    assert not ExportJob.objects.get().file


def test_a_refused_request_says_why_and_makes_no_file(as_, owner, manager, leads):
    limit(3)
    page = ask(as_(owner), reason="看看").url
    as_(manager).post(f"{page}decide/", {"decision": "refuse", "opinion": "用途不清"})
    make_all()
    said = as_(owner).get(page).content.decode()
    assert "没有批准" in said
    assert "用途不清" in said
    assert not ExportJob.objects.get().file


def test_what_is_written_is_what_the_person_may_see_when_it_is_made(as_, owner, outsider, leads):
    client = as_(owner)
    page = ask(client, "q=智能&contacts=full&purpose=推介会邀请").url
    owner.unit = outsider.unit
    owner.save()
    make_all()
    (row,) = body(as_(owner).get(f"{page}file/"))
    assert row["企业"] == "深圳丙三智能有限公司"


def test_full_numbers_need_a_purpose_and_the_role(as_, owner, leader, leads):
    assert ask(as_(owner), "q=智能&contacts=full").status_code == 400
    assert ask(as_(leader), "q=智能&contacts=full&purpose=看看").status_code == 400
    assert not ExportJob.objects.exists()
    client = as_(owner)
    page = ask(client, "q=智能&contacts=full&purpose=推介会邀请").url
    make_all()
    assert {row["联系电话"] for row in body(client.get(f"{page}file/"))} >= {"13800000000"}
    assert AuditEvent.objects.get(action="export").detail["联系方式"] == "完整，用途：推介会邀请"


def test_an_export_is_cancelled_before_or_while_it_is_made(as_, owner, leads, monkeypatch):
    client = as_(owner)
    page = ask(client).url
    assert client.post(f"{page}cancel/").status_code == 302
    make_all()
    assert "已取消" in client.get(page).content.decode()
    again = ask(client).url
    monkeypatch.setattr(exports, "TOLD", 1)

    teller = exporting._teller

    def told(job):
        tell = teller(job)

        def and_cancels(done):
            if done == 2:
                exporting.cancel(job, at=timezone.now())
            tell(done)

        return and_cancels

    monkeypatch.setattr(exporting, "_teller", told)
    make_all()
    job = ExportJob.objects.get(token=again.split("/")[2])
    assert (job.state, job.done, bool(job.file)) == ("cancelled", 1, False)
    assert events() == []


def test_a_file_goes_after_its_days(as_, owner, leads):
    client = as_(owner)
    page = ask(client).url
    make_all()
    job = ExportJob.objects.get()
    path = job.file.storage.path(job.file.name)
    assert exporting.forget(timezone.now()) == 0
    assert exporting.forget(timezone.now() + exporting.KEPT + timedelta(minutes=1)) == 1
    assert not job.file.storage.exists(path)
    assert client.get(f"{page}file/").status_code == 409
    assert "保留的日子已过" in client.get(page).content.decode()


@pytest.mark.parametrize("kind, name", [("leads", "企业"), ("projects", "项目名称")])
def test_a_worker_keeps_the_order_of_the_list(as_, owner, monkeypatch, kind, name):
    monkeypatch.setattr(exporting, "SMALL", 1)
    made = {"leads": make.lead, "projects": make.project}[kind]
    for title, amount in (("甲", 3000), ("乙", 800), ("丙", 12000)):
        made(owner, name=f"深圳{title}一智能有限公司", amount_wan=amount)
    client = as_(owner)
    page = client.get(f"/{kind}/", {"q": "智能", "sort": "amount"})
    job = ask(client, page.context["export_query"], kind=kind).url
    make_all()
    assert [row[name][2] for row in body(client.get(f"{job}file/"))] == ["乙", "甲", "丙"]


def test_projects_and_what_was_ticked_go_the_same_way(as_, owner, leads):
    make.project(owner)
    limit(0)
    client = as_(owner)
    answer = client.get("/projects/export/")
    assert (answer.status_code, "申请审批" in answer.content.decode()) == (400, True)
    assert (
        client.post("/exports/new/", {"kind": "projects", "query": "", "reason": "汇总"}).status_code == 302
    )
    begun = client.post(
        "/leads/bulk/", {"action": "export", "all": "1", "shown": "q=甲", "next": "/leads/?q=甲"}
    )
    asked = client.post(f"{begun.url}export/")
    assert asked.status_code == 400
    bulk = begun.url.strip("/").split("/")[-1]
    page = client.post("/exports/new/", {"kind": "leads", "bulk": bulk, "reason": "选中的"})
    job = ExportJob.objects.get(token=page.url.split("/")[2])
    assert (job.state, job.rows, len(job.keys)) == ("asked", 4, 4)


def test_the_pages_ask_the_same_for_few_and_for_many(as_, owner, leads, django_assert_max_num_queries):
    client = as_(owner)
    for _ in range(6):
        page = ask(client).url
    for address, most in (("/exports/", 14), (page, 14)):
        with django_assert_max_num_queries(most):
            client.get(address)
