"""How a text feels, by a lexicon of our own, aware of negation and degree. Pure; no model.

A text's score is the sum s of its words' weights as s / (1 + |s|): between -1 and 1, and a few strong words say as much
as many. "不錯" and "not bad" are words of their own; a negation turns what follows within a few words of the same
clause, and what is not bad is not yet good. What is wished for ("希望更快") is not there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bots.conversations.complaints import lexicon
from rag_core.search.terms import fold

Sentiment = Literal["negative", "neutral", "positive"]

_CLEAR = 0.25  # a score less than this either way is neutral: half a weak word
_REACH = 4  # of a negation: so many words or characters that say nothing may stand between
_DEGREE_REACH = 1
_MORE = 1.5
_TURNED_BAD = -0.3  # of a bad word: "沒有壞" is no praise
_TURNED_GOOD = -1.0
_LONGEST = 20_000
_CLAUSE = re.compile(r"[。！？!?；;，,、:：\n.…~～]+|但是|可是|不過|但|只是|\bbut\b|\bhowever\b|\bthough\b")
_OTHER = r"[a-z0-9']+|\S"


@dataclass(frozen=True, slots=True)
class Feeling:
    """What a text feels like. ``score``: -1 the worst, 1 the best."""

    sentiment: Sentiment
    score: float


def feeling(text: str) -> Feeling:
    """Return how a text feels."""
    clauses = _CLAUSE.split(fold(text[:_LONGEST].replace("’", "'")))
    total = sum(_clause(clause) for clause in clauses)
    return _felt(round(total / (1 + abs(total)), 2))


def starred(stars: float) -> Feeling:
    """Return what a number of stars says, 1 to 5: three are neutral."""
    return _felt(round((stars - 3) / 2, 2))


def _felt(score: float) -> Feeling:
    sentiment: Sentiment = "negative" if score < -_CLEAR else "positive" if score > _CLEAR else "neutral"
    return Feeling(sentiment, score)


def _clause(text: str) -> float:
    """Return the sum of a clause's words."""
    total = 0.0
    turned = degree = _REACH + 1  # how long ago a negation, a degree was met
    for kind, word in _words(text):
        match kind:
            case "not":
                turned, degree = (_REACH + 1 if turned <= 1 else 0), _REACH + 1  # 不是沒有
            case "more":
                degree = 0
            case "wish":
                return min(total, 0.0) if total else 0.0
            case "feeling":
                total += _weight(word, turned=turned <= _REACH, more=degree <= _DEGREE_REACH)
                turned = degree = _REACH + 1
            case _:
                turned, degree = turned + 1, degree + 1
    return total


def _weight(word: str, *, turned: bool, more: bool) -> float:
    weight = _feelings().get(word, -1.0)  # else it is a verb that fails
    weight *= _MORE if more else 1.0
    if not turned:
        return weight
    return weight * (_TURNED_BAD if weight < 0 else _TURNED_GOOD)


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Yield what the clause is made of: its kind and the word. The longest entry at each place counts."""
    kinds, good = _kinds(), fold(lexicon.BARE_GOOD)
    words = _pattern().findall(text)
    found = [(kinds.get(word) or ("feeling" if _fails().fullmatch(word) else "other"), word) for word in words]
    for at, (kind, word) in enumerate(found):
        if word != good:
            yield kind, word
        elif at + 1 < len(found) and found[at + 1][0] == "feeling":
            yield "more", word
        else:
            before = found[at - 1][0] if at else ""
            yield ("feeling" if before in ("not", "more") else "other"), word


@cache
def _feelings() -> dict[str, float]:
    known = {fold(entry): weight for entry, weight in lexicon.FEELINGS.items()}
    return {**known, fold(lexicon.BARE_GOOD): 1.0}


@cache
def _kinds() -> dict[str, str]:
    """Return what each entry is; of one that is several things, the last of these counts."""
    return {
        fold(entry): kind
        for kind, entries in (
            ("more", lexicon.MORE),
            ("wish", lexicon.WISH),
            ("not", lexicon.NOT),
            ("feeling", lexicon.FEELINGS),
            ("silent", lexicon.SILENT),
        )
        for entry in entries
    }


@cache
def _fails() -> re.Pattern[str]:
    return re.compile(fold(lexicon.FAILS))


@cache
def _pattern() -> re.Pattern[str]:
    """Return what cuts a folded clause into words: the longest entry first."""
    entries = sorted(_kinds(), key=lambda entry: (-len(entry), entry))
    return re.compile("|".join([_fails().pattern, *map(_whole, entries), _OTHER]))


def _whole(entry: str) -> str:
    """Return the entry as a pattern: English as whole words."""
    return rf"(?<![a-z']){re.escape(entry)}(?![a-z'])" if entry[0].isascii() else re.escape(entry)
