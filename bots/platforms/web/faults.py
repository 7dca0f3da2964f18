"""Trouble, as people are told it and as the log keeps it: an incident id ties the two together."""

import logging
from secrets import token_hex
from traceback import extract_tb

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
