"""Answers without a model: the documents' own sentences, chosen by how likely each is to hold the answer.

A sentence's chance is a logistic function of a few figures: how much of the question's idf mass it covers, how
much its neighbours and its heading add, whether it beats the rest, and whether it holds the kind of answer that
is asked for (a date, an amount, …). At most one sentence holds an answer given once, so the chances add up, and
showing a sentence pays exactly when its chance exceeds a fixed price a character: short when sure, longer when
not. Weights and price were fitted on half of DRCD dev and confirmed on the other half
(docs/decisions/2026-11-23-extractive-answers.md).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp

from rag_core.answer.asking import Asking, asking
from rag_core.answer.quotable import as_read, cells, is_continued
from rag_core.answer.sentences import Span, blocks, length, lines, with_marks
from rag_core.answer.topic import covered, topical_weights
from rag_core.search.terms import terms
from rag_core.types import ChunkKind, GenerationRequest, Passage

_PASSAGES = 3
_MOST_SENTENCES = 4
_PRICE = 0.0028  # of one Chinese character, in chance
_WHOLE_ANSWER = 160  # an FAQ's answer up to this length is shown whole
_LONGEST_ANSWER = 260  # of all that is shown, in Chinese characters

_BIAS = -4.3
_WEIGHTS = {
    "covers": 2.7,
    "heading": 0.8,
    "before": 1.25,
    "after": 1.3,
    "first_passage": 1.3,
    "best": 2.45,
    "lead": 0.45,
    "measure": 0.7,
    "answers": 0.5,
    "lacks": -1.9,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, list, table row or article paragraph that may be shown."""

    passage: int  # 0-based place among the passages
    span: Span
    shown: str
    found: frozenset[str]  # its terms; those of the question too for the opening of an FAQ's answer
    chance: float = 0.0


class ExtractiveGenerator:
    """Yields the sentences that answer, each run with its ``[n]``. Knows no model and never fails."""

    name = "extractive"
    leaves_company = False

    def generate(self, request: GenerationRequest) -> Iterator[str]:
        """Yield runs of verbatim sentences (a table's rows as ``header：cell``), best passage first."""
        weights = topical_weights(request.question, request.evidence.weights)
        yield from _written(choose(request.question, weights, request.passages), request.passages)


def choose(question: str, weights: Mapping[str, float], passages: Sequence[Passage]) -> list[Candidate]:
    """Return what to show, in reading order: by passage, then by place. Empty only if there is no text at all."""
    weighed = _weighed(question, weights, passages[:_PASSAGES])
    ranked = sorted(weighed, key=lambda candidate: (-candidate.chance, candidate.passage, candidate.span.start))
    chosen: list[Candidate] = []
    shown = 0.0
    for candidate in ranked[:_MOST_SENTENCES]:
        size = length(candidate.shown)
        if chosen and (candidate.chance < _PRICE * size or shown + size > _LONGEST_ANSWER):
            continue
        chosen.append(candidate)
        shown += size
    chosen = _with_its_table(chosen, weights, passages)
    return sorted(chosen, key=lambda candidate: (candidate.passage, candidate.span.start))


def _with_its_table(
    chosen: list[Candidate], weights: Mapping[str, float], passages: Sequence[Passage]
) -> list[Candidate]:
    """Return the first sentence with the rows it sends the reader to (如下表), or what was chosen if to none."""
    lead = chosen[0] if chosen else None
    if lead is None or not _TABLE_BELOW.search(lead.shown):
        return chosen
    rows = [
        row
        for place, passage in enumerate(passages)
        if _below(passages[lead.passage], passage)
        for row in _rows(place, passage)
    ]
    rows.sort(key=lambda row: -covered(weights, row.found))  # stable: rows alike stay in the table's order
    shown = [lead]
    for row in rows:
        if sum(length(one.shown) for one in shown) + length(row.shown) <= _LONGEST_ANSWER:
            shown.append(row)
    return shown if rows else chosen


def _below(lead: Passage, table: Passage) -> bool:
    """Return whether this is a table under the heading of the passage that speaks of one."""
    same = lead.document == table.document and table.heading[: len(lead.heading)] == lead.heading
    return same and bool(lead.heading) and table.kind is ChunkKind.TABLE


def _weighed(question: str, weights: Mapping[str, float], passages: Sequence[Passage]) -> list[Candidate]:
    wanted = asking(question)
    per_passage = [list(_candidates(place, passage)) for place, passage in enumerate(passages)]
    shares = [[covered(weights, candidate.found) for candidate in some] for some in per_passage]
    distinct = sorted({share for some in shares for share in some}, reverse=True)
    best, second = (*distinct, 0.0, 0.0)[:2]
    weighed: list[Candidate] = []
    for passage, some, covers in zip(passages, per_passage, shares, strict=True):
        heading = _heading_terms(passage)
        only_best = passage.kind is ChunkKind.TABLE  # a row that matches less than another is another's answer
        for i, candidate in enumerate(some):
            if only_best and covers[i] < max(covers):
                continue
            figures = {
                "covers": covers[i],
                "best": float(covers[i] == best),
                "lead": best - second if covers[i] == best else covers[i] - best,
                "first_passage": float(candidate.passage == 0),
                **_context(weights, candidate.found, heading, [c.found for c in some[max(0, i - 1) : i + 2]], i > 0),
                **_kind(wanted, candidate.shown),
            }
            weighed.append(replace(candidate, chance=_chance(figures) * _promise(candidate.shown)))
    return weighed


def _context(
    weights: Mapping[str, float],
    own: frozenset[str],
    heading: frozenset[str],
    around: Sequence[frozenset[str]],
    has_before: bool,
) -> dict[str, float]:
    """Return what the heading and the neighbours cover that the sentence itself does not."""
    before = around[0] if has_before else frozenset()
    after = around[-1] if len(around) > 1 + has_before else frozenset()
    return {
        "heading": covered(weights, heading - own),
        "before": covered(weights, before - own),
        "after": covered(weights, after - own),
    }


def _kind(wanted: Asking, shown: str) -> dict[str, float]:
    return {
        "measure": float(wanted.measured_in(shown)),
        "answers": float(wanted.answered_by(shown)),
        "lacks": float(wanted.unanswered_by(shown)),
    }


_LEADS_ON = re.compile(
    r"(?:如下表?|如附?表|下列[^。；]{0,12}|下表[^。；]{0,8}|as follows|the following[^.]{0,40})\W*$", re.IGNORECASE
)
_LED_ON = 0.4
_TABLE_BELOW = re.compile(r"[依如]下?附?表|下表|following table|table below", re.IGNORECASE)


def _promise(shown: str) -> float:
    """Return what is left of the chance of a sentence that only says the answer comes next."""
    return _LED_ON if _LEADS_ON.search(shown) else 1.0


def _chance(figures: Mapping[str, float]) -> float:
    return 1 / (1 + exp(-_BIAS - sum(_WEIGHTS[name] * value for name, value in figures.items())))


def _candidates(place: int, passage: Passage) -> Iterator[Candidate]:
    if passage.kind is ChunkKind.TABLE:
        yield from _rows(place, passage)
        return
    spans = blocks(passage.text)
    opening: frozenset[str] = frozenset()
    if passage.kind is ChunkKind.FAQ:
        spans, opening = _answer_cell(passage.text, spans), _heading_terms(passage)
    for i, span in enumerate(spans):
        text = as_read(span.of(passage.text), passage)
        found = frozenset(terms(text))
        yield Candidate(place, span, text, found if i else found | opening)


def _answer_cell(text: str, spans: list[Span]) -> list[Span]:
    """Return a short answer in one piece; of a long one its opening in one piece, then the rest by sentence."""
    whole = [Span(spans[0].start, spans[-1].end)] if spans else []
    if not spans or length(whole[0].of(text)) <= _WHOLE_ANSWER:
        return whole
    taken = 1
    while taken < len(spans) and length(text[spans[0].start : spans[taken].end]) <= _WHOLE_ANSWER / 2:
        taken += 1
    return [Span(spans[0].start, spans[taken - 1].end), *spans[taken:]]


def _rows(place: int, passage: Passage) -> Iterator[Candidate]:
    """Yield a table's rows. One that goes on over a page has its header as the last heading, and no row of its own."""
    every = lines(passage.text)
    continued = passage.heading[-1] if is_continued(passage) else ""
    names = cells(continued or (every[0].of(passage.text) if every else ""))
    for row in every if continued else every[1:] or every:
        text = row.of(passage.text)
        pairs = [
            f"{name}：{cell}" if name and cell != name else cell for name, cell in _paired(names, cells(text)) if cell
        ]
        if pairs:
            yield Candidate(place, row, "；".join(pairs), frozenset(terms(text)))


def _paired(names: Sequence[str], cells: Sequence[str]) -> Iterable[tuple[str, str]]:
    return zip((*names, *[""] * len(cells)), cells, strict=False)


def _heading_terms(passage: Passage) -> frozenset[str]:
    """Return the terms of the headings; a table's header row counts as one."""
    header = passage.text.partition("\n")[0] if passage.kind is ChunkKind.TABLE else ""
    return frozenset(terms(" ".join((*passage.heading, header))))


def _written(chosen: Sequence[Candidate], passages: Sequence[Passage]) -> Iterator[str]:
    """Yield each run of neighbouring sentences with one mark; a new passage or row begins a line."""
    for i, candidate in enumerate(chosen):
        following = chosen[i + 1] if i + 1 < len(chosen) else None
        if following and following.passage == candidate.passage:
            passage = passages[candidate.passage]
            between = as_read(passage.text[candidate.span.end : following.span.start], passage)
            if not between.strip() and passage.kind is not ChunkKind.TABLE:
                yield candidate.shown + between
                continue
        yield with_marks(candidate.shown, [candidate.passage + 1]) + ("\n" if following else "")
