"""Records on LINE: a Flex card to read on a telephone, or lines of text where there are too many for one.

One record, or one of many columns, is a list of "column: value" below its first cell; two columns are key and value.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from bots.messages import Reply, Table
from bots.platforms.line.flexparts import (
    BUBBLES,
    CAROUSEL_BYTES,
    INK,
    SOFT,
    SURFACE,
    Flex,
    box,
    flex_message,
    one_line,
    row,
    separator,
    text,
    weight,
)
from bots.platforms.line.splitting import clean, shorten
from bots.platforms.line.texts import TEXTS

ROWS_A_BUBBLE: Final = 10
BUBBLE_BYTES: Final = 24_000  # of LINE's 30 KB
_KEY, _VALUE = 60, 300
_NOTHING: Final = "—"
_BETWEEN: Final = " | "


def table_message(reply: Reply) -> Flex | None:
    """Return the reply's tables as one message; None if there are none, or if they are too large for it."""
    tables = _with_rows(reply)
    bubbles = [bubble for table in tables for bubble in _bubbles(table)]
    sizes = [weight(bubble) for bubble in bubbles]
    fits = bubbles and len(bubbles) <= BUBBLES and sum(sizes) <= CAROUSEL_BYTES and max(sizes) <= BUBBLE_BYTES + 2_000
    return flex_message(_alt(tables, reply), bubbles) if fits else None


def table_lines(reply: Reply) -> str:
    """Return the reply's tables as text, a record a line, its columns' names on the first line."""
    return "\n\n".join("\n".join(map(_line, (table.columns, *table.rows))) for table in _with_rows(reply))


def _with_rows(reply: Reply) -> list[Table]:
    return [table for table in reply.tables if table.columns and table.rows]


def _line(cells: Iterable[str]) -> str:
    return _BETWEEN.join(" ".join(clean(cell).split()) or _NOTHING for cell in cells)


def _alt(tables: Sequence[Table], reply: Reply) -> str:
    records = [" ".join(one_line(cell, 40) for cell in record) for table in tables for record in table.rows[:5]]
    return one_line(TEXTS[reply.language]["comma"].join(records), 400) or _NOTHING


def _bubbles(table: Table) -> list[Flex]:
    """Return the records in bubbles of ten, fewer where they are large."""
    pages: list[list[Flex]] = [[]]
    size = 0
    for block in _records(table):
        if len(pages[-1]) == ROWS_A_BUBBLE or (pages[-1] and size + weight(block) > BUBBLE_BYTES - 4_000):
            pages.append([])
            size = 0
        pages[-1].append(block)
        size += weight(block)
    return [_bubble(page, _head(table)) for page in pages]


def _bubble(blocks: Sequence[Flex], head: Sequence[Flex]) -> Flex:
    lines = list(head)
    for block in blocks:
        lines += [separator(), block] if lines else [block]
    return {"type": "bubble", "size": "mega", "body": box(lines, SURFACE, spacing="md", paddingAll="14px")}


def _head(table: Table) -> list[Flex]:
    """Return the line of the columns' names, where the records do not name them."""
    names = [one_line(name, _KEY) for name in table.columns]
    if not _is_list(table) or not any(names):
        return []
    return [
        row([text(name or _NOTHING, size="xs", color=SOFT, wrap=True, **_side(at)) for at, name in enumerate(names)])
    ]


def _records(table: Table) -> Iterable[Flex]:
    if _is_list(table):
        return [_entry(record) for record in table.rows]
    if len(table.rows) == 1:
        return [_pairs(table.columns, table.rows[0])]
    return [_titled(table.columns, record) for record in table.rows]


def _is_list(table: Table) -> bool:
    """Whether the records stand below each other, in one or two columns."""
    return len(table.columns) <= 2 and len(table.rows) > 1


def _entry(record: Sequence[str]) -> Flex:
    cells = [text(_value(cell), size="sm", color=INK, wrap=True, **_side(at)) for at, cell in enumerate(record[:2])]
    return row(cells or [text(_NOTHING)], spacing="md")


def _side(at: int) -> Flex:
    """Return how the first and the second of two columns stand: keys to the left, values to the right."""
    return {"flex": 3} if at == 0 else {"flex": 2, "align": "end"}


def _titled(columns: Sequence[str], record: Sequence[str]) -> Flex:
    title = text(_value(record[0] if record else ""), size="sm", color=INK, weight="bold", wrap=True)
    rest = _pairs(columns[1:], record[1:])["contents"]
    return {"type": "box", "layout": "vertical", "spacing": "xs", "contents": [title, *rest]}


def _pairs(columns: Sequence[str], record: Sequence[str]) -> Flex:
    lines = [_pair(name, cell) for name, cell in zip(columns, record, strict=False)]
    return {"type": "box", "layout": "vertical", "spacing": "xs", "contents": lines}


def _pair(name: str, cell: str) -> Flex:
    key = text(one_line(name, _KEY) or _NOTHING, size="xs", color=SOFT, wrap=True, flex=2)
    return row([key, text(_value(cell), size="sm", color=INK, wrap=True, flex=3)], spacing="md")


def _value(cell: str) -> str:
    return shorten(clean(cell).strip(), _VALUE) or _NOTHING
