"""The fake's memory: workspaces, people, conversations, messages, views, and the leaves Slack gives for a gesture."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

from .records import (
    Channel,
    File,
    Message,
    ResponseUrl,
    Session,
    SlackError,
    Trigger,
    User,
    View,
    Violation,
    Workspace,
)

Key = tuple[str, str, str]  # team, channel, ts


@dataclass
class State:
    """Everything below is read and changed under ``lock``. Times are seconds of ``clock``."""

    base_url: str = ""
    clock: Callable[[], float] = time.time
    lock: Any = field(default_factory=RLock)
    strict: bool = True
    stream_life_s: float = 300.0
    trigger_life_s: float = 3.0
    response_url_life_s: float = 1800.0
    orphan_replies: str = "unthread"  # or "thread_not_found"; both have been seen from Slack
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    users: dict[tuple[str, str], User] = field(default_factory=dict)
    channels: dict[tuple[str, str], Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    messages: dict[Key, Message] = field(default_factory=dict)
    threads: dict[Key, list[str]] = field(default_factory=dict)
    timelines: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)
    deleted: dict[Key, Message] = field(default_factory=dict)
    stream_starts: dict[Key, float] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    spent_triggers: set[str] = field(default_factory=set)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    assistant_threads: dict[Key, Session] = field(default_factory=dict)
    agent_sessions: dict[Key, Session] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    _last_micros: int = 0
    _number: int = 0

    def ts(self) -> str:
        """Return a timestamp that no message has had, later than every one before."""
        with self.lock:
            self._last_micros = max(self._last_micros + 1, int(self.clock() * 1_000_000))
            return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        with self.lock:
            self._number += 1
            return f"{prefix}{self._number:010d}"

    def channel(self, team: str, channel: str) -> Channel:
        found = self.channels.get((team, channel))
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def user(self, team: str, user: str) -> User:
        found = self.users.get((team, user))
        if found is None:
            raise SlackError("user_not_found")
        return found

    def message(self, team: str, channel: str, ts: str) -> Message:
        found = self.messages.get((team, channel, ts))
        if found is None:
            raise SlackError("message_not_found")
        return found

    def open_im(self, team: str, user: str) -> Channel:
        """Return the direct conversation of the bot and a person, new if there was none."""
        self.user(team, user)
        bot = self.workspaces[team].bot_user
        with self.lock:
            for channel in self.channels.values():
                if channel.team == team and channel.kind == "im" and set(channel.members) == {user, bot}:
                    return channel
            channel = Channel(team, self.new_id("D"), "", "im", (user, bot))
            self.channels[team, channel.id] = channel
        return channel

    def add_message(self, message: Message) -> Message:
        """Keep a new message, at the end of its thread and of its channel."""
        key = (message.team, message.channel, message.ts)
        with self.lock:
            self.messages[key] = message
            self.timelines.setdefault(key[:2], []).append(message.ts)
            if message.thread_ts:
                self.threads.setdefault((*key[:2], message.thread_ts), []).append(message.ts)
        return message

    def change(self, message: Message, **changes: Any) -> Message:
        changed = replace(message, **changes)
        self.messages[changed.team, changed.channel, changed.ts] = changed
        return changed

    def delete(self, message: Message) -> None:
        """Take a message away; of a thread's root with replies a tombstone stays, as in Slack."""
        key = (message.team, message.channel, message.ts)
        with self.lock:
            self.deleted[key] = message
            if self.replies(*key):
                self.change(
                    message,
                    text="This message was deleted.",
                    blocks=(),
                    metadata=None,
                    files=(),
                    user="USLACKBOT",
                    bot_id=None,
                    subtype="tombstone",
                    streaming=False,
                )
                return
            del self.messages[key]
            self.timelines[key[:2]].remove(message.ts)
            if message.thread_ts:
                self.threads[(*key[:2], message.thread_ts)].remove(message.ts)

    def share(self, files: Iterable[str], channel: str) -> None:
        """Note that files are to be seen in a channel."""
        with self.lock:
            for file in map(self.files.__getitem__, files):
                self.files[file.id] = replace(file, channels=(*file.channels, channel))

    def replies(self, team: str, channel: str, ts: str) -> list[Message]:
        """Return the replies below a root, oldest first, without the root."""
        return [
            self.messages[team, channel, reply] for reply in self.threads.get((team, channel, ts), ()) if reply != ts
        ]

    def timeline(self, team: str, channel: str) -> Iterator[Message]:
        return (self.messages[team, channel, ts] for ts in self.timelines.get((team, channel), ()))

    def end_dead_streams(self) -> None:
        """Mark the streams that have outlived ``stream_life_s``, which nobody told the app about."""
        with self.lock:
            born_before = self.clock() - self.stream_life_s
            for key in [key for key, started in self.stream_starts.items() if started < born_before]:
                del self.stream_starts[key]
                if key in self.messages:
                    self.change(self.messages[key], streaming=False)

    def new_trigger(self, team: str, user: str, view: str | None = None) -> str:
        with self.lock:
            trigger = f"{self.new_id('')}.{secrets.token_hex(8)}"
            self.triggers[trigger] = Trigger(team, user, self.clock(), view)
        return trigger

    def spend_trigger(self, team: str, trigger_id: str | None) -> Trigger:
        """Return the trigger, good once and for ``trigger_life_s``."""
        trigger = self.triggers.get(trigger_id or "")
        if trigger is None or trigger.team != team:
            raise SlackError("invalid_trigger_id", violation=True)
        if trigger_id in self.spent_triggers:
            raise SlackError("exchanged_trigger_id")
        if self.clock() - trigger.issued > self.trigger_life_s:
            raise SlackError("expired_trigger_id")
        self.spent_triggers.add(str(trigger_id))
        return trigger

    def new_response_url(self, team: str, channel: str, user: str, message_ts: str | None = None) -> str:
        with self.lock:
            token = f"{team}/{self.new_id('')}/{secrets.token_hex(12)}"
            self.response_urls[token] = ResponseUrl(team, channel, user, self.clock(), message_ts)
        return f"{self.base_url}/response/{token}"
