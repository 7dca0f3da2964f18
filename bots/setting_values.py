"""Reads single settings: what a variable's text must be, and the value it stands for. Faults tell how to write it."""

from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

SHORTEST_SECRET = 16  # characters


def read_url(value: str) -> str:
    """Return a web address without a slash at its end. Raises ValueError."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not a web address that starts with http:// or https://")
    if parts.username or parts.password:
        raise ValueError("must not carry a name or password; put the key into the setting that ends in API_KEY")
    return value.rstrip("/")


def read_public_url(value: str) -> str:
    """Return the address that people reach us at. Raises ValueError."""
    parts = urlsplit(read_url(value))
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must end after the machine's name or port; Transom answers at the root of an address")
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError("must start with https://, as people read what it opens on their phones")
    return value.rstrip("/")


def read_database_url(value: SecretStr) -> SecretStr:
    """Return the address of a Postgres. Raises ValueError."""
    if urlsplit(value.get_secret_value()).scheme not in ("postgresql", "postgres"):
        raise ValueError("is not the address of a Postgres")
    return value


def read_secret_key(value: SecretStr) -> SecretStr:
    """Return a key that is long enough. Raises ValueError."""
    if len(value.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"is too short to be safe; use at least {SHORTEST_SECRET} characters")
    return value


def read_hosts(value: object) -> object:
    """Return names of machines, of a text with commas. Raises ValueError."""
    if not isinstance(value, str):
        return value
    return [_host(part) for part in value.split(",") if part.strip()]


def _host(text: str) -> str:
    name = text.strip().lower().strip("[]").rstrip(".")
    if "/" in name or "*" in name:
        raise ValueError(f'must be names of machines, without http://, path or *; "{text.strip()}" is none')
    return name


def read_adapters(value: object) -> object:
    """Return adapters by name, of a text like name=path,name=path. Raises ValueError."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(name.strip() and path.strip() for name, _, path in pairs):
        raise ValueError("must be name=path, several with commas between them")
    return {name.strip(): Path(path.strip()).expanduser() for name, _, path in pairs}


def read_zone(value: object) -> object:
    """Return the time zone of this name. Raises ValueError."""
    try:
        return ZoneInfo(value) if isinstance(value, str) else value
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is no time zone; write it like  Asia/Taipei") from None


def upper(value: object) -> object:
    """Return a text in capitals."""
    return value.upper() if isinstance(value, str) else value
