"""The accounts a fake LINE serves, and what a test sets up in them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Condition
from typing import Any

from fakes.line.events import Events
from fakes.line.ids import user_id
from fakes.line.records import Call, Channel
from fakes.line.state import TOKEN_LIFE_S, Account, Content, Group, next_id


class Accounts:
    """``clock`` tells seconds. Everything here may be called from any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.blocked: set[str] = set()  # users whom no message reaches
        self.people: dict[str, dict[str, Any]] = {}  # fields of profiles by user id
        self.lock = Condition()  # guards all state; notified when requests come and when they are done
        self._accounts: dict[str, Account] = {}
        self._by_token: dict[str, Account] = {}

    def add_channel(self, name: str, token: str, secret: str, destination: str | None = None) -> Channel:
        """Open an official account."""
        channel = Channel(name, token, secret, destination or user_id(f"bot {name}"))
        with self.lock:
            self._accounts[name] = self._by_token[token] = Account(channel)
        return channel

    def account(self, channel: Channel) -> Account:
        """Return what LINE keeps of a channel: quota, rich menus, contents, groups."""
        return self._accounts[channel.name]

    def set_quota(self, channel: Channel, monthly_limit: int | None, consumed: int = 0) -> None:
        """Set how many messages the month allows (None: any number) and how many are spent."""
        with self.lock:
            account = self.account(channel)
            account.monthly_limit, account.consumed = monthly_limit, consumed

    def new_reply_token(self, channel: Channel, life_s: float = TOKEN_LIFE_S, *, to: str | None = None) -> str:
        """Return a token that answers the user, group or room ``to`` once within ``life_s`` seconds."""
        with self.lock:
            return self.account(channel).new_reply_token(to or user_id("somebody"), self.clock(), life_s)

    def renew_reply_token(self, channel: Channel, token: str) -> None:
        """Let a redelivered event's token live a minute from now, never past 20 minutes after the event."""
        with self.lock:
            self.account(channel).renew_reply_token(token, self.clock())

    def new_quote_token(self, channel: Channel, chat: str) -> str:
        """Return a token that quotes a message of this chat."""
        with self.lock:
            return self.account(channel).new_quote_token(chat)

    def add_group(self, channel: Channel, group: str, name: str = "Group", members: Sequence[str] = ()) -> None:
        """Let the account be in a group or room; members are added to those already there."""
        with self.lock:
            groups = self.account(channel).groups
            known = groups.get(group, Group(name, ()))
            groups[group] = Group(known.name, tuple(dict.fromkeys((*known.members, *members))))

    def remove_group(self, channel: Channel, group: str) -> None:
        """Take the account out of a group or room."""
        with self.lock:
            self.account(channel).groups.pop(group, None)

    def add_content(self, channel: Channel, data: bytes, content_type: str, state: str = "ready") -> str:
        """Keep what a person sent; return its message id. ``state``: ready, preparing, failed or unsent."""
        message_id = next_id()
        with self.lock:
            self.account(channel).contents[message_id] = Content(data, content_type, state)
        return message_id

    def set_content_state(self, channel: Channel, message_id: str, state: str) -> None:
        """End a content's preparation, let it fail, or unsend it; a message without content may be unsent too."""
        with self.lock:
            contents = self.account(channel).contents
            contents[message_id] = replace(contents.get(message_id, Content(b"", "")), state=state)

    def events(self, channel: Channel) -> Events:
        """Return the maker of this channel's webhook events."""
        return Events(self, channel)

    def account_of(self, call: Call) -> Account | None:
        """Return the account whose token the request carries."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return self._by_token.get(token) if scheme.lower() == "bearer" else None
