"""Fusion of words and vectors, weighted by what each is worth in this collection and language.

An embedder may not read a language at all, or may read it far better than words do: nothing but the corpus itself can
tell. So each collection asks itself questions whose answers are known, with the words that would give them away held
out, and the vectors get the weight at which they surely help, which is none until shown otherwise.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag_core.search.terms import query_terms

DENSE_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Tried weights of a cosine beside a lexical score of ``rescore``."""

FEWEST_SAMPLES = 20
ENOUGH_SAMPLES = 120
"""Below the first nothing is learnt; beyond the second a collection's weight hardly moves (docs/decisions)."""

_CONFIDENCE = 1.64  # one-sided 95 %
_LEAST_GAIN = 0.01  # in reciprocal rank, surely: one of eleven weights looks a little better by chance
_TIE_BREAK = 1e-3
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;\n])|(?<=\.\s)")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_FEWEST_TERMS = 8


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A question taken out of a chunk: what is asked, and the text of the chunk without it."""

    question: str
    text: str
    language: str  # "zh" or "en"


@dataclass(frozen=True, slots=True)
class FusionSample:
    """One held-out question's candidates: ``rescore``'s scores, cosines, and the place of the right one."""

    language: str
    lexical: tuple[float, ...]
    dense: tuple[float, ...]
    right: int


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """What a cosine is worth by the question's language, and on how many samples that rests."""

    dense: Mapping[str, float] = field(default_factory=dict)
    samples: Mapping[str, int] = field(default_factory=dict)

    def of(self, language: str) -> float:
        """Return a language's weight; 0, words alone, for one that was never tried."""
        return self.dense.get(language, 0.0)


def language(text: str) -> str:
    """Return "zh" or "en": a text is Chinese when a fifth of its letters are, since English names abound in it."""
    chinese = len(_CJK.findall(text))
    letters = sum(character.isalpha() for character in text)
    return "zh" if chinese and chinese >= letters / 5 else "en"


def hold_out(text: str, asked: str = "") -> HeldOut | None:
    """Take a question out of a chunk; the same chunk always gives the same one. None for a chunk of one sentence.

    An FAQ's own question (``asked``) is the best there is, asked of its answer alone. Else a sentence is asked of what
    is left without it: left in, it would match word for word, and words would seem worth more than they are.
    """
    if asked and text.strip():
        return HeldOut(asked, text, language(asked))
    sentences = [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]
    rich = [i for i, sentence in enumerate(sentences) if len(query_terms(sentence)) >= _FEWEST_TERMS]
    if len(sentences) < 2 or not rich:
        return None
    chosen = rich[crc32(text.encode("utf-8", "replace")) % len(rich)]
    rest = "".join(sentences[:chosen] + sentences[chosen + 1 :])
    return HeldOut(sentences[chosen].strip(), rest, language(sentences[chosen]))


def calibrate_fusion(samples: Sequence[FusionSample]) -> FusionWeights:
    """Return for each language the weight of the greatest mean reciprocal rank, or 0 where no weight surely helps.

    Sure is a weight whose mean paired gain over words alone is above 0 with one-sided 95 % confidence, so that few or
    discordant samples give 0. Among helpful weights the mean decides, else the better leg would be held back.
    """
    found: dict[str, float] = {}
    counts: dict[str, int] = {}
    for tongue in sorted({sample.language for sample in samples}):
        own = [sample for sample in samples if sample.language == tongue]
        counts[tongue] = len(own)
        found[tongue] = _best_weight(own) if len(own) >= FEWEST_SAMPLES else 0.0
    return FusionWeights(found, counts)


def combine_weights(parts: Sequence[FusionWeights]) -> FusionWeights:
    """Return the mean of several collections' or audiences' weights, each counted by its samples."""
    counts: dict[str, int] = {}
    sums: dict[str, float] = {}
    for part in parts:
        for tongue, count in part.samples.items():
            counts[tongue] = counts.get(tongue, 0) + count
            sums[tongue] = sums.get(tongue, 0.0) + count * part.of(tongue)
    return FusionWeights({tongue: sums[tongue] / count if count else 0.0 for tongue, count in counts.items()}, counts)


def fuse(lexical: Sequence[float], dense: Sequence[float | None], weight: float) -> list[float]:
    """Return ``lexical + weight × cosine`` for each candidate; higher is better.

    ``lexical`` holds ``rescore``'s scores, 0 for a candidate only the vectors found. ``dense`` holds cosines; None, of
    a chunk without a vector, counts as the least known one. Where words know no candidate at all, the cosine alone
    orders them, whatever its weight.
    """
    known = [cosine for cosine in dense if cosine is not None]
    least = min(known, default=0.0)
    share = weight or (_TIE_BREAK if not any(lexical) else 0.0)
    return [score + share * (least if cosine is None else cosine) for score, cosine in zip(lexical, dense, strict=True)]


def _best_weight(samples: Sequence[FusionSample]) -> float:
    ranks = np.array([_reciprocal_ranks(sample) for sample in samples])
    gains = ranks - ranks[:, :1]
    bound = gains.mean(axis=0) - _CONFIDENCE * gains.std(axis=0, ddof=1) / math.sqrt(len(samples))
    return DENSE_WEIGHTS[int(gains.mean(axis=0).argmax())] if bound.max() > _LEAST_GAIN else 0.0


def _reciprocal_ranks(sample: FusionSample) -> NDArray[np.float64]:
    """Return the right candidate's reciprocal rank under each tried weight, shape (len(DENSE_WEIGHTS),)."""
    lexical, dense = np.array(sample.lexical), np.array(sample.dense)
    scores = lexical[:, None] + dense[:, None] * np.array(DENSE_WEIGHTS)
    better = scores > scores[sample.right]
    return np.asarray(1.0 / (1.0 + better.sum(axis=0)), dtype=np.float64)
