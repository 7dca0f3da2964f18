"""What a client of the API sends: read strictly, and refused as a problem that says what to write."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Request

from bots.platforms.web.questions import QUESTION_LENGTH, WINDOW_LENGTH, Unreadable, clean, read_text

WAIT_S = 30.0
LONGEST_WAIT_S = 55.0  # a proxy in front gives up after a minute
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_FIELDS = {"question", "window", "wait_s"}
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
    fields = _object(sent)
    if unknown := sorted(set(fields) - _FIELDS):
        raise Problem(422, f"{clean(unknown[0])[:40]}: no such field; there are question, window and wait_s.")
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


def _object(sent: Request) -> dict[str, Any]:
    if not sent.is_json:
        raise Problem(400, "Send a JSON object, with  Content-Type: application/json.")
    try:
        fields = sent.get_json(silent=True)
    except RecursionError:  # brackets nested without end
        fields = None
    if not isinstance(fields, dict):
        raise Problem(400, 'The body is no JSON object; write it like  {"question": "…"}.')
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
