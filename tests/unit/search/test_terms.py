import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_core.search.terms import is_bigram, query_terms, terms


def meet(one: str, other: str) -> set[str]:
    """The terms two writings share that are more than a single CJK character."""
    return {term for term in set(terms(one)) & set(terms(other)) if len(term) > 1}


def test_cjk_becomes_characters_and_bigrams() -> None:
    """Chinese text is indexed by each character and each pair of neighbours."""
    assert terms("特休假") == ["特", "休", "假", "特休", "休假"]


def test_bigrams_do_not_cross_punctuation() -> None:
    """Two characters apart by a comma or a space are no pair."""
    assert "休病" not in terms("特休，病假")
    assert "休病" not in terms("特休 病假")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("臺灣", "台灣"),
        ("勞動基準法", "劳动基准法"),
        ("ＶＰＮ", "vpn"),
        ("裏面", "里面"),
    ],
)
def test_variants_meet(one: str, other: str) -> None:
    """Variants, Simplified characters, full width and case are one in the index."""
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("one", "other", "term"),
    [
        ("依第三十八條規定", "第38條", "38条"),
        ("依第三十八條規定", "第 38 條", "38条"),
        ("第三十八條之一", "第38條之1", "38-1"),
        ("第三十八條之一", "第 38-1 條", "38-1"),
        ("三萬五千元", "35,000元", "35000元"),
        ("3.5萬元", "35000元", "35000元"),
        ("二〇二五年", "2025年", "2025年"),
        ("十四天", "14 天", "14天"),
        ("百分之三十", "30％", "30%"),
        ("e-mail", "Email", "email"),
        ("E-07", "e07", "e07"),
        ("don't", "don’t", "dont"),
        ("employees' accounts", "an employee account", "account"),
        ("deleting", "deleted", "delet"),
    ],
)
def test_writings_of_one_thing_meet(one: str, other: str, term: str) -> None:
    """Numbers, hyphens, apostrophes and English endings are written many ways and found by each of them."""
    assert term in meet(one, other)


def test_thousands_separators_do_not_split_a_number() -> None:
    """An amount is one term with or without commas, also right before a CJK unit."""
    assert "120000" in terms("120,000元")
    assert "000" not in terms("120,000元")


def test_an_article_is_not_another() -> None:
    """Article 38-1 is neither 381 nor found as 第381條."""
    assert "381" not in terms("第 38-1 條")


@pytest.mark.parametrize("text", ["萬一下雨", "千萬不要", "十分好", "一般員工"])
def test_a_numeral_that_is_part_of_a_word_is_no_number(text: str) -> None:
    """Words that contain a numeral get no numeric term."""
    assert not [term for term in terms(text) if term[0].isdigit()]


def test_programming_languages_keep_their_signs() -> None:
    """C++ and C# are not C."""
    assert terms("C++ C# C") == ["c++", "c#", "c"]
    assert terms("issue#12") == ["issu", "12"]


def test_what_only_asks_weighs_little() -> None:
    """請問, 如何 and the like count less than what the question is about, in Chinese and in English."""
    weights = query_terms("請問如何申請特休？ How do I delete my account?")
    assert weights["请问"] < weights["特休"]
    assert weights["如何"] < weights["申请"]
    assert weights["how"] < weights["delet"]
    assert weights["how"] > 0


def test_a_name_that_contains_a_question_word_still_finds_itself() -> None:
    """A question made only of asking words is not empty."""
    assert query_terms("何謂如何")
    assert query_terms("The Who")


def test_a_repeated_term_weighs_more() -> None:
    """Saying a word twice doubles its weight."""
    assert query_terms("特休 特休")["特休"] == 2 * query_terms("特休")["特休"]


def test_a_bigram_weighs_less_than_a_character() -> None:
    """The pair repeats what its characters said."""
    weights = query_terms("特休")
    assert weights["特休"] < weights["特"]
    assert is_bigram("特休")
    assert not is_bigram("vp")


def test_every_query_term_is_an_index_term() -> None:
    """Question and index meet: the question's terms are those of the same text indexed."""
    question = "請問第三十八條的 e-mail 在哪裡？"
    assert set(query_terms(question)) == set(terms(question))


@given(st.text(max_size=200))
def test_any_text_has_terms_an_index_can_hold(text: str) -> None:
    """No text raises; no term is empty, blank, or too long for an index entry."""
    for term in (*terms(text), *query_terms(text)):
        assert term.strip()
        assert len(term) <= 64


@pytest.mark.parametrize(
    "text",
    [
        "一" * 5000,
        "9" * 5000,
        "a" * 9000,
        "a-" * 5000,
        "1," * 5000,
        " " * 90_000,
        "第" + " " * 90_000,
        "5" + " " * 90_000,
    ],
)
def test_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    """Long runs of one thing are read in linear time."""
    start = time.process_time()
    terms(text)
    assert time.process_time() - start < 2
