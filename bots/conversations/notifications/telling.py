"""Tells runs to their recipients, reminds those who are silent, and forgets: what the worker sweeps.

Each step is one short transaction under the run's lock: a worker that dies leaves the run as it was before the step,
and the notices' keys see to it that nobody is told twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import psycopg
import structlog
from pydantic import ValidationError

from bots.conversations import notices
from bots.conversations.notifications import schedule, store
from bots.conversations.notifications.recipients import store as recipients
from bots.conversations.notifications.recipients.store import Spoken
from bots.conversations.notifications.recipients.who import NotFound, RowsOf, Unclear, check_words, number_of
from bots.conversations.notifications.recipients.who import recipients as made_out
from bots.conversations.notifications.scheduler import Clock, wall_clock
from bots.conversations.queue import Queue
from bots.windows.modes.notification import Notification
from bots.windows.modes.workdays import WEEKDAYS, Calendar
from rag_core.database import Database

log = structlog.get_logger()

BATCH = 200  # recipients in one transaction
AT_ONCE = 400
"""Notices on their way at any time: the queue stays short, however many a run tells."""
FEW = 20
"""Recipients that are told as soon as somebody who asks is answered. More are told when nobody waits."""

_TRIES = 5  # at finding out whom a run goes to
_AGAIN = timedelta(minutes=1)
_FORGET_EVERY_S = 3600.0


def told_key(run: str) -> str:
    """Return the key under which the run is told to everybody once."""
    return f"note:{run}"


def event_prefix(run: str) -> str:
    """Return what the inbox's ids of the run's messages begin with; the user's id follows."""
    return notices.event_id(told_key(run), "")


def reminded_key(run: str) -> str:
    """Return the key under which everybody is reminded once."""
    return f"remind:{run}"


class Teller:
    """Takes runs from their making to their end. ``rows_of`` runs the SQL files that name recipients.

    ``calendar``: the company's working days. ``at_once``: how many notices may be on their way.
    """

    def __init__(  # noqa: PLR0913 wired in one place
        self,
        database: Database,
        queue: Queue,
        rows_of: RowsOf,
        zone: ZoneInfo,
        *,
        retention_days: int,
        calendar: Calendar = WEEKDAYS,
        clock: Clock = wall_clock,
        at_once: int = AT_ONCE,
    ) -> None:
        self._database, self._rows_of, self._zone = database, rows_of, zone
        self._calendar = calendar
        self._queue, self._behind = queue, queue.behind()
        self._retention_days, self._clock, self._at_once = retention_days, clock, at_once
        self._forget_at = monotonic()

    def sweep(self) -> None:
        """Do what is due now, as far as there is room on the way."""
        for step in (self._begin, self._tell, self._remind):
            while step():
                pass
        self._forget()

    # --- whom ---

    def _begin(self) -> bool:
        """Make out whom the next run goes to, in one transaction; return whether there was a run."""
        with self._database.application() as connection:
            run = store.next_waiting(connection, self._clock())
            if run is None:
                return False
            what = _what(connection, run)
            if what and not self._put_off(connection, run, what):
                self._make_out(connection, run, what)
            return True

    def _make_out(self, connection: psycopg.Connection, run: store.Run, what: Notification) -> None:
        try:
            who = made_out(connection, run.window_name, run.who, self._rows_of)
            if who:  # rows of one file have the same columns
                check_words(what.text, run.words, next(iter(who.values())))
        except Unclear as unclear:
            _fail(connection, run, unclear.reason)
        except NotFound as trouble:
            self._try_again(connection, run, trouble.reason)
        else:
            optional = (run.window_name, run.name) if what.optional else ("", "")
            count = recipients.add(connection, run.id, who, optional)
            store.begin_telling(connection, run.id)
            log.info("run begun", run=run.id, window=run.window_name, notification=run.name, recipients=count)

    def _try_again(self, connection: psycopg.Connection, run: store.Run, reason: str) -> None:
        if run.attempt + 1 >= _TRIES:
            _fail(connection, run, reason)
            return
        log.warning("recipients not made out", run=run.id, attempt=run.attempt + 1, error=reason)
        store.put_off(connection, run.id, self._clock() + _AGAIN, trouble=True)

    # --- telling ---

    def _tell(self) -> bool:
        """Tell the next batch of a run; return whether there was one, and room for it."""
        with self._database.application() as connection:
            run = store.next_telling(connection, self._clock())
            if run is None or (room := self._room(connection)) <= 0:
                return False
            what = _what(connection, run)
            if what and not self._put_off(connection, run, what):
                self._tell_batch(connection, run, what, room)
            return True

    def _tell_batch(self, connection: psycopg.Connection, run: store.Run, what: Notification, room: int) -> None:
        batch = recipients.pending(connection, run.id, room)
        where = _where(connection, batch, run.window_name)
        targets = [notices.target(one.platform, one.account, one.user_id, run.window_name) for one in where]
        notices.tell(connection, self._queue_for(batch, room), targets, f"note={run.id}", told_key(run.id))
        recipients.mark_queued(connection, run.id, where)
        reached = {one.recipient for one in where}
        recipients.mark(connection, run.id, [one for one in batch if one not in reached], "unreachable")
        if len(batch) == room:
            store.touch(connection, run.id)
            return
        now = self._clock()
        remind_at = now + timedelta(hours=what.remind_hours) if what.remind_hours else None
        store.end_telling(connection, run.id, now, remind_at)
        log.info("run told", run=run.id, window=run.window_name, notification=run.name)

    # --- reminding ---

    def _remind(self) -> bool:
        """Remind the next batch of who was told and has not answered; return whether there was one, and room."""
        with self._database.application() as connection:
            run = store.next_reminding(connection, self._clock())
            if run is None or (room := self._room(connection)) <= 0:
                return False
            what = _what(connection, run)
            until = self._rests_until(run, what) if what else None
            if until:
                store.put_off_reminding(connection, run.id, until)
            elif what:
                self._remind_batch(connection, run, room)
            return True

    def _remind_batch(self, connection: psycopg.Connection, run: store.Run, room: int) -> None:
        batch = recipients.silent(connection, run.id, room)
        targets = [notices.target(one.platform, one.account, one.user_id, run.window_name) for one in batch]
        queue = self._queue_for(batch, room)
        notices.tell(connection, queue, targets, f"note={run.id}/again", reminded_key(run.id))
        recipients.mark_reminded(connection, run.id, [one.recipient for one in batch])
        if len(batch) == room:
            store.touch(connection, run.id)
        else:
            store.put_off_reminding(connection, run.id, None)
            log.info("run reminded", run=run.id, window=run.window_name, notification=run.name)

    # --- the rest ---

    def _queue_for(self, batch: Sequence[object], room: int) -> Queue:
        """Return the usual queue for a few, and for the last few of many; else the one behind what people ask."""
        return self._queue if len(batch) < min(room, FEW) else self._behind

    def _room(self, connection: psycopg.Connection) -> int:
        return min(self._at_once - store.in_flight(connection), BATCH)

    def _put_off(self, connection: psycopg.Connection, run: store.Run, what: Notification) -> bool:
        """Put the run off where nothing of it is told now; return whether that is so."""
        until = self._rests_until(run, what)
        if until:
            store.put_off(connection, run.id, until)
        return until is not None

    def _rests_until(self, run: store.Run, what: Notification) -> datetime | None:
        """Return when the run goes on; None: now. What somebody ordered by hand does not wait for a working day."""
        counts = schedule.days_of(what, self._calendar) if run.source == "schedule" else schedule.every_day
        return schedule.rests_until(what.quiet, counts, self._clock(), self._zone)

    def _forget(self) -> None:
        if monotonic() >= self._forget_at:
            self._forget_at = monotonic() + _FORGET_EVERY_S
            with self._database.application() as connection:
                store.forget_texts(connection, self._retention_days)


def _what(connection: psycopg.Connection, run: store.Run) -> Notification | None:
    """Return the run's notification; a run that an older version made and nobody can read is given up."""
    try:
        return run.what()
    except ValidationError:
        _fail(connection, run, "notification not readable")
        return None


def _fail(connection: psycopg.Connection, run: store.Run, reason: str) -> None:
    log.error("run given up", run=run.id, window=run.window_name, notification=run.name, reason=reason)
    store.fail(connection, run.id, reason)


def _where(connection: psycopg.Connection, batch: Sequence[str], window: str) -> list[Spoken]:
    """Return where these recipients are told. Who has no account and does not come to the page is left out."""
    numbers = {number: one for one in batch if (number := number_of(one)) is not None}
    people: Mapping[str, notices.Target] = notices.reachable(connection, list(numbers), window)
    found = [Spoken(numbers[n], t.place.platform, t.place.account, t.user) for n, t in people.items()]
    accounts = [one for one in batch if number_of(one) is None]
    return found + [Spoken(one, *one.split(":", 2)) for one in accounts]
