import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.platforms.line.splitting import shorten, split, units

WHOLE = [
    "e\u0301",
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "🇹🇼",
    "각",
    "\u1100\u1161\u11a8",
    "☺\ufe0f",
    "1\ufe0f\u20e3",
    "\r\n",
    "が",
    "ｶﾞ",
    "葛\U000e0100",
    "𠮷",
    "नि",
]
MIXED = st.lists(st.sampled_from([*WHOLE, "字", "a", " ", "。", "\n", "🇯🇵"]), max_size=40).map("".join) | st.text(
    max_size=60
)


@given(MIXED, st.integers(2, 12), st.integers(1, 4))
def test_nothing_is_lost_and_no_piece_is_too_long(text, most, pieces):
    """The pieces and what is left over are the text, in order."""
    parts, rest = split(text, most, pieces)
    assert "".join(parts) + rest == text
    assert len(parts) <= pieces
    assert all(part and units(part) <= most for part in parts)
    assert not rest or len(parts) == pieces


@pytest.mark.parametrize("whole", WHOLE)
@pytest.mark.parametrize("before", range(1, 12))
def test_what_people_see_as_one_character_is_never_cut(whole, before):
    """Accents, skin tones, families, flags, syllables and selectors stay with what they belong to."""
    text = "字" * before + whole + "字" * 20
    parts, rest = split(text, 12, 1)
    assert any(whole in part for part in (*parts, rest))
    assert whole in shorten(text, 12) or not shorten(text, 12)[before:].strip("字…")


def test_flags_in_a_row_are_cut_between_flags():
    """Two letters make a flag, wherever the row is cut."""
    parts, rest = split("🇹🇼🇯🇵🇰🇷", 6, 9)
    assert (parts, rest) == (["🇹🇼", "🇯🇵", "🇰🇷"], "")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("一二三四五六。\n\n七八九。十一。", "一二三四五六。\n\n"),
        ("一二三四五。六\n七八九。十一", "一二三四五。六\n"),
        ("一二三四五。[1]六七八九十", "一二三四五。[1]"),
        ("一二三四五！」六七八九十一二", "一二三四五！」"),
        ("One two. Three four", "One two. "),
        ("一二三四五六，七八九十一二三", "一二三四五六，"),
        ("一二三四五六七八九十一二三四", "一二三四五六七八九十一二"),
        ("一。二三四五六七八九十一二三", "一。二三四五六七八九十一"),
    ],
)
def test_a_text_is_cut_where_a_reader_rests(text, first):
    """Paragraph, line, sentence, comma, in this order, if one ends in the second half; else as late as possible."""
    assert split(text, 12, 9)[0][0] == first


def test_shortening_ends_with_the_mark_within_the_limit():
    """What fits stays as it is."""
    assert shorten("一二三四", 4) == "一二三四"
    assert shorten("一二三四五", 4) == "一二三…"
    assert shorten("👍👍👍", 4) == "👍…"


def test_a_character_of_thousands_of_marks_is_cut_all_the_same():
    """Nobody can make us loop or send too much."""
    parts, rest = split("e" + "\u0301" * 12_000, 5_000, 5)
    assert [len(part) for part in parts] == [5000, 5000, 2001]
    assert rest == ""
