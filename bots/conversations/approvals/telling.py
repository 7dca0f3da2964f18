"""Telling people: that they are asked, that time runs out, what came of it. Everything is told once for ever."""

from collections.abc import Sequence

import psycopg

from bots.conversations import notices
from bots.conversations.approvals import store
from bots.conversations.approvals.store import Missed, Task
from bots.conversations.notices import Target
from bots.conversations.people import store as people
from bots.conversations.queue import Queue
from bots.conversations.submissions.store import Submission
from bots.windows.model import Window

_SPOKEN_TO = ("line", "slack", "web")


class Teller:
    """Puts what is to be told into the recipients' conversations, in the transaction it belongs to."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def task(self, connection: psycopg.Connection, task: int, submission: int, asked: Sequence[str]) -> None:
        """Ask these people. Who has been asked already is not asked again."""
        self._people(connection, asked, f"task={task}", f"task:{task}", submission, task)

    def missed(self, connection: psycopg.Connection, missed: Missed) -> None:
        """Ask somebody who could not be told when it was asked, and can be now."""
        store.audit(connection, missed.person, "reached", submission=missed.submission, task=missed.task)
        self.task(connection, missed.task, missed.submission, [missed.person])

    def reminder(self, connection: psycopg.Connection, task: Task, asked: Sequence[str]) -> None:
        """Remind these people of what they were asked, once."""
        self._people(connection, asked, f"remind={task.id}", f"remind:{task.id}", task.submission, task.id)

    def outcome(self, connection: psycopg.Connection, submission: Submission, what: str) -> None:
        """Tell the requester what came of it."""
        data, key = _outcome(submission, what)
        if submission.employee_number:
            self._people(connection, [submission.employee_number], data, key, submission.id, None)
        elif customer := _customer(submission):
            notices.tell(connection, self._queue, [customer], data, key)

    def hearers(self, connection: psycopg.Connection, submission: Submission, what: str, others: Sequence[str]) -> None:
        """Tell others what came of it."""
        self._people(connection, others, *_outcome(submission, what), submission.id, None)

    def stuck(self, connection: psycopg.Connection, task: int, submission: Submission, window: Window) -> None:
        """Tell the requester and whoever looks after the window that nobody can decide."""
        self.outcome(connection, submission, f"stuck/{task}")
        email = window.contact.email if window.contact else None
        if (contact := people.by_email(connection, email) if email else None) is not None:
            numbers = [contact.employee_number]
            self._people(connection, numbers, f"stuck={task}", f"stuck:{task}", submission.id, task)

    def _people(
        self,
        connection: psycopg.Connection,
        numbers: Sequence[str],
        data: str,
        key: str,
        submission: int,
        task: int | None,
    ) -> None:
        """Tell people. Who has no account stands in the log: what they are asked waits in their list of tasks."""
        reached = notices.reachable(connection, numbers, store.window_of(connection, submission))
        notices.tell(connection, self._queue, reached.values(), data, key)
        for number in numbers:
            if number not in reached:
                about = data.partition("=")[0]
                store.audit(connection, number, "not_reached", submission=submission, task=task, note=about)


def _outcome(submission: Submission, what: str) -> tuple[str, str]:
    return f"outcome={submission.id}/{what}", f"outcome:{submission.id}:{what}"


def _customer(submission: Submission) -> Target | None:
    """Return where the customer who handed it in is spoken to: on the page, where they did so. None for nobody."""
    place = submission.place
    user = submission.reader.removeprefix(f"{place.platform}:{place.account}:")
    if not place.direct or place.platform not in _SPOKEN_TO or user == submission.reader:
        return None
    if place.platform == "web":
        return Target(place, user)
    return notices.target(place.platform, place.account, user)
