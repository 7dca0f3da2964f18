"""Text comes out whole: no half characters, nothing of a stop string, and nothing is held for ever."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag_core.models.llama.spelling import Spelling

TEXTS = st.text(st.sampled_from("ab停止。特休👩‍👩‍👧é\n") | st.characters(exclude_categories=["Cs"]), max_size=40)
FEW_LETTERS = st.text("ab停", max_size=24)
STOPS = st.lists(st.text("ab停", min_size=1, max_size=4), max_size=3)


@st.composite
def cut(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[bytes]:
    """A text's bytes in pieces as tokens may cut them, empty ones included."""
    raw = draw(texts).encode()
    cuts = sorted(draw(st.lists(st.integers(0, len(raw)), max_size=12)))
    return [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]


def spelt(pieces: list[bytes], stop: list[str]) -> list[str]:
    """Return the texts of an answer in these pieces as the engine takes them: it ends at a stop string."""
    spelling, texts = Spelling(stop), []
    for piece in pieces:
        texts.append(spelling.feed(piece))
        if spelling.stopped:
            break
    return [*texts, spelling.close()]


def before_the_first_stop(text: str, stop: list[str]) -> str:
    """Return what may be shown, letter by letter: until a stop string is complete, without the longest that is."""
    for end in range(1, len(text) + 1):
        complete = [len(word) for word in stop if text[:end].endswith(word)]
        if complete:
            return text[: end - max(complete)]
    return text


@given(cut(TEXTS))
def test_characters_come_out_whole(pieces):
    """Wherever tokens cut a character, each text is valid and together they are what was meant."""
    texts = spelt(pieces, [])
    assert "".join(texts) == b"".join(pieces).decode()
    assert all(text.encode().decode() == text for text in texts)


@given(cut(TEXTS))
def test_no_character_waits_longer_than_its_last_byte(pieces):
    """Without stop strings, all that is complete is shown at once."""
    spelling, shown = Spelling(), ""
    for number, piece in enumerate(pieces):
        shown += spelling.feed(piece)
        assert shown == b"".join(pieces[: number + 1]).decode("utf-8", "ignore")


@given(st.binary(max_size=30), st.integers(0, 30))
def test_bytes_that_are_no_text_become_replacement_characters(raw, at):
    """A model may write anything; what comes out is the text a reader of the whole would see."""
    assert "".join(spelt([raw[:at], raw[at:]], [])) == raw.decode("utf-8", "replace")


@given(cut(FEW_LETTERS), STOPS)
@example([b"xabz"], ["ab", "xabz"])  # the first to be complete, though another began before it
@example([b"xab", b"z"], ["ab", "xabz"])
@example([b"xabz"], ["ab", "xab"])
def test_an_answer_ends_before_its_first_stop_string(pieces, stop):
    """However tokens lie, with several and overlapping ones: all before the first, nothing of it, nothing after."""
    assert "".join(spelt(pieces, stop)) == before_the_first_stop(b"".join(pieces).decode(), stop)


@given(cut(FEW_LETTERS), STOPS)
def test_only_what_may_begin_a_stop_string_is_held_back(pieces, stop):
    """While the answer is being written, all is shown but an end with which a stop string could begin."""
    spelling, shown, fed = Spelling(stop), "", b""
    for piece in pieces:
        shown, fed = shown + spelling.feed(piece), fed + piece
        if spelling.stopped:
            return
        held = fed.decode("utf-8", "ignore").removeprefix(shown)
        assert not held or any(word.startswith(held) and word != held for word in stop)


@pytest.mark.parametrize(
    ("pieces", "stop", "shown"),
    [
        (["答", "案[IN", "ST] 問"], ["[INST]"], ["答", "案", ""]),
        (["答案[IN", "FO]"], ["[INST]"], ["答案", "[INFO]"]),
        (["a[IN"], ["[INST]"], ["a", "[IN"]),  # the answer's end: it was none
        (["一二三四"], ["四", "二"], ["一"]),
        (["aab", "x"], ["ab"], ["a"]),
        (["ababc"], ["abc"], ["ab"]),  # one begins within the beginning of another
        (["停", "止", "後"], ["停止"], ["", ""]),
        (["什麼都有"], [""], ["什麼都有"]),  # an empty one is none
    ],
)
def test_stop_strings_across_pieces(pieces, stop, shown):
    """What comes out after which piece, and at the end."""
    texts = spelt([piece.encode() for piece in pieces], stop)
    assert texts == [*shown, *[""] * (len(texts) - len(shown))]


def test_an_unfinished_character_at_the_end_is_marked():
    """An answer cut off within a character ends with U+FFFD, one only."""
    assert spelt(["特休".encode()[:-1]], []) == ["特", "\ufffd"]
    assert spelt(["休".encode()[:2]], ["休"]) == ["", "\ufffd"]


def test_nothing_comes_after_a_stop_string():
    """Neither what follows it in its piece, nor half a character after it."""
    spelling = Spelling(["。"])
    assert spelling.feed("好。不".encode() + b"\xe4") == "好"
    assert spelling.stopped
    assert spelling.close() == ""
