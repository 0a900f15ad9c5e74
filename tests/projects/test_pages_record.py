"""The page of a project through its doors: what is missing, what mends it, matches, contacts, two editors."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.errors import NotAllowed
from crm.models import AuditEvent, Company, Contact, Fact
from crm.workdays import shanghai_day
from leads.models import Visit
from projects import mending
from projects.forms import initial_of
from projects.models import CriteriaVersion, Evidence, Fund, Match, Project
from tests import callers, make

HTMX = {"HX-Request": "true"}
STAFF = {
    "field": "staff",
    "op": "lte",
    "value": 100,
    "unit": "人",
    "clause": "员工不超过 100 人",
    "document": "申报通知",
}


@pytest.fixture
def project(owner):
    return make.project(
        owner, name="深圳星海智能有限公司", contact_name="王建国", contact_phone="13800000001"
    )


@pytest.fixture
def fund(db):
    return make_fund("一号基金", [STAFF])


def make_fund(name, rules, status="operating"):
    fund = Fund.objects.create(code=f"f{Fund.objects.count()}", name=name, kind="venture", status=status)
    CriteriaVersion.objects.create(
        fund=fund, number=1, criteria={"all": rules}, valid_from=date(2026, 1, 1), published_at=make.NOW
    )
    return fund


def page(client, project, **query):
    return client.get(project.get_absolute_url(), query)


def form_of(project, **changes):
    """What a browser sends: every field, its hidden twin as it was shown, and what the person changed."""
    shown = {name: _text(value) for name, value in initial_of(project).items()}
    twins = {f"initial-{name}": value for name, value in shown.items() if name not in ("version", "owner")}
    fields = {name: value for name, value in shown.items() if name != "owner"}
    return {**twins, **fields, **changes}


def _text(value):
    if isinstance(value, list):
        return [str(item) for item in value]
    return "" if value is None else str(getattr(value, "pk", value))


def save(client, project, form):
    return client.post(f"/projects/{project.pk}/edit/", form)


def test_the_page_shows_stages_missing_things_and_where_to_mend_them(as_, owner, project):
    text = page(as_(owner), project).content.decode()
    assert "进入「评审决策」还缺" in text
    assert 'data-missing="decision_contact"' in text
    assert f"/projects/{project.pk}/edit/#id_amount_wan" in text
    assert "立项，进入在谈" in text


def test_strangers_find_nothing_and_readers_no_forms(as_, outsider, leader, auditor, project):
    assert page(as_(outsider), project).status_code == 404
    for reader in (leader, auditor):
        text = page(as_(reader), project).content.decode()
        assert "记录跟进" not in text
        assert f"/projects/{project.pk}/evidence/" not in text
        assert "13800000001" not in text


@pytest.mark.parametrize("door", ["edit", "fact/staff"])
def test_forms_are_closed_to_those_who_only_read(as_, leader, project, door):
    assert as_(leader).get(f"/projects/{project.pk}/{door}/").status_code == 403


def test_a_visit_needs_its_next_date_and_winds_the_clock(as_, owner, project):
    client, url = as_(owner), f"/projects/{project.pk}/visit/"
    before = Visit.objects.count()
    form = {"visit-kind": "site", "visit-content": "看了车间", "visit-next_step": "发合同草案"}
    refused = client.post(url, form)
    assert refused.status_code == 400
    assert "请填写下次联系日期。" in refused.content.decode()
    assert "看了车间" in refused.content.decode()
    assert Visit.objects.count() == before
    next_on = shanghai_day(timezone.now()) + timedelta(days=3)
    assert client.post(url, {**form, "visit-next_on": next_on}).status_code == 302
    project.refresh_from_db()
    assert (project.next_contact_on, project.next_step) == (next_on, "发合同草案")
    assert Visit.objects.latest("pk").kind == "site"


def test_a_date_in_the_past_is_refused_at_its_field(as_, owner, project):
    form = {
        "visit-kind": "call",
        "visit-content": "通话",
        "visit-next_step": "再约",
        "visit-next_on": "2020-01-01",
    }
    refused = as_(owner).post(f"/projects/{project.pk}/visit/", form)
    assert refused.status_code == 400
    assert "下次联系日期不能早于今天。" in refused.content.decode()


def test_evidence_has_the_day_it_happened_and_the_day_it_counts(as_, manager, project):
    client, url = as_(manager), f"/projects/{project.pk}/evidence/"
    form = {
        "evidence-kind": "legal_review",
        "evidence-event_on": "2026-04-02",
        "evidence-counted_on": "2026-04-01",
    }
    refused = client.post(url, form)
    assert "统计日期不能早于签订或发生的那天" in refused.content.decode()
    tomorrow = shanghai_day(timezone.now()) + timedelta(days=1)
    refused = client.post(url, {**form, "evidence-event_on": tomorrow, "evidence-counted_on": ""})
    assert refused.status_code == 400
    assert not Evidence.objects.exists()
    assert client.post(url, {**form, "evidence-counted_on": "2026-05-06"}).status_code == 302
    proof = Evidence.objects.get()
    assert (proof.event_on, proof.counted_on) == (date(2026, 4, 2), date(2026, 5, 6))
    assert "统计 2026-05-06" in page(client, project).content.decode()


def test_evidence_asked_for_in_the_address_is_chosen_in_the_form(as_, owner, project):
    form = page(as_(owner), project, evidence="legal_review").context["evidence_form"]
    assert form["kind"].value() == "legal_review"


def test_a_contact_with_decision_right_opens_its_part_of_the_gate(as_, owner, project):
    form = {"contact-name": "李总", "contact-phone": "13900000002", "contact-has_decision_right": "on"}
    assert as_(owner).post(f"/projects/{project.pk}/contact/", form).status_code == 302
    assert Contact.objects.get(name="李总").unit == owner.unit
    assert "decision_contact" not in [m.code for m in project.missing_for("review")]


def test_a_wrong_phone_is_refused_at_its_field(as_, owner, project):
    refused = as_(owner).post(
        f"/projects/{project.pk}/contact/", {"contact-name": "李总", "contact-phone": "12"}
    )
    assert refused.status_code == 400
    assert not Contact.objects.filter(name="李总").exists()


def test_numbers_are_masked_until_revealed_and_the_look_is_written_down(as_, owner, project):
    client, contact = as_(owner), Contact.objects.get(name="王建国")
    text = page(client, project).content.decode()
    assert "13800000001" not in text
    assert "138****0001" in text
    url = f"/projects/{project.pk}/contact/{contact.pk}/reveal/"
    assert client.get(url).url == f"/projects/{project.pk}/"
    assert "13800000001" in client.post(url, headers=HTMX).content.decode()
    event = AuditEvent.objects.get(action="reveal_contact")
    assert (event.subject_id, event.actor) == (contact.pk, owner)


def test_who_may_not_reveal_is_refused_and_nothing_is_written(as_, leader, outsider, project):
    url = f"/projects/{project.pk}/contact/{Contact.objects.get().pk}/reveal/"
    assert as_(leader).post(url).status_code == 403
    assert as_(outsider).post(url).status_code == 404
    assert not AuditEvent.objects.filter(action="reveal_contact").exists()


def test_a_contact_of_another_company_is_not_found_here(as_, owner, outsider, project):
    make.lead(outsider, contact_name="外人", contact_phone="13700000003")
    other = Contact.objects.get(name="外人")
    assert as_(owner).post(f"/projects/{project.pk}/contact/{other.pk}/reveal/").status_code == 404


def test_matches_stand_on_the_page_although_no_worker_ran(as_, owner, project, fund):
    assert not Match.objects.exists()
    text = page(as_(owner), project).content.decode()
    assert "待补充" in text
    assert "员工不超过 100 人" in text
    assert "申报通知" in text
    assert f"/projects/{project.pk}/fact/staff/" in text


def test_a_fact_entered_on_the_spot_settles_the_verdict_and_shows_its_source(as_, owner, project, fund):
    client = as_(owner)
    form = {"value": "80", "as_of": "2026-04-01", "source": "document", "note": "社保清单"}
    assert client.post(f"/projects/{project.pk}/fact/staff/", form).status_code == 302
    fact = Fact.objects.get()
    assert (fact.value, fact.source, fact.as_of, fact.recorded_by) == (
        "80",
        "document",
        date(2026, 4, 1),
        owner,
    )
    text = page(client, project).content.decode()
    assert "符合" in text
    assert "80 人" in text
    assert "2026-04-01" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": "八十"}, "应填数字"),
        ({"value": ""}, "请填写员工人数。"),
        ({"value": "99999999"}, "请核对单位"),
        ({"as_of": ""}, "请填写数据日期。"),
        ({"as_of": "2999-01-01"}, "数据日期不能晚于今天。"),
    ],
)
def test_a_senseless_fact_is_refused_in_chinese_and_not_written(as_, owner, project, changes, said):
    form = {"value": "80", "as_of": "2026-04-01", "source": "officer", **changes}
    refused = as_(owner).post(f"/projects/{project.pk}/fact/staff/", form)
    assert refused.status_code == 400
    assert said in refused.content.decode()
    assert not Fact.objects.exists()


def test_every_askable_kind_of_fact_can_be_entered(as_, owner, project):
    values = {
        "valuation": "1.2亿",
        "has_clear_ip": "true",
        "round": "angel",
        "exclusions": ["two_high"],
        "established_on": "2022-05-01",
        "rd_cost_ratio": "12.5",
    }
    client = as_(owner)
    for key, value in values.items():
        form = {"value": value, "as_of": "2026-04-01", "source": "officer"}
        assert client.post(f"/projects/{project.pk}/fact/{key}/", form).status_code == 302, key
    stored = dict(Fact.objects.values_list("key", "value"))
    assert stored == {
        "valuation": "12000",
        "has_clear_ip": True,
        "round": "angel",
        "exclusions": ["two_high"],
        "established_on": "2022-05-01",
        "rd_cost_ratio": "12.5",
    }


@pytest.mark.parametrize("key", ["age_years", "registered_place", "nonsense"])
def test_derived_and_unknown_facts_have_no_form(as_, owner, project, key):
    assert as_(owner).get(f"/projects/{project.pk}/fact/{key}/").status_code == 404


def test_a_fund_being_set_up_gives_reserve_only(as_, owner, project):
    make_fund("筹建基金", [STAFF], status="preparing")
    text = page(as_(owner), project).content.decode()
    assert "储备" in text
    assert "尚不能出资" in text


def test_a_changed_criterion_is_seen_at_the_next_look(as_, owner, project, fund):
    client = as_(owner)
    page(client, project)
    rule = {**STAFF, "field": "revenue", "unit": "万元", "clause": "上年营收不超过 100 万元"}
    CriteriaVersion.objects.create(
        fund=fund,
        number=2,
        criteria={"all": [rule]},
        valid_from=date(2026, 2, 1),
        published_at=timezone.now(),
    )
    assert "上年营收不超过 100 万元" in page(client, project).content.decode()


def test_a_correction_is_saved_with_its_sets_and_code(as_, owner, project):
    carrier = make.Carrier.objects.get(code="banshan")
    form = form_of(
        project, amount_wan="1.2亿", carriers=[carrier.pk], sector="foundation", uscc="91330105MA2TEXT08E"
    )
    assert save(as_(owner), project, form).status_code == 302
    project.refresh_from_db()
    assert (project.amount_wan, project.sector_kind, project.sector, project.version) == (
        12000,
        "foundation",
        None,
        2,
    )
    assert list(project.carriers.all()) == [carrier]
    assert project.company.uscc == "91330105MA2TEXT08E"


@pytest.mark.parametrize("uscc", ["", "91330105MADEMQ012G"])
def test_a_credit_code_on_file_is_neither_emptied_nor_replaced(as_, owner, project, uscc):
    Company.objects.filter(pk=project.company_id).update(uscc="91330105MA2TEXT08E")
    project = Project.objects.get(pk=project.pk)
    answer = save(as_(owner), project, form_of(project, uscc=uscc, amount_wan="5000"))
    assert answer.status_code == 400
    assert "登记后不能修改或清空" in answer.content.decode()
    project.refresh_from_db()
    assert (project.company.uscc, project.amount_wan) == ("91330105MA2TEXT08E", None)


def test_a_wrong_code_is_refused_at_its_field_and_nothing_is_written(as_, owner, project):
    refused = save(as_(owner), project, form_of(project, uscc="91330105MA00567890", amount_wan="5000"))
    assert refused.status_code == 400
    project.refresh_from_db()
    assert (project.amount_wan, project.version) == (None, 1)


def test_changes_of_different_fields_are_merged(as_, owner, teammate, project):
    mine, theirs = form_of(project, demands="要 800 ㎡"), form_of(project, amount_wan="5000")
    assert save(as_(teammate), project, theirs).status_code == 302
    assert save(as_(owner), project, mine).status_code == 302
    project.refresh_from_db()
    assert (project.demands, project.amount_wan) == ("要 800 ㎡", 5000)


def test_two_changes_of_one_field_show_both_values_and_overwrite_nothing(as_, owner, teammate, project):
    mine, theirs = form_of(project, amount_wan="8000", demands="我的"), form_of(project, amount_wan="5000")
    save(as_(teammate), project, theirs)
    refused = save(as_(owner), project, mine)
    text = refused.content.decode()
    assert refused.status_code == 412
    assert 'data-clash="amount_wan"' in text
    assert "8,000 万元" in text
    assert "5,000 万元" in text
    assert f"{teammate} {timezone.localdate():%m-%d}" in text
    project.refresh_from_db()
    assert (project.amount_wan, project.demands) == (5000, "")
    again = {**mine, "version": "2", "initial-amount_wan": "5000", "initial-version": "2"}
    assert 'name="choose-amount_wan" value="theirs" required checked' in text
    unchosen = save(as_(owner), project, {**again, "clash": "amount_wan"})
    assert unchosen.status_code == 412
    assert 'data-clash="amount_wan"' in unchosen.content.decode()
    project.refresh_from_db()
    assert (project.amount_wan, project.version) == (5000, 2)
    chosen = {**again, "clash": "amount_wan", "choose-amount_wan": "theirs"}
    assert save(as_(owner), project, chosen).status_code == 302
    project.refresh_from_db()
    assert (project.amount_wan, project.demands) == (5000, "我的")


def test_of_two_changes_of_one_field_the_own_one_is_written_when_it_is_chosen(as_, owner, teammate, project):
    mine, theirs = form_of(project, amount_wan="8000"), form_of(project, amount_wan="5000")
    save(as_(teammate), project, theirs)
    save(as_(owner), project, mine)
    again = {**mine, "version": "2", "initial-amount_wan": "5000", "initial-version": "2"}
    chosen = {**again, "clash": "amount_wan", "choose-amount_wan": "mine"}
    assert save(as_(owner), project, chosen).status_code == 302
    project.refresh_from_db()
    assert project.amount_wan == 8000


def test_only_who_may_assign_changes_the_owner(as_, owner, head, outsider, teammate, project):
    assert "owner" not in as_(owner).get(f"/projects/{project.pk}/edit/").context["form"].fields
    save(as_(owner), project, {**form_of(project), "owner": teammate.pk})
    project.refresh_from_db()
    assert project.owner == owner
    shown = {"initial-owner": owner.pk}
    assert save(as_(head), project, {**form_of(project), **shown, "owner": outsider.pk}).status_code == 400
    assert save(as_(head), project, {**form_of(project), **shown, "owner": teammate.pk}).status_code == 302
    project.refresh_from_db()
    assert project.owner == teammate


def test_who_may_assign_links_a_leader_whom_page_and_api_show(as_, owner, head, leader, project):
    assert "leader" not in as_(owner).get(f"/projects/{project.pk}/edit/").context["form"].fields
    save(as_(owner), project, {**form_of(project), "leader": leader.pk})
    project.refresh_from_db()
    with pytest.raises(NotAllowed):
        mending.edit(project, {"leader": leader}, by=owner, at=make.NOW, version=project.version)
    with pytest.raises(mending.MendingRefused, match="不是在岗的区领导"):
        mending.edit(project, {"leader": owner}, by=head, at=make.NOW, version=project.version)
    assert Project.objects.get().leader is None
    shown = {"initial-owner": owner.pk, "owner": owner.pk, "initial-leader": ""}
    assert save(as_(head), project, {**form_of(project), **shown, "leader": owner.pk}).status_code == 400
    assert save(as_(head), project, {**form_of(project), **shown, "leader": leader.pk}).status_code == 302
    assert "<dt>联系区领导</dt><dd>区领导</dd>" in page(as_(owner), project).content.decode()
    assert callers.person(owner).get(f"projects/{project.pk}/").json()["leader_label"] == "区领导"


def test_a_station_reads_what_came_of_its_trip_and_moves_nothing(as_, station, owner, now):
    project = make.project(owner, roadshow=make.roadshow(station))
    assert page(as_(station), project).status_code == 200
    assert as_(station).post(f"/projects/{project.pk}/visit/", {}).status_code in (400, 403)
    assert as_(station).get(f"/projects/{project.pk}/edit/").status_code == 403


def test_the_page_costs_the_same_whatever_its_history(as_, owner, project, fund):
    client = as_(owner)
    page(client, project)
    few = queries(client, project)
    make.evidence(project, "proposal", "diligence", "decision", by=owner)
    for n in range(5):
        make_fund(f"基金{n}", [STAFF])
    page(client, project)
    Project.objects.filter(pk=project.pk).update(updated_at=make.NOW)
    assert queries(client, project) == few <= 12


def test_nothing_is_asked_twice_for_one_page(as_, owner, head, fund):
    project = make.ready_for_review(make.project(owner), owner)
    make.agreement(project, owner)
    project.refresh_from_db()
    project.move_to("review", by=head, at=make.NOW)
    client = as_(head)
    page(client, project)
    with CaptureQueriesContext(connection) as found:
        page(client, project)
    asked = Counter(sql for query in found for sql in query["sql"].split(";\n"))
    assert [sql for sql, times in asked.items() if times > 1] == []
    assert len(asked) > len(found) + 20  # most of them in a message with others
    assert not any(sql.startswith("DECLARE") for sql in asked)


def queries(client, project):
    with CaptureQueriesContext(connection) as found:
        assert page(client, project).status_code == 200
    return len(found)


@pytest.mark.parametrize("person", ["owner", "head", "manager", "leader", "auditor"])
def test_every_part_of_the_long_page_is_one_click_away(as_, request, project, person):
    text = as_(request.getfixturevalue(person)).get(project.get_absolute_url()).content.decode()
    nav = text[text.index('class="page-parts"') : text.index("</nav>", text.index('class="page-parts"'))]
    parts = re.findall(r'href="#([a-z]+)"', nav)
    assert {"timeline", "contact", "matches", "agreements"} <= set(parts)
    assert all(text.count(f'id="{part}"') == 1 for part in parts)
