"""The widget on a shop's own page, which is another origin."""

import pytest
from fakes.desk import FakeDesk, FakeUsedTokens
from flask import Flask, Response, request
from playwright.sync_api import FrameLocator, Page, expect

from bots.accounts import Website
from bots.messages import SourceCard
from bots.web import create_app

SECRET = "a key for tests, of no worth at all"
QUESTION = "七天內可以退貨嗎？"
STRICT = "default-src 'none'; script-src {ours}; frame-src {ours}; require-trusted-types-for 'script'; trusted-types"


class Shop:
    """A shop's website with one page, whose policy allows the widget's script and frame and nothing else."""

    def __init__(self) -> None:
        self.ours = ""
        self.app = Flask("shop")
        self.app.add_url_rule("/", "page", self.page)
        self.app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))

    def page(self) -> Response:
        lang = request.args.get("lang", "zh-Hant-TW")
        window = request.args.get("window", "sales")
        html = (
            f'<!doctype html><html lang="{lang}"><meta name="viewport" content="width=device-width"><title>Shop</title>'
            f'<h1>Shop</h1><p><a href="/">Home</a></p><script src="{self.ours}/widget.js" data-window="{window}" async>'
            "</script></html>"
        )
        return Response(html, headers={"Content-Security-Policy": STRICT.format(ours=self.ours)})


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def shop_url(shop: Shop, serve) -> str:
    """The shop at another site than ours: localhost, not 127.0.0.1."""
    return serve(shop.app).replace("127.0.0.1", "localhost")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    source = SourceCard(1, 7, "退貨辦法", "sales/returns.pdf", 2, "退貨", "收到商品後七天內可以退貨。", True)
    desk.script(QUESTION, ["七天內可以退貨。[1]"], [source])
    return desk


@pytest.fixture
def app(desk: FakeDesk, shop: Shop, shop_url: str) -> Flask:
    return create_app(
        desk,
        secret_key=SECRET,
        company_name="A公司",
        used_tokens=FakeUsedTokens(),
        website=Website((shop_url,), ("sales",)),
    )


@pytest.fixture
def open_shop(open_page, base_url: str, shop: Shop, shop_url: str):
    shop.ours = base_url
    return lambda path="/", **options: open_page(shop_url + path, **options)


def button(page: Page):
    return page.get_by_role("button", name="線上客服")


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def test_a_customer_asks_on_the_shops_page(open_shop, desk):
    """The button opens the chat in a frame; the answer, its source and the page's image come as everywhere."""
    page = open_shop()
    expect(button(page)).to_have_attribute("aria-expanded", "false")
    assert page.locator("iframe").count() == 0
    button(page).click()
    expect(page.get_by_role("dialog", name="線上客服")).to_be_visible()
    expect(chat(page).get_by_role("heading", name="客服窗口")).to_be_visible()
    chat(page).get_by_role("button", name=QUESTION).click()
    expect(chat(page).locator(".turn.answered")).to_have_count(1)
    chat(page).locator(".mark").click()
    image = chat(page).get_by_role("dialog").get_by_role("img")
    expect(image).to_be_visible()
    assert image.evaluate("img => img.complete && img.naturalWidth") > 500
    assert desk.puts[0].visitor.groups == {"customers"}
    assert page.context.cookies() == []


def test_the_conversation_stays_from_page_to_page(open_shop, desk):
    """This browser lets the frame keep neither cookie nor storage; the visitor is known all the same in its tab."""
    page = open_shop()
    button(page).click()
    chat(page).get_by_role("button", name=QUESTION).click()
    expect(chat(page).locator(".turn.answered")).to_have_count(1)
    page.reload()
    button(page).click()
    expect(chat(page).locator(".turn.answered")).to_have_count(1)
    other = open_shop()
    button(other).click()
    expect(chat(other).get_by_role("button", name=QUESTION)).to_be_visible()
    expect(chat(other).locator(".turn")).to_have_count(0)


def test_a_frame_that_may_remember_does(open_page, base_url, shop, desk):
    """The page keeps the visitor itself where it is allowed to, here standing alone."""
    shop.ours = base_url
    page = open_page(base_url + "/widget?window=sales")
    page.get_by_role("button", name=QUESTION).click()
    expect(page.locator(".turn.answered")).to_have_count(1)
    page.reload()
    expect(page.locator(".turn.answered")).to_have_count(1)
    assert page.context.cookies() == []


def test_a_visitor_whose_token_has_ended_begins_anew(open_shop, open_page, desk):
    """The page takes its fresh token, and nobody has to do anything."""
    open_page.forgive("401")
    page = open_shop()
    button(page).click()
    expect(chat(page).get_by_role("textbox")).to_be_visible()
    page.evaluate("sessionStorage.setItem('transom-widget', 'an.old.one')")
    page.reload()
    button(page).click()
    chat(page).get_by_role("button", name=QUESTION).click()
    expect(chat(page).locator(".turn.answered")).to_have_count(1)


def test_a_signed_in_employee_is_a_customer_there(open_page, base_url, shop, shop_url, login_link, desk):
    """The frame knows nothing of the session beside it."""
    shop.ours = base_url
    page = open_page(login_link("employees"))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator(".door")).to_have_count(6)
    page.goto(shop_url)
    button(page).click()
    chat(page).get_by_role("button", name=QUESTION).click()
    expect(chat(page).locator(".turn.answered")).to_have_count(1)
    assert desk.puts[0].visitor.groups == {"customers"}


def test_another_site_cannot_frame_the_chat(open_page, base_url, shop, shop_url):
    """The script may be copied; the frame stays shut."""
    open_page.forgive("frame-ancestors")
    open_page.forgive("Framing")
    shop.ours = base_url
    page = open_page(shop_url.replace("localhost", "127.0.0.1"))
    with page.expect_event("console", lambda said: "frame-ancestors" in said.text):
        button(page).click()
    assert chat(page).locator("#desk").count() == 0


def test_the_whole_way_by_keyboard(open_shop, desk):
    """Open, ask, close with Escape from inside, and stand at the button again; Escape at the button closes too."""
    page = open_shop()
    expect(button(page)).to_be_visible()
    page.get_by_role("link", name="Home").focus()
    page.keyboard.press("Tab")
    expect(button(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat(page).get_by_role("textbox")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(chat(page).locator(".turn.answered")).to_have_count(1)
    chat(page).locator(".mark").press("Enter")
    page.keyboard.press("Escape")  # closes the source alone
    expect(chat(page).get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("dialog", name="線上客服")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="線上客服")).to_be_hidden()
    expect(button(page)).to_be_focused()
    page.keyboard.press("Space")
    expect(chat(page).locator(".turn.answered")).to_have_count(1)
    button(page).focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="線上客服")).to_be_hidden()


def test_on_a_phone_it_fills_the_screen(open_shop):
    """Nothing stands out to the right, every target is big enough for a finger, and a cross closes it."""
    page = open_shop(width=360, height=740, has_touch=True, is_mobile=True)
    button(page).tap()
    box = page.locator("iframe").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 740}
    chat(page).get_by_role("button", name=QUESTION).tap()
    expect(chat(page).locator(".turn.answered")).to_have_count(1)
    small = """() => [...document.querySelectorAll("button, a[href]")]
      .filter((e) => e.checkVisibility())
      .filter((e) => !e.matches(".skip, .mark") && Math.min(e.offsetWidth, e.offsetHeight) < 44)
      .map((e) => e.outerHTML)"""
    assert chat(page).locator("body").evaluate(small) == []
    assert chat(page).locator("html").evaluate("e => e.scrollWidth") <= 360
    chat(page).get_by_role("button", name="關閉線上客服").tap()
    expect(page.locator("iframe")).to_be_hidden()
    expect(button(page)).to_be_visible()


@pytest.mark.parametrize(("lang", "name"), [("en-GB", "Open the chat"), ("zh-Hant-TW", "開啟線上客服")])
def test_it_speaks_the_sites_language(open_shop, lang, name):
    """The button and the chat, whatever the browser's language is."""
    page = open_shop(f"/?lang={lang}", locale="fr")
    page.get_by_role("button", name=name).click()
    expect(chat(page).locator("html")).to_have_attribute("lang", "en" if lang == "en-GB" else "zh-Hant-TW")
    expect(chat(page).get_by_role("button", name=QUESTION)).to_be_visible()


def test_a_new_conversation_in_the_widget(open_shop, desk):
    """It is forgotten on the server as well."""
    page = open_shop()
    button(page).click()
    chat(page).get_by_role("button", name=QUESTION).click()
    expect(chat(page).locator(".turn.answered")).to_have_count(1)
    chat(page).get_by_role("button", name="開新對話").click()
    expect(chat(page).locator(".turn")).to_have_count(0)
    assert list(desk.asked(desk.puts[0].visitor, "sales")) == []
