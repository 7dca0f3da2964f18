"""Vectors inside the policies: each group finds its nearest chunks, with the graph as with the exact scan."""

import numpy as np
import pytest
from integration.reading import LineReader, collection

from rag_core.database import Database
from rag_core.ingest import store as ingest_store
from rag_core.ingest.sync import Syncer
from rag_core.search import store
from rag_core.search.fuse import FusionWeights
from rag_core.search.search import Searcher
from rag_core.types import Collection, Scope

DIMENSION = 24
CHUNKS = 600


class NumberEmbedder:
    """Texts are numbers; each has a random direction of its own, the same each time."""

    name, dimension, leaves_company = "numbers", DIMENSION, False

    def embed_documents(self, texts):
        """One unit vector a text."""
        vectors = np.stack([np.random.default_rng(int(text)).standard_normal(DIMENSION) for text in texts])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    def embed_query(self, text):
        """One unit vector."""
        return self.embed_documents([text])[0]


@pytest.fixture
def filled(database, tmp_path):
    """Three audiences of very different size, with an HNSW index over all of them together."""
    shares = {"employees": range(500), "managers": range(500, 580), "hr": range(580, CHUNKS)}
    parts = [
        collection(tmp_path, {f"{group}.txt": "\n".join(map(str, numbers))}, audience=[group])
        for group, numbers in shares.items()
    ]
    sources = tuple(source for part in parts for source in part.sources)
    embedder = NumberEmbedder()
    Syncer(database, read_all=LineReader(), calibrate=lambda *_: [], embedder=embedder).sync(
        [Collection("hr", sources)]
    )
    with database.owner() as connection:
        set_id = ingest_store.embedding_set_id(connection, embedder.name, DIMENSION)
        assert ingest_store.index_vectors(connection, set_id, DIMENSION, at_least=1)
        connection.execute("alter table vectors set (autovacuum_enabled = off)")
    return database


def nearest(database: Database, groups: set[str], text: str, *, exact: bool) -> list[int]:
    """The ten nearest chunks these groups see."""
    with database.viewer(groups) as viewer:
        within = store.embedding_set(viewer, ["hr"], "numbers")
        vector = NumberEmbedder().embed_query(text)
        if not exact:  # so few rows are quicker sorted than looked up; without sorting only the graph is left
            viewer.connection.execute("set local enable_sort = off")
        return list(store.nearest(viewer, within, ["hr"], vector, 10, exact=exact))


def scans_of_the_graph(database: Database) -> int:
    """How often Postgres used the HNSW index."""
    database.close()  # a session reports what it did when it ends
    with database.owner() as connection:
        row = connection.execute("select idx_scan from pg_stat_user_indexes where indexrelname like 'vectors_hnsw%'")
        return row.fetchone()[0]


@pytest.mark.parametrize(
    "groups",
    [{"employees"}, {"managers"}, {"hr"}, {"employees", "managers", "hr"}],
    ids=lambda groups: "+".join(sorted(groups)),
)
def test_the_graph_finds_what_the_exact_scan_finds_for_every_group(filled, groups):
    """Recall at ten is at least 90 % also for a group that sees one chunk in thirty."""
    found = wanted = 0
    for question in range(1_000, 1_020):
        exact = nearest(filled, groups, str(question), exact=True)
        graph = nearest(filled, groups, str(question), exact=False)
        found += len(set(exact) & set(graph))
        wanted += len(exact)
        assert len(exact) == 10
    assert found / wanted >= 0.9
    assert scans_of_the_graph(filled) >= 20


def test_no_vector_of_another_audience_is_near(filled):
    """The very text of a hidden chunk finds it for whoever may see it, and nobody else."""
    assert nearest(filled, {"hr"}, "590", exact=True)[0] not in nearest(filled, {"employees"}, "590", exact=True)
    assert nearest(filled, {"employees", "hr"}, "590", exact=True)[0] == nearest(filled, {"hr"}, "590", exact=True)[0]
    assert nearest(filled, {"nobody"}, "590", exact=True) == []


def test_words_that_know_nothing_leave_it_to_the_vectors(filled):
    """A question none of whose terms is in the collection still gets the nearest chunks."""
    searcher = Searcher(filled, embedder=NumberEmbedder())
    scope = Scope(("hr",), frozenset({"employees"}))
    assert searcher.search("5000", scope).passages
    assert not Searcher(filled).search("5000", scope).passages


def test_a_cosine_counts_for_nothing_until_it_was_calibrated():
    """An embedder nobody measured has no vote."""
    assert FusionWeights().of("zh") == 0.0
