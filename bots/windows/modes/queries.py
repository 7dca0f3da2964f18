"""The SQL files that a window runs, and whether what it says of their columns fits what they find."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bots.windows.faults import Where, meant
from bots.windows.model import Window
from bots.windows.modes.lookup import Lookup
from bots.windows.modes.notification import Notification
from bots.windows.modes.sql_file import PERSON, TYPES
from bots.windows.modes.template import names_in
from bots.windows.modes.wording import OF_A_NOTIFICATION
from bots.windows.sources import OWN

Trouble = tuple[Where, str]
_SHOWN = 20  # columns of a list


@dataclass(frozen=True, slots=True)
class Query:
    """A SQL file that is run for a look-up, or to find the recipients of a notification.

    ``types`` are what Postgres takes its parameters for, by name.
    """

    section: str  # "lookups" or "notifications"
    name: str
    file: str
    source: str
    types: Mapping[str, str]


def types_of(lookup: Lookup) -> dict[str, str]:
    """Return what Postgres takes the look-up's parameters for."""
    return {slot.name: TYPES[slot.type] for slot in lookup.slots} | {PERSON: "text"}


def queries_of(window: Window) -> Iterator[Query]:
    """Yield every SQL file that the window runs."""
    for name, lookup in window.lookups.items():
        if lookup.sql is not None:
            yield Query("lookups", name, lookup.sql, lookup.source, types_of(lookup))
    for name, told in window.notifications.items():
        if told.to and told.to.sql:
            yield Query("notifications", name, told.to.sql, OWN, {})


def misnamed(window: Window, query: Query, columns: Sequence[str]) -> Iterator[Trouble]:
    """Yield where the window file names a column that the file does not find, with the place in the window file."""
    if query.section == "notifications":
        yield from _of_notification(window.notifications[query.name], query, columns)
        return
    lookup = window.lookups[query.name]
    at: Where = ("lookups", query.name)
    for column in names_in(lookup.reply):
        yield from _missing((*at, "reply"), column, query, columns)
    for column in lookup.columns:
        yield from _missing((*at, "columns", column), column, query, columns)
    yield from _of_defaults(window, query, columns)


def _of_defaults(window: Window, query: Query, columns: Sequence[str]) -> Iterator[Trouble]:
    """Yield the defaults that are taken from a column which is not there."""
    asked = [(("lookups", name, "slots"), lookup.slots) for name, lookup in window.lookups.items()]
    asked += [(("forms", name, "fields"), form.fields) for name, form in window.forms.items()]
    for at, fields in asked:
        for index, one in enumerate(fields):
            if one.defaults_from == query.name:
                for column in names_in(one.default):
                    yield from _missing((*at, index, "default"), column, query, columns)


def _of_notification(told: Notification, query: Query, columns: Sequence[str]) -> Iterator[Trouble]:
    at: Where = ("notifications", query.name)
    if PERSON not in columns:
        example = "select employee_number as person"
        yield (*at, "to"), f"{query.file} finds no column {PERSON}, which says who is told; write there  {example}"
    if told.schedule:  # else a call may bring words of its own
        for column in names_in(told.text):
            if column not in OF_A_NOTIFICATION:
                yield from _missing((*at, "text"), column, query, columns)


def _missing(at: Where, column: str, query: Query, columns: Sequence[str]) -> Iterator[Trouble]:
    if column not in columns:
        yield at, f"{query.file} finds no column {column}; {meant(column, columns[:_SHOWN], 'it finds')}"
