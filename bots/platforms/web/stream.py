"""A reply as an event stream: ``part`` for each checked sentence, then one ``reply``, or ``fault`` with a sentence."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any

from bots.messages import Reply, ReplyPart, SourceCard

Explain = Callable[[Exception], str]
PageAddress = Callable[[SourceCard], str]

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",  # a proxy that compresses would collect before it sends
    "X-Accel-Buffering": "no",  # nginx
}


def event_stream(
    items: Callable[[], Iterator[ReplyPart | Reply]], address: PageAddress, explain: Explain
) -> Iterator[bytes]:
    """Yield the events of one reply. Nothing is raised: ``explain`` makes an exception the sentence of a ``fault``."""
    yield b": open\n\n"  # so that headers leave at once and the page knows we are there
    try:
        yield from _events(items(), address)
    except Exception as error:  # the stream has begun, so the page is told within it
        yield _event("fault", {"message": explain(error)})


def _events(items: Iterable[ReplyPart | Reply], address: PageAddress) -> Iterator[bytes]:
    replied = False
    for item in items:  # to the end, beyond the reply too: the desk may have something to put away after it
        if replied:
            continue
        if isinstance(item, Reply):
            replied = True
            yield _event("reply", _shown(item, address))
        else:
            yield _event("part", {"text": item.text})
    if not replied:
        raise RuntimeError("the desk ended without a reply")


def _shown(reply: Reply, address: PageAddress) -> dict[str, Any]:
    return {
        "text": reply.text,
        "refused": reply.refused,
        "notice": reply.notice,
        "suggestions": reply.suggestions,
        "sources": [_source(source, address) for source in reply.sources],
    }


def _source(source: SourceCard, address: PageAddress) -> dict[str, Any]:
    shown = asdict(source)
    del shown["chunk_id"], shown["has_image"]
    return shown | {"image": address(source) if source.has_image else None}


def _event(name: str, data: dict[str, Any]) -> bytes:
    # ASCII JSON has no line break inside, U+2028 included, so one data line is always enough.
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode("ascii")
