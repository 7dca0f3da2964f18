"""Between two breaks a chunk stands on its page word for word."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_core.ingest.blocks import squeezed
from rag_core.ingest.parted import parted
from rag_core.types import Chunk, ChunkKind


def in_parts(text: str, page: str, kind: ChunkKind = ChunkKind.PROSE) -> str:
    return parted(Chunk(text, (), 1, kind), squeezed(page)).text


@pytest.mark.parametrize(
    ("text", "page", "expected"),
    [
        ("甲乙\n丙丁", "甲乙 丙丁", "甲乙\n丙丁"),
        ("甲乙\n丙丁", "丙丁 甲乙", "甲乙\n\n丙丁"),
        ("甲乙\n丙丁\n戊己", "甲乙 頁首 丙丁 戊己", "甲乙\n\n丙丁\n戊己"),
        ("甲\n乙\n甲\n丙", "甲乙 甲丙", "甲\n乙\n甲\n丙"),
        ("甲\n乙\n甲", "甲乙 乙甲", "甲\n乙\n\n甲"),
    ],
    ids=["in order", "another order", "something between", "a line twice", "each pair but not all three"],
)
def test_lines_are_parted_where_the_page_does_not_go_on(text: str, page: str, expected: str):
    """A blank line stands between neighbours of the chunk that are none on the page, and nowhere else."""
    assert in_parts(text, page) == expected


@pytest.mark.parametrize(
    ("text", "page", "expected"),
    [
        ("項目 | 金額\n機票 | 1200", "項目 金額 機票 1200", "項目 | 金額\n機票 | 1200"),
        ("項目 | 金額\n機票 | 1200", "項目 機票 金額 1200", "項目 ¦ 金額\n\n機票 ¦ 1200"),
        (" | 甲 |  | 乙 | ", "甲 乙", " | 甲 |  | 乙 | "),
        ("甲 |  | 乙", "乙 甲", "甲 |  ¦ 乙"),
        ("甲|乙 | 丙", "甲|乙 丙", "甲|乙 | 丙"),
    ],
    ids=["by row", "by column", "empty cells", "an empty cell between", "a bar of the page's own"],
)
def test_cells_are_parted_by_a_broken_bar(text: str, page: str, expected: str):
    """Cells that do not follow one another on the page have a broken bar between them; columns stay columns."""
    assert in_parts(text, page, ChunkKind.TABLE) == expected


def test_a_cell_the_page_does_not_say_in_one_go_is_cut_at_spaces():
    """Its pieces are parted by a broken bar that is no border of a cell."""
    assert in_parts("a | b c d", "a d b c", ChunkKind.TABLE) == "a ¦ b c ¦d"


def test_a_nul_parts_what_is_beside_it():
    """It cannot be stored, and without it the text is not the page's."""
    assert in_parts("a = \0n k", "a = \0n k") == "a = ¦n k"


def test_a_bar_in_prose_is_a_character_like_others():
    """Only a table has cells."""
    assert in_parts("甲 | 乙", "甲 | 乙") == "甲 | 乙"


def test_without_a_text_of_the_page_nothing_is_parted():
    """A scanned page has no text to compare with."""
    assert in_parts("甲\n乙", "") == "甲\n乙"


@given(
    st.lists(st.text("ab 甲|\n", max_size=6), max_size=8).map(" | ".join),
    st.text("ab甲|", min_size=1, max_size=30),
    st.sampled_from(ChunkKind),
)
def test_every_piece_stands_on_the_page_and_nothing_is_lost(text: str, page: str, kind: ChunkKind):
    """Whatever the page says, each piece is on it (a character it has not stays alone), in the chunk's order."""
    found = in_parts(text, page, kind)
    bars = re.compile(r"(?:^|(?<=\s))\|(?=\s|$)" if kind is ChunkKind.TABLE else "(?!)", re.MULTILINE)
    assert squeezed(bars.sub("", text)) == squeezed(bars.sub("", found)).replace("¦", "")
    for piece in re.split(r"\n\n|¦", found):
        said = squeezed(bars.sub("", piece))
        assert said in page or len(said) == 1
