"""A number in free text is told to those who may see contacts; leaders, auditors, tokens read a mask."""

import io
from datetime import timedelta

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from django.urls import reverse

from crm import withholding
from leads import reporting, trips
from leads.follow_up import FollowUp, log_visit
from projects.models import Project
from tests import callers, make

NUMBER, MASKED = "13800000001", "138****0001"
SAID = f"王总电话 {NUMBER}，座机 0571-88886666"
PLAIN = (NUMBER, "88886666", "138 0000 0001")


def talk(lead, owner):
    next_on = make.NOW.date() + timedelta(days=3)
    log_visit(
        lead,
        FollowUp("call", f"手机 138 0000 0001，{SAID}", "再谈", next_on, make.NOW),
        by=owner,
        at=make.NOW,
    )


@pytest.fixture
def lead(owner):
    one = make.lead(owner, "深圳望川智能装备有限公司", note=SAID, next_step=f"打{NUMBER}")
    talk(one, owner)
    return one


@pytest.fixture
def project(owner):
    one = make.project(owner, name="杭州望川医疗有限公司", note=SAID)
    Project.objects.filter(pk=one.pk).update(for_leader=SAID, problems=SAID)
    talk(one.lead, owner)
    return one


def holds(text):
    return [number for number in PLAIN if number in text]


@pytest.mark.parametrize("person", ["leader", "auditor"])
def test_pages_of_records_lists_and_prints_tell_no_number(as_, request, lead, project, person):
    client = as_(request.getfixturevalue(person))
    addresses = [
        lead.get_absolute_url(),
        project.get_absolute_url(),
        reverse("projects:one_page", args=[project.pk]),
        "/leads/?columns=note",
        "/search/?q=望川",
    ]
    for address in addresses:
        page = client.get(address).content.decode()
        assert "望川" in page, address
        assert holds(page) == [], address
    page = client.get(lead.get_absolute_url()).content.decode()
    assert f"王总电话 {MASKED}，座机 057******6666" in page


def test_who_works_on_leads_reads_it_whole_and_nothing_is_audited(as_, owner, manager, lead):
    for person in (owner, manager):
        page = as_(person).get(lead.get_absolute_url()).content.decode()
        assert SAID in page
        assert "138 0000 0001" in page


def test_the_api_masks_it_for_leaders_and_for_tokens_without_contacts(lead, project, owner, leader):
    for reader in (callers.person(leader), callers.partner(scopes="projects:read_all")):
        answer = reader.get(f"projects/{project.pk}/")
        assert answer.status_code == 200
        assert holds(answer.content.decode()) == []
    told = callers.person(leader).get(f"leads/{lead.pk}/").json()
    assert told["note"] == f"王总电话 {MASKED}，座机 057******6666"
    assert callers.person(owner).get(f"leads/{lead.pk}/").json()["note"] == SAID


def test_a_workbook_masks_it_for_an_auditor_alone(as_, owner, auditor, lead):
    def note(person):
        file = io.BytesIO(b"".join(as_(person).get("/leads/export/").streaming_content))
        head, row, *_ = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
        return dict(zip(head, row, strict=True))

    assert holds("".join(map(str, note(auditor).values()))) == []
    assert SAID in note(owner).values()


def test_the_printed_page_as_pdf_masks_it(as_, leader, project, monkeypatch):
    drawn = []
    monkeypatch.setattr("crm.pdf.sheet", lambda title, blocks, **rest: drawn.extend(blocks) or b"%PDF-")
    as_(leader).get(reverse("projects:one_page_file", args=[project.pk]))
    assert MASKED in str(drawn)
    assert holds(str(drawn)) == []


def test_the_word_file_of_a_trip_masks_it(as_, station, auditor, freeze):
    freeze(make.NOW)
    trip = make.roadshow(station, leader=station)
    trips.add_targets(trip, ["深圳甲智能有限公司"], by=station)
    trips.resolve(trip.targets.get(), state="not_visited", note=f"改打{NUMBER}", by=station)
    texts = dict.fromkeys(reporting.PARTS, SAID)
    reporting.hand_in(trip, texts, by=station, at=make.NOW)
    address = reverse("leads:report_file", args=[trip.pk, 1])

    def said(person):
        paper = Document(io.BytesIO(b"".join(as_(person).get(address).streaming_content)))
        cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
        return "\n".join([line.text for line in paper.paragraphs] + cells)

    assert holds(said(station)) == [NUMBER, "88886666"]
    assert holds(said(auditor)) == []


def test_what_a_list_cuts_off_leaves_no_number_either():
    assert withholding.masked("联系 1380000…") == "联系 138****…"
    assert withholding.masked("联系 0571-888…") == "联系 057****…"


def test_fields_addresses_and_what_was_revealed_stay_as_they_are():
    html = (
        f'<p title="{NUMBER}">{NUMBER}</p><input value="{NUMBER}"><textarea>{NUMBER}</textarea>'
        f'<a href="/x/?q={NUMBER}">GS2026-000001 2026-04-20</a><!--open-->{NUMBER}<!--/open-->'
    )
    assert withholding.masked_page(html) == (
        f'<p title="{MASKED}">{MASKED}</p><input value="{NUMBER}"><textarea>{NUMBER}</textarea>'
        f'<a href="/x/?q={NUMBER}">GS2026-000001 2026-04-20</a><!--open-->{NUMBER}<!--/open-->'
    )
