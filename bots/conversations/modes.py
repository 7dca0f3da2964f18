"""How what a window does besides answering is reached: by a tap, a word, a form in progress, or what a message means.

Each mode (look-ups, forms, approvals, notifications) brings some of these; ``bots.compose`` puts them together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, TypeVar

from bots.conversations.handled import Effect, Handled, Here
from bots.messages import Choice

K = TypeVar("K")
V = TypeVar("V")

IntentKind = Literal["lookup", "form"]


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message asks a window to do. ``score``: how sure that is, 0 to 1."""

    kind: IntentKind
    window: str
    name: str
    score: float = 1.0

    @property
    def data(self) -> str:
        """What a tap carries that asks for the same."""
        return f"{self.kind}={self.window}/{self.name}"


@dataclass(frozen=True, slots=True)
class Recognised:
    """``sure``: do it. ``near``: ask whether one of them is meant, best first. Neither: it is a question."""

    sure: Intent | None = None
    near: tuple[Intent, ...] = ()


def _nothing(_: Here) -> Recognised:
    return Recognised()


@dataclass(frozen=True, slots=True)
class Modes:
    """What the modes bring. Every function may raise DatabaseUnavailable; then the event is handled again later.

    ``taps``: by the word before "=" in a tap's data; they get what stands behind it. ``words``: by command
    (``commands.read``). ``in_progress``: asked in turn whether the message belongs to what was begun; None: no.
    ``begins``: by kind of intent; they get it and, in ``here.event.text``, what else the message says. ``notices``: by
    the word before "=" in a notice's data; a reply of None says nothing. ``submit``: takes a whole form. ``files``:
    asked in turn whether they want a file that was sent. ``after``: what is to be done besides, whatever was said.
    ``cancels``: asked in turn to end what was begun. ``reminders``: taps that lead back to it, below an answer between.
    """

    taps: Mapping[str, Callable[[Here, str], Handled]] = field(default_factory=dict)
    words: Mapping[str, Callable[[Here], Handled]] = field(default_factory=dict)
    in_progress: Sequence[Callable[[Here], Handled | None]] = ()
    recognise: Callable[[Here], Recognised] = _nothing
    begins: Mapping[IntentKind, Callable[[Here, Intent], Handled]] = field(default_factory=dict)
    notices: Mapping[str, Callable[[Here, str], Handled]] = field(default_factory=dict)
    submit: Callable[[Here], Handled] | None = None
    files: Sequence[Callable[[Here], Handled | None]] = ()
    after: Sequence[Callable[[Here], tuple[Effect, ...]]] = ()
    cancels: Sequence[Callable[[Here], Handled | None]] = ()
    reminders: Sequence[Callable[[Here], tuple[Choice, ...]]] = ()


def joined(*parts: Modes) -> Modes:
    """Return everything that the parts bring, in their order. No two may bring the same tap, word, intent or notice."""
    return Modes(
        taps=_joined(*(part.taps for part in parts)),
        words=_joined(*(part.words for part in parts)),
        in_progress=tuple(chain.from_iterable(part.in_progress for part in parts)),
        recognise=next((part.recognise for part in parts if part.recognise is not _nothing), _nothing),
        begins=_joined(*(part.begins for part in parts)),
        notices=_joined(*(part.notices for part in parts)),
        submit=next((part.submit for part in parts if part.submit), None),
        files=tuple(chain.from_iterable(part.files for part in parts)),
        after=tuple(chain.from_iterable(part.after for part in parts)),
        cancels=tuple(chain.from_iterable(part.cancels for part in parts)),
        reminders=tuple(chain.from_iterable(part.reminders for part in parts)),
    )


def _joined(*parts: Mapping[K, V]) -> dict[K, V]:
    whole: dict[K, V] = {}
    for part in parts:
        assert not whole.keys() & part.keys(), "two modes bring the same"
        whole |= part
    return whole
