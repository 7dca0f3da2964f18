"""Asks people: writes down what they are asked, and has them told, in the transaction it is handed."""

from collections.abc import Collection, Sequence
from datetime import tzinfo
from typing import Any

import psycopg

from bots.conversations.approvals import chain, store
from bots.conversations.approvals.case import Case
from bots.conversations.approvals.store import OURSELVES, NewTask, Task, TaskKind
from bots.conversations.approvals.telling import Teller

_NO_STEP = -1  # of work, and of those who only hear of the outcome


class Asking:
    """Finds out whom a case needs next. ``zone``: the company's."""

    def __init__(self, teller: Teller, zone: tzinfo) -> None:
        self._teller, self._zone = teller, zone

    def next_step(
        self, connection: psycopg.Connection, case: Case, after: int, approved_by: Collection[str] = ()
    ) -> bool:
        """Ask the approvers of the step after this one; False if there is none left to ask."""
        request = case.request(self._zone)

        def entitled(rule: chain.Rule) -> list[str]:
            return store.entitled(connection, str(rule), request.requester)

        while asked := chain.following(case.form, after, request, entitled, approved_by):
            for ask in asked.asks:
                self._keep(connection, case, _of_step(case, asked, ask))
            slots = [chain.Slot(ask.slot, "approved" if ask.repeats else "waiting") for ask in asked.asks]
            if chain.outcome(asked.need, slots) != "approved":
                return True
            store.cancel_open(connection, case.submission.id)
            after, approved_by = asked.step, {ask.repeats for ask in asked.asks if ask.repeats}
        return False

    def is_worked_on(self, case: Case) -> bool:
        """Return whether somebody is to work on it."""
        return chain.worker(case.form, case.request(self._zone)) is not None

    def work(self, connection: psycopg.Connection, case: Case) -> None:
        """Ask whom the form assigns it to, whatever the condition there: whoever calls has looked."""
        assert case.form.assign is not None
        request = case.request(self._zone)
        rule = chain.rule_of(case.form.assign, request)
        asked = store.entitled(connection, str(rule), request.requester)
        self._keep(connection, case, _new(case, "work", str(rule), asked))

    def escalation(self, connection: psycopg.Connection, case: Case, task: Task) -> None:
        """Ask whom the form names for what nobody decided in time, beside those who were asked."""
        named, request = case.form.escalate, case.request(self._zone)
        if named is None or not chain.holds(named.when, request):
            return
        rule = str(chain.rule_of(named, request))
        asked = store.entitled(connection, rule, request.requester)
        if asked and rule != task.rule:
            step = {"step": task.step, "slot": task.slot, "need": task.need}
            self._keep(connection, case, _new(case, "approve", rule, asked, **step, escalates=True))

    def again(self, connection: psycopg.Connection, case: Case, task: Task) -> None:
        """Ask somebody after all, if a task that nobody could decide has found somebody by now."""
        asked = store.entitled(connection, task.rule, task.requester)
        hours = case.form.due_hours if task.kind == "approve" else None
        if asked and store.wake(connection, task.id, asked, hours):
            store.audit(connection, OURSELVES, "asked", submission=task.submission, task=task.id)
            self._teller.task(connection, task.id, task.submission, asked)

    def hearers(self, connection: psycopg.Connection, case: Case) -> list[str]:
        """Return who else hears of the outcome, and let them see the submission from now on."""
        request = case.request(self._zone)
        rules = {str(chain.rule_of(one, request)) for one in case.form.tell if chain.holds(one.when, request)}
        known = {one.rule for one in store.of_submission(connection, case.submission.id) if one.kind == "hear"}
        found: set[str] = set()
        for rule in sorted(rules):
            asked = store.entitled(connection, rule, request.requester)
            found |= set(asked)
            if rule not in known:
                store.add(connection, _new(case, "hear", rule, asked, state="heard"))
        return sorted(found)

    def _keep(self, connection: psycopg.Connection, case: Case, new: NewTask) -> None:
        """Keep the task, and tell whom it concerns."""
        task = store.add(connection, new)
        if task is None:  # escalated already
            return
        actor, action, note = OURSELVES, "escalated" if new.escalates else "asked", ""
        match new.state:
            case "waiting":
                self._teller.task(connection, task, new.submission, new.asked)
            case "stuck":
                action = "stuck"
                self._teller.stuck(connection, task, case.submission, case.window)
            case _:
                actor, action, note = new.decided_by or "", "approved", "approved the step before"
        store.audit(connection, actor, action, submission=new.submission, task=task, note=note)


def _of_step(case: Case, step: chain.Asked, ask: chain.Ask) -> NewTask:
    where: dict[str, Any] = {"step": step.step, "slot": ask.slot, "need": step.need}
    if ask.repeats:
        return _new(case, "approve", str(ask.rule), ask.asked, **where, state="approved", decided_by=ask.repeats)
    hours = case.form.due_hours if ask.asked else None
    return _new(case, "approve", str(ask.rule), ask.asked, **where, due_hours=hours)


def _new(case: Case, kind: TaskKind, rule: str, asked: Sequence[str], **more: Any) -> NewTask:
    submission = case.submission
    usual = {"step": _NO_STEP, "slot": 0, "need": "all", "state": "waiting" if asked else "stuck"}
    return NewTask(
        submission=submission.id,
        number=submission.number,
        kind=kind,
        rule=rule,
        requester=submission.employee_number or "",
        reader=submission.reader,
        window_name=submission.window,
        form=submission.form,
        asked=asked,
        **{**usual, **more},
    )
