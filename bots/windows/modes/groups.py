"""Which groups a window names, and which of them are only a slip of the pen."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from bots.messages import CUSTOMERS
from bots.windows.faults import Where
from bots.windows.model import Window
from bots.windows.people import PersonRow

_ALIKE = 0.8
"""Of 1; a group that nobody is in yet is named all the same, so only a slip is told as one."""
_PARTS = re.compile(r"[0-9]+|[a-z]+")


def misspelt(window: Window, people: Sequence[PersonRow]) -> Iterator[tuple[Where, str]]:
    """Yield the groups that nobody in people.csv is in, but which look like one that somebody is in.

    Without people nothing is said: then nobody knows which groups there are.
    """
    groups = groups_of(people)
    for where, group in _named(window) if people else ():
        if near := likely(group, groups):
            yield where, f"nobody in people.csv is in {group}; did you mean {near}?"


def groups_of(people: Sequence[PersonRow]) -> list[str]:
    """Return the groups of these people, sorted."""
    return sorted(frozenset[str]().union(*(person.groups for person in people)))


def likely(group: str, groups: Sequence[str]) -> str:
    """Return which of the groups a name that is none of them is meant for; "" if it may well be one of its own.

    ``team-a`` is no slip for ``team-b``, nor ``shift1`` for ``shift2``: there one sign makes the group.
    """
    if group in groups or group in CUSTOMERS:
        return ""
    near = get_close_matches(group, [*groups, *CUSTOMERS], n=1, cutoff=_ALIKE)
    return near[0] if near and _signs(near[0]) == _signs(group) else ""


def _signs(group: str) -> list[str]:
    """Return the numbers and the letters that stand alone in the name."""
    return [part for part in _PARTS.findall(group) if part.isdigit() or len(part) == 1]


def _named(window: Window) -> Iterator[tuple[Where, str]]:
    """Yield every group that the window names, with its place."""
    lists: list[tuple[Where, Sequence[str] | None]] = [
        (("serves",), window.serves),
        (("contributors",), window.contributors),
        *((("knowledge", index, "audience"), entry.audience) for index, entry in enumerate(window.knowledge)),
        *((("lookups", name, "serves"), lookup.serves) for name, lookup in window.lookups.items()),
        *((("forms", name, "serves"), form.serves) for name, form in window.forms.items()),
        *((("channels", "slack", index, "groups"), one.groups) for index, one in enumerate(window.channels.slack)),
    ]
    for name, told in window.notifications.items():
        lists.append((("notifications", name, "to", "groups"), told.to.groups if told.to else None))
    yield from (((*at, index), group) for at, groups in lists for index, group in enumerate(groups or ()))
    for name, form in window.forms.items():
        yield from ((("forms", name, *at, "group"), one.group) for at, one in form.deciders() if one.group)
