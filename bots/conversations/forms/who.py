"""Whom a form goes to next, in words for the person who handed it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import psycopg

from bots.conversations.forms.texts import say
from bots.conversations.people import store as people
from bots.messages import Language
from bots.windows.modes import expression
from bots.windows.modes.form import Approver, Form
from bots.windows.modes.meaning import Value
from bots.windows.modes.workdays import WEEKDAYS, Calendar


@dataclass(frozen=True, slots=True)
class Filed:
    """What was handed in, as conditions see it: by whom, with which values (the computed ones too), on which day, by
    which working days."""

    employee_number: str | None
    values: Mapping[str, Value]
    today: date
    language: Language
    calendar: Calendar = WEEKDAYS


def decides(connection: psycopg.Connection, form: Form, filed: Filed) -> str:
    """Return who is asked first; empty if nobody can be named."""
    for step in form.approval:
        asked = [one for one in step.together if holds(one.when, filed)]
        if asked:
            named = [name for one in asked if (name := named_in(connection, one, filed))]
            return say(filed.language, f"together_{step.need}").join(dict.fromkeys(named))
    return ""


def named_in(connection: psycopg.Connection, approver: Approver, filed: Filed) -> str:
    """Return what an approver of the file is called here."""
    if approver.manager:
        return _manager(connection, filed)
    if approver.group:
        return say(filed.language, "group", group=approver.group)
    person = people.by_number(connection, str(filed.values.get(approver.field or "", "")))
    return person.name if person else ""


def holds(when: str, filed: Filed) -> bool:
    """Return whether a condition holds. One that cannot be worked out does: the approvals see it in the same way."""
    if not when:
        return True
    try:
        return bool(expression.evaluate(when, filed.values, filed.today, filed.calendar))
    except ValueError:
        return True


def _manager(connection: psycopg.Connection, filed: Filed) -> str:
    person = people.by_number(connection, filed.employee_number or "")
    manager = people.by_number(connection, person.manager) if person and person.manager else None
    return say(filed.language, "manager_named", name=manager.name) if manager else say(filed.language, "manager")
