"""Tables in text: CSV, TSV and JSON Lines."""

import csv
import io
import json
from collections.abc import Iterable, Mapping

from rag_core.errors import UnreadableDocument
from rag_core.ingest import faq
from rag_core.ingest.blocks import Block, Content, Heading, Paragraph, Table, tidy
from rag_core.ingest.text import decoded

_LONGEST_FIELD = 10_000_000  # characters; the csv module's own limit is 131,072
_SAMPLE = 20_000


def read_csv(data: bytes) -> Content:
    """Return the table of a CSV or TSV file; its delimiter is found from the file, not from its name."""
    text, warnings = decoded(data)
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise UnreadableDocument(f"The table cannot be read ({error}).") from error
    return Content(tuple(table_blocks(rows)), warnings=(*warnings, *unused_columns(rows)))


def _delimiter(text: str) -> str:
    """Return the delimiter that splits most evenly: the one whose count varies least over the first records."""
    first = next((line for line in text[:_SAMPLE].split("\n") if line.strip()), "")
    return max(",\t;|", key=lambda delimiter: (first.count(delimiter) > 0, _evenness(text[:_SAMPLE], delimiter)))


def _evenness(text: str, delimiter: str) -> float:
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))[:50]
    widths = [len(row) for row in rows if row]
    return max((widths.count(w) * (w > 1) for w in set(widths)), default=0) / max(1, len(widths))


def table_blocks(rows: tuple[tuple[str, ...], ...]) -> list[Block]:
    """Return a sheet's blocks: single cells above the header are headings or text; an empty row ends a table."""
    blocks: list[Block] = []
    group: list[tuple[str, ...]] = []
    for row in [*rows, ()]:
        if any(cell.strip() for cell in row):
            group.append(row)
        else:
            blocks.extend(_group_blocks(group))
            group = []
    return _with_header_again(blocks)


def _group_blocks(group: list[tuple[str, ...]]) -> list[Block]:
    blocks: list[Block] = []
    several = sum(1 for row in group if _filled(row) > 1) > 1
    while several and group and _filled(group[0]) == 1:
        text = tidy("".join(group.pop(0)))
        blocks.append(Heading(text, 10) if len(text) <= 40 else Paragraph(text))
    if several and group:
        blocks.append(Table(tuple(group)))
    else:
        blocks.extend(Paragraph(" ".join(filter(None, map(tidy, row)))) for row in group)
    return blocks


def _filled(row: tuple[str, ...]) -> int:
    return sum(1 for cell in row if cell.strip())


def _with_header_again(blocks: list[Block]) -> list[Block]:
    """Give the first table's header to those after an empty row that continue an FAQ."""
    result: list[Block] = []
    header: tuple[str, ...] = ()
    for block in blocks:
        if isinstance(block, Table):
            if faq.columns(block.rows[0]):
                header = block.rows[0]
            elif header and len(header) == len(block.rows[0]):
                result.append(Table(block.rows, block.page, header))
                continue
        result.append(block)
    return result


def unused_columns(rows: tuple[tuple[str, ...], ...]) -> list[str]:
    """Return a warning when a table of questions has columns that are left out."""
    header = next((row for row in rows if _filled(row) > 1), ())
    found = faq.columns(header)
    if not found or not found.unused:
        return []
    names = ", ".join(header[i].strip() for i in found.unused)
    return [f"Read as questions and answers; not read: the columns {names}."]


def read_json_lines(data: bytes) -> Content:
    """Return the table that the objects of a JSON Lines file make, a column a key."""
    text, warnings = decoded(data)
    try:
        records = [json.loads(line) for line in text.split("\n") if line.strip()]
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableDocument(f"A line of the file is not JSON ({error}).") from error
    content = records_content(records)
    return Content(content.blocks, warnings=(*warnings, *content.warnings))


def records_content(records: Iterable[object]) -> Content:
    """Return flat objects as one table. Raises UnreadableDocument when they are not objects."""
    objects = list(records)
    if not objects or not all(isinstance(record, Mapping) for record in objects):
        raise UnreadableDocument("The JSON is neither a law's articles nor a list of records.")
    keys = list(dict.fromkeys(str(key) for record in objects if isinstance(record, Mapping) for key in record))
    rows = [tuple(_cell(record.get(key)) for key in keys) for record in objects if isinstance(record, Mapping)]
    table = (tuple(keys), *rows)
    return Content((Table(table),), warnings=tuple(unused_columns(table)))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(map(_cell, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
