"""One POST to the host a window file names, and nowhere else: no redirect, no proxy, no private address but ours."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bots.conversations.lookups.deadline import Deadline
from bots.conversations.lookups.outward import Resolve, addresses, resolve
from bots.conversations.lookups.records import LookupFailed
from bots.windows.modes.http_address import AddressError, filled

_TIMEOUT_S = 10.0
_LONGEST_WAIT_S = 3600.0  # that a server may ask for
_COME_BACK = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Done:
    """It has arrived: a status of 200 to 299."""


@dataclass(frozen=True, slots=True)
class Again:
    """It may not have arrived; make it again, at the soonest after so many seconds."""

    reason: str  # a status or an error's kind
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not be taken, or may not be made, however often it is tried."""

    reason: str


Answer = Done | Again | Refused


class Poster:
    """Posts. ``ours``: hosts that may be on a private network."""

    def __init__(self, ours: Collection[str], resolver: Resolve = resolve, timeout_s: float = _TIMEOUT_S) -> None:
        self._ours, self._resolver, self._timeout_s = ours, resolver, timeout_s

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Try once, within the time-out. Every trouble is an Answer; nothing is raised.

        The address that was checked is the one that is called, whatever the name resolves to a moment later.
        """
        try:
            target = filled(url, {})
            parts = urlsplit(target)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            found = addresses(str(parts.hostname), port, self._ours, self._resolver)
        except AddressError:
            return Refused("no address")
        except LookupFailed as error:
            return Again("host not found") if error.again else Refused("private address")
        return self._sent(target, found[0], body, headers)

    def _sent(self, url: str, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        import httpx2

        named = httpx2.URL(url)
        with Deadline(self._timeout_s) as deadline, _client() as client:
            request = client.build_request(
                "POST",
                named.copy_with(host=address),
                content=body,
                headers={**headers, "Host": named.netloc.decode("ascii")},
                timeout=self._timeout_s,
                extensions={"sni_hostname": named.raw_host.decode("ascii"), "trace": _watched_by(deadline)},
            )
            try:
                response = client.send(request, stream=True, follow_redirects=False)
            except (httpx2.HTTPError, OSError) as error:
                return Again("late" if deadline.rang else type(error).__name__)
            response.close()  # what it says does not matter
            return answer_of(response.status_code, response.headers.get("Retry-After", ""))


def answer_of(status: int, retry_after: str = "") -> Answer:
    """Return what a status means. A redirect is a refusal: it leads where nobody has allowed us to go."""
    if 200 <= status < 300:
        return Done()
    if status >= 500 or status in _COME_BACK:
        seconds = float(retry_after) if retry_after.isdecimal() else 0.0
        return Again(f"status {status}", min(seconds, _LONGEST_WAIT_S))
    return Refused(f"status {status}")


def _client() -> Any:
    from httpx2 import Client, HTTPTransport, Limits

    # A connection kept open under an IP address would serve another host there, without a look at its name.
    return Client(transport=HTTPTransport(limits=Limits(max_keepalive_connections=0)), trust_env=False)


def _watched_by(deadline: Deadline) -> Callable[[str, Mapping[str, Any]], None]:
    """Return what tells the deadline of the socket as soon as there is one."""

    def trace(event: str, details: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            deadline.watch(details["return_value"].get_extra_info("socket").fileno())

    return trace
