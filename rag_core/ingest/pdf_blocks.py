"""From the lines and tables of a PDF page to headings and paragraphs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag_core.ingest.blocks import Block, Heading, Paragraph, Table, joined
from rag_core.ingest.headings import (
    ARTICLE_LEVEL,
    Articles,
    article,
    article_blocks,
    ends_sentence,
    is_item,
    is_numbered_title,
    numbering,
    part_level,
)
from rag_core.ingest.pdf_lines import Line, in_reading_order
from rag_core.ingest.pdf_tables import PageTable

_LARGER = 1.12  # times the text's size, from which a line is a heading
_LONGEST_HEADING = 100
_MOST_HEADING_LINES = 3
_BODY = 9_000  # levels of headings set like the text come after all that are set larger
_PARAGRAPH_GAP, _WIDE_GAP = 0.75, 1.5  # of a line's height


@dataclass(frozen=True, slots=True)
class Styles:
    """How a document is set: the size of its text, whether that is bold, and the larger sizes, largest first."""

    body: float
    body_bold: bool
    larger: tuple[float, ...]


def styles(lines: Iterable[Line]) -> Styles:
    """Return how a document's lines are set."""
    characters: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        characters[line.size, line.bold] += len(line.text)
    sizes: Counter[float] = Counter()
    for (size, _), count in characters.items():
        sizes[size] += count
    body = max(sizes, key=lambda size: sizes[size], default=0.0)
    larger = sorted((size for size in sizes if size >= body * _LARGER), reverse=True)
    return Styles(body, characters[body, True] > characters[body, False], tuple(larger))


def page_blocks(lines: Sequence[Line], tables: Sequence[PageTable], look: Styles, page: int) -> Iterator[Block]:
    """Yield a page's blocks in reading order. Text inside a table is the table's and no prose."""
    free = [line for line in lines if not any(_inside(line, table) for table in tables)]
    waiting = list(tables)
    builder = _Paragraphs(look, page)
    ordered = in_reading_order(free)
    for i, line in enumerate(ordered):
        while waiting and _is_above(waiting[0], line):
            yield from builder.flush()
            yield Table(waiting.pop(0).rows, page)
        following = ordered[i + 1].text if i + 1 < len(ordered) else ""
        yield from builder.add(line, (ordered[i - 1].text if i else "", following))
    yield from builder.flush()
    yield from (Table(table.rows, page) for table in waiting)


def _inside(line: Line, table: PageTable) -> bool:
    x, y = line.middle
    x0, y0, x1, y1 = table.box
    return x0 - 1 <= x <= x1 + 1 and y0 - 1 <= y <= y1 + 1


def _is_above(table: PageTable, line: Line) -> bool:
    """Return whether the table comes before a line: above it, and not in a column beside it."""
    beside = table.box[2] < line.x0 or table.box[0] > line.x1
    return not beside and table.box[1] < line.y0


class _Paragraphs:
    """Puts the lines of a page together, one after the other in reading order."""

    def __init__(self, look: Styles, page: int) -> None:
        self._look, self._page = look, page
        self._lines: list[Line] = []
        self._heading: list[Line] = []

    def add(self, line: Line, beside: tuple[str, str]) -> Iterator[Block]:
        """Take the next line; yield what it ends."""
        level = self._level(line, beside)
        if self._heading and level is not None and self._continues_heading(line):
            self._heading.append(line)
            return
        yield from self._flush_heading()
        if level is not None:
            yield from self._flush_paragraph()
            self._heading = [line]
            return
        if self._lines and not self._continues(line):
            yield from self._flush_paragraph()
        self._lines.append(line)

    def flush(self) -> Iterator[Block]:
        """Yield what has been taken and not yielded."""
        yield from self._flush_heading()
        yield from self._flush_paragraph()

    def _level(self, line: Line, beside: tuple[str, str]) -> int | None:
        """Return a heading's level: by its size first, then by its number; None for running text."""
        look, depth = self._look, ARTICLE_LEVEL if article(line.text) else numbering(line.text) or 0
        part = part_level(line.text)
        above, following = beside
        if line.size >= look.body * _LARGER and len(line.text) <= _LONGEST_HEADING and _says_something(line.text):
            return 100 * (look.larger.index(line.size) + 1 if line.size in look.larger else 50) + (part or depth)
        if part is not None:
            return _BODY + part
        if line.bold and not look.body_bold and _is_short_title(line, following):
            return _BODY + (depth or 50)
        return _BODY + depth if is_numbered_title(line.text, following, above) else None

    def _continues_heading(self, line: Line) -> bool:
        last = self._heading[-1]
        return (
            line.size == last.size
            and line.bold == last.bold
            and not is_item(line.text)
            and part_level(line.text) is None
            and article(line.text) is None
            and (part_level(last.text), article(last.text)) == (None, None)
            and 0 <= line.y0 - last.y0 < 2 * (last.y1 - last.y0)
        )

    def _flush_heading(self) -> Iterator[Block]:
        lines, self._heading = self._heading, []
        if not lines:
            return
        text = joined(line.text for line in lines)
        if len(lines) > _MOST_HEADING_LINES or len(text) > 2 * _LONGEST_HEADING:
            yield Paragraph(_verbatim(lines), self._page)
        else:
            yield Heading(text, self._level(lines[0], ("", "…")) or _BODY, self._page)

    def _continues(self, line: Line) -> bool:
        """Return whether a line goes on with the paragraph above it."""
        last = self._lines[-1]
        height = max(1.0, last.y1 - last.y0)
        if abs(line.middle[1] - last.middle[1]) < 0.4 * height:  # the rest of a row
            return True
        if (
            is_item(line.text)
            or abs(line.size - last.size) > max(1, 0.2 * last.size)
            or line.y0 - last.y1 > self._gap(last) * height
        ):
            return False
        if line.y0 < last.y0 - height:  # the next column: goes on unless a sentence has ended
            return not ends_sentence(last.text)
        right = max(each.x1 for each in self._lines)
        is_short = last.x1 < right - 2.5 * last.size
        ended = last.text[-1] in "。！？：.!?:"
        indented = line.x0 > min(each.x0 for each in self._lines) + 1.2 * line.size
        return not (ended and (is_short or indented or self._is_narrow(last))) and not (
            is_short and len(self._lines) > 1
        )

    def _gap(self, last: Line) -> float:
        """Return how far below the next line may stand; further where a long line stops within its sentence."""
        unfinished = not ends_sentence(last.text) and last.x1 - last.x0 >= 20 * last.size
        return _WIDE_GAP if unfinished else _PARAGRAPH_GAP

    def _is_narrow(self, line: Line) -> bool:
        """Return whether a single line is too short to have reached the margin."""
        return len(self._lines) == 1 and line.x1 - line.x0 < 20 * line.size

    def _flush_paragraph(self) -> Iterator[Block]:
        lines, self._lines = self._lines, []
        if lines:
            yield Paragraph(_verbatim(lines), self._page, item=is_item(lines[0].text))


def _says_something(text: str) -> bool:
    return sum(character.isalnum() for character in text) >= 2


def _is_short_title(line: Line, following: str) -> bool:
    return len(line.text) <= 60 and not ends_sentence(line.text) and bool(following) and _says_something(line.text)


def _verbatim(lines: Sequence[Line]) -> str:
    """Join a paragraph's lines; a line end stays where the page's own text does not go on with the next line."""
    parts: list[list[str]] = []
    for i, line in enumerate(lines):
        if i and line.index == lines[i - 1].index + 1:
            parts[-1].append(line.text)
        else:
            parts.append([line.text])
    return "\n".join(map(joined, parts))


def with_articles(blocks: Iterable[Block]) -> Iterator[Block]:
    """Turn paragraphs and headings that open an article of a law into its heading and text.

    Numbered lines set like the text are entries of the article they stand in, however short.
    """
    articles = Articles()
    inside = False
    for block in blocks:
        found = None if isinstance(block, Table) else articles.opened_by(block.text)
        if found and isinstance(block, Heading):
            yield Heading(block.text, block.level, block.page, article=True)
        elif found:
            yield from article_blocks(found, block.page, _BODY + ARTICLE_LEVEL)
        elif inside and isinstance(block, Heading) and block.level >= _BODY and numbering(block.text):
            yield Paragraph(block.text, block.page, item=True)
        else:
            inside = inside and not isinstance(block, Heading)
            yield block
        inside = inside or found is not None
