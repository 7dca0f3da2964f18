"""How fast files are read and synced, by format; the PDFs beside PyMuPDF's plain text of the same files.

The files are the sample company's, the public PDFs and the 18F handbook. Reading goes through the product's processes
with its limits, so that starting them counts. ``--quick``: a part of the files.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import pymupdf
from rich.table import Table

from benchmarks import corpora
from benchmarks.report import show, tracked
from benchmarks.workplace import AUDIENCE, database, reader, sync
from rag_core.database import Database
from rag_core.ingest.read import Reading
from rag_core.search import store
from rag_core.types import Collection, Source

_COMPANY = Path(__file__).parents[1] / "company" / "documents"
_SCANNED = "PDF with scanned pages (OCR)"


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading some files."""

    files: int
    unreadable: int
    pages: int
    chunks: int
    seconds: float


def main(*, quick: bool = False) -> None:
    """Measure and print both tables."""
    paths = _files()
    if quick:
        paths = paths[::8]
    show(_reading(paths))
    show(_syncing([path for path in paths if _kind(path) != _SCANNED]))


def _files() -> list[Path]:
    shared = corpora.folder()
    every = [
        *_COMPANY.rglob("*.*"),
        *(shared / "pdf_samples").rglob("*.pdf"),
        *(shared / "handbook_18f").rglob("*.md"),
    ]
    return sorted(path for path in every if path.is_file())


def _reading(paths: Sequence[Path]) -> Table:
    table = Table(
        "format",
        "files",
        "not read",
        "pages",
        "chunks",
        "seconds",
        "pages/s",
        "chunks/s",
        title="reading",
        caption="Pages where the format has them. A PDF counts as scanned if one of its pages has no text of its own.",
    )
    groups = _by_format(paths)
    for kind, group in groups.items():
        _add(table, kind, _read(group, kind))
    pdfs = [path for kind, group in groups.items() if kind.startswith("PDF") for path in group]
    _add(table, "all PDFs: PyMuPDF's get_text alone", _plain_text(pdfs))
    return table


def _add(table: Table, kind: str, read: Read) -> None:
    pages = f"{read.pages:,}", f"{read.pages / read.seconds:,.1f}"
    chunks = f"{read.chunks:,}", f"{read.chunks / read.seconds:,.0f}"
    shown = pages if read.pages else ("–", "–")
    told = chunks if read.chunks else ("–", "–")
    table.add_row(
        kind, f"{read.files:,}", f"{read.unreadable:,}", shown[0], told[0], f"{read.seconds:.2f}", shown[1], told[1]
    )


def _by_format(paths: Sequence[Path]) -> Mapping[str, list[Path]]:
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        groups[_kind(path)].append(path)
    return dict(sorted(groups.items()))


def _kind(path: Path) -> str:
    if path.suffix.lower() != ".pdf":
        return path.suffix.lower().removeprefix(".")
    return _SCANNED if any(not text.strip() for text in _page_texts(path)) else "PDF with text"


def _page_texts(path: Path) -> list[str]:
    """Return each page's text, nothing of a file that cannot be opened."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    try:
        with pymupdf.open(path) as document:
            return [] if document.needs_pass else [page.get_text() for page in document]
    except (RuntimeError, ValueError):  # PyMuPDF's own errors are kinds of these
        return []


def _read(paths: Sequence[Path], kind: str) -> Read:
    began = perf_counter()
    results = [result for _, result in tracked(reader(paths), kind, of=len(paths))]
    seconds = perf_counter() - began
    good = [result for result in results if isinstance(result, Reading)]
    pages = sum(reading.pages or 0 for reading in good)
    return Read(len(paths), len(results) - len(good), pages, sum(len(reading.chunks) for reading in good), seconds)


def _plain_text(paths: Sequence[Path]) -> Read:
    began = perf_counter()
    pages = [_page_texts(path) for path in paths]
    seconds = perf_counter() - began
    return Read(len(paths), sum(not texts for texts in pages), sum(map(len, pages)), 0, seconds)


def _syncing(paths: Sequence[Path]) -> Table:
    table = Table(
        "sync of these files, scanned PDFs left out",
        "files published",
        "chunks",
        "seconds",
        "chunks/s",
        title="sync, without an embedder",
        caption="The second one finds nothing changed: it hashes every file and compares.",
    )
    sources = tuple(Source(path, f"{n}/{path.name}", AUDIENCE) for n, path in enumerate(paths))
    with database() as opened:
        for name in ("first", "second, unchanged"):
            began = perf_counter()
            report = sync(opened, [Collection("bench", sources)]).collections[0]
            seconds = perf_counter() - began
            chunks = _chunks(opened) if report.added else 0
            rate = f"{chunks / seconds:,.0f}" if chunks else "–"
            table.add_row(name, f"{report.added:,}", f"{chunks:,}", f"{seconds:.2f}", rate)
    return table


def _chunks(opened: Database) -> int:
    with opened.viewer(AUDIENCE) as viewer:
        return sum(shard.chunks for shard in store.shards(viewer, ["bench"]))


if __name__ == "__main__":
    import sys

    main(quick="--quick" in sys.argv)
