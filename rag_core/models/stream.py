"""What of a server's stream is the answer: not what a model thinks aloud, and no sentence that was cut off."""

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Any, Self

from rag_core.errors import GeneratorUnavailable
from rag_core.models.trouble import OddAnswer

_THINKS, _THOUGHT = "<think>", "</think>"
_END = re.compile(  # of a sentence, with the marks of its passages
    r"(?:[。！？!?\n]|(?<!\d)\.(?=\s|[\[【]))[」』）”’\"')】》]*(?:\s*[\[【][\d,、，\s]+[\]】])*\s*"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One event of an answer. ``thought``: the model is thinking, in a field of its own. ``finish``: why it ended."""

    text: str = ""
    thought: bool = False
    finish: str | None = None


def parts(stream: Any) -> Iterator[Part]:
    """Yield the parts of an answer, streamed or whole. Raises OddAnswer and what the client raises."""
    try:
        yield from _parts(stream)
    except (AttributeError, TypeError, LookupError) as error:  # the client checks no shapes
        raise OddAnswer("an answer of another shape") from error


def _parts(stream: Any) -> Iterator[Part]:
    kind = stream.response.headers.get("content-type", "")
    if "html" in kind:
        raise OddAnswer("a page instead of an answer")
    if "application/json" in kind:
        yield _whole(json.loads(b"".join(stream.response.iter_bytes())))
    else:
        yield from map(_part, stream)
        if _ends_with_its_connection(stream.response):
            yield Part(finish="disconnected")


class Alarm:
    """Breaks a connection off when time is up, also while a read waits: HTTP clients only limit each single read."""

    def __init__(self, response: Any, seconds: float) -> None:
        stream = response.extensions.get("network_stream")
        self._socket = stream.get_extra_info("socket") if stream else None
        self._lock, self._on, self.rang = Lock(), True, False
        self._timer = self._started(seconds)

    def set(self, seconds: float) -> None:
        """Ring in so many seconds instead."""
        self._timer.cancel()
        self._timer = self._started(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._on = False
        self._timer.cancel()

    def _started(self, seconds: float) -> Timer:
        timer = Timer(max(0.0, seconds), self._ring)
        timer.daemon = True
        timer.start()
        return timer

    def _ring(self) -> None:
        with self._lock:
            if not self._on:
                return
            self.rang = True
            try:
                if self._socket is not None:  # not TLS's own shutdown, which would pull the session from under a read
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:  # closed already
                pass


class Thoughts:
    """Leaves out ``<think>…</think>``, which reasoning models write into the text. ``begun``: without its start."""

    def __init__(self, *, begun: bool = False) -> None:
        self._inside, self._held = begun, ""
        self.unbegun = False  # a thought ended that had no start: everything before was one

    def feed(self, text: str) -> str:
        """Take the next piece, return what of it is certainly no thought."""
        self._held += text
        said = ""
        while True:
            mark = _THOUGHT if self._inside else _THINKS
            before, found, after = self._held.partition(mark)
            if not self._inside and _THOUGHT in (before if found else self._held):
                self.unbegun = True
                return ""
            if not found:
                keep = max(_overlap(self._held, _THINKS), _overlap(self._held, _THOUGHT))
                cut = len(self._held) - keep
                said += "" if self._inside else self._held[:cut]
                self._held = self._held[cut:]
                return said
            said += "" if self._inside else before
            self._inside, self._held = not self._inside, after.lstrip() if self._inside else after

    def end(self) -> str:
        """Return what was held back because it might have become a mark."""
        return "" if self._inside else self._held


class Tail:
    """Lets an answer through, but no half sentence at its end.

    A server ends an answer after ``max_tokens`` wherever it stands. "員工不得" stands in the passage word for word, so
    the check of the answer would let it pass; what it says is not what the sentence says. A token has at least a byte:
    the answer streams freely for so many bytes, then a sentence at a time. Where it ends before that (a small context,
    thoughts that count but are not sent) and in mid-sentence, the half is out already and the whole is given up.
    """

    def __init__(self, max_tokens: int) -> None:
        self._free, self._held, self._out = max_tokens, "", ""

    def feed(self, text: str) -> str:
        """Take the next piece, return what may go out."""
        self._free -= len(text.encode())
        self._held += text
        cut = len(self._held) if self._free > 0 else max((end.end() for end in _END.finditer(self._held)), default=0)
        return self._let_out(cut)

    def end(self, finish: str | None) -> str:
        """Return the rest where the answer ended by itself, nothing where it was cut. Raises GeneratorUnavailable."""
        if finish == "content_filter":
            raise GeneratorUnavailable("The model server filtered its own answer.", reason="refused")
        if finish not in {"length", "disconnected"}:
            return self._let_out(len(self._held))
        ends = list(_END.finditer(self._out))
        if not ends or ends[-1].end() != len(self._out):
            raise GeneratorUnavailable(
                f"The model server's answer was cut off in a sentence ({finish}): give it a larger context.",
                reason="refused" if finish == "length" else "failed",
            )
        return ""

    def _let_out(self, cut: int) -> str:
        out, self._held = self._held[:cut], self._held[cut:]
        self._out = (self._out + out)[-80:]  # enough for a sentence's end and its marks
        return out


def _overlap(text: str, mark: str) -> int:
    """Return how many characters at the end of a text may be the beginning of a mark."""
    return next((n for n in range(min(len(text), len(mark) - 1), 0, -1) if text.endswith(mark[:n])), 0)


def _whole(body: Any) -> Part:
    if not isinstance(body, dict) or body.get("error") or not body.get("choices"):
        raise OddAnswer("no answer", body.get("error") if isinstance(body, dict) else None)
    choice = body["choices"][0]
    return Part(str((choice.get("message") or {}).get("content") or ""), finish=choice.get("finish_reason"))


def _part(event: Any) -> Part:
    choices = getattr(event, "choices", None)
    if not choices:  # Azure's first event tells of its filter, others end with a count of tokens
        told = getattr(event, "model_extra", None) or {}
        if choices is None and not told.keys().isdisjoint({"message", "error_message"}):
            raise OddAnswer("an error in the stream", told)
        return Part()
    delta = getattr(choices[0], "delta", None)
    text = getattr(delta, "content", None)
    thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    return Part(text if isinstance(text, str) else "", bool(thought), getattr(choices[0], "finish_reason", None))


def _ends_with_its_connection(response: Any) -> bool:
    """Return whether nothing but the end of the connection ends this body: then a server that died looks the same."""
    return not {"transfer-encoding", "content-length"} & set(response.headers)
