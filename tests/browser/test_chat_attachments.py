"""Attached files in the conversation: a link on the card, which shows a picture or saves a file."""

from pathlib import Path
from uuid import UUID

import pytest
from browser.hall import door
from browser.test_chat_looks import readable
from browser.test_chat_phone import fits
from fakes.desk import FakeDesk, page_with
from playwright.sync_api import Page, expect

from bots.messages import AttachedFile, Card, Choice, Reply
from bots.platforms.web import make_login_link
from bots.ports import OpenedFile

SECRET = "a key for tests, of no worth at all"
PHOTO, PAGE = UUID(int=1), UUID(int=2)
PNG = page_with("三樓茶水間漏水")
HTML = b"<!doctype html><script>alert(1)</script>"
LONG = '漏水的照片 "<b>' * 8 + ".html"
APPROVE = Choice("核准", data="decide=1/approve", style="primary")
FILES = (AttachedFile(str(PHOTO), "漏水.png", len(PNG)), AttachedFile(str(PAGE), LONG, 3_400_000))
ASKED = Reply("有一件申請等您簽核：", cards=(Card("報修單 HR-REPAIR-2026-0001", "申請人：方思齊", (APPROVE,), FILES),))


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.attachments["A0020", PHOTO] = OpenedFile("漏水.png", "image/png", PNG)
    desk.attachments["A0020", PAGE] = OpenedFile(LONG, "text/html", HTML)
    desk.tell("hr", ASKED)
    return desk


@pytest.fixture
def approver(open_page, base_url):
    def signed_in(**options) -> Page:
        page = open_page(make_login_link(SECRET, base_url, ["employees"], person="A0020"), **options)
        page.get_by_role("main").get_by_role("button", name="登入").click()
        page.wait_for_url(base_url + "/")
        door(page, "人資窗口").click()
        expect(page.locator(".card .attachment")).to_have_count(2)
        return page

    return signed_in


def test_a_picture_opens_beside_the_conversation(approver):
    """In a tab of its own, as a picture; the conversation stays."""
    page = approver()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="漏水.png").click()
    picture = opened.value.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 100
    expect(page.get_by_role("button", name="核准")).to_be_visible()


def test_a_page_is_saved_and_not_run(approver, tmp_path: Path):
    """Under its name; whatever is in it."""
    page = approver()
    with page.expect_download() as saving:
        page.get_by_role("link", name=".html").click()
    saved = saving.value
    saved.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == HTML
    assert saved.suggested_filename.endswith(".html")


def test_what_may_not_be_read_any_more_is_told_on_a_page_of_ours(approver, desk, open_page):
    """Opened after the right was taken away."""
    page = approver()
    del desk.attachments["A0020", PHOTO]
    open_page.forgive("404")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="漏水.png").click()
    expect(opened.value.get_by_role("heading", name="這扇門後什麼也沒有")).to_be_visible()


def test_the_widget_only_names_it(open_page, base_url, desk):
    """Its visitor is known by no cookie, so a link would open nothing."""
    desk.script("我的申請", ["這是您的申請。"], cards=ASKED.cards)
    page = open_page(f"{base_url}/widget?window=sales")
    page.get_by_role("textbox").fill("我的申請")
    page.keyboard.press("Enter")
    expect(page.locator(".attachment")).to_have_count(2)
    expect(page.get_by_text("漏水.png")).to_be_visible()
    expect(page.get_by_role("link", name="漏水.png")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_can_be_read_and_tapped_on_a_phone(approver, scheme):
    """Contrast by day and by night; a long name breaks; targets are big enough for a finger."""
    page = approver(width=360, height=740, color_scheme=scheme, has_touch=True, is_mobile=True)
    readable(page)
    fits(page)
