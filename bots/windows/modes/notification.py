"""A notification: what is told to whom, when, and what they can answer."""

import re
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bots.messages import Language
from bots.windows.faults import Where, refuse
from bots.windows.modes.field import Name
from bots.windows.parts import Groups, Part, Titles, Words, title_in

_QUIET = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_WEEKDAYS = ("1-5", "mon-fri", "1,2,3,4,5")
_MADE_UP = (
    "the schedule names Monday to Friday, which leaves out a Saturday that makes up for a holiday; let the calendar say"
    ' which days count, and write  schedule: "{} *"  beside it'
)


def _action(value: object) -> object:
    return {"label": value, "value": value} if isinstance(value, str) else value


def _quiet(value: str) -> str:
    if value and not _QUIET.fullmatch(value):
        raise ValueError("must be two times of day with - between them")
    if value and len(set(value.split("-"))) == 1:
        raise ValueError("begins when it ends, so nothing would ever be quiet")
    return value


def _cron(value: str) -> str:
    from croniter import CroniterBadDateError, croniter

    if not croniter.is_valid(value) or len(value.split()) != 5:
        raise ValueError("must be five fields of cron: minute hour day month weekday")
    try:
        croniter(value).get_next()
    except CroniterBadDateError:
        raise ValueError("is a time that never comes") from None
    return value


class Action(Part):
    """A button: an answer that is kept (``value``), or a form or look-up of this window that it begins."""

    label: Words
    value: str = ""
    form: Name | None = None
    lookup: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.value) + (self.form is not None) + (self.lookup is not None) != 1:
            raise ValueError("needs exactly one of value, form, lookup")
        return self


class Recipients(Part):
    """Who is told: groups, people by employee number, or those a SQL file finds.

    The file's column ``person`` holds employee numbers; its other columns can stand in the text as ``{column}``.
    """

    groups: Groups | None = None
    people: tuple[Words, ...] = ()
    sql: str = ""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if (self.groups is not None) + bool(self.people) + bool(self.sql) != 1:
            raise ValueError("needs exactly one of groups, people, sql")
        return self


def _recipients(value: object) -> object:
    return {"sql": value} if isinstance(value, str) else value


class Notification(Part):
    """By its ``schedule`` (cron, in the company's time zone), or, without one, when the API is called."""

    title: Titles | None = None
    text: Words
    """With ``{column}`` of the SQL file or ``{value}`` of the API call."""
    schedule: Annotated[str, AfterValidator(_cron)] | None = None
    workdays: bool = False
    """On days on which the company does not work the schedule is passed over."""
    to: Annotated[Recipients, BeforeValidator(_recipients)] | None = None
    """Needed with a schedule; an API call may name people or groups of its own."""
    actions: tuple[Annotated[Action, BeforeValidator(_action)], ...] = ()
    quiet: Annotated[str, AfterValidator(_quiet)] = ""
    """Between these times nothing is sent; what falls into them is sent when they end."""
    optional: bool = False
    """People may turn it off."""
    remind_hours: Annotated[float | None, Field(gt=0, le=24 * 30)] = None
    """Those who have not answered are reminded once, after so many hours."""

    @model_validator(mode="after")
    def _knows_whom(self) -> Self:
        refuse(self._misfits())
        return self

    def _misfits(self) -> Iterator[tuple[Where, str]]:
        if self.schedule and self.to is None:
            yield ("to",), "is missing; a schedule has to know whom to tell"
        if self.workdays and not self.schedule:
            yield ("workdays",), "without a schedule nothing is passed over; leave it out, or add a schedule"
        if self.workdays and self.schedule and self.schedule.split()[4].lower() in _WEEKDAYS:
            yield ("workdays",), _MADE_UP.format(" ".join(self.schedule.split()[:4]))
        if self.remind_hours and not self.actions:
            yield ("remind_hours",), "without actions nobody can answer; write  actions: [已讀]  beside it"
        values = [action.value for action in self.actions]
        for index, value in enumerate(values):
            if value and value in values[:index]:
                yield ("actions", index), f"{value} is the answer of an action above; give each its own"

    def title_in(self, language: Language, name: str) -> str:
        """Return the title in that language, or in the one there is, or the name."""
        return title_in(self.title or {}, language, name)
