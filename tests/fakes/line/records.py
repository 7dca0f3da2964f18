"""What crosses the fake's boundary: channels, requests, answers, and what was delivered or wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Channel:
    """An official account: ``token`` authorises requests, ``secret`` signs webhooks, ``destination`` is its user id."""

    name: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    destination: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one property of a body, in LINE's words where they are known."""

    message: str
    property: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that no correct client of LINE sends."""

    method: str
    path: str
    message: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived: lower-case header names, no Authorization, JSON bodies parsed, others as bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    channel: str | None
    fault: str | None
    at: float  # the server's clock, seconds


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one person, group or room got from one request."""

    channel: str
    to: str
    via: str  # reply, push or multicast
    messages: tuple[dict[str, Any], ...]
    request_id: str
    at: float  # the server's clock, seconds
    message_ids: tuple[str, ...]
    reply_token: str | None = None
    retry_key: str | None = None


@dataclass(frozen=True, slots=True)
class LoadingShown:
    """A loading animation that was accepted."""

    channel: str
    to: str
    seconds: int
    at: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way through the fake."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # lower-case names
    raw: bytes
    json: Any  # None if the body is not JSON
    request_id: str

    @property
    def body(self) -> Any:
        """The body as a test wants to see it."""
        return self.raw if self.json is None and self.raw else self.json


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and its body: a mapping goes out as JSON, bytes as they are."""

    status: int = 200
    body: Mapping[str, Any] | bytes = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """LINE answers this status and message; ``is_violation`` says that the client should have known."""

    def __init__(
        self,
        status: int,
        message: str,
        problems: tuple[Problem, ...] = (),
        *,
        is_violation: bool = False,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems
        self.is_violation = is_violation
        details = [{"message": problem.message, "property": problem.property} for problem in problems]
        body = {"message": message, **({"details": details} if details else {}), **(more or {})}
        self.answer = Answer(status, body, headers or {})
