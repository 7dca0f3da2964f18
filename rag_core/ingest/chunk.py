"""Cut a document's blocks into chunks that follow its structure.

A chunk never crosses a heading or a page. A paragraph stays whole up to ``LONGEST``; smaller neighbours are
put together up to ``TARGET``; a list stays with the line that introduces it, a table with its header row.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from rag_core.ingest import faq
from rag_core.ingest.blocks import Block, Heading, Paragraph, Table, size, tidy
from rag_core.types import Chunk, ChunkKind

TARGET = 450.0  # in CJK characters (a Latin letter counts half): an answer of two or three sentences and its setting
LONGEST = 900.0  # a Wikipedia paragraph is one chunk
_TINY = 120.0  # less than this says little alone
_SENTENCE_END = re.compile(r"[。！？；;]+[」』”’）)]*|[!?.]{1,8}[\"')\]]{0,4}(?=\s)|\n")
_CLAUSE = re.compile(r"[^，、,]*(?:[，、,]+|$)", re.DOTALL)


def chunks(blocks: Iterable[Block]) -> list[Chunk]:
    """Return the chunks of a document's blocks, in reading order. Empty text makes none."""
    builder = _Builder()
    for block in blocks:
        builder.add(block)
    return builder.finished()


class _Builder:
    def __init__(self) -> None:
        self._path: list[Heading] = []
        self._bare: Heading | None = None  # the last heading, as long as nothing stands below it
        self._waiting: list[Paragraph] = []
        self._done: list[Chunk] = []

    def add(self, block: Block) -> None:
        match block:
            case Heading():
                self._enter(block)
            case Paragraph():
                if self._waiting and self._waiting[-1].page != block.page:
                    self._flush()
                self._waiting.append(block)
            case Table():
                self._flush()
                self._add_table(block)

    def finished(self) -> list[Chunk]:
        self._flush()
        self._keep_bare_heading()
        return self._done

    def _enter(self, heading: Heading) -> None:
        self._flush()
        if self._bare and heading.level <= self._bare.level:
            self._keep_bare_heading()
        while self._path and self._path[-1].level >= heading.level:
            self._path.pop()
        self._path.append(heading)
        self._bare = heading

    def _keep_bare_heading(self) -> None:
        """A heading with nothing below it is all its section says, so it becomes a text of its own."""
        if self._bare:
            above = tuple(h.text for h in self._path if h is not self._bare)
            self._done.append(Chunk(self._bare.text, above, self._bare.page))
        self._bare = None

    def _flush(self) -> None:
        paragraphs, self._waiting = self._waiting, []
        is_law = any(heading.article for heading in self._path)
        kind = ChunkKind.LAW if is_law else ChunkKind.PROSE
        for text in packed(paragraphs, target=LONGEST if is_law else TARGET):
            self._emit(text, paragraphs[0].page, kind)

    def _add_table(self, table: Table) -> None:
        rows = _rectangular(table.rows)
        if not rows:
            return
        found = faq.columns(table.header or rows[0])
        if found and max(found.question, found.answer) < len(rows[0]):
            for pair in faq.pairs(rows if table.header else rows[1:], found):
                self._emit(pair.answer, table.page, ChunkKind.FAQ, (*pair.topics, pair.question))
        elif len(rows[0]) == 1:
            self._waiting = [Paragraph(tidy(row[0]), table.page) for row in rows]
            self._flush()
        else:
            below = (" | ".join(filter(None, map(tidy, table.header))),) if table.header else ()
            for text in table_parts(rows, has_header=not table.header):
                self._emit(text, table.page, ChunkKind.TABLE, below)

    def _emit(self, text: str, page: int | None, kind: ChunkKind, below: tuple[str, ...] = ()) -> None:
        if text.strip():
            path = tuple(heading.text for heading in self._path)
            self._done.append(Chunk(text if kind is ChunkKind.TABLE else text.strip(), (*path, *below), page, kind))
            self._bare = None


def packed(paragraphs: Sequence[Paragraph], *, target: float = TARGET) -> list[str]:
    """Return the paragraphs' text in pieces of about ``target``, never above ``LONGEST`` (see ``blocks.size``)."""
    pieces: list[str] = []
    for piece in (part for group in _groups(paragraphs) for part in _within_limit(group)):
        together = size(pieces[-1]) + size(piece) if pieces else 0
        fits = together <= target or (min(size(pieces[-1]), size(piece)) < _TINY and together <= LONGEST)
        if pieces and fits:
            pieces[-1] = f"{pieces[-1]}\n{piece}"
        else:
            pieces.append(piece)
    return pieces


def _groups(paragraphs: Sequence[Paragraph]) -> Iterator[list[str]]:
    """Yield single paragraphs, and lists with the line that introduces them."""
    group: list[str] = []
    was_item = False
    for paragraph in paragraphs:
        text = paragraph.text.strip()
        if not text:
            continue
        introduced = bool(group) and not was_item and group[-1].endswith(("：", ":"))
        if group and not (paragraph.item and (was_item or introduced or len(group) == 1)) and not introduced:
            yield group
            group = []
        group.append(text)
        was_item = paragraph.item
    if group:
        yield group


def _within_limit(group: list[str]) -> list[str]:
    """Return a group as one text, or cut to ``TARGET``, each part of a list beginning with its introduction."""
    whole = "\n".join(group)
    if size(whole) <= LONGEST:
        return [whole]
    if len(group) == 1:
        return sentences_within(whole, TARGET)
    introduction = group[0] if size(group[0]) <= _TINY * 2 else ""
    parts: list[str] = []
    for item in (part for text in group[bool(introduction) :] for part in sentences_within(text, LONGEST - _TINY * 2)):
        if parts and size(parts[-1]) + size(item) <= TARGET:
            parts[-1] = f"{parts[-1]}\n{item}"
        else:
            parts.append(f"{introduction}\n{item}" if introduction else item)
    return parts


def sentences_within(text: str, limit: float) -> list[str]:
    """Cut a text at its sentence ends into parts of about equal size, each at most ``limit``.

    A sentence that is longer is cut at its commas, and failing these anywhere.
    """
    if size(text) <= limit:
        return [text]
    share = size(text) / -(-size(text) // limit)
    parts = [""]
    for sentence in _cut(text, limit):
        if parts[-1] and (size(parts[-1]) >= share or size(parts[-1]) + size(sentence) > limit):
            parts.append("")
        parts[-1] += sentence
    return [part.strip() for part in parts if part.strip()]


def _cut(text: str, limit: float) -> Iterator[str]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    for start, end in pairwise([0, *ends, len(text)]):
        sentence = text[start:end]
        if size(sentence) <= limit:
            yield sentence
            continue
        for clause in _CLAUSE.findall(sentence):
            step = int(limit)  # a character is never more than 1
            yield from (clause[i : i + step] for i in range(0, len(clause), step))


def table_parts(rows: Sequence[tuple[str, ...]], *, has_header: bool = True) -> list[str]:
    """Return a table as texts of about ``TARGET``: a row a line, cells joined by " | ", the header in each."""
    lines = [" | ".join(map(tidy, row)) for row in rows]
    header = lines[0] if has_header else ""
    if has_header and len(lines) == 1:
        return lines
    parts: list[str] = []
    for line in (part for row in lines[has_header:] for part in sentences_within(row, LONGEST)):
        if parts and size(parts[-1]) + size(line) <= TARGET:
            parts[-1] = f"{parts[-1]}\n{line}"
        else:
            parts.append(f"{header}\n{line}" if header else line)
    return parts


def _rectangular(rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return the rows with equally many cells, without empty rows and columns."""
    width = max((len(row) for row in rows), default=0)
    full = [(*row, *[""] * (width - len(row))) for row in rows if any(cell.strip() for cell in row)]
    used = [i for i in range(width) if any(row[i].strip() for row in full)]
    return [tuple(row[i] for i in used) for row in full]
