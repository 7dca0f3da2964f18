"""What the page sends when someone asks: read strictly, and refused with the name of a sentence for people."""

import re
from dataclasses import dataclass
from typing import Any

from bots.messages import Exchange

QUESTION_LENGTH = 2_000  # characters
ANSWER_LENGTH = 4_000
EXCHANGES = 3
BODY_BYTES = 128 * 1024  # three exchanges and a question of the longest, in UTF-8, and some

# Postgres takes no NUL, and nobody types the others.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a window, with the earlier exchanges it follows."""

    window: str
    question: str
    history: tuple[Exchange, ...]


class Unreadable(ValueError):
    """What was sent is no question. ``text`` is the key of the sentence that says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def read_question(sent: Any) -> Asked:
    """Return what the decoded JSON asks. Raises Unreadable."""
    match sent:
        case {"window": str(window), "question": str(question)} if 0 < len(window) <= 100:
            return Asked(_clean(window), _question(question), _history(sent.get("history", [])))
    raise Unreadable("fault_unreadable")


def _question(text: str) -> str:
    question = _clean(text).strip()
    if not question:
        raise Unreadable("fault_empty")
    if len(question) > QUESTION_LENGTH:
        raise Unreadable("fault_too_long")
    return question


def _history(sent: Any) -> tuple[Exchange, ...]:
    if not isinstance(sent, list) or len(sent) > EXCHANGES:
        raise Unreadable("fault_unreadable")
    return tuple(_exchange(item) for item in sent)


def _exchange(item: Any) -> Exchange:
    match item:
        case {"question": str(question), "answer": str(answer)}:
            if len(question) <= QUESTION_LENGTH and len(answer) <= ANSWER_LENGTH:
                return Exchange(_clean(question), _clean(answer))
    raise Unreadable("fault_unreadable")


def _clean(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
