"""What a complaint is about: the nearest of the known themes by its words, else its most telling word. Pure; no model.

A theme is known by its name, by the words that mean the same (``rings``), and by earlier complaints that somebody put
there. What is near none of them is grouped by a word it shares with others: of the words that at least two of them
have, the one with the largest df · idf.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bots.conversations.complaints.rings import RINGS
from rag_core.search.terms import fold, is_bigram, terms

_NEAR = 1.0  # what a theme needs: one word of two characters of its own, or earlier complaints much like it
_NAMED = 1.5  # its own name counts for more than a word that means the same
_MEANT = 1.0
_LONGER = 0.1  # for each further character
_ALIKE = 4.0  # times the cosine with what earlier complaints of the theme say
_LEAST_ALIKE = 0.15
_OTHERS = frozenset(map(fold, ("其他", "其它", "other", "others", "else", "misc")))
_PARTS = re.compile(r"[、,，/／;；()（）]|\s+or\s+|\s+and\s+|或|與|及|和")
# Characters that end or begin no word worth naming a group by.
_GLUE = frozenset(
    fold(
        "的了是在我你他她它們也都就很太不有沒這那一二三兩個和與到又還跟為及把被讓給從對後前上下之而且但才再只會能要想說去來過啊吧呢嗎等著得地以可"
    )
)
_SHOWN_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_DULL = frozenset(("product", "item", "order", "buy", "bought", "use", "used", "get", "got", "day", "week", "really"))
_LONGEST = 4_000  # characters of a text that are looked at


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of a form: what is kept, and what it is called."""

    value: str
    names: tuple[str, ...]

    @property
    def is_other(self) -> bool:
        """Whether it is only the name of what fits nowhere."""
        return fold(self.value) in _OTHERS


class Themes:
    """The themes there are. ``examples``: theme and text of earlier complaints that somebody put there."""

    def __init__(self, themes: Sequence[Theme], examples: Iterable[tuple[str, str]] = ()) -> None:
        self._seeds = {theme.value: _seeds(theme) for theme in themes if not theme.is_other}
        texts = [(theme, _counted(text)) for theme, text in examples]
        self._weights = _Weights([found for _, found in texts])
        self._centres = self._averages(texts)

    def nearest(self, text: str) -> str:
        """Return the theme that the text is near enough to, empty if there is none. Of equals the first."""
        folded, words = fold(text[:_LONGEST]), _counted(text)
        near = {theme: self._seeded(seeds, folded, words) for theme, seeds in self._seeds.items()}
        vector = self._weights.vector(words)
        for theme, centre in self._centres.items():
            alike = _cosine(vector, centre)
            near[theme] = near.get(theme, 0.0) + (_ALIKE * alike if alike >= _LEAST_ALIKE else 0.0)
        best = max(near, key=near.__getitem__, default="")
        return best if best and near[best] >= _NEAR else ""

    def _seeded(self, seeds: Mapping[str, float], folded: str, words: Mapping[str, float]) -> float:
        return sum(weight for seed, weight in seeds.items() if _has(seed, folded, words))

    def _averages(self, texts: Sequence[tuple[str, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
        sums: dict[str, Counter[str]] = {}
        for theme, words in texts:
            if fold(theme) not in _OTHERS:
                sums.setdefault(theme, Counter()).update(self._weights.vector(words))
        return {theme: _unit(total) for theme, total in sums.items()}


def telling(texts: Sequence[str], all_texts: Sequence[str] = (), used: Iterable[str] = ()) -> list[str]:
    """Return for each text the word to group it by, as people write it; empty where it shares none.

    ``all_texts``: all complaints there are, by which a word is common or not; ``used``: words that groups have already.
    """
    bags = [_names(text) for text in texts]
    shared = Counter(word for bag in bags for word in bag)
    common = Counter(word for text in all_texts for word in _names(text)) or shared
    weights = {word: df * _idf(max(common[word], df), max(len(all_texts), len(texts))) for word, df in shared.items()}
    kept = {term: word for word in used for term in [_name_term(word)] if term}
    return [_best(bag, kept, shared, weights) for bag in bags]


def _best(
    bag: Mapping[str, str], kept: Mapping[str, str], shared: Mapping[str, int], weights: Mapping[str, float]
) -> str:
    """Return the word of a group there is already, else the best word of the bag that others have too."""
    if known := next((kept[term] for term in bag if term in kept), ""):
        return known
    candidates = [term for term in bag if shared[term] > 1]
    return bag[max(candidates, key=lambda term: (weights[term], term))] if candidates else ""


def _seeds(theme: Theme) -> dict[str, float]:
    """Return the folded words that speak for a theme."""
    names = {fold(part.strip()) for name in (theme.value, *theme.names) for part in _PARTS.split(name) if part.strip()}
    meant = [[fold(word) for word in ring] for ring in RINGS if any(_in_a_name(word, names) for word in ring)]
    weights = {word: _meant(word) for ring in meant for word in ring} | dict.fromkeys(names, _NAMED)
    return {_as_sought(word): weight for word, weight in weights.items()}


def _meant(word: str) -> float:
    """Return what a word counts: of Chinese a longer one a little more, for it says more (沒人接 before 等了)."""
    return _MEANT if word.isascii() else _MEANT + _LONGER * max(0, len(word) - 2)


def _in_a_name(word: str, names: Iterable[str]) -> bool:
    folded = fold(word)
    if folded.isascii():
        return any(re.search(rf"\b{re.escape(folded)}\b", name) for name in names)
    return any(folded in name for name in names)


def _as_sought(word: str) -> str:
    """Return an English word as the index has it, so that leak and leaks are one; everything else as it is."""
    return _terms(word)[-1] if word.isascii() and word.isalpha() else word


def _has(seed: str, folded: str, words: Mapping[str, float]) -> bool:
    return seed in words if seed.isascii() and seed.isalpha() else seed in folded


@lru_cache(maxsize=4_096)
def _terms(text: str) -> tuple[str, ...]:
    return tuple(terms(text))


def _counted(text: str) -> dict[str, float]:
    """Return the words of a text: of Chinese its pairs of characters, which tell more than characters do."""
    found = Counter(terms(text[:_LONGEST]))
    return {term: 1 + math.log(count) for term, count in found.items() if len(term) > 1}


class _Weights:
    """What a word tells among these texts."""

    def __init__(self, texts: Sequence[Mapping[str, float]]) -> None:
        self._texts = len(texts)
        self._df = Counter(word for words in texts for word in words)

    def vector(self, words: Mapping[str, float]) -> dict[str, float]:
        """Return the text as a vector of length one.

        A word counts 1 + ln((1 + N) / (1 + df)): with few texts that all have it, still something. A word nobody else
        has weighs as one that a single text has.
        """
        most = 1 + self._texts
        return _unit({word: tf * (1 + math.log(most / (1 + (self._df[word] or 1)))) for word, tf in words.items()})


def _idf(df: int, texts: int) -> float:
    """Return BM25's inverse document frequency (Robertson and Zaragoza 2009), never below zero."""
    return math.log(1 + (texts - df + 0.5) / (df + 0.5))


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {word: weight / length for word, weight in vector.items()} if length else {}


def _cosine(one: Mapping[str, float], two: Mapping[str, float]) -> float:
    return sum(weight * two.get(word, 0.0) for word, weight in one.items())


def _names(text: str) -> dict[str, str]:
    """Return what could name a group: the word as the index sees it → as it was written."""
    written = text[:_LONGEST]
    folded = fold(written)
    same = len(folded) == len(written)  # else a place in one is none in the other
    found: dict[str, str] = {}
    for at in range(len(folded) - 1 if same else 0):
        pair = folded[at : at + 2]
        if is_bigram(pair) and not _GLUE.intersection(pair):
            found.setdefault(pair, written[at : at + 2])
    for word in _SHOWN_WORD.findall(written):
        if word.isascii() and len(word) > 2 and not word.isdigit() and (term := _name_term(word)):
            found.setdefault(term, word.lower())
    return found


def _name_term(word: str) -> str:
    """Return a word as the index sees it, empty for one that says little."""
    if not word.isascii():
        return fold(word) if len(word) == 2 else ""
    found = _terms(word)
    return found[-1] if found and word.lower() not in _DULL and found[-1] not in _silent() else ""


@lru_cache(maxsize=1)
def _silent() -> frozenset[str]:
    from rag_core.search.terms import query_terms

    words = "the and but for with was were are not this that have has had you your they from all can very just so it is"
    return frozenset(query_terms(words))
