from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_core.database import ViewerConnection
from rag_core.search import everyday
from rag_core.search.everyday import in_known_words, known_phrases, reworded
from rag_core.search.terms import is_bigram, terms


class Unread(ViewerConnection):
    """A viewer's connection that must not be used."""

    def __init__(self) -> None:
        """Open nothing."""


def asked(question: str, knows: Mapping[str, int]) -> str:
    """The question in the words of a collection that knows these phrases, each in this many chunks."""
    frequencies: dict[str, int] = {}
    for phrase, chunks in knows.items():
        for term in terms(phrase):
            frequencies[term] = max(chunks, frequencies.get(term, 0))
    return reworded(question, known_phrases(question), frequencies)


@pytest.mark.parametrize(
    ("question", "knows", "expected"),
    [
        ("特休有幾天？", "特別休假", "特別休假有幾天？"),
        ("特別休假有幾天？", "特休", "特休有幾天？"),
        ("被炒魷魚怎麼辦", "終止勞動契約", "被終止勞動契約怎麼辦"),
        ("報帳要附什麼", "報支", "報支要附什麼"),
        ("How many sick days do I get?", "sick leave", "How many sick leave do I get?"),
    ],
)
def test_an_unknown_phrase_is_put_into_known_words(question: str, knows: str, expected: str) -> None:
    """What a collection calls otherwise is asked for in its words, from everyday to formal and back."""
    assert asked(question, {knows: 3}) == expected


def test_a_known_phrase_is_left_alone() -> None:
    """A phrase stays while no other name is in at least three times as many chunks."""
    assert asked("特休有幾天？", {"特休": 2, "特別休假": 5}) == "特休有幾天？"
    assert asked("特休有幾天？", {"特休": 2, "特別休假": 6}) == "特別休假有幾天？"


def test_nothing_known_changes_nothing() -> None:
    """Where the collection knows none of a thing's names, the question stays as it was written."""
    assert asked("特休有幾天？", {"出貨": 9}) == "特休有幾天？"


def test_the_most_frequent_name_is_chosen() -> None:
    """Of several names a collection knows, it is asked by the one in the most chunks."""
    assert asked("老婆住院", {"配偶": 2, "太太": 7}) == "太太住院"
    assert asked("老婆住院", {"配偶": 7, "太太": 2}) == "配偶住院"


def test_a_name_is_known_only_with_all_its_terms() -> None:
    """Half a name is no name: 休假 alone does not make 特別休假 known."""
    assert asked("特休有幾天？", {"休假": 9}) == "特休有幾天？"


def test_the_longer_phrase_counts() -> None:
    """加班費 is looked up as a whole, not as 加班 and a rest."""
    assert asked("加班費怎麼算", {"延長工時": 9, "加班工資": 2}) == "加班工資怎麼算"


def test_several_phrases_are_put_into_known_words() -> None:
    """Each phrase of a question is decided for itself."""
    assert asked("老婆過世可以請幾天假", {"配偶": 2, "死亡": 2}) == "配偶死亡可以請幾天假"


def test_a_name_beside_its_other_name_stays() -> None:
    """A question that says both names meets the collection already, and may tell the two apart."""
    assert asked("門市就是實體店面嗎", {"門市": 5}) == "門市就是實體店面嗎"


def test_general_words_do_not_become_special_ones() -> None:
    """From 發票 to 單據 goes one way: a question for any voucher is no question for an invoice alone."""
    assert asked("發票要留多久", {"憑證": 5}) == "憑證要留多久"
    assert asked("憑證要留多久", {"統一發票": 5}) == "憑證要留多久"


def test_writings_of_a_phrase_are_one() -> None:
    """Simplified characters, case, full width and plurals are found; the rest of the question keeps its writing."""
    assert asked("离职怎麼辦理？", {"終止勞動契約": 3}) == "終止勞動契約怎麼辦理？"
    assert asked("我的ｐｔｏ剩幾天", {"特別休假": 3}) == "我的特別休假剩幾天"
    assert asked("Who are my SUPERVISORS?", {"line manager": 3}) == "Who are my line manager?"


def test_words_inside_other_words_are_no_phrases() -> None:
    """``kid`` is not in ``kidney``, but PTO is found between Chinese characters."""
    assert not known_phrases("kidney stones")
    assert [one.phrase for one in known_phrases("請問PTO幾天")] == ["pto"]


def test_english_stays_english() -> None:
    """An English question is not turned into a mixture; a loan word in a Chinese one is."""
    assert asked("Where is my laptop?", {"筆記型電腦": 3}) == "Where is my laptop?"
    assert asked("laptop 可以帶回家嗎", {"筆記型電腦": 3}) == "筆記型電腦 可以帶回家嗎"


def test_a_question_without_such_phrases_reads_nothing() -> None:
    """Most questions cost no read of the database."""
    assert in_known_words(Unread(), [], "法國的首都在哪裡？") == "法國的首都在哪裡？"


@given(st.text(max_size=200))
def test_phrases_stand_where_they_are_said_to(question: str) -> None:
    """Whatever is asked, the places are inside the question, in order and apart."""
    ends = [0]
    for one in known_phrases(question):
        assert ends[-1] <= one.start < one.end <= len(question)
        ends.append(one.end)


def test_every_phrase_can_be_told() -> None:
    """Each phrase of the list has a term of its own beyond single characters, and something to be put into."""
    for phrase, others in everyday.phrases().items():
        assert any(is_bigram(term) or term.isascii() for term in terms(phrase)), phrase
        assert others, phrase
        assert not set(others) & {phrase}, phrase
