"""A form that comes as a whole, from a dialog or a page: read and checked like one that was talked through. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from bots.conversations.forms import steps
from bots.conversations.forms.cleaning import Written
from bots.conversations.forms.steps import Filling
from bots.conversations.forms.texts import say
from bots.windows.modes import values
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Form
from bots.windows.modes.meaning import Context, NotUnderstood, Value

_MOMENTS = ("date", "time", "datetime")


def read(
    form: Form, written: Mapping[str, Written], files: Mapping[str, Value | None], context: Context
) -> tuple[Filling, Mapping[str, str]]:
    """Return the form with what is right in it, and what is wrong, a sentence a field ("" is the whole).

    ``files``: the file fields' values; files do not come with the form. What names no field is passed over.
    """
    found: dict[str, Value | None] = {}
    wrong: dict[str, str] = {}
    for field in form.fields:
        if field.type == "file":
            found |= {field.name: files[field.name]} if field.name in files else {}
            continue
        try:
            given = {name: value for name, value in found.items() if value is not None}
            found[field.name] = _value(field, written.get(field.name, ""), replace(context, values=given))
        except NotUnderstood as error:
            wrong[field.name] = str(error)
    filling = Filling(form, {name: value for name, value in found.items() if _answers(form, name, value)})
    return filling, {**steps.missing(filling, context), **wrong}


def _answers(form: Form, name: str, value: Value | None) -> bool:
    """Return whether that is an answer: nothing at all answers an optional field only."""
    field = steps.field_of(form, name)
    return value is not None or (field is not None and field.optional)


def _value(field: FieldSpec, written: Written, context: Context) -> Value | None:
    """Return the value of what was written; None for nothing. Raises NotUnderstood."""
    if field.type == "choices":
        return _several(field, written, context)
    text = written if isinstance(written, str) else next(iter(written), "")
    text = text.strip()
    if not text:
        return None
    if field.type in _MOMENTS and text[10:11] == "T":  # as dialogs and pages write a moment
        text = f"{text[:10]} {text[11:]}"
    return values.parse(field, text, context)


def _several(field: FieldSpec, written: Written, context: Context) -> Value | None:
    if isinstance(written, str):
        return values.parse(field, written, context) if written.strip() else None
    ticked = tuple(dict.fromkeys(one for one in written if one))
    if ticked and not steps.offered(field, ticked):
        raise NotUnderstood(say(context.language, "stale_option"))
    return ticked or None
