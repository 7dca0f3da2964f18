"""Continuous batching: one thread owns the model, and each step carries a token of every answer being written.

A step takes first the next token of each answer, then, in what room is left, pieces of the prompts of those that have
not begun. So nobody waits for another's answer to end, and a long prompt does not hold up those who are being told.
Beginnings that were computed before are taken from the cache (``cells``); one that is being computed for somebody is
waited for, so that ten people who ask one window at once compute its instructions once.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Thread
from time import monotonic

import structlog

from rag_core.models.llama.cells import Cells, Keeping, KVSequence
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.queue import FairQueue
from rag_core.models.llama.request import (
    NOT_BEGUN,
    BadRequest,
    Broken,
    Busy,
    Cancelled,
    EngineError,
    Event,
    Finished,
    FinishReason,
    Job,
    OutOfTime,
    Ticket,
    TooLong,
)
from rag_core.models.llama.runtime import Row, Runtime, offloads, sequences
from rag_core.models.llama.sampler import Sampler
from rag_core.models.llama.shelf import Shelved, common
from rag_core.models.llama.spelling import Spelling

log = structlog.get_logger()

_WORTH_WAITING = 32  # tokens that somebody else is computing just now
_KEPT_ON_GPU = 1024  # tokens
_IDLE_S = 0.5  # between looks at deadlines while nobody is written to


@dataclass(slots=True)
class _Writing:
    """An answer being written."""

    ticket: Ticket
    sequence: KVSequence
    sampler: Sampler
    spelling: Spelling
    answer: list[int] = field(default_factory=list)
    reused: int = 0
    begun: bool = False
    held: str = ""  # text that is not handed over yet
    heard: bool = False  # its reader has had a piece

    @property
    def job(self) -> Job:
        return self.ticket.job

    @property
    def left(self) -> int:
        """Tokens of the prompt that are still to be computed."""
        return max(0, len(self.job.prompt) - len(self.sequence.tokens))

    @property
    def outstanding(self) -> int:
        """Cells that it may yet take."""
        return len(self.job.prompt) + self.job.max_tokens - len(self.sequence.tokens)

    def hand_over(self) -> None:
        """Give the reader what is held."""
        if self.held:
            self.ticket.put(self.held)
            self.held, self.heard = "", True


@dataclass(slots=True)
class Figures:
    """What the engine has done since it began; read by anybody, written by its thread."""

    steps: int = 0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    answer_tokens: int = 0
    finished: int = 0
    refused: int = 0
    cancelled: int = 0


class Engine:
    """Writes many answers at once. ``submit`` is for any thread; ``on_failure`` is called if the model breaks."""

    def __init__(self, runtime: Runtime, options: EngineOptions, on_failure: Callable[[], None] = lambda: None) -> None:
        self._runtime, self._options, self._on_failure = runtime, options, on_failure
        self._queue = FairQueue(options.waiting)
        self._cells = Cells(runtime, runtime.context, sequences(options), _keeping(runtime, options))
        self._writing: list[_Writing] = []
        self._changed = Condition()
        self._stopping = False
        self._broken: Broken | None = None
        self._adapter: str | None = None
        self._served: Counter[str] = Counter()
        self._handed_over = monotonic()
        self.figures = Figures()
        self._thread = Thread(target=self._run, name="transom-engine", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        with self._changed:  # the engine's thread changes what is counted
            return len(self._queue)

    @property
    def writing(self) -> int:
        """How many answers are being written."""
        return len(self._writing)

    def submit(self, job: Job) -> Ticket:
        """Let a job wait for its turn. Raises TooLong, BadRequest, Broken; the ticket may tell Busy."""
        self._check(job)
        ticket = Ticket(job)
        with self._changed:
            if self._broken or self._stopping:
                raise self._broken or Broken("The model process is stopping.")
            self._refuse_ended(monotonic())  # they take nobody's place
            if refused := self._queue.put(ticket):
                self._refuse(refused, Busy("Too many are waiting for the model."))
            self._changed.notify()
        return ticket

    def stop(self, *, drain_s: float = 0.0) -> None:
        """Take no more jobs, end those there are within ``drain_s`` seconds, and cancel what is left then."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(drain_s)
        with self._changed:
            for ticket in (*self._queue.take_all(), *(w.ticket for w in self._writing)):
                ticket.cancel()
                ticket.put(Broken("The model process is stopping."))
        self._thread.join()

    def _check(self, job: Job) -> None:
        if not job.prompt or job.max_tokens < 1:
            raise BadRequest("A prompt and at least one token for the answer are needed.")
        if job.adapter is not None and job.adapter not in self._options.adapters:
            raise BadRequest(
                f"There is no adapter {job.adapter}; there are: {', '.join(self._options.adapters) or '-'}."
            )
        if len(job.prompt) + job.max_tokens > self._runtime.context:
            raise TooLong(len(job.prompt), job.max_tokens, self._runtime.context)

    # --- everything below runs in the engine's thread ---

    def _run(self) -> None:
        try:
            while self._look_around():
                self._step()
        except Exception as error:
            log.error("the model failed", error=type(error).__name__)
            self._break(error if isinstance(error, Broken) else Broken("The model process had an error of its own."))
        for writing in self._writing:
            writing.sampler.close()
            self._cells.end(writing.sequence)
        self._writing.clear()
        self._cells.forget()

    def _look_around(self) -> bool:
        """Take out who has ended, let in who is next; wait while there is nothing to do. False: stop."""
        with self._changed:
            while True:
                self._take_out_ended()
                self._let_in()
                if self._writing:
                    return True
                if self._stopping and not len(self._queue):
                    return False
                self._changed.wait(_IDLE_S if len(self._queue) else None)

    def _take_out_ended(self) -> None:
        now = monotonic()
        for tenant, tokens in self._served.items():
            self._queue.charge(tenant, tokens)
        self._served.clear()
        self._refuse_ended(now)
        for writing in tuple(self._writing):
            deadline = writing.job.deadline
            if writing.ticket.cancelled:
                self.figures.cancelled += 1
                self._end(writing, Cancelled("Nobody waits any more."))
            elif deadline is not None and deadline <= now:
                self._end(writing, OutOfTime("The deadline passed before the answer's end."))

    def _refuse_ended(self, now: float) -> None:
        for ticket in self._queue.take_ended(now):
            if ticket.cancelled:
                self.figures.cancelled += 1
                ticket.put(Cancelled("Nobody waits any more."))
            else:
                self._refuse(ticket, Busy(NOT_BEGUN))

    def _let_in(self) -> None:
        while len(self._writing) < self._options.sequences and (ticket := self._queue.peek()):
            if self._writing and ticket.job.adapter != self._adapter:
                return  # a step has one adapter: those who are being written to come to their end first
            if not self._has_room(ticket.job):
                return
            self._queue.remove(ticket)
            self._begin(ticket)

    def _has_room(self, job: Job) -> bool:
        promised = sum(w.outstanding for w in self._writing)
        return self._cells.room_without_kept() - promised >= len(job.prompt) + job.max_tokens - self._known(job)

    def _known(self, job: Job) -> int:
        """Return how much of a prompt somebody who is being written to has computed: no room is needed for it."""
        return max((common(w.sequence.tokens, job.prompt) for w in self._writing), default=0)

    def _begin(self, ticket: Ticket) -> None:
        job = ticket.job
        try:
            sampler = self._runtime.sampler(job.sampling)
        except BadRequest as error:
            self._refuse(ticket, error)
            return
        if job.adapter != self._adapter:
            self._runtime.use(job.adapter)
            self._adapter = job.adapter
        sequence = self._cells.begin(job.adapter)
        assert sequence is not None, "there are more sequences than answers written at once"
        self._writing.append(_Writing(ticket, sequence, sampler, Spelling(job.stop)))
        self._queue.charge(job.tenant, len(job.prompt), starts=True)

    def _step(self) -> None:
        rows: list[Row] = []
        asked: list[tuple[_Writing, int]] = []  # whose next token which row gives
        grown: list[tuple[_Writing, list[int]]] = []
        for writing in self._writing:
            if writing.answer:
                self._add(rows, writing, [writing.answer[-1]], asked, grown)
        budget = self._options.batch if not rows else len(rows) + self._options.prompt_chunk
        for writing in self._writing:
            room = min(budget, self._options.batch) - len(rows)
            if not writing.answer and room > 0 and self._may_begin(writing):
                done = len(writing.sequence.tokens)
                self._add(rows, writing, list(writing.job.prompt[done : done + room]), asked, grown)
        self._compute(rows, grown)
        # All are chosen before the first is handed over: readers that wake up would hold up the choosing of the rest.
        chosen = [(writing, self._choose(writing, row)) for writing, row in asked]
        for writing, token in chosen:
            self._write(writing, token)
        self._hand_over()

    def _add(
        self,
        rows: list[Row],
        writing: _Writing,
        tokens: list[int],
        asked: list[tuple[_Writing, int]],
        grown: list[tuple[_Writing, list[int]]],
    ) -> None:
        sequence, done = writing.sequence, len(writing.sequence.tokens)
        ends = done + len(tokens) >= len(writing.job.prompt)
        for place, token in enumerate(tokens):
            last = ends and place == len(tokens) - 1
            rows.append(Row(token, sequence.number, done + place, last))
        grown.append((writing, tokens))
        if ends:
            asked.append((writing, len(rows) - 1))

    def _may_begin(self, writing: _Writing) -> bool:
        """Take what the cache has of a prompt that has not begun; False if more of it is about to be there."""
        if writing.begun:
            return True
        most = len(writing.job.prompt) - 1  # the last token is always computed: what follows it is asked for
        prompt = writing.job.prompt[:most]
        own = writing.sequence
        known = [s for s in self._cells.kept if s.adapter == own.adapter]
        others = [w for w in self._writing if w is not writing and w.begun] if self._runtime.reuses else []
        sources = [(common(s.tokens, prompt), s) for s in (*known, *(w.sequence for w in others))]
        length, source = max(sources, key=lambda pair: pair[0], default=(0, own))
        put_by, shelved = self._cells.shelf.like(prompt, own.adapter)
        soon = max((common(w.job.prompt, prompt) for w in others if w.left), default=0)
        if soon >= max(length, put_by) + _WORTH_WAITING:
            return False
        if shelved and put_by >= length + _WORTH_WAITING and self._takes_down(writing, shelved, put_by):
            length = put_by
        elif length:
            self._cells.begin_like(own, source, length)
        writing.begun, writing.reused = True, length
        return True

    def _takes_down(self, writing: _Writing, shelved: Shelved, length: int) -> bool:
        """Begin with what was put by, if its room was not promised to others."""
        others = sum(w.outstanding for w in self._writing if w is not writing)
        wanted = len(shelved.tokens) + writing.outstanding - length
        if self._cells.room_without_kept() - others < wanted:
            return False
        return self._cells.begin_with(writing.sequence, shelved, length)

    def _compute(self, rows: list[Row], grown: list[tuple[_Writing, list[int]]]) -> None:
        """Compute the rows and count what they took."""
        self._cells.make_room(len(rows))
        while not self._runtime.step(rows):
            if not self._cells.kept:
                raise Broken("The cache has no room, though it was counted on.")
            self._cells.forget()
        for writing, tokens in grown:
            self._cells.grow(writing.sequence, tokens)
            if not writing.answer:
                self.figures.prompt_tokens += len(tokens)
                self._keep_shared(writing)
        self.figures.steps += 1

    def _keep_shared(self, writing: _Writing) -> None:
        """Keep the beginning that a window's questions share, once it is computed, for as long as there is room."""
        length, tokens = writing.job.shared, writing.sequence.tokens
        if not self._runtime.reuses or not _WORTH_WAITING <= length <= len(tokens):
            return
        if any(s.shared and s.tokens == tokens[:length] and s.adapter == self._adapter for s in self._cells.kept):
            return
        if shared := self._cells.begin(self._adapter):
            self._cells.begin_like(shared, writing.sequence, length)
            self._cells.keep(shared, shared=True)

    def _choose(self, writing: _Writing, row: int) -> int | BadRequest:
        """Return the answer's next token, or why there is none."""
        try:
            return writing.sampler.next(row)
        except BadRequest as error:
            return error

    def _write(self, writing: _Writing, token: int | BadRequest) -> None:
        """Take the answer's next token."""
        if isinstance(token, BadRequest):
            self._end(writing, token)
            return
        if self._runtime.ends(token):
            self._finish(writing, "stop")
            return
        writing.answer.append(token)
        self._served[writing.job.tenant] += 1
        self.figures.answer_tokens += 1
        writing.held += writing.spelling.feed(self._runtime.pieces(token))
        if writing.spelling.stopped:
            self._finish(writing, "stop")
        elif len(writing.answer) >= writing.job.max_tokens:
            self._finish(writing, "length")

    def _hand_over(self) -> None:
        """Give everybody's reader what is held when it is time again; an answer's first words at once."""
        now = monotonic()
        due = now - self._handed_over >= self._options.hand_over_s
        for writing in self._writing:
            if due or not writing.heard:
                writing.hand_over()
        if due:
            self._handed_over = now

    def _finish(self, writing: _Writing, reason: FinishReason) -> None:
        writing.held += writing.spelling.close()
        self.figures.finished += 1
        self.figures.reused_tokens += writing.reused
        prompt = len(writing.job.prompt)
        self._end(writing, Finished(reason, prompt, writing.reused, tuple(writing.answer)))

    def _end(self, writing: _Writing, event: Event) -> None:
        self._writing.remove(writing)
        writing.hand_over()
        writing.ticket.put(event)
        writing.sampler.close()
        self._cells.keep(writing.sequence)

    def _refuse(self, ticket: Ticket, error: EngineError) -> None:
        self.figures.refused += 1
        ticket.put(error)

    def _break(self, error: Broken) -> None:
        with self._changed:
            self._broken = error
            for ticket in (*self._queue.take_all(), *(w.ticket for w in self._writing)):
                ticket.put(error)
        self._on_failure()


def _keeping(runtime: Runtime, options: EngineOptions) -> Keeping:
    """Return what stays of what nobody writes on: nothing, where no sequence may begin as another does."""
    shelf = options.shelf_bytes if options.shelf_bytes is not None else runtime.spare_bytes
    by_default = _KEPT_ON_GPU if offloads() and options.gpu_layers else 0
    cells = by_default if options.kept_cells is None else options.kept_cells
    return Keeping(options.kept, cells, shelf) if runtime.reuses else Keeping(0, 0, 0)
