"""When a schedule is due, and when quiet hours end: arithmetic of wall clocks, nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

from bots.windows.modes.notification import Notification
from bots.windows.modes.workdays import Calendar

LATE = timedelta(minutes=10)
"""What is due and not begun within this time is missed: who is told at noon to clock in at nine is told nonsense."""
_LOOK_BACK = timedelta(days=7)
_MORNING = time(8)
_LOOK_AHEAD = 366  # days that do not count
_MOST_MISSED = 100  # that are written down of one notification at once


@dataclass(frozen=True, slots=True)
class Due:
    """What a schedule asks for: one run at most, those nobody began in time, and those on days that do not count."""

    run: datetime | None
    missed: tuple[datetime, ...]
    skipped: tuple[datetime, ...] = ()


Counts = Callable[[date], bool]
"""Whether anything is told on a day."""


def every_day(_: date) -> bool:
    """All days count."""
    return True


def days_of(notification: Notification, calendar: Calendar) -> Counts:
    """Return on which days the notification's schedule counts."""
    return calendar.is_workday if notification.workdays else every_day


def due(schedule: str, after: datetime, now: datetime, zone: ZoneInfo, counts: Counts = every_day) -> Due:
    """Return what is due since ``after``, ``now`` included.

    Of several minutes within the last ten only the newest is run; after a long absence the newest hundred of the last
    week count as missed. The others nobody would read. On a day that does not count, by the company's clock, there is
    nothing to miss.
    """
    now = now.astimezone(UTC)
    found = minutes(schedule, max(after, now - _LOOK_BACK), now, zone)
    moments = [moment for moment in found if counts(moment.astimezone(zone).date())]
    skipped = [moment for moment in found if not counts(moment.astimezone(zone).date())]
    fresh = moments[-1] if moments and moments[-1] >= now - LATE else None
    missed = moments[:-1] if fresh else moments
    return Due(fresh, tuple(missed[-_MOST_MISSED:]), tuple(skipped[-_MOST_MISSED:]))


def minutes(schedule: str, after: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the moments after ``after`` up to ``until`` at which the schedule is due, each wall-clock minute once.

    A minute that the clocks skip in spring is due right after the gap; one that they show twice in autumn is due the
    first time.
    """
    found: list[datetime] = []
    until = until.astimezone(UTC)
    moments = croniter(schedule, after.astimezone(zone))
    last = after.astimezone(zone).replace(tzinfo=None)
    while (moment := moments.get_next(datetime)) <= until:
        shown = moment.replace(tzinfo=None)
        if shown > last:
            found.append(moment)
            last = shown
    return found


def next_due(schedule: str, now: datetime, zone: ZoneInfo, counts: Counts = every_day) -> datetime | None:
    """Return when the schedule is due next on a day that counts; None if it falls on many others first."""
    begin = now.astimezone(zone)
    for _ in range(_LOOK_AHEAD):
        moment: datetime = croniter(schedule, begin).get_next(datetime)
        if counts(moment.date()):
            return moment
        begin = datetime.combine(moment.date(), time.max, zone)  # what is left of the day does not count either
    return None


def minute_key(moment: datetime, zone: ZoneInfo) -> str:
    """Return the due minute as the wall clock shows it: what makes a run the only one of its minute."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"


def quiet_until(quiet: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet hours (like "22:00-08:00") that ``now`` falls into end; None if it falls into none."""
    if not quiet:
        return None
    begins, ends = _times(quiet)
    here = now.astimezone(zone)
    at = here.time().replace(second=0, microsecond=0)
    inside = begins <= at < ends if begins < ends else at >= begins or at < ends
    if not inside:
        return None
    day = here.date() + timedelta(days=1 if at >= ends else 0)
    end = datetime.combine(day, ends, zone)
    # Two times of one zone compare by what the clock shows, so that an hour it shows twice needs UTC.
    return end if end.astimezone(UTC) > now.astimezone(UTC) else end.replace(fold=1)


def rests_until(quiet: str, counts: Counts, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when something may be told that may not now, as it is quiet or the day does not count; None if it may.

    Of a day that does not count it is put off to the same time of the next that does, or that day's morning: what was
    due late in the evening and is told after midnight should wake nobody.
    """
    ends = quiet_until(quiet, now, zone)
    moment = first = (ends or now).astimezone(zone)
    while not counts(moment.date()):
        moment += timedelta(days=1)
    if moment == first:
        return ends
    return moment if quiet or moment.time() >= _MORNING else datetime.combine(moment.date(), _MORNING, zone)


def _times(quiet: str) -> Sequence[time]:
    return [time.fromisoformat(part) for part in quiet.split("-")]
