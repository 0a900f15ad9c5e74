"""行程小结: begun from the data, written by a person, and unchanged once it was handed in."""

from io import BytesIO

import pytest
from docx import Document

from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEvent
from leads import trips
from leads.models import Roadshow, TripReport
from tests import make

pytestmark = pytest.mark.django_db
TEXTS = {"overview": "四天走访两家。", "results": "一家有意向。", "problems": "", "next": "五月来考察。"}


@pytest.fixture
def trip(station):
    today = timezone.localdate()
    trip = make.roadshow(station, starts_on=today, ends_on=today, leader=station, cost_wan=3)
    trips.add_targets(trip, ["深圳甲智能有限公司", "深圳乙医药有限公司"], by=station)
    at = timezone.now()
    make.lead(station, "深圳甲智能有限公司", at=at, roadshow=trip, amount_wan=5000, next_step="寄载体清单")
    make.lead(station, "深圳丙物流有限公司", at=at, roadshow=trip)
    trips.resolve(trip.targets.get(lead=None), state="not_visited", note="对方改期", by=station)
    return trip


def text_of(answer):
    paper = Document(BytesIO(b"".join(answer.streaming_content)))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([line.text for line in paper.paragraphs] + cells)


def test_a_report_begins_with_the_data_and_stays_as_it_was_handed_in(as_, trip, station):
    browser, place = as_(station), reverse("leads:report", args=[trip.pk])
    page = browser.get(place)
    proposed = page.context["form"].initial
    assert "目标企业 2 家，有结果 2 家" in proposed["overview"]
    assert "5,000 万元（1 家没有金额，未计入）" in proposed["results"]
    assert proposed["next"].startswith("深圳甲智能有限公司：寄载体清单")
    assert not TripReport.objects.exists()

    assert browser.post(place, {**TEXTS, "do": "save"}).status_code == 302
    draft = trip.reports.get()
    assert (draft.texts, draft.handed_in_at) == (TEXTS, None)
    answer = browser.post(place, {**TEXTS, "do": "hand_in", "version": draft.version})
    assert answer.url == reverse("leads:report_final", args=[trip.pk, 1])
    trip.refresh_from_db()
    assert trip.summary == "四天走访两家。\n一家有意向。"
    assert AuditEvent.objects.get(action="hand_in_report").subject_id == trip.pk

    make.lead(station, "深圳后来者有限公司", at=timezone.now(), roadshow=trip)
    Roadshow.objects.filter(pk=trip.pk).update(cost_wan=9)
    final = browser.get(answer.url).content.decode()
    file = browser.get(reverse("leads:report_file", args=[trip.pk, 1]))
    assert file["Content-Type"].endswith("wordprocessingml.document")
    words = text_of(file)
    for shown in (final, words):
        for part in ("四天走访两家。", "五月来考察。", "对方改期", "5,000 万元", "3 万元", "未访"):
            assert part in shown
        assert "深圳后来者有限公司" not in shown
    for change in (lambda row: row.delete(), lambda row: row.save()):
        with pytest.raises(DatabaseError, match="stays as it was"), transaction.atomic():
            change(TripReport.objects.get(pk=draft.pk))

    assert "深圳后来者有限公司" in browser.get(place).content.decode()
    assert browser.post(place, {**TEXTS, "overview": "补充。", "do": "hand_in"}).status_code == 302
    assert list(trip.reports.values_list("number", flat=True)) == [2, 1]


def test_no_report_is_handed_in_while_a_target_has_no_result(as_, trip, station):
    trips.add_targets(trip, [f"深圳丁{n}科技有限公司" for n in range(6)], by=station)
    trips.resolve(trip.targets.get(company_name="深圳丁0科技有限公司"), state="visited", note="", by=station)
    browser, place = as_(station), reverse("leads:report", args=[trip.pk])
    answer = browser.post(place, {**TEXTS, "do": "hand_in"})
    page = answer.content.decode()
    assert (answer.status_code, "深圳丁4科技有限公司等 6 家" in page, "四天走访两家" in page) == (
        400,
        True,
        True,
    )
    assert not TripReport.objects.exists()
    assert browser.post(place, {**TEXTS, "do": "save"}).status_code == 302
    assert "记成线索" in browser.get(trip.get_absolute_url()).content.decode()
    for target in trip.targets.unresolved():
        trips.resolve(target, state="no_follow_up", note="没有投资意向", by=station)
    sent = {**TEXTS, "do": "hand_in", "version": trip.reports.get().version}
    assert browser.post(place, sent).status_code == 302
    assert trip.reports.get().handed_in_at


def test_what_must_be_written_is_asked_for_and_nothing_is_kept(as_, trip, station):
    browser, place = as_(station), reverse("leads:report", args=[trip.pk])
    answer = browser.post(place, {**TEXTS, "next": " ", "do": "hand_in"})
    assert answer.status_code == 400
    assert "「下一步打算」还没有写" in answer.content.decode()
    Roadshow.objects.filter(pk=trip.pk).update(is_cancelled=True)
    assert "行程已取消" in browser.post(place, {**TEXTS, "do": "save"}).content.decode()
    assert not TripReport.objects.exists()


def test_two_who_write_at_once_see_both_texts_and_nobody_hands_in_twice_unseen(as_, trip, station, owner):
    trip.members.add(owner)
    place = reverse("leads:report", args=[trip.pk])
    as_(station).post(place, {**TEXTS, "do": "save"})
    as_(owner).post(place, {**TEXTS, "overview": "林晓写的。", "do": "save", "version": 1})
    late = as_(station).post(place, {**TEXTS, "overview": "站长写的。", "do": "save", "version": 1})
    page = late.content.decode()
    assert late.status_code == 412
    assert "林晓写的。" in page
    assert "站长写的。" in page
    assert trip.reports.get().texts["overview"] == "林晓写的。"
    as_(owner).post(place, {**TEXTS, "do": "hand_in", "version": 2})
    again = as_(station).post(place, {**TEXTS, "do": "hand_in", "version": 2})
    assert again.status_code == 400
    assert "草稿刚被别人提交了" in again.content.decode()
    assert trip.reports.count() == 1


def test_of_a_joint_trip_each_unit_reads_what_tells_of_no_lead_it_may_not_see(
    as_, trip, station, owner, teammate, outsider, manager, auditor
):
    trip.members.add(owner, outsider)
    now = timezone.now()
    make.lead(owner, "深圳半山有限公司", at=now, roadshow=trip, next_step="只有半山知道")
    make.lead(outsider, "深圳网谷有限公司", at=now, roadshow=trip, next_step="只有网谷知道")
    place = reverse("leads:report", args=[trip.pk])

    def hand_in(person):
        assert as_(person).post(place, {**TEXTS, "do": "hand_in"}).status_code == 302

    def reads(person, number):
        doors = [reverse(f"leads:{name}", args=[trip.pk, number]) for name in ("report_final", "report_file")]
        page = as_(person).get(place)
        assert page.status_code == 200
        answers = {as_(person).get(door).status_code for door in doors}
        assert answers == ({200} if doors[0] in page.content.decode() else {404})
        return answers == {200}

    hand_in(station)
    hand_in(owner)
    assert [reads(person, 1) for person in (station, manager, auditor)] == [True] * 3
    assert [reads(person, 1) for person in (owner, teammate, outsider)] == [False] * 3
    assert [reads(person, 2) for person in (owner, teammate, station, manager)] == [True] * 4
    assert not reads(outsider, 2)
    assert "只有网谷知道" not in as_(owner).get(place).content.decode()


def test_a_report_that_tells_of_own_leads_only_is_everybodys_who_went(as_, trip, station, owner):
    trip.members.add(owner)
    trip.leads.all().update(unit=owner.unit)
    as_(station).post(reverse("leads:report", args=[trip.pk]), {**TEXTS, "do": "hand_in"})
    make.lead(station, "深圳后来者有限公司", at=timezone.now(), roadshow=trip)
    assert as_(owner).get(reverse("leads:report_final", args=[trip.pk, 1])).status_code == 200


def test_who_did_not_go_along_reads_and_does_not_write(as_, trip, leader, outsider):
    place = reverse("leads:report", args=[trip.pk])
    assert as_(leader).get(place).status_code == 200
    assert as_(leader).post(place, {**TEXTS, "do": "save"}).status_code == 403
    assert as_(outsider).get(place).status_code == 404
    assert not TripReport.objects.exists()


@pytest.mark.parametrize("typed", ["甲\x00乙", "长" * 4001])
def test_senseless_text_is_refused_at_its_part(as_, trip, station, typed):
    place = reverse("leads:report", args=[trip.pk])
    answer = as_(station).post(place, {**TEXTS, "overview": typed, "do": "save"})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["overview"]
    assert not TripReport.objects.exists()


@pytest.fixture
def large(trip, station, monkeypatch):
    """The trip with three leads and three targets, and two rows to an appendix."""
    monkeypatch.setattr("leads.reporting.LISTED", 2)
    make.lead(station, "深圳丁芯片有限公司", at=timezone.now(), roadshow=trip, amount_wan=90000)
    trips.add_targets(trip, ["深圳戊材料有限公司"], by=station)
    trips.resolve(trip.targets.get(state="planned"), state="not_visited", note="电话未通", by=station)
    return trip


def test_a_large_trip_lists_the_largest_and_leads_to_the_rest(as_, large, station):
    browser, place = as_(station), reverse("leads:report", args=[large.pk])
    page = browser.get(place)
    found, text = page.context["found"], page.content.decode()
    assert [row[0] for row in found["leads"]] == ["深圳丁芯片有限公司", "深圳甲智能有限公司"]
    assert found["more"] == {"targets": 1, "leads": 1}
    counts = dict(found["counts"])
    assert counts["记下线索"] == "3 家"
    assert counts["目标企业"] == "3 家，有结果 3 家"
    assert counts["投资额合计"] == "9.5 亿元（1 家没有金额，未计入）"
    assert "深圳丙物流有限公司" not in text
    assert "另有 1 家未列" in text
    listed = f"{reverse('leads:list')}?roadshow={large.pk}"
    assert f'href="{listed}"' in text
    assert len(browser.get(listed).context["page"].rows) == 3
    browser.post(place, {**TEXTS, "version": "", "do": "hand_in"})
    final = browser.get(reverse("leads:report_final", args=[large.pk, 1])).content.decode()
    assert f'href="{listed}"' in final
    paper = text_of(browser.get(reverse("leads:report_file", args=[large.pk, 1])))
    assert "另有 1 家未列，见系统中这次行程的线索名单。" in paper
    assert "另有 1 家目标企业未列" in paper
    assert "深圳丙物流有限公司" not in paper


def test_a_report_of_before_there_was_a_limit_still_opens(as_, trip, station):
    row = TripReport(roadshow=trip, number=1, texts=TEXTS, by=station, updated_at=timezone.now())
    row.figures = {"facts": [], "counts": [["记下线索", "1 家"]], "targets": [], "leads": [["甲"] * 5]}
    row.handed_in_at, row.handed_in_by = timezone.now(), station
    row.save()
    for name in ("report_final", "report_file"):
        answer = as_(station).get(reverse(f"leads:{name}", args=[trip.pk, 1]))
        assert answer.status_code == 200


def test_a_report_costs_as_much_for_many_leads_as_for_few(as_, trip, station):
    browser, place = as_(station), reverse("leads:report", args=[trip.pk])
    browser.get(place)
    with CaptureQueriesContext(connection) as few:
        browser.get(place)
    for number in range(9):
        make.lead(station, f"深圳{number}号电子有限公司", at=timezone.now(), roadshow=trip)
    with CaptureQueriesContext(connection) as many:
        browser.get(place)
    assert len(many) == len(few)


def twins(texts):
    return {f"initial-{name}": text for name, text in texts.items()}


@pytest.fixture
def colleague(station, trip):
    person = make.user("second", "station", station.unit, "第二人")
    trip.members.add(person)
    return person


def test_two_who_write_different_parts_lose_nothing(as_, trip, station, colleague):
    place = reverse("leads:report", args=[trip.pk])
    as_(station).post(place, {**TEXTS, "do": "save"})
    opened = {**twins(TEXTS), "version": 1, "do": "save"}
    as_(station).post(place, {**TEXTS, **opened, "problems": "没有翻译。"})
    late = as_(colleague).post(place, {**TEXTS, **opened, "next": "六月再访。"})
    assert late.status_code == 302
    assert trip.reports.get().texts == {**TEXTS, "problems": "没有翻译。", "next": "六月再访。"}


def test_a_part_that_two_wrote_is_shown_twice_and_only_what_is_chosen_is_written(
    as_, trip, station, colleague
):
    place = reverse("leads:report", args=[trip.pk])
    as_(station).post(place, {**TEXTS, "do": "save"})
    opened = {**twins(TEXTS), "version": 1, "do": "save"}
    as_(station).post(place, {**TEXTS, **opened, "next": "甲的打算。", "problems": "没有翻译。"})
    late = as_(colleague).post(place, {**TEXTS, **opened, "next": "乙的打算。"})
    page = late.content.decode()
    assert late.status_code == 412
    assert 'data-clash="next"' in page
    assert page.count("甲的打算。") >= 1
    assert "乙的打算。" in page
    assert trip.reports.get().texts["next"] == "甲的打算。"
    form = late.context["form"]
    again = {name: form[name].value() for name in (*TEXTS, "version")}
    assert (again["problems"], again["next"]) == ("没有翻译。", "乙的打算。")
    again |= twins(trip.reports.get().texts) | {"clash": ["next"], "do": "save"}
    as_(colleague).post(place, {**again, "choose-next": "theirs"})
    assert trip.reports.get().texts["next"] == "甲的打算。"
    again["version"] = trip.reports.get().version
    as_(colleague).post(place, {**again, "choose-next": "mine"})
    assert trip.reports.get().texts == {**TEXTS, "problems": "没有翻译。", "next": "乙的打算。"}


def test_a_report_is_read_by_the_unit_its_author_had_as_he_handed_it_in(as_, trip, station, owner, outsider):
    make.lead(outsider, "深圳外单位有限公司", at=timezone.now(), roadshow=trip)
    trip.members.add(owner)
    browser, place = as_(station), reverse("leads:report", args=[trip.pk])
    browser.post(place, {**TEXTS, "do": "hand_in"})
    teammate = make.user("third", "station", station.unit, "第三人")
    final = reverse("leads:report_final", args=[trip.pk, 1])
    assert as_(teammate).get(final).status_code == 200
    station.unit = owner.unit
    station.save(update_fields=["unit"])
    assert as_(teammate).get(final).status_code == 200
    assert as_(owner).get(final).status_code == 404
