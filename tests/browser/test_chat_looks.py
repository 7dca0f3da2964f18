"""What can be measured of how the page looks: contrast by day and by night, and rest for those who ask for it."""

import pytest
from browser.hall import door
from fakes.desk import FakeDesk
from playwright.sync_api import Page, expect

from bots.messages import SourceCard

QUESTION = "七天內可以退貨嗎？"

# WCAG 2.2, 1.4.3: the contrast ratio of every visible text against the nearest opaque ground behind it.
_TOO_FAINT = """() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === undefined || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const ratio = (e) => {
    const [a, b] = [luminance(rgb(getComputedStyle(e).color)), luminance(ground(e))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const hasText = (e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const texts = [...document.querySelectorAll("body *")].filter((e) => hasText(e) && e.checkVisibility());
  const faint = texts.filter((e) => ratio(e) < 4.5);
  return { seen: texts.length, faint: faint.map((e) => `${ratio(e)} ${e.outerHTML.slice(0, 90)}`) };
}"""


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    source = SourceCard(1, 7, "退貨辦法", "sales/returns.pdf", 2, "退貨", "七天內可以退貨。", True)
    desk.script(QUESTION, ["七天內可以退貨。[1]"], [source], notice="注意。", suggestions=("運費怎麼算？",))
    return desk


def readable(page: Page) -> None:
    """Fail unless every text can be read, once the page is drawn: a busy browser may still be at its style sheets."""
    for _ in range(50):
        found = page.evaluate(_TOO_FAINT)
        if found["seen"] > 5 and not found["faint"]:
            return
        page.wait_for_timeout(100)
    assert found["seen"] > 5
    assert found["faint"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(open_page, base_url, login_link, desk, scheme):
    """4.5 to 1 at least: log-in, picker, beginning, answer, refusal, fault and source, by day and by night."""
    page = open_page(login_link("employees"), color_scheme=scheme, reduced_motion="reduce")
    readable(page)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator(".door")).to_have_count(6)
    readable(page)
    door(page, "客服窗口").click()
    readable(page)
    page.get_by_role("button", name=QUESTION).click()
    expect(page.locator(".mark")).to_be_enabled()
    page.get_by_role("textbox").fill("別的事")
    page.keyboard.press("Enter")
    expect(page.locator(".refused")).to_have_count(1)
    page.get_by_role("textbox").fill("字" * 2001)
    readable(page)
    page.locator(".mark").click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    readable(page)


@pytest.mark.parametrize(("wish", "moves"), [("reduce", False), ("no-preference", True)])
def test_nothing_moves_for_those_who_ask_for_rest(open_page, base_url, desk, wish, moves):
    """The fanlight flickers and sentences fade in only where motion is welcome."""
    page = open_page(base_url + "/#/sales", reduced_motion=wish)
    desk.hold()
    page.get_by_role("button", name=QUESTION).click()
    pane = page.locator(".waiting .pane").first
    assert (pane.evaluate("e => getComputedStyle(e).animationName") != "none") is moves
    desk.release(2)
    expect(page.locator(".mark")).to_be_enabled()
    assert (page.locator(".sentence").evaluate("e => getComputedStyle(e).animationName") != "none") is moves
