"""Sets a source as a paged PDF with a real text layer, ruled tables, running heads and page numbers.

PyMuPDF's own layout (Story) places CJK table cells so that their text comes out of order, so lines are
placed here one by one, in reading order. The font is the one PyMuPDF carries; only the glyphs used stay in the file.
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf

from tools.build_company.source import Block, Columns, Document, Heading, PageBreak, Paragraph, Table

_PAGE = pymupdf.paper_rect("a4")
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 62.0, 84.0, 74.0
_SIZE, _LEADING, _CELL = 10.5, 1.62, 9.5  # points; lines are _LEADING times their size apart
_HEADINGS = {1: (15.5, 20.0), 2: (13.0, 13.0), 3: (12.0, 9.0)}  # level: size, space above, in points
_NEVER_FIRST = "，。、；：？！）」』％…—～)]},.;:?!%"
_BOLD = re.compile(rb"([\d.]+) Tf 2 Tr")
_NEVER_LAST = "（「『(["
_Colour = tuple[float, float, float]
_INK, _ACCENT, _FAINT, _SHADE = (0.1, 0.1, 0.12), (0.08, 0.24, 0.42), (0.45, 0.47, 0.5), (0.9, 0.93, 0.96)


@dataclass(slots=True)
class _Frame:
    """Where text goes next: a column from ``left`` to ``right``, at height ``y``."""

    left: float
    right: float
    y: float
    bottom: float = _PAGE.height - _BOTTOM


@dataclass(slots=True)
class _Setter:
    document: Document
    pdf: pymupdf.Document = field(default_factory=pymupdf.open)
    font: pymupdf.Font = field(default_factory=lambda: pymupdf.Font("cjk"))
    toc: list[tuple[int, str, int]] = field(default_factory=list)
    columns: list[_Frame] = field(default_factory=list)  # columns still free on this page
    frame: _Frame = field(default_factory=lambda: _Frame(_LEFT, _PAGE.width - _RIGHT, _TOP))

    def line(self, x: float, y: float, text: str, size: float, *, bold: bool = False, colour: _Colour = _INK) -> None:
        """Place one line with its baseline at ``y``. The bold face is the plain one with its outline inked."""
        writer = pymupdf.TextWriter(_PAGE)
        writer.append((x, y), text, font=self.font, fontsize=size)
        writer.write_text(self.pdf[-1], color=colour, render_mode=2 if bold else 0)

    def page(self) -> None:
        self.pdf.new_page(width=_PAGE.width, height=_PAGE.height)
        self.frame = _Frame(_LEFT, _PAGE.width - _RIGHT, _TOP)

    def room(self, height: float) -> None:
        """Go on in the next column or page when ``height`` points no longer fit."""
        if self.frame.y + height <= self.frame.bottom:
            return
        if self.columns:
            self.frame = self.columns.pop(0)
        else:
            self.page()

    def block(self, block: Block) -> None:
        match block:
            case Heading():
                self.heading(block)
            case Paragraph():
                self.paragraph(block)
            case Table():
                self.table(block)
            case PageBreak():
                self.page()
            case Columns():
                self.two_columns(block)

    def heading(self, heading: Heading) -> None:
        size, above = _HEADINGS[heading.level]
        self.room(above + size * (7 if heading.level == 1 else 4))  # a heading keeps with its text
        if self.frame.y > _TOP + 1:
            self.frame.y += above
        colour = _ACCENT if heading.level < 3 else _INK
        for text in wrap(self.font, heading.text, size, self.frame.right - self.frame.left):
            self.line(self.frame.left, self.frame.y + size, text, size, bold=True, colour=colour)
            self.frame.y += size * 1.5
        self.frame.y += 3
        self.toc.append((min(heading.level, len(self.toc) + 1), heading.text, len(self.pdf)))

    def paragraph(self, paragraph: Paragraph) -> None:
        indent = 14.0 * paragraph.indent
        hang = self.font.text_length(paragraph.hang, _SIZE)
        step = _SIZE * _LEADING
        lines = wrap(self.font, paragraph.text, _SIZE, self.frame.right - self.frame.left - indent - hang)
        for number, text in enumerate(lines):
            self.room(step)
            x = self.frame.left + indent + (0 if number == 0 else hang)
            self.line(x, self.frame.y + _SIZE, paragraph.hang + text if number == 0 else text, _SIZE)
            self.frame.y += step
        self.frame.y += 3

    def table(self, table: Table) -> None:
        widths = self._widths(table)
        rows = [self._cells(row, widths) for row in table.rows]
        self.frame.y += 4
        self.room(sum(_height(row) for row in rows[:3]))
        self._row(rows[0], widths, head=True)
        for row in rows[1:]:
            here = self.pdf[-1].number, self.frame.left
            self.room(_height(row))
            if here != (self.pdf[-1].number, self.frame.left):
                self._row(rows[0], widths, head=True)
            self._row(row, widths, head=False)
        self.frame.y += 10

    def _widths(self, table: Table) -> list[float]:
        full = self.frame.right - self.frame.left
        shares = table.widths or tuple(
            min(max(self.font.text_length(row[i], _CELL) + 14 for row in table.rows), full * 0.6)
            for i in range(len(table.rows[0]))
        )
        return [full * share / sum(shares) for share in shares]

    def _cells(self, row: tuple[str, ...], widths: list[float]) -> list[list[str]]:
        return [wrap(self.font, cell, _CELL, width - 10) for cell, width in zip(row, widths, strict=True)]

    def _row(self, cells: list[list[str]], widths: list[float], *, head: bool) -> None:
        x, y, height = self.frame.left, self.frame.y, _height(cells)
        for lines, width in zip(cells, widths, strict=True):
            box = pymupdf.Rect(x, y, x + width, y + height)
            self.pdf[-1].draw_rect(box, color=_FAINT, width=0.6, fill=_SHADE if head else None)
            for number, text in enumerate(lines):
                self.line(x + 5, y + 5 + _CELL + number * _CELL * 1.4, text, _CELL, bold=head)
            x += width
        self.frame.y += height

    def two_columns(self, columns: Columns) -> None:
        """Set the blocks in two columns of about the same height and go on below the longer one."""
        gap, start = 22.0, self.frame.y + 4
        full, middle = self.frame, (self.frame.left + self.frame.right) / 2
        right = _Frame(middle + gap / 2, full.right, start)
        left = _Frame(full.left, middle - gap / 2, start)
        left.bottom = right.bottom = min(full.bottom, start + self._height(columns, left) / 2 + 40)
        self.columns, self.frame = [right], left
        for block in columns.blocks:
            self.block(block)
        self.columns = []
        end = max(left.y, right.y)
        self.pdf[-1].draw_line((middle, start), (middle, end), color=_SHADE, width=0.8)
        self.frame = _Frame(full.left, full.right, end)

    def _height(self, columns: Columns, column: _Frame) -> float:
        """Return how high the blocks stand in one endless column, in points."""
        trial = _Setter(self.document)
        trial.page()
        trial.frame = _Frame(column.left, column.right, column.y, math.inf)
        for block in columns.blocks:
            trial.block(block)
        return trial.frame.y - column.y

    def title(self) -> None:
        meta = self.document.meta
        self.page()
        for text in wrap(self.font, meta["title"], 22, _PAGE.width - _LEFT - _RIGHT):
            self.line(_LEFT, self.frame.y + 26, text, 22, bold=True, colour=_ACCENT)
            self.frame.y += 32
        self.frame.y += 4
        if "subtitle" in meta:
            self.line(_LEFT, self.frame.y + 12, meta["subtitle"], 11, colour=_FAINT)
            self.frame.y += 24

    def running_heads(self) -> None:
        """Write each page's head and foot, last of all, when the number of pages is known."""
        meta, total = self.document.meta, len(self.pdf)
        for page in self.pdf:
            page.draw_line((_LEFT, 62), (_PAGE.width - _RIGHT, 62), color=_FAINT, width=0.5)
            foot = meta.get("foot", "第 {page} 頁，共 {total} 頁").format(page=page.number + 1, total=total)
            right = _PAGE.width - _RIGHT
            for x, y, text in (
                (_LEFT, 54.0, meta["company"]),
                (right - self.font.text_length(meta["number"], 8.5), 54.0, meta["number"]),
                ((_PAGE.width - self.font.text_length(foot, 8.5)) / 2, _PAGE.height - 40, foot),
            ):
                writer = pymupdf.TextWriter(_PAGE)
                writer.append((x, y), text, font=self.font, fontsize=8.5)
                writer.write_text(page, color=_FAINT)


def _height(cells: list[list[str]]) -> float:
    return max(len(lines) for lines in cells) * _CELL * 1.4 + 8


def wrap(font: pymupdf.Font, text: str, size: float, width: float) -> list[str]:
    """Break a text into lines no wider than ``width`` points; words stay whole, punctuation never starts a line."""
    lines, line = [], ""
    for piece in re.findall(r"[A-Za-z0-9@#&+.,/:_'’%-]+|.", text):
        if line and font.text_length(line + piece, size) > width and piece not in _NEVER_FIRST:
            carried = line[-1] if line[-1] in _NEVER_LAST else ""
            lines.append(line.removesuffix(carried).rstrip())
            line = carried + piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def build(document: Document, target: Path) -> None:
    """Write the source as a PDF at ``target``. The same source gives the same bytes."""
    setter = _Setter(document)
    setter.title()
    for block in document.blocks:
        setter.block(block)
    if not setter.pdf[-1].get_text().strip():
        setter.pdf.delete_page(-1)
    setter.running_heads()
    pdf = setter.pdf
    pdf.set_toc([list(entry) for entry in _stepwise(setter.toc)])
    dated = "D:" + document.meta["date"].replace("-", "") + "090000+08'00'"
    by = {"title": document.meta["title"], "author": document.meta["company"]}
    pdf.set_metadata({**by, "creationDate": dated, "modDate": dated})
    pdf.subset_fonts()
    for page in pdf:
        page.clean_contents()
        stream = page.get_contents()[0]
        pdf.update_stream(stream, _BOLD.sub(_thin, pdf.xref_stream(stream)))
    pdf.save(target, garbage=4, deflate=True, use_objstms=1, no_new_id=True)


def _thin(match: re.Match[bytes]) -> bytes:
    """Ink the outline of bold letters with 3 % of their size: PyMuPDF leaves it at 1 point, which clogs small type."""
    return match[0] + b" %.3f w" % (0.03 * float(match[1]))


def _stepwise(entries: list[tuple[int, str, int]]) -> list[tuple[int, str, int]]:
    """Lower levels so that none is more than one deeper than the entry before it, as PDF outlines require."""
    found: list[tuple[int, str, int]] = []
    for level, text, page in entries:
        found.append((min(level, found[-1][0] + 1 if found else 1), text, page))
    return found
