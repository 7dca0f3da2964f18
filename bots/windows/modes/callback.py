"""Which hosts of other systems may be told what came of a confirmation: those that the window's file names. Pure."""

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from bots.windows.modes import http_address
from bots.windows.modes.http_address import AddressError
from bots.windows.modes.outside import no_reference
from bots.windows.parts import Part, Words

Host = tuple[str, str, int]
"""Scheme, name and port: the same whether or not the port is written, in upper case or lower."""


def host_of(address: str) -> Host:
    """Return the host of an address that can be called as it stands. Raises AddressError."""
    http_address.check(address)
    if "{" in address or "}" in address:
        raise AddressError("must not hold { or }: nothing in it is filled in")
    parts = urlsplit(address)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, str(parts.hostname).rstrip("."), parts.port or default


def _host_alone(value: str) -> str:
    host_of(value)
    parts = urlsplit(value)
    if parts.path not in ("", "/") or parts.query:
        raise ValueError("must end behind the host: whoever asks names the path")
    return value


def _reference(value: str) -> str:
    if sentence := no_reference(value):
        raise ValueError(sentence)
    return value


class Callback(Part):
    """A host that may be told outcomes. They are always signed: anybody could say that something was approved."""

    http: Annotated[Words, AfterValidator(_host_alone)]
    secret: Annotated[Words, AfterValidator(_reference)]
    """``${NAME}``: the environment variable whose value signs the call."""


def callback_for(callbacks: Iterable[Callback], address: str) -> Callback | None:
    """Return what the window's file says of the address's host; None if it does not name it, or this is no address."""
    try:
        host = host_of(address)
    except AddressError:
        return None
    return next((one for one in callbacks if host_of(one.http) == host), None)
