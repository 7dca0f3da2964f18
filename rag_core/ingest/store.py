"""What sync writes. Everything here runs on the owner's connection, inside a transaction of the caller."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, LiteralString

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from rag_core.ingest.read import Reading
from rag_core.models.ports import Vectors
from rag_core.search.postings import Layout
from rag_core.search.store import Calibration
from rag_core.types import Chunk, ChunkKind


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A published document, as far as deciding whether it changed needs."""

    id: int
    name: str
    path: str
    sha256: bytes
    reader_version: int
    groups: list[str]


@dataclass(frozen=True, slots=True)
class FileKey:
    """Names one content of one file as one version of the readers sees it."""

    name: str
    sha256: bytes
    reader_version: int


@dataclass(frozen=True, slots=True)
class OpenShard:
    """A shard while it is written; ``lengths`` has two bytes a slot."""

    id: int
    lengths: bytes


def wait_for_turn(connection: Connection) -> None:
    """Hold the one lock of sync until this session ends; another process's sync is waited for."""
    connection.execute("select pg_advisory_lock(7263002)")


# Collections and audiences


def collection_id(connection: Connection, name: str, *, may_leave_company: bool) -> int:
    """Return the collection's id, making or updating its row."""
    query: LiteralString = """
        insert into collections (name, may_leave_company) values (%s, %s)
        on conflict (name) do update set may_leave_company = excluded.may_leave_company returning id"""
    return _one(connection, query, [name, may_leave_company])


def audience_id(connection: Connection, groups: Iterable[str]) -> int:
    """Return the number of this set of groups."""
    query: LiteralString = """
        with made as (insert into audiences (groups) values (%(groups)s) on conflict do nothing returning id)
        select id from made union all select id from audiences where groups = %(groups)s limit 1"""
    return _one(connection, query, {"groups": sorted(groups)})


def drop_collections_but(connection: Connection, names: Sequence[str]) -> list[str]:
    """Remove the collections that are not named, and return which they were."""
    rows = connection.execute("delete from collections where name <> all(%s) returning name", [list(names)])
    return sorted(row[0] for row in rows)


# Documents and chunks


def documents(connection: Connection, collection: str) -> list[StoredDocument]:
    """Return the collection's published documents."""
    query: LiteralString = """
        select d.id, d.name, d.path, d.sha256, d.reader_version, a.groups
        from documents d join collections c on c.id = d.collection_id join audiences a on a.id = d.audience_id
        where c.name = %s"""
    with connection.cursor(row_factory=class_row(StoredDocument)) as cursor:
        return cursor.execute(query, [collection]).fetchall()


def move_document(connection: Connection, document: int, path: str) -> None:
    """Note that an unchanged document lies elsewhere now."""
    connection.execute("update documents set path = %s where id = %s", [path, document])


def delete_documents(connection: Connection, ids: Sequence[int]) -> dict[int, list[int]]:
    """Remove documents with their chunks, and return the slots that fell empty: shard id → slots."""
    query: LiteralString = "select shard_id, array_agg(slot) from chunks where document_id = any(%s) group by shard_id"
    emptied: dict[int, list[int]] = dict(connection.execute(query, [list(ids)]).fetchall())
    connection.execute("delete from documents where id = any(%s)", [list(ids)])
    return emptied


def insert_document(
    connection: Connection, collection: int, audience: int, key: FileKey, path: str, reading: Reading
) -> int:
    """Add a document and return its id; its chunks come by ``insert_chunks``."""
    query: LiteralString = """
        insert into documents (collection_id, audience_id, name, path, title, pages, sha256, reader_version)
        values (%s, %s, %s, %s, %s, %s, %s, %s) returning id"""
    row = [collection, audience, key.name, path, reading.title, reading.pages, key.sha256, key.reader_version]
    return _one(connection, query, row)


def insert_chunks(
    connection: Connection,
    document: tuple[int, int, int],
    chunks: Sequence[Chunk],
    places: Sequence[tuple[int, int]],
) -> None:
    """Add a document's chunks in their (shard, slot) places. ``document`` is (id, collection id, audience id)."""
    columns: LiteralString = (
        "document_id, collection_id, audience_id, shard_id, slot, ordinal, page, heading, kind, text"
    )
    with connection.cursor() as cursor, cursor.copy(f"copy chunks ({columns}) from stdin") as copy:
        for ordinal, (chunk, (shard, slot)) in enumerate(zip(chunks, places, strict=True)):
            copy.write_row(
                (*document, shard, slot, ordinal, chunk.page, list(chunk.heading), chunk.kind.value, chunk.text)
            )


# Shards


def open_shards(connection: Connection, collection: int, audience: int) -> list[OpenShard]:
    """Return the shards of one audience of a collection, oldest first."""
    query: LiteralString = """
        select id, lengths from shards where collection_id = %s and audience_id = %s order by id"""
    with connection.cursor(row_factory=class_row(OpenShard), binary=True) as cursor:
        return cursor.execute(query, [collection, audience]).fetchall()


def new_shard(connection: Connection, collection: int, audience: int) -> OpenShard:
    """Make an empty shard."""
    query: LiteralString = "insert into shards (collection_id, audience_id) values (%s, %s) returning id"
    return OpenShard(_one(connection, query, [collection, audience]), b"")


def shard_audiences(connection: Connection, shard_ids: Sequence[int]) -> list[int]:
    """Return the audiences of these shards."""
    rows = connection.execute("select distinct audience_id from shards where id = any(%s)", [list(shard_ids)])
    return sorted(row[0] for row in rows)


def shard_payloads(connection: Connection, shard_id: int) -> list[bytes]:
    """Return all payloads of a shard."""
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute("select payload from postings where shard_id = %s", [shard_id]).fetchall()
    return [row[0] for row in rows]


def write_shard(
    connection: Connection,
    shard_id: int,
    lengths: NDArray[np.uint16],
    spread: Layout,
    payloads: Iterable[tuple[int, bytes]],
) -> None:
    """Replace a shard's postings and statistics, or remove it when it holds nothing."""
    chunks = int(np.count_nonzero(lengths))
    connection.execute("delete from postings where shard_id = %s", [shard_id])
    if not chunks:
        connection.execute("delete from shards where id = %s", [shard_id])
        return
    query: LiteralString = """
        update shards set chunks = %(chunks)s, terms = %(terms)s, lengths = %(lengths)s, buckets = %(buckets)s,
                          common = %(common)s, common_lengths = %(common_lengths)s
        where id = %(id)s returning audience_id"""
    written = {
        "id": shard_id,
        "chunks": chunks,
        "terms": int(lengths.sum(dtype=np.int64)),
        "lengths": lengths.astype("<u2").tobytes(),
        "buckets": spread.buckets,
        "common": spread.common.astype("<u4").tobytes(),
        "common_lengths": spread.lengths.astype("<u2").tobytes(),
    }
    audience = _one(connection, query, written)
    with connection.cursor() as cursor, cursor.copy("copy postings from stdin (format binary)") as copy:
        copy.set_types(["int4", "int4", "int4", "bytea"])
        for row, payload in payloads:
            copy.write_row((shard_id, row, audience, payload))


# Work staged ahead of the publishing transaction


def staged_readings(connection: Connection, keys: Sequence[FileKey]) -> dict[FileKey, Reading]:
    """Return the readings of these contents that an earlier sync left behind."""
    query: LiteralString = """
        select name, sha256, reader_version, reading from staged_readings
        join unnest(%s::text[], %s::bytea[], %s::int[]) k(name, sha256, reader_version)
          using (name, sha256, reader_version)"""
    rows = connection.execute(query, _columns(keys))
    return {FileKey(name, bytes(digest), version): _reading(raw) for name, digest, version, raw in rows}


def stage_reading(connection: Connection, key: FileKey, reading: Reading) -> None:
    """Keep a reading until it is published."""
    query: LiteralString = "insert into staged_readings values (%s, %s, %s, %s) on conflict do nothing"
    connection.execute(query, [key.name, key.sha256, key.reader_version, Jsonb(asdict(reading), dumps=_dumps)])


def unreadable(connection: Connection, keys: Sequence[FileKey]) -> dict[FileKey, str]:
    """Return the reasons of those contents that could not be read before."""
    query: LiteralString = """
        select name, sha256, reader_version, reason from unreadable_files
        join unnest(%s::text[], %s::bytea[], %s::int[]) k(name, sha256, reader_version)
          using (name, sha256, reader_version)"""
    rows = connection.execute(query, _columns(keys))
    return {FileKey(name, bytes(digest), version): reason for name, digest, version, reason in rows}


def note_unreadable(connection: Connection, key: FileKey, reason: str) -> None:
    """Remember why a file's present content could not be read."""
    query: LiteralString = """
        insert into unreadable_files values (%s, %s, %s, %s)
        on conflict (name, sha256, reader_version) do update set reason = excluded.reason"""
    connection.execute(query, [key.name, key.sha256, key.reader_version, reason])


def forget_unreadable(connection: Connection) -> None:
    """Forget them all, so that the next sync tries again."""
    connection.execute("delete from unreadable_files")


def unstage(connection: Connection, names: Sequence[str] | None = None) -> None:
    """Drop the staged readings of these published files; without names all, also of what changed before it was."""
    query: LiteralString = "delete from staged_readings where %(names)s::text[] is null or name = any(%(names)s)"
    connection.execute(query, {"names": None if names is None else list(names)})


# Vectors


def embedding_set_id(connection: Connection, name: str, dimension: int) -> int:
    """Return the id of the embedding set of this name, making it if need be."""
    query: LiteralString = """
        with made as (insert into embedding_sets (name, dimension) values (%(name)s, %(dimension)s)
                      on conflict do nothing returning id)
        select id from made union all select id from embedding_sets where name = %(name)s limit 1"""
    return _one(connection, query, {"name": name, "dimension": dimension})


def unembedded(connection: Connection, collection: int, embedding_set: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """Return (chunk id, audience id, texts to embed) of the collection's chunks that have no vector in this set."""
    query: LiteralString = """
        select k.id, k.audience_id, k.heading, k.text, k.kind from chunks k
        where k.collection_id = %s and not exists (
          select from vectors v where v.embedding_set_id = %s and v.chunk_id = k.id)
        order by k.id"""
    rows = connection.execute(query, [collection, embedding_set])
    return [(id_, audience, embedded_texts(heading, text, kind)) for id_, audience, heading, text, kind in rows]


def embedded_texts(heading: Sequence[str], text: str, kind: str) -> tuple[str, ...]:
    """Return the texts whose vectors' sum stands for a chunk: heading path and text, and an FAQ's question by itself.

    Measured: StackFAQ's rephrasings find their pair by vectors alone in 95.8 % with the sum, 90.6 % without.
    """
    whole = "\n".join([*heading, text])
    return (whole, heading[-1]) if kind == ChunkKind.FAQ and heading else (whole,)


def text_key(text: str) -> bytes:
    """Return the key a text's vector is staged under."""
    return sha256(text.encode()).digest()


def staged_vectors(connection: Connection, embedding_set: int, keys: Sequence[bytes]) -> dict[bytes, HalfVector]:
    """Return the staged vectors of these texts."""
    query: LiteralString = """
        select sha256, embedding from staged_vectors where embedding_set_id = %s and sha256 = any(%s)"""
    return {bytes(key): vector for key, vector in connection.execute(query, [embedding_set, list(keys)])}


def stage_vectors(connection: Connection, embedding_set: int, keys: Sequence[bytes], vectors: Vectors) -> None:
    """Keep vectors until they are published."""
    query: LiteralString = "insert into staged_vectors values (%s, %s, %s) on conflict do nothing"
    with connection.cursor() as cursor:
        cursor.executemany(
            query, [(embedding_set, key, HalfVector(vector)) for key, vector in zip(keys, vectors, strict=True)]
        )


def publish_vectors(
    connection: Connection, collection: int, embedding_set: int, rows: Sequence[tuple[int, int, HalfVector]]
) -> bool:
    """Add (chunk id, audience id, vector) rows and have the collection use the set; return whether that is a change."""
    with connection.cursor() as cursor, cursor.copy("copy vectors from stdin (format binary)") as copy:
        copy.set_types(["int4", "int4", "int4", "int4", "halfvec"])
        for chunk, audience, vector in rows:
            copy.write_row((embedding_set, chunk, collection, audience, vector))
    return bool(rows) | _use_set(connection, collection, embedding_set)


def without_vectors(connection: Connection, collection: int) -> bool:
    """Have the collection searched by words alone; return whether that is a change."""
    return _use_set(connection, collection, None)


def _use_set(connection: Connection, collection: int, embedding_set: int | None) -> bool:
    query: LiteralString = """
        update collections set embedding_set_id = %(set)s
        where id = %(id)s and embedding_set_id is distinct from %(set)s"""
    return connection.execute(query, {"set": embedding_set, "id": collection}).rowcount > 0


def drop_unused_sets(connection: Connection) -> None:
    """Remove vectors no collection uses any more, and everything staged."""
    connection.execute("delete from staged_vectors")
    query: LiteralString = """
        delete from vectors v using collections c
        where c.id = v.collection_id and v.embedding_set_id is distinct from c.embedding_set_id"""
    connection.execute(query)


def refresh_statistics(connection: Connection) -> None:
    """Tell the planner about the rows just written; autovacuum would take a minute to notice."""
    connection.execute("analyze documents, chunks, shards, postings, vectors")


def index_vectors(connection: Connection, embedding_set: int, dimension: int, *, at_least: int) -> bool:
    """Make the set's HNSW index once it is worth it; return whether it exists. ``at_least`` is in vectors."""
    count = _one(connection, "select count(*) from vectors where embedding_set_id = %s", [embedding_set])
    if count < at_least:
        return False
    statement = sql.SQL("""
        create index if not exists {name} on vectors
        using hnsw ((embedding::halfvec({dimension})) halfvec_cosine_ops) where embedding_set_id = {set}""")
    connection.execute("set maintenance_work_mem = '1GB'")
    connection.execute(
        statement.format(
            name=sql.Identifier(f"vectors_hnsw_{embedding_set}"),
            dimension=sql.Literal(dimension),
            set=sql.Literal(embedding_set),
        )
    )
    return True


# Calibrations


def write_calibrations(connection: Connection, collection: int, audience: int, measured: Iterable[Calibration]) -> None:
    """Replace what is known about one audience of a collection."""
    connection.execute("delete from calibrations where collection_id = %s and audience_id = %s", [collection, audience])
    query: LiteralString = "insert into calibrations values (%s, %s, %s, %s, %s, %s)"
    for one in measured:
        connection.execute(
            query, [collection, audience, one.subject, one.language, one.samples, Jsonb(dict(one.figures))]
        )


def drop_calibrations_but(connection: Connection, collection: int, audiences: Iterable[int]) -> None:
    """Remove what was measured for audiences the collection has no document for any more."""
    query: LiteralString = "delete from calibrations where collection_id = %s and audience_id <> all(%s)"
    connection.execute(query, [collection, list(audiences)])


def audiences_of(connection: Connection, collection: int) -> Mapping[int, list[str]]:
    """Return the collection's audiences: id → groups."""
    query: LiteralString = """
        select distinct a.id, a.groups from audiences a join documents d on d.audience_id = a.id
        where d.collection_id = %s"""
    return dict(connection.execute(query, [collection]).fetchall())


def _one(connection: Connection, query: LiteralString, parameters: Sequence[Any] | Mapping[str, Any]) -> int:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    return int(row[0])


def _columns(keys: Sequence[FileKey]) -> list[list[object]]:
    return [[k.name for k in keys], [k.sha256 for k in keys], [k.reader_version for k in keys]]


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _reading(raw: dict) -> Reading:  # type: ignore[type-arg]  # JSON
    chunks = tuple(Chunk(c["text"], tuple(c["heading"]), c["page"], ChunkKind(c["kind"])) for c in raw["chunks"])
    return Reading(raw["title"], raw["pages"], chunks, tuple(raw["warnings"]))
