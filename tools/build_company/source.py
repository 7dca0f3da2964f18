"""Reads a source text: a small part of Markdown, with front matter and a few directives in HTML comments.

Every line that is not blank is a paragraph of its own. Directives: ``<!-- widths: 2 3 -->`` before a table,
``<!-- page -->`` for a page break, ``<!-- columns -->`` and ``<!-- end -->`` around text set in two columns.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_DIRECTIVE = re.compile(r"<!--\s*(\w+)(?::\s*(.*?))?\s*-->")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the outermost."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. ``indent`` counts steps; ``hang`` is the marker (一、, （一）, •) that the text hangs from."""

    text: str
    indent: int = 0
    hang: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the header first. ``widths`` are proportions, empty when they follow from the text."""

    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows starts on a new page."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks set in two columns."""

    blocks: tuple[Heading | Paragraph | Table, ...]


Block = Heading | Paragraph | Table | PageBreak | Columns


@dataclass(frozen=True, slots=True)
class Document:
    """A source: its front matter and its blocks in order."""

    meta: Mapping[str, str]
    blocks: tuple[Block, ...]


def read(path: Path) -> Document:
    """Read a source file. Raises ValueError when it has no front matter."""
    head, rule, body = path.read_text(encoding="utf-8").partition("\n---\n")
    if not rule:
        raise ValueError(f"{path.name} has no front matter: 'key: value' lines, then a line of ---")
    meta = dict(line.split(": ", 1) for line in head.splitlines() if line)
    return Document(meta, tuple(_blocks(body.splitlines())))


def _blocks(lines: list[str]) -> list[Block]:
    found: list[Block] = []
    widths: tuple[float, ...] = ()
    rest = iter(lines)
    table: list[tuple[str, ...]] = []
    for line in [*rest, ""]:
        if table and not line.startswith("|"):
            found.append(Table(tuple(table), widths))
            table, widths = [], ()
        if line.startswith("|"):
            cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
            if not set("".join(cells)) <= set("-:"):
                table.append(cells)
        elif directive := _DIRECTIVE.match(line):
            if directive[1] == "widths":
                widths = tuple(float(w) for w in directive[2].split())
            else:
                _direct(directive[1], found)
        elif line.strip():
            found.append(_line(line))
    return found


def _direct(name: str, found: list[Block]) -> None:
    if name == "end":
        start = max(i for i, block in enumerate(found) if isinstance(block, Columns))
        inside = tuple(b for b in found[start + 1 :] if isinstance(b, Heading | Paragraph | Table))
        found[start:] = [Columns(inside)]
    else:
        found.append(Columns(()) if name == "columns" else PageBreak())


def _line(line: str) -> Heading | Paragraph:
    if heading := re.match(r"(#+)\s+(.*)", line):
        return Heading(len(heading[1]), heading[2])
    if item := re.match(r"- (.*)", line):
        return Paragraph(item[1], indent=1, hang="• ")
    if item := re.match(r"([一二三四五六七八九十]+、)(.*)", line):
        return Paragraph(item[2], indent=1, hang=item[1])
    if item := re.match(r"(（[一二三四五六七八九十]+）)(.*)", line):
        return Paragraph(item[2], indent=2, hang=item[1])
    if item := re.match(r"(\d+[.)] )(.*)", line):
        return Paragraph(item[2], indent=1, hang=item[1])
    return Paragraph(line.strip())
