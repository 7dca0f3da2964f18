import pytest

from rag_core.search.rescore import Candidate, bm25, coverage, idf, rescore
from rag_core.search.terms import query_terms

WEIGHTS = query_terms("特休可以遞延嗎")


def scores(*candidates: Candidate) -> list[float]:
    return rescore(WEIGHTS, candidates)


def test_terms_together_in_a_sentence_beat_terms_scattered() -> None:
    """At equal BM25, the chunk with one sentence that has it all comes first."""
    together, scattered = scores(
        Candidate("特休可以遞延一年。病假不行。", bm25=5.0), Candidate("特休另有規定。病假不可以遞延。", bm25=5.0)
    )
    assert together > scattered


def test_bm25_orders_what_covers_the_same() -> None:
    """Where the best sentences are alike, BM25 decides."""
    low, high = scores(Candidate("特休可以遞延", bm25=1.0), Candidate("特休可以遞延", bm25=2.0))
    assert high > low


def test_the_question_of_an_faq_counts() -> None:
    """An FAQ that asks the same beats one whose answer merely says the words."""
    asked, said = scores(
        Candidate("依規定辦理，特休可以遞延。", bm25=5.0, asked="特休可以遞延嗎？"),
        Candidate("依規定辦理，特休可以遞延。", bm25=5.0, asked="年終獎金何時發？"),
    )
    assert asked > said


def test_scores_mean_the_same_for_every_question() -> None:
    """Weights and BM25 scaled together give the same score: fusion may compare questions."""
    candidate = Candidate("特休可以遞延一年。", bm25=5.0)
    doubled = {term: 2 * weight for term, weight in WEIGHTS.items()}
    assert rescore(doubled, [Candidate(candidate.text, bm25=10.0)]) == pytest.approx(scores(candidate))


def test_variants_and_english_endings_are_found() -> None:
    """A passage written otherwise covers the question as the index says it does."""
    assert coverage(query_terms("臺灣"), "台湾") == pytest.approx(1.0)
    assert coverage(query_terms("delete accounts"), "Deleting an account.") == pytest.approx(1.0)
    assert coverage(query_terms("happy"), "happier, yes; happen, no") == pytest.approx(0.0)
    assert coverage(query_terms("happy"), "happiness") == pytest.approx(1.0)


def test_a_word_is_not_found_inside_another() -> None:
    """Words are whole words: art is not in start, nor in article."""
    assert coverage(query_terms("art"), "We start an article") == 0.0
    assert coverage(query_terms("account"), "account-based, accounts.txt") == pytest.approx(1.0)
    assert coverage(query_terms("café C++"), "the café of C++") == pytest.approx(1.0)


def test_a_question_without_terms_scores_nothing() -> None:
    """Punctuation alone finds nothing and fails nothing."""
    assert rescore(query_terms("？！"), [Candidate("特休", bm25=0.0)]) == [0.0]
    assert coverage({}, "特休") == 0.0


def test_an_empty_text_scores_its_bm25() -> None:
    """A chunk with no sentence has nothing to add."""
    assert rescore({"a": 2.0}, [Candidate("", bm25=1.0)]) == [0.5]


def test_bm25_prefers_the_shorter_of_two_texts_that_say_it_once() -> None:
    """Length normalisation: the same count in fewer terms is worth more; an absent term nothing."""
    assert bm25({"vpn": 1.0}, "vpn", 5) > bm25({"vpn": 1.0}, "vpn is a way into the office", 5)
    assert bm25({"vpn": 1.0}, "特休", 5) == 0.0


def test_bm25_of_a_text_of_average_length() -> None:
    """At average length one occurrence is worth exactly the term's weight."""
    assert bm25({"vpn": 3.0}, "vpn office", 2) == pytest.approx(3.0)


def test_idf_is_never_negative_and_falls_with_use() -> None:
    """A rarer term weighs more, and one in every chunk still no less than nothing."""
    assert idf(100, 1) > idf(100, 50) > idf(100, 100) > 0
    assert idf(0, 0) >= 0
