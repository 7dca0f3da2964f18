"""What happens to a request: it is asked for, decided, worked on, withdrawn. All in the transaction it is handed.

Whoever changes anything locks the submission first, so that of two who decide at once the second sees what the first
has done, and is told so: ``Overtaken`` has the event handled anew. Who may decide is asked of the database in that
same transaction, never taken from a tap.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Literal

import psycopg

from bots.conversations.approvals import chain, store
from bots.conversations.approvals.asking import Asking
from bots.conversations.approvals.case import Case, case_of
from bots.conversations.approvals.store import OURSELVES, Missed, Task, TaskKind
from bots.conversations.approvals.telling import Teller
from bots.conversations.calls import store as calls
from bots.conversations.handled import Overtaken
from bots.conversations.queue import Queue
from bots.conversations.submissions import store as submissions
from bots.conversations.submissions.store import State, Submission
from bots.windows.model import Window
from bots.windows.modes.form import Form
from rag_core.database import ViewerConnection, scoped

Verdict = Literal["approved", "rejected"]


class Approvals:
    """Carries requests through their approval. ``zone``: the company's."""

    def __init__(self, queue: Queue, windows: Sequence[Window], zone: tzinfo) -> None:
        self._teller = Teller(queue)
        self._asking = Asking(self._teller, zone)
        self._windows: Mapping[str, Window] = {window.name: window for window in windows}

    # --- what people do ---

    def begin(
        self, viewer: ViewerConnection, submission: Submission, form: Form, window: Window, event: str = ""
    ) -> None:
        """Take up a submission that was handed in a moment ago, in the state it was given."""
        case, connection = Case(submission, form, window), scoped(viewer)
        actor = submission.employee_number or submission.reader
        store.audit(connection, actor, "handed_in", submission=submission.id, event=event)
        match submission.state:
            case "waiting":
                if not self._asking.next_step(connection, case, -1):
                    self._approved(viewer, case, "", "")
            case "open":
                self._asking.work(connection, case)
            case "done":
                self._call(connection, case, "")
                others = self._asking.hearers(connection, case)  # the requester is being answered already
                self._teller.hearers(connection, submission, "done", others)

    def decide(
        self, viewer: ViewerConnection, task_id: int, person: str, verdict: Verdict, comment: str = "", event: str = ""
    ) -> None:
        """Write down a decision and what follows from it. Raises Overtaken if it is not this person's to take now."""
        connection = scoped(viewer)
        task, case = self._held(viewer, task_id, person, "approve")
        store.settle(connection, task.id, verdict, person)
        store.cancel_others(connection, task.submission, task.step, task.slot)
        store.audit(connection, person, verdict, submission=task.submission, task=task.id, event=event)
        step = store.of_step(connection, task.submission, task.step)
        match chain.outcome(task.need, [chain.Slot(one.slot, one.state) for one in step]):
            case "rejected":
                self._rejected(viewer, case, person, comment)
            case "approved":
                store.cancel_open(connection, task.submission)  # others of a step where one is enough
                approvers = {one.decided_by for one in step if one.state == "approved" and one.decided_by}
                if self._asking.next_step(connection, case, task.step, approvers):
                    self._moved(viewer, case, "waiting", person, "approved", comment)
                else:
                    self._approved(viewer, case, person, comment)
            case _:
                self._moved(viewer, case, "waiting", person, verdict, comment)

    def take(self, viewer: ViewerConnection, task_id: int, person: str, event: str = "") -> None:
        """Note that this person works on it. Raises Overtaken if somebody else does, or it is not theirs."""
        task, case = self._held(viewer, task_id, person, "work")
        store.take(scoped(viewer), task.id, person)
        store.audit(scoped(viewer), person, "taken", submission=task.submission, task=task.id, event=event)
        self._moved(viewer, case, "open", person, "taken")

    def close(self, viewer: ViewerConnection, task_id: int, person: str, comment: str = "", event: str = "") -> None:
        """Note that the work is done. Raises Overtaken if somebody else works on it, or it is not theirs."""
        connection = scoped(viewer)
        task, case = self._held(viewer, task_id, person, "work")
        store.settle(connection, task.id, "done", person)
        store.audit(connection, person, "closed", submission=task.submission, task=task.id, event=event)
        self._moved(viewer, case, "done", person, "closed", comment)
        if not case.form.approval:  # else it was called when it was approved
            self._call(connection, case, person)
        self._tell(connection, case, "done")

    def withdraw(self, viewer: ViewerConnection, submission: int, reader: str, event: str = "") -> None:
        """Take a request back; ``reader`` is the viewer's. Raises Overtaken if it is decided, or not theirs."""
        connection = scoped(viewer)
        held = store.lock_submission(connection, submission)
        found = submissions.by_id(viewer, submission) if held else None
        if found is None or found.reader != reader:
            raise Overtaken
        actor = found.employee_number or found.reader
        if not submissions.move(viewer, submission, ("waiting", "open"), "withdrawn", actor, "withdrawn"):
            raise Overtaken
        store.cancel_open(connection, submission)
        store.audit(connection, actor, "withdrawn", submission=submission, event=event)

    # --- what time does ---

    def remind(self, connection: psycopg.Connection, task: Task) -> None:
        """Remind whoever may decide now."""
        store.audit(connection, OURSELVES, "reminded", submission=task.submission, task=task.id)
        self._teller.reminder(connection, task, store.entitled(connection, task.rule, task.requester))

    def tell_missed(self, connection: psycopg.Connection, missed: Missed) -> None:
        """Ask somebody who could not be told before."""
        self._teller.missed(connection, missed)

    def escalate(self, viewer: ViewerConnection, task: Task) -> None:
        """Note that nobody decided in time, once, and ask whom the form names. The viewer is the requester."""
        connection = scoped(viewer)
        if not store.lock_submission(connection, task.submission) or not store.escalated(connection, task.id):
            return  # decided, or done by another worker, a moment ago
        store.audit(connection, OURSELVES, "overdue", submission=task.submission, task=task.id)
        if case := self.case(viewer, task.submission):
            self._asking.escalation(connection, case, task)

    def again(self, viewer: ViewerConnection, task: Task) -> None:
        """Ask somebody after all, if a stuck task has found somebody. The viewer is the requester."""
        if store.lock_submission(scoped(viewer), task.submission) and (case := self.case(viewer, task.submission)):
            self._asking.again(scoped(viewer), case, task)

    def ask_deputy(self, connection: psycopg.Connection, deputy: str) -> None:
        """Ask somebody who may decide for another from now on what that one was asked before."""
        for task in store.open_for(connection, deputy, limit=50):
            self._teller.task(connection, task.id, task.submission, [deputy])

    # --- what follows ---

    def case(self, viewer: ViewerConnection, submission: int) -> Case | None:
        """Return a submission with its form; None if the viewer may not see it, or the form is gone."""
        found = submissions.by_id(viewer, submission)
        return case_of(self._windows, found) if found else None

    def _held(self, viewer: ViewerConnection, task_id: int, person: str, kind: TaskKind) -> tuple[Task, Case]:
        """Lock the submission, and return the task as it is from now on. Raises Overtaken if it is not theirs."""
        connection = scoped(viewer)
        found = store.task(connection, task_id)
        if found is None or not store.lock_submission(connection, found.submission):
            raise Overtaken
        task, case = store.task(connection, task_id), self.case(viewer, found.submission)
        if task is None or case is None or task.kind != kind or not is_open(connection, task, person):
            raise Overtaken
        return task, case

    def _approved(self, viewer: ViewerConnection, case: Case, person: str, comment: str) -> None:
        connection, submission, works = scoped(viewer), case.submission, self._asking.is_worked_on(case)
        self._moved(viewer, case, "open" if works else "approved", person, "approved", comment)
        store.audit(connection, OURSELVES, "completed", submission=submission.id)
        self._call(connection, case, person)
        self._tell(connection, case, "approved")
        if works:
            self._asking.work(connection, case)

    def _rejected(self, viewer: ViewerConnection, case: Case, person: str, comment: str) -> None:
        store.cancel_open(scoped(viewer), case.submission.id)
        self._moved(viewer, case, "rejected", person, "rejected", comment)
        self._tell(scoped(viewer), case, "rejected")

    def _moved(
        self, viewer: ViewerConnection, case: Case, to: State, person: str, action: str, comment: str = ""
    ) -> None:
        """Change the state, whose row is locked. Raises Overtaken where it is not what the tasks say it is."""
        came_from: State = "open" if action in ("taken", "closed") else "waiting"
        if not submissions.move(viewer, case.submission.id, (came_from,), to, person, action, comment):
            raise Overtaken

    def _call(self, connection: psycopg.Connection, case: Case, person: str) -> None:
        if case.form.on_approved:
            calls.add(connection, case.submission, person)
            store.audit(connection, OURSELVES, "call_due", submission=case.submission.id)

    def _tell(self, connection: psycopg.Connection, case: Case, what: str) -> None:
        self._teller.outcome(connection, case.submission, what)
        self._teller.hearers(connection, case.submission, what, self._asking.hearers(connection, case))


def is_open(connection: psycopg.Connection, task: Task, person: str) -> bool:
    """Return whether the task waits, and this person may decide or work on it now."""
    entitled = store.entitled(connection, task.rule, task.requester)
    taken = task.taken_by if task.taken_by in entitled else None  # whoever took it and may not any more has let it go
    return task.state == "waiting" and person in entitled and taken in (None, person)
