"""The single public entry: from a question to a grounded answer, or an honest refusal.

Rewrite, retrieve, decide, generate, check. What streams is one checked sentence at a time; the GroundedAnswer
that ends the stream is what counts, also where it differs from what streamed (a model that fell over midway).
"""

from collections.abc import Generator as Events
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from rag_core.answer.calibrate import threshold_for
from rag_core.answer.ground import Grounded, Grounder
from rag_core.answer.language import Language, empty_text, language_of, refusal_text
from rag_core.answer.refuse import Decision, Reason, combine, decide
from rag_core.answer.rewrite import stand_alone
from rag_core.errors import GeneratorUnavailable
from rag_core.models.ports import Generator
from rag_core.models.prompt import instructions
from rag_core.search import store
from rag_core.search.search import Searcher
from rag_core.types import AnswerPart, AnswerStream, GenerationRequest, GroundedAnswer, Scope, SearchResult, Turn

Checked = Events[AnswerPart, None, Grounded | None]

_PASSAGES = 5  # that a generator gets
_HISTORY = 3  # turns that a generator gets

_BUSY: dict[Language, str] = {
    "zh": "語言模型暫時無法使用，以下是文件中的原文。",
    "en": "The language model is not available right now; these are the documents' own sentences.",
}
_UNSUPPORTED: dict[Language, str] = {
    "zh": "語言模型寫的回答在文件裡找不到依據，以下改列文件中的原文。",
    "en": "What the language model wrote is not supported by the documents; these are their own sentences.",
}
_PRIVATE: dict[Language, str] = {
    "zh": "這個窗口的文件不得離開公司，因此沒有使用外部的語言模型；以下是文件中的原文。",
    "en": "This window's documents may not leave the company, so no outside model was used; these are their words.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question, who may read what, and what the answer's tone and refusal need."""

    text: str
    scope: Scope
    history: Sequence[Turn] = ()
    persona: str = ""
    contact: str = ""


class Answerer:
    """Answers questions. ``fallback`` writes the answer whenever ``generator`` cannot or may not."""

    def __init__(self, searcher: Searcher, generator: Generator, fallback: Generator) -> None:
        self._searcher, self._generator, self._fallback = searcher, generator, fallback

    def answer(self, question: Question) -> AnswerStream:
        """Yield checked sentences, then the GroundedAnswer. Raises DatabaseUnavailable."""
        began = perf_counter()
        for event in self._events(question):
            if isinstance(event, AnswerPart):
                yield event
            else:
                yield replace(event, milliseconds=(perf_counter() - began) * 1000)

    def answer_at_once(self, question: Question) -> GroundedAnswer:
        """Return the final answer alone. Raises DatabaseUnavailable."""
        *_, last = self.answer(question)
        assert isinstance(last, GroundedAnswer)
        return last

    def _events(self, question: Question) -> AnswerStream:
        language = language_of(question.text)
        asked = stand_alone(question.text, question.history)
        result = self._searcher.search(asked.query, question.scope, limit=_PASSAGES)
        decision, private = self._decide(result, question.scope, language)
        if not decision.answer:
            nothing_asked = decision.reason is Reason.NOTHING_ASKED
            text = empty_text(language) if nothing_asked else refusal_text(language, question.contact)
            yield _refusal(question, text)
            return
        request = GenerationRequest(
            result.question,
            language,
            question.persona,
            result.passages,
            result.evidence,
            tuple(question.history[-_HISTORY:]),
            ",".join(question.scope.collections),
        )
        yield from self._written(question, request, private=private)

    def _decide(self, result: SearchResult, scope: Scope, language: Language) -> tuple[Decision, bool]:
        """Return the decision, and whether the passages must stay inside the company."""
        with self._searcher.database.viewer(scope.groups) as viewer:
            threshold = combine(threshold_for(viewer, scope.collections, language))
            private = not store.may_leave_company(viewer, scope.collections)
        return decide(result, threshold), private

    def _written(self, question: Question, request: GenerationRequest, *, private: bool) -> AnswerStream:
        """Generate and check; where the generator may not, cannot or has nothing supported to say, fall back."""
        language: Language = "en" if request.language == "en" else "zh"
        notice = _PRIVATE[language]
        if not (private and self._generator.leaves_company):
            try:
                grounded = yield from _checked(self._generator, request)
                if grounded:
                    yield _answered(question, grounded, self._generator.name)
                    return
                notice = _UNSUPPORTED[language]
            except GeneratorUnavailable:
                notice = _BUSY[language]
        grounded = yield from _checked(self._fallback, request)
        if grounded is None:
            yield _refusal(question, refusal_text(language, question.contact))
        else:
            told = None if self._generator.name == self._fallback.name else notice
            yield replace(_answered(question, grounded, self._fallback.name), notice=told)


def _checked(generator: Generator, request: GenerationRequest) -> Checked:
    """Yield the supported sentences as they come and return what is left of the whole, None if nothing."""
    grounder = Grounder(request.question, request.passages, instructions(request))
    for piece in generator.generate(request):
        yield from map(AnswerPart, grounder.feed(piece))
    yield from map(AnswerPart, grounder.close())
    return grounder.grounded()


def _answered(question: Question, grounded: Grounded, generator: str) -> GroundedAnswer:
    return GroundedAnswer(question.text, grounded.text, False, grounded.citations, generator, 0.0)


def _refusal(question: Question, text: str) -> GroundedAnswer:
    return GroundedAnswer(question.text, text, True, (), "refusal", 0.0)
