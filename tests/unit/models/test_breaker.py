"""A server that keeps failing is left alone, one request tries it again, and nothing else counts as failing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest

from rag_core.errors import GeneratorUnavailable
from rag_core.models.breaker import Breaker, GuardedGenerator
from rag_core.types import Evidence, GenerationRequest

REQUEST = GenerationRequest("特休？", "zh", "", (), Evidence({}, {}))


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scripted:
    """Says "好" and ends as told: with an error, or well where there is none."""

    name: str = "openai:m"
    leaves_company: bool = True
    error: Exception | None = None
    calls: int = 0

    def generate(self, request: GenerationRequest) -> Iterator[str]:
        self.calls += 1
        yield "好"
        if self.error:
            raise self.error
        yield "。"


class Guarded:
    """A breaker, its clock, what it told, and a generator behind it."""

    def __init__(self) -> None:
        self.clock, self.told = Clock(), []
        self.breaker = Breaker(on_change=self.told.append, clock=self.clock)
        self.inner = Scripted()
        self.generator = GuardedGenerator(self.inner, self.breaker)

    def ask(self, error: Exception | None = None) -> bool:
        """Return whether an answer came; ``error`` is how the inner one ends."""
        self.inner.error = error
        try:
            return list(self.generator.generate(REQUEST)) == ["好", "。"]
        except (GeneratorUnavailable, ZeroDivisionError):
            return False

    def fail(self, times: int) -> None:
        for _ in range(times):
            assert not self.ask(GeneratorUnavailable("down"))


@pytest.fixture
def guarded() -> Guarded:
    return Guarded()


def test_it_is_the_generator_it_guards(guarded):
    """Name and whereabouts are those of the inner one."""
    assert (guarded.generator.name, guarded.generator.leaves_company) == ("openai:m", True)
    assert guarded.ask()


def test_three_failures_in_a_row_open_it(guarded):
    """Then nobody waits: the server is not asked at all."""
    guarded.fail(2)
    assert guarded.breaker.state == "closed"
    guarded.fail(1)
    assert (guarded.breaker.state, guarded.told) == ("open", ["open"])
    with pytest.raises(GeneratorUnavailable, match="left alone"):
        list(guarded.generator.generate(REQUEST))
    assert guarded.inner.calls == 3


def test_an_answer_between_failures_begins_the_count_anew(guarded):
    """A server that fails now and then is not left alone."""
    for _ in range(3):
        guarded.fail(2)
        assert guarded.ask()
    assert guarded.told == []


def test_after_the_pause_one_answer_closes_it(guarded):
    """Ten seconds later the next request is the trial."""
    guarded.fail(3)
    guarded.clock.now += 9.9
    assert not guarded.ask()
    guarded.clock.now += 0.2
    assert guarded.ask()
    assert guarded.told == ["open", "half-open", "closed"]


def test_the_pauses_begin_small_again_after_an_answer(guarded):
    """What was long because the server was down is ten seconds the next time."""
    guarded.fail(3)
    guarded.clock.now += 10.1
    guarded.fail(1)
    guarded.clock.now += 20.1
    assert guarded.ask()
    guarded.fail(3)
    guarded.clock.now += 10.1
    assert guarded.ask()


def test_a_failed_trial_doubles_the_pause_up_to_a_minute(guarded):
    """10, 20, 40, 60, 60 seconds."""
    guarded.fail(3)
    for pause in (10, 20, 40, 60, 60):
        guarded.clock.now += pause - 0.1
        guarded.fail(1)
        assert guarded.breaker.state == "open"
        calls = guarded.inner.calls
        guarded.clock.now += 0.2
        guarded.fail(1)
        assert guarded.inner.calls == calls + 1


@pytest.mark.parametrize("reason", ["busy", "refused"])
def test_a_server_that_is_well_does_not_open_it(guarded, reason):
    """Too much to do, or not this request: it answers, which also closes an open breaker."""
    for _ in range(5):
        guarded.ask(GeneratorUnavailable("no", reason=reason))
    assert guarded.told == []
    guarded.fail(3)
    guarded.clock.now += 11
    guarded.ask(GeneratorUnavailable("no", reason=reason))
    assert guarded.breaker.state == "closed"


def test_a_server_that_loads_is_neither_well_nor_failing(guarded):
    """Loading does not open it, nor does it forget the failures before."""
    for _ in range(5):
        guarded.ask(GeneratorUnavailable("not yet", reason="loading"))
    assert guarded.told == []
    guarded.fail(2)
    guarded.ask(GeneratorUnavailable("not yet", reason="loading"))
    guarded.fail(1)
    assert guarded.breaker.state == "open"


def test_a_reader_who_leaves_is_no_failure(guarded):
    """Whoever closes the page tells nothing about the server."""
    for _ in range(5):
        pieces = guarded.generator.generate(REQUEST)
        next(pieces)
        pieces.close()
    assert guarded.told == []


def test_a_trial_that_the_reader_leaves_goes_to_the_next(guarded):
    """The breaker neither closes nor waits for ever; the request after is the trial."""
    guarded.fail(3)
    guarded.clock.now += 11
    pieces = guarded.generator.generate(REQUEST)
    next(pieces)
    pieces.close()
    assert guarded.breaker.state == "open"
    assert guarded.ask()
    assert guarded.breaker.state == "closed"


def test_a_mistake_of_ours_counts_as_a_failure(guarded):
    """An error of another kind passes through, and the trial is not held for ever."""
    for _ in range(3):
        guarded.ask(ZeroDivisionError())
    assert guarded.breaker.state == "open"


def test_only_one_request_is_on_trial(guarded):
    """While it runs, all others are refused at once, however many come together."""
    guarded.fail(3)
    guarded.clock.now += 11
    guarded.inner.error = None
    calls = guarded.inner.calls
    together = Barrier(8)
    streams = []

    def first_piece() -> bool:
        stream = guarded.generator.generate(REQUEST)
        together.wait()
        try:
            next(stream)
        except GeneratorUnavailable:
            return False
        streams.append(stream)  # still going on
        return True

    with ThreadPoolExecutor(8) as pool:
        through = [future.result() for future in [pool.submit(first_piece) for _ in range(8)]]
    assert (through.count(True), guarded.inner.calls - calls) == (1, 1)
    assert guarded.breaker.state == "half-open"
    assert list(streams[0]) == ["。"]
    assert guarded.breaker.state == "closed"


def test_an_answer_from_before_does_not_speak_for_now(guarded):
    """A stream that began before the failures neither closes the breaker when it ends nor lengthens the pause."""
    fine, failing = guarded.generator.generate(REQUEST), guarded.generator.generate(REQUEST)
    next(fine)
    next(failing)
    guarded.fail(3)
    guarded.clock.now += 5
    with pytest.raises(GeneratorUnavailable):
        list(failing)
    guarded.inner.error = None
    assert list(fine) == ["。"]
    assert guarded.told == ["open"]
    guarded.clock.now += 5.1
    assert guarded.ask()


def test_a_generator_that_is_never_read_takes_no_trial(guarded):
    """Nothing happens before the first piece is asked for."""
    guarded.fail(3)
    guarded.clock.now += 11
    guarded.generator.generate(REQUEST)
    assert guarded.breaker.state == "open"
    assert guarded.ask()
