"""A circuit breaker: a model server that keeps failing is left alone for a while, so that nobody waits for it.

Closed, requests go through. After some failures in a row it opens: every request is refused at once. When the pause is
over, one request goes through on trial (half-open): if it is answered the breaker closes, if not the pause doubles.
The pattern: Michael T. Nygard, Release It!, chapter "Stability Patterns".
"""

from collections.abc import Callable, Iterator
from threading import RLock
from time import monotonic
from typing import Literal

from rag_core.errors import GeneratorUnavailable
from rag_core.models.ports import Generator
from rag_core.types import GenerationRequest

State = Literal["closed", "open", "half-open"]


class Breaker:
    """Decides who may ask. ``on_change`` hears each new state in order; it must be quick and never raise."""

    def __init__(
        self,
        *,
        failures: int = 3,
        pause_s: float = 10.0,
        longest_pause_s: float = 60.0,
        on_change: Callable[[State], None] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._limit, self._first_pause_s, self._longest_pause_s = failures, pause_s, longest_pause_s
        self._on_change, self._clock = on_change or (lambda _: None), clock
        self._lock, self._state, self._age = RLock(), "closed", 0
        self._failures, self._pause_s, self._until = 0, pause_s, 0.0

    @property
    def state(self) -> State:
        """The state now: open until a request is on trial, also when the pause is over."""
        return self._state  # type: ignore[return-value]  # only _become sets it

    def begin(self) -> int:
        """Return a ticket for one request, to be handed to ``end``. Raises GeneratorUnavailable while open."""
        with self._lock:
            if self._state == "open" and self._clock() >= self._until:
                self._become("half-open")
            elif self._state != "closed":
                raise GeneratorUnavailable("The model server kept failing and is left alone for a moment.")
            return self._age

    def end(self, ticket: int, worked: bool | None) -> None:
        """Take what became of a request; None where it tells nothing. One from before the last change is ignored."""
        with self._lock:
            if ticket != self._age:
                return
            trial = self._state == "half-open"
            if worked:
                self._failures, self._pause_s = 0, self._first_pause_s
                if trial:
                    self._become("closed")
            elif worked is None:
                if trial:  # the next request is the trial instead
                    self._become("open")
            else:
                self._fail(trial=trial)

    def _fail(self, *, trial: bool) -> None:
        self._failures += 1
        if trial:
            self._pause_s = min(2 * self._pause_s, self._longest_pause_s)
        if trial or self._failures >= self._limit:
            self._until = self._clock() + self._pause_s
            self._become("open")

    def _become(self, state: State) -> None:
        self._state, self._age = state, self._age + 1
        self._on_change(state)


class GuardedGenerator:
    """A generator behind a breaker. Busy is well, and so is a refused request; a reader who leaves tells nothing."""

    def __init__(self, generator: Generator, breaker: Breaker) -> None:
        self._generator, self._breaker = generator, breaker
        self.name, self.leaves_company = generator.name, generator.leaves_company

    def generate(self, request: GenerationRequest) -> Iterator[str]:
        """Yield the answer in pieces. Raises GeneratorUnavailable, at once while the breaker is open."""
        ticket = self._breaker.begin()
        worked: bool | None = False
        try:
            yield from self._generator.generate(request)
            worked = True
        except GeneratorUnavailable as error:
            worked = {"failed": False, "loading": None}.get(error.reason, True)
            raise
        except GeneratorExit:
            worked = None
            raise
        finally:
            self._breaker.end(ticket, worked)
