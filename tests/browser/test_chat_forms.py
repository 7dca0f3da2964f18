"""Forms on the page: open until they are over, and then closed, with what was written still to be read."""

import pytest
from browser.hall import door
from fakes.desk import FakeDesk
from playwright.sync_api import Locator, Page, expect

from bots.messages import Choice, FormField, FormView

BEGIN = "我要客訴"
NUMBER = "SALES-COMPLAINT-2026-0001"
FIELDS = (
    FormField("what", "text", "事情經過", longest=500),
    FormField("kind", "choice", "原因", choices=(("a", "瑕疵"), ("b", "漏寄"))),
    FormField("ways", "choices", "怎麼聯絡", choices=(("phone", "電話"), ("mail", "電子郵件"))),
    FormField("day", "date", "發生日期"),
    FormField("order", "text", "訂單編號", optional=True),
)
COMPLAINT = FormView("sales/complaint", "客訴單", FIELDS, "送出", draft="d1")
AGAIN = FormView("sales/complaint", "客訴單", FIELDS, "送出", draft="d2")


class HandingDesk(FakeDesk):
    """A form that is handed in has a number from then on, unless a test says that it is refused."""

    takes = True

    def hand_in(self, visitor, window, message_id, filled, language):
        super().hand_in(visitor, window, message_id, filled, language)
        if self.takes:
            self.numbers[filled.draft] = NUMBER


@pytest.fixture
def desk() -> HandingDesk:
    desk = HandingDesk()
    desk.script(BEGIN, ["請填寫客訴單。"], form=COMPLAINT, choices=(Choice("取消", data="fill=d1/cancel"),))
    desk.script("客訴單", [f"已送出「客訴單」，編號 {NUMBER}。"])
    return desk


@pytest.fixture
def page(open_page, base_url) -> Page:
    page = open_page(base_url)
    door(page, "客服窗口").click()
    begin(page)
    return page


def begin(page: Page, said: str = BEGIN) -> None:
    page.get_by_role("textbox", name="您的問題").fill(said)
    page.keyboard.press("Enter")
    expect(page.locator("form.form").last).to_be_visible()


def fill(form: Locator) -> None:
    form.get_by_label("事情經過").fill("濾網破了\n請換一片")
    form.get_by_label("原因").select_option("b")
    form.get_by_label("電話").check()
    form.get_by_label("發生日期").fill("2026-11-30")


def hand_in(page: Page) -> Locator:
    """Fill the first form in and press its button."""
    form = page.locator("form.form").first
    fill(form)
    form.get_by_role("button", name="送出").click()
    return form


def is_closed(form: Locator, word: str) -> None:
    expect(form.locator(".over")).to_have_text(word)
    expect(form.locator(".fields:disabled")).to_have_count(1)
    expect(form.get_by_role("button")).to_have_count(0)


def is_open(form: Locator) -> None:
    expect(form.get_by_role("button", name="送出")).to_be_visible()
    expect(form.get_by_label("事情經過")).to_be_editable()
    expect(form.locator(".over")).to_be_hidden()


def come_back(page: Page) -> None:
    """As if the visitor came back to this tab: a browser without a head shows all of them at once."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def test_a_form_that_was_handed_in_closes(page, desk):
    """What was written is there to be read, nothing can be changed or sent, and the focus is somewhere."""
    form = hand_in(page)
    is_closed(form, f"已送出（編號 {NUMBER}）")
    expect(page.get_by_role("button", name="取消")).to_be_hidden()
    expect(form.get_by_label("事情經過")).to_have_value("濾網破了\n請換一片")
    expect(form.get_by_label("原因")).to_have_value("b")
    expect(form.get_by_label("電話")).to_be_checked()
    expect(form.get_by_label("訂單編號")).to_be_hidden()  # nothing was written there
    for field in form.get_by_role("textbox").all():
        expect(field).to_be_disabled()
    assert page.evaluate("document.activeElement.id") == "question"
    form.dispatch_event("submit")
    begin(page, "運費怎麼算？")
    expect(page.locator(".turn.refused")).to_have_count(1)
    ((_, filled),) = desk.handed_in
    assert (filled.draft, filled.values["ways"]) == ("d1", ("phone",))


def test_it_closes_below_whoever_stands_in_it(page, desk):
    """Who went back into the form while it was on its way stands at the word that says that it is over."""
    desk.hold()
    form = hand_in(page)
    expect(page.locator(".turn.waiting")).to_have_count(1)
    form.get_by_label("事情經過").focus()
    desk.release(2)
    is_closed(form, f"已送出（編號 {NUMBER}）")
    expect(form.locator(".over")).to_be_focused()


def test_while_it_is_on_its_way_the_button_does_nothing(page, desk):
    """However often it is pressed, with the mouse or the keyboard."""
    desk.hold()
    form = hand_in(page)
    button = form.get_by_role("button", name="送出")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    form.get_by_label("訂單編號").press("Enter")
    desk.release(2)
    is_closed(form, f"已送出（編號 {NUMBER}）")
    assert len(desk.handed_in) == 1


def test_a_form_that_is_refused_stays(page, desk):
    """With what was written; put right, it is sent from where it stands."""
    desk.takes = False
    desk.script("客訴單", ["還不能送出，請看下面："], form=COMPLAINT)
    form = hand_in(page)
    expect(page.get_by_text("還不能送出")).to_be_visible()
    expect(page.locator("form.form")).to_have_count(2)
    is_open(form)
    is_open(page.locator("form.form").last)
    expect(form.get_by_label("事情經過")).to_have_value("濾網破了\n請換一片")
    desk.takes = True
    desk.script("客訴單", ["已送出。"])
    form.get_by_role("button", name="送出").click()
    is_closed(form, f"已送出（編號 {NUMBER}）")
    is_closed(page.locator("form.form").last, f"已送出（編號 {NUMBER}）")  # it is the same form
    assert len(desk.handed_in) == 2


def test_a_form_whose_sending_failed_stays(page, desk, open_page):
    """It may or may not have arrived: the button sends it again, and the server takes it once."""
    open_page.forgive("503")
    page.route("**/chat/ask", lambda route: route.fulfill(status=503, json={"message": "請稍後再試一次。"}))
    form = hand_in(page)
    expect(page.locator(".turn.failed")).to_contain_text("請稍後")
    is_open(form)
    page.unroute("**/chat/ask")
    form.get_by_role("button", name="送出").click()
    is_closed(form, f"已送出（編號 {NUMBER}）")
    assert len(desk.handed_in) == 1


def test_after_a_reload_it_is_closed(page, desk):
    """The server tells; the focus is where it always is."""
    is_closed(hand_in(page), f"已送出（編號 {NUMBER}）")
    page.reload()
    is_closed(page.locator("form.form"), f"已送出（編號 {NUMBER}）")


def test_a_form_shown_before_its_draft_was_named_stays_open(page, desk):
    """It stands in a conversation that is older than this version; nobody can tell the page whether it is over."""
    desk.script("從前", ["請填寫客訴單。"], form=FormView("sales/complaint", "客訴單", FIELDS, "送出"))
    begin(page, "從前")
    page.reload()
    expect(page.locator("form.form")).to_have_count(2)
    expect(page.locator("form.form").last.get_by_role("button", name="送出")).to_be_visible()


def test_what_was_written_is_shown_after_a_reload(open_page, base_url, desk):
    """As the server has it, several choices too."""
    values = {"what": "濾網破了", "kind": "b", "ways": "phone、mail", "day": "2026-11-30"}
    fields = tuple(
        FormField(one.name, one.kind, one.label, choices=one.choices, value=values[one.name]) for one in FIELDS[:4]
    )
    desk.script(BEGIN, ["請填寫客訴單。"], form=FormView("sales/complaint", "客訴單", fields, "送出", draft="d1"))
    desk.numbers["d1"] = NUMBER
    page = open_page(base_url)
    door(page, "客服窗口").click()
    begin(page)
    page.reload()
    form = page.locator("form.form")
    is_closed(form, f"已送出（編號 {NUMBER}）")
    expect(form.get_by_label("原因")).to_have_value("b")
    for label in ("電話", "電子郵件"):
        expect(form.get_by_label(label)).to_be_checked()


def test_a_form_that_was_cancelled_is_closed(page, desk):
    """At once, by the reply that says so, and after a reload."""
    form = page.locator("form.form")
    is_open(form)
    desk.closed.add("d1")
    desk.script("取消", ["已取消。"])
    page.get_by_role("textbox", name="您的問題").fill("取消")
    page.keyboard.press("Enter")
    is_closed(form, "這張表單已經結束，不能再填了。")
    page.reload()
    is_closed(page.locator("form.form"), "這張表單已經結束，不能再填了。")


def test_a_newer_form_closes_the_older_one(page, desk):
    """What comes is open; what stood there before is not."""
    is_open(page.locator("form.form"))
    desk.closed.add("d1")
    desk.script("重新填", ["請填寫客訴單。"], form=AGAIN)
    begin(page, "重新填")
    expect(page.locator("form.form")).to_have_count(2)
    is_closed(page.locator("form.form").first, "這張表單已經結束，不能再填了。")
    is_open(page.locator("form.form").last)


def test_in_another_tab_it_closes_when_the_visitor_comes_back(page, desk):
    """And what was said in the meantime stands there, too."""
    is_open(page.locator("form.form"))
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("form.form")).to_be_visible()
    is_closed(hand_in(other), f"已送出（編號 {NUMBER}）")
    come_back(page)
    is_closed(page.locator("form.form"), f"已送出（編號 {NUMBER}）")
    expect(page.locator(".turn")).to_have_count(2)


def test_in_two_tabs_the_second_is_told(page, desk):
    """Whoever presses the button of a form that is over meanwhile reads why, and it closes."""
    form = page.locator("form.form")
    is_open(form)
    desk.numbers["d1"] = NUMBER  # elsewhere
    desk.script("客訴單", [], notice=f"這張「客訴單」已經送出了，編號是 {NUMBER}；這次沒有再送。")
    hand_in(page)
    expect(page.locator(".notice").last).to_contain_text("這次沒有再送")
    is_closed(form, f"已送出（編號 {NUMBER}）")


def test_in_english(open_page, base_url, desk):
    """The word, too."""
    page = open_page(base_url, locale="en-US")
    door(page, "Customer service").click()
    page.get_by_role("textbox", name="Your question").fill(BEGIN)
    page.keyboard.press("Enter")
    form = page.locator("form.form")
    fill(form)
    form.get_by_role("button", name="送出").click()
    expect(form.locator(".over")).to_have_text(f"Handed in ({NUMBER})")


def test_in_the_widget_on_a_phone(open_page, base_url, desk):
    """It closes there, too, and fits."""
    page = open_page(base_url + "/widget?window=sales", width=360, height=740, has_touch=True, is_mobile=True)
    begin(page)
    form = hand_in(page)
    is_closed(form, f"已送出（編號 {NUMBER}）")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.reload()
    is_closed(page.locator("form.form"), f"已送出（編號 {NUMBER}）")
