"""Which fields of a complaint form are what: the theme, what happened, the product. Pure.

They go by their names: ``theme`` (a choice), ``description`` (or ``text``, ``content``, ``complaint``), ``model`` (or
``product``, ``item``). A form that calls it otherwise has its longest text for what happened. What is left of a way to
reach somebody is none of these, and stays in the submission.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.conversations.complaints.themes import Theme
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Form

THEME = "theme"
_TEXT = ("description", "text", "content", "complaint")
_PRODUCT = ("model", "product", "item")
_REACH = ("contact", "phone", "mobile", "tel", "email", "line", "address", "name", "person", "customer", "order", "no")
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """What a complaint form says that concerns more people than those who work on it."""

    theme: str
    text: str
    product: str | None


def themes_of(form: Form) -> tuple[Theme, ...]:
    """Return the themes that the form lets people choose from."""
    field = theme_field(form)
    choices = field.choices if field else ()
    return tuple(Theme(one.value, tuple(one.label.values())) for one in choices)


def theme_field(form: Form) -> FieldSpec | None:
    """Return the field that asks for the theme."""
    return next((field for field in form.fields if field.name == THEME and field.type == "choice"), None)


def text_field(form: Form) -> FieldSpec | None:
    """Return the field that says what happened."""
    texts = [field for field in form.fields if field.type == "text"]
    named = [field for name in _TEXT for field in texts if field.name == name]
    free = [field for field in texts if not field.pattern and not _reaches(field.name)]
    return next(iter([*named, *sorted(free, key=lambda field: -field.longest)]), None)


def product_field(form: Form) -> FieldSpec | None:
    """Return the field that names the product."""
    found = (field for name in _PRODUCT for field in form.fields if field.name == name)
    return next((field for field in found if field.type in ("text", "choice")), None)


def told(form: Form, values: Mapping[str, Any], summary: str) -> Told:
    """Return what the values say. ``summary`` stands in where no field says what happened."""
    text = _value(text_field(form), values) or summary
    return Told(_value(theme_field(form), values), text[:_LONGEST], _value(product_field(form), values) or None)


def filled(form: Form, known: Told) -> dict[str, Any]:
    """Return a form's values as far as a complaint from elsewhere knows them.

    A theme the form does not have is its 其他 (other), if it has that.
    """
    theme, text, product = theme_field(form), text_field(form), product_field(form)
    values: dict[str, Any] = {}
    if theme and (value := _choice(form, known.theme)):
        values[theme.name] = value
    if text:
        values[text.name] = known.text
    if product and known.product and product is not text:
        values[product.name] = known.product
    return values


def complaint_forms(forms: Mapping[str, Form]) -> Sequence[str]:
    """Return the names of a window's complaint forms."""
    return [name for name, form in forms.items() if form.kind == "complaint"]


def _choice(form: Form, theme: str) -> str:
    themes = themes_of(form)
    known = [one.value for one in themes if one.value == theme]
    return next(iter([*known, *(one.value for one in themes if one.is_other)]), "")


def _reaches(name: str) -> bool:
    return any(part in _REACH for part in name.split("_"))


def _value(field: FieldSpec | None, values: Mapping[str, Any]) -> str:
    value = values.get(field.name) if field else None
    return value.strip() if isinstance(value, str) else ""
