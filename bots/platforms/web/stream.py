"""A reply as an event stream that can be resumed.

``part`` for each checked sentence, ``restart`` where the sentences so far are void, one ``reply`` at the end; ``wait``
where the page is to come back in a moment; ``fault`` with a sentence. Every event of a reply has its mark as id.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from bots.messages import Reply, ReplyPart
from bots.platforms.web.shown import Show
from bots.platforms.web.signing import Clock
from bots.ports import Progress

Explain = Callable[[Exception], str]
Follow = Callable[[], Iterator[Progress | None]]

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",  # a proxy that compresses would collect before it sends
    "X-Accel-Buffering": "no",  # nginx
}
OPEN_FOR = timedelta(minutes=2)
WAIT_S = 1

_OPEN = b": open\n\n"  # so that headers leave at once and the page knows we are there
_HEARTBEAT = b":\n\n"  # so that a proxy keeps the connection, and we hear when the page has gone


def event_stream(follow: Follow, show: Show, explain: Explain, now: Clock) -> Iterator[bytes]:
    """Yield the events of one reply. Nothing is raised: ``explain`` makes an exception the sentence of a ``fault``.

    After two minutes the page is asked to come back, so that nobody holds a thread for ever.
    """
    yield _OPEN
    try:
        yield from _events(follow(), show, now)
    except Exception as error:  # the stream has begun, so the page is told within it
        yield _event("fault", {"message": explain(error)})


def waiting(reply: Callable[[], tuple[Reply, str] | None], show: Show, explain: Explain) -> Iterator[bytes]:
    """Yield the reply and its delivery's id if they are there, else the wish to be asked again in a moment."""
    try:
        there = reply()
        yield _event("reply", show(*there)) if there else _wait()
    except Exception as error:
        yield _event("fault", {"message": explain(error)})


def _events(steps: Iterator[Progress | None], show: Show, now: Clock) -> Iterator[bytes]:
    ends = now() + OPEN_FOR
    replied = False
    for step in steps:  # to the end, beyond the reply too: the desk may have something to put away after it
        if step is not None:
            replied = replied or isinstance(step.item, Reply)
            yield _progress(step, show)
        elif now() >= ends:
            yield _wait()
            return
        else:
            yield _HEARTBEAT
    if not replied:
        raise RuntimeError("the desk ended without a reply")


def _progress(step: Progress, show: Show) -> bytes:
    match step.item:
        case Reply() as reply:
            return _event("reply", show(reply, step.delivery), step.mark)
        case ReplyPart(text):
            return _event("part", {"text": text}, step.mark)
    return _event("restart", {}, step.mark)


def _wait() -> bytes:
    return _event("wait", {"seconds": WAIT_S})


def _event(name: str, data: dict[str, Any], mark: str = "") -> bytes:
    # ASCII JSON has no line break inside, U+2028 included, so one data line is always enough.
    known = f"id: {mark}\n" if mark else ""
    return f"{known}event: {name}\ndata: {json.dumps(data)}\n\n".encode("ascii")
