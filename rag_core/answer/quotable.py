"""What of a passage can be quoted in one go, and what its cells are.

A passage that has a page is parted where the page's own text does not go on as the passage does: by a blank line,
by a broken bar between two cells, or by one without a space behind it within a line or cell
(``rag_core.ingest.parted``). A quote stays between two such places.
"""

import re

from rag_core.answer.sentences import Span
from rag_core.search.terms import terms
from rag_core.types import ChunkKind, Passage

_BREAK = re.compile(r"\n\s*\n|¦")
_PIECE = re.compile(r"(?:(?!\n\s*\n|¦).)+", re.DOTALL)
_BAR = re.compile(r"(?:^|(?<=\s))[|¦](?=\s|$)")


def cells(row: str) -> list[str]:
    """Return the cells of a table's row; an empty one at its beginning or end counts."""
    return [cell.replace("¦", "").strip() for cell in _BAR.split(row)]


def as_read(text: str, passage: Passage) -> str:
    """Return a piece of a passage's running text as people read it, without the breaks."""
    return text if passage.page is None else _BREAK.sub(lambda found: "" if found[0] == "¦" else "\n", text)


def is_whole(span: Span, passage: Passage) -> bool:
    """Return whether the passage stands in one go on its page within the span."""
    return passage.page is None or not _BREAK.search(span.of(passage.text))


def best_piece(span: Span, wanted: frozenset[str], passage: Passage) -> Span:
    """Return the piece of the span between two breaks that shares most of the wanted terms; the first of equals.

    A table's header says little, so it is a quote only where the span has nothing below it.
    """
    if is_whole(span, passage):
        return span
    found = [Span(match.start(), match.end()) for match in _PIECE.finditer(passage.text, span.start, span.end)]
    said = [piece for piece in found if any(map(str.isalnum, piece.of(passage.text)))] or found
    said = [piece for piece in said if piece.start >= _header_end(passage)] or said
    return max(said, key=lambda piece: len(wanted & frozenset(terms(piece.of(passage.text)))), default=span)


def is_continued(passage: Passage) -> bool:
    """Return whether a table's header stands on an earlier page: it is the last heading then, not the first row."""
    return bool(passage.heading) and " | " in passage.heading[-1]


def _header_end(passage: Passage) -> int:
    has_header = passage.kind is ChunkKind.TABLE and not is_continued(passage)
    return max(0, passage.text.find("\n")) if has_header else 0


def quoted(span: Span, passage: Passage) -> str:
    """Return the span as a quote: a table's cells follow one another on the page, without our bars."""
    text = span.of(passage.text)
    if passage.kind is not ChunkKind.TABLE:
        return text.strip()
    return "\n".join(cell for row in text.split("\n") for cell in cells(row) if cell)
