"""Where in a text a field is called by its name: 金額 350, 事由：搬家, deputy: Amy."""

import re
from collections.abc import Iterator
from functools import lru_cache

from bots.windows.modes.field import FieldSpec
from bots.windows.modes.plain import level

_IN_BRACKETS = re.compile(r"[(（\[][^)）\]]{0,40}[)）\]]")
_LINK = re.compile(r"\s?(?:[:=]|是|為|寫)?\s?")
_COLON = re.compile(r"\s?(?:[:=]|是|為)\s?")
_SHORTEST, _LONGEST = 2, 30


@lru_cache(maxsize=2048)
def _names(labels: tuple[str, ...]) -> tuple[str, ...]:
    plain = (level(_IN_BRACKETS.sub("", label)).strip() for label in labels)
    return tuple(dict.fromkeys(name for name in plain if _SHORTEST <= len(name) <= _LONGEST))


def names_of(field: FieldSpec) -> tuple[str, ...]:
    """Return what the field is called, in text that is levelled."""
    return _names(tuple(field.label.values()))


def introductions(field: FieldSpec, plain: str, *, colon: bool = False) -> Iterator[tuple[int, int]]:
    """Yield where the levelled text names the field, and where what follows begins.

    ``colon``: only where a colon or 是 is between.
    """
    for name in names_of(field):
        at = plain.find(name)
        while at >= 0:
            stop = at + len(name)
            link = (_COLON if colon else _LINK).match(plain, stop)
            if link and _stands_alone(plain, at, stop, name):
                yield at, link.end()
            at = plain.find(name, stop)


def at_label(field: FieldSpec, plain: str, start: int) -> bool:
    """Whether the field's name stands right before this place in the levelled text."""
    return any(stop == start for _, stop in introductions(field, plain))


def _stands_alone(plain: str, at: int, stop: int, name: str) -> bool:
    """Whether an English name is a word of its own."""
    if not name.isascii():
        return True
    before, after = plain[at - 1 : at], plain[stop : stop + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())
