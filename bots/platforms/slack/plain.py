"""Slack's way to write a message (mentions, links, escapes) turned into the plain text a person typed."""

import re
from collections.abc import Collection
from typing import Any

_TOKEN = re.compile(r"<([^<>]+)>")
_USER = re.compile(r"@([UW][A-Z0-9]+)(?:\|(.*))?\Z", re.DOTALL)
_FIRST_MENTION = re.compile(r"\s*<@[UW][A-Z0-9]+(?:\|[^<>]*)?>")
# Postgres takes neither NUL nor half a surrogate pair, and nobody types the others.
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_OUR_PLACE = "\x00"
_AROUND_US = re.compile(rf"[ \t]*{_OUR_PLACE}[ \t]*[,:，：]?[ \t]*")


def clean(text: str) -> str:
    """Return the text without characters that no person types and no database takes."""
    return _UNWANTED.sub("", text)


def string(holder: Any, *path: str) -> str:
    """Return the string at a path of keys in JSON, empty if there is none."""
    for key in path:
        holder = holder.get(key) if isinstance(holder, dict) else None
    return clean(holder) if isinstance(holder, str) else ""


def plain_text(text: str, us: Collection[str] = ()) -> str:
    """Return what a person reads, without mentions of ``us`` (user ids)."""
    readable = _TOKEN.sub(lambda token: _shown(token[1], us), clean(text))
    readable = _AROUND_US.sub(" ", readable).strip()
    return readable.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def without_first_mention(text: str) -> str:
    """Return the text without the mention it begins with: in an app_mention that is us, if nobody says who we are."""
    return _FIRST_MENTION.sub("", text, count=1) if _FIRST_MENTION.match(text) else text


def mentions(text: str, us: Collection[str]) -> bool:
    """Say whether one of us is mentioned."""
    return any((user := _USER.match(token)) and user[1] in us for token in _TOKEN.findall(text))


def _shown(token: str, us: Collection[str]) -> str:
    user = _USER.match(token)
    if user:
        return _OUR_PLACE if user[1] in us else f"@{user[2] or user[1]}"
    target, _, label = token.partition("|")
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return _special(target[1:], label)
    return _link(target, label)


def _special(target: str, label: str) -> str:
    if label:
        return label
    return f"@{target.removeprefix('subteam^')}"


def _link(target: str, label: str) -> str:
    address = target.removeprefix("mailto:")
    if not label or address.endswith(label):
        return address
    return f"{label} ({address})"
