"""Trouble, as people are told it and as the log keeps it: an incident id ties the two together."""

import logging
from secrets import token_hex
from traceback import extract_tb

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from bots.errors import BotsError, InboxUnavailable, NotServed, NotWanted, TooMany
from bots.messages import Language
from bots.platforms.web.languages import TEXTS, this_language
from bots.platforms.web.questions import Unreadable

UNAVAILABLE_RETRY_S = 5

_log = logging.getLogger("transom.web")


def log_incident(error: BaseException, place: str) -> str:
    """Log where an unexpected exception arose and return its incident id.

    The exception's own message is left out: it may quote what a person wrote. ``place`` is the route, never the
    path, which may hold a token.
    """
    incident = token_hex(4)
    frames = " < ".join(
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(extract_tb(error.__traceback__))
    )
    _log.error("incident %s at %s: %s in %s", incident, place, type(error).__name__, frames)
    return incident


def sentence_for(error: Exception, language: Language, place: str) -> str:
    """Return what a visitor is told. What nobody expected is logged, and told by its incident id."""
    texts = TEXTS[language]
    match error:
        case Unreadable(text=text):
            return texts[text]
        case NotServed():
            return texts["fault_not_served"]
        case NotWanted():
            return texts["fault_file_unwanted"]
        case TooMany(retry_s=seconds):
            return texts["fault_too_many"].format(seconds=seconds)
        case InboxUnavailable():
            return texts["fault_unavailable"]
    return texts["fault_incident"].format(incident=log_incident(error, place))


def register_faults(blueprint: Blueprint) -> None:
    """Answer what the desk raises, or the reading of what was sent, with a status and a sentence in JSON."""
    for kind in (Unreadable, NotServed, NotWanted, TooMany, InboxUnavailable):
        blueprint.register_error_handler(kind, _answer)


def _answer(error: BotsError | Unreadable) -> ResponseReturnValue:
    status, retry_s = status_of(error)
    headers = {"Retry-After": str(retry_s)} if retry_s else {}
    return jsonify(message=sentence_for(error, this_language(), "chat")), status, headers


def status_of(error: Exception) -> tuple[int, int]:
    """Return the HTTP status of an expected error, and after how many seconds to try again (0: never)."""
    match error:
        case Unreadable(status=status):
            return status, 0
        case NotServed() | NotWanted():
            return 403, 0
        case TooMany(retry_s=seconds):
            return 429, max(1, seconds)
        case InboxUnavailable():
            return 503, UNAVAILABLE_RETRY_S
    return 400, 0
