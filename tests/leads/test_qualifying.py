"""资质 on the pages of a lead and a project: entered, corrected, ended, read; and by whom."""

from datetime import date, timedelta

import pytest

from django.utils import timezone

from crm.errors import StaleVersion
from crm.models import Fact, Notification, Qualification, QualificationProof, Setting
from crm.rules import Partly
from leads.qualifying import Certificate, QualificationRefused, add, correct, end
from projects.known import facts
from projects.models import Fund, Match, MatchChange
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
    assert facts(project, date(2026, 4, 20))["qualifications"].value == Partly(has=frozenset({"gazelle"}))
    stale = client.post(url(project), {**form, f"q{row.pk}-expires_on": "2026-07-01"})
    assert stale.status_code == 412
    ending = f"{url(project)}{row.pk}/end/"
    assert client.post(ending, {f"end{row.pk}-version": 2}).status_code == 400
    told = {f"end{row.pk}-version": 2, f"end{row.pk}-reason": "被取消"}
    assert "请选择终止情形" in client.post(ending, told).content.decode()
    assert client.post(ending, {**told, f"end{row.pk}-ended_as": "lost"}).status_code == 302
    row.refresh_from_db()
    assert (row.ended_on, row.expires_on) == (date(2026, 4, 20), date(2026, 6, 1))
    assert "终止（企业不再有）：被取消" in client.get(url(project)).content.decode()
    Qualification.objects.update(told_for=None)
    assert remind_qualifications(make.NOW) == 0
    known = facts(project, date(2026, 4, 20))["qualifications"]
    assert (known.value, known.note) == (
        Partly(lacks=frozenset({"gazelle"})),
        "瞪羚企业 已于 2026-04-20 终止",
    )


def test_the_same_certificate_is_entered_once_and_an_ended_one_is_not_changed(owner, project):
    row = add(project, Certificate("国高企", issued_on=ISSUED), by=owner, at=make.NOW)
    with pytest.raises(QualificationRefused, match="已经登记过同一份"):
        add(project, Certificate("国家高新技术企业", issued_on=ISSUED), by=owner, at=make.NOW)
    with pytest.raises(StaleVersion):
        correct(project, row, Certificate("国高企"), by=owner, at=make.NOW, version=7)
    end(project, row, by=owner, at=make.NOW, ended_as="mistake", reason="登记有误", version=1)
    assert "qualifications" not in facts(project, date(2026, 4, 20))
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


HIGH_TECH = {"field": "qualifications", "op": "overlaps", "value": ["national_high_tech"]}


def test_one_certificate_says_nothing_of_others_until_somebody_checked(as_, freeze, owner, project):
    """待补充 before, 不符合 after 「已核对：没有其他资质」, 符合 with a new certificate (issue 4)."""
    fund = Fund.objects.create(code="f1", name="国高企基金", kind="venture", status="operating")
    fund.versions.create(number=1, criteria=HIGH_TECH, valid_from=date(2026, 1, 1), published_at=make.NOW)
    client, checked = as_(owner), f"{url(project)}checked/"

    def verdict(days):
        freeze(make.NOW + timedelta(days=days))
        (match,) = callers.person(owner).get(f"projects/{project.pk}/matches/").json()["results"]
        (rule,) = match["rules"]
        return match["verdict"], rule["value_display"], [one["key"] for one in match["missing"]]

    freeze(make.NOW)
    add(project, Certificate("专精特新", issued_on=ISSUED), by=owner, at=make.NOW)
    unsaid = "专精特新中小企业（其余未核对）"
    assert verdict(1) == ("incomplete", unsaid, ["qualifications"])
    kept = Match.objects.get().facts["qualifications"]
    assert kept["value"] == {"has": ["srdi"], "lacks": []}
    page = client.get(project.get_absolute_url()).content.decode()
    assert f'<a class="mend" href="{url(project)}">去补充</a>' in page
    assert "还没有核对过" in client.get(url(project)).content.decode()
    given = {"checked-as_of": "2026-04-21", "checked-source": "document", "checked-note": "科技局名单"}
    assert "没有其他资质" in client.post(checked, given, follow=True).content.decode()
    assert verdict(1) == ("unfit", "专精特新中小企业", [])
    assert MatchChange.objects.get().reason == "资质 更新为 专精特新中小企业"
    page = client.get(url(project)).content.decode()
    for shown in ("2026-04-21 已核对", "专精特新中小企业", "材料", "科技局名单"):
        assert shown in page
    add(project, Certificate("国高企"), by=owner, at=make.NOW + timedelta(days=2))
    assert verdict(2) == ("fit", "国家高新技术企业、专精特新中小企业", [])
    lapsed = (date(2027, 3, 1) - date(2026, 4, 20)).days
    assert verdict(lapsed) == ("fit", "国家高新技术企业", [])
    freeze(make.NOW + timedelta(days=380))
    assert "超过 12 个月" in as_(owner).get(url(project)).content.decode()


def test_checked_on_the_page_of_a_lead_it_is_one_fact_that_may_say_none_at_all(as_, freeze, owner, project):
    freeze(make.NOW)
    client, given = as_(owner), {"checked-as_of": "2026-04-20", "checked-source": "officer"}
    assert client.post(f"{url(project.lead)}checked/", given).status_code == 302
    row = Fact.objects.get()
    assert (row.key, row.value, row.as_of, row.source) == ("qualifications", [], date(2026, 4, 20), "officer")
    assert row.recorded_by == owner
    assert facts(project, date(2026, 4, 20))["qualifications"].value == []
    timeline = client.get(project.get_absolute_url()).context["shown"].entries
    assert [entry.record[0].label for entry in timeline if entry.kind == "facts"] == ["资质"]


@pytest.mark.parametrize(
    "changes, field, words",
    [
        ({"checked-as_of": ""}, "as_of", "请"),
        ({"checked-as_of": "2026-04-21"}, "as_of", "不能晚于今天"),
        ({"checked-source": "rumour"}, "source", "来源"),
    ],
)
def test_a_check_without_a_day_or_of_a_day_to_come_is_refused(
    as_, freeze, owner, project, changes, field, words
):
    freeze(make.NOW)
    given = {"checked-as_of": "2026-04-20", "checked-source": "officer", **changes}
    answer = as_(owner).post(f"{url(project)}checked/", given)
    assert answer.status_code == 400
    assert words in str(answer.context["checked"].errors[field])
    assert not Fact.objects.exists()


def test_by_the_api_a_person_checks_and_nobody_records_a_list_that_is_open(freeze, owner, project):
    freeze(make.NOW)
    add(project, Certificate("瞪羚", expires_on=date(2026, 4, 19)), by=owner, at=make.NOW)
    add(project, Certificate("国高企"), by=owner, at=make.NOW)
    add(project, Certificate("区级榜样"), by=owner, at=make.NOW)
    door, told = callers.person(owner), {"source": "document", "as_of": "2026-04-20"}
    some = {"key": "qualifications", "value": {"has": ["srdi"], "lacks": []}}
    refused = door.post(f"projects/{project.pk}/facts/", {**told, **some})
    assert (refused.status_code, Fact.objects.count()) == (400, 0)
    assert "请写完整的清单" in refused.json()["detail"]
    answer = door.post(f"projects/{project.pk}/qualifications/checked/", told)
    assert (answer.status_code, answer.json()["value"]) == (201, ["national_high_tech"])
    known = facts(project, date(2026, 4, 20))["qualifications"]
    assert (known.value, known.source) == (["national_high_tech", "区级榜样"], "document")
    assert known.note == "另有证书：区级榜样"
