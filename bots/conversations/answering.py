"""Answers the questions of one message: each in its window, all in one reply."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from bots.conversations import menus, routing
from bots.conversations.outbox.merge import merged
from bots.conversations.people.viewers import Viewer
from bots.conversations.splitting import leans_on, questions_of
from bots.conversations.texts import say
from bots.conversations.turns.store import NewTurn, Remembered
from bots.messages import Language, Reply, SourceCard
from bots.windows.model import Window
from rag_core.answer.answer import Answerer, Question
from rag_core.answer.rewrite import stand_alone
from rag_core.errors import DatabaseUnavailable, RagError
from rag_core.search.search import Searcher
from rag_core.types import AnswerPart, Citation, GroundedAnswer, Passage, Scope, Turn

log = structlog.get_logger()

_PASSAGES = 10
_FADING = 0.7  # each passage counts so much of the one before: one lucky passage does not decide alone

Show = Callable[[str], None]
"""Takes each checked sentence as it comes."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a message asks, and everything that bears on which window answers it."""

    text: str
    viewer: Viewer
    windows: tuple[Window, ...]  # those the viewer may use here
    language: Language
    history: tuple[Remembered, ...] = ()
    named: str = ""
    chosen: str | None = None
    default: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply with its turns; ``window`` is the name of the (last) window that answered."""

    reply: Reply
    turns: tuple[NewTurn, ...]
    window: str


class Asker:
    """Routes and answers. Holds no connection while it does."""

    def __init__(self, answerer: Answerer, searcher: Searcher) -> None:
        self._answerer, self._searcher = answerer, searcher

    def answer(self, asking: Asking, show: Show) -> Answered | None:
        """Return the answer to the whole message, None if no window may answer. Raises DatabaseUnavailable."""
        replies: list[Reply] = []
        turns: list[NewTurn] = []
        history = list(asking.history)
        for question in questions_of(asking.text):
            route = self._route(replace(asking, text=question, history=tuple(history)), turns)
            if route is None:
                return None
            if replies:
                show("\n\n")
            reply, turn = self._one(asking, question, route, history, show)
            replies.append(reply)
            turns.append(turn)
            history.append(Remembered(turn.window, question, turn.answer))
        reply = merged(replies)
        return Answered(reply, tuple(turns), turns[-1].window)

    def _route(self, asking: Asking, before: Sequence[NewTurn]) -> routing.Route | None:
        turns = [one.turn() for one in asking.history]
        following = asking.history[-1].window if asking.history else None
        if before and leans_on(asking.text):
            following = before[-1].window
        elif not stand_alone(asking.text, turns).follow_up:
            following = None
        return routing.choose(
            asking.windows,
            named=asking.named,
            chosen=asking.chosen,
            following=following,
            default=asking.default,
            matched=lambda: self._best_match(asking.text, asking),
        )

    def _best_match(self, question: str, asking: Asking) -> str | None:
        """Return the window whose passages weigh most when all are searched together."""
        scope = Scope(tuple(window.name for window in asking.windows), asking.viewer.groups)
        return heaviest(self._searcher.search(question, scope, limit=_PASSAGES).passages)

    def _one(
        self, asking: Asking, question: str, route: routing.Route, history: Sequence[Remembered], show: Show
    ) -> tuple[Reply, NewTurn]:
        window = route.window
        asked = Question(
            question,
            Scope((window.name,), asking.viewer.groups),
            # What another window said stays there: its passages may be of those that must not leave the company.
            history=tuple(Turn(one.question, one.answer if one.window == window.name else "") for one in history),
            persona=window.persona,
            contact="" if asking.named else window.card(asking.language).contact,
        )
        try:
            answer = self._whole(asked, show)
        except DatabaseUnavailable:
            raise
        except RagError as error:
            log.warning("question not answered", window=window.name, error=type(error).__name__)
            return self._trouble(asking, window), _turn(window, question, None)
        return _reply(answer, route, asking), _turn(window, question, answer)

    def _whole(self, asked: Question, show: Show) -> GroundedAnswer:
        last: GroundedAnswer | None = None
        for event in self._answerer.answer(asked):
            if isinstance(event, AnswerPart):
                show(event.text)
            else:
                last = event
        assert last is not None
        return last

    def _trouble(self, asking: Asking, window: Window) -> Reply:
        contact = window.card(asking.language).contact or say(asking.language, "someone")
        return Reply(say(asking.language, "trouble", contact=contact), language=asking.language)


def heaviest(passages: Sequence[Passage]) -> str | None:
    """Return the collection whose passages, best first, weigh most; None if there are none."""
    weights: dict[str, float] = {}
    for rank, passage in enumerate(passages):
        weights[passage.collection] = weights.get(passage.collection, 0.0) + passage.score * _FADING**rank
    return max(weights, key=lambda name: weights[name]) if weights else None


def _reply(answer: GroundedAnswer, route: routing.Route, asking: Asking) -> Reply:
    card = route.window.card(asking.language)
    return Reply(
        answer.text,
        sources_of(answer.citations),
        refused=answer.refused,
        notice=answer.notice,
        suggestions=card.questions[:3] if answer.refused else (),
        choices=() if asking.named else menus.switches(asking.windows, route.window.name, asking.language),
        window=card.title,
        feedback=not answer.refused,
        language=asking.language,
    )


def _turn(window: Window, question: str, answer: GroundedAnswer | None) -> NewTurn:
    if answer is None:
        return NewTurn(window.name, question, "", True, (), "trouble", 0.0)
    sources = sources_of(answer.citations)
    return NewTurn(window.name, question, answer.text, answer.refused, sources, answer.generator, answer.milliseconds)


def sources_of(citations: Sequence[Citation]) -> tuple[SourceCard, ...]:
    """Return the citations as people see them."""
    return tuple(_source(number, citation) for number, citation in enumerate(citations, 1))


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
