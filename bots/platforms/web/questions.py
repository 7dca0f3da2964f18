"""What the page sends: read strictly, and refused with the name of a sentence for people."""

import re
from dataclasses import dataclass
from typing import Any

QUESTION_LENGTH = 2_000  # characters
WINDOW_LENGTH = 100
MARK_LENGTH = 200
BODY_BYTES = 64 * 1024  # a question of the longest, every character escaped, and some

# Postgres takes no NUL, and nobody types the others.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MESSAGE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MARK = re.compile(r"[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a window, known by the id that the page chose for it."""

    window: str
    id: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a window."""

    message: Message
    text: str


class Unreadable(ValueError):
    """What was sent is no question. ``text`` is the key of the sentence that says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def read_question(sent: Any) -> Question:
    """Return what the decoded JSON asks. Raises Unreadable."""
    match sent:
        case {"window": str(window), "message": str(message), "question": str(question)}:
            return Question(read_message(window, message), read_text(question))
    raise Unreadable("fault_unreadable")


def read_message(window: str, message: str) -> Message:
    """Return which message of which window is meant. Raises Unreadable."""
    if not _MESSAGE_ID.fullmatch(message):
        raise Unreadable("fault_unreadable")
    return Message(read_window(window), message)


def read_window(window: object) -> str:
    """Return the name of a window. Raises Unreadable."""
    if not isinstance(window, str) or not 0 < len(window) <= WINDOW_LENGTH:
        raise Unreadable("fault_unreadable")
    return clean(window)


def read_mark(mark: str) -> str:
    """Return the place to resume a stream from, as it was sent as an event's id. Raises Unreadable."""
    if len(mark) > MARK_LENGTH or not _MARK.fullmatch(mark):
        raise Unreadable("fault_unreadable")
    return mark


def read_text(text: str) -> str:
    """Return a question without what no database takes. Raises Unreadable if it is empty or too long."""
    question = clean(text).strip()
    if not question:
        raise Unreadable("fault_empty")
    if len(question) > QUESTION_LENGTH:
        raise Unreadable("fault_too_long")
    return question


def clean(text: str) -> str:
    """Return the text without control characters; a lone surrogate becomes the replacement character."""
    return _LONE_SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
