"""Filling in a form by talking, as steps from one state to the next. Pure: nothing is asked of the database here.

The rules, in the order they are tried on what a person writes:

- "cancel", "skip" (an optional field), and where a field or the whole is decided on also "edit" and "hand in", are
  that and nothing else.
- A **text** field takes everything, but for a message that ends with a question mark: that is a question, and is
  answered as one. Whoever meant it as the text has a tap for it below the answer.
- Every **other** field: what ends like a question or holds a question word is a question, unless it is one of the
  options; it may be about the very thing that was asked for ("病假要附證明嗎"). Else what can be read as the value is
  taken, and what the message says besides of fields that are still open ("特休，明天下午" where the kind was asked
  for). Where it cannot be read, these are taken alone ("兩點到五點" where a beginning was asked for). Else something
  longer than answers are is a question, too; else the person is told what is wrong, and asked again.
- Where the whole is to be confirmed, or which field to change was asked, a field's name with a value behind it changes
  that field, and so does free text that holds values; a question is a question.

What has been answered is never asked again, unless a rule over several fields says that it is wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2s
from typing import Literal

from bots.conversations.forms import words
from bots.conversations.forms.texts import say
from bots.windows.modes import values
from bots.windows.modes.field import FieldSpec, Option
from bots.windows.modes.form import Form
from bots.windows.modes.meaning import Context, NotUnderstood, Value

Does = Literal["", "hand_in", "cancel", "pass"]


@dataclass(frozen=True, slots=True)
class Filling:
    """A form as far as it is filled in. Of its fields every choice is known.

    ``values``: None stands for an optional field that was skipped. ``asked``: the field that was asked for; empty: the
    whole is to be confirmed. ``editing``: which field to change was asked.
    """

    form: Form
    values: Mapping[str, Value | None]
    asked: str = ""
    editing: bool = False

    @property
    def given(self) -> Mapping[str, Value]:
        """Return what was filled in."""
        return {name: value for name, value in self.values.items() if value is not None}

    @property
    def field(self) -> FieldSpec | None:
        """Return the field that was asked for."""
        return field_of(self.form, self.asked)

    @property
    def open(self) -> list[FieldSpec]:
        """Return the fields that were neither filled in nor skipped, in the form's order."""
        return [field for field in self.form.fields if field.name not in self.values]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a message or tap leads. ``does``: what happens besides; "pass": the message is none of the form's.

    ``wrong``: what is wrong, or has to be said before the next question.
    """

    filling: Filling
    does: Does = ""
    wrong: str = ""


def begin(form: Form, known: Mapping[str, Value], text: str, context: Context) -> Step:
    """Return the first step: with what is known already, and what the first message says."""
    return take_from_text(Filling(form, dict(known)), form.fields, text, context) or settle(
        Filling(form, dict(known)), context
    )


def settle(filling: Filling, context: Context, wrong: str = "") -> Step:
    """Return what comes next: the first open field, the first that is wrong beside the others, or the confirmation."""
    filling = replace(filling, editing=False)
    if filling.open:
        return Step(replace(filling, asked=filling.open[0].name), wrong=wrong)
    found = values.problems(filling.form, filling.given, context)
    for field in filling.form.fields:
        if field.name in found:
            return Step(replace(filling, asked=field.name), wrong=wrong or found[field.name])
    return Step(replace(filling, asked=""), wrong=wrong or " ".join(found.values()))


def missing(filling: Filling, context: Context) -> Mapping[str, str]:
    """Return what keeps the form from being handed in, a sentence a field; "" is the key of the whole."""
    lacking = {
        field.name: say(context.language, "missing", label=field.label_in(context.language))
        for field in filling.form.fields
        if not field.optional and filling.values.get(field.name) is None
    }
    strange = {
        field.name: say(context.language, "stale_option")
        for field in filling.form.fields
        if field.name in filling.given and not offered(field, filling.given[field.name])
    }
    return {**values.problems(filling.form, filling.given, context), **strange, **lacking}


# --- what is written ---


def answer(filling: Filling, text: str, context: Context) -> Step:
    """Return where a message leads."""
    text = text.strip()
    word, field = words.read(text), filling.field
    if word == "cancel":
        return Step(filling, "cancel")
    if filling.editing:
        return _named(filling, text, context)
    if word == "go":
        return settle(filling, context) if field is None else Step(filling)
    if field is None:
        return _at_confirmation(filling, text, context)
    if word == "skip" and field.optional and not _is_option(field, text):
        return skip(filling, field, context)
    return _to_text(filling, field, text, context) if field.type == "text" else _to(filling, field, text, context)


def _to_text(filling: Filling, field: FieldSpec, text: str, context: Context) -> Step:
    if words.ends_as_question(text):
        return Step(filling, "pass")
    return read(filling, field, text, context)


def _to(filling: Filling, field: FieldSpec, text: str, context: Context) -> Step:
    """Read the answer to a field that is no text."""
    word = words.read(text)
    if word == "edit" and filling.given:
        return edit(filling)
    if word == "chosen" and field.type == "choices":
        return chosen(filling, field, context)
    if words.asks(text) and not _is_option(field, text):
        return Step(filling, "pass")
    found = _said(filling, [field, *(one for one in filling.open if one != field)], text, context)
    try:
        value = values.parse(field, text, replace(context, values=filling.given))
    except NotUnderstood as error:
        if found:
            return put(filling, found, context)
        return Step(filling, "pass") if words.is_long(text) else Step(filling, wrong=str(error))
    return put(filling, {**(found if found.get(field.name) == value else {}), field.name: value}, context)


def read(filling: Filling, field: FieldSpec, text: str, context: Context) -> Step:
    """Take a text for the field's value, whatever it looks like."""
    try:
        value = values.parse(field, text, replace(context, values=filling.given))
    except NotUnderstood as error:
        return Step(replace(filling, asked=field.name, editing=False), wrong=str(error))
    return put(filling, {field.name: value}, context)


def take_from_text(filling: Filling, fields: Sequence[FieldSpec], text: str, context: Context) -> Step | None:
    """Take what a text says of these fields; None if it says nothing of them."""
    found = _said(filling, fields, text, context)
    return put(filling, found, context) if found else None


def _said(filling: Filling, fields: Sequence[FieldSpec], text: str, context: Context) -> Mapping[str, Value]:
    """Return what a text says of these fields for certain."""
    return values.fill(fields, text, replace(context, values=filling.given)) if text.strip() else {}


def put(filling: Filling, new: Mapping[str, Value], context: Context) -> Step:
    """Put values in. One that is wrong beside the others is asked for again instead."""
    together = {**filling.given, **new}
    found = values.problems(filling.form, together, context)
    for name in new:
        if name in found:
            good = {key: value for key, value in new.items() if key not in found}
            kept = {key: value for key, value in filling.values.items() if key != name}
            return Step(Filling(filling.form, {**kept, **good}, name), wrong=found[name])
    return settle(replace(filling, values={**filling.values, **new}), context)


def _at_confirmation(filling: Filling, text: str, context: Context) -> Step:
    match words.read(text):
        case "hand_in":
            return hand_in(filling, context)
        case "edit":
            return edit(filling)
    field, rest = _labelled(filling.form, text, context)
    if field is not None:
        return read(filling, field, rest, context) if rest else ask(filling, field)
    if words.asks(text) or words.is_long(text):
        return Step(filling, "pass")
    return take_from_text(filling, filling.form.fields, text, context) or Step(
        filling, wrong=say(context.language, "confirm_how")
    )


def _named(filling: Filling, text: str, context: Context) -> Step:
    """Read which field is to be changed, with its new value if that is said at once."""
    field, rest = _labelled(filling.form, text, context)
    if field is not None:
        return read(filling, field, rest, context) if rest else ask(filling, field)
    if words.asks(text) or words.is_long(text):
        return Step(filling, "pass")
    return Step(filling, wrong=say(context.language, "edit_none"))


def _labelled(form: Form, text: str, context: Context) -> tuple[FieldSpec | None, str]:
    """Return the field whose name the text begins with, and what stands behind it. The longest name counts."""
    by_length = sorted(form.fields, key=lambda field: -len(field.label_in(context.language)))
    for field in by_length:
        for label in {field.label_in(context.language), *field.label.values()}:
            if text.lower().startswith(label.lower()):
                rest = text[len(label) :].lstrip(" \u3000:：=")
                return field, rest.removeprefix("改成").removeprefix("改為").strip()
    return None, ""


# --- what is tapped ---


def ask(filling: Filling, field: FieldSpec) -> Step:
    """Ask for a field, answered or not."""
    return Step(replace(filling, asked=field.name, editing=False))


def edit(filling: Filling) -> Step:
    """Ask which field is to be changed."""
    return Step(replace(filling, editing=True))


def skip(filling: Filling, field: FieldSpec, context: Context) -> Step:
    """Leave an optional field out."""
    if not field.optional:
        return ask(filling, field)
    return settle(replace(filling, values={**filling.values, field.name: None}), context)


def choose(filling: Filling, field: FieldSpec, option: Option, context: Context) -> Step:
    """Choose an option; of several that may be chosen, take it in or out, and ask on."""
    if field.type != "choices":
        return put(filling, {field.name: option.value}, context)
    before = filling.values.get(field.name)
    so_far = before if isinstance(before, tuple) else ()
    kept = tuple(one for one in so_far if one != option.value)
    now = kept if option.value in so_far else (*so_far, option.value)
    others = {name: value for name, value in filling.values.items() if name != field.name}
    return Step(Filling(filling.form, {**others, field.name: now} if now else others, field.name))


def chosen(filling: Filling, field: FieldSpec, context: Context) -> Step:
    """Go on from a field of which several could be chosen."""
    value = filling.values.get(field.name)
    if value:
        return put(filling, {field.name: value}, context)
    if field.optional:
        return skip(filling, field, context)
    return Step(filling, wrong=say(context.language, "missing", label=field.label_in(context.language)))


def hand_in(filling: Filling, context: Context) -> Step:
    """Hand in what is whole and right; else ask for what is not."""
    found = missing(filling, context)
    if not found:
        return Step(replace(filling, asked="", editing=False), "hand_in")
    for field in filling.form.fields:
        if field.name in found:
            kept = {name: value for name, value in filling.values.items() if name != field.name}
            return Step(Filling(filling.form, kept, field.name), wrong=found[field.name])
    return Step(replace(filling, asked="", editing=False), wrong=" ".join(found.values()))


# --- fields and options ---


def field_of(form: Form, name: str) -> FieldSpec | None:
    """Return a field by its name."""
    return next((field for field in form.fields if field.name == name), None)


def key_of(option: Option) -> str:
    """Return what a tap calls an option: short however long the value is, and the same after a restart."""
    return blake2s(option.value.encode(), digest_size=5).hexdigest()


def option_of(field: FieldSpec, key: str) -> Option | None:
    """Return an option by what a tap calls it."""
    return next((option for option in field.choices if key_of(option) == key), None)


def _is_option(field: FieldSpec, text: str) -> bool:
    return any(text in (option.value, *option.label.values()) for option in field.choices)


def offered(field: FieldSpec, value: Value) -> bool:
    """Return whether the value is among the field's choices, which may have changed since it was chosen."""
    known = {option.value for option in field.choices}
    if field.type == "choice":
        return value in known
    return field.type != "choices" or (isinstance(value, tuple) and set(value) <= known)
