"""The pages that are read without a script: behind links of a chat, and about the API."""

from datetime import UTC, datetime

import pytest
from browser.test_chat_looks import readable
from browser.test_chat_phone import fits
from fakes.desk import FakeApiDesk, FakeDesk, FakeLinkDesk, FakeUsedTokens
from flask import Flask
from playwright.sync_api import expect

from bots.accounts import ApiClient
from bots.messages import Links, Reply, SourceCard
from bots.platforms.web import LinkTokens, links
from bots.web import create_app

SECRET = "a key for tests, of no worth at all"
LONG = "https://a-company.example/" + "very-long-path-without-a-break/" * 6
SOURCES = (
    SourceCard(1, 7, "退貨辦法" * 8, LONG, 2, "退貨 › 期限" * 6, "七天內可以退貨。" * 9, True),
    SourceCard(2, 8, "問答", "sales/faq.csv", None, "", LONG, False),
)
REPLY = Reply(f"七天內可以退貨。[1]請看 {LONG} [2]", SOURCES, notice=LONG, window="客服窗口")


@pytest.fixture
def app() -> Flask:
    link_desk = FakeLinkDesk()
    link_desk.replies["d"] = REPLY
    client = ApiClient("erp", "token", ("sales",), frozenset({"customers"}))
    return create_app(
        FakeDesk(),
        secret_key=SECRET,
        company_name="A公司",
        used_tokens=FakeUsedTokens(),
        link_desk=link_desk,
        api_desk=FakeApiDesk(),
        api_clients=(client,),
    )


@pytest.fixture
def made(base_url: str) -> Links:
    return links(base_url, LinkTokens(SECRET), "d", REPLY, datetime.now(UTC))


def test_from_the_answer_to_a_page_and_back_without_a_script(open_page, made):
    """A mark leads to its source, the source to its page, the page to the whole answer."""
    page = open_page(made.answer, java_script_enabled=False)
    page.get_by_role("link", name="出處 1", exact=True).click()
    assert page.url.endswith("#source-1")
    page.get_by_role("link", name="開啟出處 1").click()
    expect(page.get_by_role("img")).to_be_visible()
    page.get_by_role("link", name="看完整回答").click()
    expect(page.get_by_role("heading", name="客服窗口")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_can_be_read_on_a_phone(open_page, made, base_url, scheme):
    """Contrast by day and by night; nothing stands out at 360 pixels; targets are big enough for a finger."""
    page = open_page(made.answer, width=360, height=740, color_scheme=scheme, has_touch=True, is_mobile=True)
    for address in (made.answer, made.pages[1], f"{base_url}/api/v1/docs"):
        page.goto(address)
        readable(page)
        fits(page)
