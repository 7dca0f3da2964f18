"""Whether the conditions and the texts with ``{name}`` of a window file name what there is."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bots.windows.faults import Where, meant
from bots.windows.modes import expression
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Form
from bots.windows.modes.lookup import Lookup
from bots.windows.modes.notification import Notification
from bots.windows.modes.template import TemplateError, names_in
from bots.windows.modes.values import Context, NotUnderstood, parse

Trouble = tuple[Where, str]

_ALWAYS_READ = ("text", "number", "money", "date", "time", "datetime")
"""Types whose values need nothing but the field to be read."""

OF_A_NOTIFICATION = ("name", "person", "title", "today")
"""What the text of a notification may name besides columns: the recipient's name and employee number."""


def of_lookup(lookup: Lookup) -> Iterator[Trouble]:
    """Yield what is wrong in the reply; which columns there are, only the database knows."""
    yield from _template(("reply",), lookup.reply, None)


def of_field(field: FieldSpec) -> Iterator[Trouble]:
    """Yield what is wrong with a default, with the place below the field."""
    named = _names(field.default)
    yield from _template(("default",), field.default, None)
    if field.defaults_from is None and named:
        yield ("default",), f"{{{named[0]}}} is a column of no look-up; write  defaults_from: LOOKUP  beside it"
    if field.defaults_from and not named:
        yield ("defaults_from",), 'nothing is taken from it; write  default: "{COLUMN}"  beside it'
    if field.default and not named and (sentence := _no_value(field)):
        yield ("default",), sentence


def _no_value(field: FieldSpec) -> str:
    """Return why a default is no value of its field; "" if it is one, or if nobody can know here."""
    said = {text for choice in field.choices for text in (choice.value, *choice.label.values())}
    if field.type == "choice" and said and field.default not in said:
        values = [choice.value for choice in field.choices]
        return f'"{field.default}" is none of the choices; {meant(field.default, values, "they are")}'
    if field.type == "file":
        return "a file has none; leave it out"
    if field.type in _ALWAYS_READ:
        try:
            parse(field, field.default, Context(datetime.now(UTC), "en"))
        except NotUnderstood as error:
            return f'"{field.default}" cannot be filled in: {error}'
    return ""


def of_form(form: Form) -> Iterator[Trouble]:
    """Yield what is wrong in the conditions and texts of a form."""
    fields = [field.name for field in form.fields]
    for position, (name, text) in enumerate(form.computed.items()):
        yield from _expression(("computed", name), text, [*fields, *list(form.computed)[:position]])
    known = [*fields, *form.computed]
    for index, check in enumerate(form.checks):
        yield from _expression(("checks", index, "when"), check.when, known)
        yield from _template(("checks", index, "say"), check.say, known)
    for where, one in form.deciders():
        if one.when:
            yield from _expression((*where, "when"), one.when, known)
    for key, text in (("summary", form.summary), ("note", form.note)):
        yield from _template((key,), text, known)


def of_notification(notification: Notification) -> Iterator[Trouble]:
    """Yield what is wrong in the text. What a SQL file finds or a call brings along is not known here."""
    by_clock_alone = notification.schedule and notification.to and not notification.to.sql
    yield from _template(("text",), notification.text, OF_A_NOTIFICATION if by_clock_alone else None)


def _expression(where: Where, text: str, names: Sequence[str]) -> Iterator[Trouble]:
    try:
        expression.check(text, names)
    except expression.ExpressionError as error:
        yield where, str(error)


def _template(where: Where, text: str, known: Sequence[str] | None) -> Iterator[Trouble]:
    """Yield what cannot be filled in. ``known`` None: any name may be right."""
    try:
        named = names_in(text)
    except TemplateError as error:
        yield where, str(error)
        return
    for name in named:
        if known is not None and name not in known:
            yield where, f"{{{name}}} is not known here; {meant(name, known, 'there are') if known else 'leave it out'}"


def _names(text: str) -> Sequence[str]:
    """Return what a text refers to; nothing where it cannot be read, which is told elsewhere."""
    try:
        return names_in(text)
    except TemplateError:
        return ()
