"""提醒中心 in a real browser: put off, undo, wishes, a calendar, and a colleague named with an @."""

from datetime import timedelta

import pytest

from django.urls import reverse
from django.utils import timezone

from crm.models import CalendarFeed, Delivery, Notification, Preference
from leads.models import Visit
from tests import make
from tests.robots import WECOM, WECOM_KEY

pytestmark = pytest.mark.django_db(transaction=True)


def tell(user, number, **fields):
    at = timezone.now() - timedelta(minutes=5)
    given = {"kind": "stage", "title": f"第 {number} 条", "created_at": at, "sent_at": at, **fields}
    return Notification.objects.create(user=user, key=f"k{number}", **given)


def test_on_the_phone_messages_are_put_off_read_and_taken_back(desk, owner):
    first, second = tell(owner, 1), tell(owner, 2, kind="supervise")
    one = desk(owner, width=390, height=844)
    page = one.open(reverse("notifications"))
    assert "2 条未读" in page.get_attribute("a[href='/notifications/'][aria-label]", "aria-label")
    card = page.locator(f"#message-{first.pk}")
    card.locator("summary").click()
    assert not one.scrolls_sideways()
    for control in card.locator(".later-ways .btn, .later-ways [type=date]").all():
        assert control.bounding_box()["height"] >= 40
    card.locator("button[value=tomorrow]").click()
    page.wait_for_selector(".undo-line >> text=稍后提醒")
    assert page.locator(f"#message-{first.pk}").count() == 0
    page.click(".undo-line >> text=撤销")
    page.wait_for_selector(f"#message-{first.pk}")
    page.click("text=全部标为已读")
    page.wait_for_selector(".undo-line >> text=2 条已标为已读")
    assert not one.scrolls_sideways()
    page.click(".undo-line >> text=撤销")
    page.wait_for_selector("text=已撤销，2 条回到未读")
    page.click("nav.kinds >> text=督办")
    page.wait_for_url("**kind=supervise*")
    page.click("text=这一类全部标为已读")
    page.wait_for_selector(".undo-line >> text=1 条已标为已读")
    assert list(Notification.objects.unread()) == [first]
    second.refresh_from_db()
    assert second.read_at
    assert one.troubles == []


def test_wishes_are_ticked_kept_and_the_record_says_why_nothing_came(desk, owner):
    one = desk(owner, width=390, height=844)
    page = one.open(reverse("notifications"))
    page.click("main >> text=提醒设置")
    page.wait_for_selector("text=系统没有设置发信服务器")
    page.select_option("[name=digest_at]", "07:30")
    page.fill("[name=robot_url]", "https://evil.example/robot/send?access_token=1")
    page.check("[name=robot_kinds][value=supervise]")
    page.fill("[name=email]", "lin@example.cn")
    page.check("[name=email_kinds][value=stage]")
    page.click("main button:text-is('保存')")
    page.wait_for_selector("text=只能填企业微信或钉钉群机器人的地址")
    assert page.is_checked("[name=robot_kinds][value=supervise]")
    page.fill("[name=robot_url]", WECOM)
    page.select_option("[name=quiet_from]", "22:00")
    page.select_option("[name=quiet_until]", "07:00")
    page.click("main button:text-is('保存')")
    page.wait_for_selector("text=提醒设置已保存")
    assert "企业微信群机器人（…5aaa）" in page.inner_text("main")
    assert WECOM_KEY not in page.content()
    assert not one.scrolls_sideways()
    assert Preference.objects.get().email_kinds == ["stage"]
    message = tell(owner, 1)
    at = timezone.now()
    why = "没有填邮箱。"
    Delivery.objects.create(
        notification=message, channel="email", state="given_up", due_at=at, created_at=at, last_error=why
    )
    page.click("main >> text=为什么没收到")
    page.wait_for_selector(f"text={why}")
    assert "邮件现在送不出去" in page.inner_text("main")
    assert not one.scrolls_sideways()
    assert one.troubles == []


def test_a_calendar_is_opened_read_and_closed(desk, owner):
    make.lead(owner, at=timezone.now())
    one = desk(owner, width=390, height=844)
    page = one.open(reverse("calendar"))
    page.click("text=开通订阅")
    page.wait_for_selector("text=订阅地址，只显示这一次")
    address = page.input_value("#address")
    assert page.get_attribute("text=在本机日历里打开", "href") == address.replace("http:", "webcal:")
    assert not one.scrolls_sideways()
    answer = page.request.get(address)
    assert answer.text().startswith("BEGIN:VCALENDAR\r\n")
    page.click("main button:text-is('停用')")
    page.wait_for_selector("text=日历订阅已停用")
    assert page.request.get(address).status == 404
    assert not CalendarFeed.objects.exists()
    assert one.troubles == []


@pytest.mark.parametrize("kind", ["lead", "project"])
def test_a_colleague_is_chosen_by_key_or_click_told_and_shown(desk, owner, teammate, head, outsider, kind):
    record = getattr(make, kind)(owner, at=timezone.now())
    one = desk(owner)
    page = one.open(record.get_absolute_url())
    content = page.locator("#visit [name=visit-content]")
    content.press_sequentially("请@")
    page.wait_for_selector("#colleagues [role=option]")
    assert "郑言" not in page.inner_text("#colleagues")
    content.press_sequentially("沈")
    page.wait_for_function("() => document.querySelectorAll('#colleagues [role=option]').length === 1")
    content.press("Enter")
    content.press_sequentially("和@周")
    page.click("#colleagues [role=option]:has-text('周舟')")
    assert content.input_value() == "请@沈主任 和@周舟 "
    content.press_sequentially("核用地")
    page.fill("#visit [name=visit-next_step]", "寄载体清单")
    page.locator("#visit [data-day]").last.click()
    page.click("#visit button:has-text('记下')")
    page.wait_for_selector("text=已记下这次联系")
    assert page.locator(".timeline-list .mention").all_inner_texts() == ["@沈主任", "@周舟"]
    assert Visit.objects.exclude(mentioned=[]).get().mentioned == ["沈主任", "周舟"]
    told = Notification.objects.filter(kind="mention").values_list("user__name", flat=True)
    assert sorted(told) == ["周舟", "沈主任"]
    assert one.troubles == []
