"""Who may read what is nobody's business outside: this machine and ours, asking straight."""

import socket
from collections.abc import Callable, Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

from bots.conversations.models.bounded import Bounded
from bots.setting_values import LOOPBACK

Address = IPv4Address | IPv6Address

_KNOWN_S = 10.0  # a stranger who asks in a loop makes no more look-ups of names than this
_LOOK_UP_S = 0.5
_FORWARDED = ("x-forwarded", "forwarded", "x-real-ip", "via")  # how headers begin that a proxy sets


class Insiders:
    """Decides by where a request comes from, the machine it names, and whether it was passed on.

    ``machines`` are names or addresses; ``public_host`` is what people outside call us. A proxy on this machine looks
    like this machine: it is told by its headers, or by the name it was asked for.
    """

    def __init__(
        self,
        machines: Collection[str],
        public_host: str | None = None,
        look_up: Callable[[str], Iterable[str]] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._machines, self._public_host, self._clock = machines, public_host, clock
        self._addresses = {found for name in machines if (found := _address(name))}
        names = [name for name in machines if not _address(name) and name not in LOOPBACK]
        self._names = Bounded(lambda: _all_addresses(names, look_up or _look_up)) if names else None
        self._named: frozenset[Address] = frozenset()
        self._again_at, self._lock = float("-inf"), Lock()

    def admit(self, address: str | None, host: str, headers: Iterable[str]) -> bool:
        """Return whether a request from this address may read, that asks for ``host`` and has headers so named."""
        where, name = _address(address or ""), _host(host)
        if where is None or name is None or any(header.lower().startswith(_FORWARDED) for header in headers):
            return False
        if where.is_loopback:
            return name in LOOPBACK or name in self._machines or _address(name) is not None
        return name != self._public_host and (where in self._addresses or where in self._looked_up())

    def _looked_up(self) -> frozenset[Address]:
        if self._names is None:
            return frozenset()
        with self._lock:
            if self._clock() >= self._again_at:
                self._named = self._names.begin()(_LOOK_UP_S) or frozenset()
                self._again_at = self._clock() + _KNOWN_S
            return self._named


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _host(text: str) -> str | None:
    try:
        return (urlsplit(f"//{text}").hostname or "").rstrip(".") or None
    except ValueError:
        return None


def _all_addresses(names: Iterable[str], look_up: Callable[[str], Iterable[str]]) -> frozenset[Address]:
    return frozenset(found for name in names for text in look_up(name) if (found := _address(text)))


def _look_up(name: str) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []
