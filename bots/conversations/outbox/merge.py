"""Several replies as one: two questions in one message, or what waited for the same token.

Texts come first, then cards. A tap has to stand beside the words it belongs to, so a reply whose taps name what they
are about (a request, a notification) becomes a card of its words and its taps, wherever it stands: two approvals that
waited together can each be decided. A tap that means the conversation as it is at that moment ("ask another window",
the choices of the last question) stays only where its reply is the last: an earlier one's would lead back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bots.messages import Card, Choice, Reply, SourceCard

_MARK = re.compile(r"\[(\d{1,3})\]")
_MARKS = re.compile(r"\s*\[\d{1,3}\]")
_APART = "\n\n"
_ON_A_CARD = 300  # UTF-16 units of text: what LINE's cards show
_OF_THE_MOMENT = frozenset({"answer", "ask", "fill", "window", "windows"})
"""What taps carry before "=" that mean the last question, or what was begun; a draft's step is over with the next."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one reply becomes. ``words``: its text, empty where a card says it."""

    words: str
    cards: tuple[Card, ...]
    notice: str | None


def merged(replies: Sequence[Reply]) -> Reply:
    """Return one reply that says all of them, its sources numbered through. At least one is needed."""
    first, *rest = replies
    if not rest:
        return first
    texts: list[str] = []
    sources: list[SourceCard] = []
    parts = [_part(reply) for reply in replies]
    for reply, part in zip(replies, parts, strict=True):
        shift = len(sources)
        texts.append(_renumbered(part.words, reply.sources, shift))
        sources.extend(replace(source, number=source.number + shift) for source in reply.sources)
    last = replies[-1]
    notices = list(dict.fromkeys(part.notice for part in parts if part.notice))
    return replace(
        last,
        text=_APART.join(text for text in texts if text),
        sources=tuple(sources),
        refused=all(reply.refused for reply in replies),
        notice="\n".join(notices) or None,
        choices=tuple(choice for choice in last.choices if not _names_its_matter(choice)),
        cards=tuple(card for part in parts for card in part.cards),
        tables=tuple(table for reply in replies for table in reply.tables),
        window=first.window if all(reply.window == first.window for reply in replies) else "",
        feedback=any(reply.feedback for reply in replies),
    )


def _part(reply: Reply) -> _Part:
    """Return the reply with its taps on a card that says what they belong to, if it has such taps."""
    bare = reply.cards[0] if len(reply.cards) == 1 and reply.cards[0].choices and not reply.cards[0].text else None
    taps = tuple(choice for choice in reply.choices if _names_its_matter(choice))
    if bare is None and not taps:
        return _Part(reply.text, reply.cards, reply.notice)
    said = "\n".join(filter(None, (reply.text, reply.notice)))
    fits = _units(said) <= _ON_A_CARD and not reply.sources
    title, choices = (bare.title, (*bare.choices, *taps)) if bare else (reply.window, taps)
    card = Card(title, said if fits else _beginning(said), choices, bare.attachments if bare else ())
    cards = (card,) if bare else (*reply.cards, card)
    return _Part("", cards, None) if fits else _Part(reply.text, cards, reply.notice)


def _names_its_matter(choice: Choice) -> bool:
    return bool(choice.data) and choice.data.partition("=")[0] not in _OF_THE_MOMENT


def _beginning(text: str) -> str:
    return f"{_MARKS.sub('', text)[: _ON_A_CARD // 2 - 1]}…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2


def _renumbered(text: str, sources: Sequence[SourceCard], shift: int) -> str:
    known = {source.number for source in sources}

    def mark(found: re.Match[str]) -> str:
        number = int(found[1])
        return f"[{number + shift}]" if number in known else found[0]

    return _MARK.sub(mark, text)
