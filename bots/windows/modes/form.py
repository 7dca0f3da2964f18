"""A form: its fields, who has to approve it in which order, and what follows."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bots.messages import Language
from bots.windows.faults import Where, refuse
from bots.windows.modes.field import FieldSpec, Name, is_reserved, misfits, no_field
from bots.windows.parts import Groups, Part, Slug, Titles, Words, title_in


class Check(Part):
    """A rule over several fields: where ``when`` holds, the form is not taken, and ``say`` is told."""

    when: Words
    say: Words


class Approver(Part):
    """Who decides: the person's manager, a group, or the person a field names. ``when``: only where it holds."""

    manager: bool = False
    group: Slug | None = None
    field: Name | None = None
    when: str = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.manager + (self.group is not None) + (self.field is not None) != 1:
            raise ValueError("needs exactly one of manager, group, field")
        return self


def _approver(value: object) -> object:
    if isinstance(value, str) and value != "manager":
        raise ValueError(f'is "{value}", but an approver is manager, {{group: NAME}} or {{field: NAME}}')
    return {"manager": True} if value == "manager" else value


def _step(value: object) -> object:
    """Take a single approver for a step of one."""
    if isinstance(value, dict) and "together" in value:
        return value
    return {"together": [_approver(value)]}


OneApprover = Annotated[Approver, BeforeValidator(_approver)]


class Step(Part):
    """Approvers that are asked at the same time. ``need``: whether all have to approve, or one is enough."""

    together: Annotated[tuple[OneApprover, ...], Field(min_length=1)]
    need: Literal["all", "any"] = "all"


class Call(Part):
    """A POST to the company's own system, signed, retried, with an idempotency key."""

    http: Words
    secret: str = ""
    """``${NAME}``: the environment variable whose value signs the call."""


class Form(Part):
    """A form. Without ``approval`` it is done when it is handed in, or, with ``assign``, when that person closes it."""

    title: Titles
    examples: tuple[Words, ...] = ()
    serves: Groups | None = None
    anonymous: bool = False
    """Customers may hand it in; else a bound identity is needed."""
    kind: Literal["form", "complaint"] = "form"
    fields: Annotated[tuple[FieldSpec, ...], Field(min_length=1, max_length=30)]
    computed: Mapping[Name, Words] = Field(default_factory=dict)
    """Values worked out from the fields, like ``days: workdays(starts, ends)``."""
    checks: tuple[Check, ...] = ()
    summary: str = ""
    """One line with ``{field}``, for lists and notices; left out: the first fields."""
    approval: tuple[Annotated[Step, BeforeValidator(_step)], ...] = ()
    due_hours: Annotated[float, Field(gt=0, le=24 * 60)] = 48.0
    """An approver is reminded after half of it, and after all of it ``escalate`` is asked."""
    escalate: OneApprover | None = None
    assign: OneApprover | None = None
    """Who works on it: they take it, and close it with a comment. Where its ``when`` does not hold, nobody does."""
    tell: tuple[OneApprover, ...] = ()
    """Who else hears of the outcome, besides the person who handed it in."""
    on_approved: Call | None = None
    """Called when it is done: approved, or handed in where nobody approves."""
    note: str = ""
    """What is said once it is handed in, such as what to do next."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        refuse([*misfits("fields", self.fields), *self._misnamed(), *self._bad_approvers()])
        return self

    def _misnamed(self) -> Iterator[tuple[Where, str]]:
        names = {field.name for field in self.fields}
        for name in self.computed:
            if name in names:
                yield ("computed", name), "is the name of a field; choose another"
            elif is_reserved(name):
                yield ("computed", name), f"{name} has a meaning of its own; choose another, such as  {name}_value"

    def _bad_approvers(self) -> Iterator[tuple[Where, str]]:
        types = {field.name: field.type for field in self.fields}
        for where, one in self.deciders():
            if one.manager and self.anonymous:
                yield where, "a customer has no manager; name a group, like  {group: service}"
            if one.field and one.field not in types:
                yield (*where, "field"), no_field(one.field, list(types))
            elif one.field and types[one.field] != "person":
                yield (*where, "field"), f"{one.field} is no person; write  type: person  at that field"

    def deciders(self) -> Iterator[tuple[Where, Approver]]:
        """Yield everybody whom the form names, with the place below the form."""
        for index, step in enumerate(self.approval):
            for position, one in enumerate(step.together):
                yield ("approval", index, "together", position), one
        for key in ("escalate", "assign"):
            if (named := getattr(self, key)) is not None:
                yield (key,), named
        for index, one in enumerate(self.tell):
            yield ("tell", index), one

    def title_in(self, language: Language) -> str:
        """Return the title in that language, or in the one there is."""
        return title_in(self.title, language)
