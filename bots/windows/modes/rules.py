"""What a form's values have to be beside one another, and what is worked out from them.

A field ``after`` another is later for times and moments; days and amounts may be the same: a leave of one day begins
and ends on it. Where a rule of the file cannot be worked out, the form is not taken: a missing number of days could
otherwise skip an approval.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Literal

from bots.windows.modes import expression
from bots.windows.modes.expression import ExpressionError, Result
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Form
from bots.windows.modes.meaning import Context, Value
from bots.windows.modes.sentences import quoted
from bots.windows.modes.showing import shown
from bots.windows.modes.spans import day_of
from bots.windows.modes.template import fill_in
from bots.windows.modes.texts import say

_Rule = Literal["after", "before"]


def missing(form: Form, values: Mapping[str, Value]) -> tuple[FieldSpec, ...]:
    """Return the fields that have to be filled in and are not."""
    return tuple(field for field in form.fields if not field.optional and values.get(field.name) is None)


def problems(form: Form, values: Mapping[str, Value], context: Context) -> dict[str, str]:
    """Return what is wrong among the values: a sentence a field; "" is the key of the form as a whole.

    Only what is there is looked at; whether anything is missing, ``missing`` says.
    """
    found = dict(_out_of_order(form, values, context))
    try:
        known = _all(form, values, context)
        broken = [check.say for check in form.checks if _worked_out(check.when, known, context)]
    except ExpressionError:
        broken = [say(context.language, "rule")]
        known = values
    if broken:
        found[""] = "\n".join(fill_in(sentence, known, _show(form, context)) for sentence in broken)
    return found


def computed(form: Form, values: Mapping[str, Value], context: Context) -> dict[str, Value]:
    """Return the form's computed values, as far as what they need is given. One may use those above it.

    What cannot be worked out is left out, and ``problems`` says so.
    """
    found: dict[str, Value] = {}
    for name, text in form.computed.items():
        try:
            result = _worked_out(text, {**values, **found}, context)
        except ExpressionError:
            continue
        if result is not None:
            found[name] = result
    return found


def _all(form: Form, values: Mapping[str, Value], context: Context) -> Mapping[str, Value]:
    """Return the values with the computed ones. Raises ExpressionError."""
    known = dict(values)
    for name, text in form.computed.items():
        result = _worked_out(text, known, context)
        if result is not None:
            known[name] = result
    return known


def _worked_out(text: str, values: Mapping[str, Value], context: Context) -> Result:
    return expression.evaluate(text, values, context.now.date(), context.calendar)


def _show(form: Form, context: Context) -> Any:
    fields = {field.name: field for field in form.fields}

    def show(name: str, value: Any) -> str:
        if field := fields.get(name):
            return quoted(shown(field, value, context.language, context.people))
        return str(value)

    return show


def _out_of_order(form: Form, values: Mapping[str, Value], context: Context) -> Iterator[tuple[str, str]]:
    fields = {field.name: field for field in form.fields}
    for field in form.fields:
        for rule, other in (("after", field.after), ("before", field.before)):
            one, two = values.get(field.name), values.get(other or "")
            if one is None or two is None or other not in fields or in_order(rule, one, two):
                continue
            key = _sentence(rule, one, two)
            told = {"label": field.label_in(context.language), "value": shown(field, one, context.language)}
            beside = fields[other]
            told |= {"other": beside.label_in(context.language), "other_value": shown(beside, two, context.language)}
            yield field.name, say(context.language, key, **told)


def in_order(rule: str, value: Value, other: Value) -> bool:
    """Whether the value is after or before the other one, as the rule says. What cannot be compared is."""
    first, last = (other, value) if rule == "after" else (value, other)
    try:
        return _comes(first, last)
    except TypeError:
        return True


def _comes(first: Any, last: Any) -> bool:
    if isinstance(first, datetime) and isinstance(last, datetime):
        return first < last
    if isinstance(first, date) and isinstance(last, date):
        return day_of(first) <= day_of(last)
    return bool(first < last) if isinstance(first, time) else bool(first <= last)


def _sentence(rule: str, one: Value, two: Value) -> str:
    if isinstance(one, time) or (isinstance(one, datetime) and isinstance(two, datetime)):
        return rule
    if isinstance(one, date):
        return "not_before" if rule == "after" else "not_after"
    return "at_least" if rule == "after" else "at_most"
