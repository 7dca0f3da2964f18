"""Trouble on demand: connections that break before or after LINE has acted, errors, rate limits, delays."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request; ``status`` None and not ``drops`` lets the true answer through."""

    name: str
    acts: bool = True
    drops: bool = False  # the connection ends without an answer
    status: int | None = None
    delay_s: float = 0.0  # before acting
    late_s: float = 0.0  # between acting and answering


DROP_BEFORE = Fault("drop before acting", acts=False, drops=True)
DROP_AFTER = Fault("drop after acting", drops=True)
FAIL_BEFORE = Fault("500 before acting", acts=False, status=500)
FAIL_AFTER = Fault("500 after acting", status=500)
RATE_LIMITED = Fault("rate limited", acts=False, status=429)

Matches = str | Callable[[str], bool]  # a part of the path, or a predicate on the path


def delayed(seconds: float) -> Fault:
    """Return a fault: LINE acts so much later."""
    return Fault(f"delay of {seconds} s", delay_s=seconds)


def answers_late(seconds: float, then: Fault | None = None) -> Fault:
    """Return a fault: LINE acts at once and answers so much later: a client's time-out strikes after the act."""
    return replace(then or Fault(f"answer after {seconds} s"), late_s=seconds)


@dataclass
class _Planned:
    fault: Fault
    matches: Matches
    left: int


class Faults:
    """A plan of faults; the first that fits a request is used up by it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._planned: list[_Planned] = []
        self._random = random.Random(0)
        self._rate = 0.0
        self._kinds: tuple[Fault, ...] = ()
        self._chaotic: Matches = ""

    def next(self, fault: Fault, times: int = 1, path: Matches = "/v2/bot/message/") -> None:
        """Let the next ``times`` requests whose path matches meet this fault."""
        with self._lock:
            self._planned.append(_Planned(fault, path, times))

    def chaos(self, rate: float, seed: int, kinds: Sequence[Fault], path: Matches) -> None:
        """From now on let this share of the matching requests meet one of these faults, drawn with this seed."""
        with self._lock:
            self._random, self._rate = random.Random(seed), rate
            self._kinds, self._chaotic = tuple(kinds), path

    def clear(self) -> None:
        """Forget every planned fault and end the chaos."""
        with self._lock:
            self._planned.clear()
            self._rate = 0.0

    @property
    def left(self) -> int:
        """How many planned faults no request has met yet."""
        with self._lock:
            return sum(planned.left for planned in self._planned)

    def take(self, path: str) -> Fault | None:
        """Return the fault this request meets, if any."""
        with self._lock:
            for planned in self._planned:
                if planned.left > 0 and _fits(planned.matches, path):
                    planned.left -= 1
                    return planned.fault
            if self._rate and _fits(self._chaotic, path) and self._random.random() < self._rate:
                return self._random.choice(self._kinds)
        return None


def _fits(matches: Matches, path: str) -> bool:
    return matches in path if isinstance(matches, str) else matches(path)
