"""A short tour for a person who writes for the first time: what their windows answer, look up and take.

On a page, where people stand at one window, they are shown all of it when they ask what it can do.

Where all that windows do is answer, there is nothing to show beyond the answer itself, and no tour.
"""

from collections.abc import Collection, Iterable

from bots.conversations import notices
from bots.conversations.handled import Effect, Handled, Here
from bots.conversations.inbox import store as inbox
from bots.conversations.queue import Queue
from bots.conversations.texts import say
from bots.messages import Card, Choice, Kind, Language, Reply
from bots.windows.model import Window
from rag_core.database import Database, ViewerConnection

_WINDOWS = 6
_NAMED = 4  # look-ups or forms of one window


class Tour:
    """Has the tour told once an account, after the answer to the first message."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database, self._queue = database, queue

    def after(self, here: Here) -> tuple[Effect, ...]:
        """Return what has the tour told, nothing where it was or is not for this reader."""
        event, person = here.event, here.viewer.person
        if person is None or event.kind is not Kind.MESSAGE or not event.place.direct:
            return ()
        if not any(window.lookups or window.forms for window in here.windows):
            return ()
        if event.place.platform not in ("line", "slack"):  # a page shows what it was asked, and has its own list
            return ()
        target = notices.Target(event.place, event.sender)
        with self._database.application() as connection:
            if inbox.is_known(connection, event.place, notices.event_id(_key(person.employee_number), event.sender)):
                return ()

        def tell(scoped: ViewerConnection) -> None:
            notices.tell(scoped.connection, self._queue, [target], "tour=", _key(person.employee_number))

        return (tell,)

    def told(self, here: Here, _: str) -> Handled:
        """Return the tour (``Modes.notices``)."""
        return Handled(here.viewer, tour(here.windows, here.language))


def tour(windows: Iterable[Window], language: Language) -> Reply:
    """Return what the windows can do, each with one of everything to tap."""
    cards = tuple(_card(window, language) for window in list(windows)[:_WINDOWS])
    return Reply(say(language, "tour"), cards=cards, language=language)


def _card(window: Window, language: Language) -> Card:
    titles = window.modes_in(language)
    lookups = [title for (kind, _), title in titles.items() if kind == "lookup"]
    forms = [title for (kind, _), title in titles.items() if kind == "form"]
    lines = [
        say(language, key, names=say(language, "list_comma").join(names[:_NAMED]))
        for key, names in (("tour_lookups", lookups), ("tour_forms", forms))
        if names
    ]
    taps = [Choice(question, say=question) for question in window.questions[:1]]
    for kind in ("lookup", "form"):
        first = next(((name, title) for (sort, name), title in titles.items() if sort == kind), None)
        if first:
            taps.append(Choice(first[1], data=f"{kind}={window.name}/{first[0]}"))
    return Card(window.title_in(language), "\n".join(lines), tuple(taps))


def abilities(window: Window, groups: frozenset[str], language: Language, *, known: bool) -> Reply:
    """Return all that a window looks up and takes, to tap, and its questions. ``known``: the reader is a person."""
    lookups = [f"lookup={window.name}/{name}" for name, one in window.lookups.items() if _is_for(one.serves, groups)]
    forms = [
        f"form={window.name}/{name}"
        for name, one in window.forms.items()
        if _is_for(one.serves, groups) and (known or one.anonymous)
    ]
    titles = {f"{kind}={window.name}/{name}": title for (kind, name), title in window.modes_in(language).items()}
    cards = tuple(
        Card(say(language, key), choices=tuple(Choice(titles[data], data=data) for data in found))
        for key, found in (("to_look_up", lookups), ("to_fill_in", forms))
        if found
    )
    text = say(language, "abilities" if cards else "only_answers")
    return Reply(text, cards=cards, suggestions=window.questions, window=window.title_in(language), language=language)


def _is_for(serves: Collection[str] | None, groups: frozenset[str]) -> bool:
    return not serves or bool(groups & frozenset(serves))


def _key(employee_number: str) -> str:
    return f"tour:{employee_number}"
