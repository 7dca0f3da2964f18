"""From a form's approval to whom to ask, step by step. Pure: who somebody is, the caller finds out.

What is decided here:

- Nobody approves a request of their own. A person named by a field who is the requester gives way to the requester's
  manager; of a group the others are asked.
- Where nobody is left to ask, ``escalate`` is asked instead; where that leaves nobody either, the step waits without
  anybody (``Ask.asked`` is empty) until the company's list of people says otherwise.
- Approvers whose ``when`` does not hold are not asked; a step without approvers is passed over. A condition that
  cannot be worked out holds: rather one approval too many.
- Whoever approved the step before is not asked again where nobody else could decide this one: they would only repeat
  themselves (``Ask.repeats``). Where others could, the others and they are asked as usual.
- Where the ``when`` of ``assign`` does not hold, nobody works on it: it is done with its approval, or when it is
  handed in where nobody approves.
- In a step that needs ``all``, one rejection is the end. In one that needs ``any``, it takes all of them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bots.windows.modes import expression
from bots.windows.modes.form import Approver, Form, Step
from bots.windows.modes.workdays import WEEKDAYS, Calendar

RuleKind = Literal["manager", "group", "person"]
Need = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may decide: the manager of ``name``, the group ``name``, or the person ``name``."""

    kind: RuleKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Request:
    """What a request says. ``requester``: an employee number, empty for a customer. ``values``: those of the fields
    and the computed ones; ``today``: the day it was handed in, so that a condition holds for good or not at all.
    ``unreadable``: values that are there and cannot be read any more, because the form's file was changed.
    ``calendar``: the company's working days."""

    requester: str
    values: Mapping[str, expression.Value]
    today: date
    unreadable: frozenset[str] = frozenset()
    calendar: Calendar = WEEKDAYS


@dataclass(frozen=True, slots=True)
class Ask:
    """One of those asked together. Nobody in ``asked``: nobody can decide it now. ``repeats``: who decided already."""

    slot: int
    rule: Rule
    asked: tuple[str, ...]
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A step with whom to ask."""

    step: int
    need: Need
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """What has become of one of those asked together."""

    slot: int
    state: str


Entitled = Callable[[Rule], Sequence[str]]
"""Who may decide by a rule now: employee numbers, those of deputies too, never the requester's."""


def following(
    form: Form, after: int, request: Request, entitled: Entitled, approved_by: Collection[str] = ()
) -> Asked | None:
    """Return the next step with somebody to ask after step ``after`` (-1: from the start); None: all have approved.

    ``approved_by``: who approved the step before.
    """
    for number in range(after + 1, len(form.approval)):
        step = form.approval[number]
        asks = [
            _ask(slot, approver, form, request, entitled, approved_by) for slot, approver in _holding(step, request)
        ]
        if step.need == "any":
            asks = [ask for ask in asks if ask.asked] or asks
        if asks:
            return Asked(number, step.need, tuple(asks))
    return None


def worker(form: Form, request: Request) -> Approver | None:
    """Return who works on this request; None: nobody, by the file or by its condition."""
    return form.assign if form.assign and holds(form.assign.when, request) else None


def rule_of(approver: Approver, request: Request) -> Rule:
    """Return the rule that an approver of the file is for this request."""
    if approver.manager:
        return Rule("manager", request.requester)
    if approver.group:
        return Rule("group", approver.group)
    number = str(request.values.get(approver.field or "") or "")
    return Rule("manager", number) if number == request.requester else Rule("person", number)


def holds(when: str, request: Request) -> bool:
    """Return whether a condition holds; no condition always does, and so does one that cannot be worked out."""
    if not when:
        return True
    try:
        unknown = request.unreadable.intersection(expression.names_in(when))
        return bool(unknown) or bool(_worked_out(when, request))
    except expression.ExpressionError:
        return True


def _worked_out(when: str, request: Request) -> expression.Result:
    return expression.evaluate(when, request.values, request.today, request.calendar)


def outcome(need: Need, slots: Iterable[Slot]) -> Literal["", "approved", "rejected"]:
    """Return what the step has come to, empty as long as somebody has to decide."""
    states: dict[int, set[str]] = {}
    for one in slots:
        states.setdefault(one.slot, set()).add(one.state)
    approved = ["approved" in found for found in states.values()]
    rejected = ["rejected" in found for found in states.values()]
    enough, refused = (all(approved), any(rejected)) if need == "all" else (any(approved), all(rejected))
    if refused:
        return "rejected"
    return "approved" if enough else ""


def _holding(step: Step, request: Request) -> list[tuple[int, Approver]]:
    return [(slot, approver) for slot, approver in enumerate(step.together) if holds(approver.when, request)]


def _ask(
    slot: int, approver: Approver, form: Form, request: Request, entitled: Entitled, approved_by: Collection[str]
) -> Ask:
    rule = rule_of(approver, request)
    asked = tuple(entitled(rule))
    if not asked and form.escalate and holds(form.escalate.when, request):
        rule = rule_of(form.escalate, request)
        asked = tuple(entitled(rule))
    repeats = asked[0] if asked and set(asked) <= set(approved_by) else ""
    return Ask(slot, rule, asked, repeats)
