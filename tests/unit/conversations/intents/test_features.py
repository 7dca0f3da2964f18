"""What is seen in a text: things by any of their names, sorts of figures, cues of how it is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.conversations.intents.features import features_of
from bots.conversations.intents.lexicon import concepts, plain
from bots.conversations.intents.manner import manner_of
from bots.conversations.intents.sorts import sorts_of
from bots.conversations.intents.sounds import sound_of
from rag_core.search.terms import fold


def things(text: str) -> set[str]:
    """Return the things that are named."""
    return {term for term in features_of(text).topic if term.startswith("=")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("報帳", "核銷"),
        ("請假", "take a day off"),
        ("印表機", "printers"),
        ("clock in", "clocking in"),
        ("請假", "請價"),
        ("會議室", "會議市"),
        ("壞掉", "按不出來"),
        ("Wi-Fi", "ＷＩＦＩ"),
    ],
)
def test_a_thing_is_known_by_any_of_its_names(one, other):
    """In either language, in other forms of the word, and by its sound."""
    assert things(one) & things(other)


def test_a_name_within_a_longer_one_is_not_that_thing():
    """加班費 is not 加班, and an English word is found as a whole word."""
    assert plain("加班費") in {name.removeprefix("=") for name in things("加班費")}
    assert f"={plain('加班')}" not in things("加班費")
    assert not things("prxyz")


def test_every_name_means_something():
    """No name is empty, and each stands for itself or another."""
    assert all(
        name.strip() and meant and all(one.startswith("=") for one in meant) for name, meant in concepts().items()
    )


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("下週三", "<day>"),
        ("tomorrow", "<day>"),
        ("下午三點半", "<hour>"),
        ("3200元", "<money>"),
        ("兩小時", "<length>"),
        ("訂單 A26112402018", "<code a#####>"),
        ("CS-2611-003", "<code cs-####-###>"),
        ("三台", "<pieces>"),
    ],
)
def test_what_differs_between_requests_counts_by_its_sort(text, sort):
    """A day, a sum, a code: which one does not matter, and nothing of it remains in the text."""
    rest, sorts = sorts_of(fold(text))
    assert sort in sorts
    assert not any(character.isdigit() for character in rest)


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("怎麼請假", "how"),
        ("幫我請假", "help"),
        ("還剩幾天", "left"),
        ("單子好了沒", "done"),
        ("could you please", "help"),
    ],
)
def test_how_something_is_said_leaves_cues(text, cue):
    """Questions, orders and looks at one's own differ in small words."""
    assert cue in manner_of(fold(text))


def test_sounds_are_told_as_people_tell_them():
    """zh is z and -ing is -in; what is no character stands for itself."""
    assert sound_of(fold("出勤x")) == (*sound_of(fold("出情")), "x")
    assert sound_of(fold("知")) == sound_of(fold("資"))


@given(st.text(max_size=200))
def test_any_text_has_features(text):
    """Every weight is above 0 and at most 1."""
    assert all(0 < weight <= 1 for weight in features_of(text).topic.values())
