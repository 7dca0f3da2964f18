"""Whatever a document, a window file or a person says is shown as they said it, and never run."""

import pytest
from fakes.desk import FakeDesk, FakeUsedTokens, FakeWindow
from flask import Flask
from playwright.sync_api import expect

from bots.messages import SourceCard, WindowCard
from bots.web import create_app

EVIL = '<img src=x onerror=alert(1)><script>alert(2)</script>[1]</template><a href="javascript:alert(3)">x</a>'


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk([FakeWindow(WindowCard("<b>/'\"", "銷", EVIL, (EVIL,), EVIL), frozenset({"customers"}))])
    source = SourceCard(1, 7, EVIL, EVIL, 1, EVIL, EVIL, True)
    desk.script(EVIL, [EVIL], [source], notice=EVIL, suggestions=(EVIL,))
    return desk


@pytest.fixture
def app(desk: FakeDesk) -> Flask:
    return create_app(desk, secret_key="k" * 16, company_name=EVIL, used_tokens=FakeUsedTokens())


def test_text_from_documents_and_questions_stays_text(open_page, base_url):
    """Markup in a question, an answer, a source, a window, a suggestion or the company's name is shown as text."""
    page = open_page(base_url)
    page.locator(".door").click()
    page.locator("#questions button").click()
    turn = page.locator(".turn")
    expect(turn.locator(".mark")).to_be_enabled()
    for part in (".asked [data-part=question]", ".text", ".notice", ".source-name", ".suggestion"):
        expect(turn.locator(part)).to_have_text(EVIL)
    expect(page.locator("#desk-title")).to_have_text(EVIL)
    turn.locator(".mark").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("blockquote")).to_have_text(EVIL)
    expect(dialog.get_by_role("img")).to_be_visible()
    assert page.locator("[onerror], a[href^=javascript], main script, dialog script, main img").count() == 0


def test_the_policy_stops_what_should_slip_through(open_page, base_url):
    """Even our own script could turn text neither into markup nor into a handler."""
    page = open_page(base_url)
    open_page.forgive("TrustedHTML")
    open_page.forgive("TrustedScript")
    for attempt in ("document.body.innerHTML = '<b>x</b>'", "document.body.setAttribute('onclick', 'x()')"):
        assert page.evaluate(f"() => {{ try {{ {attempt} }} catch (error) {{ return error.name }} }}") == "TypeError"
