"""Notifications in a conversation: the message, the answers to it, and what a person does not want to be told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bots.conversations.handled import Effect, Handled, Here
from bots.conversations.modes import Modes
from bots.conversations.notifications import store
from bots.conversations.notifications.recipients import store as recipients
from bots.conversations.notifications.recipients.store import Recipient
from bots.conversations.notifications.texts import say
from bots.messages import Card, Choice, Reply
from bots.windows.model import Window
from bots.windows.modes.notification import Action, Notification
from bots.windows.modes.template import fill_in
from rag_core.database import Database, ViewerConnection

_ANSWERED_WITHIN = timedelta(days=30)
_LISTED = 12  # cards of one carousel on LINE

Filed = Callable[[ViewerConnection, str, str, str, datetime], bool]
"""Whether a reader has handed in a form (window, name) since a time: that is an answer too."""


def _never(*_: object) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Told:
    """A run as one recipient has it."""

    run: store.Run
    what: Notification
    mine: Recipient


class NotificationMode:
    """What notifications bring to conversations. ``filed`` asks the forms, so that nobody is reminded in vain."""

    def __init__(self, database: Database, windows: Sequence[Window], zone: ZoneInfo, filed: Filed = _never) -> None:
        self._database, self._zone, self._filed = database, zone, filed
        self._windows = {window.name: window for window in windows}

    def modes(self) -> Modes:
        """Return the entries for ``Modes``."""
        return Modes(taps={"note": self.tapped}, words={"notices": self.settings}, notices={"note": self.told})

    # --- telling ---

    def told(self, here: Here, reference: str) -> Handled:
        """Return the message. Whoever is no recipient (any more), or has it already, is told nothing."""
        run_id, _, again = reference.partition("/")
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as connection:
            found = self._found(connection, run_id, here.viewer.reader)
            if found is None:
                return Handled(here.viewer, effects=(_skip(here, run_id),))
            if again:
                return self._reminder(here, connection, found)
            off = store.opt_outs(connection.connection, here.viewer.reader) if found.what.optional else frozenset()
        run, mine = found.run, found.mine
        if mine.state != "queued" or run.state == "stopped" or run.window_name not in self._windows:
            return Handled(here.viewer, effects=(_mark(run.id, mine.recipient, "skipped"),))
        if (run.window_name, run.name) in off:
            return Handled(here.viewer, effects=(_mark(run.id, mine.recipient, "opted_out"),))
        return self._said(here, found, "", _note_told(run.id, mine.recipient))

    def _reminder(self, here: Here, connection: ViewerConnection, found: _Told) -> Handled:
        run, mine = found.run, found.mine
        over = run.state == "stopped" or run.window_name not in self._windows
        if over or mine.state != "told" or mine.responded_at or self._has_filed(connection, found):
            return Handled(here.viewer)
        return self._said(here, found, say(here.language, "reminder"))

    def _has_filed(self, connection: ViewerConnection, found: _Told) -> bool:
        run, mine = found.run, found.mine
        since = mine.told_at or run.made_at
        forms = [action.form for action in found.what.actions if action.form]
        return any(self._filed(connection, mine.recipient, run.window_name, form, since) for form in forms)

    def _said(self, here: Here, found: _Told, notice: str, *effects: Effect) -> Handled:
        run, what = found.run, found.what
        title = what.title_in(here.language, run.name) if what.title else ""
        text = fill_in(what.text, {**self._everybodys(here, title or run.name), **run.words, **found.mine.words})
        choices = tuple(_choices(run, what.actions))
        cards = (Card(title or say(here.language, "answers"), choices=choices),) if choices else ()
        off = Choice(say(here.language, "off_label"), data=f"note=off/{run.window_name}/{run.name}")
        reply = Reply(
            f"{title}\n{text}" if title and not cards else text,
            notice=notice or None,
            choices=(off,) if what.optional else (),
            cards=cards,
            window=self._windows[run.window_name].title_in(here.language),
            language=here.language,
        )
        return Handled(here.viewer, reply, window=run.window_name, effects=effects)

    def _everybodys(self, here: Here, title: str) -> dict[str, str]:
        """Return what any text may name: ``wording.OF_A_NOTIFICATION``."""
        person = here.viewer.person
        return {
            "name": person.name if person else "",
            "person": person.employee_number if person else "",
            "title": title,
            "today": f"{datetime.now(self._zone):%Y-%m-%d}",
        }

    # --- answers ---

    def tapped(self, here: Here, value: str) -> Handled:
        """Take an answer, or turn a notification off or on."""
        first, _, rest = value.partition("/")
        if first in ("off", "on"):
            window, _, name = rest.partition("/")
            return self._turn(here, window, name, on=first == "on")
        return self._answer(here, first, rest)

    def _answer(self, here: Here, run_id: str, number: str) -> Handled:
        """Note the answer of the recipient alone. The last one counts."""
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as connection:
            found = self._found(connection, run_id, here.viewer.reader)
            before = recipients.answer(connection, found.run.id, found.mine.recipient) if found else ""
        if found is None:
            return _say(here, "not_yours")
        action = _action(found.what, number)
        if action is None or not action.value or found.run.made_at < datetime.now(UTC) - _ANSWERED_WITHIN:
            return _say(here, "over")
        if before == action.value:
            return _say(here, "same", answer=action.label)
        noted = _respond(found.run.id, found.mine.recipient, action.value)
        if before:
            return _say(here, "changed", noted, answer=action.label, before=_label(found.what, before))
        return _say(here, "noted", noted, answer=action.label)

    def _found(self, connection: ViewerConnection, run_id: str, reader: str) -> _Told | None:
        run = store.by_id(connection.connection, run_id)
        mine = recipients.of_reader(connection, run.id, reader) if run else None
        try:
            return _Told(run, run.what(), mine) if run and mine else None
        except ValidationError:  # of an older version, which nobody can read
            return None

    # --- what a person does not want to be told ---

    def settings(self, here: Here) -> Handled:
        """Return the person's notifications that can be turned off."""
        if here.viewer.person is None or not here.event.place.direct:
            return _say(here, "settings_who")
        with self._database.application() as connection:
            off = store.opt_outs(connection, here.viewer.reader)
        cards = tuple(_setting(here, *one, is_on=one[:2] not in off) for one in self._optional(here)[:_LISTED])
        if not cards:
            return _say(here, "settings_none")
        return Handled(here.viewer, Reply(say(here.language, "settings"), cards=cards, language=here.language))

    def _turn(self, here: Here, window: str, name: str, *, on: bool) -> Handled:
        titles = {one[:2]: one[2] for one in self._optional(here)}
        title = titles.get((window, name))
        if title is None:
            return _say(here, "gone")
        choice = _switch(here, window, name, is_on=on)
        reply = Reply(
            say(here.language, "turned_on" if on else "turned_off", title=title),
            choices=(choice,),
            language=here.language,
        )
        return Handled(here.viewer, reply, effects=(_set(here.viewer.reader, window, name, on=on),))

    def _optional(self, here: Here) -> list[tuple[str, str, str]]:
        """Return window, name and title of what may concern the person and can be turned off."""
        person = here.viewer.person
        if person is None or not here.event.place.direct:
            return []
        return [
            (window.name, name, what.title_in(here.language, name))
            for window in self._windows.values()
            for name, what in window.notifications.items()
            if what.optional and _concerns(what, window, person.employee_number, person.groups)
        ]


def _choices(run: store.Run, actions: Sequence[Action]) -> Iterator[Choice]:
    for number, action in enumerate(actions):
        if action.value:
            yield Choice(action.label, data=f"note={run.id}/{number}")
        else:
            kind, name = ("form", action.form) if action.form else ("lookup", action.lookup)
            yield Choice(action.label, data=f"{kind}={run.window_name}/{name}")


def _action(what: Notification, number: str) -> Action | None:
    known = number.isascii() and number.isdigit() and len(number) < 4 and int(number) < len(what.actions)
    return what.actions[int(number)] if known else None


def _label(what: Notification, value: str) -> str:
    return next((action.label for action in what.actions if action.value == value), value)


def _concerns(what: Notification, window: Window, number: str, groups: frozenset[str]) -> bool:
    """Whether the person may be among the recipients; of a SQL file nobody knows beforehand."""
    to = what.to
    if to is None or to.sql:
        return bool(window.audience & groups)
    return number in to.people or bool(frozenset(to.groups or ()) & groups)


def _setting(here: Here, window: str, name: str, title: str, *, is_on: bool) -> Card:
    state = say(here.language, "is_on" if is_on else "is_off")
    return Card(title, state, (_switch(here, window, name, is_on=is_on),))


def _switch(here: Here, window: str, name: str, *, is_on: bool) -> Choice:
    verb, label = ("off", "turn_off") if is_on else ("on", "turn_on")
    return Choice(say(here.language, label), data=f"note={verb}/{window}/{name}")


def _say(here: Here, key: str, *effects: Effect, **values: object) -> Handled:
    return Handled(here.viewer, Reply(say(here.language, key, **values), language=here.language), effects=effects)


# --- effects ---


def _note_told(run: str, recipient: str) -> Effect:
    return lambda viewer: recipients.mark_told(viewer, run, recipient)


def _respond(run: str, recipient: str, value: str) -> Effect:
    return lambda viewer: recipients.respond(viewer, run, recipient, value)


def _mark(run: str, recipient: str, state: str) -> Effect:
    return lambda viewer: recipients.mark(viewer.connection, run, [recipient], state)


def _skip(here: Here, run: str) -> Effect:
    """Note that the account is somebody else's by now, or nobody's."""
    place, user = here.event.place, here.event.sender

    def skip(viewer: ViewerConnection) -> None:
        found = store.by_id(viewer.connection, run)
        if found and (was := recipients.at_account(viewer.connection, found.id, place.platform, place.account, user)):
            recipients.mark(viewer.connection, found.id, [was], "unreachable")

    return skip


def _set(reader: str, window: str, name: str, *, on: bool) -> Effect:
    change = store.opt_in if on else store.opt_out
    return lambda viewer: change(viewer.connection, reader, window, name)
