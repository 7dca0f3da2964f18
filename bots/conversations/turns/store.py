"""SQL of turns. Every function needs a connection whose viewer is the turns' reader."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from bots.messages import SourceCard
from rag_core.database import ViewerConnection, scoped
from rag_core.types import Turn

_REMEMBERED_MINUTES = 12 * 60


@dataclass(frozen=True, slots=True)
class NewTurn:
    """One question and what we said to it."""

    window: str
    question: str
    answer: str
    refused: bool
    sources: tuple[SourceCard, ...]
    generator: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Remembered:
    """An earlier turn of the conversation."""

    window: str
    question: str
    answer: str

    def turn(self) -> Turn:
        """Return it as retrieval takes it."""
        return Turn(self.question, self.answer)


def add(
    viewer: ViewerConnection, event: int, conversation: str, reader: str, delivery: str, turns: Sequence[NewTurn]
) -> None:
    """Keep the event's turns."""
    rows: list[tuple[Any, ...]] = [
        (
            event,
            ordinal,
            conversation,
            reader,
            turn.window,
            _clean(turn.question),
            _clean(turn.answer),
            turn.refused,
            Jsonb([asdict(source) for source in turn.sources], dumps=json.dumps),
            turn.generator,
            turn.milliseconds,
            delivery,
        )
        for ordinal, turn in enumerate(turns)
    ]
    with scoped(viewer).cursor() as cursor:
        cursor.executemany(
            "insert into turns (event, ordinal, conversation, reader, window_name, question, answer, refused,"
            " citations, generator, milliseconds, delivery) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def recall(viewer: ViewerConnection, conversation: str, limit: int) -> list[Remembered]:
    """Return the newest turns of the conversation that are taken up, oldest first."""
    query = """
    select window_name, question, answer from turns t
    where conversation = %s and question <> '' and at > now() - make_interval(mins => %s)
      and event > coalesce((select begun_after from conversations c where c.name = t.conversation), 0)
    order by event desc, ordinal desc limit %s
    """
    rows = scoped(viewer).execute(query, [conversation, _REMEMBERED_MINUTES, limit]).fetchall()
    return [Remembered(*row) for row in reversed(rows)]


def has_any(viewer: ViewerConnection, conversation: str) -> bool:
    """Return whether we have spoken in this conversation."""
    query = "select 1 from turns where conversation = %s limit 1"
    return scoped(viewer).execute(query, [conversation]).fetchone() is not None


def rate(viewer: ViewerConnection, delivery: str, feedback: str) -> bool:
    """Note a 👍 or 👎; return whether the reader may rate this delivery. Raises ValueError for what is no id."""
    query = "update turns set feedback = %s where delivery = %s"
    return scoped(viewer).execute(query, [feedback, UUID(delivery)]).rowcount > 0


def _clean(text: str) -> str:
    return text.replace("\x00", "")
