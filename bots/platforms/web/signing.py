"""What we hand to a browser and want back unchanged: links to a page's image and links to log in. Both expire."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

Clock = Callable[[], datetime]

PAGE_LIFETIME = timedelta(hours=1)
LOGIN_LIFETIME = timedelta(minutes=15)

# gunicorn takes request lines up to 4,094 bytes; 600 CJK characters make a token of about 2,400,
# and are plenty to find the place.
_QUOTE_LENGTH = 600


def wall_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LoginToken:
    """What a log-in link says: an id that is used up once, the groups it grants, and when it expires (UTC)."""

    id: str
    groups: frozenset[str]
    expires: datetime


@dataclass(frozen=True, slots=True)
class PageToken:
    """Which page to show: the chunk's, with the quote marked."""

    chunk_id: int
    quote: str


class LoginTokens:
    """Signs and reads log-in tokens."""

    def __init__(self, secret_key: str, now: Clock = wall_clock) -> None:
        self._serializer = URLSafeSerializer(secret_key, salt="transom login link")
        self._now = now

    def sign(self, groups: Iterable[str], lifetime: timedelta = LOGIN_LIFETIME) -> str:
        """Return a token that grants the groups until ``lifetime`` has passed."""
        expires = int((self._now() + lifetime).timestamp())
        return str(self._serializer.dumps([token_urlsafe(12), sorted(set(groups)), expires]))

    def read(self, token: str) -> LoginToken | None:
        """Return what the token says; None if we did not sign it or it has expired."""
        match _loads(self._serializer, token):
            case [str(token_id), list(groups), int(expires)] if expires > self._now().timestamp():
                return LoginToken(token_id, frozenset(groups), datetime.fromtimestamp(expires, UTC))
        return None


class PageTokens:
    """Signs and reads links to page images. A token is good for the visitor it was made for, and for nobody else."""

    def __init__(self, secret_key: str, now: Clock = wall_clock) -> None:
        self._serializer = URLSafeSerializer(
            secret_key, salt="transom page image", serializer_kwargs={"ensure_ascii": False}
        )
        self._now = now

    def sign(self, visitor_id: str, chunk_id: int, quote: str) -> str:
        """Return a token for an hour. Of a long quote its beginning is kept: a web address has little room."""
        expires = int((self._now() + PAGE_LIFETIME).timestamp())
        return str(self._serializer.dumps([visitor_id, chunk_id, quote[:_QUOTE_LENGTH], expires]))

    def read(self, token: str, visitor_id: str) -> PageToken | None:
        """Return what the token says; None if it is not ours, has expired, or was made for another visitor."""
        match _loads(self._serializer, token):
            case [str(owner), int(chunk_id), str(quote), int(expires)]:
                if owner == visitor_id and expires > self._now().timestamp():
                    return PageToken(chunk_id, quote)
        return None


def _loads(serializer: URLSafeSerializer, token: str) -> Any:
    try:
        return serializer.loads(token)
    except BadData:
        return None
