"""Files on the page: attached with the paper clip, or chosen in a form that asks for one."""

import re

import pytest
from browser.hall import door
from fakes.desk import FakeDesk
from playwright.sync_api import Page, expect

from bots.messages import FormField, FormView

PHOTO = {"name": "漏水 <b>.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff a photo"}
FIELDS = (
    FormField("what", "text", "哪裡壞了"),
    FormField("photo", "file", "照片", help="拍到漏水的地方"),
)
COMPLAINT = FormView("sales/complaint", "客訴單", FIELDS, "送出")
BEGIN = "我要客訴"


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.asks_for_files = True
    desk.script(BEGIN, ["請填寫客訴單。"], form=COMPLAINT)
    desk.script(PHOTO["name"], ["已收下「照片」。"], took=True)
    desk.script("客訴單", ["已送出。"])
    return desk


@pytest.fixture
def page(open_page, base_url) -> Page:
    page = open_page(base_url)
    door(page, "客服窗口").click()
    return page


def clip(page: Page):
    return page.get_by_role("button", name="選擇檔案並傳送")


def choose(page: Page, *files) -> None:
    with page.expect_file_chooser() as chooser:
        clip(page).press("Enter")
    chooser.value.set_files(list(files))


def test_a_file_is_attached_by_keyboard_and_survives_a_reload(page, desk):
    """Its name stands where a question would, as text; after a reload it is there, and it was sent once."""
    choose(page, PHOTO)
    turn = page.locator(".turn.answered")
    expect(turn.locator(".asked")).to_contain_text(PHOTO["name"])
    expect(turn.locator(".asked .clip")).to_be_visible()
    expect(turn.get_by_text("您傳了檔案：")).to_have_count(1)
    page.reload()
    expect(page.locator(".turn.answered .asked")).to_contain_text(PHOTO["name"])
    expect(page.locator(".clip").first).to_be_visible()
    expect(clip(page)).to_be_visible()
    assert [(one.name, one.content, one.field) for one in desk.attached] == [(PHOTO["name"], PHOTO["buffer"], "")]


def test_a_form_sends_its_file_ahead_and_then_itself(page, desk):
    """One button for both; the page says what is attached."""
    page.get_by_role("textbox", name="您的問題").fill(BEGIN)
    page.keyboard.press("Enter")
    form = page.locator("form.form")
    form.get_by_label("哪裡壞了").fill("水箱")
    form.get_by_label("照片").set_input_files([PHOTO])
    form.get_by_role("button", name="送出").click()
    expect(page.locator(".turn.answered")).to_have_count(3)
    expect(form.locator(".attached").last).to_have_text(f"已附上：{PHOTO['name']}")
    assert [one.field for one in desk.attached] == ["sales/complaint/photo"]
    ((_, filled),) = desk.handed_in
    assert filled.values == {"what": "水箱"}


@pytest.mark.parametrize("how", ["notice", "text"])
def test_a_form_whose_file_is_not_taken_stays(page, desk, how):
    """Whatever the reply says, only one that took the file has the form handed in; what was written stays."""
    said = "什麼都沒有改變。"
    desk.script(PHOTO["name"], [said] if how == "text" else [], notice=said if how == "notice" else None)
    page.get_by_role("textbox", name="您的問題").fill(BEGIN)
    page.keyboard.press("Enter")
    form = page.locator("form.form")
    form.get_by_label("哪裡壞了").fill("水箱")
    form.get_by_label("照片").set_input_files([PHOTO])
    form.get_by_role("button", name="送出").click()
    expect(page.get_by_text("什麼都沒有改變。")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(2)
    expect(form.get_by_label("哪裡壞了")).to_have_value("水箱")
    assert desk.handed_in == []


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ({**PHOTO, "buffer": b""}, "空的"),
        ({**PHOTO, "name": "run.exe"}, "無法收下"),
    ],
)
def test_what_is_not_taken_is_told_before_it_is_sent(page, desk, file, sentence):
    """Below the box, as an alert."""
    choose(page, file)
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    expect(page.locator(".turn")).to_have_count(0)
    assert desk.attached == []


def test_what_is_too_large_is_told_before_it_is_sent(page, desk, tmp_path):
    """Nobody sends 20 MB to hear no."""
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)
    choose(page, large)
    expect(page.get_by_role("alert")).to_contain_text("最多 20 MB")
    assert desk.attached == []


def test_a_refusal_of_the_server_is_told_and_can_be_tried_again(page, desk, open_page):
    """The form was ended in another tab, say: the file is still there to be sent again."""
    open_page.forgive("403")
    expect(clip(page)).to_be_visible()  # the page has asked once whether a file may come
    desk.asks_for_files = False
    choose(page, PHOTO)
    expect(page.locator(".turn.failed")).to_contain_text("沒有收下")
    desk.asks_for_files = True
    page.get_by_role("button", name="再試一次").click()
    expect(page.locator(".turn.answered")).to_have_count(1)
    assert len(desk.attached) == 1


def test_the_clip_is_there_only_where_a_file_may_come(page, desk):
    """It goes when nothing asks for a file any more, and comes when something does."""
    expect(clip(page)).to_be_visible()
    desk.asks_for_files = False
    page.get_by_role("textbox").fill("運費怎麼算？")
    page.keyboard.press("Enter")
    expect(page.locator(".turn.refused")).to_have_count(1)
    expect(clip(page)).to_be_hidden()


@pytest.mark.parametrize("path", ["/#/sales", "/widget?window=sales"])
def test_on_a_phone_it_fits(open_page, base_url, path):
    """44 pixels for a finger, in the widget's frame too, and nothing stands out to the right."""
    page = open_page(base_url + path, width=360, height=740, has_touch=True, is_mobile=True)
    box = clip(page).bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    choose(page, {**PHOTO, "name": "長" * 90 + ".jpg"})
    expect(page.locator(".turn.refused")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator(".asked")).to_contain_text(re.compile("長+"))
