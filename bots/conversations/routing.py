"""Which window answers: a pure decision, but for the one search that tells which window knows most."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bots.windows.model import Window

How = Literal["named", "chosen", "only", "follow-up", "matched", "default"]


@dataclass(frozen=True, slots=True)
class Route:
    """The window, and how it came to be the one."""

    window: Window
    how: How


def usable(
    windows: Mapping[str, Window], names: Sequence[str], groups: frozenset[str], limit: frozenset[str] | None
) -> list[Window]:
    """Return the windows of the account that serve these groups, in the account's order; ``limit`` is a channel's."""
    return [
        windows[name]
        for name in names
        if name in windows and windows[name].audience & groups and (limit is None or name in limit)
    ]


def choose(
    windows: Sequence[Window],
    *,
    named: str = "",
    chosen: str | None = None,
    following: str | None = None,
    default: str = "",
    matched: Callable[[], str | None],
) -> Route | None:
    """Return the window that answers, None if none may.

    In this order: the one named with the question (a page), the one the person chose, the only one, the one a
    follow-up goes on with, the one whose documents match best, the account's default.
    """
    by_name = {window.name: window for window in windows}
    if named:
        return _route(by_name, named, "named")
    if chosen in by_name:
        return _route(by_name, chosen, "chosen")
    if len(by_name) < 2:
        return _route(by_name, next(iter(by_name), None), "only")
    if following in by_name:
        return _route(by_name, following, "follow-up")
    if (best := matched()) in by_name:
        return _route(by_name, best, "matched")
    return _route(by_name, default if default in by_name else next(iter(by_name)), "default")


def _route(by_name: Mapping[str, Window], name: str | None, how: How) -> Route | None:
    return Route(by_name[name], how) if name is not None and name in by_name else None
