"""算力 through its doors: what the bases supply, what projects ask for, why it fits, what is short."""

from datetime import date
from decimal import Decimal

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEvent, FieldChange
from projects import compute, compute_fit
from projects.models import ComputeDemand, ComputeOffer
from tests import callers, make

pytestmark = pytest.mark.django_db
ASKED = {
    "kind": "training",
    "unit": "card",
    "amount": "32",
    "months": "12",
    "starts_on": "2026-05-01",
    "domestic": "must",
    "budget_wan": "400",
}


def room(project):
    return f"/projects/{project.pk}/compute/"


def asking(by, **fields):
    """A project that asks for 32 国产 cards to train on, a year, at most 400 万元; `fields` say otherwise."""
    given = {
        "kind": "training",
        "unit": "card",
        "amount": Decimal(32),
        "months": 12,
        "starts_on": date(2026, 5, 1),
        "domestic": "must",
        "budget_wan": Decimal(400),
    }
    project = make.project(by)
    asked = compute.Demand(**{**given, **fields})
    compute.demand(project, asked, by=by, at=make.NOW, version=project.version)
    return project


def fit(project, *offers):
    rows = compute_fit.offers_for(project.compute_demand, offers or ComputeOffer.objects.all(), make.NOW).rows
    return [(one.subject.base, one.code.value, one.reasons) for one in rows]


def test_a_demand_is_stated_matched_and_an_offer_chosen_on_the_page(as_, owner):
    project, offer = make.project(owner), make.compute_offer()
    client = as_(owner)
    sent = {f"demand-{name}": value for name, value in ASKED.items()}
    sent["demand-version"] = project.version
    assert client.post(room(project) + "demand/", sent).status_code == 302
    assert client.post(room(project) + "demand/", {**sent, "demand-amount": "9"}).status_code == 412
    page = client.get(room(project))
    (one,) = page.context["fits"].rows
    assert (one.label, one.score, one.coverage) == ("符合", 100, 1)
    (leaf, *_) = one.verdict.explanations
    assert (leaf["clause"], leaf["document"], leaf["document_date"]) == (
        "算力台账", "杭钢云（卡）", "2026-04-01",
    )  # fmt: skip
    assert client.post(room(project) + "choose/", {"offer": offer.pk}).status_code == 302
    assert "拟用杭钢云（卡）" in client.get(project.get_absolute_url()).content.decode()
    client.post(room(project) + "choose/", {"offer": ""})
    assert ComputeDemand.objects.get().offer is None
    assert FieldChange.objects.filter(kind="projects.computedemand", parent_key=str(project.pk)).count() == 2
    client.post(room(project) + "choose/", {"offer": offer.pk})
    project.refresh_from_db()
    much = {**sent, "demand-amount": "500", "demand-version": project.version}
    assert client.post(room(project) + "demand/", much).status_code == 302
    assert ComputeDemand.objects.values_list("amount", "offer").get() == (500, None)


@pytest.mark.parametrize(
    ("asked", "offered", "code", "reason"),
    [
        ({"amount": Decimal(70)}, {}, "unfit", "空闲 64，需要 70"),
        ({"unit": "pflops"}, {}, "unfit", "计量单位 卡，需要 PFLOPS"),
        ({}, {"is_domestic": False}, "unfit", "可承接 优先国产、不限，需要 必须国产"),
        ({}, {"is_domestic": None}, "incomplete", "算力台账没有登记是否国产"),
        ({"domestic": "prefer"}, {"is_domestic": None}, "fit", "硬性条件均已满足"),
        ({"domestic": ""}, {"is_domestic": False}, "incomplete", "信息不足：国产算力要求"),
        ({"amount": None}, {}, "incomplete", "信息不足：算力需求"),
        ({}, {"valid_to": date(2026, 4, 30)}, "unfit", "有效期至 2026-04-30，起用日期 2026-05-01"),
        ({"budget_wan": Decimal(1)}, {}, "fit", "硬性条件均已满足"),
        ({}, {"serves": "training"}, "fit", "硬性条件均已满足"),
        ({}, {"serves": "inference"}, "unfit", "只用于推理，需要 训练"),
        ({"kind": "inference"}, {"serves": "training"}, "unfit", "只用于训练，需要 推理"),
        ({"kind": "both"}, {"serves": "inference"}, "unfit", "只用于推理，需要 训练和推理"),
        ({"kind": "both"}, {}, "fit", "硬性条件均已满足"),
        ({}, {"serves": ""}, "incomplete", "算力台账没有登记用于训练还是推理"),
        ({"kind": ""}, {"serves": "inference"}, "incomplete", "信息不足：算力用途"),
        ({"kind": ""}, {}, "incomplete", "信息不足：算力用途"),
        ({"kind": "any"}, {"serves": "inference"}, "fit", "硬性条件均已满足"),
        ({"kind": "any"}, {"serves": ""}, "fit", "硬性条件均已满足"),
    ],
)
def test_why_an_offer_fits_or_not(owner, asked, offered, code, reason):
    project = asking(owner, **asked)
    assert fit(project, make.compute_offer(**offered)) == [("杭钢云", code, [reason])]


def test_what_can_be_paid_is_told_to_the_fen_and_a_yuan_too_little_is_seen(owner):
    offer = make.compute_offer()
    (row,) = compute_fit.offers_for(
        asking(owner, amount=Decimal(64), budget_wan=Decimal("614.3999")).compute_demand, [offer], make.NOW
    ).rows
    assert (row.code, row.score) == ("fit", 40)
    assert row.near == ["参考价 8,000 元，每单位每月可付 7,999.99 元"]


def test_what_does_not_fit_is_not_chosen_and_nothing_is_before_there_is_a_demand(as_, owner):
    offer = make.compute_offer(free=Decimal(8))
    client, project = as_(owner), make.project(owner)
    for one, words in ((project, "请先登记算力需求"), (asking(owner), "不符合这个项目的需求")):
        answer = client.post(room(one) + "choose/", {"offer": offer.pk})
        assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not ComputeDemand.objects.exclude(offer=None).exists()


def test_an_offer_that_turns_out_to_be_for_inference_says_so_where_it_was_chosen_and_is_let_go(
    as_, owner, manager
):
    project, offer = asking(owner), make.compute_offer()
    compute.choose(project, offer, by=owner, at=make.NOW)
    names = ("base", "operator", "unit", "capacity", "free", "source")
    sent = {name: getattr(offer, name) for name in names}
    sent |= {"as_of": "2026-04-01", "is_domestic": "true", "serves": "inference", "version": 1}
    client = as_(manager)
    bad = client.post(offer.get_absolute_url(), {**sent, "serves": "games"})
    assert (bad.status_code, list(bad.context["form"].errors)) == (400, ["serves"])
    assert client.post(offer.get_absolute_url(), sent).status_code == 302
    assert AuditEvent.objects.get(action="change_compute").detail["用于"] == "训练、推理均可 → 推理"
    client = as_(owner)
    assert 'data-label="用于">推理</td>' in client.get("/compute/").content.decode()
    page = client.get(room(project)).content.decode()
    assert "只用于推理，需要 训练" in page
    assert "不再拟用" in page
    assert client.post(room(project) + "choose/", {"offer": ""}).status_code == 302
    answer = client.post(room(project) + "choose/", {"offer": offer.pk})
    assert (answer.status_code, "不符合这个项目的需求" in answer.content.decode()) == (400, True)
    assert "不再拟用" not in client.get(room(project)).content.decode()


def test_figures_older_than_twelve_months_are_marked_and_still_counted(as_, owner):
    make.compute_offer(as_of=date(2024, 4, 1))
    project = asking(owner)
    assert fit(project)[0][1] == "fit"
    for page in (room(project), "/compute/"):
        assert "超过 12 个月" in as_(owner).get(page).content.decode()


def test_the_page_shows_what_is_short_by_unit_and_base_of_the_projects_one_sees(
    as_, owner, outsider, manager
):
    steel, cloud = make.compute_offer(), make.compute_offer("浙江云", free=Decimal(16))
    make.compute_offer("停供", free=Decimal(500), valid_to=date(2020, 1, 1))
    mine, theirs = asking(owner), asking(outsider, amount=Decimal(60))
    compute.choose(theirs, steel, by=outsider, at=make.NOW)
    shown = {}
    for person in (owner, manager):
        page = as_(person).get("/compute/")
        (balance,) = page.context["balances"]
        shown[person] = (balance.free, balance.asked, balance.short, theirs.name in page.content.decode())
    assert shown == {owner: (80, 32, 0, False), manager: (80, 92, 12, True)}
    assert "缺 12" in as_(manager).get("/compute/").content.decode()
    (balance,) = as_(manager).get("/compute/").context["balances"]
    assert [(base.name, base.chosen) for base in balance.bases] == [(steel.base, 60), (cloud.base, 0)]
    assert mine.name in as_(owner).get("/compute/").content.decode()


def test_enough_of_the_wrong_kind_is_not_called_enough(as_, owner):
    make.compute_offer(free=Decimal(500), serves="inference")
    asking(owner)
    asking(owner, kind="inference", amount=Decimal(8))
    asking(owner, kind="", amount=Decimal(4))  # may yet fit
    page = as_(owner).get("/compute/")
    (balance,) = page.context["balances"]
    assert (balance.short, balance.asked, balance.unplaced_amount) == (0, 44, 32)
    assert "1 个项目的 32 卡没有一个基地合适" in page.content.decode()
    assert "够用" not in page.content.decode()
    make.compute_offer("浙江云", free=Decimal(32))
    assert "够用" in as_(owner).get("/compute/").content.decode()


def test_the_page_costs_the_same_for_ten_and_for_thirty(as_, owner):
    def cost():
        with CaptureQueriesContext(connection) as found:
            as_(owner).get("/compute/")
        return len(found)

    asking(owner)
    make.compute_offer()
    cost()
    few = cost()
    for number in range(10):
        make.compute_offer(f"{number} 号基地")
    for _ in range(3):
        asking(owner)
    assert cost() == few


def test_the_bureau_keeps_the_register_and_mistakes_are_refused_in_words(as_, manager, owner):
    given = {
        "base": "浙江云", "operator": "浙江云公司", "unit": "pflops", "capacity": "100", "free": "40",
        "as_of": "2026-04-01", "source": "月报", "is_domestic": "true", "price_monthly": "52000",
    }  # fmt: skip
    client = as_(manager)
    for change, words in (
        ({"free": "101"}, "空闲要在 0 和总量之间"),
        ({"capacity": "0"}, "总量要大于 0"),
        ({"as_of": "2099-01-01"}, "数据日期"),
        ({"source": ""}, "请填写来源"),
    ):
        answer = client.post("/compute/new/", {**given, **change})
        assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not ComputeOffer.objects.exists()
    assert client.post("/compute/new/", given).status_code == 302
    row = ComputeOffer.objects.get()
    changed = {**given, "free": "30", "version": 1}
    assert client.post(row.get_absolute_url(), changed).status_code == 302
    assert client.post(row.get_absolute_url(), {**changed, "free": "20"}).status_code == 412
    assert AuditEvent.objects.get(action="change_compute").detail["空闲"] == "40 → 30"
    refused = as_(owner).post(row.get_absolute_url(), changed)
    assert (refused.status_code, "算力台账由区投促局维护" in refused.content.decode()) == (403, True)


def test_a_partner_reads_the_registers_and_the_matches_of_its_projects(owner):
    project, space = make.space_need(asking(owner), owner), make.space(tracks=["ai"], limits="不得排放废气")
    make.compute_offer()
    caller = callers.partner(scopes="projects:read_all")
    (listed,) = caller.get("spaces/?carrier=banshan").json()["results"]
    assert (listed["label"], listed["area_sqm"], listed["tracks"], listed["carrier_label"]) == (
        space.label, "1000", ["ai"], "半山区块",
    )  # fmt: skip
    assert caller.get(f"spaces/{space.pk}/").json() == listed
    (offer,) = caller.get("compute-offers/").json()["results"]
    assert (offer["free"], offer["serves"], offer["serves_label"]) == ("64", "both", "训练、推理均可")
    for place, name in (("space-matches", "A座 3 层 301"), ("compute-matches", "杭钢云（卡）")):
        (match,) = caller.get(f"projects/{project.pk}/{place}/").json()["results"]
        assert (match["name"], match["verdict"], match["near_misses"]) == (name, "fit", [])
        assert match["rules"][0]["clause"].endswith("台账")
    assert caller.get(f"projects/{project.pk}/spaces/").json()["results"] == []
    stranger = callers.partner("另一家", scopes="projects:read")
    assert stranger.get(f"projects/{project.pk}/space-matches/").status_code == 404
