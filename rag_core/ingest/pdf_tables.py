"""Ruled tables of a PDF page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rag_core.ingest.blocks import Table, joined, squeezed
from rag_core.ingest.pdf_lines import as_seen

_FEWEST_RULES = 4
_MOST_RULES = 4_000  # a map or a chart; looking for tables in it takes minutes
_LONGEST_CELL = 800  # characters; a frame around prose is no table
_FILLED = 0.4  # of the cells, at least
_SCATTERED = 0.2  # of the cells, at most
_SAME_EDGE = 6.0  # points

Box = tuple[float, float, float, float]
Word = tuple[float, float, float, float, str, int, int, int]  # its box, text, and numbers of block, line and word


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table where it stands on its page (points), with the text of its cells."""

    box: Box
    rows: tuple[tuple[str, ...], ...]
    header: tuple[str, ...] = ()


def is_ruled(drawn: Sequence[Any]) -> bool:
    """Return whether a page has as many drawn paths as a table has, and not as many as a map."""
    rules = sum("path" in kind for kind, _ in drawn)
    return _FEWEST_RULES <= rules <= _MOST_RULES


def page_tables(page: Any, text: str) -> list[PageTable]:
    """Return the page's ruled tables from top to bottom; frames and forms that hold prose are left out.

    ``text`` is the page's own, without white space. The rules alone decide: pymupdf's layout model would gate them at
    ten times the cost.
    """
    import pymupdf

    turn = as_seen(page)
    if page.rotation and turn == pymupdf.Identity:
        return []  # rows would be columns
    # in the order of the page's own text
    words = [(*(pymupdf.Rect(word[:4]) * turn), *word[4:]) for word in page.get_text("words")]
    found = page.find_tables(use_layout=False)
    tables = [_table(table, words) for table in (found.tables if found else [])]
    return sorted((table for table in tables if _is_table(table, text)), key=lambda table: table.box[1])


def _table(table: Any, words: Sequence[Word]) -> PageTable:
    x0, y0, x1, y1 = table.bbox
    near = [word for word in words if _is_in(word, (x0, y0, x1, y1))]
    rows = tuple(tuple(_cell(box, near) for box in row.cells) for row in table.rows)
    return PageTable((x0, y0, x1, y1), rows)


def _cell(box: Box | None, words: Sequence[Word]) -> str:
    """Return the text in a cell. The part of a merged cell that has no box of its own is empty."""
    inside = [word for word in words if box and _is_in(word, box)]
    return joined(" ".join(word[4] for word in line) for _, line in groupby(inside, key=lambda word: word[5:7]))


def _is_in(word: Word, box: Box) -> bool:
    return box[0] <= (word[0] + word[2]) / 2 < box[2] and box[1] <= (word[1] + word[3]) / 2 < box[3]


def _is_table(table: PageTable, text: str) -> bool:
    """Return whether rules hold a table: rows and columns, mostly filled, and cells that the page says in one go.

    A cell whose words are scattered over the page's text is a whole column between two rules, not a cell.
    """
    cells = [cell for row in table.rows for cell in row]
    filled = [cell for cell in cells if cell]
    columns = sum(any(row[i] for row in table.rows) for i in range(min(map(len, table.rows), default=0)))
    if sum(any(row) for row in table.rows) < 2 or columns < 2 or len(filled) < _FILLED * len(cells):
        return False
    scattered = sum(squeezed(cell) not in text for cell in filled)
    return max(map(len, filled)) <= _LONGEST_CELL and scattered <= _SCATTERED * len(filled)


def continued(above: PageTable, table: PageTable, page: int) -> Table:
    """Return a table at the top of a page; when it continues the one above, with that one's header.

    The header does not stand on this page, so it names the columns in the heading and not in the text.
    """
    header = above.header or above.rows[0]
    same_columns = len(header) == len(table.rows[0]) and all(
        abs(a - b) < _SAME_EDGE for a, b in zip(above.box[::2], table.box[::2], strict=True)
    )
    if same_columns and table.rows[0] != header:
        return Table(table.rows, page, header)
    return Table(table.rows, page)
