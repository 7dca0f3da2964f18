import re

import pytest
from browser.hall import door
from fakes.desk import FakeDesk, Script
from playwright.sync_api import Page, expect

from bots.messages import SourceCard

QUESTION = "七天內可以退貨嗎？"
PARTS = ["七天內可以退貨，不必說明理由。[1]", "要附上發票和完整包裝。[2]"]
SOURCES = [
    SourceCard(1, 7, "退貨辦法", "sales/returns.pdf", 2, "退貨 › 期限", "收到商品後七天內可以退貨。", True),
    SourceCard(2, 8, "客服問答", "sales/faq.csv", None, "怎麼退貨？", "請附上發票與完整包裝。", False),
]


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.script(QUESTION, PARTS, SOURCES, notice="這是沒有模型時的回答。", suggestions=("運費怎麼算？",))
    return desk


@pytest.fixture
def page(open_page, base_url) -> Page:
    """The customer service window, as an anonymous visitor sees it on a desktop."""
    page = open_page(base_url)
    door(page, "客服窗口").click()
    return page


def send(page: Page, question: str) -> None:
    page.get_by_role("textbox").fill(question)
    page.get_by_role("button", name=re.compile("送出|Ask")).click()


def answer(page: Page):
    """The newest thing said."""
    return page.locator(".turn").last


def test_a_visitor_chooses_a_window_and_taps_a_question(page, desk):
    """The picker shows the visitor's windows; a suggested question is asked by one tap."""
    expect(page.get_by_role("heading", name="客服窗口")).to_be_visible()
    expect(page).to_have_title("客服窗口 · A公司")
    page.get_by_role("button", name=QUESTION).click()
    expect(answer(page)).to_contain_text("不必說明理由", use_inner_text=True)
    expect(answer(page)).to_contain_text("這是沒有模型時的回答。", use_inner_text=True)
    assert (desk.puts[0].window, desk.puts[0].question) == ("sales", QUESTION)
    page.get_by_role("button", name="運費怎麼算？").click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.get_by_text("手邊的文件沒有提到")).to_be_visible()


def test_the_answer_arrives_sentence_by_sentence(page, desk):
    """The first sentence can be read while the second does not exist yet; marks open once the sources are known."""
    desk.hold()
    send(page, QUESTION)
    expect(answer(page)).to_contain_text("正在翻閱文件", use_inner_text=True)
    desk.release()
    expect(answer(page)).to_contain_text(PARTS[0], use_inner_text=True)
    expect(answer(page)).not_to_contain_text("正在翻閱文件", use_inner_text=True)
    expect(answer(page).locator(".mark")).to_be_disabled()
    assert "發票" not in answer(page).inner_text()
    desk.release()
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    desk.release()
    expect(answer(page).locator(".mark").first).to_be_enabled()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("status").first).to_have_text("已回答。")


def test_a_mark_opens_its_source_with_the_page(page):
    """Title, document, page, section, the words, and the page's image; Escape returns to the mark."""
    send(page, QUESTION)
    mark = page.get_by_role("button", name="開啟出處 1：退貨辦法", exact=True)
    mark.click()
    dialog = page.get_by_role("dialog", name="退貨辦法")
    for text in ("出處 1", "sales/returns.pdf", "退貨 › 期限", "收到商品後七天內可以退貨。"):
        expect(dialog.get_by_text(text, exact=True)).to_be_visible()
    image = dialog.get_by_role("img")
    expect(image).to_be_visible()
    assert image.evaluate("img => img.complete && img.naturalWidth") > 500
    dialog.get_by_role("button", name="放大").click()
    expect(dialog.get_by_role("button", name="縮回")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(mark).to_be_focused()


def test_back_closes_the_source_and_stays_in_the_window(page):
    """The phone's Back gesture leaves the panel, not the conversation; closing it by hand leaves no step behind."""
    send(page, QUESTION)
    expect(answer(page).locator(".source-card")).to_have_count(2)
    address = page.url
    page.locator(".mark").first.click()
    expect(page.locator("#source")).to_be_visible()
    page.go_back()
    expect(page.locator("#source")).to_be_hidden()
    assert page.url == address
    page.locator(".mark").first.click()
    page.locator("#source-close").click()
    expect(page.locator("#source")).to_be_hidden()
    expect(answer(page).locator(".source-card")).to_have_count(2)
    page.wait_for_function("() => !history.state?.source")  # the browser goes its step back in its own time
    page.go_back()
    page.wait_for_url(lambda url: url != address)


def test_a_source_without_a_page_shows_its_words_alone(page):
    """Nothing empty is shown where there is no page and no image."""
    send(page, QUESTION)
    page.locator(".source-card", has_text="客服問答").click()
    dialog = page.get_by_role("dialog", name="客服問答")
    expect(dialog.get_by_text("請附上發票與完整包裝。")).to_be_visible()
    expect(dialog.get_by_text("頁碼")).to_be_hidden()
    expect(dialog.get_by_role("img")).to_be_hidden()
    dialog.get_by_role("button", name="關閉").click()
    expect(dialog).to_be_hidden()


def test_a_page_that_opens_no_more_is_told_in_a_sentence(open_page, base_url, desk):
    """An expired or withdrawn page image leaves the words and says what to do."""
    open_page.forgive("404")
    page = open_page(base_url + "/#/sales")
    desk.unreadable_pages.add(7)
    send(page, QUESTION)
    page.locator(".source-card").first.click()
    expect(page.get_by_text("這個頁面已無法顯示，請重新提問後再開啟。")).to_be_visible()


def test_a_refusal_looks_different_and_names_whom_to_ask(page):
    """An honest "I don't know" is no answer, and says who knows."""
    send(page, "公司有游泳池嗎？")
    refused = page.locator(".turn.refused")
    expect(refused).to_contain_text("這個窗口找不到答案", use_inner_text=True)
    expect(refused).to_contain_text("請洽：客服專線 02-5555-0100", use_inner_text=True)
    assert refused.locator(".said-body").evaluate("e => getComputedStyle(e).borderStyle") == "dashed"


def test_trouble_is_told_and_can_be_tried_again(page, desk):
    """A fault is a sentence with a button; trying again replaces it with the answer."""
    good = desk.scripts[QUESTION]
    desk.scripts[QUESTION] = Script(("七天",), None, RuntimeError("inside"))
    send(page, QUESTION)
    expect(answer(page)).to_contain_text("系統發生問題，請再試一次", use_inner_text=True)
    desk.scripts[QUESTION] = good
    answer(page).get_by_role("button", name="再試一次").click()
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    expect(answer(page)).not_to_contain_text("系統發生問題", use_inner_text=True)
    expect(page.locator(".turn")).to_have_count(1)


def test_an_answer_that_does_not_come_is_given_up(page, desk):
    """After the time the page waits, it says so and offers to try again."""
    desk.hold()
    send(page, QUESTION)
    expect(answer(page)).to_contain_text("等候回答的時間過長", use_inner_text=True, timeout=8000)
    expect(answer(page).get_by_role("button", name="再試一次")).to_be_visible()
    desk.release(3)


def test_a_lost_connection_is_told(page, open_page):
    """Without a network the page tries for a while, and then says so in a sentence."""
    open_page.forgive("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    send(page, QUESTION)
    expect(answer(page)).to_contain_text("連線中斷了", use_inner_text=True, timeout=10_000)
    page.context.set_offline(False)
    answer(page).get_by_role("button", name="再試一次").click()
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)


def test_an_answer_can_be_stopped(page, desk):
    """What has come stays, the next question can be asked, and the rest is there after a reload."""
    desk.hold()
    send(page, QUESTION)
    desk.release()
    expect(answer(page)).to_contain_text(PARTS[0], use_inner_text=True)
    page.get_by_role("button", name="停止").click()
    expect(answer(page)).to_contain_text("您已停止這則回答。", use_inner_text=True)
    expect(page.get_by_role("button", name="送出")).to_be_visible()
    desk.release(10)
    send(page, QUESTION)
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    page.reload()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").first).to_contain_text(PARTS[1], use_inner_text=True)


def test_a_question_too_long_stays_in_the_box_with_a_sentence(page, desk):
    """Nothing is cut off and nothing is lost; the count says by how much."""
    page.get_by_role("textbox").fill("字" * 2001)
    expect(page.get_by_text("2001／2000 字")).to_be_visible()
    page.get_by_role("button", name="送出").click()
    expect(page.get_by_role("alert").filter(has_text="問題太長了")).to_be_visible()
    assert len(page.get_by_role("textbox").input_value()) == 2001
    assert desk.puts == []


def test_enter_that_confirms_a_character_does_not_send(page, desk):
    """While Zhuyin or Pinyin is being composed, Enter belongs to the input method."""
    box = page.get_by_role("textbox")
    box.fill("ㄊㄨㄟˋ")
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True})
    expect(box).to_have_value("ㄊㄨㄟˋ")
    assert desk.puts == []
    box.fill(QUESTION)
    box.press("Shift+Enter")
    expect(box).to_have_value(QUESTION + "\n")
    box.press("Enter")
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    assert desk.puts[0].question == QUESTION


def test_a_new_conversation_forgets_the_old(page, desk):
    """The screen is clear, also after a reload, and the server has forgotten it too."""
    send(page, QUESTION)
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    page.get_by_role("button", name="開新對話").click()
    expect(page.locator(".turn")).to_have_count(0)
    assert list(desk.asked(desk.puts[0].visitor, "sales")) == []
    page.reload()
    page.get_by_role("button", name=QUESTION).click()
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    expect(page.locator(".turn")).to_have_count(1)


def test_switching_the_language_keeps_window_and_conversation(page, desk):
    """The page turns English where one stands; what was said stays said; the next question is asked in English."""
    send(page, QUESTION)
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Customer service")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    page.get_by_role("button", name="Open source 1: 退貨辦法", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    send(page, "Is there a pool?")
    expect(answer(page)).to_contain_text("This window found no answer", use_inner_text=True)
    assert desk.puts[-1].language == "en"


def test_an_english_browser_gets_english(open_page, base_url):
    """Without a choice the browser's language counts."""
    page = open_page(base_url, locale="en-GB")
    expect(page.get_by_role("heading", name="Which window would you like to ask?")).to_be_visible()


def test_the_whole_way_by_keyboard(open_page, base_url, desk):
    """Skip link, window, question, answer, source and back without a pointer."""
    page = open_page(base_url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到對話")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="客服窗口")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(answer(page)).to_contain_text(PARTS[1], use_inner_text=True)
    mark = page.get_by_role("button", name="開啟出處 1：退貨辦法", exact=True)
    expect(mark).to_be_enabled()
    for _ in range(20):
        if mark.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    expect(mark).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="退貨辦法")).to_be_visible()
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()


def test_back_leaves_the_window(page):
    """The browser's own way back leads to the picker, at the door one came from."""
    expect(page.get_by_role("heading", name="客服窗口")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="今天想問哪個窗口？")).to_be_visible()
    expect(page.get_by_role("link", name="客服窗口")).to_be_focused()
