"""One thing that a form or a look-up asks for."""

import re
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from bots.messages import Language
from bots.windows.faults import NO_TEXT, Where, meant, refuse
from bots.windows.parts import Part, Titles, Words, title_in

FieldType = Literal["text", "number", "money", "choice", "choices", "date", "time", "datetime", "person", "file"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
"""A name that SQL parameters, conditions and templates may refer to."""

RESERVED = frozenset({"person", "number", "link", "name", "title", "window", "today", "now", "and", "or", "not", "in"})
"""Names that mean something everywhere."""

_CHOOSES = ("choice", "choices")
_HAS_SIZE = ("number", "money")
_HAS_ORDER = ("date", "time", "datetime", "number", "money")
_ALIKE = (frozenset({"date", "datetime"}), frozenset({"number", "money"}), frozenset({"time"}))
"""Types whose values can be told apart as earlier and later, or smaller and larger."""

_LONGEST = 2000


def _choice(value: object) -> object:
    if isinstance(value, str):
        return {"value": value, "label": value}
    if isinstance(value, dict) or value is None:
        return value
    raise ValueError(NO_TEXT)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError) as error:
        raise ValueError(f"is no regular expression ({error})") from None
    return text


class Option(Part):
    """One of several to choose from. A plain text is both."""

    value: Words
    label: Titles

    def label_in(self, language: Language) -> str:
        """Return the label in that language, or in the one there is."""
        return title_in(self.label, language)


class FieldSpec(Part):
    """A field: what it is called, what it takes, and the rules for it alone and beside others."""

    name: Name
    type: FieldType = "text"
    label: Titles
    help: str = ""
    optional: bool = False
    choices: tuple[Annotated[Option, BeforeValidator(_choice)], ...] = ()
    choices_from: Name | None = None
    """A look-up of this window whose first column is the value, and the second, if there is one, the label."""
    default: str = ""
    """In the words a person would use ("今天", "1"), or ``{column}`` of ``defaults_from``."""
    defaults_from: Name | None = None
    """A look-up of this window about the person; its columns can be defaults."""
    min: Annotated[float | None, Field(allow_inf_nan=False)] = None
    max: Annotated[float | None, Field(allow_inf_nan=False)] = None
    longest: Annotated[int, Field(ge=1, le=_LONGEST)] = 500
    """Characters of a text."""
    pattern: Annotated[str, AfterValidator(_pattern)] = ""
    """A regular expression that the whole text has to match."""
    example: str = ""
    """What a right value looks like; shown where one is wrong."""
    after: Name | None = None
    before: Name | None = None
    """Another field, which this one must come after or before."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        refuse([*self._of_no_use(), *self._contradictions()])
        return self

    def _of_no_use(self) -> Iterator[tuple[Where, str]]:
        """Yield the keys that this type of field does not take."""
        for key, types, sentence in (
            ("choices", _CHOOSES, "only a choice has them; write  type: choice  beside it"),
            ("choices_from", _CHOOSES, "only a choice has them; write  type: choice  beside it"),
            ("min", _HAS_SIZE, "only a number or money has one; write  type: number  beside it"),
            ("max", _HAS_SIZE, "only a number or money has one; write  type: number  beside it"),
            ("after", _HAS_ORDER, "only dates, times, numbers and money have an order"),
            ("before", _HAS_ORDER, "only dates, times, numbers and money have an order"),
            ("pattern", ("text",), "only a text has one"),
        ):
            if getattr(self, key) not in (None, "", ()) and self.type not in types:
                yield (key,), sentence

    def _contradictions(self) -> Iterator[tuple[Where, str]]:
        if is_reserved(self.name):
            yield ("name",), f"{self.name} has a meaning of its own; choose another, such as  {self.name}_value"
        if self.type in _CHOOSES and not self.choices and self.choices_from is None:
            yield ("choices",), "is missing; a choice needs choices or choices_from"
        if self.choices and self.choices_from is not None:
            yield ("choices_from",), "choices are there too; keep one of the two"
        if self.min is not None and self.max is not None and self.min > self.max:
            yield ("max",), "is less than min"
        values = [choice.value for choice in self.choices]
        if twice := [value for value in dict.fromkeys(values) if values.count(value) > 1]:
            yield ("choices",), f"{twice[0]} is there twice; keep one"

    def label_in(self, language: Language) -> str:
        """Return the label in that language, or in the one there is."""
        return title_in(self.label, language)


def is_reserved(name: str) -> bool:
    """Whether no field can have the name: it means something everywhere, or in conditions."""
    return name in RESERVED or iskeyword(name)


def unknown(names: Sequence[str], fields: Sequence[FieldSpec]) -> list[str]:
    """Return which of the names are no field's."""
    known = {field.name for field in fields}
    return [name for name in names if name not in known]


def misfits(key: str, fields: Sequence[FieldSpec]) -> Iterator[tuple[Where, str]]:
    """Yield what is wrong among the fields that stand below ``key``: a name taken twice, an order that cannot be."""
    first: dict[str, int] = {}
    for index, field in enumerate(fields):
        if first.setdefault(field.name, index) != index:
            yield (key, index, "name"), f"{field.name} is taken by a field above; give each its own"
        for rule in ("after", "before"):
            if (other := getattr(field, rule)) and (sentence := _no_order(field, other, fields)):
                yield (key, index, rule), sentence


def _no_order(field: FieldSpec, other: str, fields: Sequence[FieldSpec]) -> str:
    """Return why the field cannot be put before or after the other one; "" if it can."""
    if other == field.name:
        return "is the field itself; name another"
    found = next((one for one in fields if one.name == other), None)
    if found is None:
        return no_field(other, [one.name for one in fields if one is not field])
    if not any({field.type, found.type} <= alike for alike in _ALIKE):
        return f"{other} is of type {found.type} and this of type {field.type}; they cannot be compared"
    return ""


def no_field(name: str, fields: Sequence[str]) -> str:
    """Return what to say of a name that is no field's."""
    return f"there is no field {name}; " + (meant(name, fields, "the fields are") if fields else "it is the only one")
