"""The chat desk: windows, answers and page images for whoever stands in front of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from bots.errors import NotServed
from bots.messages import Exchange, Language, Reply, ReplyPart, SourceCard, Visitor, WindowCard
from bots.windows.model import Window
from rag_core.answer.answer import Answerer, Question
from rag_core.database import Database
from rag_core.errors import RagError, UnreadableDocument
from rag_core.pages import PageDrawer
from rag_core.search import store
from rag_core.types import AnswerPart, Citation, GroundedAnswer, Scope, Turn

log = structlog.get_logger()

_TROUBLE: dict[Language, str] = {
    "zh-TW": "系統暫時無法回答，請稍後再試。如果一直這樣，請聯絡：{contact}",
    "en": "I cannot answer right now. Please try again in a moment; if it stays like this, contact {contact}",
}
_SOMEONE: dict[Language, str] = {"zh-TW": "系統管理者", "en": "your administrator"}


class Desk:
    """Implements the platforms' ``ChatDesk`` on the windows of a company."""

    def __init__(self, windows: Sequence[Window], answerer: Answerer, database: Database, drawer: PageDrawer) -> None:
        self._windows = {window.name: window for window in windows}
        self._answerer, self._database, self._drawer = answerer, database, drawer

    def windows(self, visitor: Visitor, language: Language) -> Sequence[WindowCard]:
        """Return the windows that serve this visitor."""
        return [window.card(language) for window in self._windows.values() if window.audience & visitor.groups]

    def ask(
        self, visitor: Visitor, window: str, question: str, history: Sequence[Exchange], language: Language
    ) -> Iterator[ReplyPart | Reply]:
        """Yield checked sentences, then one Reply. Raises NotServed."""
        chosen = self._windows.get(window)
        if chosen is None or not chosen.audience & visitor.groups:
            raise NotServed(f"The window {window} does not serve this visitor.")
        return self._replies(visitor, chosen, question, history, language)

    def page_image(self, visitor: Visitor, chunk_id: int, quote: str) -> bytes | None:
        """Return the chunk's page as PNG, or None when there is none or the visitor may not read it."""
        with self._database.viewer(visitor.groups) as viewer:
            source = store.page_source(viewer, chunk_id)
        if source is None:
            return None
        try:
            return self._drawer.draw(Path(source.path), source.sha256, source.page, quote)
        except UnreadableDocument as error:
            log.warning("page not drawn", chunk=chunk_id, reason=type(error).__name__)
            return None

    def _replies(
        self, visitor: Visitor, window: Window, question: str, history: Sequence[Exchange], language: Language
    ) -> Iterator[ReplyPart | Reply]:
        card = window.card(language)
        asked = Question(
            question,
            Scope((window.name,), visitor.groups),
            history=tuple(Turn(turn.question, turn.answer) for turn in history),
            persona=window.persona,  # whom to ask after a refusal stands on the window's card
        )
        try:
            for event in self._answerer.answer(asked):
                yield ReplyPart(event.text) if isinstance(event, AnswerPart) else _reply(event, card)
        except RagError as error:
            log.warning("question not answered", window=window.name, error=type(error).__name__)
            yield Reply(_TROUBLE[language].format(contact=card.contact or _SOMEONE[language]))


def _reply(answer: GroundedAnswer, card: WindowCard) -> Reply:
    sources = tuple(_source(number, citation) for number, citation in enumerate(answer.citations, 1))
    return Reply(
        answer.text,
        sources,
        refused=answer.refused,
        notice=answer.notice,
        suggestions=card.questions[:3] if answer.refused else (),
    )


def _source(number: int, citation: Citation) -> SourceCard:
    return SourceCard(
        number,
        citation.chunk_id,
        citation.title,
        citation.document,
        citation.page,
        " › ".join(citation.heading),
        citation.quote,
        has_image=citation.page is not None and citation.document.lower().endswith(".pdf"),
    )
