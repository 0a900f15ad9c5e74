"""行程 and 导入 through the doors: plan, upload, preview, confirm, what is refused, what is left."""

import random
import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from celery.exceptions import SoftTimeLimitExceeded

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEvent, Notification, Setting
from leads import import_reading, importing, reporting, trips
from leads.models import ImportJob, ImportRow, Lead, Roadshow, RoadshowTarget
from leads.sheet_columns import TEMPLATE
from tests import make

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = [
    "序号",
    "企业名称",
    "统一社会信用代码",
    "所在城市",
    "联系人",
    "联系电话",
    "拟投资额（万元）",
    "融合赛道",
    "对接日期",
]
ROWS = [
    [
        1,
        "无锡极目低空信息技术有限公司",
        "91330105MADEMQ012G",
        "无锡",
        "林景行",
        15400000001,
        "0.3亿",
        "智能制造",
        "2026年4月13日",
    ],
    [2, "上海远瞻视觉信息技术有限公司", "", "上海", "王怀瑾", "15400000002", 800, "基础层", "2026.4.14"],
    [3, "无锡极目机器人有限公司", "91330105MADEMQ012G", "无锡", "林景行", "", 800, "", "2026/04/14"],
    [4, "上海远瞻视觉信息技术有限公司 ", "", "上海", "王怀瑾", "", 800, "", "2026/04/14"],
    [5, "", "", "上海", "周一鸣", "", 800, "", "2026/04/14"],
    [6, "常州拓界科技有限公司", "", "常州", "", "", "面议较大", "", "尽快"],
    [7, "=cmd|' /C calc'!A0深圳极目物流科技有限公司", "", "深圳", "", "", "", "待定", ""],
]


def sheet(rows=ROWS, head=HEAD):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["2026年敲门招商企业对接情况汇总表"])
    page.append(head)
    for row in rows:
        page.append(row)
        for cell in page[page.max_row]:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.data_type = "s"
    page.append(["合计", None, None, None, None, None, "=SUM(G3:G9)"])
    page.append(["注：未注明单位的按万元计。"])
    file = BytesIO()
    book.save(file)
    return SimpleUploadedFile("对接表.xlsx", file.getvalue(), XLSX)


@pytest.fixture
def trip(station):
    return make.roadshow(station)


@pytest.fixture
def job(as_, station, trip):
    as_(station).post(reverse("leads:upload", args=[trip.pk]), {"file": sheet()})
    return ImportJob.objects.get()


def test_a_station_plans_a_trip_with_people_and_targets(as_, station, owner):
    answer = as_(station).post(
        reverse("leads:roadshow_new"),
        {
            "title": "2026年4月深圳敲门招商",
            "kind": "knock",
            "city": "440300",
            "starts_on": "2026-04-13",
            "ends_on": "2026-04-17",
            "members": [station.pk, owner.pk],
            "leader": station.pk,
            "budget_wan": "3万",
            "targets": "深圳星河低空装备有限公司\n深圳牧星文旅有限公司\n\n深圳星河低空装备有限公司",
        },
    )
    trip = Roadshow.objects.get()
    assert answer.url == trip.get_absolute_url()
    assert (trip.unit, trip.city.name, trip.budget_wan) == (station.unit, "深圳", Decimal(3))
    assert set(trip.members.all()) == {station, owner}
    assert trip.targets.count() == 2
    page = as_(station).get(answer.url).content.decode()
    assert "第 4 行「深圳星河低空装备有限公司」与第 1 行重复，只列一次。" in page
    assert "预算 3 万元" in page
    assert "实际费用 未填" in page


def test_a_target_already_on_the_list_is_told_with_its_line_also_in_another_writing(as_, station, trip):
    RoadshowTarget.objects.create(roadshow=trip, company_name="深圳牧星文旅有限公司")
    lines = "深圳星河装备有限公司\n\n深圳牧星文旅（有限公司）\n深圳星河装备股份有限公司"
    answer = as_(station).post(reverse("leads:targets_add", args=[trip.pk]), {"targets": lines}, follow=True)
    page = answer.content.decode()
    assert "目标清单新增 1 家" in page
    assert "第 3 行「深圳牧星文旅（有限公司）」（即「深圳牧星文旅有限公司」）已在清单里，没有再加。" in page
    assert "第 4 行「深圳星河装备股份有限公司」（即「深圳星河装备有限公司」）与第 1 行重复" in page
    assert [target.company_name for target in trip.targets.all()] == [
        "深圳牧星文旅有限公司",
        "深圳星河装备有限公司",
    ]


def test_whoever_went_along_fills_in_the_results_and_nobody_else(as_, station, trip, owner, teammate):
    trip.members.add(owner)
    target = RoadshowTarget.objects.create(roadshow=trip, company_name="深圳牧星文旅科技有限公司")
    address = reverse("leads:target_resolve", args=[trip.pk, target.pk])
    assert "填写结果" in as_(owner).get(trip.get_absolute_url()).content.decode()
    assert as_(owner).post(address, {"state": "not_visited", "note": "改期"}).status_code == 302
    assert "填写结果" not in as_(teammate).get(trip.get_absolute_url()).content.decode()
    refused = as_(teammate).post(address, {"state": "visited", "note": ""})
    assert refused.status_code == 403
    assert "由同行人员、站长、单位负责人填写" in refused.content.decode()
    target.refresh_from_db()
    assert (target.state, target.note) == ("not_visited", "改期")


def test_the_cost_of_a_trip_is_corrected_and_shown(as_, station, trip):
    given = {"title": trip.title, "kind": "knock", "city": "440300", "version": trip.version}
    given |= {"starts_on": "2026-04-13", "ends_on": "2026-04-17", "budget_wan": "3", "cost_wan": "2.6"}
    as_(station).post(reverse("leads:roadshow_edit", args=[trip.pk]), given)
    assert "实际费用 2.6 万元" in as_(station).get(trip.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ends_on": "2026-04-01"}, "结束日期不能早于开始日期"),
        ({"city": ""}, "请填写城市"),
        ({"starts_on": "四月"}, "日期请写成"),
    ],
)
def test_a_senseless_trip_is_refused_at_the_field_and_nothing_is_written(as_, station, change, words):
    data = {
        "title": "行程",
        "kind": "knock",
        "city": "440300",
        "starts_on": "2026-04-13",
        "ends_on": "2026-04-17",
    }
    answer = as_(station).post(reverse("leads:roadshow_new"), {**data, **change})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Roadshow.objects.exists()


def test_everything_wrong_with_a_trip_is_said_at_once(as_, station):
    given = {
        "title": "",
        "kind": "knock",
        "city": "440300",
        "starts_on": "2026-04-17",
        "ends_on": "2026-04-13",
    }
    given |= {"budget_wan": "很多", "targets": "企" * 121}
    answer = as_(station).post(reverse("leads:roadshow_new"), given)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"title", "ends_on", "budget_wan", "targets"}
    assert answer.context["form"].errors["ends_on"] == ["结束日期不能早于开始日期。"]
    assert not Roadshow.objects.exists()


def test_an_officer_does_not_plan_trips(as_, owner):
    answer = as_(owner).get(reverse("leads:roadshow_new"))
    assert answer.status_code == 403
    assert "只有站长" in answer.content.decode()


def test_a_stale_trip_form_shows_both_values_and_overwrites_nothing(as_, station, trip):
    address = reverse("leads:roadshow_edit", args=[trip.pk])
    data = {
        "title": "我的标题",
        "kind": "knock",
        "city": "440300",
        "starts_on": "2026-04-13",
        "ends_on": "2026-04-17",
        "version": trip.version,
    }
    Roadshow.objects.filter(pk=trip.pk).update(title="别人的标题", purpose="低空", version=9)
    answer = as_(station).post(address, data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "我的标题" in page
    assert "别人的标题" in page
    assert Roadshow.objects.get().title == "别人的标题"
    assert re.search(r'name="choose-title" value="theirs" required checked', page)
    again = {**data, "version": 9, "clash": ["title", "purpose"], "choose-purpose": "theirs"}
    assert as_(station).post(address, again).status_code == 409
    assert Roadshow.objects.get().title == "别人的标题"
    assert as_(station).post(address, {**again, "choose-title": "theirs"}).status_code == 302
    assert (Roadshow.objects.get().title, Roadshow.objects.get().purpose) == ("别人的标题", "低空")
    again |= {"version": 10, "choose-title": "mine"}
    assert as_(station).post(address, again).status_code == 302
    assert Roadshow.objects.get().title == "我的标题"


def test_a_target_not_visited_wants_a_reason(as_, station, trip):
    target = RoadshowTarget.objects.create(roadshow=trip, company_name="深圳牧星文旅科技有限公司")
    address = reverse("leads:target_resolve", args=[trip.pk, target.pk])
    assert as_(station).post(address, {"state": "not_visited", "note": ""}).status_code == 400
    as_(station).post(address, {"state": "not_visited", "note": "负责人出差"})
    target.refresh_from_db()
    assert (target.state, target.note) == ("not_visited", "负责人出差")


def test_of_two_results_given_at_once_the_second_is_told_of_the_first(as_, station, trip, owner):
    trip.members.add(owner)
    target = RoadshowTarget.objects.create(roadshow=trip, company_name="深圳牧星文旅科技有限公司")
    address = reverse("leads:target_resolve", args=[trip.pk, target.pk])
    page = as_(owner).get(trip.get_absolute_url()).content.decode()
    assert page.count('name="seen" value="planned"') == 2  # of one tap, and of the whole form
    first = {"state": "no_follow_up", "note": "明确不来", "seen": "planned"}
    assert as_(station).post(address, first).status_code == 302
    refused = as_(owner).post(address, {"quick": "away", "seen": "planned"})
    assert refused.status_code == 409
    assert "刚被同事标为「无需跟进：明确不来」" in refused.content.decode()
    assert as_(station).post(address, first).status_code == 302  # the same again, by a second tap
    target.refresh_from_db()
    assert (target.state, target.note) == ("no_follow_up", "明确不来")
    assert as_(owner).post(address, {"quick": "away", "seen": "no_follow_up"}).status_code == 302


def test_a_target_that_is_a_lead_takes_no_other_result(as_, station, trip, owner):
    trip.members.add(owner)
    target = RoadshowTarget.objects.create(roadshow=trip, company_name="深圳牧星文旅科技有限公司")
    lead = make.lead(owner, "深圳牧星文旅科技有限公司", roadshow=trip)
    address = reverse("leads:target_resolve", args=[trip.pk, target.pk])
    refused = as_(station).post(address, {"quick": "away", "seen": "planned"})
    assert refused.status_code == 409
    assert "已经记成线索" in refused.content.decode()
    target.refresh_from_db()
    assert (target.state, target.note, target.lead) == ("visited", "", lead)


def test_a_company_met_after_all_keeps_no_reason_why_it_was_not_visited(station, trip):
    names = ("深圳牧星文旅科技有限公司", "深圳牧星装备有限公司")
    put_off, agreed = (RoadshowTarget.objects.create(roadshow=trip, company_name=name) for name in names)
    trips.resolve(put_off, state="not_visited", note="对方改期", by=station)
    trips.resolve(agreed, state="appointed", note="三楼会议室", by=station)
    for name in names:
        make.lead(station, name, roadshow=trip)
    rows = reporting.figures(trip, station)["targets"]
    assert rows == [[names[0], "已访", "—"], [names[1], "已访", "三楼会议室"]]


def test_a_target_without_lead_or_reason_has_no_result_wherever_it_is_counted(as_, station):
    today = timezone.localdate()
    trip = make.roadshow(station, starts_on=today, ends_on=today)
    for n, state in enumerate(("planned", "visited", "no_follow_up", "visited")):
        RoadshowTarget.objects.create(roadshow=trip, company_name=f"深圳牧星{n}号有限公司", state=state)
    make.lead(station, "深圳牧星3号有限公司", roadshow=trip, at=timezone.now())
    client = as_(station)
    assert [one.unresolved for one in client.get(reverse("leads:roadshows")).context["trips"]] == [2]
    assert "2 / 4 有结果" in client.get(trip.get_absolute_url()).content.decode()
    assert "2 家目标待办" in client.get("/").content.decode()
    assert list(Roadshow.objects.with_unresolved().values_list("unresolved", flat=True)) == [2]


def test_the_preview_says_per_row_what_will_happen_and_writes_nothing(as_, station, job):
    verdicts = dict(job.rows.values_list("number", "verdict"))
    assert verdicts == {
        3: "new",
        4: "new",
        5: "duplicate",
        6: "suspected",
        7: "error",
        8: "error",
        9: "new",
    }
    assert job.header_row == 2
    assert not Lead.objects.exists()
    page = as_(station).get(job.get_absolute_url()).content.decode()
    assert "第 3 行是同一家企业" in page
    assert "没有填，请补上企业名称" in page
    assert "确认写入" in page


def test_only_what_is_confirmed_is_written(as_, station, trip, job):
    address = reverse("leads:import_confirm", args=[job.pk])
    as_(station).post(address, {"skip": ["9"], "write": ["6"]})
    titles = list(Lead.objects.order_by("pk").values_list("title", flat=True))
    assert titles == [ROWS[0][1], ROWS[1][1], ROWS[3][1].strip()]
    first = Lead.objects.order_by("pk").first()
    assert (first.amount_wan, first.roadshow, first.unit, first.city.name) == (
        3000,
        trip,
        station.unit,
        "无锡",
    )
    assert (first.sector.code, first.first_response_at.astimezone().date()) == (
        "smart_manufacturing",
        date(2026, 4, 13),
    )
    second = Lead.objects.order_by("pk")[1]
    assert (second.sector_kind, second.sector) == ("foundation", None)
    assert second.company != Lead.objects.order_by("pk")[2].company
    job.refresh_from_db()
    assert (job.state, job.counts["written"], job.counts["refused"]) == ("done", 3, 0)
    assert AuditEvent.objects.filter(action="import", actor=station).count() == 1
    assert Notification.objects.get(user=station).kind == "import"


def test_a_second_confirmation_is_refused_and_writes_nothing_twice(as_, station, job):
    address = reverse("leads:import_confirm", args=[job.pk])
    as_(station).post(address)
    count = Lead.objects.count()
    assert as_(station).post(address).status_code == 409
    assert Lead.objects.count() == count == 3


def test_a_second_confirmation_is_refused_and_leads_to_the_import(as_, station, job):
    client, address = as_(station), reverse("leads:import_confirm", args=[job.pk])
    client.post(address)
    answer = client.post(address)
    assert answer.status_code == 409
    assert "已完成，不能再确认" in answer.content.decode()
    assert f'href="{job.get_absolute_url()}"' in answer.content.decode()
    assert Lead.objects.count() == 3


def test_a_broken_off_writing_goes_on_where_it_stopped(station, job, now):
    importing.confirm(job, by=station, at=now)
    row = importing.to_write(job).order_by("number").first()
    importing._write(job, row, importing.Words(), now)
    importing.resume_all(now)
    importing.resume_all(now)
    job.refresh_from_db()
    assert (job.state, Lead.objects.count()) == ("done", 3)


def test_two_sweeps_read_a_sheet_once_and_neither_gives_the_job_up(station, trip, now):
    job = ImportJob(roadshow=trip, unit=station.unit, by=station, filename="名单.xlsx", created_at=now)
    job.file.save("名单.sheet", sheet())
    slower = ImportJob.objects.get()
    importing.resume_all(now)
    rows = ImportRow.objects.count()
    importing.resume(slower, at=now)
    importing.give_up(slower)
    job.refresh_from_db()
    assert (job.state, ImportRow.objects.count()) == ("checked", rows)


@pytest.mark.parametrize("error", [SoftTimeLimitExceeded, OperationalError])
def test_writing_broken_off_by_what_passes_goes_on_in_the_next_minute(station, job, now, monkeypatch, error):
    importing.confirm(job, by=station, at=now)

    def breaks_off(*args, **kwargs):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(importing, "capture_many", breaks_off)
        with pytest.raises(error):
            importing.resume_all(now)
    job.refresh_from_db()
    assert job.state == "writing"
    importing.resume_all(now)
    job.refresh_from_db()
    assert (job.state, Lead.objects.count()) == ("done", 3)


@pytest.mark.django_db(transaction=True)
def test_confirming_what_a_worker_took_up_in_that_moment_only_shows_the_progress(as_, station, job):
    worker = connection.copy()
    with worker.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [importing.LOCK_SPACE, job.pk])
    answer = as_(station).post(reverse("leads:import_confirm", args=[job.pk]))
    worker.close()
    assert answer.url == job.get_absolute_url()
    job.refresh_from_db()
    assert (job.state, Lead.objects.count()) == ("writing", 0)


def uploaded(client, trip, *rows):
    client.post(reverse("leads:upload", args=[trip.pk]), {"file": sheet(rows=rows)})
    return ImportJob.objects.latest("pk")


def test_a_district_is_read_as_its_city_and_said_so(as_, station, trip):
    job = uploaded(
        as_(station), trip, [1, "上海极目低空信息技术有限公司", "", "上海浦东", "", "", "", "", ""]
    )
    page = as_(station).get(job.get_absolute_url()).content.decode()
    assert "所在城市「上海浦东」按「上海」登记" in page
    as_(station).post(reverse("leads:import_confirm", args=[job.pk]))
    lead = Lead.objects.get()
    assert (lead.city.name, lead.note) == ("上海", "（原表所在城市：上海浦东）")


def test_words_no_list_has_are_told_in_the_preview_and_kept_in_the_note(as_, station, trip):
    row = [1, "无锡极目低空信息技术有限公司", "", "梁溪", "", "", "", "具身智能", "2026-04-13"]
    job = uploaded(as_(station), trip, row)
    page = as_(station).get(job.get_absolute_url()).content.decode()
    assert "所在城市「梁溪」不在词表里" in page
    assert "融合赛道「具身智能」不在词表里" in page
    as_(station).post(reverse("leads:import_confirm", args=[job.pk]))
    lead = Lead.objects.get()
    assert (lead.city.name, lead.sector, lead.sector_kind) == ("深圳", None, "")
    assert lead.note == "（原表所在城市：梁溪）（原表融合赛道：具身智能）"


@pytest.mark.parametrize(
    ("written", "met_on", "note"),
    [
        ("2026-04-14", date(2026, 4, 14), ""),
        ("", date(2026, 4, 17), ""),
        ("2099-04-14", date(2026, 4, 17), "（原表对接日期：2099-04-14）"),
    ],
)
def test_a_company_without_its_day_was_met_before_the_trip_ended(as_, station, trip, written, met_on, note):
    row = [1, "无锡极目低空信息技术有限公司", "", "无锡", "", "", "", "", written]
    job = uploaded(as_(station), trip, row)
    as_(station).post(reverse("leads:import_confirm", args=[job.pk]))
    lead = Lead.objects.get()
    assert (lead.first_response_at.astimezone().date(), lead.note) == (met_on, note)
    assert lead.visits.get().at == lead.first_response_at


def test_the_list_of_a_trip_to_come_meets_nobody(as_, station):
    begins = timezone.localdate() + timedelta(days=3)
    trip = make.roadshow(station, starts_on=begins, ends_on=begins)
    job = uploaded(as_(station), trip, [1, "无锡极目低空信息技术有限公司", "", "", "", "", "", "", ""])
    as_(station).post(reverse("leads:import_confirm", args=[job.pk]))
    lead = Lead.objects.get()
    assert (lead.first_response_at, lead.visits.count()) == (None, 0)


def test_the_limit_of_uploads_in_the_settings_counts_for_reading_too(as_, station, trip):
    Setting.objects.create(key="attachment_mb", value=30)
    file = sheet()
    book = BytesIO(file.read())
    with ZipFile(book, "a") as package:
        package.writestr("xl/media/photo.jpeg", random.Random(1).randbytes(21 * 1024 * 1024))
    importing.receive(SimpleUploadedFile("名单.xlsx", book.getvalue()), trip, by=station, at=make.NOW)
    importing.resume_all(make.NOW)
    job = ImportJob.objects.get()
    assert (job.state, job.rows.count()) == ("checked", len(ROWS))


def test_faulty_rows_come_back_as_a_workbook_with_the_reason_and_can_be_mended(as_, station, job):
    answer = as_(station).get(reverse("leads:import_rejected", args=[job.pk]))
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0] == (*(text.replace("（", "(").replace("）", ")") for text in HEAD), "问题原因")
    assert [row[0] for row in rows[1:]] == [5, 6]
    assert "企业名称" in rows[1][-1]
    assert "拟投资额" in rows[2][-1]
    assert "对接日期" in rows[2][-1]


def test_rows_to_be_mended_take_the_unit_of_their_sheet_along(as_, station, trip):
    """Of a title 单位：亿元 nothing stands in the row: 0.5 uploaded again without it would be 0.5 万元."""
    book = openpyxl.Workbook()
    for cells in (
        ["企业对接表　单位：亿元"],
        ["企业名称", "总投资", "对接日期"],
        ["无锡极目低空信息技术有限公司", 0.5, "上旬"],
    ):
        book.active.append(cells)
    file = BytesIO()
    book.save(file)
    client = as_(station)
    client.post(
        reverse("leads:upload", args=[trip.pk]), {"file": SimpleUploadedFile("对接表.xlsx", file.getvalue())}
    )
    first = ImportJob.objects.get()
    answer = client.get(reverse("leads:import_rejected", args=[first.pk]))
    mended = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert mended.active["B2"].value == 0.5
    mended.active["C2"] = "2026-04-14"
    file = BytesIO()
    mended.save(file)
    client.post(
        reverse("leads:upload", args=[trip.pk]), {"file": SimpleUploadedFile("改好.xlsx", file.getvalue())}
    )
    (row,) = ImportJob.objects.exclude(pk=first.pk).get().rows.all()
    assert (row.verdict, row.values["amount_wan"]) == ("new", "5000")


def test_a_formula_in_a_name_stays_text_all_the_way(as_, station, job):
    as_(station).post(reverse("leads:import_confirm", args=[job.pk]))
    assert Lead.objects.filter(title=ROWS[6][1]).exists()


def test_a_company_on_file_is_said_to_exist_without_contact_details(as_, station, owner, trip):
    make.lead(owner, ROWS[0][1], uscc="91330105MADEMQ012G", contact_phone="15499999999")
    as_(station).post(reverse("leads:upload", args=[trip.pk]), {"file": sheet()})
    row = ImportRow.objects.get(number=3)
    assert row.verdict == "duplicate"
    assert "已由半山区块于" in row.reason
    page = as_(station).get(ImportJob.objects.get().get_absolute_url()).content.decode()
    assert "15499999999" not in page


def test_the_preview_names_no_lead_of_a_unit_one_does_not_see(as_, station, owner, trip):
    theirs = make.lead(owner, ROWS[0][1])
    ours = make.lead(station, ROWS[1][1])
    type(theirs).objects.filter(pk=theirs.pk).update(title="金丝雀计划")
    type(ours).objects.filter(pk=ours.pk).update(title="站里的计划")
    client = as_(station)
    client.post(reverse("leads:upload", args=[trip.pk]), {"file": sheet()})
    foreign, own = (ImportRow.objects.get(number=number) for number in (3, 4))
    assert (foreign.of_lead, own.of_lead) == (None, ours)
    page = client.get(ImportJob.objects.get().get_absolute_url()).content.decode()
    assert "这家企业已由半山区块于" in page
    assert "站里的计划" in page
    assert f'href="{ours.get_absolute_url()}"' in page
    assert "金丝雀计划" not in page
    assert f'href="{theirs.get_absolute_url()}"' not in page
    assert "金丝雀计划" not in str([row.reason for row in ImportRow.objects.all()])


def test_a_company_reported_by_others_in_between_is_not_written_and_says_so(as_, station, owner, job):
    make.lead(owner, ROWS[1][1])
    as_(station).post(reverse("leads:import_confirm", args=[job.pk]))
    row = job.rows.get(number=4)
    assert row.lead is None
    assert "已由半山区块" in row.refusal
    answer = as_(station).get(reverse("leads:import_rejected", args=[job.pk]))
    assert len(b"".join(answer.streaming_content)) > 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("空.xlsx", b"", "文件是空的"),
        ("图.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "不是 Excel"),
        ("页.xlsx", b"<html><table></table></html>", "网页"),
        ("断.xlsx", b"PK\x03\x04" + b"\0" * 200, "损坏"),
        (
            "工具.exe",
            "企业名称,城市\n甲,杭州\n".encode(),
            "「工具.exe」不是表格，请上传 .xlsx",
        ),
        ("名单", "企业名称,城市\n甲,杭州\n".encode(), "请上传 .xlsx、.xls、.csv 或 .txt"),
    ],
)
def test_a_wrong_file_is_refused_on_the_trips_page_and_leaves_nothing(
    as_, station, trip, name, content, words
):
    answer = as_(station).post(
        reverse("leads:upload", args=[trip.pk]), {"file": SimpleUploadedFile(name, content)}
    )
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_no_file_at_all_is_asked_for(as_, station, trip):
    answer = as_(station).post(reverse("leads:upload", args=[trip.pk]))
    assert answer.status_code == 400
    assert "请选择名单文件" in answer.content.decode()


def test_what_others_import_does_not_exist_for_an_outsider(as_, outsider, job):
    for name in ("leads:import", "leads:import_rejected"):
        assert as_(outsider).get(reverse(name, args=[job.pk])).status_code == 404
    assert as_(outsider).post(reverse("leads:import_confirm", args=[job.pk])).status_code == 404


def test_those_who_only_read_see_the_preview_without_the_numbers_in_it(as_, leader, auditor, job):
    for reader in (leader, auditor):
        page = as_(reader).get(job.get_absolute_url()).content.decode()
        assert "15400000001" not in page
        assert "确认写入" not in page
        assert as_(reader).get(reverse("leads:import_rejected", args=[job.pk])).status_code == 403


def test_the_template_has_the_headers_we_read(as_, station):
    answer = as_(station).get(reverse("leads:import_template"))
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert [cell.value for cell in book.worksheets[0][1]] == [header for header, _ in TEMPLATE]


def test_the_list_of_trips_asks_the_same_questions_for_two_and_for_twenty(
    as_, station, django_assert_max_num_queries, django_assert_num_queries
):
    for n in range(2):
        make.roadshow(station, title=f"行程{n}")
    client = as_(station)
    client.get(reverse("leads:roadshows"))
    with django_assert_max_num_queries(12) as few:
        client.get(reverse("leads:roadshows"))
    for n in range(18):
        make.lead(station, roadshow=make.roadshow(station, title=f"更多{n}"))
    with django_assert_num_queries(len(few)):
        client.get(reverse("leads:roadshows"))


def test_the_list_of_trips_goes_on_to_the_very_first_one(as_, station):
    days = [date(2026, 4, 13) + timedelta(days=n) for n in range(302)]
    Roadshow.objects.bulk_create(
        Roadshow(
            title=f"第{n}次行程", city_id="440300", starts_on=day, ends_on=day, unit=station.unit,
            created_by=station, created_at=make.NOW, updated_at=make.NOW,
        )
        for n, day in enumerate(days)
    )  # fmt: skip
    client = as_(station)
    shown = [client.get(reverse("leads:roadshows"), {"page": page}) for page in (1, 10, 11)]
    assert [len(answer.context["trips"]) for answer in shown] == [30, 30, 2]
    assert [answer.context["has_next"] for answer in shown] == [True, True, False]
    assert "第0次行程" in shown[-1].content.decode()


def test_a_broken_job_is_marked_and_holds_up_nobody(station, trip, now):
    broken, sound = (
        ImportJob.objects.create(
            roadshow=trip,
            unit=station.unit,
            by=station,
            filename=f"{n}.xlsx",
            file=f"imports/{n}",
            created_at=now,
        )
        for n in ("gone", "sound")
    )
    sound.file.save("sound.sheet", sheet())
    importing.resume_all(now)
    states = dict(ImportJob.objects.values_list("filename", "state"))
    assert states == {"gone.xlsx": "failed", "sound.xlsx": "checked"}
    assert broken.rows.count() == 0


@pytest.mark.parametrize(
    ("cell", "kept"), [("杭\x00州", "杭州"), (float("nan"), "nan"), (float("inf"), "inf")]
)
def test_a_cell_the_database_cannot_hold_is_kept_as_text(cell, kept):
    assert import_reading._cell(cell) == kept
