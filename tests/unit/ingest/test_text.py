"""Plain text: encodings, paragraphs, lists, headings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_core.errors import UnreadableDocument
from rag_core.ingest.text import decoded, read_text

SENTENCE = "商品到貨七日內可申請退貨，請保留發票與原包裝。"


@pytest.mark.parametrize("text", ["退貨政策", "特休", SENTENCE, f"Returns: {SENTENCE}", "員工手冊\n請假規則"])
@pytest.mark.parametrize("encoding", ["cp950", "utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_taiwans_encodings_are_told_apart_even_in_short_texts(text: str, encoding: str):
    """Big5, UTF-8, UTF-16 and UTF-32 are read right, without a hint."""
    assert decoded(text.encode(encoding))[0] == text


def test_utf16_without_a_mark_is_seen_by_its_ascii():
    """UTF-16 without a byte order mark is recognised from its ASCII characters."""
    text = "Leave 2026: 特別休假 14 days\nSick leave: 30 days"
    assert decoded(text.encode("utf-16-le"))[0] == text
    assert decoded(text.encode("utf-16-be"))[0] == text


def test_simplified_text_in_gb18030_is_not_taken_for_big5():
    """A mainland text is decoded as GB 18030 when its commonest characters say so."""
    text = "这个公司的员工在这里可以问关于请假的问题，我们会给你回答，还有时间和地点。" * 3
    assert decoded(text.encode("gb18030"))[0] == text


def test_western_text_is_guessed():
    """What is neither Unicode nor Chinese goes to the statistical guess."""
    text = "Le café est fermé à midi, sauf le vendredi où l'équipe déjeune à la cantine. Élève, garçon, déjà vu. " * 4
    assert "café est fermé à midi" in decoded(text.encode("cp1252"))[0]


def test_damage_is_said():
    """A few broken bytes are shown as such, with a warning."""
    text, warnings = decoded(SENTENCE.encode() * 20 + b"\xff\xff" + SENTENCE.encode())
    assert SENTENCE in text
    assert warnings


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\0\0\0", bytes(range(256)) * 20])
def test_what_is_no_text_is_refused(data: bytes):
    """Empty files and binary data are refused with a reason."""
    with pytest.raises(UnreadableDocument):
        decoded(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes):
    """No bytes make the decoder raise anything but UnreadableDocument."""
    try:
        text, _ = decoded(data)
    except UnreadableDocument:
        return
    assert isinstance(text, str)


@pytest.mark.parametrize("encoding", ["utf-8", "cp950"])
def test_headings_give_the_path(read, encoding: str):
    """Chapters and numbered titles become headings of what follows; the entries of a list do not."""
    text = (
        "第一章 請假\n\n一、特別休假\n滿一年給七日。\n\n二、病假\n須附證明：\n1. 診斷書\n2. 收據\n\n"
        "第二章 加班\n\n另有規定。"
    )
    chunks = read("rules.txt", text.encode(encoding)).chunks
    assert [(c.heading, c.text) for c in chunks] == [
        (("第一章 請假", "一、特別休假"), "滿一年給七日。"),
        (("第一章 請假", "二、病假"), "須附證明：\n1. 診斷書\n2. 收據"),
        (("第二章 加班",), "另有規定。"),
    ]


def test_lines_broken_by_a_margin_are_one_paragraph():
    """A hard-wrapped paragraph is put together; lines of their own stay lines."""
    wrapped = (
        "Employees who have worked for the same employer for a certain\n"
        "period of time shall be granted annual leave every year."
    )
    own = "Monday: 9-17\nTuesday: 9-12"
    blocks = read_text(f"{wrapped}\n\n{own}".encode()).blocks
    assert [b.text for b in blocks] == [wrapped.replace("\n", " "), *own.split("\n")]


def test_a_heading_alone_is_not_lost(read):
    """A section of nothing but its heading is found by that heading."""
    assert "第二章 廢止" in [c.text for c in read("a.txt", "第一章 總則\n\n內容。\n\n第二章 廢止\n").chunks]
