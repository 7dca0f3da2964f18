"""What the engine is asked, and what it gives back: values, and the ticket through which a reader gets them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Literal

from rag_core.errors import RagError

FinishReason = Literal["stop", "length"]


_ASK_EVERY_S = 0.25
NOT_BEGUN = "The model is busy: the answer could not be begun in time."


class Priority(IntEnum):
    """Who goes first, whatever the window."""

    PERSON = 0
    BATCH = 1


class EngineError(RagError):
    """The engine did not write the answer. ``code`` is the word its server tells it by."""

    code = "failed"
    retryable = True


class Busy(EngineError):
    """Too many wait already, or it could not begin in time."""

    code = "busy"


class OutOfTime(EngineError):
    """The deadline passed while the answer was being written."""

    code = "deadline"


class Cancelled(EngineError):
    """Whoever asked no longer wants the answer."""

    code = "cancelled"


class Broken(EngineError):
    """The model failed, or the engine stops."""

    code = "model_failed"


class TooLong(EngineError):
    """Prompt and answer do not fit together."""

    code = "context_length_exceeded"
    retryable = False

    def __init__(self, prompt: int, most: int, context: int) -> None:
        super().__init__(
            f"The prompt has {prompt} tokens and the answer may take {most}; together {prompt + most}, but the context"
            f" holds {context}. Shorten the prompt, or give the model process a larger TRANSOM_LLAMA__CONTEXT."
        )
        self.prompt, self.most, self.context = prompt, most, context


class BadRequest(EngineError):
    """Something asked for cannot be done as asked."""

    code = "invalid_request"
    retryable = False


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. ``temperature`` 0: always the likeliest."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    repeat_last: int = 64  # tokens
    seed: int | None = None
    grammar: str | None = None  # GBNF, its start is ``root``
    ignore_end: bool = False  # for measuring


@dataclass(frozen=True, slots=True)
class Job:
    """One answer to write: its prompt in tokens, and everything that bears on how and when."""

    prompt: tuple[int, ...]
    max_tokens: int
    sampling: Sampling = Sampling()
    stop: tuple[str, ...] = ()
    shared: int = 0  # so many tokens at the beginning are those of the whole window
    tenant: str = ""
    priority: Priority = Priority.PERSON
    deadline: float | None = None  # on the clock of ``time.monotonic``
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """How an answer ended, and what it took."""

    reason: FinishReason
    prompt_tokens: int
    reused_tokens: int  # of the prompt, taken from the cache
    tokens: tuple[int, ...]  # the answer's


Event = str | Finished | EngineError


class Ticket:
    """A reader's end of a job. Thread-safe; the engine writes, one reader reads."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._cancelled = self._begun = False

    @property
    def cancelled(self) -> bool:
        """Whether nobody wants the rest."""
        return self._cancelled

    def cancel(self) -> None:
        """Say that nobody wants the rest; the engine sees it at its next step."""
        self._cancelled = True

    def put(self, event: Event) -> None:
        """Hand the reader the next thing."""
        self._events.put(event)

    def events(self, wanted: Callable[[], bool] = lambda: True) -> Iterator[str | Finished]:
        """Yield pieces of text, then Finished. Raises EngineError, at the deadline even if the engine says nothing.

        ``wanted`` is asked before each piece and while nothing comes; once it says no, the job is cancelled.
        """
        while True:
            event = self._next(wanted)
            if isinstance(event, EngineError):
                raise event
            yield event
            if isinstance(event, Finished):
                return

    def result(self) -> tuple[str, Finished]:
        """Return the whole text and how it ended. Raises EngineError."""
        *pieces, finished = self.events()
        assert isinstance(finished, Finished)
        return "".join(map(str, pieces)), finished

    def _next(self, wanted: Callable[[], bool]) -> Event:
        deadline = self.job.deadline if self.job.deadline is not None else inf
        while (left := deadline - monotonic()) > 0:
            event = self._there(min(left, _ASK_EVERY_S))
            if (event is None or isinstance(event, str)) and not wanted():
                self.cancel()
                return Cancelled("Nobody waits any more.")
            if event is not None:
                self._begun = True
                return event
        self.cancel()
        return OutOfTime("The deadline passed before the answer's end.") if self._begun else Busy(NOT_BEGUN)

    def _there(self, wait_s: float) -> Event | None:
        try:
            return self._events.get(timeout=wait_s)
        except Empty:
            return None
