"""Plain text: find its encoding, and the paragraphs, lists, headings and articles in its lines."""

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence

from rag_core.errors import UnreadableDocument
from rag_core.ingest.blocks import Block, Content, Heading, Paragraph, joined, tidy
from rag_core.ingest.headings import (
    Articles,
    article_blocks,
    ends_sentence,
    is_item,
    is_numbered_title,
    numbering,
    part_level,
)

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Characters that every page of Chinese has, as each side writes them: what tells Big5 from GB 18030.
_TRADITIONAL = frozenset("的是在有不了人我以為之請及與個這時們來會對說學國於過後發經當還開無關間問題電員應給讓從將並")
_SIMPLIFIED = frozenset("的是在有不了人我以为之请及与个这时们来会对说学国于过后发经当还开无关间问题电员应给让从将并")
_SAMPLE = 200_000  # bytes that decide an encoding
_AFTER_LATIN = "\u0370"
_MOST_DAMAGE = 0.01
_WRAP_WIDTH = 40  # columns; shorter lines were not broken by a margin
_UNDERLINE = re.compile(r"[=\-~]{3,}$")
_BRACKETED = re.compile(r"[【〖〔](?P<title>[^】〗〕]{1,40})[】〗〕]$")


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return a file's text and warnings. Raises UnreadableDocument when the bytes are no text.

    Unicode is tried first, since it does not pass by chance; then Big5, which a short text in it nearly always
    is here though a statistical guess takes it for Korean; charset-normalizer decides what is left.
    """
    if not data.strip(b"\0\t\r\n "):
        raise UnreadableDocument("The file is empty.")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _plain(data.decode(encoding, "replace")), ()
    for likely in (_unmarked_utf16(data), "utf-8", _chinese(data)):
        if likely and (text := _strictly(data, likely)) is not None:
            return _plain(text), ()
    return _guessed(data)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unmarked_utf16(data: bytes) -> str | None:
    """Return the UTF-16 byte order that a text without a mark has, seen by the zero bytes of its ASCII."""
    sample = data[: _SAMPLE & ~1]
    if b"\0" not in sample or len(data) % 2:
        return None
    low, high = sample[::2].count(0), sample[1::2].count(0)
    return "utf-16-le" if high > 2 * low else "utf-16-be" if low > 2 * high else None


def _chinese(data: bytes) -> str | None:
    """Return the Chinese encoding the bytes fit, the likelier by its commonest characters where both do."""
    big5 = next((e for e in ("cp950", "big5hkscs") if _strictly(data, e) is not None), None)
    mainland = _strictly(data[:_SAMPLE], "gb18030") if big5 else None
    if big5 is None or mainland is None:
        return big5
    taiwanese = data[:_SAMPLE].decode(big5, "ignore")
    return big5 if _share(taiwanese, _TRADITIONAL) >= _share(mainland, _SIMPLIFIED) else "gb18030"


def _share(text: str, common: frozenset[str]) -> float:
    wide = [character for character in text if character > "\u2e80"]
    return sum(character in common for character in wide) / max(1, len(wide))


def _guessed(data: bytes) -> tuple[str, tuple[str, ...]]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    if best is not None and best.encoding != "utf_8":
        is_latin = max(filter(str.isalpha, str(best)), default="") < _AFTER_LATIN
        # the guess is good at telling scripts apart, not at which of the Latin code pages it is
        for encoding in (*(["cp1252"] if is_latin else []), best.encoding):
            if (text := _strictly(data, encoding)) is not None:
                return _plain(text), ()
    for encoding in ("utf-8", "cp950"):
        text = data.decode(encoding, "replace")
        if text.count("\ufffd") <= _MOST_DAMAGE * len(text):
            return _plain(text), ("Some characters are damaged and show as �.",)
    raise UnreadableDocument("The file's encoding is not known. Save it as UTF-8.")


def _plain(text: str) -> str:
    """Return the text with plain line ends; raise when control characters show that it is no text."""
    controls = sum(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f\v\x1a" for c in text[:_SAMPLE])
    if controls > 0.02 * min(len(text), _SAMPLE):
        raise UnreadableDocument("The file holds binary data, not text, whatever its name says.")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\0", "")


def read_text(data: bytes) -> Content:
    """Return the blocks of a plain text file."""
    text, warnings = decoded(data)
    return Content(tuple(line_blocks(text.split("\n"))), warnings=warnings)


def line_blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks that lines of plain text make."""
    articles = Articles()
    for group in _paragraphs([line.rstrip() for line in lines]):
        yield from _group_blocks(group, articles)


def _paragraphs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines between empty lines, each with an empty line at its end when more follows directly."""
    group: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            group.append(line)
        elif group:
            yield group
            group = []


def _group_blocks(lines: list[str], articles: Articles) -> Iterator[Block]:
    width = max(map(_columns, lines))
    waiting: list[str] = []
    for i, line in enumerate(map(tidy, lines)):
        beside = (tidy(lines[i - 1]) if i else "", tidy(lines[i + 1]) if i + 1 < len(lines) else "")
        heading = _heading(line, beside, articles, alone=len(lines) == 1)
        if _UNDERLINE.fullmatch(line):
            continue
        if heading or (waiting and not _is_wrapped(lines[i - 1], line, width)):
            yield from _paragraph(waiting)
            waiting = []
        if heading:
            yield from heading
        else:
            waiting.append(line)
    yield from _paragraph(waiting)


def _heading(line: str, beside: tuple[str, str], articles: Articles, *, alone: bool) -> list[Heading | Paragraph]:
    above, following = beside
    if found := articles.opened_by(line):
        return article_blocks(found)
    if (level := part_level(line)) is not None:
        return [Heading(line, level)]
    if _UNDERLINE.fullmatch(following) and len(line) <= 60:
        return [Heading(line, 1 if following[0] == "=" else 2)]
    if bracketed := _BRACKETED.match(line):
        return [Heading(bracketed["title"], 28)]
    if not articles.inside and is_numbered_title(line, "…" if alone else following, above):
        return [Heading(line, numbering(line) or 40)]
    return []


def _is_wrapped(above: str, line: str, width: int) -> bool:
    """Return whether a margin broke the line above: it is nearly as long as the longest, and no sentence ends there."""
    full = width >= _WRAP_WIDTH and _columns(above) >= 0.8 * width
    return full and not is_item(line) and not (ends_sentence(above) and above.rstrip()[-1] in "。！？：:!?")


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _paragraph(lines: list[str]) -> Iterator[Paragraph]:
    if text := joined(lines):
        yield Paragraph(text, item=is_item(text))
