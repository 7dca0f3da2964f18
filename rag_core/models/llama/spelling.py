"""From the bytes of tokens to text: never half a character, and never a word of a stop string."""

import codecs
from collections.abc import Sequence


class Spelling:
    """Turns the bytes of one answer into text that may be shown. ``stopped``: a stop string has been met."""

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(text for text in stop if text)
        self._held = ""
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        """Take the next token's bytes; return what is certain, up to a stop string if one is complete."""
        self._held += self._decoder.decode(piece)
        return self._shown()

    def close(self) -> str:
        """Return what was held back; an unfinished character becomes U+FFFD."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(b"", final=True)
        shown = self._shown()
        rest, self._held = ("" if self.stopped else self._held), ""
        return shown + rest

    def _shown(self) -> str:
        found = [(at + len(text), at) for text in self._stop if (at := self._held.find(text)) >= 0]
        if found:
            self.stopped = True
            shown, self._held = self._held[: min(found)[1]], ""  # the first to be complete: pieces change nothing
            return shown
        cut = len(self._held) - self._may_begin_a_stop()
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown

    def _may_begin_a_stop(self) -> int:
        """Return how many characters at the end could be the beginning of a stop string."""
        longest = max(map(len, self._stop), default=1) - 1
        return next(
            (
                size
                for size in range(min(longest, len(self._held)), 0, -1)
                if any(text.startswith(self._held[-size:]) for text in self._stop)
            ),
            0,
        )
