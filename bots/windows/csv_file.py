"""Reads the CSV files a company writes: people, data, reviews. Errors tell the line and quote nothing of the file."""

import csv
import io
from collections.abc import Iterator

from rag_core.errors import UnreadableDocument
from rag_core.ingest.text import decoded

_LONGEST_CELL = 131_072  # characters: csv's own limit, which other readers of this process may have raised


class BadCsv(Exception):
    """The file cannot be used. ``line``: where it goes wrong, None if as a whole."""

    def __init__(self, trouble: str, line: int | None = None) -> None:
        super().__init__(trouble)
        self.line = line


def records(content: bytes, first_line: str = "its first line names the columns") -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank, its cells stripped, with the line it begins in.

    ``first_line``: what the first line must be, for whoever gave a file that is no CSV. Raises BadCsv, on the way.
    """
    reader = csv.reader(io.StringIO(_text(content, first_line), newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            _check_length(cells)
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadCsv("is not CSV from here on; look for a quotation mark too many or a huge cell", line) from error


def _check_length(cells: list[str]) -> None:
    if any(len(cell) > _LONGEST_CELL for cell in cells):
        raise csv.Error(f"a cell of more than {_LONGEST_CELL} characters")


def check_width(cells: int, width: int, line: int | None = None) -> None:
    """Raise BadCsv for a record with more or fewer cells than the first line has."""
    if cells != width:
        why = "put a text that holds a comma in quotes" if cells > width else "an empty cell needs its comma"
        raise BadCsv(f"has {cells} cells, but the first line has {width}; {why}", line)


def _text(content: bytes, first_line: str) -> str:
    try:
        text, warnings = decoded(content)
    except UnreadableDocument as error:
        raise BadCsv(f"{str(error).rstrip('.')}; {first_line}") from error
    if warnings or "\ufffd" in text:
        at = text.find("\ufffd")
        line = text.count("\n", 0, at) + 1 if at >= 0 else None
        raise BadCsv("some characters are damaged; save it again as CSV UTF-8", line)
    return text.removeprefix("\ufeff")
