"""Marks where a chunk of a PDF does not follow its page's own text, so that no quote runs over such a place.

A page is often read in another order than its text is written in: columns, forms, merged cells. There a blank line
parts two lines, and a broken bar (¦) two cells instead of "|". Between two such places the chunk stands on its
page word for word, white space aside. A single line or cell that the page does not say in one go has a broken bar
without a space behind it; this is no border of a cell.
"""

import re
from bisect import bisect_left
from dataclasses import replace

from rag_core.ingest.blocks import squeezed
from rag_core.types import Chunk, ChunkKind

_LINES = re.compile(r"(\n)")
_LINES_AND_CELLS = re.compile(r"(\n|(?:^|(?<=\s))\|(?=\s|$))", re.MULTILINE)
_PARTS = {"\n": "\n\n", "|": "¦"}


def parted(chunk: Chunk, page: str) -> Chunk:
    """Return the chunk with its breaks. ``page`` is the page's text without white space; empty, none are sought."""
    if not page:
        return chunk
    separator = _LINES_AND_CELLS if chunk.kind is ChunkKind.TABLE else _LINES
    marks_and_units = ["", *separator.split(chunk.text)]
    text = run = ""
    for mark, unit in zip(marks_and_units[::2], marks_and_units[1::2], strict=True):
        said = squeezed(unit)
        if not said or run + said in page:
            text, run = text + mark + unit, run + said
        else:
            pieces = _pieces(unit, page)
            text, run = text + _PARTS.get(mark, "") + "¦".join(pieces), squeezed(pieces[-1])
    return replace(chunk, text=text.replace("\0", "¦"))  # a NUL, which some formulas have, is not stored


def _pieces(unit: str, page: str) -> list[str]:
    """Return a line or cell in pieces that the page says, mostly the whole; cut at a space where there is one."""
    pieces: list[str] = []
    while unit:
        end = _longest(unit, page)
        pieces.append(unit[:end])
        unit = unit[end:]
    return pieces


def _longest(text: str, page: str) -> int:
    """Return how many characters at the text's beginning the page says in one go, at least 1."""
    said = bisect_left(range(1, len(text) + 1), True, key=lambda end: squeezed(text[:end]) not in page)
    if said == len(text):
        return said
    space = text.rfind(" ", 0, said + 1) + 1
    return space if text[:space].strip() else max(1, said)
