"""The engine writes what llama-cpp-python's own class would, for many at once and whatever else happens."""

import random
from collections.abc import Iterator, Sequence
from math import inf
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("llama_cpp", reason="needs the extra llama")

from models import tiny_model
from unit.models.conftest import exact

from rag_core.models.llama.engine import Engine
from rag_core.models.llama.request import (
    BadRequest,
    Broken,
    Busy,
    Cancelled,
    Finished,
    Job,
    OutOfTime,
    Sampling,
    Ticket,
    TooLong,
)
from rag_core.models.llama.runtime import Runtime

PERSONA = "你是 A 公司的人資窗口，語氣親切，只根據公司規章回答。每一句話後面用編號標出依據哪一段資料。" * 2
QUESTIONS = ["特休有幾天？", "How many days of leave?", "加班費怎麼算？" * 20, "出差住宿費上限", "a", "鑫龘" * 30]


@pytest.fixture
def engine(runtime: Runtime) -> Iterator[Engine]:
    """An engine for four answers at once that keeps few caches, so that they are put by and dropped all the time."""
    made = Engine(runtime, exact(sequences=4, kept=5, kept_cells=200, waiting=64))
    yield made
    made.stop()
    assert_nothing_leaks(made, runtime)


def assert_nothing_leaks(engine: Engine, runtime: Runtime) -> None:
    """Every cell and every sequence is back, in our books and in llama.cpp's."""
    assert engine._cells.free == runtime.context
    assert engine.writing == engine.waiting == 0
    assert {runtime.highest_position(n) for n in range(24)} == {-1}


def prompt(runtime: Runtime, text: str) -> tuple[int, ...]:
    return tuple(runtime.tokens(text, special=True, begin=True))


@pytest.fixture(scope="session")
def alone():
    """What ``Llama`` writes to a prompt, greedily, one request at a time."""
    from llama_cpp import GGML_TYPE_F32, Llama

    model = Llama(
        str(tiny_model()), n_ctx=2048, n_threads=1, n_threads_batch=1, type_k=GGML_TYPE_F32, type_v=GGML_TYPE_F32,
        flash_attn=False, verbose=False,
    )  # fmt: skip
    known: dict[tuple[tuple[int, ...], int], list[int]] = {}

    def write(tokens: Sequence[int], most: int) -> list[int]:
        key = (tuple(tokens), most)
        if key not in known:
            model.reset()
            known[key] = []
            for token in model.generate(list(tokens), temp=0.0, top_k=1):
                if token == model.token_eos():
                    break
                known[key].append(token)
                if len(known[key]) == most:
                    break
        return known[key]

    yield write
    model.close()


def test_sixteen_mixed_requests_equal_llama_token_for_token(engine, runtime, alone):
    """Sharing a window's beginning, cancelled neighbours and dropped caches change no token."""
    texts = [PERSONA * (n % 3) + QUESTIONS[n % len(QUESTIONS)] + str(n) for n in range(16)]
    shared = len(prompt(runtime, PERSONA))
    jobs = [Job(prompt(runtime, text), 10 + 7 * (n % 5), shared=shared * (n % 3 > 0)) for n, text in enumerate(texts)]
    nuisances = [Job(prompt(runtime, PERSONA + f"{n}" * 40), 400, shared=shared) for n in range(6)]
    tickets: list[Ticket] = []
    for n, job in enumerate(jobs):
        if n % 3 == 0 and nuisances:
            unwanted = engine.submit(nuisances.pop())
            tickets.append(engine.submit(job))
            unwanted.cancel()
        else:
            tickets.append(engine.submit(job))
    for job, ticket in zip(jobs, tickets, strict=True):
        _, finished = ticket.result()
        assert list(finished.tokens) == alone(job.prompt, job.max_tokens)
    assert engine.figures.reused_tokens > shared
    assert engine.figures.cancelled == 6


def test_a_windows_beginning_is_computed_once(engine, runtime):
    """Eight who ask one window at the same time share the computing of its instructions, also later."""
    shared = len(prompt(runtime, PERSONA))
    jobs = [Job(prompt(runtime, PERSONA + f"第 {n} 題"), 4, shared=shared) for n in range(8)]
    for ticket in [engine.submit(job) for job in jobs]:
        ticket.result()
    assert engine.figures.prompt_tokens < shared + 8 * 30
    for n in range(8):  # what others leave behind pushes the conversations out, not the window's beginning
        engine.submit(Job(prompt(runtime, f"{n} 別的事" * 20), 4)).result()
    _, finished = engine.submit(jobs[0]).result()
    assert finished.reused_tokens >= shared


def test_a_conversation_goes_on_from_its_cache(engine, runtime, alone):
    """A follow-up computes only what is new, and says what it would have said without a cache."""
    first = prompt(runtime, PERSONA + "特休有幾天？")
    _, finished = engine.submit(Job(first, 12)).result()
    longer = (*first, *finished.tokens, *runtime.tokens("那病假呢？", special=False, begin=False))
    _, again = engine.submit(Job(longer, 12)).result()
    assert again.reused_tokens >= len(first) + 11
    assert list(again.tokens) == alone(longer, 12)


@pytest.mark.parametrize("kept_cells", [0, 2048])
def test_what_was_put_by_is_taken_up_again(runtime, alone, kept_cells: int):
    """A window's beginning comes from the cache or, where nothing may lie idle there, from the shelf: same words."""
    engine = Engine(runtime, exact(sequences=2, kept_cells=kept_cells))
    shared = len(prompt(runtime, PERSONA))
    try:
        for question in QUESTIONS:
            job = Job(prompt(runtime, PERSONA + question), 12, shared=shared)
            _, finished = engine.submit(job).result()
            assert list(finished.tokens) == alone(job.prompt, 12)
            assert (finished.reused_tokens >= shared) == (question != QUESTIONS[0])
        assert (engine._cells.free == runtime.context) == (kept_cells == 0)
        assert (engine._cells.shelf.size > 0) == (kept_cells == 0)
    finally:
        engine.stop()
    assert_nothing_leaks(engine, runtime)


def test_what_was_put_by_waits_where_its_room_is_promised(runtime, alone):
    """It is computed anew, in the cells that it was promised itself, while another answer may take all the rest."""
    engine = Engine(runtime, exact(sequences=2, kept_cells=0))
    text = prompt(runtime, PERSONA * 2)
    engine.submit(Job((*text, *prompt(runtime, QUESTIONS[2] * 3)), 4)).result()  # put by, longer than what follows
    long = engine.submit(Job(prompt(runtime, "a"), runtime.context - len(text) - 80, Sampling(ignore_end=True)))
    _, finished = engine.submit(Job(text, 12)).result()
    assert (finished.reused_tokens, list(finished.tokens)) == (0, alone(text, 12))
    long.cancel()
    engine.stop()
    assert_nothing_leaks(engine, runtime)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, 2), st.integers(1, 24), st.sampled_from([None, None, None, 0, 1, 3, 9])
        ),
        min_size=1,
        max_size=14,
    ),
    st.randoms(use_true_random=False),
)
def test_no_token_is_lost_mixed_or_doubled(runtime, alone, wanted, chance: random.Random):
    """Whatever comes in what order, how long, and cancelled when: each gets its own answer, and nothing leaks."""
    keeps = {"kept": chance.randint(0, 6), "kept_cells": chance.choice([0, 60, 2048]), "shelf_bytes": 200_000}
    engine = Engine(runtime, exact(sequences=chance.randint(1, 5), batch=64, prompt_chunk=7, **keeps))
    shared = len(prompt(runtime, PERSONA))
    running: list[tuple[Ticket, int | None]] = []
    done: list[tuple[Ticket, tuple[int, ...] | None]] = []
    try:
        for question, personas, most, cancel_after in wanted:
            job = Job(
                prompt(runtime, PERSONA * personas + QUESTIONS[question]),
                most,
                shared=shared if personas else 0,
                tenant=str(question % 3),
            )
            running.append((engine.submit(job), cancel_after))
            if chance.random() < 0.3:  # some come later, when others have ended
                done.append((running[-1][0], read(*running.pop())))
        done += [(ticket, read(ticket, cancel_after)) for ticket, cancel_after in running]
        for ticket, tokens in done:
            if tokens is not None:
                assert list(tokens) == alone(ticket.job.prompt, ticket.job.max_tokens)
    finally:
        engine.stop()
    assert_nothing_leaks(engine, runtime)


def read(ticket: Ticket, cancel_after: int | None) -> tuple[int, ...] | None:
    """Return an answer's tokens, or None if it was cancelled after so many pieces."""
    pieces = 0
    try:
        for event in ticket.events():
            if isinstance(event, Finished):
                return event.tokens
            pieces += 1
            if cancel_after is not None and pieces > cancel_after:
                ticket.cancel()
    except Cancelled:
        assert cancel_after is not None
    return None


def test_the_text_is_the_tokens_spelt(engine, runtime):
    """What streams is the answer's tokens in letters, whole characters only."""
    ticket = engine.submit(Job(prompt(runtime, "特休有幾天？"), 60, Sampling(temperature=1.0, seed=3)))
    *pieces, finished = ticket.events()
    raw = b"".join(runtime.pieces(token) for token in finished.tokens)
    assert "".join(pieces) == raw.decode("utf-8", "replace")


def test_text_is_handed_over_at_once_and_then_from_time_to_time(runtime, alone):
    """The first words do not wait, and what is held when the answer ends is not lost."""
    job = Job(prompt(runtime, "特休有幾天？"), 40)
    spelt = b"".join(map(runtime.pieces, alone(job.prompt, 40))).decode("utf-8", "replace")
    pieces = []
    for seconds in (0.0, inf):
        engine = Engine(runtime, exact(hand_over_s=seconds))
        *told, _ = engine.submit(job).events()
        engine.stop()
        assert "".join(told) == spelt
        pieces.append(told)
    assert len(pieces[0]) > 10
    assert pieces[1] == [pieces[0][0], spelt[len(pieces[0][0]) :]]


def test_a_seed_repeats_and_another_does_not(engine, runtime):
    """The same seed draws the same answer beside others; another seed draws another."""
    asked = prompt(runtime, "特休有幾天？")
    jobs = [Job(asked, 30, Sampling(temperature=1.0, seed=seed)) for seed in (1, 1, 2)]
    one, same, other = [ticket.result()[1].tokens for ticket in [engine.submit(job) for job in jobs]]
    assert one == same != other


@pytest.mark.parametrize(
    ("sampling", "differs"),
    [
        (Sampling(repeat_penalty=5.0, repeat_last=64), True),
        (Sampling(temperature=1.5, top_k=1, seed=1), False),  # one candidate is no choice
        (Sampling(temperature=1.5, top_p=1e-6, seed=1), False),
        (Sampling(temperature=1.5, min_p=1.0, seed=1), False),
        (Sampling(temperature=3.0, top_k=0, top_p=1.0, min_p=0.0, seed=1), True),
    ],
)
def test_each_part_of_the_sampler_acts(engine, runtime, alone, sampling, differs):
    """Penalties and a wide draw change the greedy answer; a draw from one candidate is the greedy answer."""
    asked = prompt(runtime, "加班費加班費加班費")
    greedy = alone(asked, 40)
    _, finished = engine.submit(Job(asked, 40, sampling)).result()
    assert (list(finished.tokens) != greedy) is differs


def test_a_grammar_forces_the_answer(engine, runtime):
    """A grammar is kept to, beside answers that have none."""
    free = engine.submit(Job(prompt(runtime, "a"), 60))
    text, finished = engine.submit(
        Job(prompt(runtime, "特休？"), 60, Sampling(grammar='root ::= "特休有" [0-9] "天[1]。"'))
    ).result()
    assert text[:3] == "特休有"
    assert text[4:] == "天[1]。"
    assert finished.reason == "stop"
    free.result()


def test_a_stop_string_ends_the_answer(engine, runtime):
    """The answer ends before it, also where it lies across tokens."""
    asked = prompt(runtime, "特休有幾天？")
    whole, _ = engine.submit(Job(asked, 40)).result()
    stop = whole[12:15]
    text, finished = engine.submit(Job(asked, 40, stop=(stop,))).result()
    assert text == whole[: whole.index(stop)]
    assert finished.reason == "stop"


def test_what_cannot_be_done_is_said_at_once(engine, runtime):
    """Too long, a broken grammar, an unknown adapter, nothing to write."""
    asked = prompt(runtime, "特休？")
    with pytest.raises(TooLong) as raised:
        engine.submit(Job(asked, 2048))
    assert (raised.value.prompt, raised.value.most, raised.value.context) == (len(asked), 2048, 2048)
    with pytest.raises(BadRequest, match="no adapter"):
        engine.submit(Job(asked, 5, adapter="nobody"))
    with pytest.raises(BadRequest):
        engine.submit(Job((), 5))
    with pytest.raises(BadRequest, match="grammar"):
        engine.submit(Job(asked, 5, Sampling(grammar="root ::= (("))).result()
    engine.submit(Job(asked, 5)).result()


def test_a_full_queue_refuses_and_a_deadline_is_kept(runtime):
    """Too many: an error at once. Not begun in time, or not ended: an error then, and the place is free again."""
    engine = Engine(runtime, exact(sequences=1, waiting=2))
    asked = prompt(runtime, "特休？")
    running = engine.submit(Job(asked, 1500, Sampling(ignore_end=True)))
    late = engine.submit(Job(asked, 5, deadline=monotonic() + 0.05))
    with pytest.raises(Busy):
        late.result()
    waiting = [engine.submit(Job(asked, 5)) for _ in range(2)]
    with pytest.raises(Busy):
        engine.submit(Job(asked, 5)).result()
    running.cancel()
    for ticket in waiting:
        ticket.result()
    with pytest.raises(OutOfTime):
        engine.submit(Job(asked, 1900, Sampling(ignore_end=True), deadline=monotonic() + 0.1)).result()
    engine.submit(Job(asked, 5)).result()
    engine.stop()
    assert_nothing_leaks(engine, runtime)


def test_stopping_ends_what_is_being_written(runtime):
    """With time to drain, running and waiting answers come to their end; without, they hear of it."""
    asked = prompt(runtime, "特休？")
    engine = Engine(runtime, exact(sequences=1))
    tickets = [engine.submit(Job(asked, 20)) for _ in range(3)]
    engine.stop(drain_s=60)
    assert all(ticket.result()[1].reason in ("stop", "length") for ticket in tickets)
    with pytest.raises(Broken):
        engine.submit(Job(asked, 5))
    engine = Engine(runtime, exact(sequences=1))
    tickets = [engine.submit(Job(asked, 1500, Sampling(ignore_end=True))) for _ in range(2)]
    engine.stop()
    for ticket in tickets:
        with pytest.raises(Broken):
            ticket.result()
    assert_nothing_leaks(engine, runtime)


def test_a_model_that_breaks_is_told_to_all(runtime, monkeypatch):
    """Whoever waits or is written to hears of it, later ones at once, and the owner is called once."""
    called = []
    engine = Engine(runtime, exact(sequences=2), lambda: called.append(1))
    tickets = [engine.submit(Job(prompt(runtime, "特休？"), 1500, Sampling(ignore_end=True))) for _ in range(4)]
    next(tickets[0].events())

    def breaks(rows: object) -> bool:
        raise Broken("out of memory")

    monkeypatch.setattr(runtime, "step", breaks)
    for ticket in tickets:
        with pytest.raises(Broken):
            ticket.result()
    with pytest.raises(Broken):
        engine.submit(Job(prompt(runtime, "特休？"), 5))
    engine._thread.join(10)
    assert called == [1]
    assert_nothing_leaks(engine, runtime)
