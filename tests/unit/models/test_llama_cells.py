"""The book of cells: whoever begins, grows, is kept or ends, each cell is held by whom the book says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from rag_core.models.llama.cells import Cells, Keeping, KVSequence
from rag_core.models.llama.shelf import Shelf, State, common

CELLS, SEQUENCES, SHELF = 24, 5, 30  # the shelf's bytes: one a token in the fake


class FakeMemory:
    """llama.cpp's cache: which sequences there are and how long each is. Fails when one copies from what is gone."""

    def __init__(self) -> None:
        self.lengths: dict[int, int] = {}

    def copy(self, source: int, target: int, length: int) -> None:
        """Let an empty sequence begin like one that is there and long enough."""
        assert self.lengths.get(source, 0) >= length > 0
        assert not self.lengths.get(target)
        self.lengths[target] = length

    def drop(self, sequence: int) -> None:
        """Let it hold nothing; one that held nothing is fine."""
        self.lengths.pop(sequence, None)

    def save(self, sequence: int) -> State:
        """A byte a token."""
        return np.zeros(self.lengths[sequence], np.uint8)

    def load(self, sequence: int, state: State, length: int) -> bool:
        """Let an empty sequence hold some of what was saved, where all of it would have room."""
        assert not self.lengths.get(sequence)
        assert 0 < length <= len(state)
        self.lengths[sequence] = length
        return True

    def compute(self, sequence: int, count: int) -> None:
        """What a step does."""
        self.lengths[sequence] = self.lengths.get(sequence, 0) + count


def grow(cells: Cells, memory: FakeMemory, sequence: KVSequence, tokens: list[int]) -> None:
    """Compute tokens as the engine does: first the model, then the book."""
    memory.compute(sequence.number, len(tokens))
    cells.grow(sequence, tokens)


class CellsMachine(RuleBasedStateMachine):
    """What an engine may do, in any order."""

    written = Bundle("written")

    @initialize(kept=st.integers(0, 4), cells=st.integers(0, CELLS))
    def start(self, kept: int, cells: int) -> None:
        """An engine that keeps so many sequences in so many cells."""
        self.memory = FakeMemory()
        self.cells = Cells(self.memory, CELLS, SEQUENCES, Keeping(kept, cells, SHELF))
        self.kept_most, self.cells_most = kept, cells
        self.writing: list[KVSequence] = []

    @rule(target=written, adapter=st.sampled_from([None, "hr"]))
    def begin(self, adapter: str | None):
        """A new sequence is empty, has a number of its own, and is refused only if all are being written on."""
        sequence = self.cells.begin(adapter)
        assert (sequence is None) == (len(self.writing) == SEQUENCES)
        if sequence is None:
            return multiple()
        assert (sequence.tokens, sequence.cells, sequence.adapter) == ([], [], adapter)
        assert sequence.number not in self.memory.lengths
        assert sequence.number not in [s.number for s in self.writing]
        self.writing.append(sequence)
        return sequence

    @rule(sequence=written, data=st.data())
    def begin_like(self, sequence: KVSequence, data: st.DataObject) -> None:
        """An empty one takes over a beginning, and no cell for it."""
        sources = [s for s in (*self.cells.kept, *self.writing) if s is not sequence and s.tokens]
        if sequence.tokens or not sources:
            return
        source = data.draw(st.sampled_from(sources))
        length = data.draw(st.integers(1, len(source.tokens)))
        free = self.cells.free
        self.cells.begin_like(sequence, source, length)
        assert self.cells.free == free
        assert sequence.tokens == source.tokens[:length]

    @rule(sequence=written, prompt=st.lists(st.integers(0, 3), min_size=1, max_size=9))
    def begin_with(self, sequence: KVSequence, prompt: list[int]) -> None:
        """An empty one begins with what was put by, in cells of its own, where there is room for all of it."""
        length, shelved = self.cells.shelf.like(prompt, sequence.adapter)
        if sequence.tokens or not length:
            return
        assert shelved.adapter == sequence.adapter
        could = self.cells.room_without_kept()
        assert self.cells.begin_with(sequence, shelved, length) == (could >= len(shelved.tokens))
        assert sequence.tokens in ([], prompt[:length])
        assert self.memory.lengths.get(sequence.number, 0) == len(sequence.tokens)

    @rule(sequence=written, tokens=st.lists(st.integers(0, 3), min_size=1, max_size=9))
    def grow(self, sequence: KVSequence, tokens: list[int]) -> None:
        """A step takes a cell a token, where there is room."""
        if not self.cells.make_room(len(tokens)):
            return
        before, free = list(sequence.tokens), self.cells.free
        grow(self.cells, self.memory, sequence, tokens)
        assert sequence.tokens == before + tokens
        assert self.cells.free == free - len(tokens)

    @rule(sequence=consumes(written), shared=st.booleans())
    def keep(self, sequence: KVSequence, shared: bool) -> None:
        """An empty one is not kept; no more are kept than may be, and in no more cells of their own."""
        self.writing.remove(sequence)
        empty = not sequence.tokens
        self.cells.keep(sequence, shared=shared)
        assert len(self.cells.kept) <= self.kept_most
        assert self.cells.idle <= self.cells_most
        if empty or not self.kept_most:
            assert sequence not in self.cells.kept

    @rule(sequence=consumes(written))
    def end(self, sequence: KVSequence) -> None:
        """One ends."""
        self.writing.remove(sequence)
        self.cells.end(sequence)
        assert sequence.number not in self.memory.lengths

    @rule(wanted=st.integers(0, CELLS))
    def make_room(self, wanted: int) -> None:
        """It succeeds exactly where dropping all would, and drops nothing if there is room already."""
        could, kept, free = self.cells.room_without_kept(), list(self.cells.kept), self.cells.free
        assert self.cells.make_room(wanted) == (could >= wanted)
        if free >= wanted:
            assert list(self.cells.kept) == kept

    @precondition(lambda self: self.cells.kept)
    @rule()
    def forget(self) -> None:
        """After it, as many cells are free as were foretold."""
        foretold = self.cells.room_without_kept()
        self.cells.forget()
        assert not self.cells.kept
        assert self.cells.free == foretold == self.cells.room_without_kept()

    @invariant()
    def the_book_is_right(self) -> None:
        """Free and held cells are all; each is held by as many as its counter says; the memory agrees."""
        if not hasattr(self, "cells"):
            return
        there = [*self.cells.kept, *self.writing]
        holders = [sum(cell in s.cells for s in there) for cell in range(CELLS)]
        assert holders == self.cells._holders.tolist()
        assert sorted(self.cells._free) == [cell for cell, count in enumerate(holders) if not count]
        assert sorted([*self.cells._numbers, *(s.number for s in there)]) == list(range(SEQUENCES))
        assert {s.number: len(s.tokens) for s in there if s.tokens} == self.memory.lengths
        assert all(len(set(s.cells)) == len(s.cells) == len(s.tokens) for s in there)
        assert self.cells.shelf.size <= SHELF

    def teardown(self) -> None:
        """Once all have ended, nothing is held."""
        for sequence in getattr(self, "writing", []):
            self.cells.end(sequence)
        if hasattr(self, "cells"):
            self.cells.forget()
            assert self.cells.free == CELLS
            assert self.memory.lengths == {}


CellsMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestCellsMachine = CellsMachine.TestCase


@pytest.fixture
def memory() -> FakeMemory:
    """An empty cache."""
    return FakeMemory()


def keep_new(cells: Cells, memory: FakeMemory, tokens: list[int], *, shared: bool = False) -> KVSequence:
    """Return a kept sequence of these tokens."""
    sequence = cells.begin(None)
    assert sequence is not None
    grow(cells, memory, sequence, tokens)
    cells.keep(sequence, shared=shared)
    return sequence


def test_the_least_recently_used_goes_first_and_shared_ones_last(memory):
    """Used means kept or begun with; a window's beginning stays while there is another to drop."""
    cells = Cells(memory, 20, 8, Keeping(8, 20, 0))
    shared = keep_new(cells, memory, [9, 9], shared=True)
    one, two, three = (keep_new(cells, memory, [n, n]) for n in range(3))
    like = cells.begin(None)
    cells.begin_like(like, one, 1)
    gone = []
    for wanted in (14, 16, 17, 19):
        before = list(cells.kept)
        assert cells.make_room(wanted)
        gone += [s for s in before if s not in cells.kept]
    assert gone == [two, three, one, shared]
    assert cells.free == 19  # the first of ``one`` is held by who began like it


def test_more_than_may_be_kept_push_the_oldest_out(memory):
    """The newest stay, and of a window's beginnings the newest too when there is nothing else."""
    cells = Cells(memory, 20, 8, Keeping(2, 20, 0))
    kept = [keep_new(cells, memory, [n]) for n in range(4)]
    assert list(cells.kept) == kept[2:]
    shared = [keep_new(cells, memory, [n], shared=True) for n in range(3)]
    assert list(cells.kept) == shared[1:]


def test_a_source_that_is_dropped_leaves_its_cells_to_who_began_like_it(memory):
    """Cells that two hold are free when the second ends, and are not counted as room before."""
    cells = Cells(memory, 6, 3, Keeping(3, 6, 0))
    source = keep_new(cells, memory, [1, 2, 3, 4])
    like = cells.begin(None)
    cells.begin_like(like, source, 3)
    assert cells.room_without_kept() == 3
    assert not cells.make_room(4)
    assert cells.free == 3
    cells.end(like)
    assert cells.free == 6


def test_a_number_is_taken_from_the_kept_when_all_are_in_use(memory):
    """A sequence that is kept gives its number to one who begins; one being written on never does."""
    cells = Cells(memory, 8, 2, Keeping(2, 8, 0))
    written = cells.begin(None)
    kept = keep_new(cells, memory, [1])
    number = kept.number
    begun = cells.begin("hr")
    assert (begun.number, begun.adapter, cells.kept) == (number, "hr", [])
    assert cells.begin(None) is None
    assert written.number != begun.number


def test_what_takes_more_cells_than_may_lie_idle_goes_to_the_shelf(memory):
    """The oldest first, a window's beginning last; cells that somebody writes on do not count as idle."""
    cells = Cells(memory, 20, 8, Keeping(8, 5, 100))
    shared = keep_new(cells, memory, [9, 9], shared=True)
    old, new = keep_new(cells, memory, [1, 1, 1]), keep_new(cells, memory, [2, 2])
    assert list(cells.kept) == [shared, new]
    assert cells.shelf.like([1, 1, 2], None)[0] == 2
    written = cells.begin(None)
    cells.begin_like(written, new, 2)
    newest = keep_new(cells, memory, [3, 3, 3])
    assert list(cells.kept) == [shared, new, newest]
    assert old.tokens == []


def test_a_sequence_put_by_takes_its_room_again(memory):
    """As many cells as it begins with; where there is no room for all of it, it stays on the shelf."""
    cells = Cells(memory, 10, 8, Keeping(8, 0, 100))
    keep_new(cells, memory, [1, 2, 3, 4, 5, 6])
    assert cells.free == 10
    length, shelved = cells.shelf.like([1, 2, 3, 7], None)
    written, other = cells.begin(None), cells.begin(None)
    assert cells.begin_with(written, shelved, length)
    assert (written.tokens, cells.free, memory.lengths) == ([1, 2, 3], 7, {written.number: 3})
    grow(cells, memory, written, [8, 8])
    assert not cells.begin_with(other, shelved, length)
    assert (other.tokens, cells.free) == ([], 5)


def test_the_shelf_holds_no_more_than_it_may_and_a_windows_beginning_longest(memory):
    """A sequence that lies there is not copied again; one that is larger than the shelf is not put by at all."""
    shelf = Shelf(memory, 10)
    for number, count in ((0, 4), (1, 4), (2, 4), (3, 11)):
        memory.compute(number, count)
    shelf.put(0, None, [0] * 4, shared=True)
    shelf.put(1, None, [1] * 4, shared=False)
    shelf.put(1, None, [1] * 4, shared=False)
    assert shelf.size == 8
    shelf.put(2, "hr", [2] * 4, shared=False)
    shelf.put(3, None, [3] * 11, shared=True)
    there = [shelf.like([n] * 4, adapter)[0] for n, adapter in ((0, None), (1, None), (2, None), (2, "hr"), (3, None))]
    assert there == [4, 0, 0, 4, 0]


TOKENS = st.lists(st.integers(0, 2), max_size=6)


@given(TOKENS, TOKENS)
def test_common_is_the_longest_beginning_of_both(one, other):
    """Lists and tuples, empty and equal ones."""
    length = common(tuple(one), other)
    assert one[:length] == other[:length]
    assert length in (len(one), len(other)) or one[length] != other[length]
