"""A reply outlives the connection and the page: it is stored, and the page finds its way back to it."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from browser.hall import door
from fakes.desk import FakeDesk, FakeUsedTokens
from flask import Flask
from playwright.sync_api import Page, expect

from bots.errors import TooMany
from bots.web import create_app

QUESTION = "七天內可以退貨嗎？"
PARTS = ["七天內可以退貨。", "要附上發票。"]


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.script(QUESTION, PARTS)
    return desk


class Cutting:
    """Wraps an application: as often as told, a stream is cut after its first sentence."""

    def __init__(self, app: Any, trouble: Exception | None) -> None:
        self.app, self.trouble, self.cuts = app, trouble, 0

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        answer = self.app(environ, start_response)
        if self.cuts and environ["PATH_INFO"] in ("/chat/ask", "/chat/stream"):
            return self._cut(answer)
        return answer

    def _cut(self, answer: Any) -> Iterator[bytes]:
        try:
            for chunk in answer:
                yield chunk
                if b"event: part" in chunk:
                    self.cuts -= 1
                    if self.trouble:
                        raise self.trouble
                    return
        finally:
            answer.close()


@pytest.fixture(params=[None, ConnectionAbortedError()], ids=["ended", "broken"])
def cutting(app: Flask, request: pytest.FixtureRequest) -> Cutting:
    app.wsgi_app = cutting = Cutting(app.wsgi_app, request.param)  # type: ignore[method-assign]  # WSGI's way
    return cutting


def send(page: Page, question: str) -> None:
    page.get_by_role("textbox").fill(question)
    page.keyboard.press("Enter")


def test_a_cut_connection_is_taken_up_where_it_broke(cutting, open_page, base_url, desk):
    """The page comes back by itself; no sentence is lost, none comes twice, and nothing is asked again."""
    open_page.forgive("ERR_INCOMPLETE_CHUNKED_ENCODING")
    cutting.cuts = 2
    page = open_page(base_url + "/#/sales")
    send(page, QUESTION)
    expect(page.locator(".turn.answered .text")).to_have_text("".join(PARTS))
    assert len(desk.puts) == 1
    # A browser may throw away what it received just before a connection breaks: the page resumes from what it saw.
    assert desk.followed == (sorted(desk.followed) if cutting.trouble else ["", "1", "2"])
    assert len(desk.followed) == 3


def test_a_page_reloaded_in_mid_answer_goes_on(open_page, base_url, desk):
    """The conversation comes from the server, and the unanswered question is followed to its end."""
    page = open_page(base_url + "/#/sales")
    send(page, "運費？")
    expect(page.locator(".turn.refused")).to_have_count(1)
    desk.hold()
    send(page, QUESTION)
    desk.release()
    expect(page.locator(".turn").last).to_contain_text(PARTS[0], use_inner_text=True)
    page.reload()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last).to_contain_text(PARTS[0], use_inner_text=True)
    expect(page.get_by_role("button", name="停止")).to_be_visible()
    desk.release(2)
    expect(page.locator(".turn.answered .text")).to_have_text("".join(PARTS))
    expect(page.get_by_role("button", name="送出")).to_be_visible()
    assert [put.question for put in desk.puts] == ["運費？", QUESTION]


def test_another_tab_shows_the_same_conversation(open_page, base_url, desk):
    """It belongs to the visitor, not to the page."""
    page = open_page(base_url + "/#/sales")
    send(page, QUESTION)
    expect(page.locator(".turn.answered")).to_have_count(1)
    other = page.context.new_page()
    other.goto(base_url + "/#/sales")
    expect(other.locator(".turn.answered .text")).to_have_text("".join(PARTS))


def test_a_reply_that_starts_over_is_drawn_anew(open_page, base_url, desk):
    """What turned out void is gone while the rest is still to come."""
    desk.script(QUESTION, ["這句作廢。", None, "這句才對。"])
    desk.hold()
    page = open_page(base_url + "/#/sales")
    send(page, QUESTION)
    desk.release()
    expect(page.locator(".turn .text")).to_have_text("這句作廢。")
    desk.release(2)
    expect(page.locator(".turn .text")).to_have_text("這句才對。")
    desk.release()
    expect(page.locator(".turn.answered")).to_have_count(1)


def test_a_question_asked_while_the_conversation_loads_stays(open_page, base_url, desk):
    """What was said before appears above it."""
    page = open_page(base_url + "/#/sales")
    send(page, "運費？")
    expect(page.locator(".turn.refused")).to_have_count(1)
    page.route("**/chat/asked*", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.reload(wait_until="commit")
    send(page, QUESTION)
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last.locator(".text")).to_have_text("".join(PARTS))
    expect(page.locator(".turn").first).to_contain_text("運費？", use_inner_text=True)


def test_a_conversation_that_cannot_be_loaded_is_told(open_page, base_url):
    """In a sentence below the box; the window can be used all the same."""
    open_page.forgive("500")
    page = open_page(base_url)
    page.route("**/chat/asked*", lambda route: route.fulfill(status=500, body="<html>"))
    door(page, "客服窗口").click()
    expect(page.get_by_role("alert")).to_have_text("先前的對話暫時無法載入，請重新整理頁面。")


def test_asking_too_fast_is_told_and_can_be_tried_again(open_page, base_url, desk):
    """The sentence says for how long; the question is not lost."""
    open_page.forgive("429")
    desk.refuses = TooMany(12)
    page = open_page(base_url + "/#/sales")
    send(page, QUESTION)
    expect(page.locator(".turn .fault")).to_have_text("您問得有點快，請等 12 秒後再試一次。")
    desk.refuses = None
    page.get_by_role("button", name="再試一次").click()
    expect(page.locator(".turn.answered")).to_have_count(1)


class TestWithoutSeats:
    """Every stream of this process is taken."""

    @pytest.fixture
    def app(self, desk: FakeDesk) -> Flask:
        return create_app(desk, secret_key="k" * 16, company_name="A", used_tokens=FakeUsedTokens(), streams=0)

    def test_the_page_polls_until_its_answer_is_there(self, open_page, base_url, desk):
        """It is asked once, and answered as soon as it is written."""
        desk.hold()
        page = open_page(base_url + "/#/sales")
        send(page, QUESTION)
        page.wait_for_timeout(1500)
        expect(page.locator(".turn.waiting")).to_have_count(1)
        desk.release(3)
        expect(page.locator(".turn.answered .text")).to_have_text("".join(PARTS))
        assert len(desk.puts) == 1
        assert desk.followed == []
