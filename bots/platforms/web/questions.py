"""What the page sends: read strictly, and refused with the name of a sentence for people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bots.ports import Filled

QUESTION_LENGTH = 2_000  # characters
LABEL_LENGTH = 300
DATA_LENGTH = 2_000
FORM_FIELDS = 40
FORM_CHOICES = 100
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


@dataclass(frozen=True, slots=True)
class Tap:
    """A tapped choice: its label, and what it carries."""

    message: Message
    label: str
    data: str


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A form that was filled in on the page."""

    message: Message
    filled: Filled


class Unreadable(ValueError):
    """What was sent is no question. ``text`` is the key of the sentence that says why; ``status`` is HTTP's."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text, self.status = text, status


def read_question(sent: Any) -> Question:
    """Return what the decoded JSON asks. Raises Unreadable."""
    match sent:
        case {"window": str(window), "message": str(message), "question": str(question)}:
            return Question(read_message(window, message), read_text(question))
    raise Unreadable("fault_unreadable")


def read_said(sent: Any) -> Question | Tap | HandedIn:
    """Return what the decoded JSON says: a question, a tap or a form. Raises Unreadable."""
    match sent:
        case {"window": str(window), "message": str(message), "tap": {"label": str(label), "data": str(data)}}:
            return Tap(read_message(window, message), _short(label, LABEL_LENGTH), _short(data, DATA_LENGTH))
        case {
            "window": str(window),
            "message": str(message),
            "form": {"title": str(title), "name": str(name), "values": dict(values), **more},
        }:
            label, form = _short(title, LABEL_LENGTH), _short(name, DATA_LENGTH)
            filled = Filled(form, label, _values(values), read_draft(more.get("draft", "")))
            return HandedIn(read_message(window, message), filled)
    return read_question(sent)


def _values(sent: Mapping[Any, Any]) -> dict[str, str | tuple[str, ...]]:
    if len(sent) > FORM_FIELDS:
        raise Unreadable("fault_unreadable")
    return {_short(name, LABEL_LENGTH): _value(value) for name, value in sent.items()}


def _value(sent: Any) -> str | tuple[str, ...]:
    if isinstance(sent, list):
        if len(sent) > FORM_CHOICES:
            raise Unreadable("fault_unreadable")
        return tuple(_short(one, QUESTION_LENGTH) for one in sent)
    return _short(sent, QUESTION_LENGTH)


def _short(sent: Any, most: int) -> str:
    if not isinstance(sent, str) or len(sent) > most:
        raise Unreadable("fault_unreadable")
    return clean(sent).strip()


def read_draft(sent: Any) -> str:
    """Return which form on the page is meant; empty where a page says nothing of it. Raises Unreadable."""
    return _short(sent, LABEL_LENGTH)


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
