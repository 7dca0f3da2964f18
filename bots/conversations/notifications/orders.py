"""What may be ordered: a notification of a window, to those whom it says or to others, with words for its text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg

from bots.conversations.notifications.recipients import store as recipients
from bots.conversations.notifications.recipients.who import Unclear, check_words
from bots.windows.model import Window
from bots.windows.modes.notification import Notification


class Wrong(Exception):
    """The order cannot be taken. The message is a sentence for whoever ordered; it begins with a field's name."""


@dataclass(frozen=True, slots=True)
class Order:
    """Tell this notification. Neither ``people`` nor ``groups``: those whom the window file names."""

    notification: str
    words: Mapping[str, str]
    people: Sequence[str] = ()
    groups: Sequence[str] = ()

    def fingerprint(self) -> bytes:
        """Return what tells this order from another one that has the same key."""
        whole = [self.notification, sorted(self.words.items()), sorted(self.people), sorted(self.groups)]
        return sha256(json.dumps(whole).encode()).digest()


def checked(connection: psycopg.Connection, window: Window, order: Order) -> tuple[Notification, Mapping[str, Any]]:
    """Return what is told to whom. Raises Wrong."""
    what = window.notifications.get(order.notification)
    if what is None:
        known = ", ".join(window.notifications) or "none"
        raise Wrong(f"notification: {window.name} has none of this name; its notifications are: {known}.")
    if outside := sorted(frozenset(order.groups) - window.audience):
        raise Wrong(f"groups: {outside[0]} is not served by {window.name}.")
    if order.people:
        known_people = recipients.served(connection, order.people, window.serves)
        if strangers := sorted(frozenset(order.people) - known_people):
            raise Wrong(f"people: {strangers[0]} is nobody whom {window.name} serves.")
    who = _who(what, order)
    if not who.get("sql"):  # a file's columns are words too
        _check_words(what, order)
    return what, who


def who_is_told(what: Notification) -> Mapping[str, Any]:
    """Return whom the window file names, as runs keep it."""
    return what.to.model_dump(mode="json", exclude_defaults=True) if what.to else {}


def _who(what: Notification, order: Order) -> Mapping[str, Any]:
    if order.people and order.groups:
        raise Wrong("groups: name people or groups, not both.")
    if order.people:
        return {"people": sorted(frozenset(order.people))}
    if order.groups:
        return {"groups": sorted(frozenset(order.groups))}
    if what.to is None:
        raise Wrong("people: name people or groups; the window file names none for this notification.")
    return who_is_told(what)


def _check_words(what: Notification, order: Order) -> None:
    try:
        check_words(what.text, order.words)
    except Unclear as unclear:
        raise Wrong(f"values: {unclear.reason.removeprefix('no ')} is missing; the text needs it.") from None
