"""Follows the schedules of all windows' notifications: each due minute becomes one run, however many workers look."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import structlog

from bots.conversations.notifications import schedule, store
from bots.conversations.notifications.orders import who_is_told
from bots.conversations.notifications.schedule import Counts
from bots.windows.model import Window
from bots.windows.modes.notification import Notification
from rag_core.database import Database

log = structlog.get_logger()

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Scheduled:
    window: str
    name: str
    schedule: str
    what: Notification
    counts: Counts


class Scheduler:
    """Makes runs of what is due. A minute nobody looked at in time is written down as missed, and not made up for.

    So is, as skipped, one on a day off of a notification that goes by the working days.
    """

    def __init__(
        self, database: Database, windows: Sequence[Window], zone: ZoneInfo, clock: Clock = wall_clock
    ) -> None:
        self._database, self._zone, self._clock = database, zone, clock
        self._scheduled = tuple(_scheduled(windows))

    def tick(self) -> None:
        """Look once. What is due from the first look on counts: a new notification does not tell the past."""
        if not self._scheduled:
            return
        now = self._clock()
        with self._database.application() as connection:
            if not store.ticks_alone(connection):
                return
            known = store.ticks(connection)
            for one in self._scheduled:
                tick = known.get((one.window, one.name))
                if tick and tick.schedule == one.schedule:
                    self._follow(connection, one, tick.ticked_at, now)
            store.note_ticks(connection, [store.Tick(s.window, s.name, s.schedule, now) for s in self._scheduled])

    def _follow(self, connection: psycopg.Connection, one: _Scheduled, since: datetime, now: datetime) -> None:
        due = schedule.due(one.schedule, since, now, self._zone, one.counts)
        if due.run:
            store.add_run(connection, self._run(one, due.run, "waiting"))
        for moment in due.skipped:
            store.add_run(connection, self._run(one, moment, "skipped", "day off"))
        for moment in due.missed:
            store.add_run(connection, self._run(one, moment, "missed"))
        if due.missed:
            log.warning("notifications missed", window=one.window, notification=one.name, count=len(due.missed))

    def _run(self, one: _Scheduled, moment: datetime, state: str, reason: str | None = None) -> store.NewRun:
        return store.NewRun(
            str(uuid4()),
            one.window,
            one.name,
            f"at:{schedule.minute_key(moment, self._zone)}",
            "schedule",
            one.what,
            who_is_told(one.what),
            moment,
            {},
            state,
            reason=reason,
        )


def _scheduled(windows: Sequence[Window]) -> Iterator[_Scheduled]:
    for window in windows:
        for name, what in window.notifications.items():
            if what.schedule:
                yield _Scheduled(window.name, name, what.schedule, what, schedule.days_of(what, window.calendar))
