import json
import re
from pathlib import Path
from string import Formatter

import pytest
from fakes.desk import FakeDesk, FakeUsedTokens, FakeWindow

from bots.messages import SourceCard, WindowCard
from bots.platforms import web
from bots.platforms.web.languages import TEXTS
from bots.platforms.web.signing import PageToken, PageTokens
from bots.web import create_app

QUOTE = "七天內可以退貨。"
SOURCE = SourceCard(1, 7, "退貨辦法", "sales/returns.md", 2, "退貨", QUOTE, True)


@pytest.fixture
def image_link(desk, ask, events):
    """The link to the page image in a reply to this client."""
    desk.script("可以退嗎？", ["可以。[1]"], [SOURCE])
    return lambda **by: events(ask("可以退嗎？", **by))[-1][1]["sources"][0]["image"]


def page_data(html: str) -> dict:
    return json.loads(re.search(r'id="page-data">(.*?)</script>', html, re.DOTALL)[1])


def test_the_page_lists_the_windows_that_serve_the_visitor(client):
    """An anonymous visitor sees the windows for customers and no other."""
    response = client.get("/")
    assert [window["name"] for window in page_data(response.text)["windows"]] == ["sales", "product"]
    assert "人資窗口" not in response.text


def test_a_visitor_whom_no_window_serves_is_told_so():
    """An empty list comes with a sentence, not with an empty page."""
    app = create_app(FakeDesk([]), secret_key="k" * 16, company_name="A公司", used_tokens=FakeUsedTokens())
    assert "目前沒有對您開放的窗口" in app.test_client().get("/").text


def test_names_of_windows_are_text_and_no_markup():
    """A window's title, name or question cannot add markup or end the data block."""
    evil = "</script><script>alert(1)</script>"
    card = WindowCard(evil, evil, evil, (evil,), evil)
    desk = FakeDesk([FakeWindow(card, frozenset({"customers"}))])
    app = create_app(desk, secret_key="k" * 16, company_name=evil, used_tokens=FakeUsedTokens())
    html = app.test_client().get("/").text
    assert evil not in html
    assert page_data(html)["windows"][0]["questions"] == [evil]


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant-TW"),
        ("zh-Hant-HK", "zh-Hant-TW"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr,zh;q=0.5", "zh-Hant-TW"),
        ("fr", "en"),
        (None, "zh-Hant-TW"),
    ],
)
def test_the_language_is_the_browsers_first_of_ours(client, accepted, expected):
    """Who reads neither Chinese nor English gets English; who says nothing gets Chinese."""
    html = client.get("/", headers={"Accept-Language": accepted} if accepted else {}).text
    assert f'<html lang="{expected}">' in html


def test_a_chosen_language_stays(client):
    """The switch outlasts the request and wins over the browser's language."""
    sent = client.post("/language", data={"language": "en"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert sent.status_code == 303
    assert "Which window" in client.get("/", headers={"Accept-Language": "zh-TW"}).text


@pytest.mark.parametrize(("language", "site"), [("xx", "same-origin"), ("", "same-origin"), ("en", "cross-site")])
def test_an_unknown_language_or_another_site_changes_nothing(client, language, site):
    """The switch takes our languages, from our page."""
    sent = client.post("/language", data={"language": language}, headers={"Sec-Fetch-Site": site})
    assert sent.status_code == 400
    assert "今天想問" in client.get("/").text


def test_both_languages_say_the_same_things():
    """Each sentence exists in each language, with the same gaps to fill."""

    def gaps(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text)} - {None}

    assert {key: gaps(text) for key, text in TEXTS["en"].items()} == {
        key: gaps(text) for key, text in TEXTS["zh-TW"].items()
    }


def test_templates_use_only_sentences_that_exist():
    """No template asks for a missing sentence, nor for one that a dict's own method would hide."""
    folder = Path(web.__file__).parent
    used = {
        name for file in folder.glob("templates/*.html") for name in re.findall(r"\bt\.(\w+)", file.read_text("utf-8"))
    }
    used |= {
        name for file in folder.glob("static/*.js") for name in re.findall(r'\bsay\("(\w+)"', file.read_text("utf-8"))
    }
    assert used <= set(TEXTS["en"])
    assert not set(TEXTS["en"]) & set(dir(dict))
    assert len(used) > 40


def test_a_page_image_opens_for_its_visitor(client, image_link):
    """The link in a reply shows the page, and only the visitor's own browser may keep it."""
    response = client.get(image_link())
    assert (response.status_code, response.mimetype) == (200, "image/png")
    assert response.data.startswith(b"\x89PNG")
    assert response.headers["Cache-Control"] == "private, max-age=3600"


def test_a_page_image_is_404_for_another_visitor(app, image_link):
    """A link passed on shows nothing."""
    assert app.test_client().get(image_link()).status_code == 404


def test_a_page_image_is_404_after_an_hour(client, clock, image_link):
    """A link expires."""
    link = image_link()
    clock.forward(minutes=59)
    assert client.get(link).status_code == 200
    clock.forward(minutes=2)
    assert client.get(link).status_code == 404


def test_a_page_image_asks_the_desk_again(desk, client, image_link):
    """A page the visitor may no longer read does not open, however good its link."""
    link = image_link()
    desk.unreadable_pages.add(SOURCE.chunk_id)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: "x" + s, lambda s: "x", lambda s: s[::-1]])
def test_a_changed_link_is_404(client, image_link, change):
    """What we did not sign opens nothing."""
    token = image_link().removeprefix("/pages/").removesuffix(".png")
    assert client.get(f"/pages/{change(token)}.png").status_code == 404


def test_a_source_without_an_image_has_no_link(desk, ask, events):
    """No link promises a page that does not exist."""
    desk.script("可以退嗎？", ["可以。[1]"], [SourceCard(1, 7, "t", "d", None, "", QUOTE, False)])
    assert events(ask("可以退嗎？"))[-1][1]["sources"][0]["image"] is None


def test_a_link_holds_no_words_of_the_document(clock):
    """It names the visitor, the delivery and the source; it is short, and a log that keeps it keeps no text."""
    tokens = PageTokens("k" * 16, clock)
    token = tokens.sign("v" * 22, "0f4c1a52-6a0e-4a57-8f5e-0d9f9a1d2b11", 3)
    assert len(token) < 160
    assert tokens.read(token) == PageToken("v" * 22, "0f4c1a52-6a0e-4a57-8f5e-0d9f9a1d2b11", 3)


def test_every_answer_carries_the_guards(client, ask):
    """No script but ours, no frame around us, no guessing of types: on pages, streams, files and faults alike."""
    for response in (
        client.get("/"),
        ask("a"),
        client.get("/chat/asked?window=sales"),
        client.get("/static/chat.js"),
        client.get("/nowhere"),
        client.get("/healthz"),
    ):
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        response.close()


def test_pages_hold_no_inline_script_or_style(client):
    """The policy forbids them; the one data block is not run."""
    html = client.get("/").text
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == ['<script type="application/json" id="page-data">']
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)


def test_pages_are_not_kept_and_files_are_asked_for_again(client):
    """A page says who is signed in; a file may change with the next version and sets no cookie."""
    assert client.get("/").headers["Cache-Control"] == "no-store"
    with client.get("/static/page.css") as file:
        assert file.headers["Cache-Control"] == "no-cache"
        assert "Set-Cookie" not in file.headers


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_session_cookie_is_guarded(client, scheme, secure):
    """HttpOnly and SameSite always, Secure whenever the page came over https."""
    cookie = client.get("/", base_url=f"{scheme}://localhost").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) is secure


def test_a_proxy_is_believed_only_if_we_were_told_of_it(desk):
    """Forwarded headers of a stranger change nothing."""
    for proxies, secure in ((0, False), (1, True)):
        app = create_app(desk, secret_key="k" * 16, company_name="A", used_tokens=FakeUsedTokens(), proxies=proxies)
        response = app.test_client().get("/", headers={"X-Forwarded-Proto": "https"})
        assert ("Secure" in response.headers["Set-Cookie"]) is secure


def test_health_is_told_without_a_session(client):
    """A load balancer's question makes no visitor."""
    response = client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/login/", 404), ("/pages/x", 404), ("/language", 405)]
)
def test_unknown_paths_get_a_page_for_people(client, path, status):
    """A fault page is ours, in the visitor's language, with a way back."""
    response = client.get(path)
    assert response.status_code == status
    assert "回到窗口列表" in response.text


def test_an_unexpected_exception_is_a_page_with_an_incident(caplog):
    """The visitor gets a number, the log the same number and the place, neither its words nor the token."""

    class Broken(FakeDesk):
        def page_image(self, visitor, delivery, number):
            raise RuntimeError(QUOTE)

    app = create_app(Broken(), secret_key="k" * 16, company_name="A", used_tokens=FakeUsedTokens())
    visitor = app.test_client()
    with visitor.session_transaction() as session:
        session["visitor"] = "v"
    token = PageTokens("k" * 16).sign("v", "d", 1)
    response = visitor.get(f"/pages/{token}.png")
    incident = re.search(r'class="incident">(\w+)<', response.text)[1]
    assert response.status_code == 500
    assert f"incident {incident} at /pages/<token>.png: RuntimeError" in caplog.text
    for secret in (QUOTE, token):
        assert secret not in caplog.text
        assert secret not in response.text
    assert "Traceback" not in response.text
