"""What a tap does on LINE: a Choice as an action, within LINE's limits. What does not fit is no action at all."""

from typing import Any, Final
from urllib.parse import urlsplit

from bots.messages import Choice
from bots.platforms.line.splitting import clean, shorten, units

LABEL: Final = 20
SPOKEN: Final = 300  # a message action's text, a postback's displayText
DATA: Final = 300
URI: Final = 1_000

Action = dict[str, Any]


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
        spoken = shorten(label, SPOKEN)
        is_short = units(choice.data) <= DATA
        return {"type": "postback", "label": short, "data": choice.data, "displayText": spoken} if is_short else None
    said = clean(choice.say).strip()
    return {"type": "message", "label": short, "text": said} if said and units(said) <= SPOKEN else None


def is_openable(url: str) -> bool:
    """Whether LINE takes the address for a link: http(s), tel or line, ASCII, at most 1,000 characters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= URI
    has_target = bool(parts.netloc) if parts.scheme in ("http", "https") else parts.scheme in ("tel", "line")
    return is_plain and has_target
