"""What may go wrong on the way: faults that a test orders, random ones, and Slack's limit on messages a channel."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from threading import Lock
from typing import Literal

Kind = Literal["drop_before", "drop_after", "error_before", "error_after", "rate_limited", "delay"]
CHAOS: tuple[Kind, ...] = ("drop_before", "drop_after", "error_before", "error_after", "rate_limited")


@dataclass(frozen=True)
class Fault:
    """``before`` faults leave the state untouched, ``after`` faults act and hide it from the caller.

    ``drop`` closes the connection without an answer, ``error`` answers 500, ``rate_limited`` 429 with ``retry_after``
    seconds, ``delay`` waits ``seconds`` before acting.
    """

    kind: Kind
    seconds: float = 0.0
    retry_after: int = 1


@dataclass
class _Order:
    pattern: str
    fault: Fault
    left: int


@dataclass
class Faults:
    """Faults for requests to come, the first ordered the first to happen. ``happened`` lists (method, kind)."""

    happened: list[tuple[str, Kind]] = field(default_factory=list)
    _orders: list[_Order] = field(default_factory=list)
    _chaos: tuple[float, random.Random, Sequence[Kind]] | None = None
    _lock: Lock = field(default_factory=Lock)

    def add(self, method: str, kind: Kind, times: int = 1, *, seconds: float = 0.0, retry_after: int = 1) -> None:
        """Let the next ``times`` requests to methods that match the pattern (``chat.*``, ``*``) meet a fault."""
        with self._lock:
            self._orders.append(_Order(method, Fault(kind, seconds, retry_after), times))

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()
            self._chaos = None

    def chaos(self, rate: float, seed: int, kinds: Sequence[Kind] = CHAOS) -> None:
        """Let a part ``rate`` (0 to 1) of all requests meet a fault of one of the kinds; 0 ends it."""
        with self._lock:
            self._chaos = (rate, random.Random(seed), kinds) if rate else None

    def next(self, method: str) -> Fault | None:
        """Return what happens to this request."""
        with self._lock:
            fault = self._ordered(method) or self._random()
            if fault:
                self.happened.append((method, fault.kind))
            return fault

    def _ordered(self, method: str) -> Fault | None:
        for order in self._orders:
            if order.left > 0 and fnmatch(method, order.pattern):
                order.left -= 1
                return order.fault
        return None

    def _random(self) -> Fault | None:
        if self._chaos is None:
            return None
        rate, dice, kinds = self._chaos
        return Fault(dice.choice(kinds)) if dice.random() < rate else None


@dataclass
class Pace:
    """One message a channel in ``seconds``; None lets all pass."""

    seconds: float | None = None
    _last: dict[tuple[str, str], float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait_for(self, team: str, channel: str, now: float) -> float:
        """Return the seconds to wait, 0 if the message may go; then its time counts."""
        if self.seconds is None:
            return 0.0
        with self._lock:
            wait = self._last.get((team, channel), 0.0) + self.seconds - now
            if wait <= 0:
                self._last[team, channel] = now
            return max(0.0, wait)
