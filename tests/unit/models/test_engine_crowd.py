"""Ten times as many as there is room for: nobody is forgotten, nobody starves, nothing grows."""

import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, sleep

import psutil
import pytest

pytest.importorskip("llama_cpp", reason="needs the extra llama")

from unit.models.conftest import exact
from unit.models.test_engine import PERSONA, assert_nothing_leaks, prompt

from rag_core.models.llama.engine import Engine
from rag_core.models.llama.request import Busy, Cancelled, EngineError, Job, OutOfTime, Priority, Sampling, Ticket
from rag_core.models.llama.runtime import Runtime

SEQUENCES, WAITING = 4, 16
CROWD = 10 * (SEQUENCES + WAITING)
LATE_S = 1.0  # a reader's thread may have to wait for a processor
GROWTH_MB = 4  # a leaked sampler a request is more than that in two crowds


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request ended, and how long after its deadline, seconds."""

    error: type[EngineError] | None
    tokens: int
    late_s: float


def crowd(engine: Engine, runtime: Runtime, chance: random.Random) -> list[Outcome]:
    """Ask two hundred times in a moment, for five windows of which one asks for most; three in ten leave early."""
    shared, outcomes, readers, unwanted = len(prompt(runtime, PERSONA)), [], [], []
    leave = set(chance.sample(range(CROWD), CROWD * 3 // 10))
    for number in range(CROWD):
        window = "busy" if number % 5 else f"quiet-{number % 4}"
        grammar = None if number % 3 else 'root ::= ([a-z] | "天")+'
        job = Job(
            prompt(runtime, f"{PERSONA}{window} {number}"),
            chance.randint(20, 80),
            Sampling(temperature=1.0, seed=number, grammar=grammar, ignore_end=grammar is None),
            shared=shared,
            tenant=window,
            priority=Priority.BATCH if number % 7 == 0 else Priority.PERSON,
            deadline=monotonic() + chance.choice([0.05, 0.5, 20.0]),
        )
        ticket = engine.submit(job)
        readers.append(threading.Thread(target=lambda t=ticket: outcomes.append(read(t))))
        readers[-1].start()
        if number in leave:
            unwanted.append(ticket)
        if unwanted and chance.random() < 0.5:  # some wait by then, some are being written to, some have ended
            unwanted.pop(0).cancel()
        sleep(chance.random() * 0.002)
    for ticket in unwanted:
        ticket.cancel()
    for reader in readers:
        reader.join(60)
    return outcomes


def read(ticket: Ticket) -> Outcome:
    error, tokens = None, 0
    try:
        _, finished = ticket.result()
        tokens = len(finished.tokens)
    except EngineError as raised:
        error = type(raised)
    assert ticket.job.deadline is not None
    return Outcome(error, tokens, monotonic() - ticket.job.deadline)


def test_a_crowd_of_ten_times_the_room(runtime):
    """Two hundred requests, a third of them unwanted, four times over: each gets its answer or its error in time."""
    engine = Engine(runtime, exact(sequences=SEQUENCES, waiting=WAITING, kept=6, kept_cells=100))
    chance, resident = random.Random(4), []
    for _ in range(4):
        outcomes = crowd(engine, runtime, chance)
        kinds = Counter(outcome.error for outcome in outcomes)
        assert len(outcomes) == CROWD
        assert set(kinds) <= {None, Busy, Cancelled, OutOfTime}
        assert min(kinds[kind] for kind in (None, Busy, Cancelled)) > 0
        assert max(outcome.late_s for outcome in outcomes) <= LATE_S
        assert all(outcome.tokens for outcome in outcomes if outcome.error is None)
        resident.append(psutil.Process().memory_info().rss / 2**20)
    engine.stop()
    assert_nothing_leaks(engine, runtime)
    assert resident[-1] - resident[1] < GROWTH_MB


@pytest.mark.parametrize("lengths", [(12, 12), (24, 6), (6, 24)])
def test_no_window_waits_more_than_twice_its_share(runtime, monkeypatch, lengths: Sequence[int]):
    """One window floods; three ask twice each, after it. By then no more is written than twice their equal shares.

    Fair is that the four windows take turns: when a quiet window has its second answer, each has had about two.
    """
    flood, quiet = lengths
    here, steps = threading.Event(), runtime.step
    monkeypatch.setattr(runtime, "step", lambda rows: here.wait() and steps(rows))  # until all have come
    engine = Engine(runtime, exact(sequences=2, waiting=40))
    written: list[tuple[str, int]] = []
    lock = threading.Lock()

    def ask(window: str, number: int, most: int) -> threading.Thread:
        ticket = engine.submit(
            Job(prompt(runtime, f"{window}{number}"), most, Sampling(ignore_end=True), tenant=window)
        )

        def wait() -> None:
            _, finished = ticket.result()
            with lock:
                written.append((window, finished.prompt_tokens + len(finished.tokens)))

        reader = threading.Thread(target=wait)
        reader.start()
        return reader

    readers = [ask("flood", number, flood) for number in range(30)]
    readers += [ask(window, number, quiet) for number in range(2) for window in ("hr", "it", "legal")]
    here.set()
    for reader in readers:
        reader.join(60)
    engine.stop()
    assert_nothing_leaks(engine, runtime)
    last = max(place for place, (window, _) in enumerate(written) if window != "flood")
    before = Counter[str]()
    for window, tokens in written[: last + 1]:
        before[window] += tokens
    share = max(before[window] for window in ("hr", "it", "legal"))
    begun = 2 * (flood + 12)  # what had a place when the others came
    assert before["flood"] <= 2 * share + begun


def test_a_single_question_passes_a_flood(runtime):
    """Who asks once is begun when the next place is free, however many of another window wait."""
    engine = Engine(runtime, exact(sequences=2, waiting=60))
    flood = [
        engine.submit(Job(prompt(runtime, f"{n}"), 20, Sampling(ignore_end=True), tenant="flood")) for n in range(50)
    ]
    engine.submit(Job(prompt(runtime, "特休有幾天？"), 5, tenant="hr")).result()
    assert engine.waiting > 35
    for ticket in flood:
        ticket.cancel()
    engine.stop()
    assert_nothing_leaks(engine, runtime)
