"""What a collection learns about itself at sync time, one audience at a time.

*Fusion*: questions held out of its own chunks show what a cosine is worth beside words, by language.
*Refusal*: probe questions that it should not be able to answer show how much support chance gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rag_core.answer.language import Language
from rag_core.answer.probes import probes
from rag_core.answer.refuse import RefusalThreshold
from rag_core.answer.refuse import calibrate as calibrate_refusal
from rag_core.database import ViewerConnection
from rag_core.models.ports import Embedder
from rag_core.search import store
from rag_core.search.fuse import FusionSample, HeldOut, calibrate_fusion, hold_out
from rag_core.search.rescore import Candidate, bm25, rescore
from rag_core.search.search import Query, asked_of, candidates, find, prepared
from rag_core.search.store import Calibration, StoredChunk
from rag_core.types import SearchResult

_HELD_OUT = 160
_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_PROBED_PASSAGES = 3


@dataclass(frozen=True, slots=True)
class _Sampled:
    sample: FusionSample
    best_cosine: float


class Calibrator:
    """Measures collections; keeps the probes' vectors, which are the same for all."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder
        self._probes: dict[Language, list[Query]] = {}

    def __call__(self, viewer: ViewerConnection, collection: str, audience: int) -> Sequence[Calibration]:
        """Return the figures of one audience of a collection. Raises EmbedderUnavailable."""
        sampled = self._held_out(viewer, collection, audience) if self._embedder else []
        weights = calibrate_fusion([one.sample for one in sampled])
        fusion = [
            Calibration("fusion", tongue, count, {"dense": weights.of(tongue)})
            for tongue, count in weights.samples.items()
        ]
        return [*fusion, *(self._refusal(viewer, collection, audience, language, sampled) for language in _LANGUAGES)]

    def _refusal(
        self,
        viewer: ViewerConnection,
        collection: str,
        audience: int,
        language: Language,
        sampled: Sequence[_Sampled],
    ) -> Calibration:
        probed = [
            find(viewer, probe, [collection], limit=_PROBED_PASSAGES, audience=audience)
            for probe in self._probe_queries(language)
        ]
        shards = store.shards(viewer, [collection], audience)
        chunks = sum(shard.chunks for shard in shards)
        threshold = calibrate_refusal(
            probed,
            chunks=chunks,
            mean_terms=sum(shard.terms for shard in shards) / max(1, chunks),
            probe_cosine=_median([cosine for result in probed if (cosine := _cosine(result)) is not None]),
            own_cosine=_median([one.best_cosine for one in sampled if one.sample.language == language]),
        )
        return Calibration("refusal", language, threshold.chunks, threshold.figures())

    def _probe_queries(self, language: Language) -> list[Query]:
        if language not in self._probes:
            self._probes[language] = [prepared(probe, self._embedder) for probe in probes(language)]
        return self._probes[language]

    def _held_out(self, viewer: ViewerConnection, collection: str, audience: int) -> list[_Sampled]:
        assert self._embedder is not None
        chunks = store.sample_chunks(viewer, collection, audience, _HELD_OUT)
        pairs = [(chunk, held) for chunk in chunks if (held := hold_out(chunk.text, asked_of(chunk)))]
        if not pairs:
            return []
        rests = self._embedder.embed_documents([held.text for _, held in pairs])
        sampled = []
        for (chunk, held), rest in zip(pairs, rests, strict=True):
            query = prepared(held.question, self._embedder)
            if query.vector is not None:
                own = float(rest @ query.vector)
                sampled.append(_sample(viewer, query, collection, audience, chunk, held, own))
        return sampled


def threshold_for(viewer: ViewerConnection, collections: Sequence[str], language: Language) -> list[RefusalThreshold]:
    """Return the thresholds measured in these collections for what the viewer sees, to be combined."""
    return [
        RefusalThreshold.from_figures(one.samples, one.figures)
        for one in store.calibrations(viewer, collections, "refusal")
        if one.language == language
    ]


def _sample(  # noqa: PLR0913  (one question, where it is asked, and what it was taken from)
    viewer: ViewerConnection,
    query: Query,
    collection: str,
    audience: int,
    chunk: StoredChunk,
    held: HeldOut,
    own_cosine: float,
) -> _Sampled:
    """Ask a chunk's own question with the chunk as it is without it."""
    found = candidates(viewer, query, [collection], audience=audience)
    others = [i for i, other in enumerate(found.chunks) if other.id != chunk.id]
    shards = store.shards(viewer, [collection], audience)
    mean = sum(shard.terms for shard in shards) / max(1, sum(shard.chunks for shard in shards))
    bare = Candidate(held.text, bm25(found.weights, held.text, mean))
    lexical = [*(found.lexical[i] for i in others), *rescore(found.weights, [bare])]
    dense = [*(found.dense[i] or 0.0 for i in others), own_cosine]
    sample = FusionSample(held.language, tuple(lexical), tuple(dense), len(others))
    return _Sampled(sample, max(dense))


def _cosine(result: SearchResult) -> float | None:
    return result.evidence.signals.get("cosine")


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None
