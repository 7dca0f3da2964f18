"""The job queue: procrastinate, on the application role. A job names a conversation, never a message.

A job "handle" takes the conversation's next event, whichever that is by then; a job "deliver" its next delivery. So it
does not matter in which order jobs run, how often, or whether one is lost: the tables say what is to be done, and the
sweep gives a conversation with work and without a job a new one.
"""

from collections.abc import Iterable, Mapping

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from rag_core.database import APPLICATION_ROLE

HANDLE = "handle"
DELIVER = "deliver"
_PRIORITIES = {DELIVER: 1, HANDLE: 0}  # what is written already goes out before the next is begun
_BEHIND = {DELIVER: 1, HANDLE: -1}  # so at any time few of them are written and not sent


async def _become_application(connection: psycopg.AsyncConnection) -> None:
    await connection.execute(f"set role {APPLICATION_ROLE}")
    await connection.commit()


class Queue:
    """Defers jobs inside our transactions. ``app`` is what the worker runs."""

    def __init__(self, url: str, *, pool_size: int = 6, priorities: Mapping[str, int] = _PRIORITIES) -> None:
        self._url, self._priorities = url, priorities
        self._jobs = JobManager(SyncPsycopgConnector())  # never opened: it defers on our connections
        self.app = App(
            connector=PsycopgConnector(
                conninfo=url, min_size=1, max_size=pool_size, configure=_become_application, timeout=10
            )
        )

    def behind(self) -> "Queue":
        """Return the same queue for what is told to many: it is handled when nobody else waits."""
        return Queue(self._url, priorities=_BEHIND)

    def handle(self, connection: psycopg.Connection, conversations: Iterable[str]) -> None:
        """Have the conversations' next events handled, a job each."""
        self._defer(connection, HANDLE, conversations)

    def deliver(self, connection: psycopg.Connection, conversations: Iterable[str]) -> None:
        """Have the conversations' next deliveries sent, a job each."""
        self._defer(connection, DELIVER, conversations)

    def _defer(self, connection: psycopg.Connection, task: str, conversations: Iterable[str]) -> None:
        jobs = [_job(task, conversation, self._priorities[task]) for conversation in conversations]
        if jobs:
            self._jobs.batch_defer_jobs(jobs, connection=connection)


def lock_of(task: str, conversation: str) -> str:
    """Return the queue's lock: of one conversation one event is handled and one delivery sent at a time."""
    return f"{task}:{conversation}"


def _job(task: str, conversation: str, priority: int) -> Job:
    return Job(
        id=None,
        queue="transom",
        lock=lock_of(task, conversation),
        queueing_lock=None,
        task_name=task,
        priority=priority,
        task_kwargs={"conversation": conversation},
    )
