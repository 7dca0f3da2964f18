"""A database for one benchmark run: an embedded Postgres in a temporary folder, thrown away afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag_core import embedded
from rag_core.database import Database, migrate


@contextmanager
def database() -> Iterator[Database]:
    """Yield a migrated database."""
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
