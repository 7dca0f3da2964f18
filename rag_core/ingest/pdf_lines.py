"""The lines of a PDF page: where they stand, how they are set, and in which order they are read."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from rag_core.ingest.blocks import tidy

_BOLD = 1 << 4  # MuPDF's flag of a span
_MARGIN = 0.12  # of the page's height: where headers and footers stand
_PAGE_NUMBER = re.compile(
    r"[-–—\s]*(第\s*)?[0-9ivxlc]{1,5}(\s*頁)?[-–—\s]*"
    r"|第\s*[0-9]+\s*頁\s*[,，/／]?\s*共\s*[0-9]+\s*頁"
    r"|(page|p\.)?\s*[0-9]+\s*(of|/|／)\s*[0-9]+"
    r"|page\s*[0-9]+",
    re.IGNORECASE,
)
_FEWEST_ROWS = 4  # of a column
_SLANTED = 0.3  # of a line's direction
_GUTTER = 8.0  # points between columns, at least


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page. Lengths are in points, from the page's upper left corner."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    index: int  # in the page's own order, in which its text stands verbatim
    block: int

    @property
    def middle(self) -> tuple[float, float]:
        """The line's centre."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


def lines_of(page: Any) -> list[Line]:
    """Return a page's lines in the order of its own text, placed as it is seen. Slanted watermarks are left out."""
    import pymupdf

    flags = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES
    turn = as_seen(page)
    found: list[Line] = []
    index = -1
    for number, block in enumerate(page.get_text("dict", flags=flags)["blocks"]):
        for line in block.get("lines", ()):
            spans = [span for span in line["spans"] if span["text"].strip()]
            text = tidy("".join(span["text"] for span in line["spans"]))
            if not spans or not text:
                continue
            index += 1
            if min(map(abs, line["dir"])) > _SLANTED:
                continue
            longest = max(spans, key=lambda span: len(span["text"]))
            bold = all(span["flags"] & _BOLD or "bold" in span["font"].lower() for span in spans)
            box = pymupdf.Rect(line["bbox"]) * turn
            found.append(
                Line(text, box.x0, box.y0, box.x1, box.y1, round(longest["size"] * 2) / 2, bold, index, number)
            )
    return found


def as_seen(page: Any) -> Any:
    """Return the matrix from the text's coordinates to where it is seen.

    It turns nothing on a page that is not rotated, nor where the rotation lays the text on its side.
    """
    import pymupdf

    if not page.rotation:
        return pymupdf.Identity
    lines = [line for block in page.get_text("dict")["blocks"] for line in block.get("lines", ())]
    across = sum(abs(line["dir"][0]) > abs(line["dir"][1]) for line in lines)
    is_turned = page.rotation in (90, 270)
    on_its_side = across > len(lines) / 2 if is_turned else False
    return pymupdf.Identity if on_its_side else page.rotation_matrix


def without_margins(pages: Sequence[list[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Return the pages without running headers, footers and page numbers.

    A line runs when it stands in the margin, at the same height, with the same words (digits aside) on a third
    of the pages and at least three (both, of two). A page of nothing else keeps its lines.
    """
    seen = Counter(
        key
        for lines, height in zip(pages, heights, strict=True)
        for key in {_running_key(line) for line in lines if _in_margin(line, height)}
    )
    enough = 2 if len(pages) == 2 else max(3, -(-len(pages) // 3))
    kept: list[list[Line]] = []
    for lines, height in zip(pages, heights, strict=True):
        left = [
            line
            for line in lines
            if not (
                _in_margin(line, height) and (seen[_running_key(line)] >= enough or _PAGE_NUMBER.fullmatch(line.text))
            )
        ]
        kept.append(left or lines)
    return kept


def _in_margin(line: Line, height: float) -> bool:
    return line.y1 < _MARGIN * height or line.y0 > (1 - _MARGIN) * height


def _running_key(line: Line) -> tuple[str, int]:
    return re.sub(r"[0-9]+", "#", line.text), round(line.y0 / 6)


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Return the lines as they are read.

    Programs mostly write text in that order, so it is kept unless it jumps about; then columns are looked for.
    """
    return list(lines) if _reads_well(lines) else _by_columns(lines)


def _reads_well(lines: Sequence[Line]) -> bool:
    """Return whether lines go down the page, and up only to a column further right; and seldom along a row."""
    beside = 0
    for line, following in pairwise(lines):
        if following.middle[1] < line.middle[1] - (line.y1 - line.y0) and following.x0 < line.x1 - _GUTTER:
            return False
        beside += _same_row(line, following) and following.x0 - line.x1 > line.size
    return beside <= 0.15 * len(lines)


def _same_row(line: Line, other: Line) -> bool:
    return abs(line.middle[1] - other.middle[1]) < 0.4 * min(line.y1 - line.y0, other.y1 - other.y0)


def _by_columns(lines: Sequence[Line]) -> list[Line]:
    """Return the lines down each column, and across the page where a line spans the columns."""
    if len(lines) < 2 * _FEWEST_ROWS:
        return _by_rows(lines)
    gutter = _gutter(lines)
    if gutter is None:
        return _by_rows(lines)
    ordered: list[Line] = []
    for spans, run in groupby(_by_rows(lines), key=lambda line: line.x0 < gutter < line.x1):
        band = list(run)
        if spans:
            ordered.extend(band)
        else:
            ordered.extend(_by_columns([line for line in band if line.x1 <= gutter]))
            ordered.extend(_by_columns([line for line in band if line.x0 >= gutter]))
    return ordered


def _by_rows(lines: Sequence[Line]) -> list[Line]:
    """Return the lines from top to bottom, those of one row from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.middle[1], line.x0)):
        if rows and _same_row(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: (line.x0, line.index))]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Return where a page parts into columns, in points from its left, or None.

    Few lines may cross it, and on both sides there must be running text: labels beside their values are no columns.
    """
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    best: tuple[int, float, float] | None = None
    for x in _gaps(lines, left, right):
        beside = [line for line in lines if not line.x0 < x < line.x1]
        crossing = len(lines) - len(beside)
        if crossing > 0.25 * len(lines):
            continue
        first = [line for line in beside if line.x1 <= x]
        second = [line for line in beside if line.x0 >= x]
        if _is_column(first, x - left) and _is_column(second, right - x) and _stand_beside(first, second):
            candidate = (crossing, abs(x - (left + right) / 2), x)
            best = min(best, candidate) if best else candidate
    return best[2] if best else None


def _gaps(lines: Sequence[Line], left: float, right: float) -> Iterator[float]:
    """Yield the places just before the left edge that several lines share, where a column may begin."""
    starts = Counter(round(line.x0) for line in lines)
    for start, count in starts.items():
        if count >= 3 and left + 0.15 * (right - left) < start < left + 0.85 * (right - left):
            before = [line.x1 for line in lines if line.x1 <= start + 1]
            edge = max(before, default=left)
            if start - edge >= _GUTTER / 2:
                yield (edge + start) / 2
            else:
                yield start - _GUTTER / 2


def _is_column(lines: Sequence[Line], width: float) -> bool:
    if len(lines) < _FEWEST_ROWS:
        return False
    usual = median(line.x1 - line.x0 for line in lines)
    return usual >= 0.35 * width and usual >= 8 * median(line.size for line in lines)


def _stand_beside(first: Sequence[Line], second: Sequence[Line]) -> bool:
    """Return whether two columns share a good part of their height."""
    top = max(min(line.y0 for line in first), min(line.y0 for line in second))
    bottom = min(max(line.y1 for line in first), max(line.y1 for line in second))
    shorter = min(max(c.y1 for c in column) - min(c.y0 for c in column) for column in (first, second))
    return bottom - top >= 0.5 * shorter
