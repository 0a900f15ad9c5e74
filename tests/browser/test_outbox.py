"""A company met where there is no network: kept on the telephone, sent later, exactly once."""

from datetime import timedelta

import pytest

from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
UNSENT = "未发送 1 条"
LEADS = "**/api/v1/leads/"


def installed(desk, user):
    """A telephone on which the app is ready for times without network; today's trip is known to it."""
    today = timezone.localdate()
    trip = make.roadshow(user, starts_on=today, ends_on=today)
    one = desk(user, width=390, height=844)
    page = one.open(reverse("leads:capture"))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return one, page, trip


def jot(page, name):
    page.fill("#company_name", name)
    page.fill("#contact_name", "王景行")
    page.fill("#contact_phone", "13912345678")
    page.click("#quick button[type=submit]")
    page.wait_for_selector(f"#unsent-list >> text={name}")


@pytest.fixture
def off(desk):
    """Cut and mend the line of a page; mended at the end whatever happens."""
    cut = []

    def switch(page, is_off=True):
        cut.append(page)
        page.context.set_offline(is_off)

    yield switch
    for page in cut:
        page.context.set_offline(False)


def test_a_record_kept_without_network_arrives_once_though_the_first_answer_is_lost(desk, off, owner):
    one, page, trip = installed(desk, owner)
    off(page)
    page.goto(one.base + reverse("home"), wait_until="domcontentloaded")
    page.wait_for_selector("text=现在没有网络")
    assert page.input_value("#roadshow") == str(trip.pk)
    assert not one.scrolls_sideways()
    jot(page, "深圳离线智能有限公司")
    assert page.inner_text("#unsent-title") == UNSENT
    page.reload()
    assert page.inner_text("#unsent-title") == UNSENT
    assert not Lead.objects.exists()

    def lose(route):
        route.fetch()
        route.abort()

    page.route(LEADS, lose)
    off(page, is_off=False)
    page.wait_for_selector("text=同一条不会登记两次")
    lead = Lead.objects.get()
    page.unroute(LEADS)
    page.click("#unsent-list button:has-text('重试')")
    page.wait_for_selector("text=已发出：深圳离线智能有限公司")
    assert page.is_hidden("#unsent")
    assert Lead.objects.get() == lead
    assert (lead.title, lead.roadshow, lead.owner) == ("深圳离线智能有限公司", trip, owner)
    assert (lead.contact.phone, lead.visits.count()) == ("13912345678", 1)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsent:'))") == []


def test_what_is_refused_is_said_and_can_be_changed_or_given_up(desk, off, owner, outsider):
    make.lead(outsider, "深圳首报在先有限公司")
    one, page, _ = installed(desk, owner)
    off(page)
    page.fill("#id_company_name", "深圳首报在先有限公司")
    page.click("main button[type=submit]")
    page.wait_for_selector("text=已放回表单")
    page.click("#quick button[type=submit]")
    page.wait_for_selector("#unsent-list >> text=深圳首报在先有限公司")
    off(page, is_off=False)
    page.wait_for_selector("#unsent-list >> text=已由智慧网谷小镇于")
    assert Lead.objects.count() == 1
    one.open(reverse("leads:list"))
    page.wait_for_selector(f"text={UNSENT}，有没收下的要改")
    one.open("/offline/")
    page.click("#unsent-list button:has-text('修改')")
    page.fill("#company_name", "深圳另一家有限公司")
    page.click("#quick button[type=submit]")
    page.wait_for_selector("text=已发出：深圳另一家有限公司")
    assert Lead.objects.filter(title="深圳另一家有限公司", unit=owner.unit).count() == 1

    off(page)
    jot(page, "深圳不要了有限公司")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#unsent-list button:has-text('放弃')")
    page.wait_for_selector("#unsent", state="hidden")


@pytest.mark.parametrize(("amount", "offered"), [("", ""), ("3000", "深圳断网智能有限公司")])
def test_what_the_outbox_sends_the_form_does_not_offer_again_but_what_it_cannot_send_it_does(
    desk, off, owner, amount, offered
):
    one, page, _ = installed(desk, owner)
    page.fill("#id_company_name", "深圳断网智能有限公司")
    page.fill("#id_next_contact_on", f"{timezone.localdate() + timedelta(days=9)}")
    page.click("main summary:has-text('更多')")
    page.fill("#id_amount_wan", amount)
    off(page)
    page.click("main button[type=submit]")
    page.wait_for_selector("text=已放回表单")
    page.click("#quick button[type=submit]")
    page.wait_for_selector("#unsent-list >> text=深圳断网智能有限公司")
    off(page, is_off=False)
    page.wait_for_selector("text=已发出：深圳断网智能有限公司")
    one.open(reverse("leads:capture"))
    assert page.input_value("#id_company_name") == offered
    assert Lead.objects.count() == 1


def test_what_waits_when_the_login_ends_is_sent_after_the_next_one_by_nobody_else(desk, off, owner, outsider):
    one, page, _ = installed(desk, owner)
    one.open("/offline/")
    Session.objects.all().delete()
    jot(page, "深圳过夜智能有限公司")
    page.wait_for_selector("text=登录已过期")
    assert not Lead.objects.exists()
    other = type(one)(page, one.base, outsider).seat()
    other.open("/offline/")
    other.open(reverse("leads:list"))
    other.open("/offline/")
    page.wait_for_selector("text=这台手机上还有别人没发出的 1 条")
    assert "深圳过夜智能有限公司" not in page.inner_text("main")
    assert not Lead.objects.exists()
    one.seat()
    one.open(reverse("leads:list"))
    page.wait_for_selector("text=已发出 深圳过夜智能有限公司")
    assert Lead.objects.get().owner == owner


def test_the_telephone_keeps_only_files_and_the_page_without_data(desk, owner):
    make.lead(owner, "深圳不留痕有限公司")
    one, page, _ = installed(desk, owner)
    one.open(reverse("leads:list"))
    kept = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) found.push(new URL(request.url).pathname);
          }
          return found;
        }"""
    )
    assert "/offline/" in kept
    assert all(path == "/offline/" or path.startswith("/static/") for path in kept)
    told = page.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    assert {icon["sizes"] for icon in told["icons"]} == {"any", "192x192", "512x512"}
    assert one.troubles == []


def test_what_was_sent_and_never_answered_is_offered_again_to_who_sent_it_and_nobody_else(
    desk, off, owner, outsider
):
    one, page, _ = installed(desk, owner)
    page.fill("#id_company_name", "深圳断线智能有限公司")
    page.fill("#id_contact_phone", "13912345678")

    page.evaluate(
        "Object.defineProperty(navigator, 'onLine', { get: () => true })"
    )  # a net that leads nowhere
    off(page)
    page.click("main button[type=submit]")
    page.wait_for_selector("text=已放回表单")
    make.lead(owner, "深圳断线智能有限公司", contact_phone="13912345678")  # it had arrived all the same
    off(page, is_off=False)
    assert page.input_value("#company_name") == "深圳断线智能有限公司"
    assert page.input_value("#contact_phone") == "13912345678"
    type(one)(page, one.base, outsider).seat()
    one.open(reverse("leads:list"))
    one.open("/offline/")
    assert page.input_value("#company_name") == ""
    one.seat()
    one.open(reverse("leads:list"))
    one.open("/offline/")
    assert page.input_value("#company_name") == "深圳断线智能有限公司"
    page.click("#quick button[type=submit]")
    page.wait_for_selector("#unsent-list >> text=本单位已于")
    assert Lead.objects.get().contact.phone == "13912345678"


# a Saturday noon in Shanghai; only for the page it is given to, which the next person does not sit at
SATURDAY = """const Real = Date, now = Real.parse("2026-11-28T12:00:00+08:00");
  Date = class extends Real { constructor(...given) { super(...(given.length ? given : [now])); }
    static now() { return now; } };"""


def test_the_page_without_network_proposes_no_weekend(desk, owner):
    one, page, _ = installed(desk, owner)
    other = page.context.new_page()
    other.add_init_script(SATURDAY)
    other.goto(one.base + "/offline/")
    other.wait_for_function("() => document.getElementById('next_contact_on').value")
    assert other.input_value("#next_contact_on") == "2026-12-07"  # a Monday; a week on is a Saturday again
    assert one.troubles == []
