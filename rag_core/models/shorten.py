"""Makes a request smaller that a server found too long for its model's context.

What goes first: the history from its oldest turn on (the latest stays), then passages from the worst on (they come
best first, so the numbers of those that stay are unchanged), then the latest turn. The question, the rules and the
best passage are never cut.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from rag_core.models.prompt import messages
from rag_core.types import GenerationRequest

_NAMES = {"context_length_exceeded", "exceed_context_size_error"}  # OpenAI and ours; llama-server
_TOLD = re.compile(  # vLLM, LM Studio and gateways say it in words
    r"maximum context length|maximum model length|context the overflows|n_keep\b.*n_ctx"
    r"|exceeds? the available context|context (?:size|length|window) (?:has been |was )?exceeded",
    re.IGNORECASE | re.DOTALL,
)
_PROMPT = re.compile(
    r"(?:request has|\(|resulted in|prompt contains|request \(|keep the first|n_keep\W+|\(length )\s*(\d+)"
    r"(?= input tokens| in the messages| tokens|\W+n_ctx|\) is longer)"
)
_CONTEXT = re.compile(
    r"(?:maximum context length is|context size \(|context length of only|n_ctx\W+|model length of)\s*(\d+)"
)
_UNTOLD = 0.25  # of the prompt, where the server does not say by how much it is too long
_MARGIN = 1.1  # characters only estimate tokens


@dataclass(frozen=True, slots=True)
class Overflow:
    """The tokens a server told of when it refused: of the prompt, of its context, and kept free for the answer."""

    prompt: int | None = None
    context: int | None = None
    answer: int | None = None

    def share(self, max_tokens: int) -> float:
        """Return the share of the prompt (0 to 1) that has to go, to leave room for an answer of ``max_tokens``."""
        if not self.prompt or not self.context:
            return _UNTOLD
        room = min(self.answer or max_tokens, self.context // 2)
        return min(1.0, max(0.0, (self.prompt + room - self.context) / self.prompt * _MARGIN))


def overflow(names: Collection[str], text: str, fields: Mapping[str, object]) -> Overflow | None:
    """Return what an error tells of a prompt that is too long, None where it is another error.

    ``names`` are its code and type, ``text`` its message, ``fields`` all it says. A count that a server only knows as
    "at least" (vLLM stops counting at its limit) is taken as untold.
    """
    if _NAMES.isdisjoint(names) and not _TOLD.search(text):
        return None
    return Overflow(
        _count(fields.get("n_prompt_tokens")) or _found(_PROMPT, text),
        _count(fields.get("n_ctx")) or _found(_CONTEXT, text),
        _count(fields.get("n_max_tokens")),
    )


def smaller(request: GenerationRequest, too_long_by: float = 0.0) -> GenerationRequest | None:
    """Return the request with at least ``too_long_by`` of its prompt gone (a share, 0 to 1), as far as it can go.

    At least one thing goes. None when nothing is left that may.
    """
    whole = weight(request)
    left = request
    while weight(left) == whole or weight(left) > whole * (1 - too_long_by):
        less = _less(left)
        if less is None:
            break
        left = less
    return left if weight(left) < whole else None


def weight(request: GenerationRequest) -> float:
    """Return about how many tokens the prompt has: one for a CJK character, one for four of other scripts."""
    return sum(1.0 if char > "\u2e7f" else 0.25 for message in messages(request) for char in message["content"])


def _less(request: GenerationRequest) -> GenerationRequest | None:
    if len(request.history) > 1:
        return replace(request, history=tuple(request.history[1:]))
    if len(request.passages) > 1:
        return replace(request, passages=tuple(request.passages[:-1]))
    return replace(request, history=()) if request.history else None


def _found(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(found[1]) if found else None


def _count(told: object) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None
