"""What we hand out and want back unchanged: links, and who an anonymous visitor is. All of it expires."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

Clock = Callable[[], datetime]

PAGE_LIFETIME = timedelta(hours=1)
LOGIN_LIFETIME = timedelta(minutes=15)
LINK_LIFETIME = timedelta(days=7)
VISITOR_LIFETIME = timedelta(days=30)
ANSWER_LIFETIME = timedelta(days=1)


def wall_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


class _Tokens:
    """Signs a list of plain values together with a moment (UTC, whole seconds) after which it says nothing."""

    def __init__(self, secret_key: str, salt: str, now: Clock) -> None:
        self._serializer = URLSafeSerializer(secret_key, salt=salt, serializer_kwargs={"ensure_ascii": False})
        self._now = now

    def _dumps(self, values: list[Any], expires: datetime) -> str:
        return str(self._serializer.dumps([*values, int(expires.timestamp())]))

    def _loads(self, token: str) -> list[Any] | None:
        """Return the values, the moment last; None if we did not sign the token or it has expired."""
        try:
            signed = self._serializer.loads(token)
        except BadData:
            return None
        match signed:
            case [*_, int(expires)] if expires > self._now().timestamp():
                return list(signed)
        return None


@dataclass(frozen=True, slots=True)
class LoginToken:
    """What a log-in link says: an id that is used up once, the groups it grants, and when it expires (UTC).

    ``person`` is an employee number; whoever logs in is that person, and the groups are only what the page shows.
    """

    id: str
    groups: frozenset[str]
    expires: datetime
    person: str = ""


class LoginTokens(_Tokens):
    """Signs and reads log-in tokens."""

    def __init__(self, secret_key: str, now: Clock = wall_clock) -> None:
        super().__init__(secret_key, "transom login link", now)

    def sign(self, groups: Iterable[str], lifetime: timedelta = LOGIN_LIFETIME, person: str = "") -> str:
        """Return a token that grants the groups, or makes one this person, until ``lifetime`` has passed."""
        return self._dumps([token_urlsafe(12), sorted(set(groups)), person], self._now() + lifetime)

    def read(self, token: str) -> LoginToken | None:
        """Return what the token says; None if we did not sign it or it has expired."""
        match self._loads(token):
            case [str(token_id), list(groups), str(person), int(expires)]:
                return LoginToken(token_id, frozenset(groups), datetime.fromtimestamp(expires, UTC), person)
        return None


@dataclass(frozen=True, slots=True)
class PageToken:
    """Which page image to show: that of a source of a delivery, to the visitor it was made for."""

    visitor: str
    delivery: str
    number: int


class PageTokens(_Tokens):
    """Signs and reads links to page images. A token is good for one visitor; whoever reads it has to compare."""

    def __init__(self, secret_key: str, now: Clock = wall_clock) -> None:
        super().__init__(secret_key, "transom page image", now)

    def sign(self, visitor_id: str, delivery: str, number: int) -> str:
        """Return a token for an hour."""
        return self._dumps([visitor_id, delivery, number], self._now() + PAGE_LIFETIME)

    def read(self, token: str) -> PageToken | None:
        """Return what the token says; None if it is not ours or has expired."""
        match self._loads(token):
            case [str(visitor), str(delivery), int(number), int(_)]:
                return PageToken(visitor, delivery, number)
        return None


@dataclass(frozen=True, slots=True)
class LinkToken:
    """What a link in a chat opens: a source of a delivery, or with ``number`` 0 the whole reply; until when (UTC)."""

    delivery: str
    number: int
    expires: datetime


class LinkTokens(_Tokens):
    """Signs and reads the links that go to LINE and Slack. They hold no text and say nothing of who reads them."""

    def __init__(self, secret_key: str, now: Clock = wall_clock) -> None:
        super().__init__(secret_key, "transom link", now)

    def sign(self, delivery: str, number: int = 0, expires: datetime | None = None) -> str:
        """Return a token for a week, or until the moment another link of the same reply ends."""
        return self._dumps([delivery, number], expires or self._now() + LINK_LIFETIME)

    def read(self, token: str) -> LinkToken | None:
        """Return what the token says; None if it is not ours or has expired."""
        match self._loads(token):
            case [str(delivery), int(number), int(expires)]:
                return LinkToken(delivery, number, datetime.fromtimestamp(expires, UTC))
        return None

    def sign_file(self, delivery: str, file: str, expires: datetime) -> str:
        """Return a token for a file (its id) that a delivery names, until that moment. It opens nothing else."""
        return self._dumps([delivery, file], expires)

    def read_file(self, token: str) -> tuple[str, UUID] | None:
        """Return the delivery and the file's id; None if the token is not ours, has expired or is for no file."""
        match self._loads(token):
            case [str(delivery), str(file), int(_)]:
                return delivery, UUID(file)
        return None


class VisitorTokens(_Tokens):
    """Signs and reads who an anonymous visitor of the widget is, where no cookie can say it."""

    def __init__(self, secret_key: str, now: Clock = wall_clock) -> None:
        super().__init__(secret_key, "transom widget visitor", now)

    def sign(self, visitor_id: str) -> str:
        """Return a token for thirty days."""
        return self._dumps([visitor_id], self._now() + VISITOR_LIFETIME)

    def read(self, token: str) -> str | None:
        """Return the visitor's id; None if the token is not ours or has expired."""
        match self._loads(token):
            case [str(visitor_id), int(_)]:
                return visitor_id
        return None


class AnswerTokens(_Tokens):
    """Signs and reads where a client of the API fetches an answer that took longer: its name, and its key."""

    def __init__(self, secret_key: str, now: Clock = wall_clock) -> None:
        super().__init__(secret_key, "transom api answer", now)

    def sign(self, client: str, key: str) -> str:
        """Return a token for a day."""
        return self._dumps([client, key], self._now() + ANSWER_LIFETIME)

    def read(self, token: str, client: str) -> str | None:
        """Return the key; None if the token is not ours, has expired, or was made for another client."""
        match self._loads(token):
            case [str(owner), str(key), int(_)] if owner == client:
                return key
        return None
