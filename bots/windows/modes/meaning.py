"""What reading a value needs to know, what comes of it, and what is said where nothing does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from bots.messages import Language
from bots.windows.modes.workdays import WEEKDAYS, Calendar

Value = str | int | Decimal | date | time | datetime | tuple[str, ...]
"""A text, a number, money, a choice's value, a date, a time of day, a moment with its time zone, or several choices.

A person is the employee number, a file the reference it was given elsewhere."""


class NotUnderstood(ValueError):
    """What somebody wrote is no value of the field. The message is a sentence for them, in their language."""


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Somebody of the company."""

    number: str
    name: str

    def __str__(self) -> str:
        return f"{self.name}（{self.number}）"


People = Callable[[str], Sequence[PersonRef]]
"""Finds people by name, employee number or e-mail address, whole or in part."""


def nobody(_: str) -> Sequence[PersonRef]:
    """Find no people, where there are none to find."""
    return ()


@dataclass(frozen=True, slots=True)
class Context:
    """When and for whom something is read. ``now`` has the company's time zone, ``calendar`` its working days.

    ``values`` is what the form has already: a time without a day, asked for as the end, is on the day it began.
    """

    now: datetime
    language: Language = "zh-TW"
    people: People = nobody
    values: Mapping[str, Value] = field(default_factory=dict)
    calendar: Calendar = WEEKDAYS
