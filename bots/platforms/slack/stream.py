"""A reply that grows before people's eyes, by chat.startStream and chat.appendStream.

It is a courtesy: whatever goes wrong, the stream falls silent and the delivery afterwards says everything. It begins
only when the first sentence has waited, as most replies are complete before anybody would see them grow, and calls
at most once a second, as Slack allows some 20 starts a minute.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bots.messages import Place
from bots.platforms.slack.calls import Api, CallFailed
from bots.platforms.slack.plain import clean

WAIT = timedelta(seconds=0.8)
PAUSE = timedelta(seconds=1)
LONGEST = 9_000  # characters of a stream; Slack takes 12,000 of markdown

log = structlog.get_logger()

_MARKUP = re.compile(r"([\\`*_~#\[\]()!|+-])")


@dataclass(slots=True)
class SlackStream:
    """One growing message. ``not_begun`` is told why Slack did not begin it, or may have begun it unheard."""

    api: Api
    place: Place
    sender: str
    team: str
    clock: Callable[[], datetime]
    not_begun: Callable[[CallFailed], None]
    ts: str = ""
    _waiting: list[str] = field(default_factory=list)
    _first: datetime | None = None
    _called: datetime | None = None
    _length: int = 0
    _over: bool = False

    def add(self, text: str) -> str:
        """Show one more sentence, now or with a later one; return the message's ts, empty while there is none."""
        if self._over:
            return self.ts
        now = self.clock()
        self._first = self._first or now
        self._waiting.append(literal(text))
        if now - self._first >= WAIT and (self._called is None or now - self._called >= PAUSE):
            self._called = now
            self._show("".join(self._waiting))
        return self.ts

    def _show(self, text: str) -> None:
        if self._length + len(text) > LONGEST:
            self._over = True
            return
        try:
            if self.ts:
                self.api.write("chat.appendStream", channel=self.place.channel, ts=self.ts, markdown_text=text)
            else:
                self.ts = self._start(text)
        except CallFailed as failed:
            self._fall_silent(failed)
            return
        self._length += len(text)
        self._waiting.clear()

    def _start(self, text: str) -> str:
        home, _, user = self.sender.rpartition("/")
        begun = self.api.write(
            "chat.startStream",
            channel=self.place.channel,
            thread_ts=self.place.thread or None,
            markdown_text=text,
            recipient_user_id=user or None,
            recipient_team_id=home or self.team,
        )
        return str(begun.get("ts", ""))

    def _fall_silent(self, failed: CallFailed) -> None:
        self._over = True
        log.info("slack.stream", account=self.place.account, reason=failed.reason)
        if not self.ts:
            self.not_begun(failed)


def literal(text: str) -> str:
    """Return the text so that Markdown shows its characters and Slack finds no mention or link in it."""
    escaped = _MARKUP.sub(r"\\\1", clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return escaped.replace("://", ":\u2060//")  # a bare address would become a link
