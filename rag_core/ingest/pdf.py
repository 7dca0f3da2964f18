"""PDF: text in reading order, headings, tables and page numbers; scanned pages go through OCR.

What a chunk says stands on its page: nothing is added, re-spelt or de-hyphenated, so a quote can be found there.
"""

from collections.abc import Iterable, Iterator
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from rag_core.errors import UnreadableDocument
from rag_core.ingest.blocks import Block, Content, Heading, Table, squeezed, tidy
from rag_core.ingest.headings import numbering, part_level
from rag_core.ingest.pdf_blocks import Styles, page_blocks, styles, with_articles
from rag_core.ingest.pdf_lines import Line, lines_of, without_margins
from rag_core.ingest.pdf_tables import PageTable, continued, is_ruled, page_tables

_MOST_PAGES = 5_000
_FEW_CHARACTERS = 60  # a stamp or a scanner's mark, not the text of a page that is an image
_MOST_GARBAGE = 0.3
_IMAGE_SHARE = 0.4  # of the page, from which a page without text counts as scanned
_DRAWN_LETTERS = 100  # filled paths, from which a page without text counts as letters drawn as shapes


def read_pdf(path: Path, scanning_s: float = inf) -> Content:
    """Return a PDF's blocks, each with its page. Scanned pages beyond ``scanning_s`` seconds of OCR are left out.

    Raises UnreadableDocument when it is locked, broken or has no page.
    """
    document = _opened(path)
    with document:
        warnings = _Warnings(monotonic() + scanning_s)
        if document.page_count > _MOST_PAGES:
            warnings.add(f"Only the first {_MOST_PAGES:,} pages were read; the rest is not searched.")
        pages = [_Page(document, number, warnings) for number in range(1, min(document.page_count, _MOST_PAGES) + 1)]
        kept = without_margins([page.lines for page in pages], [page.height for page in pages])
        look = styles(line for lines in kept for line in lines)
        blocks: list[Block] = list(with_articles(_blocks(document, pages, kept, look, warnings)))
        if warnings.unscanned:
            warnings.add(f"{warnings.unscanned} scanned pages were left out: OCR takes longer than a file is given.")
        if not blocks and warnings.every:
            raise UnreadableDocument("No text was found in the file. " + " ".join(warnings.every))
        texts = tuple(page.text for page in pages)
        return Content(tuple(blocks), _title(blocks, look), document.page_count, tuple(warnings.every), texts)


def _opened(path: Path) -> Any:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        document = pymupdf.open(path, filetype="pdf")
        locked, pages = document.needs_pass, document.page_count
    except Exception as error:  # the library raises its own and Python's errors, by what is broken
        raise UnreadableDocument(f"The PDF is damaged and cannot be opened ({tidy(str(error))[:120]}).") from error
    if locked:
        document.close()
        raise UnreadableDocument("The PDF is password-protected. Save it without a password.")
    if pages == 0:
        document.close()
        raise UnreadableDocument("The PDF has no pages, or is too damaged to find them.")
    return document


class _Warnings:
    """What people should know of a file, each kind once; and until when pages may go through OCR."""

    def __init__(self, until: float) -> None:
        self.every: list[str] = []
        self.until = until
        self.unscanned = 0

    def add(self, sentence: str) -> None:
        if sentence not in self.every:
            self.every.append(sentence)


class _Page:
    """What the first pass keeps of a page: its lines and text, its size, and whether it has to be looked at again."""

    def __init__(self, document: Any, number: int, warnings: _Warnings) -> None:
        self.number = number
        self.lines: list[Line] = []
        self.text = ""
        self.height = 0.0
        self.scanned = self.ruled = False
        try:
            page = document[number - 1]
            self.height = page.rect.height
            self.lines = lines_of(page)
            self.text = squeezed(page.get_text())
            drawn = page.get_bboxlog()
            self.scanned = _is_scanned(page.rect, self.lines, drawn)
            self.ruled = is_ruled(drawn) and bool(self.lines)
        except Exception as error:  # as above; the other pages can still be read
            warnings.add(f"Page {number} is damaged and was left out ({tidy(str(error))[:120]}).")
        if self.scanned:
            self.lines, self.text = [], ""


def _is_scanned(rect: Any, lines: list[Line], drawn: list[Any]) -> bool:
    """Return whether a page's text has to be read from its image: it has none of its own, or only garbage."""
    text = "".join(line.text for line in lines).replace(" ", "")
    garbage = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or c < " " for c in text)
    if len(text) >= _FEW_CHARACTERS and garbage <= _MOST_GARBAGE * len(text):
        return False
    areas = [_area(box, rect) for kind, box in drawn if "image" in kind]
    if max(areas, default=0.0) >= _IMAGE_SHARE or sum(areas) >= 2 * _IMAGE_SHARE:
        return True
    return (not text or garbage > _MOST_GARBAGE * len(text)) and (
        bool(text) or sum(kind == "fill-path" for kind, _ in drawn) >= _DRAWN_LETTERS or max(areas, default=0.0) > 0.05
    )


def _area(box: tuple[float, float, float, float], rect: Any) -> float:
    """Return the share of the page that a box covers."""
    width = min(box[2], rect.width) - max(box[0], 0)
    height = min(box[3], rect.height) - max(box[1], 0)
    return float(max(0.0, width) * max(0.0, height) / max(1.0, rect.width * rect.height))


def _blocks(
    document: Any, pages: list[_Page], kept: list[list[Line]], look: Styles, warnings: _Warnings
) -> Iterator[Block]:
    above: PageTable | None = None  # the table that ends the page before
    for page, lines in zip(pages, kept, strict=True):
        if page.scanned:
            yield from _scanned(document, page.number, warnings)
            above = None
            continue
        tables = _tables(document, page, warnings) if page.ruled else []
        found = list(page_blocks(lines, tables, look, page.number))
        tables_found = [block for block in found if isinstance(block, Table)]
        if above and tables and found and found[0] is tables_found[0]:
            found[0] = continued(above, tables[0], page.number)
        yield from found
        ends = bool(tables_found) and found[-1] is tables_found[-1]
        above = tables[-1] if ends and len(tables_found) == len(tables) else None


def _tables(document: Any, page: _Page, warnings: _Warnings) -> list[PageTable]:
    try:
        return page_tables(document[page.number - 1], page.text)
    except Exception as error:  # as above; without them the text is read as prose
        warnings.add(f"The tables of page {page.number} could not be recognised ({tidy(str(error))[:120]}).")
        return []


def _scanned(document: Any, number: int, warnings: _Warnings) -> Iterator[Block]:
    from rag_core.ingest.ocr import page_lines

    if monotonic() > warnings.until:
        warnings.unscanned += 1
        return
    try:
        lines = page_lines(document[number - 1])
    except MemoryError:
        raise
    except Exception as error:  # as above
        warnings.add(f"The scanned page {number} could not be read ({type(error).__name__}).")
        return
    if lines:
        yield from page_blocks(lines, [], styles(lines), number)


def _title(blocks: Iterable[Block], look: Styles) -> str:
    """Return the heading that opens the document if it is set largest and names no part of it, else nothing."""
    first = next(iter(blocks), None)
    if not isinstance(first, Heading) or not look.larger or first.level // 100 > 1 or first.article:
        return ""
    return "" if part_level(first.text) or numbering(first.text) else first.text
