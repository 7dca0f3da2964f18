from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_core.answer.sentences import blocks, length, lines, sentences, with_marks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("特休七日。病假三十日！", ["特休七日。", "病假三十日！"]),
        ("他說：「可以。」然後走了。", ["他說：「可以。」", "然後走了。"]),
        ("See v2.5.1 of the guide. Then stop.", ["See v2.5.1 of the guide.", "Then stop."]),
        ("Fees, e.g. postage, are paid. Ask Dr. Wu.", ["Fees, e.g. postage, are paid.", "Ask Dr. Wu."]),
        ("一\n\n 二 ", ["一", "二"]),
        ("1. Open it. 2. Close it.", ["1. Open it.", "2. Close it."]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    """Sentences end at full stops and line ends, not inside numbers, abbreviations or before a closing quote."""
    assert [span.of(text) for span in sentences(text)] == expected


@given(st.text(alphabet="a.。 \n「」1、b!?；", max_size=60))
def test_nothing_is_lost_between_sentences(text: str) -> None:
    """The spans are in order, do not overlap, and leave out white space only."""
    spans = sentences(text)
    assert "".join("".join(span.of(text) for span in spans).split()) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_a_list_stays_with_the_line_that_introduces_it() -> None:
    """A line that ends in a colon keeps the items below it; the paragraph after the list is its own block."""
    text = "請備下列文件：\n1、身分證\n2、印章。\n逾期不受理。"
    assert [span.of(text) for span in blocks(text)] == ["請備下列文件：\n1、身分證\n2、印章。", "逾期不受理。"]


def test_a_long_list_comes_apart() -> None:
    """A list that is too long for an answer is taken item by item."""
    text = "請備下列文件：\n" + "\n".join(f"{i}、" + "文件" * 40 for i in range(1, 6))
    assert len(blocks(text)) == 6


def test_lines_are_the_rows_of_a_table() -> None:
    """Empty lines are no rows."""
    assert [span.of("a | b\n\n1 | 2\n") for span in lines("a | b\n\n1 | 2\n")] == ["a | b", "1 | 2"]


def test_latin_letters_count_less_than_chinese_characters() -> None:
    """Four Chinese characters read as long as ten Latin letters."""
    assert length("特休七日") == pytest.approx(length("a" * 10))


def test_marks_stand_before_white_space_and_apart_from_latin_text() -> None:
    """A mark touches Chinese text and stands off from Latin text."""
    assert with_marks("七日。\n", [1, 2]) == "七日。[1][2]\n"
    assert with_marks("Seven days.", [1]) == "Seven days. [1]"
    assert with_marks("七日。", []) == "七日。"
