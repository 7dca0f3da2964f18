"""What every reader yields, whatever the format: headings, paragraphs and tables in reading order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

CJK = r"\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003134f"
_CJK = re.compile(f"[{CJK}]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200b\u3000\ufeff]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that names what follows. A smaller level encloses a greater one; only their order matters."""

    text: str
    level: int
    page: int | None = None
    article: bool = False  # an article (條) of a law: what follows is its text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. ``item`` marks an entry of a list, which stays with the line that introduces it."""

    text: str
    page: int | None = None
    item: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the header first. ``header`` names the columns when that row stands on an earlier page."""

    rows: tuple[tuple[str, ...], ...]
    page: int | None = None
    header: tuple[str, ...] = ()


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Content:
    """A file's blocks with what is known of the whole. ``title`` is empty where the file does not say.

    ``page_texts`` are a PDF's own texts, page by page, without white space; empty where a page was read by OCR.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    pages: int | None = None
    warnings: tuple[str, ...] = ()
    page_texts: tuple[str, ...] = ()


def tidy(text: str) -> str:
    """Return one line of text: spaces of every sort become one plain space."""
    return _SPACES.sub(" ", text.replace("\n", " ").replace("\r", " ")).strip()


def squeezed(text: str) -> str:
    """Return the text without white space: how a quote is compared with its page."""
    return "".join(text.split())


def joined(lines: Iterable[str]) -> str:
    """Join the lines of one paragraph: no space beside CJK or after a hyphen, which stays since it may belong there."""
    text = ""
    for line in map(tidy, lines):
        if not line:
            continue
        close = not text or text[-1] == "-" or _CJK.match(text[-1]) or _CJK.match(line[0])
        text += line if close else f" {line}"
    return text


def size(text: str) -> float:
    """Return how much a text says, in CJK characters; a Latin letter counts for half of one."""
    wide = len(_CJK.findall(text))
    return wide + (len(text) - wide) / 2
