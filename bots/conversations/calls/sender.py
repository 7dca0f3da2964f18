"""Makes the calls that are due: claimed in one short transaction, made without a connection held, settled in another.

The sweep makes them, not a job of the queue: what is due, how often it was tried and when it is tried next stand in
the table anyway, a sweep finds them again after any crash, and a job would need all of that beside it. The sweep only
starts them, on threads of their own, because other sweeps must not wait for a slow system of the company.

A process that dies between the call and its settling leaves the call to be made again under the same
``Idempotency-Key`` when the lease is over: dropping the second is the receiver's part.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from random import uniform

import structlog

from bots.conversations.approvals import store as approvals
from bots.conversations.approvals.case import case_of
from bots.conversations.calls import store
from bots.conversations.calls.http import Again, Answer, Done, Poster, Refused
from bots.conversations.calls.payload import body_of, headers_of, outcome_of
from bots.conversations.calls.store import Due
from bots.conversations.notifications.confirmations import store as confirmations
from bots.conversations.people.viewers import NOBODY
from bots.conversations.submissions import store as submissions
from bots.windows.model import Window
from bots.windows.modes.callback import callback_for
from rag_core.database import Database

log = structlog.get_logger()

_BATCH = 20
_THREADS = 4
_LEASE_S = 180.0  # longer than a batch takes where every call takes all of its time
_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 900.0
_TRIES = 27  # about five hours
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """What is sent where. ``secret``: the reference of the window's file; ``of``: what the key is made of."""

    url: str
    secret: str
    body: bytes
    of: int | str


class Caller:
    """Calls the company's systems. ``environment`` holds what ``${NAME}`` of a ``secret`` refers to."""

    def __init__(
        self,
        database: Database,
        windows: Sequence[Window],
        environment: Mapping[str, str],
        poster: Poster,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._environment, self._poster, self._clock = database, environment, poster, clock
        self._windows = {window.name: window for window in windows}
        self._starting = ThreadPoolExecutor(1, thread_name_prefix="transom-calls")
        self._calling = ThreadPoolExecutor(_THREADS, thread_name_prefix="transom-call")
        self._running: Future[int] | None = None

    def sweep(self) -> None:
        """Start making what is due, unless the batch before is still being made. Raises what that one ended with."""
        if self._running is not None:
            if not self._running.done():
                return
            ended, self._running = self._running, None
            ended.result()
        self._running = self._starting.submit(self.send_due)

    def send_due(self) -> int:
        """Make what is due, a batch at most, and return how many calls that were. Raises DatabaseUnavailable."""
        with self._database.application() as connection:
            due = store.claim(connection, _BATCH, _LEASE_S)
        list(self._calling.map(self._make, due))
        return len(due)

    def close(self) -> None:
        """Wait for the calls that are being made, and make no others."""
        self._starting.shutdown()
        self._calling.shutdown()

    def _make(self, due: Due) -> None:
        """Make one call and write down what came of it."""
        answer = Refused("tried too often") if due.attempt > _TRIES else self._answer(due)
        if isinstance(answer, Again) and due.attempt == _TRIES:
            answer = Refused(answer.reason)
        with self._database.application() as connection:
            match answer:
                case Done():
                    settled, action, note = store.settle_done(connection, due), "called", ""
                case Refused(reason):
                    settled, action, note = store.settle_stuck(connection, due, reason), "call_stuck", reason
                case Again(reason, after_s):
                    wait = max(after_s, pause(due.attempt))
                    settled, action, note = store.settle_again(connection, due, wait, reason), "call_failed", reason
            if settled and due.submission:
                approvals.audit(connection, approvals.OURSELVES, action, submission=due.submission, note=note)
        if not isinstance(answer, Done):
            of = {"submission": due.submission} if due.submission else {"confirmation": due.confirmation}
            log.warning("call not made", call=due.id, **of, attempt=due.attempt, reason=answer.reason)

    def _answer(self, due: Due) -> Answer:
        """Send what is to be told, as the window's file has it now."""
        outgoing = self._of_submission(due) if due.submission else self._of_confirmation(due)
        if outgoing is None:
            return Refused("no longer in the window's file")
        secret = self._secret(outgoing.secret)
        if secret is None:
            return Refused("its secret is not set")
        headers = headers_of(outgoing.of, outgoing.body, secret, int(self._clock()))
        return self._poster.post(outgoing.url, outgoing.body, headers)

    def _of_submission(self, due: Due) -> _Outgoing | None:
        """Return what the submission says, read on behalf of whoever handed it in."""
        with self._database.viewer(NOBODY, due.reader) as viewer:
            submission = submissions.by_id(viewer, due.submission) if due.submission else None
        case = case_of(self._windows, submission) if submission else None
        if submission is None or case is None or case.form.on_approved is None:
            return None
        call = case.form.on_approved
        return _Outgoing(call.http, call.secret, body_of(submission, due.decided_by, due.decided_at), submission.id)

    def _of_confirmation(self, due: Due) -> _Outgoing | None:
        """Return the outcome, for an address that the window's file still allows."""
        with self._database.application() as connection:
            found = confirmations.by_id(connection, due.confirmation or "")
        window = self._windows.get(due.window_name)
        if window is None or found is None or found.callback is None:
            return None
        callback = callback_for(window.callbacks, found.callback)
        if callback is None:
            return None
        body = outcome_of(found, due.decided_at)
        return _Outgoing(found.callback, callback.secret, body, f"confirmation-{found.id}")

    def _secret(self, written: str) -> str | None:
        """Return the secret that is referred to, empty where none is; None if its variable is not set."""
        if not written:
            return ""
        found = _REFERENCE.fullmatch(written.strip())
        return (self._environment.get(found[1], "") or None) if found else None


def pause(attempt: int) -> float:
    """Return how long to wait after so many attempts: longer each time, a little by chance."""
    longer = min(_FIRST_PAUSE_S * 2.0 ** (attempt - 1), _LONGEST_PAUSE_S)
    return longer * uniform(1.0, 1.25)  # noqa: S311 spreads, not hides
