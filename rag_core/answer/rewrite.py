"""Makes a follow-up stand alone, without a model: 特休有幾天？ then 那病假呢？ asks 病假有幾天？

Only what clearly leans on the question before is touched: a bare contrast (那…呢, how about …), a pronoun with
nothing to stand for, a question without a subject matter (怎麼申請？). The frame of the earlier question is kept
and the contrasted part replaced; everything else comes back as it was written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag_core.answer import rewrite_en, rewrite_zh
from rag_core.answer.language import language_of
from rag_core.types import Turn

_REMEMBERED = 5
_LONGEST_FOLLOW_UP = 60
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class StandAlone:
    """A question that needs no history. ``follow_up`` says whether history was needed to make it so."""

    question: str  # to show and to generate from
    query: str  # to search with: the question, and the words the user chose if the rewriting lost any
    follow_up: bool


def rewrite(question: str, history: Sequence[Turn]) -> str:
    """Return the question as it stands alone; the very same text if it already does or there is no history."""
    return stand_alone(question, history).question


def stand_alone(question: str, history: Sequence[Turn]) -> StandAlone:
    """Return the question as it stands alone, for showing and for searching. The last five turns count."""
    before = ""
    for turn in history[-_REMEMBERED:]:
        before = _after(before, turn.question)
    full = _after(before, question)
    if full == question:
        return StandAlone(question, question, False)
    lost = [word for word in re.findall(r"[\w-]{3,}", question) if word.isascii() and word.lower() not in full.lower()]
    return StandAlone(full, " ".join((full, *lost)), True)


def _after(before: str, question: str) -> str:
    asked = _SPACE.sub(" ", question).strip()
    if not before or not asked or len(asked) > _LONGEST_FOLLOW_UP:
        return question
    module = rewrite_zh if language_of(asked) == "zh" else rewrite_en
    return module.completed(asked, _SPACE.sub(" ", before).strip()) or question
