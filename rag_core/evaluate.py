"""Measure a window on questions whose answers are known."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag_core.types import GroundedAnswer, Passage


@dataclass(frozen=True, slots=True)
class Golden:
    """A question with what is known of its answer. ``answerable`` is false where the window must refuse."""

    question: str
    document: str | None = None
    answer: str | None = None
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """A golden question and what the window did with it. ``rank`` is 1-based, None where the document was not found."""

    golden: Golden
    rank: int | None
    refused: bool
    contains: bool | None  # None where no answer is known
    characters: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The shares are between 0 and 1, None where no question tells."""

    questions: int
    hit: dict[int, float | None]
    mrr: float | None
    refused_answerable: float | None
    refused_unanswerable: float | None
    containment: float | None
    characters: float | None
    milliseconds: float


def judge(golden: Golden, passages: Sequence[Passage], answer: GroundedAnswer) -> Judged:
    """Compare what was found and said with what is known."""
    rank = next((n for n, p in enumerate(passages, 1) if golden.document and _same(p.document, golden.document)), None)
    contains = None if golden.answer is None else _plain(golden.answer) in _plain(answer.text)
    return Judged(golden, rank, answer.refused, contains, len(answer.text), answer.milliseconds)


def figures(judged: Sequence[Judged], depths: Sequence[int] = (1, 4, 10)) -> Figures:
    """Sum up."""
    ranked = [j for j in judged if j.golden.document and j.golden.answerable]
    answerable = [j for j in judged if j.golden.answerable]
    told = [j for j in answerable if j.contains is not None]
    return Figures(
        len(judged),
        {k: _mean([j.rank is not None and j.rank <= k for j in ranked]) for k in depths},
        _mean([1 / j.rank if j.rank else 0.0 for j in ranked]),
        _mean([j.refused for j in answerable]),
        _mean([j.refused for j in judged if not j.golden.answerable]),
        _mean([bool(j.contains) for j in told]),
        _mean([float(j.characters) for j in answerable if not j.refused]),
        _mean([j.milliseconds for j in judged]) or 0.0,
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _same(found: str, wanted: str) -> bool:
    """Whether a document's name is the wanted one, which may leave out leading folders."""
    return found == wanted or found.endswith("/" + wanted)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
