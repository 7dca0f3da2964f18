"""Which options a free text mentions, by their value or their label in either language."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bots.windows.modes.choosing import keys_of
from bots.windows.modes.field import FieldSpec, Option

_IN_BRACKETS = re.compile(r"\s?[(（\[][^)）\]]{0,60}[)）\]]\s?")
_NOT = re.compile(r"(?:不是|不要|不用|不[請请]|不想[請请]?|不算|[沒没]有|\bnot(?: an?)?|\bno|instead of)\s?$")
_GENERIC = "假費费類类室單单部"
"""What people leave out at the end: 特休 for 特休假, 計程車 for 計程車費."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An option in the text, between two places."""

    option: Option
    start: int
    stop: int


def mentions(field: FieldSpec, text: str) -> list[Mention]:
    """Return the options that the text (as ``alike`` has it) mentions, the longer name where two overlap."""
    found: list[Mention] = []
    for name, index in _names(tuple(map(keys_of, field.choices))):
        for start in _places(name, text):
            stop = start + len(name)
            if all(stop <= one.start or start >= one.stop for one in found):
                found.append(Mention(field.choices[index], start, stop))
    return [one for one in found if not _NOT.search(text, max(0, one.start - 12), one.start)]


@lru_cache(maxsize=256)
def _names(options: tuple[tuple[str, ...], ...]) -> Sequence[tuple[str, int]]:
    """Return the names that tell an option from the others, the long ones first, with the option's place."""
    meant: dict[str, list[int]] = {}
    for index, keys in enumerate(options):
        for name in dict.fromkeys(part for key in keys for part in _ways(key)):
            meant.setdefault(name, []).append(index)
    own = [(name, found[0]) for name, found in meant.items() if len(found) == 1]
    return sorted(own, key=lambda one: -len(one[0]))


def _ways(name: str) -> Iterator[str]:
    yield from (name,) if len(name) > 1 else ()
    if len(short := _IN_BRACKETS.sub("", name)) > 1:
        yield short
    if len(name) > 2 and name[-1] in _GENERIC:
        yield name[:-1]


def _places(name: str, text: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        if _is_whole(text, at, at + len(name)):
            yield at
        at = text.find(name, at + len(name))


def _is_whole(text: str, start: int, stop: int) -> bool:
    """Whether a name in Latin letters or digits is not a part of a longer one."""

    def both(at: int) -> bool:
        pair = text[max(0, at - 1) : at + 1]
        return len(pair) == 2 and pair.isascii() and pair.isalnum()

    return not both(start) and not both(stop)
