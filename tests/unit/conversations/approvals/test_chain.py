"""Whom a form's approval asks, step by step, and what the answers come to."""

from datetime import date
from decimal import Decimal

import pytest

from bots.conversations.approvals.chain import Ask, Request, Rule, Slot, following, outcome, rule_of, worker
from bots.windows.modes.form import Approver, Form

TODAY = date(2026, 11, 30)
FIELDS = [
    {"name": "days", "type": "number", "label": "天數"},
    {"name": "lead", "type": "person", "label": "專案負責人"},
]
PEOPLE = {
    Rule("manager", "A3"): ["A1"],
    Rule("group", "hr"): ["A2", "A4"],
    Rule("group", "boss"): ["A1"],
    Rule("person", "A5"): ["A5"],
    Rule("group", "nobody"): [],
}


def form(approval, **more):
    return Form.model_validate({"title": "請假單", "fields": FIELDS, "approval": approval, **more})


def request(requester="A3", **values):
    return Request(requester, {"days": Decimal(1), **values}, TODAY)


def entitled(rule):
    return PEOPLE.get(rule, [])


def steps(approval, asked_by=None, approved_by=(), **more):
    """All steps in turn, as if each were approved by its first approver."""
    after, found = -1, []
    while step := following(form(approval, **more), after, asked_by or request(), entitled, approved_by):
        found.append(step)
        after, approved_by = step.step, {ask.asked[0] for ask in step.asks if ask.asked}
    return found


def rules(found):
    return [[str(ask.rule) for ask in step.asks] for step in found]


def test_steps_are_asked_one_after_the_other():
    """The manager first, then the group."""
    assert rules(steps(["manager", {"group": "hr"}])) == [["manager:A3"], ["group:hr"]]


def test_approvers_of_one_step_are_asked_together():
    """Each with a slot of its own; whether all are needed goes along."""
    [step] = steps([{"together": ["manager", {"group": "hr"}], "need": "any"}])
    assert [(ask.slot, ask.asked) for ask in step.asks] == [(0, ("A1",)), (1, ("A2", "A4"))]
    assert step.need == "any"


@pytest.mark.parametrize(("days", "asked"), [(3, [["manager:A3"]]), (4, [["manager:A3"], ["group:hr"]])])
def test_a_step_whose_condition_does_not_hold_is_passed_over(days, asked):
    """The condition sees the values."""
    approval = ["manager", {"group": "hr", "when": "days > 3"}]
    assert rules(steps(approval, request(days=Decimal(days)))) == asked


def test_of_a_step_only_those_whose_condition_holds_are_asked():
    """They keep their slot."""
    approval = [{"together": [{"group": "hr", "when": "days > 3"}, "manager"]}]
    [step] = steps(approval)
    assert step.asks == (Ask(1, Rule("manager", "A3"), ("A1",)),)


def test_a_condition_that_cannot_be_worked_out_holds():
    """Rather one approval too many."""
    approval = [{"group": "hr", "when": "lead > 3"}]
    assert rules(steps(approval, request(lead="A5"))) == [["group:hr"]]


def test_a_condition_on_a_value_that_cannot_be_read_any_more_holds():
    """The form's file was changed after the request was handed in; one that was never given is another matter."""
    approval = form([{"group": "hr", "when": "days > 3"}])
    lost, never = Request("A3", {}, TODAY, frozenset({"days"})), Request("A3", {}, TODAY)
    assert following(approval, -1, lost, entitled) is not None
    assert following(approval, -1, never, entitled) is None


def test_without_a_step_left_nobody_is_asked():
    """All have approved, from the start where no condition holds."""
    assert following(form([{"group": "hr", "when": "days > 3"}]), -1, request(), entitled) is None
    assert following(form(["manager"]), 0, request(), entitled) is None


def test_a_field_names_the_approver():
    """By employee number."""
    assert rules(steps([{"field": "lead"}], request(lead="A5"))) == [["person:A5"]]


def test_whoever_names_themselves_is_decided_by_their_manager():
    """Nobody approves a request of their own."""
    assert rule_of(Approver(field="lead"), request("A3", lead="A3")) == Rule("manager", "A3")


def test_where_nobody_is_left_somebody_else_is_asked():
    """Whom ``escalate`` names."""
    [step] = steps([{"group": "nobody"}], escalate={"group": "hr"})
    assert step.asks == (Ask(0, Rule("group", "hr"), ("A2", "A4")),)


def test_where_nobody_is_left_at_all_the_step_stays():
    """It is not passed over: nobody has approved."""
    [step] = steps([{"group": "nobody"}])
    assert step.asks == (Ask(0, Rule("group", "nobody"), ()),)


def test_where_one_is_enough_those_who_are_there_are():
    """Nobody waits for an empty group beside them."""
    [step] = steps([{"together": [{"group": "nobody"}, "manager"], "need": "any"}])
    assert rules([step]) == [["manager:A3"]]


def test_whoever_approved_the_step_before_is_not_asked_again_alone():
    """They would only repeat themselves."""
    first, second = steps(["manager", {"group": "boss"}])
    assert [first.asks[0].repeats, second.asks[0].repeats] == ["", "A1"]


def test_whoever_approved_the_step_before_is_asked_again_beside_others():
    """Another pair of eyes may be what the step is for."""
    found = following(form(["manager", {"group": "hr"}]), 0, request(), entitled, {"A2"})
    assert found is not None
    assert found.asks[0].repeats == ""


@pytest.mark.parametrize(
    ("need", "states", "comes_to"),
    [
        ("all", ["approved", "waiting"], ""),
        ("all", ["approved", "approved"], "approved"),
        ("all", ["rejected", "waiting"], "rejected"),
        ("any", ["approved", "waiting"], "approved"),
        ("any", ["rejected", "waiting"], ""),
        ("any", ["rejected", "rejected"], "rejected"),
        ("all", ["stuck", "approved"], ""),
    ],
)
def test_what_the_answers_come_to(need, states, comes_to):
    """One rejection ends a step that needs all; where one approval is enough, all have to reject."""
    assert outcome(need, [Slot(number, state) for number, state in enumerate(states)]) == comes_to


def test_of_those_asked_for_one_decision_any_decides():
    """The manager and whom it was escalated to."""
    assert outcome("all", [Slot(0, "cancelled"), Slot(0, "approved")]) == "approved"


def test_somebody_works_on_it_only_where_the_condition_holds():
    """No condition always does, and one that cannot be worked out any more does: rather one task too many."""
    always, long = form([], assign={"group": "hr"}), form([], assign={"group": "hr", "when": "days > 3"})
    assert worker(form([]), request()) is None
    assert worker(always, request()) == Approver(group="hr")
    assert worker(long, request()) is None
    assert worker(long, request(days=Decimal(4))) == long.assign
    assert worker(long, Request("A3", {}, TODAY, frozenset({"days"}))) == long.assign
