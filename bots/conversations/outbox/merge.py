"""Several replies as one: two questions in one message, or answers that waited for the same token."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bots.messages import Reply, SourceCard

_MARK = re.compile(r"\[(\d{1,3})\]")
_APART = "\n\n"


def merged(replies: Sequence[Reply]) -> Reply:
    """Return one reply that says all of them in order, its sources numbered through. At least one is needed.

    The taps of the last one stay: those of the earlier ones would lead back.
    """
    first, *rest = replies
    if not rest:
        return first
    texts: list[str] = []
    sources: list[SourceCard] = []
    for reply in replies:
        shift = len(sources)
        texts.append(_renumbered(reply.text, reply.sources, shift))
        sources.extend(replace(source, number=source.number + shift) for source in reply.sources)
    last = replies[-1]
    notices = list(dict.fromkeys(reply.notice for reply in replies if reply.notice))
    return replace(
        last,
        text=_APART.join(texts),
        sources=tuple(sources),
        refused=all(reply.refused for reply in replies),
        notice="\n".join(notices) or None,
        cards=tuple(card for reply in replies for card in reply.cards),
        window=first.window if all(reply.window == first.window for reply in replies) else "",
        feedback=any(reply.feedback for reply in replies),
    )


def _renumbered(text: str, sources: Sequence[SourceCard], shift: int) -> str:
    known = {source.number for source in sources}

    def mark(found: re.Match[str]) -> str:
        number = int(found[1])
        return f"[{number + shift}]" if number in known else found[0]

    return _MARK.sub(mark, text)
