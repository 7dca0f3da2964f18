"""Looks after deadlines: reminds, escalates, and asks anew where nobody could be asked or told. Each exactly once.

Safe to do twice and by two workers at once: what is due is noted in the transaction that tells it, under a lock of the
row or the submission, and what is told has a key. The advisory lock only saves the work.
"""

from collections.abc import Callable, Sequence

import psycopg
import structlog

from bots.conversations.approvals import store
from bots.conversations.approvals.steps import Approvals
from bots.conversations.approvals.store import Task
from bots.conversations.notices import PRESENT_DAYS
from bots.conversations.people.viewers import NOBODY
from rag_core.database import Database, ViewerConnection

log = structlog.get_logger()

_AT_ONCE = 100


class ApprovalSweeper:
    """Sweeps, once each time it is told to."""

    def __init__(self, database: Database, approvals: Approvals) -> None:
        self._database, self._approvals = database, approvals

    def sweep(self) -> None:
        """Do what is due."""
        with self._database.application() as connection:
            if not store.sweeps_alone(connection):
                return
            for task in store.to_remind(connection, _AT_ONCE):
                self._approvals.remind(connection, task)
            for missed in store.can_be_told_now(connection, PRESENT_DAYS, _AT_ONCE):
                self._approvals.tell_missed(connection, missed)
            late, stuck = store.overdue(connection, _AT_ONCE), store.stuck_but_found(connection, _AT_ONCE)
        self._each(late, self._approvals.escalate)
        self._each(stuck, self._approvals.again)

    def _each(self, tasks: Sequence[Task], does: Callable[[ViewerConnection, Task], None]) -> None:
        """Do it for each in a transaction of its own, on behalf of the requester, whose submission it is."""
        for task in tasks:
            try:
                with self._database.viewer(NOBODY, task.reader) as viewer:
                    does(viewer, task)
            except psycopg.Error as error:  # one that fails stops no other, and is due again the next time
                log.warning("task not looked after", task=task.id, error=type(error).__name__)
