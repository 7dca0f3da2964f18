"""The address of a call: its host is what the file says, and only path and query are filled in, percent-encoded."""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit

_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.?|[0-9a-f:.]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST = 4000  # characters


class AddressError(ValueError):
    """The address, or a value for it, cannot be used; the message says what is wrong and never holds the value."""


def check(template: str) -> None:
    """Raise AddressError unless this is the address of a host that the file names."""
    _parts(template)


def slots(template: str) -> list[str]:
    """Return the names that the address has filled in, in order, each once."""
    return list(dict.fromkeys(_SLOT.findall(template)))


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the address with its slots filled in; a slot without a value is empty. Raises AddressError."""
    parts = _parts(template)
    path = "/".join(_segment(segment, values) for segment in parts.path.split("/"))
    query = _SLOT.sub(lambda found: _encoded(found[1], values), parts.query)
    address = f"{parts.scheme}://{parts.netloc}{path or '/'}" + (f"?{query}" if query else "")
    if len(address) > _LONGEST:
        raise AddressError("the address gets too long with this value")
    return address


def _parts(template: str) -> SplitResult:
    try:
        parts = urlsplit(template)
        host = parts.hostname or ""
        _ = parts.port  # raises for one that is no number
    except ValueError:
        raise AddressError("is no address; write it like  https://hris.a-company.example/leaves/{person}") from None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise AddressError("must begin with https:// or http:// and a host's name; a {slot} stands behind the host")
    if parts.username is not None or parts.password is not None:
        raise AddressError("must not carry a name or password; put them into  headers:  as ${NAME}")
    if parts.fragment or _CONTROL.search(template) or " " in template:
        raise AddressError("must not hold # or blanks")
    return parts


def _segment(segment: str, values: Mapping[str, str]) -> str:
    """Return one part of the path. A value must not lead to another folder, however a server decodes it."""
    for name in _SLOT.findall(segment):
        if any(piece.strip() in (".", "..") for piece in re.split(r"[/\\]", values.get(name, ""))):
            raise AddressError("the value leads to another address")
    made = _SLOT.sub(lambda found: _encoded(found[1], values), segment)
    if made != segment and made in (".", ".."):
        raise AddressError("the value leads to another address")
    return made


def _encoded(name: str, values: Mapping[str, str]) -> str:
    value = values.get(name, "")
    if _CONTROL.search(value):
        raise AddressError("the value holds characters that no text has")
    return quote(value, safe="")
