"""On which days a company works: Monday to Friday, but for public holidays and the days that make up for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_WEEK = 5  # its working days


@dataclass(frozen=True, slots=True)
class Calendar:
    """``off``: days from Monday to Friday nobody works; ``works``: Saturdays and Sundays on which people do."""

    off: frozenset[date] = frozenset()
    works: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Return whether people work on this day."""
        return day in self.works or (is_weekday(day) and day not in self.off)

    def between(self, first: date, last: date) -> int:
        """Return the working days from first to last, both counted, which are the right way round."""
        return _weekdays(first, last) - _within(self.off, first, last) + _within(self.works, first, last)


WEEKDAYS = Calendar()
"""Monday to Friday, where no public holidays are known."""


def is_weekday(day: date) -> bool:
    """Return whether it is Monday to Friday."""
    return day.weekday() < _WEEK


def _weekdays(first: date, last: date) -> int:
    weeks, rest = divmod((last - first).days + 1, 7)
    return weeks * _WEEK + sum(is_weekday(first + timedelta(n)) for n in range(rest))


def _within(days: Iterable[date], first: date, last: date) -> int:
    return sum(first <= day <= last for day in days)
