"""Agreements through their doors: what is refused, who counts, what a correction leaves behind."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from django.utils import timezone

from crm.models import AuditEvent, Company
from crm.workdays import shanghai_day
from projects.agreements import AgreementRefused, count, signed_amount
from projects.mending import MendingRefused, Proof, add_evidence
from projects.models import Agreement, Correction, Evidence
from tests import make

USCC = "91330105MACPN4X08Y"
OTHER_USCC = "91330000755918469E"


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳星海智能有限公司")


@pytest.fixture
def signed(project, owner):
    return make.agreement(project, owner, number="拱招〔2026〕1号")


def stated(**changes):
    given = {
        "kind": "investment",
        "title": "星海总部项目投资协议",
        "number": "拱招〔2026〕7号",
        "signed_on": "2026-04-01",
        "amount_wan": "1.2亿",
        "signer": "杭州星海科技有限公司",
        "signer_uscc": USCC,
    }
    return {**given, **changes}


def add(client, project, **changes):
    return client.post(f"/projects/{project.pk}/agreements/new/", stated(**changes))


def test_an_agreement_is_entered_not_counted_yet_and_stands_on_the_page(as_, owner, project):
    client = as_(owner)
    assert add(client, project).status_code == 302
    row = Agreement.objects.get()
    assert (row.amount_wan, row.counted_on, row.by, row.signer_uscc) == (Decimal(12000), None, owner, USCC)
    page = client.get(project.get_absolute_url()).content.decode()
    assert "星海总部项目投资协议" in page
    assert "待区投促局确认统计日期" in page
    assert "1.2 亿元" in page


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"signed_on": f"{shanghai_day(timezone.now()) + timedelta(days=2)}"}, "签订日期不能晚于今天"),
        ({"signer_uscc": "91330105MA00567890"}, "校验位不对"),
        ({"number": "拱招〔2026〕1号"}, "已有编号为 拱招〔2026〕1号 的协议"),
        ({"number": "拱招 〔２０２６〕 1 号"}, "已有编号为 拱招〔2026〕1号 的协议"),
        ({"kind": "termination", "amount_wan": ""}, "解除协议要选明解除的是哪一份"),
        ({"expires_on": "2026-03-01"}, "有效期不能早于签订日期"),
        ({"filed_on": "2026-03-01"}, "备案日期不能早于签订日期"),
        ({"amount_wan": "1–2亿"}, "是一个范围"),
        ({"signer": ""}, "请填写签约主体"),
    ],
)
def test_what_cannot_be_signed_is_refused_and_nothing_is_written(as_, owner, project, signed, changes, words):
    answer = add(as_(owner), project, **changes)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert list(Agreement.objects.all()) == [signed]


def test_only_an_own_agreement_can_be_replaced_and_only_once(as_, owner, project, signed):
    foreign = make.agreement(make.project(owner), owner)
    client = as_(owner)
    assert "不在您的可见范围内" in add(client, project, supersedes=foreign.pk).content.decode()
    early = add(client, project, supersedes=signed.pk, signed_on="2026-03-01")
    assert "签订日期不能早于被替代的协议" in early.content.decode()
    framework = add(client, project, supersedes=signed.pk, kind="framework")
    assert "正式协议不能由框架协议" in framework.content.decode()
    assert add(client, project, supersedes=signed.pk).status_code == 302
    again = add(client, project, supersedes=signed.pk, number="拱招〔2026〕8号")
    assert "已由「星海总部项目投资协议」替代或解除" in again.content.decode()
    assert Agreement.objects.filter(project=project).count() == 2


def test_the_signer_may_be_another_firm_than_investor_and_registered_company(as_, owner, project):
    project.investor = Company.objects.create(
        name="星海控股", uscc=OTHER_USCC, created_at=make.NOW, updated_at=make.NOW
    )
    project.save()
    client = as_(owner)
    add(client, project)
    page = client.get(Agreement.objects.get().get_absolute_url()).content.decode()
    for words in ("投资主体", "星海控股", OTHER_USCC, "签约主体", "杭州星海科技有限公司", USCC, "注册公司"):
        assert words in page


def test_only_the_bureau_confirms_the_day_that_counts(as_, owner, head, manager, signed):
    make.scanned(signed, owner)
    url = f"{signed.get_absolute_url()}count/"
    for person in (owner, head):
        answer = as_(person).post(url, {"counted_on": "2026-04-10", "version": 1})
        assert answer.status_code == 403
        assert "统计日期由区投促局审核通过后确认" in answer.content.decode()
    early = as_(manager).post(url, {"counted_on": "2026-03-31", "version": 1})
    assert "统计日期不能早于签订或发生的那天（2026-04-01）" in early.content.decode()
    tomorrow = shanghai_day(timezone.now()) + timedelta(days=1)
    assert as_(manager).post(url, {"counted_on": f"{tomorrow}", "version": 1}).status_code == 400
    signed.refresh_from_db()
    assert signed.counted_on is None
    assert as_(manager).post(url, {"counted_on": "2026-04-10", "version": 1}).status_code == 302
    signed.refresh_from_db()
    event = AuditEvent.objects.get(action="count")
    assert (signed.counted_on, event.actor, event.subject_id) == (date(2026, 4, 10), manager, signed.pk)


def test_moving_the_day_that_counts_wants_a_reason(as_, manager, signed):
    Agreement.objects.update(counted_on=date(2026, 4, 10))
    client, url = as_(manager), f"{signed.get_absolute_url()}count/"
    assert "请写明理由" in client.post(url, {"counted_on": "", "version": 1}).content.decode()
    said = {"counted_on": "", "version": 1, "reason": "审核退回"}
    assert client.post(url, said).status_code == 302
    signed.refresh_from_db()
    assert signed.counted_on is None
    assert Correction.objects.get().changes == {"counted_on": ["2026-04-10", "未填"]}


def test_a_correction_keeps_what_stood_there_with_who_when_and_why(as_, owner, project, signed):
    client, url = as_(owner), f"{signed.get_absolute_url()}edit/"
    page = client.get(url)
    form = page.context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    assert client.post(url, {**values, "amount_wan": "6000", "reason": "录入有误"}).status_code == 302
    signed.refresh_from_db()
    kept = Correction.objects.get()
    assert (signed.amount_wan, signed.version, kept.by, kept.reason) == (6000, 2, owner, "录入有误")
    assert kept.changes == {"amount_wan": ["5,000 万元", "6,000 万元"]}
    shown = client.get(signed.get_absolute_url()).content.decode()
    assert "<del>5,000 万元</del> → 6,000 万元" in shown
    stale = client.post(url, {**values, "amount_wan": "7000"})
    assert stale.status_code == 412
    signed.refresh_from_db()
    assert signed.amount_wan == 6000


def test_what_has_been_counted_is_corrected_by_the_bureau_with_a_reason(as_, owner, manager, signed):
    Agreement.objects.update(counted_on=date(2026, 4, 10))
    url = f"{signed.get_absolute_url()}edit/"

    def post(person, **changes):
        form = as_(person).get(url).context["form"]
        values = {name: form[name].value() or "" for name in form.fields}
        return as_(person).post(url, {**values, **changes})

    assert "请另行登记补充协议" in post(owner, amount_wan="9000", reason="改").content.decode()
    assert "请写明理由" in post(manager, amount_wan="9000").content.decode()
    assert Agreement.objects.get().amount_wan == 5000
    assert post(owner, title="星海项目投资协议书").status_code == 302
    assert post(manager, amount_wan="9000", reason="原件金额如此").status_code == 302
    assert Agreement.objects.get().amount_wan == 9000


def test_evidence_shows_both_dates_and_the_bureau_confirms_the_second(as_, owner, manager, project):
    proof = make.evidence(project, "registration", by=owner)[0]
    url = f"/projects/{project.pk}/evidence/{proof.pk}/"
    assert "counted_on" not in as_(owner).get(url).context["form"].fields
    assert as_(owner).post(url, {"event_on": "2026-04-18", "counted_on": "2026-04-19"}).status_code == 302
    proof.refresh_from_db()
    assert (proof.event_on, proof.counted_on) == (date(2026, 4, 18), None)
    confirmed = as_(manager).post(url, {"event_on": "2026-04-18", "counted_on": "2026-04-30"})
    assert confirmed.status_code == 302
    assert Evidence.objects.get().counted_on == date(2026, 4, 30)
    assert as_(owner).post(url, {"event_on": "2026-04-17", "reason": "写错"}).status_code == 403
    refused = as_(manager).post(url, {"event_on": "2026-04-17", "counted_on": "2026-05-08"})
    assert refused.status_code == 400
    assert Evidence.objects.get().event_on == date(2026, 4, 18)
    page = as_(owner).get(project.get_absolute_url()).content.decode()
    assert "发生 2026-04-18 · 统计 2026-04-30" in page


def test_an_officer_cannot_count_evidence_while_entering_it(as_, owner, manager, project):
    url = f"/projects/{project.pk}/evidence/"
    form = {
        "evidence-kind": "premises",
        "evidence-event_on": "2026-04-02",
        "evidence-counted_on": "2026-04-03",
    }
    as_(owner).post(url, form)
    as_(manager).post(url, form)
    assert list(Evidence.objects.order_by("pk").values_list("counted_on", flat=True)) == [
        None,
        date(2026, 4, 3),
    ]


def test_readers_see_agreements_and_no_forms_and_strangers_nothing(as_, leader, outsider, project, signed):
    page = as_(leader).get(signed.get_absolute_url())
    assert page.status_code == 200
    assert "更正</a>" not in page.content.decode()
    assert as_(leader).get(f"{signed.get_absolute_url()}edit/").status_code == 403
    assert as_(outsider).get(signed.get_absolute_url()).status_code == 404
    assert add(as_(outsider), project).status_code == 404
    assert Agreement.objects.count() == 1


def test_an_expanding_firm_shows_what_counts_and_what_does_not(as_, owner, project):
    project.landing_mode, project.amount_wan, project.prior_wan = "expansion", 3000, 20000
    project.save()
    page = as_(owner).get(project.get_absolute_url()).content.decode()
    assert "本次增资（计入统计）" in page
    assert "原有投资（不计入）" in page


def test_a_proof_of_an_impossible_year_is_refused_entered_or_corrected(as_, owner, manager, project):
    url, words = f"/projects/{project.pk}/evidence/", "发生日期要在 2000 年到 2100 年之间"
    given = {"evidence-kind": "premises", "evidence-event_on": "0202-04-02"}
    assert words in as_(owner).post(url, given).content.decode()
    assert not Evidence.objects.exists()
    proof = make.evidence(project, "premises", by=owner)[0]
    answer = as_(owner).post(f"{url}{proof.pk}/", {"event_on": "0202-04-02"})
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    with pytest.raises(MendingRefused, match=words):
        add_evidence(project, Proof("premises", date(202, 4, 2)), by=owner, at=make.NOW)


@pytest.fixture
def expansion(project, owner):
    """A firm that puts 2000 万元 to the 8000 it has here, with an agreement that names the whole."""
    project.landing_mode, project.amount_wan, project.prior_wan = "expansion", 2000, 8000
    project.save()
    row = make.agreement(project, owner, amount_wan=Decimal(10000), number="拱招〔2026〕3号")
    return make.scanned(row, owner)


def test_of_a_firm_that_expands_the_whole_is_not_counted_until_the_increment_is_stated(
    as_, manager, expansion
):
    client, url = as_(manager), f"{expansion.get_absolute_url()}count/"
    refused = client.post(url, {"counted_on": "2026-04-10", "version": 1})
    assert refused.status_code == 400
    for words in ("新增投资额 2,000 万元", "协议金额 1 亿元", "请写明计入金额"):
        assert words in refused.content.decode()
    over = client.post(url, {"counted_on": "2026-04-10", "counted_wan": "2001", "version": 1})
    assert "请核对计入金额，或先更正项目的新增投资额" in over.content.decode()
    expansion.refresh_from_db()
    assert (expansion.counted_on, expansion.counted_wan) == (None, None)
    assert not AuditEvent.objects.filter(action="count").exists()
    assert (
        client.post(url, {"counted_on": "2026-04-10", "counted_wan": "0.2亿", "version": 1}).status_code
        == 302
    )
    assert signed_amount(expansion.project, date(2026, 12, 31)) == 2000
    page = client.get(expansion.project.get_absolute_url()).content.decode()
    assert "（计入 2,000 万元）" in page
    more = make.agreement(expansion.project, manager, kind="supplement", amount_wan=Decimal(500))
    added = client.post(f"{more.get_absolute_url()}count/", {"counted_on": "2026-04-11", "version": 1})
    assert "增资项目只计新增部分" in added.content.decode()


def test_how_much_counts_is_stated_of_a_firm_that_expands_only_and_moves_with_a_reason(
    as_, manager, signed, expansion
):
    client = as_(manager)
    url = f"{expansion.get_absolute_url()}count/"
    client.post(url, {"counted_on": "2026-04-10", "counted_wan": "2000", "version": 1})
    same = {"counted_on": "2026-04-10", "version": 2}
    assert "请写明理由" in client.post(url, {**same, "counted_wan": "1500"}).content.decode()
    assert client.post(url, {**same, "counted_wan": "1500", "reason": "核对后"}).status_code == 302
    assert Correction.objects.first().changes == {"counted_wan": ["2,000 万元", "1,500 万元"]}
    with pytest.raises(AgreementRefused, match="计入金额不能大于协议金额"):
        count(
            expansion,
            date(2026, 4, 10),
            by=manager,
            at=make.NOW,
            version=3,
            reason="错",
            counted_wan=Decimal(10001),
        )
    type(expansion.project).objects.update(landing_mode="lease")
    make.scanned(signed, manager)
    with pytest.raises(AgreementRefused, match="只有增资项目"):
        count(signed, date(2026, 4, 10), by=manager, at=make.NOW, version=1, counted_wan=Decimal(1))
    signed.refresh_from_db()
    assert signed.counted_on is None


def test_what_was_counted_whole_before_is_pointed_out(as_, owner, expansion):
    Agreement.objects.filter(pk=expansion.pk).update(counted_on=date(2026, 4, 10))
    page = as_(owner).get(expansion.project.get_absolute_url()).content.decode()
    assert "超过新增投资额 2,000 万元：增资项目只计新增部分" in page


def test_a_formal_agreement_is_not_counted_without_its_file(as_, owner, manager, project):
    client, add_form = as_(owner), stated(paper=make.paper("协议.pdf"))
    bare = make.agreement(project, owner)
    url = f"{bare.get_absolute_url()}count/"
    refused = as_(manager).post(url, {"counted_on": "2026-04-10", "version": 1})
    assert (refused.status_code, "请先上传签字盖章的扫描件" in refused.content.decode()) == (400, True)
    bare.refresh_from_db()
    assert bare.counted_on is None
    assert client.post(f"/projects/{project.pk}/agreements/new/", add_form).status_code == 302
    made = Agreement.objects.get(number="拱招〔2026〕7号")
    assert [paper.name for paper in made.papers.all()] == ["协议.pdf"]
    said = {"counted_on": "2026-04-10", "version": 1}
    assert as_(manager).post(f"{made.get_absolute_url()}count/", said).status_code == 302
    framework = make.agreement(project, owner, kind="framework")
    assert as_(manager).post(f"{framework.get_absolute_url()}count/", said).status_code == 302


def test_a_bad_file_is_refused_at_its_field_and_no_agreement_is_entered(as_, owner, project):
    answer = add(as_(owner), project, paper=make.paper("协议.pdf", b"MZ"))
    assert (answer.status_code, "paper" in answer.context["form"].errors) == (400, True)
    assert "内容不是 PDF" in answer.content.decode()
    assert not Agreement.objects.exists()
