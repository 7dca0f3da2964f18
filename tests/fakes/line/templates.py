"""What LINE documents about template messages and the placeholders of texts."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from fakes.line.records import Problem
from fakes.line.walker import units

_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_]{1,20})\}")


def _short_beside(image: str, title: str) -> Callable[[dict[str, Any], str], Iterator[Problem]]:
    """Return a check: with an image or a title, the text is at most 60 long."""

    def check(value: dict[str, Any], path: str) -> Iterator[Problem]:
        text = value.get("text")
        if isinstance(text, str) and units(text) > 60 and (value.get(image) or value.get(title)):
            yield Problem("Length must be between 1 and 60", f"{path}.text")

    return check


def _carousel(carousel: dict[str, Any], path: str) -> Iterator[Problem]:
    columns = [c for c in carousel.get("columns") or () if isinstance(c, dict)]
    if len({len(column.get("actions") or ()) for column in columns}) > 1:
        yield Problem("All columns must have the same number of actions", f"{path}.columns")
    if len({(bool(c.get("thumbnailImageUrl")), bool(c.get("title"))) for c in columns}) > 1:
        yield Problem("All columns must have an image and a title, or none", f"{path}.columns")


def _placeholders(message: dict[str, Any], path: str) -> Iterator[Problem]:
    text, substitution = message.get("text"), message.get("substitution", {})
    if isinstance(text, str) and isinstance(substitution, dict):
        named = set(_PLACEHOLDER.findall(text.replace("{{", "").replace("}}", "")))
        for name in sorted(named ^ set(substitution)):
            yield Problem("Must be both in the text and in the substitution", f"{path}.substitution.{name}")


def _emojis(message: dict[str, Any], path: str) -> Iterator[Problem]:
    text, emojis = message.get("text"), message.get("emojis", ())
    if not isinstance(text, str) or not isinstance(emojis, list):
        return
    wide = text.encode("utf-16-le", "surrogatepass")
    for number, emoji in enumerate(emojis):
        at = emoji.get("index") if isinstance(emoji, dict) else None
        if isinstance(at, int) and wide[2 * at : 2 * at + 2] != b"$\0":
            yield Problem("Must point at a $ in the text", f"{path}.emojis[{number}].index")


TEMPLATE_CHECKS: dict[str, Callable[[dict[str, Any], str], Iterator[Problem]]] = {
    "ButtonsTemplate": _short_beside("thumbnailImageUrl", "title"),
    "CarouselColumn": _short_beside("thumbnailImageUrl", "title"),
    "CarouselTemplate": _carousel,
    "TextMessageV2": _placeholders,
    "TextMessage": _emojis,
}
