"""The second look at the best candidates: what BM25 cannot see because it knows no positions.

A text that has the question's terms together in one sentence is better than one that has them scattered; an FAQ whose
question covers what is asked is better than one whose answer happens to. Weights and what was tried beside:
docs/decisions/2026-11-23-ranking.md.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag_core.search.terms import fold, terms, word_term

K1 = 1.2
B = 0.9
"""BM25's constants: saturation of a term's count, and how much of a chunk's length counts."""

_UNSEEN = 50

SENTENCE_SHARE = 0.3
ASKED_SHARE = 1.0

_SENTENCE_END = re.compile(r"[。！？!?；;\n]+|\.\s")
_CJK_FROM = "\u3040"
_LETTER = r"[^\W_\u3040-\U0003134f]"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk the first stage found. ``asked`` is an FAQ's own question, empty for every other kind of chunk."""

    text: str
    bm25: float
    asked: str = ""


def idf(chunks: int, containing: int) -> float:
    """Return a term's inverse document frequency among ``chunks`` visible ones (Robertson's, never negative).

    Counted as if there were ``_UNSEEN`` chunks more: in a handful of chunks a term that stands in one of them would
    weigh half of one that stands in none, and a question half of whose words are nowhere would be refused.
    """
    return math.log(1 + (chunks + _UNSEEN - containing + 0.5) / (containing + 0.5))


def bm25(weights: Mapping[str, float], text: str, average_length: float) -> float:
    """Return a text's BM25 with heading and all as it would be indexed; ``average_length`` is in terms.

    The store scores what it holds. This is for what it does not: a chunk with its question held out, a passage to try.
    """
    found = Counter(terms(text))
    norm = K1 * (1 - B + B * found.total() / average_length) if average_length > 0 else K1
    return sum(weight * found[term] * (K1 + 1) / (found[term] + norm) for term, weight in weights.items())


def rescore(weights: Mapping[str, float], candidates: Sequence[Candidate]) -> list[float]:
    """Return one score a candidate: BM25 by the question's whole weight, plus the share its best sentence covers.

    ``weights`` maps each term of ``query_terms`` to its query weight times its idf, terms no chunk has included: a
    score then means the same for every question (about 0 to 2.5, or 3.5 with an FAQ's question), as fusion needs.
    """
    whole = sum(weights.values())
    if whole <= 0:
        return [0.0] * len(candidates)
    seek = _Sought(weights)
    return [
        (
            candidate.bm25
            + SENTENCE_SHARE * seek.best_sentence(candidate.text)
            + ASKED_SHARE * (seek.covered(fold(candidate.asked)) if candidate.asked else 0.0)
        )
        / whole
        for candidate in candidates
    ]


def coverage(weights: Mapping[str, float], text: str) -> float:
    """Return the share of the question's weight that a text covers, 0 to 1."""
    whole = sum(weights.values())
    return _Sought(weights).covered(fold(text)) / whole if whole > 0 else 0.0


class _Sought:
    """The question's terms, sorted by how they are found: CJK as substrings, the rest as words that begin alike."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._substrings = [(term, weight) for term, weight in weights.items() if _has_cjk(term)]
        self._words = {term: weight for term, weight in weights.items() if not _has_cjk(term)}
        # A stem is a prefix of its words but for its last letter (happi, happy): so only these are stemmed.
        starts = "|".join(sorted({re.escape(term.removesuffix("i")) for term in self._words}))
        self._begins = re.compile(rf"(?<!{_LETTER})(?:{starts})(?:{_LETTER}|['’])*") if starts else None

    def covered(self, folded: str) -> float:
        mass = 0.0
        for term, weight in self._substrings:
            if term in folded:
                mass += weight
        if self._begins:
            found = {word_term(word.rstrip("'’")) for word in self._begins.findall(folded)}
            mass += sum(self._words.get(word, 0.0) for word in found)
        return mass

    def best_sentence(self, text: str) -> float:
        return max(map(self.covered, _sentences(fold(text))), default=0.0)


def _has_cjk(term: str) -> bool:
    return max(term) >= _CJK_FROM


def _sentences(folded: str) -> Iterable[str]:
    return filter(str.strip, _SENTENCE_END.split(folded))
