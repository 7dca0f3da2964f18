"""Keep the index in step with the files of a company.

A sync reads and embeds first, keeping each result as it comes, and then publishes a collection in one
transaction: readers see it as it was or as it is, and a sync that is killed goes on where it stopped.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg import Connection
from psycopg.pq import TransactionStatus

from rag_core.database import APPLICATION_ROLE, Database, ViewerConnection, act_for
from rag_core.errors import UnreadableDocument
from rag_core.ingest import store
from rag_core.ingest.plan import Digest, Plan, Wanted, digest, plan, unmounted
from rag_core.ingest.read import Reading
from rag_core.ingest.shards import ShardWriter
from rag_core.ingest.store import FileKey
from rag_core.models.ports import Embedder
from rag_core.search.store import Calibration
from rag_core.types import Collection

_EMBED_BATCH = 64
HNSW_FROM = 20_000  # vectors; below, an exact scan is quicker than a filtered graph (DESIGN: who may see what)


class ReadAll(Protocol):
    """Reads many files, each in a process that can be killed."""

    def __call__(self, paths: Sequence[Path]) -> Iterator[tuple[Path, Reading | UnreadableDocument]]:
        """Yield each path with what came of it, in the order they finish."""
        ...


class Calibrate(Protocol):
    """Measures a collection on itself."""

    def __call__(self, viewer: ViewerConnection, collection: str, audience: int) -> Sequence[Calibration]:
        """Return what holds for one audience of the collection."""
        ...


Progress = Callable[[str, int, int, str], None]
"""Called with a phase ("read", "embed", "publish"), how much of it is done, of how much, and a name."""


@dataclass(frozen=True, slots=True)
class CollectionReport:
    """What a sync did to one collection."""

    collection: str
    added: int
    changed: int
    removed: int
    unchanged: int
    unreadable: tuple[tuple[str, str], ...]  # (file, reason)
    warnings: tuple[tuple[str, str], ...]  # (file, what to know)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did."""

    collections: tuple[CollectionReport, ...]
    dropped: tuple[str, ...]  # collections that no window has any more


@dataclass(frozen=True, slots=True)
class _Readings:
    good: Mapping[FileKey, Reading]
    bad: Mapping[FileKey, str]


class Syncer:
    """Brings collections up to date. One at a time a database: a second one waits for the first."""

    def __init__(
        self,
        database: Database,
        *,
        read_all: ReadAll,
        calibrate: Calibrate,
        embedder: Embedder | None = None,
        progress: Progress = lambda *_: None,
        digest: Digest = digest,
    ) -> None:
        self._database, self._read_all, self._calibrate = database, read_all, calibrate
        self._embedder, self._progress, self._digest = embedder, progress, digest

    def sync(
        self,
        collections: Sequence[Collection],
        *,
        drop_others: bool = False,
        retry_unreadable: bool = False,
        allow_empty: bool = False,
    ) -> SyncReport:
        """Make the index equal to the files. ``drop_others`` removes collections that are not given.

        A collection all of whose files are gone keeps its documents unless ``allow_empty``: a network folder that is
        not mounted looks the same.
        """
        with self._database.owner() as connection:
            store.wait_for_turn(connection)
            register_vector(connection)
            if retry_unreadable:
                store.forget_unreadable(connection)
            plans = [self._plan(connection, c, allow_empty=allow_empty) for c in collections]
            readings = self._read(connection, [wanted for p in plans for wanted in p.wanted])
            reports = [self._bring_up_to_date(connection, p, readings) for p in plans]
            dropped = store.drop_collections_but(connection, [c.name for c in collections]) if drop_others else []
            self._tidy(connection, everything=drop_others)
        return SyncReport(tuple(reports), tuple(dropped))

    def _plan(self, connection: Connection, collection: Collection, *, allow_empty: bool) -> Plan:
        published = store.documents(connection, collection.name)
        if published and not collection.sources and not allow_empty:
            return unmounted(collection, published)
        return plan(collection, published, self._digest)

    def _read(self, connection: Connection, wanted: Sequence[Wanted]) -> _Readings:
        keys = list({w.key: None for w in wanted})
        good = store.staged_readings(connection, keys)
        bad = store.unreadable(connection, keys)
        missing: dict[Path, list[FileKey]] = defaultdict(list)
        for one in wanted:
            if one.key not in good and one.key not in bad and one.key not in missing[one.source.path]:
                missing[one.source.path].append(one.key)
        paths = [path for path, keys_ in missing.items() if keys_]
        for done, (path, result) in enumerate(self._read_all(paths), 1):
            for key in missing[path]:
                if isinstance(result, UnreadableDocument):
                    bad[key] = str(result)
                    store.note_unreadable(connection, key, str(result))
                else:
                    good[key] = _storable(result)
                    store.stage_reading(connection, key, good[key])
            self._progress("read", done, len(paths), missing[path][0].name)
        return _Readings(good, bad)

    def _bring_up_to_date(self, connection: Connection, plan: Plan, readings: _Readings) -> CollectionReport:
        embedder = self._embedder_for(plan.collection)
        if embedder:
            self._embed(connection, plan, readings, embedder)
        with connection.transaction():
            touched = self._publish(connection, plan, readings, embedder)
        self._progress("publish", 1, 1, plan.collection.name)
        return self._report(plan, readings, published=touched)

    def _embedder_for(self, collection: Collection) -> Embedder | None:
        if self._embedder and self._embedder.leaves_company and not collection.may_leave_company:
            return None
        return self._embedder

    def _embed(self, connection: Connection, plan: Plan, readings: _Readings, embedder: Embedder) -> None:
        """Stage the vectors that publishing will need, batch by batch."""
        set_id = store.embedding_set_id(connection, embedder.name, embedder.dimension)
        collection = store.collection_id(
            connection, plan.collection.name, may_leave_company=plan.collection.may_leave_company
        )
        texts = [text for _, _, texts in store.unembedded(connection, collection, set_id) for text in texts]
        for wanted in plan.wanted:
            if reading := readings.good.get(wanted.key):
                for chunk in reading.chunks:
                    texts.extend(store.embedded_texts(chunk.heading, chunk.text, chunk.kind))
        by_key = {store.text_key(text): text for text in texts}
        todo = list(by_key.keys() - store.staged_vectors(connection, set_id, list(by_key)).keys())
        todo.sort(key=lambda key: len(by_key[key]))  # like lengths together: less padding
        for start in range(0, len(todo), _EMBED_BATCH):
            batch = todo[start : start + _EMBED_BATCH]
            vectors = embedder.embed_documents([by_key[key] for key in batch])
            store.stage_vectors(connection, set_id, batch, vectors)
            self._progress("embed", min(start + _EMBED_BATCH, len(todo)), len(todo), plan.collection.name)

    def _publish(self, connection: Connection, plan: Plan, readings: _Readings, embedder: Embedder | None) -> int:
        """Write everything that changed and return the number of documents published."""
        name = plan.collection.name
        collection = store.collection_id(connection, name, may_leave_company=plan.collection.may_leave_company)
        for document, path in plan.moved:
            store.move_document(connection, document, path)
        emptied = store.delete_documents(connection, plan.outdated)
        published = _publish_documents(connection, collection, plan, readings, emptied)
        store.unstage(connection, [wanted.key.name for wanted in plan.wanted])
        switched = self._publish_vectors(connection, collection, embedder)
        if published or emptied or switched:
            audiences = store.audiences_of(connection, collection)
            store.drop_calibrations_but(connection, collection, audiences)
            for audience, groups in audiences.items():
                store.write_calibrations(
                    connection, collection, audience, self._measure(connection, name, audience, groups)
                )
        return published

    def _publish_vectors(self, connection: Connection, collection: int, embedder: Embedder | None) -> bool:
        """Fill in the missing vectors from what was staged; return whether anything changed."""
        if embedder is None:
            return store.without_vectors(connection, collection)
        set_id = store.embedding_set_id(connection, embedder.name, embedder.dimension)
        missing = store.unembedded(connection, collection, set_id)
        keys = [store.text_key(text) for _, _, texts in missing for text in texts]
        staged = store.staged_vectors(connection, set_id, keys)
        rows = [(chunk, audience, _together(staged, texts)) for chunk, audience, texts in missing]
        return store.publish_vectors(connection, collection, set_id, rows)

    def _measure(
        self, connection: Connection, collection: str, audience: int, groups: Sequence[str]
    ) -> Sequence[Calibration]:
        """Calibrate as the application would see it, inside the publishing transaction."""
        connection.execute(f"set local role {APPLICATION_ROLE}")
        act_for(connection, groups)
        try:
            return self._calibrate(ViewerConnection(connection, frozenset(groups)), collection, audience)
        finally:
            if connection.info.transaction_status is not TransactionStatus.INERROR:
                connection.execute("reset role")

    def _tidy(self, connection: Connection, *, everything: bool) -> None:
        """Drop what is of no more use. Of ``everything`` nothing staged is left: no other sync is waiting for it."""
        if everything:
            store.unstage(connection)
        store.drop_unused_sets(connection)
        if self._embedder:
            set_id = store.embedding_set_id(connection, self._embedder.name, self._embedder.dimension)
            store.index_vectors(connection, set_id, self._embedder.dimension, at_least=HNSW_FROM)
        store.refresh_statistics(connection)

    def _report(self, plan: Plan, readings: _Readings, *, published: int) -> CollectionReport:
        bad = [(w.key.name, readings.bad[w.key]) for w in plan.wanted if w.key in readings.bad]
        warnings = [
            (w.key.name, warning)
            for w in plan.wanted
            if w.key in readings.good
            for warning in readings.good[w.key].warnings
        ]
        if self._embedder and not self._embedder_for(plan.collection):
            warnings.append(
                ("", "Searched by words alone: its texts may not leave the company, and the embedder would.")
            )
        if plan.kept:
            warnings.append(("", f"{plan.kept} Run transom sync --allow-empty if that is meant."))
        changed = len(plan.outdated) - plan.gone
        return CollectionReport(
            plan.collection.name,
            added=max(0, published - changed),
            changed=min(changed, published),
            removed=plan.gone,
            unchanged=plan.unchanged,
            unreadable=(*plan.unopened, *bad),
            warnings=tuple(warnings),
        )


def _publish_documents(
    connection: Connection,
    collection: int,
    plan: Plan,
    readings: _Readings,
    emptied: Mapping[int, Sequence[int]],
) -> int:
    """Insert the new readings and rewrite every shard that gained or lost chunks, one audience at a time."""
    readable = [wanted for wanted in plan.wanted if wanted.key in readings.good]
    by_audience: dict[int, list[Wanted]] = defaultdict(list)
    for shard_audience in store.shard_audiences(connection, list(emptied)):
        by_audience[shard_audience] = []
    for wanted in readable:
        by_audience[store.audience_id(connection, wanted.source.audience)].append(wanted)
    for audience, files in by_audience.items():
        writer = ShardWriter(connection, collection, audience, emptied)
        for wanted in files:
            reading = readings.good[wanted.key]
            document = store.insert_document(
                connection, collection, audience, wanted.key, str(wanted.source.path), reading
            )
            places = [writer.place(chunk) for chunk in reading.chunks]
            store.insert_chunks(connection, (document, collection, audience), reading.chunks, places)
        writer.write()
    return len(readable)


def _together(staged: Mapping[bytes, HalfVector], texts: Sequence[str]) -> HalfVector:
    """Return the unit vector of the sum of the texts' vectors."""
    total = np.stack([staged[store.text_key(text)].to_numpy() for text in texts]).astype(np.float32).sum(axis=0)
    return HalfVector(np.asarray(total / max(float(np.linalg.norm(total)), 1e-9)))


def _storable(reading: Reading) -> Reading:
    """Return the reading without what Postgres cannot keep: NUL characters and lone surrogates."""

    def clean(text: str) -> str:
        return text.replace("\0", "").encode("utf-8", "replace").decode()

    chunks = tuple(
        type(chunk)(clean(chunk.text), tuple(map(clean, chunk.heading)), chunk.page, chunk.kind)
        for chunk in reading.chunks
    )
    return Reading(clean(reading.title), reading.pages, chunks, tuple(map(clean, reading.warnings)))
