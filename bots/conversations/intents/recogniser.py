"""Recognises what a message asks for from the windows' examples. No model is needed.

Each look-up and form has examples. The windows' suggested questions, and questions about what forms are for, are
examples of what is to be answered. Where one thing is clearly meant it is begun; where it is close, people are asked
whether they mean it; everything else is a question. How well: docs/decisions/2026-11-29-intents-without-a-model.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread

from bots.conversations.handled import Here
from bots.conversations.intents.classifier import Classifier, Matrix, Space
from bots.conversations.intents.examples import Example, examples_of
from bots.conversations.intents.features import features_of
from bots.conversations.modes import Intent, IntentKind, Recognised
from bots.windows.model import Window
from rag_core.search.terms import fold

NEAR = 0.2  # what reaches this, and is not less likely than a question, is worth asking back
MOST_NEAR = 3
_BESIDE = 0.5  # what reaches this share of the best score is offered beside it
_LONGEST = 120  # characters; whoever writes more tells a story, and the search finds what it is about
_KEPT = 16  # who may use what differs by a few groups; what was learned for each is kept


_Scope = tuple[str, frozenset[str] | None]  # an example's window, and the groups that may use what it stands for


@dataclass(frozen=True, slots=True)
class Bar:
    """What is needed to be sure: a score of about 0 to 1, and how far ahead of another intent and of a question."""

    score: float
    ahead: float
    ahead_of_question: float


BARS: Mapping[IntentKind, Bar] = {"form": Bar(0.17, 0.0, 0.03), "lookup": Bar(0.18, 0.04, 0.0)}
"""Set on the messages in tests/data/utterances.yaml that have been scored. A form has to be ahead of a question."""


@dataclass(frozen=True, slots=True)
class _Learned:
    """What tells some intents apart. ``classifier`` None: there are none."""

    intents: Sequence[Intent]
    classifier: Classifier | None


@dataclass(frozen=True, slots=True)
class _Read:
    """The examples as vectors, and how alike they are among each other."""

    space: Space
    gram: Matrix


class Recogniser:
    """Implements ``Modes.recognise`` for the windows of a company. Safe to use from several threads.

    It reads the examples beside whatever else starts; the first message waits for it.
    """

    def __init__(self, windows: Sequence[Window]) -> None:
        self._examples = list(examples_of(windows))
        self._word_for_word = _word_for_word(self._examples)
        self._scopes = {(one.window, one.serves) for one in self._examples}
        self._learned: dict[frozenset[_Scope], _Learned] = {}
        self._lock = Lock()
        self._read: Future[_Read] = Future()
        Thread(target=self._start, name="transom-intents", daemon=True).start()

    def recognise(self, here: Here) -> Recognised:
        """Return what the message asks for among what its reader may use here."""
        names = {window.name for window in here.windows if not here.event.window or window.name == here.event.window}
        return self.among(here.event.text, names, here.viewer.groups)

    def among(self, text: str, windows: Iterable[str], groups: frozenset[str] | None = None) -> Recognised:
        """Return what the text asks these windows for. ``groups``: the reader's; None: they may use everything."""
        if not text.strip() or len(text) > _LONGEST:
            return Recognised()
        read, learned = self._read.result(), self._learned_for(frozenset(windows), groups)
        if meant := [intent for intent in self._word_for_word.get(_bare(text), ()) if intent in learned.intents]:
            return Recognised(sure=meant[0]) if len(meant) == 1 else Recognised(near=tuple(meant[:MOST_NEAR]))
        return _decided(text, learned.intents, learned.classifier, read.space) if learned.classifier else Recognised()

    def _start(self) -> None:
        try:
            self._read.set_result(_vectors(self._examples))
        except BaseException as error:  # whoever asks next shall see it
            self._read.set_exception(error)
            raise

    def _learned_for(self, windows: frozenset[str], groups: frozenset[str] | None) -> _Learned:
        """Return what tells apart what may be used there, learned when it is first asked for."""
        usable = frozenset(scope for scope in self._scopes if _is_usable(scope, windows, groups))
        with self._lock:
            if usable not in self._learned:
                if len(self._learned) >= _KEPT:
                    self._learned.pop(next(iter(self._learned)))
                self._learned[usable] = self._learn(usable)
            return self._learned[usable]

    def _learn(self, usable: frozenset[_Scope]) -> _Learned:
        rows = [row for row, one in enumerate(self._examples) if (one.window, one.serves) in usable]
        used = [self._examples[row] for row in rows]
        intents = tuple(dict.fromkeys(one.intent for one in used if one.intent))
        if not intents:
            return _Learned((), None)
        classes = {None: 0} | {intent: index for index, intent in enumerate(intents, 1)}
        weights = [one.weight for one in used]
        gram = self._read.result().gram
        return _Learned(intents, Classifier(gram, rows, [classes[one.intent] for one in used], weights))


def _vectors(examples: Sequence[Example]) -> _Read:
    classes = {intent: index for index, intent in enumerate(dict.fromkeys(one.intent for one in examples))}
    space = Space([features_of(one.text) for one in examples], [classes[one.intent] for one in examples])
    return _Read(space, space.gram())


def _decided(text: str, intents: Sequence[Intent], classifier: Classifier, space: Space) -> Recognised:
    question, *scores = classifier.scores(space.alike(features_of(text)))
    ranked = sorted(zip(scores, intents, strict=True), key=lambda pair: -pair[0])[:MOST_NEAR]
    best = [Intent(one.kind, one.window, one.name, max(0.0, min(1.0, score))) for score, one in ranked]
    bar = BARS[best[0].kind]
    ahead = ranked[0][0] - max((score for score, _ in ranked[1:]), default=0.0)
    if ranked[0][0] >= bar.score and ahead >= bar.ahead and ranked[0][0] - question >= bar.ahead_of_question:
        return Recognised(sure=best[0])
    if ranked[0][0] < max(NEAR, question):
        return Recognised()
    return Recognised(near=tuple(one for one in best if one.score >= _BESIDE * best[0].score))


def _is_usable(scope: _Scope, windows: frozenset[str], groups: frozenset[str] | None) -> bool:
    window, serves = scope
    if window and window not in windows:
        return False
    return serves is None or groups is None or bool(serves & groups)


def _word_for_word(examples: Iterable[Example]) -> Mapping[str, Sequence[Intent]]:
    """Return what examples and titles stand for, since whoever taps or copies one means just that."""
    found: dict[str, dict[Intent, None]] = defaultdict(dict)
    for one in examples:
        if one.intent and one.weight >= 0.5:
            found[_bare(one.text)][one.intent] = None
    return {text: tuple(intents) for text, intents in found.items()}


def _bare(text: str) -> str:
    return fold(text).strip(" \t\n。.!！?？~～,，")
