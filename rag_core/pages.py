"""Draw a page of a PDF with a quote marked, in a process that can be killed: C code that reads PDFs does hang."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from threading import Lock
from typing import Any

from rag_core.errors import UnreadableDocument

_LONGEST_SIDE = 1_600  # pixels: sharp on a phone and on a desktop, and bounded for poster-sized pages
_LIMIT_S = 15
_PAGES_A_PROCESS = 200  # a fresh process now and then gives back what leaked


class PageDrawer:
    """Draws pages in one spawned process, started at first use."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: Any = None

    def draw(self, path: Path, sha256: bytes, page: int, quote: str) -> bytes:
        """Return the page (1-based) as PNG with ``quote`` marked where it is found.

        Raises UnreadableDocument when the file is gone, is not the one that was read, or cannot be drawn.
        """
        with self._lock:
            pool = self._started()
        future = pool.schedule(_draw, args=[str(path), sha256, page, quote], timeout=_LIMIT_S)
        try:
            return bytes(future.result())
        except Late as error:
            raise UnreadableDocument(f"{path.name}: page {page} took too long to draw.") from error
        except UnreadableDocument:
            raise
        except Exception as error:  # whatever the C library raised, or how its process died
            raise UnreadableDocument(f"{path.name}: page {page} cannot be drawn ({type(error).__name__}).") from error

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._pool is not None:
                self._pool.stop()
                self._pool.join()
                self._pool = None

    def _started(self) -> Any:
        from pebble import ProcessPool

        if self._pool is None:
            self._pool = ProcessPool(max_workers=1, max_tasks=_PAGES_A_PROCESS, context=get_context("spawn"))
        return self._pool


def _draw(path: str, sha256: bytes, page: int, quote: str) -> bytes:
    import pymupdf

    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"{Path(path).name}: the file cannot be opened ({error.strerror}).") from error
    if hashlib.sha256(content).digest() != sha256:
        raise UnreadableDocument(f"{Path(path).name}: the file has changed since it was read; run transom sync.")
    with pymupdf.open(stream=content, filetype="pdf") as document:
        sheet = document[page - 1]
        for quad in _places(sheet, quote):
            sheet.draw_quad(quad, color=None, fill=(1, 0.84, 0.2), fill_opacity=0.38, overlay=True)
        scale = _LONGEST_SIDE / max(sheet.rect.width, sheet.rect.height, 1)
        return bytes(sheet.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False).tobytes("png"))


def _places(sheet: Any, quote: str) -> Sequence[Any]:
    """Return where the quote stands. A quote over several lines or cells is looked up piece by piece."""
    with suppress(Exception):  # a page without a text layer: draw it unmarked
        whole = sheet.search_for(quote, quads=True)
        pieces = [line.strip() for line in quote.splitlines()]
        return whole or [quad for piece in pieces if len(piece) > 1 for quad in sheet.search_for(piece, quads=True)]
    return []
