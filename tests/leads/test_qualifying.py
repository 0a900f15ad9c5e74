"""资质 on the pages of a lead and a project: entered, corrected, ended, read; and by whom."""

from datetime import date, timedelta

import pytest

from django.utils import timezone

from crm.errors import StaleVersion
from crm.models import Notification, Qualification, QualificationProof, Setting
from leads.qualifying import Certificate, QualificationRefused, add, correct, end
from projects.known import facts
from projects.qualifications import remind_qualifications
from tests import callers, make

ISSUED = date(2024, 2, 29)
GIVEN = {"kind": "国高企", "level": "national", "number": "GR202433001", "issued_on": f"{ISSUED}"}


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳云芯科技有限公司")


def url(record):
    return f"{record.get_absolute_url()}qualifications/"


def test_entered_on_either_page_it_is_one_list_with_the_suggested_expiry_and_its_proof(
    as_, freeze, owner, project
):
    freeze(make.NOW)
    client = as_(owner)
    answer = client.post(url(project.lead), {**GIVEN, "paper": make.paper("证书.pdf")}, follow=True)
    assert "「国家高新技术企业」已保存，有效期至 2027-02-28。" in answer.content.decode()
    row = Qualification.objects.get()
    assert (row.kind, row.level, row.issued_on, row.by) == ("国家高新技术企业", "national", ISSUED, owner)
    page = client.get(url(project)).content.decode()
    for shown in ("国家高新技术企业", "国家级", "GR202433001", "有效期至 2027-02-28", "证书.pdf", "林晓"):
        assert shown in page
    file = client.get(f"{url(project)}proofs/{row.proofs.get().pk}/")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(file.streaming_content).startswith(b"%PDF-")
    for record in (project, project.lead):
        assert url(record) in client.get(record.get_absolute_url()).content.decode()
    read = callers.person(owner).get(f"leads/{project.lead.pk}/qualifications/").json()["results"]
    assert read == callers.person(owner).get(f"projects/{project.pk}/qualifications/").json()["results"]
    assert (read[0]["kind"], read[0]["expires_on"], read[0]["by_label"]) == (row.kind, "2027-02-28", "林晓")


@pytest.mark.parametrize(
    "changes, field, words",
    [
        ({"kind": " "}, "kind", "请"),
        ({"issued_on": "2027-01-01"}, "issued_on", "不能晚于今天"),
        ({"expires_on": "2024-01-01"}, "expires_on", "不能早于认定日期"),
        ({"expires_on": "2027-01-01", "is_lasting": "on"}, "expires_on", "长期有效"),
        ({"level": "world"}, "level", "级别"),
        ({"paper": make.paper("证书.exe")}, "paper", "不能上传"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_not_written(
    as_, freeze, owner, project, changes, field, words
):
    freeze(make.NOW)
    answer = as_(owner).post(url(project), {**GIVEN, **changes})
    assert answer.status_code == 400
    assert words in str(answer.context["form"].errors[field])
    assert (Qualification.objects.count(), QualificationProof.objects.count()) == (0, 0)


def test_the_years_are_a_suggestion_of_some_kinds_and_a_number_of_the_settings(owner, project):
    stated = {
        "little": Certificate("小巨人", issued_on=ISSUED),
        "own": Certificate("专精特新", issued_on=ISSUED, expires_on=date(2025, 1, 1)),
        "lasting": Certificate("国高企", issued_on=ISSUED, is_lasting=True),
        "other": Certificate("瞪羚", issued_on=ISSUED),
        "undated": Certificate("国高企"),
    }
    Setting.objects.create(key="qualification_years", value=2)
    found = {name: add(project, one, by=owner, at=make.NOW).expires_on for name, one in stated.items()}
    assert found == {
        "little": date(2026, 2, 28),
        "own": date(2025, 1, 1),
        "lasting": None,
        "other": None,
        "undated": None,
    }


def test_a_prolonged_one_is_told_of_anew_and_an_ended_one_no_more(as_, freeze, owner, project):
    freeze(make.NOW)
    row = add(project, Certificate("瞪羚", expires_on=date(2026, 5, 1)), by=owner, at=make.NOW)
    assert remind_qualifications(make.NOW) == 1
    assert Notification.objects.get(key__startswith="qualifications:").url == url(project)
    form = {"row": row.pk, f"q{row.pk}-kind": "瞪羚", f"q{row.pk}-version": 1}
    client = as_(owner)
    assert client.post(url(project), {**form, f"q{row.pk}-expires_on": "2026-06-01"}).status_code == 302
    assert remind_qualifications(make.NOW) == 1
    assert facts(project, date(2026, 4, 20))["qualifications"].value == ["gazelle"]
    stale = client.post(url(project), {**form, f"q{row.pk}-expires_on": "2026-07-01"})
    assert stale.status_code == 412
    ending = f"{url(project)}{row.pk}/end/"
    assert client.post(ending, {f"end{row.pk}-version": 2}).status_code == 400
    told = {f"end{row.pk}-version": 2, f"end{row.pk}-reason": "被取消"}
    assert client.post(ending, told).status_code == 302
    row.refresh_from_db()
    assert (row.ended_on, row.expires_on) == (date(2026, 4, 20), date(2026, 6, 1))
    assert "终止：被取消" in client.get(url(project)).content.decode()
    Qualification.objects.update(told_for=None)
    assert remind_qualifications(make.NOW) == 0
    assert "qualifications" not in facts(project, date(2026, 4, 20))


def test_the_same_certificate_is_entered_once_and_an_ended_one_is_not_changed(owner, project):
    row = add(project, Certificate("国高企", issued_on=ISSUED), by=owner, at=make.NOW)
    with pytest.raises(QualificationRefused, match="已经登记过同一份"):
        add(project, Certificate("国家高新技术企业", issued_on=ISSUED), by=owner, at=make.NOW)
    with pytest.raises(StaleVersion):
        correct(project, row, Certificate("国高企"), by=owner, at=make.NOW, version=7)
    end(project, row, by=owner, at=make.NOW, reason="登记有误", version=1)
    with pytest.raises(QualificationRefused, match="已于 2026-04-20 终止"):
        correct(project, row, Certificate("国高企"), by=owner, at=make.NOW, version=2)
    add(project, Certificate("国高企", issued_on=ISSUED), by=owner, at=make.NOW)
    assert Qualification.objects.standing().count() == 1


def test_of_another_company_nothing_is_reached_through_an_own_record(as_, owner, outsider, project):
    other = make.lead(outsider)
    row = add(other, Certificate("瞪羚"), by=outsider, at=make.NOW, proof=make.paper())
    client = as_(owner)
    place = url(project)
    for answer in (
        client.post(place, {"row": row.pk, f"q{row.pk}-kind": "独角兽"}),
        client.post(f"{place}{row.pk}/end/", {f"end{row.pk}-reason": "x"}),
        client.get(f"{place}proofs/{row.proofs.get().pk}/"),
        client.post(place, {"row": "9" * 30}),
        client.get(url(other)),
    ):
        assert answer.status_code == 404
    row.refresh_from_db()
    assert (row.kind, row.ended_on) == ("瞪羚企业", None)
    assert "瞪羚" not in client.get(place).content.decode().split("</datalist>")[1]


def test_what_ends_is_seen_at_a_glance_on_the_lead_and_its_project(as_, owner):
    project, day = make.project(owner), timezone.localdate()
    for kind, days in (("国家高新技术企业", -1), ("专精特新", 5), ("瞪羚企业", 900)):
        given = {"kind": kind, "expires_on": day + timedelta(days=days), "by": owner}
        Qualification.objects.create(company=project.company, **given)
    Qualification.objects.create(company=project.company, kind="种子企业", by=owner)
    for record in (project, project.lead):
        page = as_(owner).get(record.get_absolute_url()).content.decode()
        glance = page.split('id="glance"')[1].split("</section>")[0]
        assert f"{day - timedelta(days=1)} 已过期" in glance
        assert f"{day + timedelta(days=5)} 到期" in glance
        assert f"有效期至 {day + timedelta(days=900)}" in glance
        assert "长期有效" in glance


def test_a_certificate_stands_in_the_timeline_of_the_lead_among_its_files(as_, owner):
    lead, today = make.lead(owner), timezone.localdate()
    add(
        lead,
        Certificate("瞪羚企业", issued_on=today),
        by=owner,
        at=timezone.now(),
        proof=make.paper("证书.pdf"),
    )
    page = as_(owner).get(f"{lead.get_absolute_url()}?timeline=files")
    assert [entry.kind for entry in page.context["shown"].entries] == ["proof"]
    assert f"/qualifications/proofs/{QualificationProof.objects.get().pk}/" in page.content.decode()
