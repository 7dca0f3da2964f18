import numpy as np
import pytest

from rag_core.search.fuse import (
    DENSE_WEIGHTS,
    FEWEST_SAMPLES,
    FusionSample,
    FusionWeights,
    calibrate_fusion,
    combine_weights,
    fuse,
    hold_out,
    language,
)


def samples(count: int, words_know: float, vectors_know: float, language: str = "en") -> list[FusionSample]:
    """Ten candidates each, the first right; each leg sees it as much better than the rest as it knows."""
    random = np.random.default_rng(7)
    made = []
    for _ in range(count):
        lexical, dense = random.normal(0.5, 0.1, 10), random.normal(0.3, 0.1, 10)
        lexical[0] += words_know
        dense[0] += vectors_know
        made.append(FusionSample(language, tuple(lexical.tolist()), tuple(dense.tolist()), 0))
    return made


def test_vectors_that_cannot_read_get_no_weight() -> None:
    """Where the embedder sees noise, words alone rank."""
    assert calibrate_fusion(samples(120, words_know=0.2, vectors_know=0.0)).of("en") == 0.0


def test_vectors_that_read_better_lead() -> None:
    """Where the embedder knows and words do not, cosines outweigh words."""
    assert calibrate_fusion(samples(120, words_know=0.02, vectors_know=0.3)).of("en") >= 1.0


def test_few_samples_teach_nothing() -> None:
    """Below the fewest samples words alone rank, however good the vectors look."""
    assert calibrate_fusion(samples(FEWEST_SAMPLES - 1, words_know=0.0, vectors_know=0.5)).of("en") == 0.0
    assert calibrate_fusion([]).of("zh") == 0.0


def test_languages_are_calibrated_apart() -> None:
    """An embedder that reads English only is trusted in English only."""
    weights = calibrate_fusion(
        samples(120, words_know=0.2, vectors_know=0.0, language="zh") + samples(120, words_know=0.02, vectors_know=0.3)
    )
    assert weights.of("zh") == 0.0
    assert weights.of("en") > 0.0
    assert weights.samples == {"zh": 120, "en": 120}


def test_the_weight_is_one_of_those_tried() -> None:
    """Calibration is a choice among known weights, so it is the same on every machine."""
    assert calibrate_fusion(samples(60, words_know=0.1, vectors_know=0.1)).of("en") in DENSE_WEIGHTS


def test_audiences_combine_by_their_samples() -> None:
    """The mean of several audiences counts each by its samples, also one that learnt nothing."""
    parts = [FusionWeights({"en": 3.0}, {"en": 30}), FusionWeights({"en": 0.0, "zh": 0.5}, {"en": 10, "zh": 4})]
    combined = combine_weights(parts)
    assert combined.of("en") == pytest.approx(3.0 * 30 / 40)
    assert combined.of("zh") == pytest.approx(0.5)
    assert combine_weights([]).of("en") == 0.0


def test_weight_zero_keeps_the_order_of_words() -> None:
    """Without weight the cosine changes nothing."""
    assert fuse([0.5, 0.4, 0.0], [0.1, 0.9, 0.95], 0.0) == [0.5, 0.4, 0.0]


def test_the_weight_decides_who_leads() -> None:
    """With weight enough the nearer vector wins over the better words."""
    first, second = fuse([0.5, 0.4], [0.1, 0.9], 1.0)
    assert second > first


def test_cosines_order_what_no_word_finds() -> None:
    """A question that shares no word with any candidate is still ordered by the vectors."""
    first, second = fuse([0.0, 0.0], [0.1, 0.9], 0.0)
    assert second > first


def test_a_chunk_without_a_vector_counts_as_the_least() -> None:
    """A chunk not embedded yet is neither favoured nor lost."""
    scores = fuse([0.5, 0.5, 0.5], [0.2, None, 0.6], 1.0)
    assert scores[1] == scores[0] < scores[2]
    assert fuse([0.5], [None], 2.0) == [0.5]


def test_an_faq_asks_its_answer() -> None:
    """The held-out question of an FAQ is its own, and the text its answer alone."""
    held = hold_out("點選登入頁的「忘記密碼」。", asked="密碼忘了怎麼辦？")
    assert held is not None
    assert (held.question, held.text, held.language) == ("密碼忘了怎麼辦？", "點選登入頁的「忘記密碼」。", "zh")


def test_a_sentence_is_asked_of_what_is_left() -> None:
    """A sentence taken out is no longer in the text, and nothing else is lost."""
    text = "員工每年享有特別休假十四日。病假全年不得超過三十日。事假應於三日前提出申請。"
    held = hold_out(text)
    assert held is not None
    assert held.question not in held.text
    assert sorted(held.question + held.text) == sorted(text)


def test_the_same_chunk_holds_out_the_same_sentence() -> None:
    """Calibration is repeatable."""
    text = "Vacation is granted every year on request. Sick leave needs a certificate after three days. Ask HR first."
    assert hold_out(text) == hold_out(text)


@pytest.mark.parametrize("text", ["", "只有一句話但是很長很長很長。", "好。是。", "\n\n"])
def test_nothing_is_held_out_of_too_little(text: str) -> None:
    """One sentence, or none worth asking, makes no sample."""
    assert hold_out(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("特休有幾天？", "zh"),
        ("How many days off?", "en"),
        ("如何設定 Microsoft Outlook", "zh"),
        ("Who is 王小明 in the engineering department?", "en"),
        ("", "en"),
        ("123", "en"),
    ],
)
def test_a_question_has_the_language_most_of_it_is_in(text: str, expected: str) -> None:
    """Chinese with English product names is Chinese; English with a Chinese name is English."""
    assert language(text) == expected
