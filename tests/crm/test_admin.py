"""The settings pages: opened by role alone, every change logged, no business record in sight."""

import re

import pytest

from django.urls import reverse

from crm import numbers
from crm.admin_site import site
from crm.audit import SUBJECTS
from crm.models import (
    AuditEvent,
    Channel,
    FusionSector,
    Holiday,
    PartnerToken,
    Setting,
    StageSetting,
    Unit,
    User,
)
from crm.stages import StepRefused
from leads.models import Lead
from projects.models import Fund
from projects.seeding import load_funds, load_policies
from tests import make
from tests.spoken import foreign

INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\bsrc=)(?![^>]*json)|\son[a-z]+=\"")
PASSWORD = "Xiaohe-lu-2026"


def page(name, *args):
    return reverse(f"admin:{name}", args=args)


def test_only_the_role_opens_the_settings_not_the_flags_of_django(as_, owner, manager, admin_user):
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    assert as_(owner).get("/admin/").status_code == 403
    for person in (manager, admin_user):
        assert as_(person).get("/admin/").status_code == 200


def test_the_bureau_sets_words_and_limits_but_neither_people_nor_tokens(as_, manager):
    client = as_(manager)
    index = client.get("/admin/").content.decode()
    assert "规则数值" in index
    assert page("crm_user_changelist") not in index
    assert "首报保护期（天）｜默认 90" in client.get(page("crm_setting_add")).content.decode()
    added = client.post(page("crm_setting_add"), {"key": "protection_days", "value": 60})
    assert added.status_code == 302
    assert "没有列出的按默认值" in client.get(page("crm_setting_changelist")).content.decode()
    assert Setting.objects.get(pk="protection_days").updated_by == manager
    for name in ("crm_user_changelist", "crm_unit_add", "crm_partnertoken_changelist"):
        assert client.get(page(name)).status_code == 403


def test_the_settings_have_no_login_of_their_own(client, db):
    answer = client.get("/admin/crm/unit/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=/admin/crm/unit/"


def test_no_business_record_is_registered():
    registered = {model._meta.label for model in site._registry}
    assert not any(label.startswith("leads.") for label in registered)
    assert {label for label in registered if label.startswith("projects.")} == {
        "projects.DecisionRoute",
        "projects.Fund",
        "projects.Policy",
    }
    assert not registered & {"crm.Company", "crm.Contact", "crm.Fact", "crm.Notification", "crm.AuditEvent"}


def test_the_audit_log_has_a_word_for_whatever_is_changed_in_the_settings():
    assert {model._meta.label_lower for model in site._registry} <= SUBJECTS.keys()


def test_every_settings_page_opens_and_keeps_the_content_policy(as_, admin_user, owner):
    client = as_(admin_user)
    make.lead(owner)
    for model in site._registry:
        for url in (page(f"{model._meta.app_label}_{model._meta.model_name}_changelist"), _first(model)):
            if url is None:
                continue
            answer = client.get(url)
            assert answer.status_code == 200, url
            html = answer.content.decode()
            assert not INLINE.search(html), url


KNOWN = {"owner", "admin", "gs_abc"}  # accounts, and the beginning of a token


def test_the_settings_speak_chinese(as_, admin_user, owner, banshan, now):
    load_funds(at=now)
    load_policies(at=now)
    PartnerToken.objects.create(
        name="杭钢", prefix="gs_abc", digest="d" * 64, scopes=["leads:write"], unit=banshan, created_at=now
    )
    Setting.objects.create(key="protection_days", value=60, updated_by=admin_user)
    client, said = as_(admin_user), {}
    for url in every_settings_page():
        answer = client.get(url)
        if answer.status_code == 200:
            said[url] = foreign(answer, KNOWN)
    said["new"] = foreign(new_person(client), KNOWN)
    assert {url: words for url, words in said.items() if words} == {}
    assert len(said) > 40


def every_settings_page():
    yield page("index")
    for model in site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield page(f"{name}_changelist")
        yield page(f"{name}_add")
        if row := model._default_manager.first():
            yield from (page(f"{name}_{door}", row.pk) for door in ("change", "history", "delete"))
    yield page("auth_user_password_change", User.objects.first().pk)


def _first(model):
    row = model._default_manager.first()
    return row and page(f"{model._meta.app_label}_{model._meta.model_name}_change", row.pk)


def new_person(client, **fields):
    values = {"username": "xinren", "name": "新人", "role": "officer", "unit": ""}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    return client.post(page("crm_user_add"), {**values, **passwords, **fields})


def test_a_new_person_gets_role_unit_and_password_and_can_log_in(as_, client, admin_user, banshan):
    assert new_person(as_(admin_user), username=" XinRen ", unit=banshan.pk).status_code == 302
    person = User.objects.get(username="xinren")
    assert (person.role, person.unit, person.is_staff) == ("officer", banshan, False)
    client.post("/logout/")
    assert client.post("/login/", {"username": "xinren", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "必须有所属单位"),
        ({"role": "leader", "password1": "abc", "password2": "abc"}, "至少要 10 位"),
        ({"role": "leader", "username": "OWNER"}, "已存在"),
    ],
)
def test_a_person_without_unit_weak_password_or_taken_name_is_refused(as_, admin_user, owner, fields, why):
    answer = new_person(as_(admin_user), **fields)
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert not User.objects.filter(name="新人").exists()


def change_person(client, person, **fields):
    values = {name: getattr(person, name) or "" for name in ("username", "name", "role", "unit_id")}
    values |= {"unit": values.pop("unit_id"), "is_active": "on"}
    return client.post(page("crm_user_change", person.pk), {**values, **fields})


def test_the_staff_flag_follows_the_role_and_the_change_is_logged(as_, admin_user, manager):
    client = as_(admin_user)
    change_person(client, manager, role="admin")
    manager.refresh_from_db()
    assert manager.is_staff
    change_person(client, manager, role="manager")
    manager.refresh_from_db()
    assert not manager.is_staff
    event = AuditEvent.objects.filter(action="admin_change", subject="crm.user").first()
    assert event.detail["角色"] == "系统管理员 → 区投促局"
    assert (event.actor, event.subject_id) == (admin_user, manager.pk)


def test_the_log_of_the_settings_says_values_in_words(as_, admin_user, manager, banshan, wanggu):
    client = as_(admin_user)
    change_person(client, manager, role="head", unit=banshan.pk)
    change_person(client, User.objects.get(pk=manager.pk), unit=wanggu.pk, is_active="")
    newest, first = AuditEvent.objects.filter(action="admin_change")[:2]
    assert (first.detail["角色"], first.detail["单位"]) == ("区投促局 → 单位负责人", "区投促局 → 半山区块")
    assert newest.detail["单位"] == "半山区块 → 智慧网谷小镇"
    assert "是 → 否" in newest.detail.values()


def test_an_administrator_cannot_lock_themselves_out(as_, admin_user):
    client = as_(admin_user)
    change_person(client, admin_user, role="leader", is_active="")
    admin_user.refresh_from_db()
    assert admin_user.role == "admin"
    assert admin_user.is_active


def test_a_set_password_is_logged_without_the_password(as_, client, admin_user, owner):
    url = page("auth_user_password_change", owner.pk)
    as_(admin_user).post(url, {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"})
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    event = AuditEvent.objects.get(action="admin_change")
    assert event.detail == {"object": "林晓", "登录密码": "已设置"}


def test_leaving_from_the_settings_is_leaving_the_site(as_, admin_user):
    client = as_(admin_user)
    assert client.get("/admin/logout/").status_code == 405
    assert client.post("/admin/logout/").url == "/login/"
    assert client.get("/admin/").status_code == 302
    assert AuditEvent.objects.get().action == "logout"


def test_the_page_of_a_person_shows_nothing_of_the_password(as_, admin_user, owner):
    shown = as_(admin_user).get(page("crm_user_change", owner.pk)).content.decode()
    assert "重新设置密码" in shown
    assert owner.password not in shown
    assert "md5" not in shown


def test_nobody_and_no_word_is_deleted(as_, admin_user, owner):
    channel = Channel.objects.first()
    client = as_(admin_user)
    assert client.post(page("crm_user_delete", owner.pk), {"post": "yes"}).status_code == 403
    assert client.post(page("crm_channel_delete", channel.pk), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=owner.pk).exists()
    assert Channel.objects.filter(pk=channel.pk).exists()


def test_a_word_is_retired_by_its_last_day(as_, admin_user):
    sector = FusionSector.objects.first()
    values = {"name": sector.name, "order": sector.order, "active_to": "2026-12-31"}
    assert as_(admin_user).post(page("crm_fusionsector_change", sector.pk), values).status_code == 302
    sector.refresh_from_db()
    assert f"{sector.active_to}" == "2026-12-31"


def test_a_rule_number_is_changed_logged_and_restored(as_, admin_user):
    client = as_(admin_user)
    client.post(page("crm_setting_add"), {"key": "protection_days", "value": "60"})
    assert numbers.number("protection_days") == 60
    assert Setting.objects.get().updated_by == admin_user
    assert "首报保护期（天）" in client.get(page("crm_setting_change", "protection_days")).content.decode()
    client.post(page("crm_setting_change", "protection_days"), {"value": "45"})
    client.post(page("crm_setting_delete", "protection_days"), {"post": "yes"})
    assert numbers.number("protection_days") == 90
    events = AuditEvent.objects.filter(subject="crm.setting").order_by("pk")
    assert [event.action for event in events] == ["admin_add", "admin_change", "admin_delete"]
    assert events[1].detail == {"object": "首报保护期（天）", "值": "60 → 45"}


@pytest.mark.parametrize("value", ["0", "-5", "abc", "99999999"])
def test_a_senseless_number_is_refused(as_, admin_user, value):
    answer = as_(admin_user).post(page("crm_setting_add"), {"key": "protection_days", "value": value})
    assert answer.status_code == 200
    assert not Setting.objects.exists()


def test_every_rule_number_has_a_chinese_name_and_a_range_around_its_default():
    assert numbers.LABELS.keys() == numbers.DEFAULTS.keys() == numbers.RANGES.keys()
    assert [key for key, value in numbers.DEFAULTS.items() if numbers.out_of_range(key, value)] == []


@pytest.mark.parametrize(
    ("key", "value", "range"),
    [
        ("handover_share", 150, "0 到 100"),
        ("handover_share", -1, "0 到 100"),
        ("silence_days", 3, "7 到 365"),
    ],
)
def test_a_number_out_of_its_range_is_refused_with_the_range(as_, admin_user, key, value, range):
    client = as_(admin_user)
    new = client.post(page("crm_setting_add"), {"key": key, "value": value})
    Setting.objects.create(key=key, value=50)
    changed = client.post(page("crm_setting_change", key), {"value": value})
    for answer in (new, changed):
        assert answer.status_code == 200
        assert f"请填 {range} 的整数，现在填的是 {value}" in answer.content.decode()
    assert Setting.objects.get().value == 50


@pytest.mark.parametrize("key", ["handovers_max", "handover_share"])
def test_nothing_at_all_is_a_number_where_it_makes_sense(as_, admin_user, key):
    as_(admin_user).post(page("crm_setting_add"), {"key": key, "value": "0"})
    assert numbers.number(key) == 0


def limit(client, stage, days, red=7):
    setting = StageSetting.objects.get(pk=stage)
    values = {"label": setting.label, "limit_days": days, "red_after_days": red}
    return client.post(page("crm_stagesetting_change", stage), values)


def test_a_new_limit_is_logged_and_counts_for_running_leads_at_once(as_, admin_user, owner):
    lead = make.lead(owner)
    before = lead.limit_on
    assert limit(as_(admin_user), "lead", 60).status_code == 302
    lead.refresh_from_db()
    assert lead.limit_on > before
    event = AuditEvent.objects.get(action="admin_change")
    assert event.subject == "crm.stagesetting"
    assert event.detail["object"] == "线索"
    assert event.detail["时限（工作日）"].endswith("→ 60")


@pytest.mark.parametrize("days", [0, 366])
def test_a_limit_is_of_one_day_to_a_year(as_, admin_user, days):
    before = StageSetting.objects.get(pk="lead").limit_days
    assert limit(as_(admin_user), "lead", days).status_code == 200
    assert StageSetting.objects.get(pk="lead").limit_days == before


def test_a_new_word_for_a_stage_moves_no_clock(as_, admin_user, owner):
    lead = make.lead(owner)
    Lead.objects.update(limit_on="2026-01-01")
    setting = StageSetting.objects.get(pk="lead")
    values = {"label": "新线索", "limit_days": setting.limit_days or "", "red_after_days": 7}
    as_(admin_user).post(page("crm_stagesetting_change", "lead"), values)
    lead.refresh_from_db()
    assert f"{lead.limit_on}" == "2026-01-01"
    assert StageSetting.objects.get(pk="lead").label == "新线索"


def test_a_new_word_for_a_stage_is_read_everywhere_at_once(
    as_, admin_user, owner, manager, django_capture_on_commit_callbacks
):
    lead, project = make.lead(owner), make.project(owner)
    pages = [lead.get_absolute_url(), "/leads/", "/leads/board/", "/"]
    pages += [project.get_absolute_url(), "/projects/", "/projects/board/", "/reports/"]
    for one in pages:
        as_(manager).get(one)
    for code, word in (("lead", "新线索"), ("negotiating", "实质谈判")):
        kept = StageSetting.objects.get(pk=code)
        values = {"label": word, "limit_days": kept.limit_days or "", "red_after_days": kept.red_after_days}
        with django_capture_on_commit_callbacks(execute=True):
            as_(admin_user).post(page("crm_stagesetting_change", code), values)
    found = {one: as_(manager).get(one).content.decode() for one in pages}
    assert [one for one in pages if "新线索" not in found[one] and "实质谈判" not in found[one]] == []
    assert "在谈" not in found["/projects/board/"] + found["/projects/"] + found[project.get_absolute_url()]
    with pytest.raises(StepRefused, match="「新线索」"):
        lead.move_to("lead", by=owner, at=make.NOW)


def test_a_new_holiday_moves_the_running_clocks_and_its_removal_moves_them_back(as_, admin_user, owner):
    lead = make.lead(owner)
    before = lead.limit_on
    client = as_(admin_user)
    assert before > make.NOW.date()
    client.post(page("crm_holiday_add"), {"day": f"{before}", "name": "临时放假"})
    lead.refresh_from_db()
    assert lead.limit_on > before
    client.post(page("crm_holiday_delete", f"{before}"), {"post": "yes"})
    lead.refresh_from_db()
    assert lead.limit_on == before


def test_the_day_of_a_holiday_stays_so_that_a_correction_makes_no_second_one(as_, admin_user, owner):
    client = as_(admin_user)
    client.post(page("crm_holiday_add"), {"day": "2026-06-08", "name": "临时放假"})
    before = Holiday.objects.count()
    client.post(page("crm_holiday_change", "2026-06-08"), {"day": "2026-06-09", "name": "停水放假"})
    assert Holiday.objects.count() == before
    assert Holiday.objects.get(day="2026-06-08").name == "停水放假"


def test_a_token_is_revoked_at_once_and_never_shown(as_, admin_user, banshan, now):
    token = PartnerToken.objects.create(
        name="杭钢平台", prefix="gs_abc", digest="d" * 64, scopes=[], unit=banshan, created_at=now
    )
    client = as_(admin_user)
    shown = client.get(page("crm_partnertoken_change", token.pk)).content.decode()
    assert "d" * 64 not in shown
    client.post(page("crm_partnertoken_changelist"), {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None
    event = AuditEvent.objects.get(action="token_revoked")
    assert event.detail == {"prefix": "gs_abc"}


@pytest.mark.django_db(transaction=True)
def test_a_token_is_revoked_without_a_transaction_around_the_request(as_, admin_user, banshan, now):
    token = PartnerToken.objects.create(
        name="杭钢平台", prefix="gs_abc", digest="d" * 64, scopes=[], unit=banshan, created_at=now
    )
    typed = {"action": "revoke", "_selected_action": [token.pk]}
    assert as_(admin_user).post(page("crm_partnertoken_changelist"), typed).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_units_are_added_and_their_code_stays(as_, admin_user):
    client = as_(admin_user)
    typed = {"code": "yunhe", "name": "运河湾", "kind": "platform", "is_active": "on"}
    client.post(page("crm_unit_add"), typed)
    unit = Unit.objects.get(code="yunhe")
    client.post(page("crm_unit_change", unit.pk), {"code": "x", "name": "运河湾单元", "kind": "platform"})
    unit.refresh_from_db()
    assert (unit.code, unit.name, unit.is_active) == ("yunhe", "运河湾单元", False)


def test_funds_are_looked_at_only(as_, admin_user):
    assert as_(admin_user).get(page("projects_fund_add")).status_code == 403


def test_the_settings_lead_to_no_page_the_administrator_does_not_see(as_, admin_user):
    load_funds(at=make.NOW)
    fund = Fund.objects.order_by("pk").first()
    text = as_(admin_user).get(page("projects_fund_change", fund.pk)).content.decode()
    assert "条件" in text
    assert "/admin/r/" not in text
