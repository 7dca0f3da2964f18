"""Sentences of a text as spans, so that what is quoted is always a verbatim piece of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_CLOSING = "」』）”’\"')】》"
_END = re.compile(rf"[。！？；｡]+[{_CLOSING}]*|[.!?]+[{_CLOSING}]*(?=\s|$)")
_LINE = re.compile(r"[^\n]+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|No|Dr|Mr|Mrs|Ms|Prof|St|Inc|Ltd|Co|Fig|approx|[A-Z])|(?:^|\s)\(?\d{1,2})\.$"
)
_ITEM = re.compile(
    r"\s*(?:[-*•●○▪‧·]\s|[0-9]{1,2}[.)、．]|[(（][0-9一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|[A-Za-z][.)]\s)"
)
_INTRODUCES = re.compile(r"[:：]\s*$")
_LONGEST_BLOCK = 260
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_LATIN_WIDTH = 0.4


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: ``text[start:end]``, without white space at its ends."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the piece."""
        return text[self.start : self.end]


def sentences(text: str) -> list[Span]:
    """Return the sentences in order. A line end ends a sentence; an abbreviation or a list number does not."""
    return [span for line in _LINE.finditer(text) for span in _in_line(text, line.start(), line.end())]


def blocks(text: str) -> list[Span]:
    """Return the sentences in order, where a line that ends with a colon keeps the list items below it.

    A block of more than 260 characters stays apart, so that an answer can take the items that matter.
    """
    found: list[Span] = []
    pending = sentences(text)
    while pending:
        first, *rest = pending
        items = _items_below(text, first, rest)
        whole = Span(first.start, items[-1].end) if items else first
        if items and whole.end - whole.start <= _LONGEST_BLOCK:
            found.append(whole)
            pending = rest[len(items) :]
        else:
            found.append(first)
            pending = rest
    return found


def lines(text: str) -> list[Span]:
    """Return the lines that hold something: the rows of a table."""
    return [span for line in _LINE.finditer(text) if (span := _trimmed(text, line.start(), line.end()))]


def length(text: str) -> float:
    """Return how long a text is to read, in Chinese characters; a Latin letter counts 0.4."""
    wide = len(_CJK.findall(text))
    return wide + _LATIN_WIDTH * (len(text) - wide)


def with_marks(text: str, numbers: Sequence[int]) -> str:
    """Put citation marks behind the text, before white space at its end; with a space if it holds nothing Chinese."""
    body = text.rstrip()
    gap = "" if _CJK.search(body) else " "
    return body + (gap + "".join(f"[{number}]" for number in numbers) if numbers else "") + text[len(body) :]


def _items_below(text: str, first: Span, rest: list[Span]) -> list[Span]:
    if not _INTRODUCES.search(first.of(text)):
        return []
    items: list[Span] = []
    for span in rest:
        begins_line = "\n" in text[(items[-1] if items else first).end : span.start]
        if begins_line and not _ITEM.match(span.of(text)):
            break
        items.append(span)
    return items


def _in_line(text: str, start: int, end: int) -> Iterator[Span]:
    begin = start
    for match in _END.finditer(text, start, end):
        stop = match.end()
        if stop < end and _ABBREVIATION.search(text[begin:stop]):
            continue
        if span := _trimmed(text, begin, stop):
            yield span
        begin = stop
    if span := _trimmed(text, begin, end):
        yield span


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
