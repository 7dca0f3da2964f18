"""What a form knows before anybody fills it in: choices from look-ups, and defaults. And its values as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from bots.windows.model import Window
from bots.windows.modes import values
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Form
from bots.windows.modes.meaning import Context, NotUnderstood, Value
from bots.windows.modes.template import fill_in, names_in


class Looks(Protocol):
    """What forms need of look-ups; ``lookups.Lookups`` does it. Both raise LookupFailed and DatabaseUnavailable."""

    def options(self, window: Window, name: str, person: str | None) -> Sequence[tuple[str, str]]:
        """Return the records as value and label of a choice."""
        ...

    def defaults(self, window: Window, name: str, person: str | None) -> Mapping[str, str]:
        """Return the first record by column, as people would write it; empty if there is none."""
        ...


class Known:
    """Looks up what the forms of one window need, for one person. Each look-up is made at most once."""

    def __init__(self, looks: Looks, window: Window, person: str | None) -> None:
        self._looks, self._window, self._person = looks, window, person
        self._options: dict[str, Sequence[tuple[str, str]]] = {}
        self._rows: dict[str, Mapping[str, str]] = {}

    def form(self, form: Form) -> Form:
        """Return the form with its choices. Raises LookupFailed."""
        fields = tuple(self._with_choices(field) for field in form.fields)
        return form.model_copy(update={"fields": fields}) if fields != form.fields else form

    def defaults(self, form: Form, context: Context) -> Mapping[str, Value]:
        """Return the fields' defaults. What is no value of its field is left to be asked. Raises LookupFailed."""
        found: dict[str, Value] = {}
        for field, text in self._defaults(form):
            try:
                found[field.name] = values.parse(field, text, replace(context, values=found))
            except NotUnderstood:
                continue
        return found

    def _with_choices(self, field: FieldSpec) -> FieldSpec:
        if field.choices_from is None:
            return field
        if (name := field.choices_from) not in self._options:
            self._options[name] = self._looks.options(self._window, name, self._person)
        return values.with_choices(field, self._options[name])

    def _defaults(self, form: Form) -> Iterator[tuple[FieldSpec, str]]:
        for field in form.fields:
            row = self._row(field.defaults_from) if field.default else {}
            lacks = [name for name in names_in(field.default) if not row.get(name)]
            if field.default and not lacks and field.type != "file":
                yield field, fill_in(field.default, row)

    def _row(self, name: str | None) -> Mapping[str, str]:
        if name is None:
            return {}
        if name not in self._rows:
            self._rows[name] = self._looks.defaults(self._window, name, self._person)
        return self._rows[name]


def without_lookups(form: Form) -> Form:
    """Return the form as far as it can be checked at once: without the fields whose choices have to be looked up."""
    fields = tuple(field for field in form.fields if field.choices_from is None)
    return form.model_copy(update={"fields": fields, "checks": (), "computed": {}}) if fields != form.fields else form


def thaw(form: Form, kept: Mapping[str, object]) -> dict[str, Value | None]:
    """Return values from JSON. What does not fit the form any more (its file was changed meanwhile) is left out."""
    found: dict[str, Value | None] = {}
    for field in form.fields:
        if field.name not in kept:
            continue
        try:
            value = kept[field.name]
            found[field.name] = None if value is None else values.from_json(field, value)
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            continue
    return found


def freeze(given: Mapping[str, Value | None]) -> dict[str, object]:
    """Return values as JSON."""
    return {name: None if value is None else values.to_json(value) for name, value in given.items()}
