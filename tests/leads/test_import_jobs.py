"""导入 as a job: columns read as the person says, rows that fill leads of ours, stopping, undoing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from django.db import OperationalError
from django.urls import reverse

from crm.models import AuditEvent
from leads import importing, suspecting
from leads.models import ColumnChoice, ImportJob, Lead
from tests import make
from tests.leads.test_trips_and_imports import sheet

HEAD = ["序号", "企业名称", "拟投资额（万元）", "需求面积（㎡）", "主导方", "洽谈情况"]
ROWS = [
    [1, "深圳星河低空装备有限公司", 800, 1200, "之江资本", ""],
    [2, "深圳牧星文旅科技有限公司", "", "", "钱江资本", "有意来杭"],
    [3, "深圳青禾示例有限公司", 500, "", "", ""],
]


@pytest.fixture
def trip(station):
    return make.roadshow(station)


def upload(client, trip, rows=ROWS, head=HEAD):
    answer = client.post(reverse("leads:upload", args=[trip.pk]), {"file": sheet(rows, head)})
    assert answer.status_code == 302, answer.content.decode()
    return ImportJob.objects.latest("pk")


def page(client, job):
    return client.get(job.get_absolute_url()).content.decode()


def columns(job, **said):
    """The form of the columns as the page offers it, with what the person changed by header."""
    given = {f"column-{place}": key for place, key in job.mapping.items()}
    return given | {f"column-{job.columns.index(text)}": key for text, key in said.items()}


def test_what_a_person_says_of_a_column_is_read_and_remembered_for_the_unit(as_, station, trip):
    client = as_(station)
    job = upload(client, trip)
    assert job.unread == ["主导方"]
    assert "列对应：哪一列是什么" in page(client, job)
    answer = client.post(f"/imports/{job.pk}/columns/", columns(job, 主导方="investor", 洽谈情况=""))
    assert answer.url == job.get_absolute_url()
    values = job.rows.order_by("number").first().values
    assert (values["investor_name"], values["content"]) == ("之江资本", "")
    again = upload(client, trip)
    assert (again.unread, again.rows.count()) == (["洽谈情况"], 3)
    assert again.rows.order_by("number").first().values["investor_name"] == "之江资本"
    ColumnChoice.objects.update(unit=make.unit("wanggu"))
    assert upload(client, trip).unread == ["主导方"]


def test_two_columns_are_not_one_and_acres_are_no_square_metres(as_, station, trip):
    client = as_(station)
    job = upload(client, trip, head=[*HEAD[:3], "面积（亩）", *HEAD[4:]])
    for said, words in (
        ({"主导方": "name"}, "「企业名称」选了两列"),
        ({"企业名称": ""}, "请指出哪一列是「企业名称」"),
        ({"面积(亩)": "area"}, "的单位是亩"),
    ):
        answer = client.post(f"/imports/{job.pk}/columns/", columns(job, **said))
        assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert (job.rows.count(), ColumnChoice.objects.count()) == (3, 0)


def test_a_sheet_whose_firms_stand_under_a_strange_word_asks_the_person(as_, station, trip):
    client = as_(station)
    job = upload(client, trip, head=["序号", "金主", *HEAD[2:]])
    assert (job.state, job.rows.count()) == ("unclear", 0)
    assert "还不知道哪一列是企业名称" in page(client, job)
    assert client.post(f"/imports/{job.pk}/confirm/").status_code == 409
    client.post(f"/imports/{job.pk}/columns/", columns(job, 金主="name"))
    job.refresh_from_db()
    assert (job.state, job.counts["new"], job.message) == ("checked", 3, "")


@pytest.fixture
def known(station):
    """A lead of the own unit that says an amount, and no area."""
    return make.lead(station, "深圳星河低空装备有限公司", amount_wan=900)


def choose_update(client, job, number=3):
    return client.post(f"/imports/{job.pk}/choose/{number}/", {f"row-{number}": "update"})


def test_a_suspected_row_fills_what_the_lead_does_not_say_and_undoing_empties_it(as_, station, trip, known):
    client = as_(station)
    job = upload(client, trip)
    seen = page(client, job)
    assert "会补上：需求面积 1,200 ㎡" in seen
    assert "投资额不同：那条线索是 900 万元，表里是 800 万元，不改" in seen
    assert "补充 <b>1</b> 行" in choose_update(client, job).content.decode()
    client.post(f"/imports/{job.pk}/confirm/", {"row-3": "update"})
    known.refresh_from_db()
    assert (known.area_sqm, known.amount_wan, known.version) == (1200, 900, 2)
    job.refresh_from_db()
    assert (job.state, job.counts["written"], job.counts["filled"]) == ("done", 2, 1)
    assert "已补充到" in page(client, job)
    client.post(f"/imports/{job.pk}/undo/", {"reason": "传错了", "foreseen": 2})
    known.refresh_from_db()
    assert (known.area_sqm, known.amount_wan) == (None, 900)
    assert list(Lead.objects.all()) == [known]


def test_a_lead_changed_since_the_choice_is_not_filled(as_, station, trip, known):
    client = as_(station)
    job = upload(client, trip)
    choose_update(client, job)
    Lead.objects.filter(pk=known.pk).update(note="别人写的", version=7)
    client.post(f"/imports/{job.pk}/confirm/", {"row-3": "update"})
    known.refresh_from_db()
    assert known.area_sqm is None
    assert "刚被别人改过，没有补充" in job.rows.get(number=3).refusal


def test_of_two_rows_for_one_lead_the_second_is_told_that_it_came_too_late(as_, station, trip, known):
    client = as_(station)
    name = known.title
    Lead.objects.update(amount_wan=None)
    job = upload(client, trip, rows=[[1, name, "", 1200, "", ""], [2, name, 800, 700, "", ""]])
    for number in (3, 4):
        choose_update(client, job, number)
    client.post(f"/imports/{job.pk}/confirm/")
    known.refresh_from_db()
    assert (known.area_sqm, known.amount_wan, known.version) == (1200, None, 2)
    assert [row.refusal[:23] for row in job.rows.order_by("number")] == [
        "",
        "您选择补充以后，那条线索刚被别人改过，没有补充",
    ]


def test_a_lead_taken_back_since_the_choice_is_told_of_and_the_rest_is_written(
    as_, station, trip, known, now
):
    job = upload(as_(station), trip)
    importing.choose(job, 3, "update", by=station)
    importing.confirm(job, by=station, at=now)
    known.claim.delete()
    known.delete()
    importing.resume_all(now)
    job.refresh_from_db()
    assert (job.state, job.counts["written"], job.counts["filled"]) == ("done", 2, 0)
    assert "被撤销" in job.rows.get(number=3).refusal


def test_a_row_of_a_lead_of_others_cannot_fill_it(as_, station, trip, owner):
    lead = make.lead(owner, "深圳星河低空装备有限公司")
    client = as_(station)
    job = upload(client, trip)
    assert "补充到那条线索" not in page(client, job)
    assert choose_update(client, job).status_code == 409
    client.post(f"/imports/{job.pk}/confirm/", {"update": ["3"]})
    lead.refresh_from_db()
    assert (lead.area_sqm, lead.version) == (None, 1)


def test_stopping_keeps_what_is_written_and_nothing_more_comes(as_, station, trip, now):
    client = as_(station)
    job = upload(client, trip)
    importing.confirm(job, by=station, at=now)
    first = importing.to_write(job).order_by("number")[:1]
    importing._write_lot(job, list(first), importing.Words(), now)
    working = page(client, job)
    assert 'hx-trigger="every 2s"' in working
    assert "停止写入" in working
    assert client.post(f"/imports/{job.pk}/stop/").status_code == 302
    importing.resume_all(now)
    stopped = page(client, job)
    assert "写入 <b>1</b> 条线索，这些保留；其余 <b>2</b> 行没有写入" in stopped
    assert 'hx-trigger="every' not in stopped
    assert [lead.amount_wan for lead in Lead.objects.all()] == [Decimal(800)]
    assert AuditEvent.objects.filter(action="stop_import", actor=station).count() == 1
    assert client.post(f"/imports/{job.pk}/stop/").status_code == 409
    client.post(f"/imports/{job.pk}/undo/", {"reason": "不要了", "foreseen": 1})
    assert not Lead.objects.exists()


def _after_the_first_lot(monkeypatch, work):
    """Lots of two rows; `work` happens before the second is written."""
    capture_many, lots = importing.capture_many, []

    def captured(lot, **how):
        lots.append(lot)
        if len(lots) == 2:
            work()
        return capture_many(lot, **how)

    monkeypatch.setattr(importing, "LOT", 2)
    monkeypatch.setattr(importing, "capture_many", captured)


def test_writing_broken_off_in_the_second_lot_keeps_the_first_and_goes_on(
    as_, station, trip, now, monkeypatch
):
    job = upload(as_(station), trip)
    importing.confirm(job, by=station, at=now)

    def breaks_off():
        raise OperationalError

    _after_the_first_lot(monkeypatch, breaks_off)
    with pytest.raises(OperationalError):
        importing.resume_all(now)
    assert (Lead.objects.count(), job.rows.exclude(lead=None).count()) == (2, 2)
    importing.resume_all(now)
    job.refresh_from_db()
    assert (job.state, job.counts["written"], Lead.objects.count()) == ("done", 3, 3)


def test_what_is_stopped_while_a_lot_is_written_ends_with_that_lot(as_, station, trip, now, monkeypatch):
    job = upload(
        as_(station), trip, rows=[*ROWS, *([n, f"深圳示例{n}有限公司", *[""] * 4] for n in (4, 5, 6))]
    )
    importing.confirm(job, by=station, at=now)
    _after_the_first_lot(monkeypatch, lambda: importing.stop(job, by=station, at=now))
    importing.resume_all(now)
    job.refresh_from_db()
    assert (job.state, job.counts["written"], job.counts["left"]) == ("stopped", 4, 2)
    assert Lead.objects.count() == 4


@pytest.mark.parametrize("rows", [ROWS, []], ids=["read", "not readable"])
def test_a_reading_is_given_up_and_what_comes_of_it_is_left(as_, station, trip, monkeypatch, rows):
    monkeypatch.setattr(importing, "SMALL_BYTES", 0)
    client = as_(station)
    job, give_up = (
        upload(client, trip, rows),
        reverse("leads:import_discard", args=[ImportJob.objects.get().pk]),
    )
    shown = page(client, job)
    assert ("正在读取" in shown, give_up in shown) == (True, True)
    read = importing.check_sheet

    def given_up_meanwhile(*args, **kwargs):
        client.post(give_up)
        return read(*args, **kwargs)

    monkeypatch.setattr(importing, "check_sheet", given_up_meanwhile)
    importing.resume_all(make.NOW)
    job.refresh_from_db()
    assert (job.state, job.rows.count()) == ("discarded", 0)
    assert "没有写入任何一行" in page(client, job)


def test_a_sheet_is_brought_from_the_page_of_imports_where_its_state_is_found_again(
    as_, station, owner, trip
):
    make.roadshow(owner, title="别的单位的行程")
    make.roadshow(station, title="取消了的行程", is_cancelled=True)
    client, place = as_(station), reverse("leads:imports")
    assert list(client.get(place).context["form"].fields["roadshow"].queryset) == [trip]
    sent = {"roadshow": trip.pk, "file": sheet(ROWS, HEAD)}
    answer = client.post(reverse("leads:import_new"), sent)
    job = ImportJob.objects.get()
    assert (answer.status_code, answer.url, job.roadshow) == (302, job.get_absolute_url(), trip)
    listed = client.get(place).content.decode()
    assert (job.get_absolute_url() in listed, "待确认" in listed) == (True, True)
    assert job.get_absolute_url() not in as_(owner).get(place).content.decode()


def test_what_is_wrong_with_a_sheet_is_said_on_the_page_of_imports(as_, station, owner, trip):
    other = make.roadshow(owner, title="别的单位的行程")
    client, place = as_(station), reverse("leads:import_new")
    for sent, words in (
        ({"roadshow": trip.pk}, "请选择"),
        ({"roadshow": trip.pk, "file": sheet([], [])}, "表"),
        ({"roadshow": other.pk, "file": sheet(ROWS, HEAD)}, "行程"),
    ):
        answer = client.post(place, sent)
        assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not ImportJob.objects.exists()


def test_an_import_of_nothing_is_not_called_done(as_, station, trip):
    client = as_(station)
    job = upload(client, trip, ROWS[:1])
    place = reverse("leads:import_confirm", args=[job.pk])
    answer = client.post(place, {"skip": [job.rows.get().number]}, follow=True)
    assert "没有一行要写入" in answer.content.decode()
    assert "导入完成" not in answer.content.decode()
    job.refresh_from_db()
    assert (job.state, Lead.objects.count()) == ("checked", 0)
    client.post(place, {"write": [job.rows.get().number]})
    assert Lead.objects.count() == 1


def test_what_was_written_is_compared_once_all_is_written(as_, station, trip, monkeypatch):
    rung = []
    monkeypatch.setattr(suspecting, "ring", rung.append)
    monkeypatch.setattr(importing, "LOT", 1)
    client = as_(station)
    job = upload(client, trip)
    client.post(reverse("leads:import_confirm", args=[job.pk]))
    assert Lead.objects.filter(is_unchecked=True).count() == 3
    assert rung == [suspecting.CHECK]


def test_who_waits_for_a_reading_that_does_not_begin_is_told(as_, station, trip, freeze, monkeypatch):
    monkeypatch.setattr(importing, "SMALL_BYTES", 0)
    freeze(make.NOW)
    client = as_(station)
    job = upload(client, trip)
    assert "后台任务是否在运行" not in page(client, job)
    freeze(make.NOW + timedelta(minutes=3))
    assert "后台任务是否在运行" in page(client, job)
