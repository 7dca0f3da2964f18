"""The index as a viewer sees it. Every function takes a ViewerConnection; the policies do the filtering.

``audience`` narrows further to one audience: for calibrating each by itself, so that no figure mixes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import class_row

from rag_core.database import ViewerConnection, scoped
from rag_core.models.ports import Vectors
from rag_core.search.postings import Layout
from rag_core.types import ChunkKind, Passage


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard's statistics. ``lengths`` has the number of terms in each slot, 0 in a hole."""

    id: int
    chunks: int
    terms: int
    lengths: NDArray[np.uint16]
    spread: Layout


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk's postings are."""

    shard: int
    slot: int


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with its place in the index and its document."""

    id: int
    shard_id: int
    slot: int
    collection: str
    document: str
    title: str
    page: int | None
    heading: list[str]
    kind: str
    text: str

    @property
    def place(self) -> Place:
        """Where its postings are."""
        return Place(self.shard_id, self.slot)

    def passage(self, score: float) -> Passage:
        """Return it as a passage with this score."""
        return Passage(
            self.id,
            self.collection,
            self.document,
            self.title,
            self.page,
            tuple(self.heading),
            self.text,
            ChunkKind(self.kind),
            score,
        )


@dataclass(frozen=True, slots=True)
class EmbeddingSet:
    """A named set of vectors."""

    id: int
    name: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Figures that sync measured on ``samples`` samples of one audience of a collection."""

    subject: str
    language: str
    samples: int
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageSource:
    """Where a chunk's page can be drawn from."""

    path: str
    page: int
    sha256: bytes


def shards(viewer: ViewerConnection, collections: Sequence[str], audience: int | None = None) -> list[Shard]:
    """Return the visible shards of these collections."""
    query: LiteralString = """
        select s.id, s.chunks, s.terms, s.lengths, s.buckets, s.common, s.common_lengths
        from shards s join collections c on c.id = s.collection_id
        where c.name = any(%(collections)s) and s.chunks > 0
          and (%(audience)s::int is null or s.audience_id = %(audience)s)
        order by s.id"""
    with scoped(viewer).cursor(binary=True) as cursor:
        rows = cursor.execute(query, {"collections": list(collections), "audience": audience}).fetchall()
    return [
        Shard(
            id_,
            chunks,
            terms,
            np.frombuffer(lengths, "<u2"),
            Layout(buckets, np.frombuffer(common, "<u4"), np.frombuffer(common_lengths, "<u2")),
        )
        for id_, chunks, terms, lengths, buckets, common, common_lengths in rows
    ]


def payloads(viewer: ViewerConnection, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Return the payloads of these (shard, bucket) pairs that exist."""
    # unnest keeps it one statement with two parameters, whatever the number of pairs, so that its plan is kept.
    query: LiteralString = """
        select p.shard_id, p.bucket, p.payload
        from unnest(%s::int[], %s::int[]) w(shard_id, bucket) join postings p using (shard_id, bucket)"""
    with scoped(viewer).cursor(binary=True) as cursor:
        cursor.execute(query, [[shard for shard, _ in wanted], [bucket for _, bucket in wanted]])
        return {(shard, bucket): payload for shard, bucket, payload in cursor}


_CHUNK: LiteralString = """
    select k.id, k.shard_id, k.slot, c.name as collection, d.name as document, d.title, k.page, k.heading, k.kind,
           k.text
    from chunks k join documents d on d.id = k.document_id join collections c on c.id = k.collection_id """


def chunks_at(viewer: ViewerConnection, places: Sequence[Place]) -> list[StoredChunk]:
    """Return the visible chunks in these places, in no order."""
    query: LiteralString = _CHUNK + "join unnest(%s::int[], %s::int[]) w(shard_id, slot) using (shard_id, slot)"
    with scoped(viewer).cursor(row_factory=class_row(StoredChunk), binary=True) as cursor:
        return cursor.execute(query, [[p.shard for p in places], [p.slot for p in places]]).fetchall()


def chunks_by_id(viewer: ViewerConnection, ids: Sequence[int]) -> list[StoredChunk]:
    """Return the visible chunks with these ids, in no order."""
    with scoped(viewer).cursor(row_factory=class_row(StoredChunk), binary=True) as cursor:
        return cursor.execute(_CHUNK + "where k.id = any(%s)", [list(ids)]).fetchall()


def sample_chunks(viewer: ViewerConnection, collection: str, audience: int, limit: int) -> list[StoredChunk]:
    """Return up to ``limit`` chunks of one audience, spread evenly and the same each time."""
    query: LiteralString = (
        _CHUNK
        + """
        where c.name = %(collection)s and k.audience_id = %(audience)s
        order by md5(d.name || ':' || k.ordinal) limit %(limit)s"""
    )
    with scoped(viewer).cursor(row_factory=class_row(StoredChunk)) as cursor:
        return cursor.execute(query, {"collection": collection, "audience": audience, "limit": limit}).fetchall()


def embedding_set(viewer: ViewerConnection, collections: Sequence[str], name: str) -> EmbeddingSet | None:
    """Return the embedding set ``name`` if all these collections use it."""
    query: LiteralString = """
        select e.id, e.name, e.dimension from embedding_sets e
        where e.name = %(name)s and not exists (
          select from collections c where c.name = any(%(collections)s) and c.embedding_set_id is distinct from e.id)"""
    with scoped(viewer).cursor(row_factory=class_row(EmbeddingSet)) as cursor:
        return cursor.execute(query, {"name": name, "collections": list(collections)}).fetchone()


def nearest(  # noqa: PLR0913  (a query has this many parts)
    viewer: ViewerConnection,
    within: EmbeddingSet,
    collections: Sequence[str],
    vector: Vectors,
    limit: int,
    *,
    exact: bool,
    audience: int | None = None,
) -> dict[int, float]:
    """Return chunk ids with cosine similarities, the nearest ``limit``; ``exact`` scans instead of using HNSW.

    The HNSW scan goes on until enough visible rows are found (iterative scan), because the policies filter after it.
    """
    connection = scoped(viewer)
    connection.execute("set local enable_indexscan = off" if exact else "set local hnsw.iterative_scan = relaxed_order")
    # The cast to a fixed dimension is what the set's expression index is on, so it cannot be a parameter.
    query = sql.SQL("""
        select v.chunk_id, 1 - (v.embedding::halfvec({dimension}) <=> %(vector)s::halfvec({dimension})) as similarity
        from vectors v
        where v.embedding_set_id = {set} and v.collection_id = any(%(collections)s)
          and (%(audience)s::int is null or v.audience_id = %(audience)s)
        order by v.embedding::halfvec({dimension}) <=> %(vector)s::halfvec({dimension}) limit %(limit)s""")
    rows = connection.execute(
        query.format(dimension=sql.Literal(within.dimension), set=sql.Literal(within.id)),
        {
            "vector": _literal(vector),
            "collections": _collection_ids(viewer, collections),
            "audience": audience,
            "limit": limit,
        },
    ).fetchall()
    connection.execute("set local enable_indexscan = on")
    return dict(rows)


def similarities(
    viewer: ViewerConnection, within: EmbeddingSet, chunk_ids: Sequence[int], vector: Vectors
) -> dict[int, float]:
    """Return the cosine similarity of each visible chunk to the vector."""
    query: LiteralString = """
        select chunk_id, 1 - (embedding <=> %s::halfvec) from vectors
        where embedding_set_id = %s and chunk_id = any(%s)"""
    return dict(scoped(viewer).execute(query, [_literal(vector), within.id, list(chunk_ids)]).fetchall())


def calibrations(
    viewer: ViewerConnection, collections: Sequence[str], subject: str, audience: int | None = None
) -> list[Calibration]:
    """Return what sync measured about these collections, for the audiences the viewer sees."""
    query: LiteralString = """
        select a.subject, a.language, a.samples, a.figures
        from calibrations a join collections c on c.id = a.collection_id
        where c.name = any(%(collections)s) and a.subject = %(subject)s
          and (%(audience)s::int is null or a.audience_id = %(audience)s)
        order by a.collection_id, a.audience_id, a.language"""
    with scoped(viewer).cursor(row_factory=class_row(Calibration)) as cursor:
        return cursor.execute(
            query, {"collections": list(collections), "subject": subject, "audience": audience}
        ).fetchall()


def page_source(viewer: ViewerConnection, chunk_id: int) -> PageSource | None:
    """Return the file and page of a visible chunk, or None if it has no page."""
    query: LiteralString = """
        select d.path, k.page, d.sha256 from chunks k join documents d on d.id = k.document_id
        where k.id = %s and k.page is not null"""
    with scoped(viewer).cursor(row_factory=class_row(PageSource)) as cursor:
        return cursor.execute(query, [chunk_id]).fetchone()


def readable(viewer: ViewerConnection, chunk_ids: Sequence[int]) -> frozenset[int]:
    """Return which of these chunks the viewer may (still) read."""
    rows = scoped(viewer).execute("select id from chunks where id = any(%s)", [list(chunk_ids)]).fetchall()
    return frozenset(row[0] for row in rows)


def may_leave_company(viewer: ViewerConnection, collections: Sequence[str]) -> bool:
    """Return whether every one of these collections may go to machines not named as ours."""
    query: LiteralString = "select bool_and(may_leave_company) from collections where name = any(%s)"
    row = scoped(viewer).execute(query, [list(collections)]).fetchone()
    return bool(row and row[0])


def _collection_ids(viewer: ViewerConnection, collections: Sequence[str]) -> list[int]:
    rows = scoped(viewer).execute("select id from collections where name = any(%s)", [list(collections)])
    return [row[0] for row in rows]


def _literal(vector: Vectors) -> str:
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"
