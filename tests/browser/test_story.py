"""The main line in a real browser: upload, door, verdict, board, funds, funnel — and what a phone shows."""

import re
from io import BytesIO

import pytest

from django.urls import reverse
from django.utils import timezone

from crm.models import Channel, FutureTrack
from leads.models import Feedback, ImportJob, Lead
from projects.freshness import fresh_matches
from projects.incentives import draft
from projects.models import BasisClause, CriteriaVersion, DecisionRoute, FlagRule, Fund, Project
from projects.seeding import load_funds, load_policies
from tests import make, make_sheets

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_station_uploads_a_sheet_and_confirms_what_is_new(desk, station, tmp_path):
    trip = make.roadshow(station)
    made, file = make_sheets.sheet(), BytesIO()
    make_sheets.write(file, made)
    path = tmp_path / "对接表.xlsx"
    path.write_bytes(file.getvalue())

    one = desk(station, make.PASSWORD)
    page = one.open(trip.get_absolute_url())
    page.set_input_files("input[type=file]", str(path))
    page.click("text=上传并核对")
    page.wait_for_selector("[data-verdict]")
    shown = {
        row.get_attribute("data-row"): row.get_attribute("data-verdict")
        for row in page.query_selector_all("[data-row]")
    }
    assert shown == {str(row["row"]): row["verdict"] for row in made.expected}
    assert not Lead.objects.exists()
    with page.expect_download() as download:
        page.click("text=下载有误的行")
    assert download.value.suggested_filename.endswith(".xlsx")
    page.click("text=确认写入")
    page.wait_for_selector("text=导入完成")
    assert Lead.objects.count() == sum(row["verdict"] == "new" for row in made.expected)
    assert ImportJob.objects.get().state == "done"
    assert one.troubles == []


def test_an_officer_records_a_company_on_the_phone_with_four_fields(desk, owner, station):
    today = timezone.localdate()
    trip = make.roadshow(station, starts_on=today, ends_on=today)
    trip.members.add(owner)
    one = desk(owner, width=390, height=844)
    page = one.open("/")
    page.click("nav.app-tabs >> text=记一家")
    page.fill("[name=company_name]", "深圳星河低空智能装备有限公司")
    page.fill("[name=contact_name]", "王景行")
    assert page.input_value("[name=roadshow]") == str(trip.pk)
    assert page.input_value("[name=next_contact_on]")
    assert not one.scrolls_sideways()
    page.click("main button[type=submit]")
    page.wait_for_selector("text=再记一家")
    lead = Lead.objects.get()
    assert (lead.roadshow, lead.owner, lead.stage) == (trip, owner, "lead")
    assert one.troubles == []


def test_the_name_typed_at_the_door_warns_of_the_first_report(desk, owner, outsider):
    make.lead(owner, "深圳星河低空智能装备有限公司", contact_name="王景行", contact_phone="15400000001")
    one = desk(outsider, width=390, height=844)
    page = one.open(reverse("leads:capture"))
    page.locator("[name=company_name]").press_sequentially("深圳星河低空智能装备有限公司", delay=5)
    page.wait_for_selector("text=已由半山区块于")
    assert "15400000001" not in page.content()


def test_a_lead_is_judged_and_becomes_a_project(desk, owner):
    lead = make.lead(owner)
    lead.move_to("screening", by=owner, at=timezone.now())
    one = desk(owner)
    page = one.open(lead.get_absolute_url())
    missing = {
        item.get_attribute("data-missing") for item in page.query_selector_all("#steps [data-missing]")
    }
    aspects = ("industry", "market", "technology", "environment", "energy", "benefit")
    assert missing == {"sector", "chain_position", "tracks", *aspects, "verdict"}
    for name in aspects:
        page.fill(f"[name={name}]", "已核实，符合导向。")
    page.check("[name=verdict][value=accepted]")
    page.select_option("[name=sector]", "smart_manufacturing")
    page.select_option("[name=chain_position]", "application")
    page.check(f"[name=tracks][value='{FutureTrack.objects.get(code='ai').pk}']")
    page.click("#screening button[type=submit], #screening form button:not([type])")
    page.wait_for_selector("text=研判意见已保存")
    page.click("#steps >> text=转为项目")
    page.wait_for_url("**/projects/*/")
    assert Project.objects.get().stage == "negotiating"
    assert one.troubles == []


def test_a_lead_changes_hands_when_the_other_unit_takes_it(desk, head, outsider):
    lead = make.lead(head, at=timezone.now())
    receiver = make.user("receiver", "head", outsider.unit, "袁主任")
    giver = desk(head)
    page = giver.open(lead.get_absolute_url())
    page.click("#handover summary")
    page.select_option("[name=handover-to_unit]", str(outsider.unit_id))
    page.fill("[name=handover-reason]", "企业看中网谷的楼宇")
    page.click("text=提出移交")
    page.wait_for_selector("#handover >> text=待接收")
    taker = desk(receiver, width=390, height=844)
    page = taker.open(reverse("leads:handovers"))
    assert "企业看中网谷的楼宇" in page.inner_text("main")
    assert not taker.scrolls_sideways()
    page.click("button:text-is('接收')")
    page.wait_for_url(f"**{lead.get_absolute_url()}")
    lead.refresh_from_db()
    assert (lead.unit, lead.owner) == (outsider.unit, receiver)
    assert giver.troubles == taker.troubles == []


def test_an_introducer_is_told_from_the_page_of_the_lead(desk, owner):
    chamber = Channel.objects.get(code="chamber")
    lead = make.lead(owner, at=timezone.now(), channel=chamber, channel_detail="杭州软件商会")
    one = desk(owner, width=390, height=844)
    page = one.open(lead.get_absolute_url())
    assert "前告诉引荐人处理情况" in page.inner_text("#feedback")
    page.click("#feedback summary")
    page.fill("[name=feedback-content]", "已安排来杭考察。")
    assert not one.scrolls_sideways()
    page.click("#feedback button")
    page.wait_for_selector("text=回音已记录")
    assert Feedback.objects.get().to == "杭州软件商会"
    assert one.troubles == []


def test_a_reviewer_attaches_the_opinion_and_a_rule_is_looked_at_before_it_is_saved(
    desk, owner, reviewer, admin_user, tmp_path
):
    content = {"kind": "other", "text": "前三年按企业对地方经济贡献的 70% 给予扶持。", "scope": "single"}
    item = draft(make.project(owner), content, by=owner, at=timezone.now())
    paper = tmp_path / "市监意见.pdf"
    paper.write_bytes(make.paper().read())
    one = desk(reviewer)
    page = one.open(item.get_absolute_url())
    page.select_option("[name=conclusion]", "conforms")
    page.fill("[name=reason]", "仅为统计口径。")
    page.fill("[name=opinion_number]", "拱市监函〔2026〕3号")
    page.fill("[name=opinion_on]", f"{timezone.localdate()}")
    page.click("text=写入结论")
    page.wait_for_selector("text=请上传意见文件")
    page.set_input_files("[name=paper]", str(paper))
    page.click("text=写入结论")
    page.wait_for_selector("text=审查结论已写入")
    with page.expect_download() as download:
        page.click("a:has-text('市监意见.pdf')")
    assert download.value.suggested_filename == "市监意见.pdf"

    keeper = desk(admin_user)
    page = keeper.open(reverse("projects:rules"))
    page.click("text=上不封顶")
    page.fill("[name=patterns]", "经济贡献 ..8 70%")
    page.click("text=看看会影响哪些条款")
    page.wait_for_selector("text=新增提示 1 条")
    page.click("text=保存，从现在起生效")
    page.wait_for_selector("text=从现在起按它提示")
    assert FlagRule.objects.get(code="uncapped").patterns == ["经济贡献 ..8 70%"]
    assert one.troubles == keeper.troubles == []


def test_the_pages_of_review_and_of_its_rules_fit_the_screen(desk, owner, reviewer, manager, admin_user):
    item = draft(make.project(owner), {"kind": "rent", "text": "首年免租"}, by=owner, at=timezone.now())
    rule = reverse("projects:rule", args=[FlagRule.objects.get(code="tax_linked").pk])
    basis = reverse("projects:basis", args=[BasisClause.objects.first().pk])
    sideways = []
    for person, paths in (
        (manager, [reverse("projects:bases"), basis, reverse("projects:basis_new")]),
        (reviewer, [item.get_absolute_url(), reverse("projects:incentives", args=[item.project_id])]),
        (admin_user, [reverse("projects:rules"), rule, reverse("projects:rule_new")]),
    ):
        one = desk(person)
        sideways += [(path, width) for path in paths for width in too_wide(one, path)]
        assert one.troubles == []
    assert sideways == []


def drag(page, card, column):
    """Drag with the mouse as a hand does: press, move a little, move on, release."""
    start, end = page.locator(card).bounding_box(), page.locator(column).bounding_box()
    page.mouse.move(start["x"] + 20, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 22, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 60, steps=12)
    page.wait_for_timeout(150)
    page.mouse.up()


def stands_in(page, project, stage):
    """Wait until the card stands in the column of `stage`."""
    page.wait_for_selector(f"[data-board-column={stage}] [data-board-card='{project.pk}']")


def test_a_refused_drag_says_what_is_missing_and_the_card_goes_back(desk, owner):
    project = make.project(owner)
    one = desk(owner)
    page = one.open(reverse("projects:board"))
    drag(page, f"[data-board-card='{project.pk}']", "[data-board-column=review] [data-board-cards]")
    page.wait_for_selector("dialog[open] >> text=没有投资额")
    stands_in(page, project, "negotiating")  # while the reasons are read, not only after
    page.click("dialog[open] button:has-text('知道了')")
    stands_in(page, project, "negotiating")
    project.refresh_from_db()
    assert project.stage == "negotiating"
    assert one.troubles == []


def test_a_ready_card_travels_and_the_sums_follow(desk, owner):
    project = make.ready_for_review(make.project(owner), owner)
    one = desk(owner)
    page = one.open(reverse("projects:board"))
    drag(page, f"[data-board-card='{project.pk}']", "[data-board-column=review] [data-board-cards]")
    page.wait_for_function(
        "() => document.querySelector('[data-board-head=review]').textContent.includes('1')",
    )
    stands_in(page, project, "review")
    project.refresh_from_db()
    assert project.stage == "review"
    assert one.troubles == []


def test_a_head_forces_a_move_with_a_reason_that_stays_visible(desk, owner, head):
    project = make.project(owner)
    one = desk(head)
    page = one.open(reverse("projects:board"))
    drag(page, f"[data-board-card='{project.pk}']", "[data-board-column=review] [data-board-cards]")
    page.wait_for_selector("dialog[open]")
    page.fill("dialog[open] [name=reason]", "区长专题会已定")
    with page.expect_response(lambda answer: answer.url.endswith("/move/")):
        page.click("dialog[open] button:has-text('强制推进')")
    page.goto(one.base + project.get_absolute_url())
    assert page.locator("text=区长专题会已定").count() > 0
    assert page.locator("text=强制推进").count() > 0


def test_opening_a_project_shows_every_fund_with_its_reasons(desk, owner):
    load_funds(at=timezone.now())
    project = make.project(owner)
    one = desk(owner)
    page = one.open(project.get_absolute_url())
    text = page.inner_text("#matches")
    for word in ("科创母基金三期", "概念验证基金", "成果转化基金", "杭钢启真", "储备", "待补充"):
        assert word in text
    assert one.troubles == []


def test_the_funnel_draws_a_picture_beside_its_table_and_its_numbers_lead_to_the_lists(desk, manager, owner):
    make.project(owner)
    make.lead(owner)
    one = desk(manager)
    page = one.open(reverse("reports"))
    page.wait_for_selector("canvas, svg.chart, [data-chart] svg")
    link = page.locator("table a[href*='stage=negotiating']").first
    assert link.inner_text().strip().startswith("1")
    link.click()
    page.wait_for_load_state()
    assert page.locator("a[href*='/projects/']").count() > 0
    assert one.troubles == []


WIDTHS = (1440, 768, 390)
PATHS = [
    "home",
    "leads:list",
    "leads:board",
    "leads:capture",
    "leads:roadshows",
    "projects:list",
    "projects:board",
    "projects:funds",
    "projects:orders",
    "reports",
    "notifications",
]


# how many of the widest characters of a credit code its field shows
ROOM = """() => {
  const field = document.querySelector('[name=uscc]'), style = getComputedStyle(field);
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = style.font;
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return room / pen.measureText('M').width;
}"""
CUT = """() => [...document.querySelectorAll('#content table, #content input, #content select')]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 80))"""


def test_the_settings_are_used_on_a_phone_without_pushing_sideways(desk, admin_user):
    one = desk(admin_user, width=390, height=844)
    route = DecisionRoute.objects.first()
    paths = ["index", "crm_user_changelist", "crm_user_add", "crm_stagesetting_changelist", "crm_setting_add"]
    addresses = [reverse(f"admin:{name}") for name in paths]
    addresses += [reverse("admin:projects_decisionroute_change", args=[route.pk])]
    for address in addresses:
        one.open(address)
        assert not one.scrolls_sideways(), address
        assert one.page.evaluate(CUT) == [], address
    assert one.troubles == []


def too_wide(one, path):
    """The widths at which the page, opened once, is pushed sideways."""
    one.open(path)
    for width in WIDTHS:
        one.page.set_viewport_size({"width": width, "height": 900})
        if one.scrolls_sideways():
            yield width


def test_no_page_scrolls_sideways_or_complains(desk, owner, station):
    load_funds(at=timezone.now())
    trip = make.roadshow(station)
    trip.members.add(owner)
    project = make.project(owner, roadshow=trip)
    lead = make.lead(owner, roadshow=trip)
    one = desk(owner)
    paths = [reverse(name) for name in PATHS]
    paths += [record.get_absolute_url() for record in (trip, lead, project)]
    assert [(path, width) for path in paths for width in too_wide(one, path)] == []
    one.open(reverse("projects:edit", args=[project.pk]))
    for width in WIDTHS:
        one.page.set_viewport_size({"width": width, "height": 900})
        assert one.page.evaluate(ROOM) >= 18
    assert one.troubles == []


def wordy_fund():
    """Fifteen rules, each with a clause of ninety letters and a document of its own with a long name."""
    asked = ("staff", "revenue", "valuation", "raised", "trl", "ticket", "fund_stake", "team_stake")
    keys = (*asked, "industries", "clusters", "round", "sector", "tracks", "product_stage", "size_class")
    rules = [
        {
            "field": key,
            "op": "exists",
            "clause": f"第{number}条：" + "申请企业应当在截止之日前满足本项条件并提供证明材料，" * 4,
            "document": f"区人民政府办公室关于印发《产业投资基金直接投资管理办法》第 {number} 号规定的通知",
            "document_date": "2025-11-03",
        }
        for number, key in enumerate(keys, start=1)
    ]
    fund = Fund.objects.create(code="wordy", name="先进制造产业高质量发展引导基金" * 2, status="operating")
    CriteriaVersion.objects.create(
        fund=fund,
        number=1,
        criteria={"all": [*rules, {"kind": "note", "message": "返投要求按合同执行，" * 15}]},
        valid_from="2025-11-03",
        published_at=timezone.now(),
    )


def test_a_match_fits_one_sheet_of_a4_and_a_phone(desk, owner):
    load_funds(at=timezone.now())
    load_policies(at=timezone.now())
    wordy_fund()
    project = make.project(owner)
    matches = sorted(fresh_matches(project, at=timezone.now()), key=lambda one: len(str(one.result)))
    officer, phone = desk(owner), desk(owner, width=390)
    for one in (matches[0], *matches[-3:]):  # the shortest and those with most to say
        address = reverse("projects:match_sheet", args=[project.pk, one.pk])
        paper = officer.open(address).pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, one
        phone.open(address)
        assert not phone.scrolls_sideways(), one
    project.problems = project.demands = project.for_leader = "电力不足，用房面积也没有谈定。" * 12
    project.save()
    paper = officer.open(reverse("projects:one_page", args=[project.pk])).pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    phone.open(reverse("projects:one_page", args=[project.pk]))
    assert not phone.scrolls_sideways()
    longest = reverse(
        "projects:fund_reverse_one", args=[Fund.objects.get(code="wordy").pk, "project", project.pk]
    )
    paper = officer.open(longest).pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    assert officer.troubles == phone.troubles == []
