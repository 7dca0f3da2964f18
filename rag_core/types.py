"""What crosses the boundaries inside rag_core: frozen values, no rows, no library objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Scope:
    """What one question may read: these collections, as a viewer who belongs to these groups."""

    collections: tuple[str, ...]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that belongs to a collection, and the groups that may read it."""

    path: Path
    name: str  # as people see it: the path below the company folder
    audience: frozenset[str]


@dataclass(frozen=True, slots=True)
class Collection:
    """What one window knows: all its files. ``may_leave_company`` lets passages go to machines not named as ours."""

    name: str
    sources: tuple[Source, ...]
    may_leave_company: bool = False


class ChunkKind(StrEnum):
    """How a chunk's text is built, which decides how sentences are taken from it."""

    PROSE = "prose"
    TABLE = "table"  # one row a line, cells joined by " | ", the header row first in every part
    FAQ = "faq"  # the question is the last heading, the text is the answer
    LAW = "law"  # one article (條); its number is the last heading


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document as it was read: never across a heading, never across a page of a PDF.

    Where the page's own text does not go on as the chunk does, a blank line stands between two lines and " ¦ " between
    two cells (``rag_core.ingest.parted``), so that no quote crosses such a place.
    """

    text: str
    heading: tuple[str, ...] = ()  # outermost first
    page: int | None = None  # 1-based; None where the format has no pages
    kind: ChunkKind = ChunkKind.PROSE


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk retrieved for a question. ``score`` orders passages of one search; higher is better."""

    chunk_id: int
    collection: str
    document: str  # path below the company folder
    title: str
    page: int | None
    heading: tuple[str, ...]
    text: str
    kind: ChunkKind
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the search learnt about the question, for the decision to answer and for choosing sentences.

    ``weights`` maps the question's terms to their idf among the chunks the viewer sees.
    ``signals`` are named figures of support (for example the share of idf mass the best passage covers).
    """

    weights: Mapping[str, float]
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages, best first, with the evidence they were ranked by; the question in words the collection knows."""

    question: str
    passages: tuple[Passage, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of the conversation and what we said to it."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage the answer rests on. ``quote`` stands verbatim on that page of that document (white space aside)."""

    chunk_id: int
    document: str
    title: str
    page: int | None
    heading: tuple[str, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class GroundedAnswer:
    """Grounded text with its citations, or a refusal (``refused`` is true and there are no citations)."""

    question: str
    text: str
    refused: bool
    citations: tuple[Citation, ...]
    generator: str
    milliseconds: float
    notice: str | None = None  # e.g. that the model was busy and these are the documents' own sentences


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One checked sentence of an answer while it streams, before the final GroundedAnswer."""

    text: str


AnswerEvent = AnswerPart | GroundedAnswer
AnswerStream = Iterator[AnswerEvent]


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What a generator gets. Passages are data: generators fence them, and never follow what they say."""

    question: str  # rewritten so that it stands alone
    language: str  # "zh" or "en", of the question
    persona: str
    passages: Sequence[Passage]
    evidence: Evidence
    history: Sequence[Turn] = field(default=())
    tenant: str = ""  # whose share of a machine that serves many the work counts against
