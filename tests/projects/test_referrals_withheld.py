"""After 撤回 the fund reads that there was a referral and why it ended; nothing it was shown by consent."""

from datetime import timedelta
from importlib import import_module

import pytest

from django.apps import apps
from django.utils import timezone

from crm.models import AuditEvent, Fact, LossReason, Notification
from crm.notifications import deliver_all
from crm.workdays import shanghai_day
from leads.losing import Loss
from projects.losing import lose
from projects.models import Referral
from projects.models.referrals import Step, is_withheld
from projects.pressing import remind_referrals
from projects.referring import Move, advance
from projects.retracting import retract
from tests import callers, make

pytestmark = pytest.mark.django_db
NAME, PHONE = "深圳云芯科技有限公司", "13287530409"
SHOWN = ("深圳云芯", "0409", "77 人", "王景行", "可安排路演", "想要两千平米")
REASON = "企业收回同意"


@pytest.fixture
def fund(fund_user):
    return make.own_fund(fund_user)


@pytest.fixture
def referral(owner, head, fund_user, fund):
    project = make.project(owner, name=NAME, contact_name="王景行", contact_phone=PHONE)
    project.demands = "想要两千平米"
    project.save(update_fields=["demands"])
    Fact.objects.create(
        company=project.company, source="officer", key="staff", value=77, as_of=make.NOW.date(),
        created_at=make.NOW,
    )  # fmt: skip
    other = make.referral(make.project(owner, name="杭州别家科技有限公司"), fund, owner)
    row = make.referral(project, fund, owner, keys=["company", "staff", "demands"], note="可安排路演")
    remind_referrals(make.NOW + timedelta(days=8))  # one letter about both
    for each in (row, other):
        advance(each, Move(Step.RECEIVED, shanghai_day(timezone.now())), by=fund_user, at=timezone.now())
    remind_referrals(timezone.now() + timedelta(days=40))
    deliver_all(timezone.now() + timedelta(days=41))
    return row


def read_by(client, referral):
    """All that the fund's account can open, pages and answers of the API, as one text."""
    caller, own = callers.Caller(client=client), referral.get_absolute_url()
    places = ["/", "/funds/", referral.fund.get_absolute_url(), "/referrals/", own, "/notifications/"]
    places += [f"/referrals/?fund={referral.fund_id}"]
    said = [client.get(place).content.decode() for place in places]
    for path in ("referrals/", f"referrals/{referral.pk}/steps/"):
        answer = caller.get(path)
        assert answer.status_code == 200, path
        said.append(str(answer.json()))
    return "\n".join(said)


def withdraw(referral, by, at=None):
    at = at or timezone.now()
    referral.refresh_from_db()
    return advance(referral, Move(Step.WITHDRAWN, shanghai_day(at), reason=REASON), by=by, at=at)


def test_once_withdrawn_the_fund_reads_at_no_door_what_it_was_shown(as_, owner, fund_user, referral):
    before = read_by(as_(fund_user), referral)
    for words in ("深圳云芯", "0409", "77 人", "可安排路演", "想要两千平米"):
        assert words in before, words
    withdraw(referral, owner)
    deliver_all(timezone.now())
    client = as_(fund_user)
    after = read_by(client, referral)
    for words in SHOWN:
        assert words not in after, words
    assert f"推荐第 {referral.pk} 号" in after
    for query in ("云芯", "0409"):
        assert f"没有找到「{query}」" in client.get("/search/", {"q": query}).content.decode()
    assert "杭州别家" in after  # what was not withdrawn is read as before
    page = client.get(referral.get_absolute_url()).content.decode()
    for words in ("接收", REASON, "推荐已撤回", "已经取得的资料请停止使用"):
        assert words in page, words
    person = referral.project.company.contacts.get()
    answer = client.post(f"/referrals/{referral.pk}/contacts/{person.pk}/")
    assert answer.status_code == 403
    assert PHONE not in answer.content.decode()
    entry = next(
        one
        for one in callers.Caller(client=client).get("referrals/").json()["results"]
        if one["id"] == referral.pk
    )
    told = [entry[key] for key in ("project_name", "shared", "note", "step")]
    assert told == [f"推荐第 {referral.pk} 号", [], "", "withdrawn"]


def test_the_message_of_the_withdrawal_names_the_referral_by_its_number(as_, owner, fund_user, referral):
    withdraw(referral, owner)
    last = Notification.objects.filter(user=fund_user).order_by("-pk").first()
    assert last.title == f"「推荐第 {referral.pk} 号」推荐钱塘一号基金：撤回"
    assert REASON in last.body
    assert not Notification.objects.filter(user=fund_user, title__contains="深圳云芯").exists()
    assert Notification.objects.filter(user=owner, title__contains="深圳云芯").exists()


@pytest.mark.parametrize("field", ["reason", "note"])
@pytest.mark.parametrize(
    ("said", "words"), [(f"{NAME}收回同意", "不要写名称"), (f"找王总 {PHONE}", "联系方式")]
)
def test_what_is_said_of_the_withdrawal_tells_neither_name_nor_contact(
    owner, fund_user, referral, field, said, words
):
    step = {"step": "withdrawn", "on": f"{shanghai_day(timezone.now())}", "reason": REASON, field: said}
    answer = callers.person(owner).post(f"referrals/{referral.pk}/steps/", step)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert words in answer.json()["detail"]
    referral.refresh_from_db()
    assert referral.step == Step.RECEIVED
    withdraw(referral, owner)
    row = referral.steps.standing().last()
    address = f"referrals/{referral.pk}/steps/{row.pk}/"
    referral.refresh_from_db()
    for correction, wrong in (
        ({field: said, "why": "写清楚"}, field),
        ({"reason": "重写", "why": said}, "why"),
    ):
        answer = callers.person(owner).patch(address, correction, if_match=f'"v{referral.version}"')
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, wrong)


def test_our_side_keeps_what_was_disclosed_to_whom_and_when(as_, owner, auditor, referral):
    withdraw(referral, owner)
    for person in (owner, auditor):
        page = as_(person).get(referral.get_absolute_url()).content.decode()
        for words in (NAME, "77 人", "可安排路演", "想要两千平米", REASON):
            assert words in page, (person, words)
    entry = next(
        one for one in callers.person(owner).get("referrals/").json()["results"] if one["id"] == referral.pk
    )
    assert [one["key"] for one in entry["shared"]] == ["company", "demands", "staff"]
    referred = AuditEvent.objects.get(action="refer", subject_id=referral.pk)
    assert referred.detail["shared"] == ["企业全称", "企业诉求", "员工人数"]


def test_what_a_lost_project_takes_back_is_withheld_as_well(as_, owner, fund_user, referral):
    why = Loss(LossReason.objects.get(code="strategy"), "暂缓")
    lose(referral.project, why, by=owner, at=timezone.now())
    referral.refresh_from_db()
    assert referral.step == "withdrawn"
    after = read_by(as_(fund_user), referral)
    for words in SHOWN:
        assert words not in after, words


def test_a_withdrawal_that_did_not_happen_shows_again_and_a_rejection_hides_the_contacts_alone(
    as_, owner, fund_user, referral
):
    step = withdraw(referral, owner)
    referral.refresh_from_db()
    retract(step, "点错", by=owner, at=timezone.now(), version=referral.version)
    assert "77 人" in as_(fund_user).get(referral.get_absolute_url()).content.decode()
    referral.refresh_from_db()
    on = shanghai_day(timezone.now())
    advance(referral, Move(Step.REJECTED, on, reason="太早"), by=fund_user, at=timezone.now())
    page = as_(fund_user).get(referral.get_absolute_url()).content.decode()
    assert "77 人" in page
    assert "0409" not in page


def test_a_consent_taken_back_after_the_rejection_ends_the_reading_too(as_, owner, fund_user, referral):
    on = shanghai_day(timezone.now())
    referral.refresh_from_db()
    advance(referral, Move(Step.REJECTED, on, reason="太早"), by=fund_user, at=timezone.now())
    own, given = referral.get_absolute_url(), {"withdrawn-step": "withdrawn", "withdrawn-on": on}
    assert "登记「" not in as_(fund_user).get(own).content.decode()
    page = as_(owner).get(own).content.decode()
    assert page.count("登记「") == page.count("登记「撤回」") == 1
    answer = as_(owner).post(f"{own}steps/", {**given, "withdrawn-reason": REASON})
    assert answer.status_code == 302
    after = read_by(as_(fund_user), referral)
    for words in SHOWN:
        assert words not in after, words
    assert "太早" in as_(fund_user).get(own).content.decode()  # its own step
    again = as_(owner).post(f"{own}steps/", {**given, "withdrawn-reason": REASON})
    assert (again.status_code, "推荐已经结束" in again.content.decode()) == (400, True)
    step = referral.steps.standing().last()
    referral.refresh_from_db()
    retract(step, "点错", by=owner, at=timezone.now(), version=referral.version)
    referral.refresh_from_db()
    assert referral.step == "rejected"
    assert "77 人" in as_(fund_user).get(own).content.decode()


def test_the_same_project_referred_anew_is_read_by_its_own_consent(as_, owner, fund, fund_user, referral):
    withdraw(referral, owner)
    again = make.referral(referral.project, fund, owner, at=timezone.now())
    client = as_(fund_user)
    assert NAME in client.get(again.get_absolute_url()).content.decode()
    assert NAME not in client.get(referral.get_absolute_url()).content.decode()


@pytest.mark.parametrize("step", Step.values)
def test_only_the_fund_and_only_after_the_withdrawal_is_kept_from_reading(owner, fund_user, step):
    assert is_withheld(step, fund_user) is (step == "withdrawn")
    assert not is_withheld(step, owner)
    assert Referral(step=step).is_open is (step not in ("withdrawn", "rejected", "funded"))


def test_messages_of_referrals_withdrawn_before_this_rule_are_taken_back_by_the_upgrade(
    owner, fund_user, referral
):
    Referral.objects.filter(pk=referral.pk).update(step="withdrawn")
    of_fund = Notification.objects.filter(user=fund_user)
    others = {one.pk: one.title for one in of_fund if "杭州别家" in one.title}
    assert of_fund.filter(title__contains="深圳云芯").exists()
    upgrade = import_module("projects.migrations.0023_messages_of_withdrawn_referrals")
    upgrade.withhold(apps, None)
    said = str(list(of_fund.values_list("title", "body", "items")))
    assert "深圳云芯" not in said
    assert f"推荐第 {referral.pk} 号" in said
    assert others == {one.pk: one.title for one in of_fund if one.pk in others} != {}
    assert Notification.objects.filter(user=owner, title__contains="深圳云芯").exists()
