"""The page over the real desk: the sample company's documents, answered, cited and shown in a browser."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance.installation import SAMPLE, postgres
from acceptance.office import Office, office
from browser.hall import door
from playwright.sync_api import Page, expect

OVER = ".turn.answered, .turn.refused"
CUSTOMERS_QUESTION = "How do I reset the filter timer on the AP-20?"


def customer_service_and_hr(company: Path) -> None:
    """Two windows of the sample company."""
    shutil.copytree(SAMPLE, company)
    for file in (company / "windows").iterdir():
        if file.stem not in ("hr", "sales"):
            file.unlink()
    (company / "channels.yaml").unlink()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    """They are served by a web process and a worker, on a Postgres of their own."""
    folder = tmp_path_factory.mktemp("office")
    with (
        postgres() as server,
        server.database() as url,
        office(url, folder, strict=False, write=customer_service_and_hr) as running,
    ):
        yield running


@pytest.fixture
def base_url(installed: Office) -> str:
    return installed.url


@pytest.fixture
def employee(open_page: Any, base_url: str, login_link: Any) -> Page:
    """An HR employee who came in by a link."""
    return signed_in(open_page(login_link("employees", "hr")), base_url)


def signed_in(page: Page, base_url: str) -> Page:
    page.get_by_role("main").get_by_role("button", name="登入").click()
    page.wait_for_url(base_url + "/")
    return page


def ask(page: Page, window: str, question: str) -> None:
    door(page, window).click()
    page.get_by_role("textbox").fill(question)
    page.get_by_role("button", name="送出").click()
    expect(page.locator(OVER)).to_have_count(1)


def open_source(page: Page) -> Any:
    """Open the first citation and return its dialog, with the page's image loaded."""
    page.locator(".mark").first.click()
    dialog = page.get_by_role("dialog")
    image = dialog.get_by_role("img")
    expect(image).to_be_visible()
    assert image.evaluate("async img => { await img.decode(); return img.naturalWidth }") > 500
    return dialog


def test_a_customer_asks_and_opens_the_manual(open_page: Any, base_url: str) -> None:
    """The answer comes with its source; the source opens at the manual's page, as an image."""
    page = open_page(base_url)
    ask(page, "客服窗口", CUSTOMERS_QUESTION)
    expect(page.locator(".turn").last).to_contain_text("3 seconds", use_inner_text=True)
    dialog = open_source(page)
    expect(dialog).to_contain_text("quick-start-ap20-en.pdf", use_inner_text=True)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_customer_sees_no_window_of_the_employees(open_page: Any, base_url: str) -> None:
    """Neither in the picker nor by its address."""
    page = open_page(base_url)
    expect(page.locator(".door")).to_have_count(1)
    expect(page.get_by_role("link", name="人資窗口")).to_have_count(0)
    page.goto(base_url + "/#/hr")
    expect(page.get_by_role("heading", name="人資窗口")).to_have_count(0)


def test_an_employee_signs_in_by_a_link_and_asks_hr(employee: Page) -> None:
    """The work rules answer, with the page image behind the mark."""
    expect(employee.locator(".door")).to_have_count(2)
    ask(employee, "人資窗口", "生理假會算進病假嗎？薪水怎麼給？")
    expect(employee.locator(".turn").last).to_contain_text("減半發給", use_inner_text=True)
    dialog = open_source(employee)
    expect(dialog).to_contain_text("leave-rules.pdf", use_inner_text=True)


def test_a_link_signs_in_one_browser_only(open_page: Any, base_url: str, login_link: Any) -> None:
    """The second one to use it is told that it is used up."""
    open_page.forgive("410")
    link = login_link("employees")
    signed_in(open_page(link), base_url)
    second = open_page(link)
    second.get_by_role("main").get_by_role("button", name="登入").click()
    expect(second.get_by_role("link", name="人資窗口")).to_have_count(0)
    second.goto(base_url)
    expect(second.get_by_role("link", name="人資窗口")).to_have_count(0)


def test_a_phone_gets_the_same(open_page: Any, base_url: str) -> None:
    """At 360 pixels nothing stands out to the right, and the source fills the screen."""
    page = open_page(base_url, width=360, height=740, has_touch=True, is_mobile=True)
    ask(page, "客服窗口", CUSTOMERS_QUESTION)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    dialog = open_source(page)
    box = dialog.bounding_box()
    assert box is not None
    assert box["width"] == 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_question_without_an_answer_is_refused_in_the_page(open_page: Any, base_url: str) -> None:
    """It looks like a refusal, names whom to ask, and offers what can be asked."""
    page = open_page(base_url)
    ask(page, "客服窗口", "火星殖民地的太陽能板何時完工？")
    refused = page.locator(".turn.refused")
    expect(refused).to_be_visible()
    expect(refused.locator(".mark")).to_have_count(0)
    expect(refused.get_by_role("button").first).to_be_visible()


def test_a_follow_up_is_understood(employee: Page) -> None:
    """What is left out of the second question is taken from the first."""
    ask(employee, "人資窗口", "事假一年可以請幾天？")
    employee.get_by_role("textbox").fill("那病假呢？")
    employee.get_by_role("button", name="送出").click()
    expect(employee.locator(OVER)).to_have_count(2)
    expect(employee.locator(".turn").last).to_contain_text("三十日", use_inner_text=True)


def test_a_complaint_is_handed_in_once(open_page: Any, base_url: str) -> None:
    """The form closes with its number, in another tab too; after a reload it stands there as it was written."""
    page = open_page(base_url)
    ask(page, "客服窗口", "我要客訴")
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (other, page):
        form = tab.locator("form.form")
        form.get_by_label("哪一類問題").select_option("漏水")
        form.get_by_label("發生什麼事").fill("底部一直滲水")
        form.get_by_role("button", name="送出").click()
        expect(form.locator(".over")).to_have_text(re.compile(r"^已送出（編號 SALES-COMPLAINT-\d{4}-0001）$"))
    expect(page.locator(".notice").last).to_contain_text("這次沒有再送")
    page.reload()
    expect(page.locator(".fields:disabled")).to_have_count(1)
    expect(page.get_by_label("哪一類問題")).to_have_value("漏水")
    expect(page.get_by_label("發生什麼事")).to_have_value("底部一直滲水")
