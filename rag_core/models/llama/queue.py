"""Who is next: persons before batch jobs, and among windows the one that has had the least so far.

Each window (tenant) has a clock of the tokens it was served (start-time fair queueing; Goyal, Vin and Cheng, 1996): the
next request is the first of the window whose clock shows least. A window that comes back does not get the time it
was away.
"""

from collections import deque
from dataclasses import dataclass, field

from rag_core.models.llama.request import Priority, Ticket


@dataclass(slots=True)
class _Line:
    """A window's waiting requests, persons and batch jobs apart."""

    served: float = 0.0  # tokens
    waiting: dict[Priority, deque[Ticket]] = field(default_factory=lambda: {p: deque() for p in Priority})

    def __len__(self) -> int:
        return sum(map(len, self.waiting.values()))


class FairQueue:
    """Holds at most ``capacity`` waiting requests. Not thread-safe: its owner has a lock."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lines: dict[str, _Line] = {}
        self._now = 0.0  # the clock of the window served last

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def put(self, ticket: Ticket) -> Ticket | None:
        """Let a request wait; return the one that has to go for it, which may be itself, or None."""
        refused = self._make_room(ticket) if len(self) >= self._capacity else None
        if refused is not ticket:
            line = self._lines.setdefault(ticket.job.tenant, _Line(self._now))
            if not len(line):
                line.served = max(line.served, self._now)
            line.waiting[ticket.job.priority].append(ticket)
        return refused

    def peek(self) -> Ticket | None:
        """Return who is next, None if nobody waits."""
        for priority in Priority:
            lines = [line for line in self._lines.values() if line.waiting[priority]]
            if lines:
                return min(lines, key=lambda line: line.served).waiting[priority][0]
        return None

    def remove(self, ticket: Ticket) -> None:
        """Take a request out."""
        self._lines[ticket.job.tenant].waiting[ticket.job.priority].remove(ticket)

    def charge(self, tenant: str, tokens: int, *, starts: bool = False) -> None:
        """Count what a window was served."""
        line = self._lines.setdefault(tenant, _Line(self._now))
        if starts:
            self._now = max(self._now, line.served)
        line.served += tokens

    def take_ended(self, now: float) -> list[Ticket]:
        """Take out and return the requests that nobody wants any more or whose deadline has passed."""
        ended = [t for t in self._all() if t.cancelled or (t.job.deadline is not None and t.job.deadline <= now)]
        for ticket in ended:
            self.remove(ticket)
        self._forget_idle()
        return ended

    def take_all(self) -> list[Ticket]:
        """Take out and return all."""
        waiting = self._all()
        self._lines.clear()
        return waiting

    def _all(self) -> list[Ticket]:
        return [ticket for line in self._lines.values() for each in line.waiting.values() for ticket in each]

    def _make_room(self, arriving: Ticket) -> Ticket:
        """Return who is refused: the last of the longest line; in the newcomer's own, a batch job for a person."""
        longest = max(self._lines, key=lambda tenant: len(self._lines[tenant]))
        line, own = self._lines[longest], self._lines.get(arriving.job.tenant) or _Line()
        if len(line) <= len(own) + 1:
            if arriving.job.priority is Priority.BATCH or not own.waiting[Priority.BATCH]:
                return arriving
            return own.waiting[Priority.BATCH].pop()
        last = next(line.waiting[priority][-1] for priority in reversed(Priority) if line.waiting[priority])
        self.remove(last)
        return last

    def _forget_idle(self) -> None:
        """Forget windows that have had no more than those that wait: they would begin at that anyway."""
        idle = [tenant for tenant, line in self._lines.items() if not len(line) and line.served <= self._now]
        for tenant in idle:
            del self._lines[tenant]
