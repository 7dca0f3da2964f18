"""What the fake Slack remembers: frozen records; whatever changes is replaced by a new record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class SlackError(Exception):
    """A refusal: Slack's ``error`` code, its explaining ``messages`` and further ``fields`` of the answer.

    ``violation`` is true where the caller broke a documented rule, false where the state of things speaks against it.
    """

    def __init__(self, code: str, *messages: str, violation: bool = False, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages
        self.violation = violation
        self.fields = fields


@dataclass(frozen=True)
class Workspace:
    """A team in which the app is installed. ``scopes`` of None means every scope."""

    team: str
    name: str
    domain: str
    bot_token: str
    app_token: str
    bot_user: str
    bot_id: str
    app_id: str
    signing_secret: str
    scopes: frozenset[str] | None = None


@dataclass(frozen=True)
class User:
    """A person or bot as seen from ``team``; ``guest`` is "", "multi" or "single"; ``home_team`` is their own team."""

    team: str
    id: str
    name: str
    real_name: str
    email: str | None = None
    confirmed: bool = True
    guest: str = ""
    deleted: bool = False
    bot: bool = False
    stranger: bool = False
    home_team: str = ""
    tz: str = "Asia/Taipei"
    tz_offset: int = 28800
    locale: str = "zh-TW"


@dataclass(frozen=True)
class Channel:
    """A conversation; ``kind`` is channel (public), group (private), im or mpim, as in an event's ``channel_type``."""

    team: str
    id: str
    name: str
    kind: str = "channel"
    members: tuple[str, ...] = ()
    archived: bool = False
    shared: bool = False


@dataclass(frozen=True)
class File:
    """An uploaded file with its bytes; ``channels`` are those it was shared to."""

    team: str
    id: str
    name: str
    content: bytes
    mimetype: str
    user: str
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """A message as it stands now. ``ephemeral_for`` names the one person who sees it, if it is for one only."""

    team: str
    channel: str
    ts: str
    user: str
    text: str = ""
    thread_ts: str | None = None
    blocks: tuple[dict[str, Any], ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    metadata: Mapping[str, Any] | None = None
    bot_id: str | None = None
    edited: str | None = None  # ts of the last edit
    streamed: bool = False  # was started by chat.startStream
    streaming: bool = False  # has neither been stopped nor died
    chunks: tuple[dict[str, Any], ...] = ()
    files: tuple[str, ...] = ()
    subtype: str | None = None
    ephemeral_for: str | None = None
    reactions: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """An open modal or a home tab; ``payload`` is what the app sent; ``previous`` is the view below it on the stack."""

    team: str
    id: str
    user: str
    payload: Mapping[str, Any]
    hash: str
    root: str
    previous: str | None = None

    @property
    def kind(self) -> str:
        return str(self.payload.get("type", ""))


@dataclass(frozen=True)
class Call:
    """A request that reached a method, with decoded arguments (no token); ``time`` is the fake's clock in seconds."""

    method: str
    args: Mapping[str, Any]
    time: float
    team: str = ""


@dataclass(frozen=True)
class Violation:
    """A documented rule of Slack that a caller broke."""

    method: str
    error: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trigger:
    """Leave to open a modal, from one gesture of a person; ``view`` is the modal the gesture happened in."""

    team: str
    user: str
    issued: float
    view: str | None = None


@dataclass(frozen=True)
class ResponseUrl:
    """Leave to answer one gesture without a token, five times within half an hour."""

    team: str
    channel: str
    user: str
    issued: float
    message_ts: str | None = None
    uses: int = 0


@dataclass(frozen=True)
class Session:
    """What the app said of an agent's session or an assistant's thread."""

    status: str = ""
    title: str = ""
    prompts: tuple[Mapping[str, str], ...] = field(default=())
