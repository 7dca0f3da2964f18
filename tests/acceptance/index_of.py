"""The index as values free of ids, so that two databases can be compared."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from rag_core.search.postings import decode

STAGED = ("staged_readings", "staged_vectors")


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that answers are made from."""

    documents: list[tuple[Any, ...]]
    chunks: list[tuple[Any, ...]]
    postings: Mapping[int, list[tuple[Any, ...]]]  # a term's hash → (chunk, how often it stands there, its length)
    calibrations: list[tuple[Any, ...]]
    shards: list[tuple[Any, ...]]
    unreadable: list[tuple[Any, ...]]


def index_of(url: str) -> Index:
    """Return the index of a database."""
    with psycopg.connect(url) as connection:
        return Index(
            connection.execute(
                "select c.name, d.name, d.path, d.title, d.pages, d.sha256, d.reader_version, a.groups from documents d"
                " join collections c on c.id = d.collection_id join audiences a on a.id = d.audience_id order by 1, 2"
            ).fetchall(),
            connection.execute(
                "select c.name, d.name, k.ordinal, k.page, k.heading, k.kind, k.text, a.groups from chunks k"
                " join documents d on d.id = k.document_id join collections c on c.id = k.collection_id"
                " join audiences a on a.id = k.audience_id order by 1, 2, 3"
            ).fetchall(),
            _postings(connection),
            connection.execute(
                "select c.name, a.groups, subject, language, samples, figures from calibrations k"
                " join collections c on c.id = k.collection_id join audiences a on a.id = k.audience_id"
                " order by 1, 2, 3, 4"
            ).fetchall(),
            connection.execute(
                "select c.name, a.groups, s.chunks, s.terms from shards s join collections c on c.id = s.collection_id"
                " join audiences a on a.id = s.audience_id order by 1, 2"
            ).fetchall(),
            connection.execute("select name, sha256, reason from unreadable_files order by 1").fetchall(),
        )


def staged(url: str) -> dict[str, int]:
    """Return how many rows of unpublished work lie in the database."""
    with psycopg.connect(url) as connection:
        return {table: _count(connection, table) for table in STAGED}


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()  # type: ignore[arg-type]
    assert row
    return int(row[0])


def _postings(connection: psycopg.Connection) -> dict[int, list[tuple[Any, ...]]]:
    chunks = {
        (shard, slot): (collection, document, ordinal)
        for shard, slot, collection, document, ordinal in connection.execute(
            "select k.shard_id, k.slot, c.name, d.name, k.ordinal from chunks k"
            " join documents d on d.id = k.document_id join collections c on c.id = k.collection_id"
        )
    }
    lengths = {
        shard: np.frombuffer(raw, "<u2")
        for shard, raw in connection.execute("select id, lengths from shards").fetchall()
    }
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for shard, payload in connection.execute("select shard_id, payload from postings").fetchall():
        rows = decode(bytes(payload))
        for term, slot, count in zip(rows.hashes.tolist(), rows.slots.tolist(), rows.counts.tolist(), strict=True):
            found[term].append((*chunks[shard, slot], count, int(lengths[shard][slot])))
    return {term: sorted(rows) for term, rows in sorted(found.items())}
