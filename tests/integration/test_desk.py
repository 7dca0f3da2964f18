"""The chat desk over a real index: who is served, what streams, which pages open, how trouble is told."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pymupdf
import pytest
from acceptance.command import write_window
from acceptance.installation import Installation, synced

from bots.conversations.desk import Desk
from bots.errors import NotServed
from bots.messages import Exchange, Reply, ReplyPart, Visitor
from rag_core.answer.answer import Answerer
from rag_core.answer.extractive import ExtractiveGenerator
from rag_core.database import Database
from rag_core.pages import PageDrawer
from rag_core.search.search import Searcher

EMPLOYEE = Visitor("e", frozenset({"employees"}))
CUSTOMER = Visitor("c", frozenset({"customers"}))
NOBODY = Visitor("n", frozenset())
RULE = "Annual leave is seven days after one year."
QUESTION = "How many days of annual leave after one year?"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HR for employees with a PDF, a shop for everybody with a text."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "documents").mkdir()
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 100), "Cover sheet of the leave rules of the company")
        document.new_page().insert_text((72, 100), RULE)
        document.new_page().insert_text((72, 100), "Sick leave is thirty days a year at half pay.")
        document.save(folder / "documents" / "leave.pdf")
    (folder / "documents" / "shop.md").write_text("# 退貨\n\n## 期限\n\n收到商品後七天內可以退貨。\n", encoding="utf-8")
    write_window(folder, "hr", ["{path: ../documents/leave.pdf}"])
    write_window(
        folder,
        "shop",
        ["{path: ../documents/shop.md}"],
        serves="customers, employees",
        questions="[七天內可以退貨嗎？]",
    )
    return folder


@pytest.fixture(scope="module")
def installed(company: Path, template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    admin = template_url.replace("/transom?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("create database test_desk template transom")
    url = template_url.replace("/transom?", "/test_desk?")
    with synced(company, url, tmp_path_factory.mktemp("data")) as installation:
        yield installation
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("drop database test_desk with (force)")


@pytest.fixture(scope="module")
def desk(installed: Installation) -> Iterator[Desk]:
    drawer = PageDrawer()
    transom = installed.transom
    yield Desk(list(installed.windows.values()), transom.answerer, transom.database, drawer)
    drawer.close()


def asked(desk: Desk, question: str, visitor: Visitor = EMPLOYEE, window: str = "hr", **more) -> tuple[str, Reply]:
    """What streamed, and the reply."""
    *parts, reply = desk.ask(visitor, window, question, more.get("history", ()), more.get("language", "en"))
    assert all(isinstance(part, ReplyPart) for part in parts)
    assert isinstance(reply, Reply)
    return "".join(part.text for part in parts), reply


def test_a_visitor_sees_the_windows_that_serve_them(desk):
    """And nobody sees any."""
    shown = {who.id: [card.name for card in desk.windows(who, "zh-TW")] for who in (EMPLOYEE, CUSTOMER, NOBODY)}
    assert shown == {"e": ["hr", "shop"], "c": ["shop"], "n": []}


@pytest.mark.parametrize(("who", "window"), [(CUSTOMER, "hr"), (NOBODY, "shop"), (EMPLOYEE, "nowhere")])
def test_a_window_that_does_not_serve_the_visitor_answers_nothing(desk, who, window):
    """Before anything is searched; an unknown window is the same."""
    with pytest.raises(NotServed):
        desk.ask(who, window, QUESTION, (), "en")


def test_what_streams_is_the_reply(desk):
    """Sentence by sentence, then the whole with its sources."""
    streamed, reply = asked(desk, QUESTION)
    assert streamed.strip() == reply.text
    assert RULE in reply.text
    [source] = reply.sources
    assert (source.number, source.document, source.page, source.has_image) == (1, "documents/leave.pdf", 2, True)
    assert source.quote == RULE


def test_a_page_opens_for_who_may_read_it_and_for_nobody_else(desk):
    """The groups are asked for when the page is drawn."""
    _, reply = asked(desk, QUESTION)
    chunk, quote = reply.sources[0].chunk_id, reply.sources[0].quote
    image = desk.page_image(EMPLOYEE, chunk, quote)
    assert image is not None
    assert image.startswith(b"\x89PNG")
    assert image != desk.page_image(EMPLOYEE, chunk, "words that stand nowhere")
    assert [desk.page_image(who, chunk, quote) for who in (CUSTOMER, NOBODY)] == [None, None]
    assert desk.page_image(EMPLOYEE, 2**31 - 1, quote) is None


def test_a_file_that_changed_since_shows_no_page(desk, company):
    """A page that may no longer hold the quote is not shown; asking still works."""
    _, reply = asked(desk, QUESTION)
    path = company / "documents" / "leave.pdf"
    content = path.read_bytes()
    try:
        path.write_bytes(content + b"\n")
        assert desk.page_image(EMPLOYEE, reply.sources[0].chunk_id, "") is None
        path.unlink()
        assert desk.page_image(EMPLOYEE, reply.sources[0].chunk_id, "") is None
    finally:
        path.write_bytes(content)


def test_a_source_without_pages_has_no_image(desk):
    """A text file is quoted, not drawn."""
    _, reply = asked(desk, "幾天內可以退貨？", CUSTOMER, "shop", language="zh-TW")
    [source] = reply.sources
    assert (source.page, source.has_image, source.heading) == (None, False, "退貨 › 期限")
    assert desk.page_image(CUSTOMER, source.chunk_id, source.quote) is None


def test_a_refusal_offers_what_can_be_asked(desk):
    """It has no sources, and the window's own questions to tap."""
    _, reply = asked(desk, "火星殖民地何時完工？", CUSTOMER, "shop", language="zh-TW")
    assert (reply.refused, reply.sources, reply.suggestions) == (True, (), ("七天內可以退貨嗎？",))


def test_a_follow_up_takes_its_subject_from_before(desk):
    """History given by the page counts, for finding and for answering."""
    history = (Exchange("annual leave?", f"{RULE} [1]"),)
    _, reply = asked(desk, "And sick leave?", history=history)
    assert "thirty days" in reply.text


def test_trouble_is_told_in_a_written_sentence(installed):
    """A database that is gone is no exception to the page: it says whom to ask, and nothing of the database."""
    gone = Database(installed.database_url.replace("/test_desk?", "/no_such_database?"))
    answerer = Answerer(Searcher(gone, embedder=None, reranker=None), ExtractiveGenerator(), ExtractiveGenerator())
    [reply] = Desk(list(installed.windows.values()), answerer, gone, PageDrawer()).ask(
        EMPLOYEE, "hr", QUESTION, (), "en"
    )
    assert reply.text.startswith("I cannot answer right now.")
    assert "人資部" in reply.text
    assert "no_such_database" not in reply.text
    gone.close()
