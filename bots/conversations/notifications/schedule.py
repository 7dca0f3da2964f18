"""When a schedule is due, and when quiet hours end: arithmetic of wall clocks, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

LATE = timedelta(minutes=10)
"""What is due and not begun within this time is missed: who is told at noon to clock in at nine is told nonsense."""
_LOOK_BACK = timedelta(days=7)
_MOST_MISSED = 100  # that are written down of one notification at once


@dataclass(frozen=True, slots=True)
class Due:
    """What a schedule asks for: one run at most, and those that nobody began in time."""

    run: datetime | None
    missed: tuple[datetime, ...]


def due(schedule: str, after: datetime, now: datetime, zone: ZoneInfo) -> Due:
    """Return what is due since ``after``, ``now`` included.

    Of several minutes within the last ten only the newest is run; after a long absence the newest hundred of the last
    week count as missed. The others nobody would read.
    """
    now = now.astimezone(UTC)
    moments = minutes(schedule, max(after, now - _LOOK_BACK), now, zone)
    fresh = moments[-1] if moments and moments[-1] >= now - LATE else None
    missed = moments[:-1] if fresh else moments
    return Due(fresh, tuple(missed[-_MOST_MISSED:]))


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


def next_due(schedule: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the schedule is due next."""
    moment: datetime = croniter(schedule, now.astimezone(zone)).get_next(datetime)
    return moment


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


def _times(quiet: str) -> Sequence[time]:
    return [time.fromisoformat(part) for part in quiet.split("-")]
