"""What is said of the records that were found: a sentence for one, a table for several, and what to tap below."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from bots.conversations import texts as ours
from bots.conversations.handled import Here
from bots.conversations.lookups.records import Records
from bots.conversations.lookups.shown import table, words
from bots.conversations.lookups.texts import say
from bots.messages import Choice, Reply, Table
from bots.windows.model import Window
from bots.windows.modes.lookup import Lookup
from bots.windows.modes.template import fill_in

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Found:
    """The records of a look-up, shown from ``offset`` on. ``kept``: the id of its slots, empty without any."""

    window: Window
    name: str
    lookup: Lookup
    records: Records
    offset: int
    kept: str

    @property
    def page(self) -> Sequence[tuple[object, ...]]:
        """The records that are shown at once."""
        return self.records.rows[self.offset : self.offset + self.lookup.page]

    @property
    def last(self) -> int:
        """How many were shown then."""
        return self.offset + len(self.page)


def bind_sentence(here: Here, title: str) -> str:
    """Return how somebody we do not know becomes somebody we know, by platform."""
    match here.event.place.platform:
        case "line":
            return ours.say(here.language, "bind_how")
        case "slack":
            return ours.say(here.language, "bind_who")
        case "web":
            return say(here.language, "sign_in", title=title)
        case _:
            return say(here.language, "api", title=title)


def answer(here: Here, found: Found, zone: ZoneInfo) -> Reply:
    """Return the reply."""
    language, title = here.language, found.lookup.title_in(here.language, found.name)
    records, shown = found.records, found.page
    tables: tuple[Table, ...] = ()
    if not shown:
        text = found.lookup.none if not records.rows else ""
        text = text or say(language, "no_more" if records.rows else "none", title=title)
    elif found.lookup.reply and len(records.rows) == 1:
        text = fill_in(found.lookup.reply, words(records, shown[0], language, zone))
    else:
        made = table(records, shown, found.lookup.columns, language, zone)
        if not made.columns:
            log.warning("look-up without columns", window=found.window.name, lookup=found.name)
            return _not_set_up(here, found, title)
        tables, text = (made,), _head(here, found, title)
    return Reply(
        text,
        tables=tables,
        choices=_below(here, found),
        window=found.window.title_in(language),
        language=language,
    )


def _head(here: Here, found: Found, title: str) -> str:
    total = len(found.records.rows)
    key = "one" if total == 1 else "some" if len(found.page) == total else "page"
    head = say(here.language, key, title=title, total=total, first=found.offset + 1, last=found.last)
    return head + ("\n" + say(here.language, "cut", total=total) if found.records.cut else "")


def _below(here: Here, found: Found) -> tuple[Choice, ...]:
    """Return what can be tapped: the next page, and the forms that are offered and open here."""
    window = found.window
    further = found.page and found.last < len(found.records.rows)
    data = "/".join(filter(None, (f"more={window.name}", found.name, str(found.last), found.kept)))
    more = (Choice(say(here.language, "more"), data=data),) if further else ()
    forms = [(name, window.forms[name]) for name in found.lookup.forms if name in window.forms]
    open_here = [(name, one) for name, one in forms if not one.serves or frozenset(one.serves) & here.viewer.groups]
    offered = open_here if here.event.place.direct else []
    return (*more, *(Choice(form.title_in(here.language), data=f"form={window.name}/{name}") for name, form in offered))


def _not_set_up(here: Here, found: Found, title: str) -> Reply:
    contact = found.window.card(here.language).contact or say(here.language, "someone")
    text = say(here.language, "set_up", title=title, contact=contact)
    return Reply(text, window=found.window.title_in(here.language), language=here.language)
