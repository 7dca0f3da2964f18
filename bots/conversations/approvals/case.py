"""A submission with the form it fills in: what approvals are about."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo

from bots.conversations.approvals.chain import Request
from bots.conversations.submissions.store import Submission
from bots.windows.model import Window
from bots.windows.modes import expression
from bots.windows.modes.form import Form
from bots.windows.modes.values import Value, from_json


@dataclass(frozen=True, slots=True)
class Case:
    """A submission, its form and its window, as the files have them now."""

    submission: Submission
    form: Form
    window: Window

    def request(self, zone: tzinfo) -> Request:
        """Return what conditions and rules need to know of it. ``zone``: the company's, for the day it came."""
        today, calendar = self.submission.created_at.astimezone(zone).date(), self.window.calendar
        values = typed(self.form, self.submission.values)
        kept = {field.name for field in self.form.fields if self.submission.values.get(field.name) is not None}
        unreadable = kept - set(values)
        for name, text in self.form.computed.items():
            try:
                lost = unreadable.intersection(expression.names_in(text))
                found = None if lost else expression.evaluate(text, values, today, calendar)
            except expression.ExpressionError:
                lost, found = {name}, None
            if found is not None:
                values[name] = found
            elif lost:
                unreadable.add(name)
        return Request(self.submission.employee_number or "", values, today, frozenset(unreadable), calendar)


def case_of(windows: Mapping[str, Window], submission: Submission) -> Case | None:
    """Return the case; None if the window or its form is gone from the files."""
    window = windows.get(submission.window)
    form = window.forms.get(submission.form) if window else None
    return Case(submission, form, window) if window and form else None


def typed(form: Form, kept: Mapping[str, object]) -> dict[str, Value]:
    """Return the values of the fields as what they are. One that its field no longer takes is left out."""
    values: dict[str, Value] = {}
    for field in form.fields:
        if kept.get(field.name) is not None:
            with suppress(ValueError, TypeError):
                values[field.name] = from_json(field, kept[field.name])
    return values
