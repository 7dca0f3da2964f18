"""A text as the recogniser sees it: what it is about (concepts, terms, sorts of figures), and how it is said."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import eq

from bots.conversations.intents.lexicon import concepts, plain
from bots.conversations.intents.manner import manner_of
from bots.conversations.intents.sorts import sorts_of
from bots.conversations.intents.sounds import sound_of
from rag_core.search.terms import fold, word_term

_BOPOMOFO = str.maketrans("ㄉㄌㄇㄅㄋㄚㄟㄏㄛㄝ", "的了吗吧呢啊    ")  # how people shorten particles: 斷ㄌ
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z][a-z0-9'&]*")
_FAILS = re.compile(r"[\u4e00-\u9fff]不(?:出来|了(?!解)|动|开(?!心)|起来|进去?|到(?!位)|上去?|亮|通过?|掉)")
_BROKEN = f"={plain('壞掉')}"
_SILENT_ZH = frozenset(
    "的了吗呢啊吧喔哦啦耶欸诶嘿哈呀嘛我你您他她它们是在有要想请帮给把被跟和与也都就还又再才很太这那个一下不好可以能会去来到从用做让上里"
)
_OPPOSITES = frozenset("买卖")
_SMALL_WORDS = (
    "的了吗呢啊吧喔哦啦耶欸诶嘿哈呀嘛我你您他她它们是在有要想请帮给把被跟和与也都就还又再才很太这那个一下"
    "不好可以能会去来到从用做让上里"
    " your he him his she her it its they them this that these those there here can could should would will please any"
    " some what which who when where how need want like have has had get got let make just so up out about into"
)
_SILENT_EN = frozenset(_SMALL_WORDS.split())

# How much each sort of term counts, before how much it tells. Texts are short: a thing that is named by any of its
# names says more than characters that happen to be the same.
CONCEPT, HEARD, WORD, SORT, BIGRAM, CHARACTER = 1.0, 0.8, 0.6, 0.5, 0.28, 0.15


@dataclass(frozen=True, slots=True)
class Features:
    """``topic``: each term with its weight before what it tells; ``manner``: the cues."""

    topic: Mapping[str, float]
    manner: tuple[str, ...]


def features_of(text: str) -> Features:
    """Return what there is to see of the text."""
    folded = fold(text.translate(_BOPOMOFO)).strip()
    topic: dict[str, float] = {}
    bare, sorts = sorts_of(folded)
    topic.update(dict.fromkeys(sorts, SORT))
    for name, weight in [*_concepts(plain(folded)), *_terms(bare)]:
        topic[name] = max(topic.get(name, 0.0), weight)
    if _FAILS.search(folded):
        topic[_BROKEN] = max(topic.get(_BROKEN, 0.0), HEARD)
    return Features(topic, tuple(manner_of(folded)))


def _terms(bare: str) -> Iterator[tuple[str, float]]:
    for run in _RUN.findall(bare):
        if run[0] >= "\u3400":
            for character in run:
                if character not in _SILENT_ZH:
                    yield character, CHARACTER
            for i in range(len(run) - 1):
                if not (run[i] in _SILENT_ZH and run[i + 1] in _SILENT_ZH):
                    yield run[i : i + 2], BIGRAM
        elif run not in _SILENT_EN:
            yield word_term(run), WORD


def _concepts(text: str) -> Iterator[tuple[str, float]]:
    """Yield the things that are named, and those that are only heard: written otherwise, but sounding the same."""
    for phrase in _named(text):
        meant = concepts()[phrase]
        yield from ((name, CONCEPT / len(meant) ** 0.5) for name in meant)
    for piece in _RUN.findall(text):
        if piece[0] >= "\u3400":
            yield from ((name, HEARD) for name in _heard(piece))


def _heard(run: str) -> Iterator[str]:
    by_sound, spoken = _by_sound(), sound_of(run)
    for size in (4, 3, 2):
        for start in range(len(run) - size + 1):
            piece = run[start : start + size]
            for phrase in by_sound.get(spoken[start : start + size], ()):
                if piece not in concepts() and 2 * sum(map(eq, piece, phrase)) >= size:
                    yield from concepts()[phrase]


@cache
def _by_sound() -> Mapping[tuple[str, ...], Sequence[str]]:
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for phrase in concepts():
        if not (2 <= len(phrase) <= 4 and all(character >= "\u3400" for character in phrase)):
            continue
        # 可以借 sounds like 可以接受, 買 like 賣: neither phrases of small words nor what sounds like its opposite.
        if 2 * sum(character not in _SILENT_ZH for character in phrase) >= len(phrase) and not _OPPOSITES & set(phrase):
            found[sound_of(phrase)].append(phrase)
    return found


def _named(text: str) -> Iterator[str]:
    """Yield the table's phrases in the text, at each place the longest, none within another; of English whole words.

    Two may overlap: 我想請購 names 我想請 and 請購.
    """
    covered = 0
    for position, first in enumerate(text):
        if _is_letter(first) and position and _is_letter(text[position - 1]):
            continue
        for end in (position + length for length in _lengths().get(first, ())):
            if end > covered and text[position:end] in concepts() and not _cut(text, end):
                yield text[position:end]
                covered = end
                break


def _cut(text: str, end: int) -> bool:
    return end < len(text) and _is_letter(text[end]) and _is_letter(text[end - 1])


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


@cache
def _lengths() -> Mapping[str, Sequence[int]]:
    """Return how long the phrases are that begin with a character, longest first."""
    found: dict[str, set[int]] = defaultdict(set)
    for phrase in concepts():
        found[phrase[0]].add(len(phrase))
    return {first: sorted(lengths, reverse=True) for first, lengths in found.items()}
