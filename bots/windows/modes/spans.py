"""How long it is from one date or moment to another."""

from datetime import date, datetime, time
from decimal import Decimal

from bots.windows.modes.workdays import WEEKDAYS, Calendar

_NOON = time(12)
_AFTER_LUNCH = time(13)
_HALF = Decimal("0.5")

Moment = date | datetime


def day_of(moment: Moment) -> date:
    """Return the day of a date or a moment. Raises TypeError if it is neither."""
    if not isinstance(moment, date):
        raise TypeError("this is no date")
    return moment.date() if isinstance(moment, datetime) else moment


def days(first: Moment, last: Moment) -> int:
    """Return the calendar days from first to last, both counted; 0 if they are the wrong way round."""
    return max(0, (day_of(last) - day_of(first)).days + 1)


def workdays(first: Moment, last: Moment, calendar: Calendar = WEEKDAYS) -> Decimal:
    """Return those of these days on which people work, less what a moment leaves out of the first and last."""
    begin, end = day_of(first), day_of(last)
    if end < begin or (isinstance(first, datetime) and isinstance(last, datetime) and last < first):
        return Decimal(0)
    return Decimal(calendar.between(begin, end)) - _left_out(first, last, calendar)


def _left_out(first: Moment, last: Moment, calendar: Calendar) -> Decimal:
    """Return the halves of the first and the last day that are not within. At least half a day is."""
    begin, end = day_of(first), day_of(last)
    late = isinstance(first, datetime) and first.time() >= _NOON and calendar.is_workday(begin)
    early = isinstance(last, datetime) and last.time() <= _AFTER_LUNCH and calendar.is_workday(end)
    if begin == end and late and early:
        return _HALF
    return _HALF * (late + early)


def hours(first: datetime | time, last: datetime | time) -> Decimal:
    """Return the hours from first to last with two decimals; 0 if they are the wrong way round. Raises TypeError."""
    seconds = (_on_one_day(last) - _on_one_day(first)).total_seconds()
    return max(Decimal(0), round(Decimal(seconds) / 3600, 2))


def _on_one_day(moment: datetime | time) -> datetime:
    if isinstance(moment, time):
        return datetime.combine(date(2000, 1, 1), moment)
    if not isinstance(moment, datetime):
        raise TypeError("a day alone has no hours")
    return moment
