"""Calibration: a collection's figures come from itself, per audience, and tell a useful embedder from a useless one."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from integration.reading import LineReader, collection

from rag_core.answer.calibrate import Calibrator, threshold_for
from rag_core.answer.refuse import combine
from rag_core.ingest.read import Reading
from rag_core.ingest.sync import Syncer
from rag_core.search.search import fusion_weights
from rag_core.types import Chunk, ChunkKind, Collection

TOPICS = ["parking", "vacation", "overtime", "payroll", "training", "security", "printer", "travel", "lunch", "badge"]
ANSWERS = {
    f"{topic}{n}": f"rule{topic}{n} applies to department{n} of the building" for topic in TOPICS for n in range(6)
}


class FaqReader:
    """Makes each file one FAQ pair: the question's word stands nowhere in the answer."""

    def __call__(self, paths: Sequence[Path]) -> Iterator[tuple[Path, Reading]]:
        """Yield one chunk a file."""
        for path in paths:
            chunk = Chunk(ANSWERS[path.stem], (f"how about {path.stem}",), None, ChunkKind.FAQ)
            yield path, Reading(path.stem, None, (chunk,), ())


class KnowingEmbedder:
    """Puts a question and its answer in the same direction: each names its topic."""

    name, dimension, leaves_company = "knowing", 64, False

    def embed_documents(self, texts):
        """One unit vector a text, by the topic it names."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[next((i for i, name in enumerate(ANSWERS) if name in text.lower()), 63)] = 1
        return vectors

    def embed_query(self, text):
        """One unit vector."""
        return self.embed_documents([text])[0]


class IgnorantEmbedder(KnowingEmbedder):
    """Puts every text in the same direction."""

    name = "ignorant"

    def embed_documents(self, texts):
        """The same unit vector for all."""
        return np.tile(np.eye(1, self.dimension, dtype=np.float32), (len(texts), 1))


def english_weight(database, embedder, tmp_path) -> float:
    """What a cosine is worth after a sync with this embedder."""
    files = collection(tmp_path, dict.fromkeys((f"{name}.txt" for name in ANSWERS), "?"), name="faq")
    syncer = Syncer(database, read_all=FaqReader(), calibrate=Calibrator(embedder), embedder=embedder)
    syncer.sync([files])
    with database.viewer({"employees"}) as viewer:
        return fusion_weights(viewer, ["faq"]).of("en")


def test_an_embedder_that_knows_gets_a_vote(database, tmp_path):
    """Where vectors find what words cannot, a cosine counts."""
    assert english_weight(database, KnowingEmbedder(), tmp_path) > 0


def test_an_embedder_that_knows_nothing_gets_none(database, tmp_path):
    """Vectors that say nothing of the text do not move the words' order."""
    assert english_weight(database, IgnorantEmbedder(), tmp_path) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_audience_has_a_threshold_of_its_own(database, tmp_path, language):
    """The figures an employee is judged by do not move when managers get documents."""
    public = collection(tmp_path, {"a.txt": "特休滿一年七天\n病假三十天半薪\nannual leave is seven days"})
    secret = collection(tmp_path, {"b.txt": "經理薪資調整\n" * 40}, audience=["managers"])
    syncer = Syncer(database, read_all=LineReader(), calibrate=Calibrator())

    def threshold(groups: set[str]):
        with database.viewer(groups) as viewer:
            return combine(threshold_for(viewer, ["hr"], language))

    syncer.sync([public])
    before = threshold({"employees"})
    syncer.sync([Collection("hr", (*public.sources, *secret.sources))])
    assert threshold({"employees"}) == before
    assert threshold({"employees", "managers"}).chunks > before.chunks > 0
