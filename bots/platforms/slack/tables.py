"""Records in Slack: one table block, of which a message may hold one; any further table as lines.

A table may have 100 rows and 20 columns, 10,000 characters in all of its cells, and no empty cell. A raw_text cell
has no markup: nothing in it is a mention or a link.
"""

import re
from collections.abc import Iterator, Sequence

from bots.messages import Choice, Language, Links, Reply, Table
from bots.platforms.slack.parts import Block, buttons, context, linked_lines, shortened
from bots.platforms.slack.plain import clean
from bots.platforms.slack.texts import TEXTS

ROWS = 99  # below the columns' names
COLUMNS = 20
TABLE = 6_000  # characters of a table, so that what else a reply holds has room in its message
LINES = 1_500  # characters of a table that is lines
CELL, NAME = 500, 100
BETWEEN = " | "
_NOTHING = "—"
_AMOUNT = re.compile(r"(?:NT)?\$?\s*-?[\d,]+(?:\.\d+)?\s*%?")


def table_groups(reply: Reply, links: Links) -> Iterator[list[Block]]:
    """Yield the blocks of each table with what says that it goes on."""
    native = True
    for number, table in enumerate(with_rows(reply)):
        as_block = native and len(table.columns) <= COLUMNS
        block, shown = _table(table) if as_block else _lines(table)
        native = native and not as_block
        yield [block, *_more(len(table.rows) - shown, reply.language, links, f"table{number}")]


def table_text(reply: Reply) -> str:
    """Return the tables as text: for notifications, and for when Slack refuses the blocks."""
    records = (record for table in with_rows(reply) for record in (table.columns, *table.rows))
    return "\n".join(map(_line, records))


def with_rows(reply: Reply) -> list[Table]:
    """Return the reply's tables that hold anything."""
    return [table for table in reply.tables if table.columns and table.rows]


def _table(table: Table) -> tuple[Block, int]:
    """Return the table with as many rows as fit, and how many those are: one at least."""
    most = max(min(CELL, (TABLE - COLUMNS * NAME) // len(table.columns)), 1)
    head = [_cell(name, min(NAME, most)) for name in table.columns]
    rows, room = [head], TABLE - _length(head)
    for record in table.rows[:ROWS]:
        row = [_cell(cell, most) for cell in _filled(record, len(head))]
        room -= _length(row)
        if room < 0 and len(rows) > 1:
            break
        rows.append(row)
    settings = [_column(table, at) for at in range(len(head))]
    return {"type": "table", "rows": rows, "column_settings": settings}, len(rows) - 1


def _lines(table: Table) -> tuple[Block, int]:
    """Return the table as a list below its columns' names, and how many rows that has."""
    lines: list[list[tuple[str, str]]] = []
    room = LINES
    for record in table.rows[:ROWS]:
        line = shortened(_line(record), LINES)
        room -= len(line)
        if room < 0 and lines:
            break
        lines.append([(line, "")])
    return linked_lines(shortened(_line(table.columns), LINES), lines), len(lines)


def _more(hidden: int, language: Language, links: Links, name: str) -> list[Block]:
    if hidden <= 0:
        return []
    texts = TEXTS[language]
    whole = [Choice(texts["full"], url=links.answer)] if links.answer else []
    return [context(texts["more_rows"].format(count=hidden)), *buttons(whole, name)]


def _cell(text: str, most: int) -> Block:
    return {"type": "raw_text", "text": shortened(clean(text).strip(), most) or _NOTHING}


def _length(row: Sequence[Block]) -> int:
    return sum(len(cell["text"]) for cell in row)


def _filled(record: Sequence[str], columns: int) -> list[str]:
    return [*record[:columns], *[""] * (columns - len(record))]


def _column(table: Table, at: int) -> Block:
    """Return how a column stands: amounts to the right, everything else to the left."""
    cells = [record[at].strip() for record in table.rows if at < len(record) and record[at].strip()]
    amounts = bool(cells) and all(_AMOUNT.fullmatch(cell) for cell in cells)
    return {"align": "right" if amounts else "left", "is_wrapped": True}


def _line(record: Sequence[str]) -> str:
    return BETWEEN.join(" ".join(clean(cell).split()) or _NOTHING for cell in record)
