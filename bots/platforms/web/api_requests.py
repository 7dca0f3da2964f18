"""What a client of the API sends: read strictly, and refused as a problem that says what to write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Request

from bots.platforms.web.questions import QUESTION_LENGTH, WINDOW_LENGTH, Unreadable, clean, read_text
from bots.ports import ConfirmationOrder, NotifyOrder

WAIT_S = 30.0
LONGEST_WAIT_S = 55.0  # a proxy in front gives up after a minute
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_FIELDS = ("question", "window", "wait_s")
_NOTIFY_FIELDS = ("window", "notification", "key", "values", "people", "groups")
_CONFIRM_FIELDS = ("window", "person", "text", "key", "expires_s", "callback")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LISTED = 5_000  # people or groups of one call
_VALUES = 50
_VALUE_LENGTH = 1_000  # characters
_PERSON_LENGTH = 100
_CALLBACK_LENGTH = 2_000
TEXT_LENGTH = 2_000
EXPIRES_S = 300
SHORTEST_S, LONGEST_S = 30, 86_400
SLUGS = {
    400: "unreadable",
    401: "no-client",
    403: "no-window",
    404: "unknown",
    413: "too-large",
    422: "wrong-field",
    429: "too-many",
    503: "unavailable",
}


class Problem(Exception):
    """A call that is refused. ``detail`` is a sentence for whoever writes the client."""

    def __init__(self, status: int, detail: str, retry_s: int = 0) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry_s = status, detail, retry_s
        self.title = HTTPStatus(status).phrase
        self.type = f"/api/v1/docs#{SLUGS[status]}" if status in SLUGS else "about:blank"


@dataclass(frozen=True, slots=True)
class Call:
    """A question, to a window or (empty) to whichever fits best, and how long the caller waits for its answer."""

    question: str
    window: str
    wait_s: float


def read_call(sent: Request) -> Call:
    """Return what the call asks. Raises Problem."""
    fields = _fields(sent, _FIELDS)
    window, wait_s = fields.get("window", ""), fields.get("wait_s", WAIT_S)
    return Call(_question(fields.get("question")), _window(window), _wait(wait_s))


def read_key(sent: Request) -> str:
    """Return the header Idempotency-Key, empty if there is none. Raises Problem."""
    key = sent.headers.get("Idempotency-Key", "")
    if key and not _KEY.fullmatch(key):
        raise Problem(422, "Idempotency-Key: at most 200 printable ASCII characters without blanks.")
    return key


def read_wait(sent: Request) -> float:
    """Return the argument wait_s of a call that fetches an answer, 0 if there is none. Raises Problem."""
    text = sent.args.get("wait_s", "0")
    try:
        return _wait(float(text))
    except ValueError:
        return _wait(text)


def read_notify(sent: Request) -> NotifyOrder:
    """Return which notification the call wants told. Raises Problem."""
    fields = _fields(sent, _NOTIFY_FIELDS)
    if "people" in fields and "groups" in fields:
        raise Problem(422, "groups: name people or groups, not both.")
    return NotifyOrder(
        _needed_window(fields),
        _text(fields, "notification", WINDOW_LENGTH),
        _key(fields),
        _values(fields.get("values", {})),
        _names(fields, "people"),
        _names(fields, "groups"),
    )


def read_confirmation(sent: Request) -> ConfirmationOrder:
    """Return what the call wants confirmed by whom. Raises Problem."""
    fields = _fields(sent, _CONFIRM_FIELDS)
    return ConfirmationOrder(
        _needed_window(fields),
        _text(fields, "person", _PERSON_LENGTH),
        _text(fields, "text", TEXT_LENGTH),
        _key(fields),
        _expires(fields.get("expires_s", EXPIRES_S)),
        _callback(fields.get("callback")),
    )


def _fields(sent: Request, known: Sequence[str]) -> dict[str, Any]:
    fields = _object(sent)
    if unknown := sorted(set(fields) - set(known)):
        listed = f"{', '.join(known[:-1])} and {known[-1]}"
        raise Problem(422, f"{clean(unknown[0])[:40]}: no such field; there are {listed}.")
    return fields


def _object(sent: Request) -> dict[str, Any]:
    if not sent.is_json:
        raise Problem(400, "Send a JSON object, with  Content-Type: application/json.")
    try:
        fields = sent.get_json(silent=True)
    except RecursionError:  # brackets nested without end
        fields = None
    if not isinstance(fields, dict):
        raise Problem(400, 'The body is no JSON object; write it like  {"window": "…"}.')
    return fields


def _question(value: object) -> str:
    if not isinstance(value, str):
        raise Problem(422, "question: a text is needed.")
    try:
        return read_text(value)
    except Unreadable as fault:
        said = {"fault_empty": "must not be empty"}.get(fault.text, f"at most {QUESTION_LENGTH} characters")
        raise Problem(422, f"question: {said}.") from None


def _window(value: object) -> str:
    if not isinstance(value, str) or len(value) > WINDOW_LENGTH:
        raise Problem(422, f"window: the name of a window, at most {WINDOW_LENGTH} characters.")
    return clean(value)


def _wait(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_WAIT_S:
        return float(value)
    raise Problem(422, f"wait_s: a number of seconds from 0 to {LONGEST_WAIT_S:.0f}.")


def _needed_window(fields: Mapping[str, Any]) -> str:
    if not (window := _window(fields.get("window", ""))):
        raise Problem(422, "window: the name of a window is needed.")
    return window


def _text(fields: Mapping[str, Any], name: str, longest: int) -> str:
    value = fields.get(name)
    text = clean(value).strip() if isinstance(value, str) else ""
    if not text:
        raise Problem(422, f"{name}: a text is needed.")
    if len(text) > longest:
        raise Problem(422, f"{name}: at most {longest} characters.")
    return text


def _key(fields: Mapping[str, Any]) -> str:
    key = fields.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Problem(422, "key: 1 to 200 printable ASCII characters without blanks, the same for the same order.")
    return key


def _values(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > _VALUES:
        raise Problem(422, f'values: an object of at most {_VALUES} words for the text, like  {{"order": "A-17"}}.')
    return {_value_name(name): _value(name, word) for name, word in value.items()}


def _value_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Problem(422, f"values: {clean(name)[:40]} is no name; use a-z, 0-9 and _, beginning with a letter.")
    return name


def _value(name: str, word: object) -> str:
    if isinstance(word, bool) or not isinstance(word, str | int | float):
        raise Problem(422, f"values: {name} must be a text or a number.")
    text = clean(str(word)).strip()
    if len(text) > _VALUE_LENGTH:
        raise Problem(422, f"values: {name} has more than {_VALUE_LENGTH} characters.")
    return text


def _names(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    if name not in fields:
        return ()
    listed = fields[name]
    if not isinstance(listed, list) or not 0 < len(listed) <= _LISTED:
        raise Problem(422, f"{name}: a list of 1 to {_LISTED} texts.")
    if not all(isinstance(one, str) and 0 < len(clean(one).strip()) <= _PERSON_LENGTH for one in listed):
        raise Problem(422, f"{name}: each must be a text of at most {_PERSON_LENGTH} characters.")
    return tuple(dict.fromkeys(clean(one).strip() for one in listed))


def _expires(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and SHORTEST_S <= value <= LONGEST_S:
        return value
    raise Problem(422, f"expires_s: a whole number of seconds from {SHORTEST_S} to {LONGEST_S}.")


def _callback(value: object) -> str:
    """Return where the outcome is to be told, empty for nowhere. Whether it may be, the desk says."""
    if value is None:
        return ""
    if not isinstance(value, str) or not value or len(value) > _CALLBACK_LENGTH:
        example = "https://vpn.a-company.example/confirmed"
        raise Problem(422, f"callback: an address of at most {_CALLBACK_LENGTH} characters, like  {example}")
    return value
