"""What a tap does on LINE: a Choice as an action, within LINE's limits. What does not fit is no action at all."""

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from bots.messages import Choice
from bots.platforms.line.splitting import clean, shorten, units

LABEL: Final = 20
SPOKEN: Final = 300  # a message action's text, a postback's displayText
DATA: Final = 300
URI: Final = 1_000

Action = dict[str, Any]

_KIND: Final = re.compile(r"[a-z]{1,20}(?==)")


def action_of(choice: Choice) -> Action | None:
    """Return the action of a choice; None if LINE could not carry it.

    What a choice says or sends is never shortened: half a question is another question.
    """
    label = clean(choice.label).strip() or clean(choice.say).strip()
    if not label:
        return None
    short = shorten(label, LABEL)
    if choice.url:
        return {"type": "uri", "label": short, "uri": choice.url} if is_openable(choice.url) else None
    if choice.data:
        return _sending(choice, label, short) if units(choice.data) <= DATA else None
    said = clean(choice.say).strip()
    return {"type": "message", "label": short, "text": said} if said and units(said) <= SPOKEN else None


def lost(choices: Iterable[Choice]) -> tuple[str, ...]:
    """Return what kinds of taps LINE cannot carry, for the log: what stands before "=" in the data, never more."""
    return tuple(_kind(choice) for choice in choices if action_of(choice) is None)


def is_openable(url: str) -> bool:
    """Whether LINE takes the address for a link: http(s), tel or line, ASCII, at most 1,000 characters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= URI
    has_target = bool(parts.netloc) if parts.scheme in ("http", "https") else parts.scheme in ("tel", "line")
    return is_plain and has_target


def _sending(choice: Choice, label: str, short: str) -> Action:
    """Return the action that sends data. LINE's picker has no time zone, and shows nothing of ours in the chat."""
    if choice.picker:
        return {"type": "datetimepicker", "label": short, "data": choice.data, "mode": choice.picker}
    return {"type": "postback", "label": short, "data": choice.data, "displayText": shorten(label, SPOKEN)}


def _kind(choice: Choice) -> str:
    if choice.data:
        word = _KIND.match(choice.data)
        return word[0] if word else "data"
    return "url" if choice.url else "say"
