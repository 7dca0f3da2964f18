"""Checks generated text against its passages, sentence by sentence, while it streams.

A sentence stays if a passage supports it: it stands there word for word, or the passage has most of its terms,
together in a few sentences, with every number, code and quoted name, and with the same negation. What is not
supported is dropped; a supported sentence without a mark gets the right one. Nothing here knows who wrote the text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rag_core.answer.clean import plain
from rag_core.answer.quotable import best_piece, is_whole, quoted
from rag_core.answer.recite import stretches
from rag_core.answer.sentences import Span, sentences, with_marks
from rag_core.answer.traditional import Traditional
from rag_core.search.terms import fold, is_bigram, query_terms, terms
from rag_core.types import Citation, Passage

_LEAST_IN_PASSAGE = 0.55
_LEAST_IN_QUOTE = 0.45
_SAME_CLAUSE = 0.7
_STOWAWAY = 6  # terms in a row that the passage does not have; fewer are a turn of phrase (為了保障您的權益)
_QUOTED_SENTENCES = 3
_LONGEST_QUOTE = 300
_HELD_SENTENCES = 4

_NUMBERS = r"[\[【]\s*\d{1,2}(?:\s*[,、，]\s*\d{1,2})*\s*[\]】]"
_MARK = re.compile(rf"\s*(?<![A-Za-z_)]){_NUMBERS}|{_NUMBERS}(?=\.?(?:\s|$)|[\[【])")  # but not the index in rows[1];
_DIGITS = re.compile(r"\d+")
_END = re.compile(
    r"(?:[。！？]+|(?<!<)!+(?!\[)|\?+(?![\w=&])|(?<!\d)\.(?=\s)|(?<=[^\s\d][\d])\.(?=\s))[」』）”’\"')】》]*|\n"
)
_CLAUSE = re.compile(r"[，；。！？、,;!?\n]+|\.\s")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]\s+|\(?\d{1,2}[.)、]\s*|[（(]?[一二三四五六七八九十]{1,3}[)）、]\s*)")
_NOT_NEGATIVE = re.compile(
    r"不只|不僅|不但|不論|不管|無論|不同|非常|不過|不斷|不少|未來|不久|無線|是否|能否|可否|no\. ?\d", re.IGNORECASE
)
_NEGATIVE = re.compile(
    r"[不沒無未勿非]|禁止|免(?=[於除費])|\b(?:not|no|never|without|cannot|none|neither|nor)\b|n['’]t\b", re.IGNORECASE
)
_NAME = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][A-Za-z0-9&._-]*[A-Za-z0-9]|[A-Za-z]+\d[\w-]*)")
_SPACED = re.compile(
    r"(?<=[\u3400-\u9fff])[^\w，。；！？、,;!?\n]+(?=[\u3400-\u9fff])"
)  # 主·管·職 is no way round a check
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_-]{20,}")  # no word: base64, a key
_QUOTED = re.compile(r"[「『《“]([^」』》”]{2,30})[」』》”]")


@dataclass(frozen=True, slots=True)
class Support:
    """A passage (0-based) that supports a sentence, and what of it can be quoted in one go."""

    passage: int
    span: Span


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence that stays: without marks and active content, with the passages it rests on."""

    text: str
    supports: tuple[Support, ...]
    marked: bool  # whether it brought its own marks

    @property
    def rests_on(self) -> tuple[int, ...]:
        """The passages (0-based) that support it."""
        return tuple(support.passage for support in self.supports)


@dataclass(frozen=True, slots=True)
class Grounded:
    """What is left of an answer: text with marks [1]… and the citation of each."""

    text: str
    citations: tuple[Citation, ...]


class _Read:
    """A passage made ready for checking, each part when it is first needed: a word-for-word sentence needs none."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.text = passage.text
        self._whole = " ".join((*passage.heading, passage.text))

    @cached_property
    def flat(self) -> str:
        """Text and heading, folded, without white space."""
        return _flat(self._whole)

    @cached_property
    def found(self) -> frozenset[str]:
        """The terms of text and heading."""
        return frozenset(terms(self._whole))

    @cached_property
    def spans(self) -> list[Span]:
        """The sentences."""
        return sentences(self.text)

    @cached_property
    def per_span(self) -> list[frozenset[str]]:
        """The terms of each sentence."""
        return [frozenset(terms(span.of(self.text))) for span in self.spans]

    @cached_property
    def clauses(self) -> list[tuple[frozenset[str], bool]]:
        """The terms of each clause, and whether it is negative."""
        return [(frozenset(terms(c)), _negative(c)) for c in _CLAUSE.split(self._whole) if c.strip()]


class Checker:
    """Checks sentences against the passages of one question. ``unsaid`` is a text no sentence may hold pieces of."""

    def __init__(self, question: str, passages: Sequence[Passage], unsaid: str = "") -> None:
        self._question = question
        self._asked = frozenset(terms(question))
        self._known = "\n".join(passage.text for passage in passages)
        self._read = [_Read(passage) for passage in passages]
        self._traditional = Traditional([" ".join((*passage.heading, passage.text)) for passage in passages])
        self._unsaid = stretches(unsaid) - stretches(self._known)

    def check(self, sentence: str, prefer: Sequence[int] = ()) -> Checked | None:
        """Return the sentence with its support, or None. ``prefer`` names passages (0-based) to try after its marks."""
        bare = self._traditional.write(plain(_MARK.sub("", sentence), self._known))
        if not bare.strip():
            return None
        marked = [n for n in _marks(sentence) if n < len(self._read)]
        if word_for_word := self._word_for_word(bare, dict.fromkeys((*marked, *prefer, *range(len(self._read))))):
            return Checked(bare, (word_for_word,), bool(marked))  # where it stands beats where it sounds alike
        if self._unsaid and not self._unsaid.isdisjoint(stretches(bare)):
            return None
        supports = [found for n in marked if (found := self._support(bare, n))]
        if not supports:
            others = dict.fromkeys((*prefer, *range(len(self._read))))
            supports = [found for n in others if n not in marked and (found := self._support(bare, n))][:1]
        return Checked(bare, tuple(supports), bool(marked)) if supports else None

    def _word_for_word(self, sentence: str, places: Iterable[int]) -> Support | None:
        for place in places:
            passage = self._read[place]
            if span := _verbatim(sentence, passage.text):
                return Support(place, best_piece(span, frozenset(terms(sentence)), passage.passage))
        return None

    def _support(self, sentence: str, place: int) -> Support | None:
        passage = self._read[place]
        wanted = _content(_LIST_MARK.sub("", sentence))
        if not wanted or _share(wanted, passage.found) < _LEAST_IN_PASSAGE:
            return None
        if not self._names_known(sentence, passage) or not self._numbers_known(sentence, passage):
            return None
        if _contradicts(sentence, passage) or _has_stowaway(sentence, passage):
            return None
        span, share = _best_span(wanted, passage)
        return Support(place, best_piece(span, wanted, passage.passage)) if share >= _LEAST_IN_QUOTE else None

    def _numbers_known(self, sentence: str, passage: _Read) -> bool:
        return _numbers(terms(_LIST_MARK.sub("", sentence))) <= passage.found | self._asked

    def _names_known(self, sentence: str, passage: _Read) -> bool:
        first = sentence.lstrip()[:1]
        names = [m[0] for m in _NAME.finditer(sentence) if not (m.start() <= 1 and first.isalpha() and m[0].istitle())]
        known = passage.flat + _flat(self._question)
        quoted_names = (m[1] for m in _QUOTED.finditer(sentence))
        return all(_flat(name) in known for name in (*names, *_OPAQUE.findall(sentence), *quoted_names))


@dataclass(slots=True)
class Grounder:
    """Takes an answer in pieces, gives back what is supported, renumbered 1… in order of appearance."""

    question: str
    passages: Sequence[Passage]
    unsaid: str = ""
    _checker: Checker = field(init=False)
    _buffer: str = field(default="", init=False)
    _held: list[str] = field(default_factory=list, init=False)
    _pending: Checked | None = field(default=None, init=False)
    _kept: list[str] = field(default_factory=list, init=False)
    _quotes: list[Support] = field(default_factory=list, init=False)
    dropped: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._checker = Checker(self.question, self.passages, self.unsaid)

    def feed(self, piece: str) -> Iterator[str]:
        """Take the next piece; yield checked text that is ready to be shown."""
        self._buffer += piece
        while (cut := _next_cut(self._buffer)) is not None:
            sentence, self._buffer = self._buffer[:cut], self._buffer[cut:]
            self._held.append(sentence)
            if _MARK.search(sentence) or len(self._held) >= _HELD_SENTENCES:
                yield from self._release()

    def close(self) -> Iterator[str]:
        """Take the end of the answer; yield what was held back."""
        if self._buffer:
            self._held.append(self._buffer)
            self._buffer = ""
        yield from self._release()
        if self._pending:
            yield self._shown(self._pending, None)
            self._pending = None

    def grounded(self) -> Grounded | None:
        """Return the whole, or None if nothing is supported: then the question is refused."""
        if not self._quotes:
            return None
        return Grounded("".join(self._kept).strip(), tuple(map(self._citation, self._quotes)))

    def _release(self) -> Iterator[str]:
        """Check the held sentences; the mark of the last counts for those before it.

        The last that stays is kept back until the next is known: of neighbours with the same marks the last shows them.
        """
        held, self._held = self._held, []
        prefer = [n for sentence in held for n in _marks(sentence)] + [quote.passage for quote in self._quotes[-1:]]
        known = [n for n in prefer if n < len(self.passages)]
        for sentence in held:
            checked = self._checker.check(sentence, known)
            if checked is None:
                self.dropped += bool(sentence.strip())
                continue
            if self._pending:
                yield self._shown(self._pending, checked)
            self._pending = checked

    def _shown(self, sentence: Checked, following: Checked | None) -> str:
        numbers = [self._number(support) for support in sentence.supports]
        joined = following and not sentence.marked and following.rests_on == sentence.rests_on
        text = sentence.text if joined else with_marks(sentence.text, numbers)
        self._kept.append(text)
        return text

    def _number(self, support: Support) -> int:
        """Return the number of the quote that holds the support: one there is, one that is widened, or a new one."""
        for place, quote in enumerate(self._quotes):
            if quote.passage != support.passage:
                continue
            wide = Span(min(quote.span.start, support.span.start), max(quote.span.end, support.span.end))
            if wide == quote.span or self._quotable(wide, self.passages[quote.passage]):
                self._quotes[place] = Support(quote.passage, wide)
                return place + 1
        self._quotes.append(support)
        return len(self._quotes)

    def _quotable(self, span: Span, passage: Passage) -> bool:
        return span.end - span.start <= _LONGEST_QUOTE and is_whole(span, passage)

    def _citation(self, support: Support) -> Citation:
        passage = self.passages[support.passage]
        quote = quoted(support.span, passage)
        return Citation(passage.chunk_id, passage.document, passage.title, passage.page, passage.heading, quote)


def ground(answer: str, question: str, passages: Sequence[Passage]) -> Grounded | None:
    """Check a whole answer at once; None if nothing of it is supported."""
    grounder = Grounder(question, passages)
    for _ in (*grounder.feed(answer), *grounder.close()):
        pass
    return grounder.grounded()


def _next_cut(buffer: str) -> int | None:
    """Return where the first sentence ends, marks after it included, once it is certain that it has ended."""
    for end in _END.finditer(buffer):
        cut = end.end()
        while mark := _MARK.match(buffer, cut):
            if "\n" in mark[0]:
                break
            cut = mark.end()
        rest = buffer[cut:]
        if not rest.strip() or re.match(r"\s*[\[【][\d\s,、，]*$", rest):
            return None  # a mark, or the rest of one, may still come
        return cut + len(rest) - len(rest.lstrip())
    return None


def _marks(sentence: str) -> list[int]:
    numbers = [int(n) - 1 for mark in _MARK.findall(sentence) for n in _DIGITS.findall(mark)]
    return list(dict.fromkeys(n for n in numbers if n >= 0))


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", fold(text))


def _content(text: str) -> frozenset[str]:
    """Return the terms that carry meaning: words and CJK bigrams; single characters only where there is no more."""
    topical = [term for term, weight in query_terms(text).items() if weight >= 0.5]
    strong = frozenset(t for t in topical if is_bigram(t) or t[0] < "\u3040")
    return strong or frozenset(topical)


def _share(wanted: frozenset[str], found: frozenset[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0


def _numbers(found: Sequence[str]) -> frozenset[str]:
    return frozenset(t for t in found if t[0].isdigit() and t.replace(".", "").isdigit())


def _negative(clause: str) -> bool:
    return bool(_NEGATIVE.search(_NOT_NEGATIVE.sub("", clause)))


def _contradicts(sentence: str, passage: _Read) -> bool:
    """Return whether a clause says with a negation what the passage says without, or the reverse."""
    for clause in _CLAUSE.split(sentence):
        wanted = _content(_NEGATIVE.sub("", clause))
        if len(wanted) < 2:
            continue
        near = [negated for found, negated in passage.clauses if _share(wanted, found) >= _SAME_CLAUSE]
        if near and _negative(clause) not in near:
            return True
    return False


def _has_stowaway(sentence: str, passage: _Read) -> bool:
    """Return whether a stretch says what the passage nowhere touches: true words around it do not carry it along."""
    joined = _SPACED.sub("", sentence)
    wanted = _content(joined)
    unknown = 0
    for term in terms(joined):
        if term in wanted:
            unknown = 0 if term in passage.found else unknown + 1
        if unknown == _STOWAWAY:
            return True
    return False


def _verbatim(sentence: str, text: str) -> Span | None:
    bare = sentence.strip()
    start = text.find(bare) if bare else -1
    return Span(start, start + len(bare)) if start >= 0 else None


def _best_span(wanted: frozenset[str], passage: _Read) -> tuple[Span, float]:
    """Return the shortest run of up to three sentences that has most of the wanted terms."""
    best, best_share = Span(0, 0), -1.0
    for size in range(1, _QUOTED_SENTENCES + 1):
        for i in range(len(passage.spans) - size + 1):
            share = _share(wanted, frozenset[str]().union(*passage.per_span[i : i + size]))
            if share > best_share + 0.1 * (size > 1):
                best, best_share = Span(passage.spans[i].start, passage.spans[i + size - 1].end), share
    return best, best_share
