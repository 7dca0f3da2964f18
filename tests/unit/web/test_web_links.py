"""The pages behind the links that LINE and Slack carry."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from fakes.desk import FakeDesk, FakeLinkDesk, FakeUsedTokens

from bots.messages import Links, Reply, SourceCard
from bots.platforms.web import LinkTokens, links
from bots.web import create_app

SECRET = "a key for tests, of no worth at all"
DELIVERY = "0f4c1a52-6a0e-4a57-8f5e-0d9f9a1d2b11"
EVIL = "<script>alert(1)</script>"
SOURCES = (
    SourceCard(1, 7, "退貨辦法", "sales/returns.pdf", 2, "退貨 › 期限", "七天內可以退貨。", True),
    SourceCard(2, 8, EVIL, "sales/faq.csv", None, "", EVIL, False),
)
REPLY = Reply(f"七天內可以。[1]\n要附發票。[2] [3] {EVIL}", SOURCES, notice="注意", window="客服窗口")


@pytest.fixture
def link_desk() -> FakeLinkDesk:
    desk = FakeLinkDesk()
    desk.replies[DELIVERY] = REPLY
    return desk


@pytest.fixture
def app(link_desk, clock):
    return create_app(
        FakeDesk(),
        secret_key=SECRET,
        company_name="A公司",
        used_tokens=FakeUsedTokens(),
        link_desk=link_desk,
        now=clock,
    )


@pytest.fixture
def tokens(clock) -> LinkTokens:
    return LinkTokens(SECRET, clock)


@pytest.fixture
def made(tokens, clock) -> Links:
    return links("https://bots.a-company.example/", tokens, DELIVERY, REPLY, clock())


def path_of(link: str) -> str:
    return urlsplit(link).path


def test_a_reply_gets_a_link_to_itself_and_one_to_each_page(made):
    """Below the company's public address; a source without a page image has none. Short enough for LINE's buttons."""
    assert made.answer.startswith("https://bots.a-company.example/a/")
    assert list(made.pages) == [1]
    assert made.pages[1].startswith("https://bots.a-company.example/s/")
    assert max(map(len, (made.answer, made.pages[1]))) < 200


def test_a_reply_that_is_tried_again_has_the_very_same_links(tokens, made, clock):
    """LINE wants a push that is repeated under its key to be the same to the letter."""
    begun = clock()
    clock.forward(hours=1)
    assert links("https://bots.a-company.example/", tokens, DELIVERY, REPLY, begun) == made


def test_without_a_public_address_there_are_no_links(tokens, clock):
    """Nothing is promised that cannot be opened."""
    assert links("", tokens, DELIVERY, REPLY, clock()) == Links()


def test_a_source_is_shown_with_its_place_words_and_page(client, made):
    """Title, document, page, heading, quote, the page as an image, and the way to the whole answer."""
    page = client.get(path_of(made.pages[1]))
    for text in ("退貨辦法", "sales/returns.pdf", "<dd>2</dd>", "退貨 › 期限", "七天內可以退貨。", "看完整回答"):
        assert text in page.text
    image = client.get(path_of(made.pages[1]) + ".png")
    assert f'src="{path_of(made.pages[1])}.png"' in page.text
    assert (image.mimetype, image.data[:4]) == ("image/png", b"\x89PNG")


def test_the_whole_answer_is_shown_with_its_sources(client, made):
    """Marks lead to their sources; a mark without one, and whatever looks like markup, stays text."""
    html = client.get(path_of(made.answer)).text
    assert 'href="#source-1"' in html
    assert 'id="source-2"' in html
    assert 'href="#source-3"' not in html
    assert "客服窗口" in html
    assert EVIL not in html
    assert html.count("<script") == 0


def test_from_page_to_page_a_link_does_not_live_longer(client, made, tokens, clock):
    """The links on a page end when its own does."""
    clock.forward(days=6)
    html = client.get(path_of(made.answer)).text
    token = html.split('href="/s/')[1].split('"')[0]
    assert tokens.read(token).expires == clock() + timedelta(days=1)


@pytest.mark.parametrize(("language", "html_lang", "said"), [("zh-TW", "zh-Hant-TW", "出處"), ("en", "en", "Sources")])
def test_a_page_speaks_the_language_of_its_reply(client, made, link_desk, language, html_lang, said):
    """Whatever the browser would like."""
    link_desk.replies[DELIVERY] = Reply("a[1]", SOURCES, language=language)
    html = client.get(path_of(made.answer), headers={"Accept-Language": "fr"}).text
    assert f'<html lang="{html_lang}">' in html
    assert said in html


def test_whatever_is_wrong_is_the_same_page(client, made, tokens, clock, link_desk):
    """A forged, swapped or expired link, an unknown delivery, and what may not be read any more: nothing is told."""
    whole, source = path_of(made.answer), path_of(made.pages[1])
    wrong = [
        "/s/x",
        "/a/x",
        "/s/x.png",
        whole.replace("/a/", "/s/"),
        source.replace("/s/", "/a/"),
        whole.replace("/a/", "/s/") + ".png",
        f"/s/{tokens.sign(DELIVERY, 9)}",
        f"/s/{tokens.sign(DELIVERY, 2)}.png" + "x",
        f"/s/{tokens.sign('another', 1)}",
        f"/a/{tokens.sign('another')}",
        f"/s/{tokens.sign('another', 1)}.png",
        f"/a/{LinkTokens('another key', clock).sign(DELIVERY)}",
    ]
    answers = [client.get(path) for path in wrong]
    link_desk.unreadable_pages.add(7)
    answers.append(client.get(source + ".png"))
    del link_desk.replies[DELIVERY]
    answers += [client.get(path) for path in (whole, source, source + ".png")]
    link_desk.replies[DELIVERY] = REPLY
    clock.forward(days=7)
    answers += [client.get(path) for path in (whole, source, source + ".png")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_pages_behind_links_are_neither_kept_nor_found_nor_tied_to_a_session(client, made):
    """No cookie, no cache, no search engine, no frame."""
    for path in (path_of(made.answer), path_of(made.pages[1]), path_of(made.pages[1]) + ".png"):
        headers = client.get(path).headers
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
