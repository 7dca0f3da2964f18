"""A quote stays where the page goes on as the passage does."""

from dataclasses import replace

import pytest

from rag_core.answer.extractive import ExtractiveGenerator
from rag_core.answer.ground import ground
from rag_core.answer.quotable import as_read, best_piece, cells, quoted
from rag_core.answer.sentences import Span
from rag_core.search.terms import terms
from rag_core.types import ChunkKind, GenerationRequest


def answer(result):
    request = GenerationRequest(result.question, "zh", "", result.passages, result.evidence)
    return "".join(ExtractiveGenerator().generate(request))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("甲 | 乙", ["甲", "乙"]),
        ("甲 ¦ 乙 | 丙", ["甲", "乙", "丙"]),
        ("| 乙 |", ["", "乙", ""]),
        ("甲 |  ¦ 丙", ["甲", "", "丙"]),
        ("a ¦b | c|d", ["a b", "c|d"]),
    ],
    ids=["bars", "broken bars", "empty ends", "empty middle", "a cut cell and a bar of its own"],
)
def test_cells_of_a_row(row: str, expected: list[str]):
    """Both bars part cells; a bar without white space around it is the cell's."""
    assert cells(row) == expected


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("秘書處\n\n民政局\n孔廟管理委員會\n\n財政局", "孔廟", "民政局\n孔廟管理委員會"),
        ("秘書處\n\n民政局", "停車", "秘書處"),
        ("a b ¦c d", "d", "c d"),
        ("秘書處\n民政局", "民政局", "秘書處\n民政局"),
    ],
    ids=["between blank lines", "none is better", "within a line", "no break"],
)
def test_the_piece_with_most_of_the_terms_is_quoted(passage, text: str, wanted: str, expected: str):
    """Of the pieces between two breaks the best is taken, the first of equals."""
    found = passage(text)
    piece = best_piece(Span(0, len(text)), frozenset(terms(wanted)), found)
    assert quoted(piece, found) == expected


def test_a_piece_of_a_table_is_quoted_without_bars(passage):
    """The cells that stand together on the page, one a line; what lies beyond a broken bar is left out."""
    found = passage("職級 | 上限\n\n經理 | 3,000 元 ¦ 需核准 | ", kind=ChunkKind.TABLE)
    piece = best_piece(Span(0, len(found.text)), frozenset(terms("經理")), found)
    assert quoted(piece, found) == "經理\n3,000 元"


def test_where_there_are_no_pages_blank_lines_are_the_authors(passage):
    """A passage without a page is quoted and shown with its blank lines."""
    text = "請先重開機。\n\n再聯絡資訊室。"
    found = replace(passage(text), page=None)
    assert quoted(best_piece(Span(0, len(text)), frozenset(), found), found) == text
    assert as_read(text, found) == text
    assert as_read(text, passage(text)) == "請先重開機。\n再聯絡資訊室。"


def test_a_parted_row_is_shown_as_any_row_and_quoted_in_one_piece(search, passage):
    """The reader of an answer sees no broken bar; the citation has the cell that says most of the answer."""
    table = passage("職級 ¦ 每日住宿上限\n\n總經理 ¦ 每日3,000元\n\n專員 ¦ 每日2,200元", kind=ChunkKind.TABLE)
    result = search("總經理每日住宿上限多少？", table)
    text = answer(result)
    assert text == "職級：總經理；每日住宿上限：每日3,000元[1]"
    grounded = ground(text, result.question, result.passages)
    assert grounded
    assert grounded.text == text
    assert grounded.citations[0].quote == "每日3,000元"


def test_a_quote_is_not_widened_over_a_break(search, passage):
    """Two sentences of one passage that the page parts are both shown; the quote stays with the first."""
    rules = passage("滿一年特休七日。\n\n特休應於年度終結前休畢。")
    result = search("滿一年的特休，年度終結前要休畢嗎", rules)
    grounded = ground("滿一年特休七日。[1]特休應於年度終結前休畢。[1]", result.question, result.passages)
    assert grounded
    assert "休畢" in grounded.text
    assert grounded.citations[0].quote == "滿一年特休七日。"


def test_a_parted_answer_of_an_faq_is_shown_whole(search, passage):
    """The blank line is the reader's and not shown; the quote is one piece."""
    faq = passage("請先重開機。\n\n再聯絡資訊室。", kind=ChunkKind.FAQ, heading=["印表機卡紙怎麼辦？"])
    result = search("印表機卡紙怎麼辦？", faq)
    text = answer(result)
    assert text == "請先重開機。\n再聯絡資訊室。[1]"
    grounded = ground(text, result.question, result.passages)
    assert grounded
    assert grounded.citations[0].quote == "請先重開機。"
