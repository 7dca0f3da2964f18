"""The widget: a script for other sites, and a chat page in a frame for anonymous customers."""

import json
import re
from urllib.parse import urlsplit

import pytest
from fakes.desk import FakeUsedTokens

from bots.accounts import Website
from bots.errors import SettingError, TooMany
from bots.messages import SourceCard
from bots.web import create_app

OURS = {"Sec-Fetch-Site": "same-origin"}
SECRET = "a key for tests, of no worth at all"
SITE = Website(("https://shop.example", "http://localhost:8080"), ("sales", "hr"))
MESSAGE = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
SOURCE = SourceCard(1, 7, "退貨辦法", "sales/returns.md", 2, "退貨", "七天內可以退貨。", True)


@pytest.fixture
def app(desk, clock):
    return create_app(
        desk, secret_key=SECRET, company_name="A公司", used_tokens=FakeUsedTokens(), website=SITE, now=clock
    )


def page_data(html: str) -> dict:
    return json.loads(re.search(r'id="page-data">(.*?)</script>', html, re.DOTALL)[1])


@pytest.fixture
def visitor(client):
    """The headers with which a widget's page calls."""

    def new() -> dict[str, str]:
        return OURS | {"X-Transom-Visitor": page_data(client.get("/widget?window=sales").text)["visitor"]}

    return new


def ask(client, headers, window="sales", message=MESSAGE):
    body = {"window": window, "message": message, "question": "可以退嗎？"}
    return client.post("/chat/ask", json=body, headers=headers)


def test_the_script_may_be_loaded_by_any_site(client):
    """It is the same for everybody, knows both languages, and asks for no exception in a site's policy."""
    response = client.get("/widget.js")
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.mimetype == "text/javascript"
    assert "public" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers
    assert "\\u958b\\u555f" in response.text
    assert "Open the chat" in response.text
    assert '"TEXTS"' not in response.text
    assert not re.search(r"innerHTML|insertAdjacent|srcdoc|\beval\b|\.style\.|createElement\(.style", response.text)


def test_only_the_named_origins_may_frame_the_chat(client):
    """Exactly these; every other page of ours may be framed by nobody."""
    response = client.get("/widget?window=sales")
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors https://shop.example http://localhost:8080;" in policy
    assert "default-src 'none'; script-src 'self';" in policy
    assert "X-Frame-Options" not in response.headers
    for path in ("/", "/widget?window=finance", "/widget.js", "/nowhere"):
        response = client.get(path)
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?window=sales", 200),
        ("", 200),  # the first
        ("?window=product", 404),  # serves customers, but the website does not show it
        ("?window=hr", 404),  # the website shows it, but it does not serve customers
        ("?window=nothing", 404),
    ],
)
def test_the_frame_shows_windows_of_the_website_that_serve_customers(client, login_link, query, status):
    """Also to a browser in which an employee is signed in."""
    client.post(urlsplit(login_link("employees")).path, headers=OURS)
    response = client.get(f"/widget{query}")
    assert response.status_code == status
    if status == 200:
        assert [window["name"] for window in page_data(response.text)["windows"]] == ["sales"]


def test_without_a_website_there_is_no_widget(desk):
    """Neither the script nor the page."""
    for website in (Website(), Website(("https://shop.example",)), Website((), ("sales",))):
        app = create_app(desk, secret_key="k", company_name="A", used_tokens=FakeUsedTokens(), website=website)
        assert [app.test_client().get(path).status_code for path in ("/widget.js", "/widget")] == [404, 404]


@pytest.mark.parametrize(
    "origin", ["https://a.example; script-src *", "*", "'self'", "https://a.example/x", "a.example"]
)
def test_what_is_no_origin_is_refused(desk, origin):
    """It would become part of a policy."""
    with pytest.raises(SettingError, match=r"write it like  https://shop\.example"):
        create_app(
            desk, secret_key="k", company_name="A", used_tokens=FakeUsedTokens(), website=Website((origin,), ("sales",))
        )


@pytest.mark.parametrize(
    ("lang", "expected"), [("en", "en"), ("zh-TW", "zh-Hant-TW"), ("fr", "zh-Hant-TW"), ("", "en")]
)
def test_the_frame_speaks_the_sites_language(client, lang, expected):
    """What the script asks for, else the browser's."""
    accepted = {"Accept-Language": "en" if lang == "" else "zh-TW"}
    assert f'<html lang="{expected}">' in client.get(f"/widget?window=sales&lang={lang}", headers=accepted).text


def test_a_widget_visitor_is_known_by_its_token(client, visitor, desk):
    """Without a cookie; always as a customer; its conversation is its own."""
    one, other = visitor(), visitor()
    stranger = client.application.test_client(use_cookies=False)
    assert ask(stranger, one).status_code == 200
    assert desk.puts[0].visitor.groups == {"customers"}
    asked = {"window": "sales"}
    assert len(stranger.get("/chat/asked", query_string=asked, headers=one).json["asked"]) == 1
    assert stranger.get("/chat/asked", query_string=asked, headers=other).json["asked"] == []
    assert "Set-Cookie" not in stranger.get("/chat/asked", query_string=asked, headers=one).headers


def test_a_signed_in_browser_is_a_customer_in_the_widget(client, visitor, login_link, desk):
    """The header wins over the session, and never gets more than customers may read."""
    client.post(urlsplit(login_link("employees", "hr")).path, headers=OURS)
    headers = visitor()
    ask(client, headers).get_data()
    assert desk.puts[0].visitor.groups == {"customers"}
    assert ask(client, headers, window="hr").status_code == 403


def test_a_widget_visitor_asks_windows_of_the_website_only(client, visitor):
    """Another window that serves customers is closed in the widget."""
    assert ask(client, visitor(), window="product").status_code == 403


def test_an_unknown_token_is_401_and_never_the_sessions_visitor(client, visitor, clock, desk):
    """Ours for thirty days; then the page takes its fresh one."""
    headers = visitor()
    clock.forward(days=29)
    assert ask(client, headers).status_code == 200
    clock.forward(days=2)
    for token in (headers["X-Transom-Visitor"], "x", ""):
        assert ask(client, OURS | {"X-Transom-Visitor": token}).status_code == 401
    assert len(desk.puts) == 1


def test_a_page_image_opens_in_the_widget_without_a_header(client, visitor, desk, events):
    """An image element sends none; the link alone has to do, and shows what any customer may read."""
    desk.script("可以退嗎？", ["可以。[1]"], [SOURCE])
    link = events(ask(client, visitor()))[-1][1]["sources"][0]["image"]
    assert client.application.test_client(use_cookies=False).get(link).mimetype == "image/png"


def test_the_frame_sets_no_cookie_and_is_not_kept(client):
    """It holds the token of a fresh visitor."""
    response = client.get("/widget")
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_asking_too_fast_in_the_widget_is_told_in_its_language(client, visitor, desk):
    """The sentence comes in the language of the frame, not in the session's."""
    client.post("/language", data={"language": "zh-TW"}, headers=OURS)
    desk.refuses = TooMany(9)
    response = ask(client, visitor() | {"Accept-Language": "en"})
    assert response.json == {"message": "That was a little fast for us. Please try again in 9 seconds."}
