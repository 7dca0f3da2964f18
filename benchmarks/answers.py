"""Answers without a model: do they hold what was asked for, and are the right questions refused?

The baseline of the answers is the best sentence of BM25's best passage. The baseline of refusing is the share of the
question's idf that the best passage covers, against a threshold set where 8 % of a half of the window's own questions
are refused. The hard questions are those whose document is gone: the corpus is dealt into twentieths, each missing from
one more collection that is synced and calibrated by itself, and each question is asked where its document is missing.
So no trace of the document is left in the statistics, at the price of 5 % fewer documents. ``--quick``: a part of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from benchmarks import corpora
from benchmarks.corpora import Asked, Corpus
from benchmarks.report import percent, show, tracked
from benchmarks.workplace import AUDIENCE, company, database, scope, sync
from rag_core.answer.answer import Answerer, Question
from rag_core.answer.calibrate import threshold_for
from rag_core.answer.extractive import ExtractiveGenerator
from rag_core.answer.language import language_of
from rag_core.answer.refuse import combine, decide
from rag_core.answer.sentences import sentences
from rag_core.database import Database
from rag_core.evaluate import Golden, Judged, judge
from rag_core.search import lexical, store
from rag_core.search.rescore import coverage
from rag_core.search.search import Searcher
from rag_core.search.terms import terms
from rag_core.types import GroundedAnswer

_REFUSED = 0.08  # of the questions a window can answer
_MARKS = re.compile(r"\s?\[\d+\]")


@dataclass(frozen=True, slots=True)
class Signals:
    """How far a question's support is above the threshold the product set, and how much of its idf is covered."""

    margin: float
    coverage: float


@dataclass(frozen=True, slots=True)
class _Window:
    """A corpus as a window, and the windows that each lack a part of it."""

    name: str
    corpus: Corpus
    lacking: tuple[tuple[str, Corpus], ...]

    @property
    def all(self) -> list[tuple[str, Corpus]]:
        return [(self.name, self.corpus), *self.lacking]


def main(*, quick: bool = False) -> None:
    """Measure and print both tables."""
    every = {"drcd": corpora.drcd(), "taipei": corpora.taipei()}
    parts = 3 if quick else 20
    windows = [_window(name, c.part(200, 200) if quick else c, parts) for name, c in every.items()]
    with database() as opened, company([one for window in windows for one in window.all]) as collections:
        sync(opened, collections)
        show(_answers(opened, windows[0]))
        show(_refusals(opened, windows))


def _window(name: str, corpus: Corpus, parts: int) -> _Window:
    keys = list(corpus.texts)
    return _Window(
        name,
        corpus,
        tuple((f"{name}-{n}", corpus.without(frozenset(keys[n::parts]))) for n in range(parts)),
    )


def _answers(opened: Database, window: _Window) -> Table:
    table = Table(
        "method",
        "holds the answer",
        "characters",
        "without marks",
        "refused",
        title=f"answers without a model: {window.corpus.name}, {len(window.corpus.asked):,} questions",
        caption="Characters are means over what was answered. What is refused holds no answer.",
    )
    asked = window.corpus.asked
    baseline = [_judged(one, _best_sentence(opened, window.name, one.question)) for one in tracked(asked, "baseline")]
    answerer = Answerer(Searcher(opened), ExtractiveGenerator(), ExtractiveGenerator())
    said = [answerer.answer_at_once(Question(one.question, scope(window.name))) for one in tracked(asked, "answering")]
    ours = [_judged(one, answer) for one, answer in zip(asked, said, strict=True)]
    bare = [float(len(_MARKS.sub("", answer.text))) for answer in said if not answer.refused]
    _add_answers(table, "best sentence of BM25's best passage", baseline, _characters(baseline))
    _add_answers(table, "Transom, extractive", ours, float(np.mean(bare)))
    return table


def _add_answers(table: Table, method: str, judged: Sequence[Judged], bare: float) -> None:
    held, refused = np.mean([bool(one.contains) for one in judged]), np.mean([one.refused for one in judged])
    table.add_row(method, percent(float(held)), f"{_characters(judged):.0f}", f"{bare:.0f}", percent(float(refused)))


def _characters(judged: Sequence[Judged]) -> float:
    return float(np.mean([one.characters for one in judged if not one.refused]))


def _judged(asked: Asked, answer: GroundedAnswer) -> Judged:
    return judge(Golden(asked.question, answer=asked.answer), (), answer)


def _best_sentence(opened: Database, name: str, question: str) -> GroundedAnswer:
    idf, text = _best_passage(opened, name, question)
    every = [span.of(text) for span in sentences(text)]
    best = max(every, key=lambda sentence: coverage(idf, sentence), default="")
    return GroundedAnswer(question, best, False, (), "best sentence", 0.0)


def _best_passage(opened: Database, name: str, question: str) -> tuple[dict[str, float], str]:
    """Return each term's idf, and the text BM25 alone puts first; nothing is weighed by what sort of word it is."""
    with opened.viewer(AUDIENCE) as viewer:
        scores = lexical.score(viewer, store.shards(viewer, [name]), dict.fromkeys(terms(question), 1.0))
        found = store.chunks_at(viewer, scores.best(1))
    return dict(scores.idf), found[0].text if found else ""


def _refusals(opened: Database, windows: Sequence[_Window]) -> Table:
    table = Table(
        "window",
        "method",
        "can answer",
        "of the other corpus",
        "document removed",
        title="share of questions refused",
        caption=(
            f"Low is good for what the window can answer, high for the rest. At {_REFUSED:.0%}: the threshold is set "
            "on every second question the window can answer; that column then shows the other half."
        ),
    )
    for window, other in zip(windows, reversed(windows), strict=True):
        own = [_signals(opened, window.name, one) for one in tracked(window.corpus.asked, window.corpus.name)]
        foreign = [_signals(opened, window.name, one) for one in tracked(other.corpus.asked, "foreign questions")]
        gone = [
            _signals(opened, name, one)
            for name, lacking in tracked(window.lacking, "document removed")
            for one in lacking.asked
        ]
        _add_refusals(table, window.corpus.name, own, foreign, gone)
    return table


def _add_refusals(
    table: Table, name: str, own: Sequence[Signals], foreign: Sequence[Signals], gone: Sequence[Signals]
) -> None:
    margins, coverages = (
        [[s.margin for s in some] for some in (own, foreign, gone)],
        [[s.coverage for s in some] for some in (own, foreign, gone)],
    )
    table.add_row(name, "Transom, the threshold it set", *(percent(_below(some, 0.0)) for some in margins))
    for method, (mine, *others) in (("Transom's support", margins), ("idf covered", coverages)):
        least = float(np.quantile(mine[::2], _REFUSED))
        shares = (_below(some, least) for some in (mine[1::2], *others))
        table.add_row("", f"{method}, at {_REFUSED:.0%}", *map(percent, shares))


def _below(figures: Sequence[float], least: float) -> float:
    return float((np.array(figures) < least).mean())


def _signals(opened: Database, name: str, asked: Asked) -> Signals:
    """Decide as the product does, keeping the figure behind the decision."""
    result = Searcher(opened).search(asked.question, scope(name), limit=5)
    with opened.viewer(AUDIENCE) as viewer:
        threshold = combine(threshold_for(viewer, [name], language_of(asked.question)))
    decision = decide(result, threshold)
    idf, text = _best_passage(opened, name, asked.question)
    return Signals(decision.support - decision.threshold, coverage(idf, text))


if __name__ == "__main__":
    import sys

    main(quick="--quick" in sys.argv)
