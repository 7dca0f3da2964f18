"""The decision to answer or to refuse.

The signal is a weighted sum of three figures of a question and its best passages: how well the question's topical
terms are matched by one passage (BM25 as a share of the question's idf mass), how much of them one sentence
covers, and the logarithm of how many there are, since a long question is matched in a smaller part. How high the
signal gets by chance depends on the collection: rich vocabulary and long passages touch more of any question. So
sync asks every collection the probe questions, and the threshold follows their median. The fit and what was tried:
docs/decisions/2026-11-23-refusing.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log1p
from statistics import median

from rag_core.answer.sentences import sentences
from rag_core.answer.topic import covered, topical_weights
from rag_core.search.terms import terms
from rag_core.types import ChunkKind, Passage, SearchResult

_MATCH, _SENTENCE, _COUNT = 5.2, 5.9, 1.7
_COUNTED_TERMS = 60
_PASSAGES = 2
_K1, _B = 1.2, 0.75  # as in the search

_USUAL_LEVEL, _LOWEST_LEVEL, _HIGHEST_LEVEL = 5.8, 5.2, 9.0
_AT_USUAL_LEVEL, _SLOPE = 8.12, 0.75
_USUAL_TERMS = 300.0  # of a passage, where nothing was measured
_COSINE_WORTH = 6.0
_LEAST_COSINE_GAP = 0.25  # MiniLM: 0.49 on StackFAQ, where it helps; 0.10 on DRCD, where it would let strangers in


class Reason(StrEnum):
    """Why a question is answered or not."""

    SUPPORTED = "supported"
    NOTHING_ASKED = "nothing asked"  # empty, symbols, a greeting, question words alone
    NOTHING_FOUND = "nothing found"
    TOO_LITTLE_SUPPORT = "too little support"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to answer. ``support`` is the signal, comparable with the threshold it was held against."""

    answer: bool
    reason: Reason
    support: float
    threshold: float


@dataclass(frozen=True, slots=True)
class RefusalThreshold:
    """What sync measured of one audience of a collection in one language.

    ``value`` is the support from which on to answer, ``mean_terms`` the mean length of a chunk in terms. The two
    cosines, of the best chunk for the median probe and for the median question the collection can answer, are
    None without an embedder. ``chunks`` says how much the figures count when audiences are combined.
    """

    value: float
    mean_terms: float
    chunks: int
    probe_cosine: float | None = None
    own_cosine: float | None = None

    def figures(self) -> dict[str, float]:
        """Return the figures by name, without those that were not measured, to be stored."""
        named = {
            "value": self.value,
            "mean_terms": self.mean_terms,
            "probe_cosine": self.probe_cosine,
            "own_cosine": self.own_cosine,
        }
        return {name: figure for name, figure in named.items() if figure is not None}

    @classmethod
    def from_figures(cls, chunks: int, figures: Mapping[str, float]) -> "RefusalThreshold":
        """Read back what ``figures`` gave. Raises KeyError if a figure that is always measured is missing."""
        return cls(
            figures["value"],
            figures["mean_terms"],
            chunks,
            figures.get("probe_cosine"),
            figures.get("own_cosine"),
        )


UNCALIBRATED = RefusalThreshold(_AT_USUAL_LEVEL, _USUAL_TERMS, 0)
"""For a collection that was not calibrated in the question's language: what small collections come to."""


def decide(result: SearchResult, threshold: RefusalThreshold) -> Decision:
    """Decide on a question from its search. ``evidence.signals["cosine"]``, if there, is the best chunk's cosine."""
    weights = topical_weights(result.question, result.evidence.weights)
    if not weights:
        return Decision(False, Reason.NOTHING_ASKED, 0.0, threshold.value)
    if not result.passages:
        return Decision(False, Reason.NOTHING_FOUND, 0.0, threshold.value)
    level = support(weights, result.passages, threshold.mean_terms)
    level += _cosine_worth(result.evidence.signals.get("cosine"), threshold)
    enough = level >= threshold.value
    return Decision(enough, Reason.SUPPORTED if enough else Reason.TOO_LITTLE_SUPPORT, level, threshold.value)


def support(weights: Mapping[str, float], passages: Sequence[Passage], mean_terms: float) -> float:
    """Return the signal for a question's topical weights and its passages, best first. About 3 to 20."""
    read = [_figures(weights, passage, mean_terms) for passage in passages[:_PASSAGES]]
    match, sentence = (max(column, default=0.0) for column in (zip(*read, strict=True) if read else ((), ())))
    return _MATCH * match + _SENTENCE * sentence + _COUNT * log1p(min(len(weights), _COUNTED_TERMS))


def calibrate(
    probed: Iterable[SearchResult],
    *,
    chunks: int,
    mean_terms: float,
    probe_cosine: float | None = None,
    own_cosine: float | None = None,
) -> RefusalThreshold:
    """Return the threshold for a collection from the searches of ``probes(language)`` in it (2 passages are enough).

    ``chunks`` and ``mean_terms`` (mean length of a chunk, counted by ``terms()``) are those this audience sees.
    """
    levels = [
        support(topical_weights(result.question, result.evidence.weights), result.passages, mean_terms)
        for result in probed
    ]
    level = min(max(median(levels), _LOWEST_LEVEL), _HIGHEST_LEVEL) if levels else _USUAL_LEVEL
    value = _AT_USUAL_LEVEL + _SLOPE * (level - _USUAL_LEVEL)
    return RefusalThreshold(value, mean_terms, chunks, probe_cosine, own_cosine)


def combine(thresholds: Sequence[RefusalThreshold]) -> RefusalThreshold:
    """Return the mean of several audiences' or collections' thresholds, each by its number of chunks."""
    counted = [threshold for threshold in thresholds if threshold.chunks > 0]
    if not counted:
        return UNCALIBRATED
    chunks = sum(threshold.chunks for threshold in counted)

    def mean(figures: Sequence[float | None]) -> float | None:
        known = [(f, t.chunks) for f, t in zip(figures, counted, strict=True) if f is not None]
        return sum(f * n for f, n in known) / sum(n for _, n in known) if known else None

    return RefusalThreshold(
        sum(t.value * t.chunks for t in counted) / chunks,
        sum(t.mean_terms * t.chunks for t in counted) / chunks,
        chunks,
        mean([t.probe_cosine for t in counted]),
        mean([t.own_cosine for t in counted]),
    )


def _figures(weights: Mapping[str, float], passage: Passage, mean_terms: float) -> tuple[float, float]:
    """Return how well the passage matches, and the greatest share of idf mass one sentence of it covers.

    The match is BM25 (Robertson & Zaragoza 2009, 3.4) over the question's whole idf mass. A sentence is one of the
    text; an FAQ's question counts as one too.
    """
    counts = Counter(terms(" ".join(passage.heading)))
    texts = [span.of(passage.text) for span in sentences(passage.text)]
    per_sentence = [terms(text) for text in texts]
    for found in per_sentence:
        counts.update(found)
    norm = _K1 * (1 - _B + _B * counts.total() / max(1.0, mean_terms))
    got = sum(weight * counts[t] * (_K1 + 1) / (counts[t] + norm) for t, weight in weights.items() if t in counts)
    if passage.kind is ChunkKind.FAQ and passage.heading:
        per_sentence.append(terms(passage.heading[-1]))
    best = max((covered(weights, frozenset(found)) for found in per_sentence), default=0.0)
    return got / (sum(weights.values()) or 1.0), best


def _cosine_worth(cosine: float | None, threshold: RefusalThreshold) -> float:
    """Return what a cosine adds: nothing where the embedder cannot tell the collection's questions from probes."""
    low, high = threshold.probe_cosine, threshold.own_cosine
    if cosine is None or low is None or high is None or high - low < _LEAST_COSINE_GAP:
        return 0.0
    return _COSINE_WORTH * min(max((cosine - low) / (high - low) - 0.5, 0.0), 0.5)
