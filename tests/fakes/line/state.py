"""What LINE keeps of one official account."""

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.line.records import Channel, RefusedError

TOKEN_LIFE_S = 60.0
REDELIVERY_LIMIT_S = 20 * 60.0  # no reply token lives longer after its event, however often it is redelivered
RETRY_KEY_LIFE_S = 24 * 3600.0

_ids = itertools.count(550_000_000_000_000_001)


def next_id() -> str:
    """Return a message id as LINE counts them; later ones are larger."""
    return str(next(_ids))


@dataclass
class ReplyToken:
    """``to`` is the user, group or room of the event."""

    to: str
    event_at: float
    expires_at: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that was accepted under a retry key."""

    request_id: str
    path: str
    body: Any
    sent: tuple[dict[str, str], ...]
    at: float


@dataclass(frozen=True, slots=True)
class Content:
    """What a person sent; ``state`` is ready, preparing, failed or unsent."""

    data: bytes
    content_type: str
    state: str = "ready"


@dataclass(frozen=True, slots=True)
class Group:
    """A group or room that the account is in."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RichMenu:
    """A rich menu and, once uploaded, its image."""

    menu: Mapping[str, Any]
    image: bytes | None = None
    content_type: str = ""


@dataclass
class Account:
    """One channel's state; the server's lock guards it."""

    channel: Channel
    monthly_limit: int | None = 200  # None: no limit
    consumed: int = 0
    reply_tokens: dict[str, ReplyToken] = field(default_factory=dict)
    accepted: dict[str, Accepted] = field(default_factory=dict)  # by retry key
    quote_tokens: dict[str, str] = field(default_factory=dict)  # the chat each belongs to
    contents: dict[str, Content] = field(default_factory=dict)  # by message id
    groups: dict[str, Group] = field(default_factory=dict)  # by group or room id
    rich_menus: dict[str, RichMenu] = field(default_factory=dict)  # by id
    default_menu: str | None = None
    menu_of_user: dict[str, str] = field(default_factory=dict)
    webhook: str | None = None
    webhook_active: bool = True

    def new_reply_token(self, to: str, now: float, life_s: float) -> str:
        """Return a token that answers ``to`` once within so many seconds."""
        token = secrets.token_hex(16)
        self.reply_tokens[token] = ReplyToken(to, now, now + life_s)
        return token

    def renew_reply_token(self, token: str, now: float) -> None:
        """Let a redelivered event's token live again, never past 20 minutes after the event."""
        known = self.reply_tokens[token]
        known.expires_at = min(now + TOKEN_LIFE_S, known.event_at + REDELIVERY_LIMIT_S)

    def use_reply_token(self, token: str, now: float) -> str:
        """Return whom the token answers, and spend it."""
        known = self.reply_tokens.get(token)
        if known is None or known.used or now >= known.expires_at:
            raise RefusedError(400, "Invalid reply token")
        known.used = True
        return known.to

    def new_quote_token(self, chat: str) -> str:
        """Return a token that quotes a message of this chat."""
        token = secrets.token_urlsafe(24)
        self.quote_tokens[token] = chat
        return token

    def size_of(self, chat: str) -> int:
        """Return how many people read this chat, which is what a message to it costs."""
        return max(1, len(self.groups[chat].members)) if chat in self.groups else 1

    def spend(self, cost: int) -> None:
        """Count messages against the month's limit."""
        if self.monthly_limit is not None and self.consumed + cost > self.monthly_limit:
            raise RefusedError(429, "You have reached your monthly limit.")
        self.consumed += cost
