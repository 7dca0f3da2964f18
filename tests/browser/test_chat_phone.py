"""The page at 360 pixels, which is the width most people will see it at."""

import pytest
from browser.hall import door
from fakes.desk import FakeDesk
from playwright.sync_api import Page, expect

from bots.messages import SourceCard

QUESTION = "七天內可以退貨嗎？"
LONG = "https://a-company.example/" + "very-long-path-without-a-break/" * 6

# A panel that slides in is measured where it comes to stand.
_AT_REST = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished.catch(() => {})))"""
# What is too small for a finger. Marks stand in running text and have a test of their own.
_TOO_SMALL = """() => {
  const targets = [...document.querySelectorAll("a[href], button")];
  const shown = targets.filter((e) => e.checkVisibility() && !e.matches(".skip"));
  const scope = document.querySelector("dialog[open]") ?? document.body;
  return shown.filter((e) => scope.contains(e) && !e.matches(".mark")).flatMap((e) => {
    const box = e.getBoundingClientRect();
    return box.width < 44 || box.height < 44 ? [`${e.outerHTML.slice(0, 80)} ${box.width}x${box.height}`] : [];
  });
}"""


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    source = SourceCard(1, 7, "退貨辦法" * 8, LONG, 2, "退貨 › 期限" * 6, "七天內可以退貨。" * 9, True)
    desk.script(
        QUESTION, [f"七天內可以退貨。[1]請看 {LONG}"], [source], notice=LONG, suggestions=(LONG, "運費怎麼算？")
    )
    return desk


@pytest.fixture
def phone(open_page, base_url, login_link) -> Page:
    """A signed-in visitor on a phone."""
    page = open_page(login_link("employees", "managers", "hr"), width=360, height=740, has_touch=True, is_mobile=True)
    page.get_by_role("main").get_by_role("button", name="登入").click()
    page.wait_for_url(base_url + "/")
    return page


def fits(page: Page) -> None:
    """Once nothing moves any more, nothing stands out to the right, and every target is big enough for a finger."""
    page.evaluate(_AT_REST)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every((e) => e.scrollWidth <= e.clientWidth)")
    assert page.evaluate(_TOO_SMALL) == []


def test_the_picker_fits(phone):
    """Six doors, no sideways scrolling, targets of 44 px."""
    expect(phone.locator(".door")).to_have_count(6)
    fits(phone)


def test_the_conversation_and_its_source_fit(phone):
    """Also with a long address, title and heading that have no place to break."""
    door(phone, "客服窗口").tap()
    fits(phone)
    phone.get_by_role("button", name=QUESTION).tap()
    expect(phone.locator(".source-card")).to_have_count(1)
    fits(phone)
    phone.locator(".source-card").tap()
    expect(phone.get_by_role("dialog").get_by_role("img")).to_be_visible()
    fits(phone)
    box = phone.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["width"] == 360


def test_a_mark_may_be_tapped_beside_itself(phone):
    """The mark is drawn small; 20 px above its middle a finger still opens it."""
    door(phone, "客服窗口").tap()
    phone.get_by_role("button", name=QUESTION).tap()
    mark = phone.locator(".mark")
    expect(mark).to_be_enabled()
    box = mark.bounding_box()
    assert box is not None
    phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 20)
    expect(phone.get_by_role("dialog")).to_be_visible()


def test_the_box_stays_in_reach(phone):
    """With a long conversation the question box is still on the screen."""
    door(phone, "客服窗口").tap()
    for count in range(1, 4):
        phone.get_by_role("textbox").fill(QUESTION)
        phone.get_by_role("button", name="送出").tap()
        expect(phone.locator(".turn.answered")).to_have_count(count)
    expect(phone.get_by_role("textbox")).to_be_in_viewport(ratio=1)
    expect(phone.locator(".turn").last.locator(".asked")).to_be_in_viewport()


def test_the_way_back_to_the_windows(phone):
    """One tap leads back to all windows."""
    door(phone, "客服窗口").tap()
    phone.get_by_role("link", name="所有窗口").tap()
    expect(phone.locator(".door").first).to_be_visible()
