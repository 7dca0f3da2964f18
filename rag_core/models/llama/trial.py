"""Tries a model: loads it, lets it write one answer from a passage, and tells what that took."""

from dataclasses import dataclass
from time import monotonic

import psutil

from rag_core.models.llama.chat import Caller, read_request
from rag_core.models.llama.model import Loaded, load, start_up_line
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.request import Finished
from rag_core.models.machine import this_machine
from rag_core.models.prompt import messages
from rag_core.types import GenerationRequest


@dataclass(frozen=True, slots=True)
class Trial:
    """One answer and its figures. ``first_s`` and ``rest_s``: seconds to its first token, and from there to its end."""

    start_up: str
    load_s: float
    answer: str
    prompt_tokens: int
    answer_tokens: int
    first_s: float
    rest_s: float
    memory_bytes: int
    gpu_bytes: int

    @property
    def prompt_rate(self) -> float:
        """Prompt tokens a second."""
        return self.prompt_tokens / self.first_s

    @property
    def answer_rate(self) -> float | None:
        """Answer tokens a second after the first, None if there was only one."""
        return (self.answer_tokens - 1) / self.rest_s if self.answer_tokens > 1 and self.rest_s > 0 else None


def try_model(options: EngineOptions, request: GenerationRequest, max_tokens: int, *, adapter: str = "") -> Trial:
    """Load the model, answer, and give everything back. Raises ConfigurationError or an EngineError.

    Memory is what is resident after the answer, the mapped file with it; on GPUs, what is less free than before.
    """
    free, began = _gpu_free(), monotonic()
    loaded = load(options)
    load_s = monotonic() - began
    try:
        answer, finished, first_s, rest_s = _answered(loaded, request, max_tokens, adapter)
        memory, gpu = psutil.Process().memory_info().rss, max(0, free - _gpu_free())
        line = start_up_line(loaded.runtime, options)
    finally:
        loaded.close()
    taken = (finished.prompt_tokens, len(finished.tokens))
    return Trial(line, load_s, answer, *taken, first_s, rest_s, memory, gpu)


def _answered(
    loaded: Loaded, request: GenerationRequest, max_tokens: int, adapter: str
) -> tuple[str, Finished, float, float]:
    body = {"model": adapter, "messages": messages(request), "max_tokens": max_tokens}
    began = monotonic()
    ticket = loaded.engine.submit(loaded.chat.job(read_request(body), Caller()))
    events = ticket.events()
    head = next(events)  # a token that makes no whole character comes with the next: then both count as the first
    first = monotonic()
    *pieces, finished = (head, *events)
    assert isinstance(finished, Finished)
    return "".join(map(str, pieces)), finished, first - began, monotonic() - first


def _gpu_free() -> int:
    return sum(gpu.free_bytes for gpu in this_machine().gpus)
