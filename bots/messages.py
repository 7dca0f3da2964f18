"""What crosses the platform boundary: frozen values and the ports behind which the rest of Transom stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Language = Literal["zh-TW", "en"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is talking with us, as far as access is concerned. Anonymous visitors have ``{"customers"}``."""

    id: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class WindowCard:
    """A window as a visitor sees it in a list."""

    name: str
    department: str
    title: str
    questions: tuple[str, ...]  # suggestions to tap
    contact: str  # one line: whom to ask when the window cannot help


@dataclass(frozen=True, slots=True)
class SourceCard:
    """One citation as a visitor sees it. ``number`` is the [n] in the reply's text."""

    number: int
    chunk_id: int
    title: str
    document: str
    page: int | None
    heading: str  # the heading path in one line
    quote: str
    has_image: bool  # a page image can be opened


@dataclass(frozen=True, slots=True)
class ReplyPart:
    """One checked sentence while a reply streams."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What we say, free of any platform. ``text`` holds [n] marks that refer to ``sources``."""

    text: str
    sources: tuple[SourceCard, ...] = ()
    refused: bool = False
    notice: str | None = None
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question of this conversation and our reply's text."""

    question: str
    answer: str


class ChatDesk(Protocol):
    """What a chat platform needs from Transom."""

    def windows(self, visitor: Visitor, language: Language) -> Sequence[WindowCard]:
        """Return the windows that serve this visitor, in the company's order."""
        ...

    def ask(
        self, visitor: Visitor, window: str, question: str, history: Sequence[Exchange], language: Language
    ) -> Iterator[ReplyPart | Reply]:
        """Yield checked sentences, then exactly one Reply. Raises NotServed for a window this visitor may not use.

        Trouble inside is told in the Reply in a written sentence; no other exception leaves this method.
        """
        ...

    def page_image(self, visitor: Visitor, chunk_id: int, quote: str) -> bytes | None:
        """Return the chunk's page as PNG with the quote marked; None if there is none or it may not be read."""
        ...
