"""When schedules are due and when quiet hours end, by the wall clock of the company's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.conversations.notifications.schedule import (
    Due,
    due,
    minute_key,
    minutes,
    next_due,
    quiet_until,
    rests_until,
)
from bots.windows.modes.workdays import WEEKDAYS, Calendar

TAIPEI, NEW_YORK = ZoneInfo("Asia/Taipei"), ZoneInfo("America/New_York")
YEAR = st.datetimes(datetime(2026, 2, 1), datetime(2026, 12, 1))  # noqa: DTZ001 the zone is given where it is used
MORNING = "50 8 * * 1-5"


def at(text: str, zone: ZoneInfo = TAIPEI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def keys(schedule: str, after: datetime, until: datetime, zone: ZoneInfo) -> list[str]:
    return [minute_key(moment, zone) for moment in minutes(schedule, after, until, zone)]


def test_a_schedule_means_the_companys_wall_clock() -> None:
    """08:50 in Taipei is 00:50 in UTC; weekends have none."""
    friday = at("2026-11-27T08:00")
    found = minutes(MORNING, friday.astimezone(UTC), friday + timedelta(days=5), TAIPEI)
    assert [one.astimezone(UTC).isoformat() for one in found] == [
        "2026-11-27T00:50:00+00:00",
        "2026-11-30T00:50:00+00:00",
        "2026-12-01T00:50:00+00:00",
    ]
    assert minute_key(found[0].astimezone(UTC), TAIPEI) == "2026-11-27T08:50"
    assert next_due(MORNING, friday.astimezone(UTC), TAIPEI) == found[0]


def test_the_due_minute_itself_counts_once() -> None:
    """Looking at 08:50:00 finds it; looking again from there does not."""
    moment = at("2026-11-27T08:50")
    assert due(MORNING, moment - timedelta(seconds=2), moment, TAIPEI) == Due(moment, ())
    assert due(MORNING, moment, moment + timedelta(seconds=2), TAIPEI) == Due(None, ())


def test_late_within_ten_minutes_is_run_and_later_is_missed() -> None:
    """A worker that was away for a moment makes up for it; after that it is nonsense to tell people to clock in."""
    moment, before = at("2026-11-27T08:50"), at("2026-11-27T08:00")
    assert due(MORNING, before, moment + timedelta(minutes=10), TAIPEI) == Due(moment, ())
    assert due(MORNING, before, moment + timedelta(minutes=11), TAIPEI) == Due(None, (moment,))


def test_of_several_due_minutes_only_the_newest_is_run() -> None:
    """Nobody is told the same three times at once."""
    found = due("*/5 * * * *", at("2026-11-27T08:59"), at("2026-11-27T09:11"), TAIPEI)
    assert (found.run, found.missed) == (at("2026-11-27T09:10"), (at("2026-11-27T09:00"), at("2026-11-27T09:05")))


def test_a_long_absence_is_written_down_in_part() -> None:
    """The newest hundred of the last week: a minute's schedule that was away for a year does not fill the table."""
    now = at("2026-11-27T09:00")
    found = due("* * * * *", now - timedelta(days=365), now, TAIPEI)
    assert (found.run, len(found.missed), found.missed[-1]) == (now, 100, now - timedelta(minutes=1))
    daily = due("0 7 * * *", now - timedelta(days=365), now, TAIPEI)
    assert (daily.run, len(daily.missed)) == (None, 7)


def test_a_minute_that_the_clocks_skip_is_due_after_the_gap() -> None:
    """02:30 does not exist on the 8th of March 2026 in New York: that day it is 03:00, once, and 02:30 the next."""
    found = keys("30 2 * * *", at("2026-03-07T12:00", NEW_YORK), at("2026-03-09T12:00", NEW_YORK), NEW_YORK)
    assert found == ["2026-03-08T03:00", "2026-03-09T02:30"]


def test_a_minute_that_the_clocks_show_twice_is_due_the_first_time() -> None:
    """01:30 comes twice on the 1st of November 2026 in New York; people are told once."""
    found = minutes("30 1 * * *", at("2026-10-31T12:00", NEW_YORK), at("2026-11-02T12:00", NEW_YORK), NEW_YORK)
    assert [one.astimezone(UTC).isoformat() for one in found] == [
        "2026-11-01T05:30:00+00:00",
        "2026-11-02T06:30:00+00:00",
    ]
    # Looked at in the second hour alone, it has the same key as in the first: there is one run a key.
    again = keys(
        "30 1 * * *",
        datetime(2026, 11, 1, 6, 10, tzinfo=UTC),
        datetime(2026, 11, 1, 7, 0, tzinfo=UTC),
        NEW_YORK,
    )
    assert set(again) <= {"2026-11-01T01:30"}


@given(
    start=YEAR,
    steps=st.lists(st.integers(1, 400), min_size=1, max_size=30),
    schedule=st.sampled_from(["*/20 * * * *", "30 2 * * *", "15 1 * * *", "0 */3 * * *"]),
)
def test_however_often_one_looks_the_same_minutes_are_due(start: datetime, steps: list[int], schedule: str) -> None:
    """Looking in many steps finds what looking once finds, each key once: across both changes of the clocks too."""
    begin = start.replace(tzinfo=UTC)
    moment, stepwise = begin, set()
    for step in steps:
        later = moment + timedelta(minutes=step)
        stepwise |= set(keys(schedule, moment, later, NEW_YORK))
        moment = later
    at_once = keys(schedule, begin, moment, NEW_YORK)
    assert len(set(at_once)) == len(at_once)
    assert set(at_once) <= stepwise  # a step that begins in the second 01:xx may add a key of the first


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        ("", "23:30", None),
        ("22:00-08:00", "21:59", None),
        ("22:00-08:00", "22:00", "2026-11-28T08:00"),
        ("22:00-08:00", "23:59", "2026-11-28T08:00"),
        ("22:00-08:00", "00:00", "2026-11-27T08:00"),
        ("22:00-08:00", "07:59", "2026-11-27T08:00"),
        ("22:00-08:00", "08:00", None),
        ("12:00-13:30", "12:45", "2026-11-27T13:30"),
        ("12:00-13:30", "13:30", None),
    ],
)
def test_quiet_hours_end_when_they_end(quiet: str, now: str, until: str | None) -> None:
    """Across midnight and within a day; the first minute is quiet, the last one named is not."""
    found = quiet_until(quiet, at(f"2026-11-27T{now}").astimezone(UTC), TAIPEI)
    assert found == (at(until) if until else None)


@given(YEAR, st.sampled_from(["23:00-01:30", "01:15-02:30"]))
def test_quiet_hours_always_end_later(now: datetime, quiet: str) -> None:
    """Also in the hour that the clocks show twice, and where the end does not exist: else a run would spin."""
    moment = now.replace(tzinfo=UTC)
    until = quiet_until(quiet, moment, NEW_YORK)
    assert until is None or moment < until.astimezone(UTC) <= moment + timedelta(hours=25)


# The first of January 2027 is a Friday; the Saturday after it makes up for another day.
NEW_YEAR = Calendar(frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 2)}))


@pytest.mark.parametrize(
    ("day", "counts"),
    [("2026-12-31", True), ("2027-01-01", False), ("2027-01-02", True), ("2027-01-03", False), ("2027-01-04", True)],
)
def test_a_day_off_has_nothing_to_run_or_to_miss(day: str, counts: bool) -> None:
    """A holiday and a Sunday are skipped, whether or not anybody looked in time; a Saturday that makes up counts."""
    moment = at(f"{day}T09:20")
    fresh = due("20 9 * * *", moment - timedelta(hours=1), moment, TAIPEI, NEW_YEAR.is_workday)
    assert fresh == (Due(moment, ()) if counts else Due(None, (), (moment,)))
    late = due("20 9 * * *", moment - timedelta(hours=1), moment + timedelta(hours=1), TAIPEI, NEW_YEAR.is_workday)
    assert late == (Due(None, (moment,)) if counts else Due(None, (), (moment,)))


def test_the_day_is_the_companys() -> None:
    """In UTC it is still Sunday when Monday begins in Taipei."""
    monday = at("2026-11-30T00:10")
    assert due("10 0 * * *", monday - timedelta(hours=1), monday, TAIPEI, WEEKDAYS.is_workday).run == monday


def test_what_is_put_off_goes_on_on_a_day_that_counts() -> None:
    """After quiet hours, or at the same time of the next such day; on any other day at once."""
    counts = NEW_YEAR.is_workday
    thursday_night, friday = at("2026-12-31T23:30"), at("2027-01-01T10:00")
    assert rests_until("22:00-08:00", counts, thursday_night, TAIPEI) == at("2027-01-02T08:00")
    assert rests_until("", counts, friday.astimezone(UTC), TAIPEI) == at("2027-01-02T10:00")
    assert rests_until("22:00-08:00", counts, at("2027-01-02T23:00"), TAIPEI) == at("2027-01-04T08:00")
    assert rests_until("22:00-08:00", counts, at("2027-01-04T10:00"), TAIPEI) is None
    late = at("2027-01-01T00:03")  # begun before midnight: nobody is woken for it
    assert rests_until("", counts, late, TAIPEI) == at("2027-01-02T08:00")
    assert rests_until("22:00-07:00", counts, late, TAIPEI) == at("2027-01-02T07:00")


def test_next_is_the_next_day_that_counts() -> None:
    """Not the holiday; a schedule that falls on no working day is never due."""
    thursday = at("2026-12-31T10:00")
    assert next_due("20 9 * * *", thursday, TAIPEI, NEW_YEAR.is_workday) == at("2027-01-02T09:20")
    assert next_due("*/5 * * * *", at("2026-12-31T23:57"), TAIPEI, NEW_YEAR.is_workday) == at("2027-01-02T00:00")
    assert next_due("20 9 * * 0", thursday, TAIPEI, NEW_YEAR.is_workday) is None
