"""Read one file into chunks, whatever its format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from rag_core.errors import UnreadableDocument
from rag_core.ingest.blocks import Content, size
from rag_core.ingest.chunk import chunks
from rag_core.ingest.parted import parted
from rag_core.types import Chunk

READER_VERSION = 1
"""Counts up whenever the same file gives other chunks than before, so that a sync reads it again."""

_LARGEST_FILE = 300_000_000  # bytes
_LARGEST_TEXT = 50_000_000
_OLD_OFFICE = {".doc": ".docx", ".xls": ".xlsx", ".ppt": ".pptx", ".rtf": ".docx", ".odt": ".docx", ".ods": ".xlsx"}
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. ``pages`` is None where the format has none; a presentation's slides are its pages."""

    title: str
    pages: int | None
    chunks: tuple[Chunk, ...]
    warnings: tuple[str, ...]


def read_file(path: Path, scanning_s: float = inf) -> Reading:
    """Return the file's chunks. The format is known by the name's ending, the encoding from the bytes.

    After ``scanning_s`` seconds no further scanned page goes through OCR; a warning says how many were left out.

    Raises UnreadableDocument with a sentence for people: password-protected, damaged, empty, of an unknown
    format, too large, or without any text.
    """
    suffix = path.suffix.lower()
    if suffix in _OLD_OFFICE:
        raise UnreadableDocument(f"Files of format {suffix} are not read. Save it as {_OLD_OFFICE[suffix]}.")
    if suffix not in _READERS:
        known = " ".join(sorted(_READERS))
        raise UnreadableDocument(f"Files of format {suffix or '(none)'} are not read. Known are: {known}.")
    _check_size(path, _LARGEST_TEXT if is_text(path) else _LARGEST_FILE)
    try:
        content = _pdf(path, scanning_s) if suffix == ".pdf" else _READERS[suffix](path)
    except MemoryError as error:
        raise UnreadableDocument("Reading the file takes more memory than is allowed.") from error
    return _reading(path, content)


def is_text(path: Path) -> bool:
    """Return whether the file is of a format that is read without C code that could hang or crash."""
    return path.suffix.lower() in _TEXTS


def _check_size(path: Path, most: int) -> None:
    try:
        length = path.stat().st_size
    except OSError as error:
        raise UnreadableDocument(f"The file cannot be opened ({error.strerror}).") from error
    if length == 0:
        raise UnreadableDocument("The file is empty.")
    if length > most:
        raise UnreadableDocument(f"The file has {length // 1_000_000:,} MB; at most {most // 1_000_000:,} MB are read.")


def _reading(path: Path, content: Content) -> Reading:
    found = tuple(_on_its_page(chunk, content.page_texts) for chunk in chunks(content.blocks))
    if not any(size(chunk.text) for chunk in found):
        raise UnreadableDocument("No text was found in the file.")
    title = content.title.strip()
    if not title or len(title) > _LONGEST_TITLE:
        return Reading(path.stem, content.pages, found, content.warnings)
    return Reading(title, content.pages, tuple(_below(title, chunk) for chunk in found), content.warnings)


def _on_its_page(chunk: Chunk, texts: Sequence[str]) -> Chunk:
    """Return the chunk parted where its page's own text does not go on as the chunk does."""
    return parted(chunk, texts[chunk.page - 1]) if chunk.page and chunk.page <= len(texts) else chunk


def _below(title: str, chunk: Chunk) -> Chunk:
    """Return the chunk with its document's title in front of its headings, so that it is found by it too."""
    return chunk if title in (*chunk.heading[:1], chunk.text) else replace(chunk, heading=(title, *chunk.heading))


def _text(path: Path) -> Content:
    from rag_core.ingest.text import read_text

    return read_text(path.read_bytes())


def _csv(path: Path) -> Content:
    from rag_core.ingest.table import read_csv

    return read_csv(path.read_bytes())


def _json_lines(path: Path) -> Content:
    from rag_core.ingest.table import read_json_lines

    return read_json_lines(path.read_bytes())


def _json(path: Path) -> Content:
    from rag_core.ingest.law import read_json

    return read_json(path.read_bytes())


def _markdown(path: Path) -> Content:
    from rag_core.ingest.markup import read_markdown

    return read_markdown(path.read_bytes())


def _html(path: Path) -> Content:
    from rag_core.ingest.markup import read_html

    return read_html(path.read_bytes())


def _docx(path: Path) -> Content:
    from rag_core.ingest.office import read_docx

    return read_docx(path)


def _xlsx(path: Path) -> Content:
    from rag_core.ingest.office import read_xlsx

    return read_xlsx(path)


def _pptx(path: Path) -> Content:
    from rag_core.ingest.office import read_pptx

    return read_pptx(path)


def _pdf(path: Path, scanning_s: float = inf) -> Content:
    from rag_core.ingest.pdf import read_pdf

    return read_pdf(path, scanning_s)


_TEXTS: dict[str, Callable[[Path], Content]] = {
    ".txt": _text,
    ".text": _text,
    ".csv": _csv,
    ".tsv": _csv,
    ".jsonl": _json_lines,
    ".json": _json,
    ".md": _markdown,
    ".markdown": _markdown,
}
_READERS = _TEXTS | {
    ".html": _html,
    ".htm": _html,
    ".xhtml": _html,
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".xlsm": _xlsx,
    ".pptx": _pptx,
    ".pdf": _pdf,
}
