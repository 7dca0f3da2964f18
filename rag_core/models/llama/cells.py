"""The cache of keys and values, as the engine counts it: which sequence holds which cells.

In llama.cpp's unified cache a cell may belong to several sequences, and copying a sequence (``llama_memory_seq_cp``)
copies nothing. So a beginning that many answers share takes its room once, for as long as one of them holds it.
What nobody writes on any more stays in a few of the cells, and beyond them on a shelf (``shelf``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import numpy as np

from rag_core.models.llama.shelf import Shelf, Shelved, States


class Memory(States, Protocol):
    """The model's cache."""

    def copy(self, source: int, target: int, length: int) -> None:
        """Let sequence ``target`` hold the first ``length`` tokens of ``source`` too."""
        ...

    def drop(self, sequence: int) -> None:
        """Let the sequence hold nothing."""
        ...


@dataclass(slots=True)
class KVSequence:
    """A sequence: its number, what it was computed from, and the cells that hold it."""

    number: int
    adapter: str | None = None
    tokens: list[int] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    shared: bool = False  # kept for a whole window, and dropped last
    used: int = 0


@dataclass(frozen=True, slots=True)
class Keeping:
    """What may stay of what nobody writes on: sequences in the cache, the cells they hold alone, bytes on the shelf."""

    sequences: int
    cells: int
    shelf_bytes: int


class Cells:
    """Gives out sequences and cells. Kept sequences go to the shelf, least recently used first, to make room."""

    def __init__(self, memory: Memory, cells: int, sequences: int, keeping: Keeping) -> None:
        self._memory, self._keeping = memory, keeping
        self.shelf = Shelf(memory, keeping.shelf_bytes)
        self._free = list(range(cells))
        self._holders = np.zeros(cells, np.int32)
        self._numbers = list(range(sequences))
        self._kept: list[KVSequence] = []
        self._clock = count(1)

    @property
    def free(self) -> int:
        """Cells that nobody holds."""
        return len(self._free)

    @property
    def kept(self) -> Sequence[KVSequence]:
        """The sequences nobody writes on, which later ones may begin with."""
        return self._kept

    @property
    def idle(self) -> int:
        """Cells that only kept sequences hold."""
        held = np.bincount([c for s in self._kept for c in s.cells], minlength=len(self._holders))
        return int(np.count_nonzero((held > 0) & (held == self._holders)))

    def room_without_kept(self) -> int:
        """Return how many cells would be free if no sequence were kept."""
        return self.free + self.idle

    def make_room(self, wanted: int) -> bool:
        """Put kept sequences by until so many cells are free; return whether they are."""
        while self.free < wanted and self._kept:
            self._put_by_one()
        return self.free >= wanted

    def begin(self, adapter: str | None) -> KVSequence | None:
        """Return a new empty sequence, None if all are being written on."""
        if not self._numbers and self._kept:
            self._put_by_one()
        return KVSequence(self._numbers.pop(), adapter) if self._numbers else None

    def begin_like(self, sequence: KVSequence, source: KVSequence, length: int) -> None:
        """Let an empty sequence begin with the first ``length`` tokens of another."""
        self._memory.copy(source.number, sequence.number, length)
        sequence.tokens, sequence.cells = source.tokens[:length], source.cells[:length]
        self._holders[sequence.cells] += 1
        source.used = next(self._clock)

    def begin_with(self, sequence: KVSequence, shelved: Shelved, length: int) -> bool:
        """Let an empty sequence begin with the first ``length`` tokens of one put by; False if there is no room."""
        if not self.make_room(len(shelved.tokens)):
            return False
        if not self.shelf.take_down(sequence.number, shelved, length):
            return False
        self.grow(sequence, shelved.tokens[:length])
        return True

    def grow(self, sequence: KVSequence, tokens: Sequence[int]) -> None:
        """Count the tokens that are computed next; the cells must be free."""
        cells = [self._free.pop() for _ in tokens]
        self._holders[cells] += 1
        sequence.tokens.extend(tokens)
        sequence.cells.extend(cells)

    def keep(self, sequence: KVSequence, *, shared: bool = False) -> None:
        """Keep a sequence nobody writes on any more, for those that begin alike."""
        if not sequence.tokens or self._keeping.sequences == 0:
            self.end(sequence)
            return
        sequence.shared, sequence.used = shared, next(self._clock)
        self._kept.append(sequence)
        while len(self._kept) > self._keeping.sequences or (self._kept and self.idle > self._keeping.cells):
            self._put_by_one()

    def end(self, sequence: KVSequence) -> None:
        """Give a sequence and its cells back."""
        self._memory.drop(sequence.number)
        self._holders[sequence.cells] -= 1
        self._free.extend(cell for cell in sequence.cells if not self._holders[cell])
        self._numbers.append(sequence.number)
        sequence.tokens, sequence.cells = [], []

    def forget(self) -> None:
        """Drop everything that is kept."""
        for sequence in self._kept:
            self.end(sequence)
        self._kept.clear()
        self.shelf.clear()

    def _put_by_one(self) -> None:
        """Put the kept sequence by that was used longest ago, a whole window's last."""
        sequence = min(self._kept, key=lambda s: (s.shared, s.used))
        self.shelf.put(sequence.number, sequence.adapter, sequence.tokens, shared=sequence.shared)
        self._kept.remove(sequence)
        self.end(sequence)
