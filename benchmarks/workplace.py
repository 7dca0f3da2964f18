"""Where a benchmark works: a database and a company folder of its own, thrown away afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.corpora import Corpus
from benchmarks.report import steps
from rag_core import embedded
from rag_core.answer.calibrate import Calibrator
from rag_core.database import Database, migrate
from rag_core.ingest.pool import read_all
from rag_core.ingest.sync import Syncer, SyncReport
from rag_core.models.embedder import SentenceTransformerEmbedder
from rag_core.models.ports import Embedder
from rag_core.types import Collection, Scope, Source

AUDIENCE = frozenset({"customers"})
MINILM = "all-MiniLM-L6-v2"

_LIMIT_S = 300.0
_LIMIT_MB = 1536

reader = partial(read_all, workers=os.cpu_count() or 1, limit_s=_LIMIT_S, memory_mb=_LIMIT_MB)
"""Reads files in processes, with the limits the product has unless told otherwise."""


@contextmanager
def database() -> Iterator[Database]:
    """Yield a migrated database in an embedded Postgres."""
    folder = Path(tempfile.mkdtemp(prefix="transom-bench-"))
    try:
        url = embedded.start(folder / "postgres")
        migrate(url)
        opened = Database(url)
        yield opened
        opened.close()
    finally:
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def company(corpora: Sequence[tuple[str, Corpus]]) -> Iterator[list[Collection]]:
    """Yield a collection for each (name, corpus), its files written to a company folder that lasts as long."""
    with tempfile.TemporaryDirectory(prefix="transom-bench-") as folder:
        yield [_written(Path(folder), name, corpus) for name, corpus in corpora]


def sync(opened: Database, collections: Sequence[Collection], embedder: Embedder | None = None) -> SyncReport:
    """Bring collections into the database the product's way: read, embed, publish, calibrate."""
    with steps("sync") as progress:
        syncer = Syncer(opened, read_all=reader, calibrate=Calibrator(embedder), embedder=embedder, progress=progress)
        return syncer.sync(collections)


def scope(name: str) -> Scope:
    """Return the scope of a question to one collection, as somebody who may read it."""
    return Scope((name,), AUDIENCE)


def minilm() -> Embedder | None:
    """Return all-MiniLM-L6-v2, or None without the extra ``local``."""
    return SentenceTransformerEmbedder(MINILM) if find_spec("sentence_transformers") else None


def _written(folder: Path, name: str, corpus: Corpus) -> Collection:
    place = folder / "documents" / name
    place.mkdir(parents=True)
    sources = []
    for file, content in corpus.files.items():
        path = place / file
        path.write_text(content, encoding="utf-8")
        sources.append(Source(path, f"documents/{name}/{file}", AUDIENCE))
    return Collection(name, tuple(sources))
