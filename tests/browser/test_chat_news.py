"""What the page is told without asking: it comes by itself, counts at the other windows, and can be tapped."""

import pytest
from browser.hall import door
from fakes.desk import FakeDesk, FakeUsedTokens
from flask import Flask
from playwright.sync_api import Page, expect

from bots.messages import Card, Choice, Reply
from bots.platforms.web import make_login_link
from bots.web import create_app

SECRET = "a key for tests, of no worth at all"
APPROVE = Choice("核准", data="decide=1/approve", style="primary")
ASKED = Reply("有一件申請等您簽核：", cards=(Card("HR-LEAVE-2026-0001", "申請人：方思齊", (APPROVE,)),))


@pytest.fixture
def app(desk: FakeDesk) -> Flask:
    return create_app(
        desk, secret_key=SECRET, company_name="A公司", used_tokens=FakeUsedTokens(), patience=3.0, news_every=0.3
    )


@pytest.fixture
def sign_in(open_page, base_url):
    def signed_in(**options) -> Page:
        page = open_page(make_login_link(SECRET, base_url, ["employees"], person="A0020"), **options)
        page.get_by_role("main").get_by_role("button", name="登入").click()
        page.wait_for_url(base_url + "/")
        return page

    return signed_in


def test_what_is_told_appears_on_the_open_page(sign_in, desk):
    """Without a question above it, announced, and its tap is answered; nothing comes twice."""
    page = sign_in()
    door(page, "人資窗口").click()
    page.get_by_role("textbox").fill("特休有幾天？")
    page.keyboard.press("Enter")
    expect(page.locator(".turn.refused")).to_have_count(1)
    desk.tell("hr", ASKED)
    notice = page.locator(".turn.answered")
    expect(notice).to_contain_text("HR-LEAVE-2026-0001", use_inner_text=True)
    expect(notice.get_by_text("通知", exact=True)).to_be_visible()
    expect(notice.locator(".asked")).to_be_hidden()
    expect(page.get_by_role("status").first).to_have_text("收到一則通知。")
    desk.script("核准", ["已核准。"])
    notice.get_by_role("button", name="核准").click()
    expect(page.get_by_text("已核准。")).to_be_visible()
    assert [data for _, data in desk.taps] == ["decide=1/approve"]
    page.wait_for_timeout(1000)
    expect(page.locator(".turn")).to_have_count(3)


def test_a_page_opened_later_shows_it_too(sign_in, desk):
    """Where it was told, after a reload as well."""
    desk.tell("hr", ASKED)
    page = sign_in()
    door(page, "人資窗口").click()
    for _ in range(2):
        expect(page.locator(".turn.answered")).to_contain_text("有一件申請", use_inner_text=True)
        page.reload()


def test_the_other_windows_say_how_much_is_new(sign_in, desk):
    """At the doors and in the list beside the conversation, in words too; shown, it counts no more."""
    page = sign_in()
    desk.tell("hr", ASKED)
    desk.tell("hr", ASKED)
    expect(page.locator("#hall").get_by_role("link", name="人資窗口 2 則新通知")).to_be_visible()
    door(page, "財務窗口").click()
    listed = page.get_by_role("navigation").get_by_role("link", name="人資窗口 2 則新通知")
    expect(listed).to_be_visible()
    listed.click()
    expect(page.locator(".turn.answered")).to_have_count(2)
    expect(page.locator(".rail .news:visible")).to_have_count(0)


def test_on_a_phone_the_way_back_says_so(sign_in, desk):
    """The list of windows is not on the screen there."""
    page = sign_in(width=360, height=740, has_touch=True, is_mobile=True)
    door(page, "財務窗口").tap()
    back = page.get_by_role("link", name="所有窗口")
    expect(back).to_be_visible()
    expect(back.locator(".news")).to_be_hidden()
    desk.tell("hr", ASKED)
    expect(page.get_by_role("link", name="其他窗口有新通知")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_comes_while_an_answer_is_written_waits_for_it(sign_in, desk):
    """It then stands below the answer, and the answer is whole."""
    page = sign_in()
    door(page, "人資窗口").click()
    desk.script("特休有幾天？", ["三天。", "滿三年十四天。"])
    desk.hold()
    page.get_by_role("textbox").fill("特休有幾天？")
    page.keyboard.press("Enter")
    desk.release()
    expect(page.get_by_text("三天。")).to_be_visible()
    desk.tell("hr", ASKED)
    page.wait_for_timeout(1000)
    expect(page.locator(".turn")).to_have_count(1)
    desk.release(2)
    expect(page.locator(".turn").last).to_contain_text("有一件申請", use_inner_text=True)
    expect(page.locator(".turn").first).to_contain_text("三天。滿三年十四天。", use_inner_text=True)


def test_who_is_no_person_and_has_said_nothing_asks_for_no_news(open_page, base_url, app):
    """A shop's visitors do not keep the server busy."""
    asked = []
    page = open_page(base_url)
    page.on("request", lambda request: asked.append(request.url) if "/chat/news" in request.url else None)
    door(page, "客服窗口").click()
    page.wait_for_timeout(1000)
    assert asked == []
    page.get_by_role("textbox").fill("運費怎麼算？")
    page.keyboard.press("Enter")
    with page.expect_request(lambda request: "/chat/news" in request.url):
        pass
