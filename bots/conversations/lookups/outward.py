"""Whether an address may be called, decided by what its name resolves to, once: the call goes to that very address.

A host that is listed as one of our machines may be anywhere. Any other must be on the public Internet, in whatever way
its address is written: IPv4 in IPv6, 6to4, NAT64 and decimal numbers are looked through.
"""

import socket
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from bots.conversations.lookups.records import LookupFailed

Resolve = Callable[[str, int], Sequence[str]]
"""From a host's name and port to its addresses, as text. Raises OSError if there are none."""

_NAT64 = IPv6Network("64:ff9b::/96")
_Address = IPv4Address | IPv6Address


def resolve(host: str, port: int) -> list[str]:
    """Return a host's addresses, the system's preferred one first. Raises OSError if there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def addresses(host: str, port: int, ours: Collection[str], resolver: Resolve = resolve) -> list[str]:
    """Return where the host may be called, at least one address. Raises LookupFailed.

    One address that must not be called is enough to call none: a name that means both is no name to trust.
    """
    name = host.lower().rstrip(".")
    try:
        found = resolver(name, port)
    except (OSError, UnicodeError) as error:
        raise LookupFailed("down", f"the host is not found ({type(error).__name__})", again=True) from error
    if not found:
        raise LookupFailed("down", "the host is not found", again=True)
    if name not in ours and not all(_is_public(address) for address in found):
        raise LookupFailed("set_up", "the host is on a private network; list it in TRANSOM_OUR_MACHINES")
    return list(found)


def _is_public(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:  # with a zone, say: of this machine's own network
        return False
    return all(one.is_global and not one.is_multicast for one in _meant(address))


def _meant(address: _Address) -> list[_Address]:
    """Return the address, and the IPv4 ones that it may stand for."""
    if isinstance(address, IPv4Address):
        return [address]
    inner: list[_Address] = [one for one in (address.ipv4_mapped, address.sixtofour) if one]
    inner += address.teredo or ()
    if address in _NAT64:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.ipv4_mapped:  # nothing but another way to write it
        return inner
    return [address, *inner]
