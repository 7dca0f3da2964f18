"""Beginnings put by in the machine's memory. In the model's cache, what nobody writes on slows every step.

Each row of a step looks past all cells that are taken, whoever holds them: an eighth of a step's time on two cores with
a cache full of what was asked before. Copying a sequence out and back takes a hundredth of computing it anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

State = NDArray[np.uint8]
"""What a cache holds of a sequence, in llama.cpp's own format."""


class States(Protocol):
    """The model's cache, as far as it is copied from and to."""

    def save(self, sequence: int) -> State:
        """Return what the cache holds of the sequence."""
        ...

    def load(self, sequence: int, state: State, length: int) -> bool:
        """Let an empty sequence hold the first ``length`` tokens of what was saved; False if there is no room."""
        ...


@dataclass(slots=True)
class Shelved:
    """A sequence that was put by: what it was computed from, and with which adapter."""

    adapter: str | None
    tokens: list[int]
    state: State
    shared: bool
    used: int = 0


class Shelf:
    """Holds at most ``most`` bytes. Least recently used go first, those of whole windows last."""

    def __init__(self, memory: States, most: int) -> None:
        self._memory, self._most = memory, most
        self._put_by: list[Shelved] = []
        self._clock = count(1)

    @property
    def size(self) -> int:
        """The bytes it holds."""
        return sum(len(one.state) for one in self._put_by)

    def put(self, number: int, adapter: str | None, tokens: list[int], *, shared: bool) -> None:
        """Put by what the cache holds of sequence ``number``, unless it lies here already or is too large."""
        same = next((one for one in self._put_by if one.adapter == adapter and one.tokens == tokens), None)
        if same is not None:
            same.shared, same.used = same.shared or shared, next(self._clock)
            return
        state = self._memory.save(number)
        if len(state) > self._most:
            return
        while self.size + len(state) > self._most:
            self._put_by.remove(min(self._put_by, key=lambda one: (one.shared, one.used)))
        self._put_by.append(Shelved(adapter, tokens, state, shared, next(self._clock)))

    def like(self, prompt: Sequence[int], adapter: str | None) -> tuple[int, Shelved | None]:
        """Return how many tokens a prompt can begin with, and of what."""
        found = ((common(one.tokens, prompt), one) for one in self._put_by if one.adapter == adapter)
        length, best = max(found, key=lambda pair: pair[0], default=(0, None))
        return length, best

    def take_down(self, number: int, shelved: Shelved, length: int) -> bool:
        """Let the empty sequence ``number`` begin with ``length`` tokens of it; False if the cache has no room."""
        shelved.used = next(self._clock)
        return self._memory.load(number, shelved.state, length)

    def clear(self) -> None:
        """Forget everything."""
        self._put_by.clear()


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences have in common at their beginning."""
    length = min(len(one), len(other))
    differ = np.asarray(one[:length], np.int32) != np.asarray(other[:length], np.int32)
    return int(np.argmax(differ)) if differ.any() else length
