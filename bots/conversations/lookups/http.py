"""Look-ups in other systems: one GET that returns JSON, to the host the window file names and nowhere else."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from threading import Lock
from time import sleep
from typing import Any
from urllib.parse import urlsplit

from bots.conversations.lookups.deadline import Deadline
from bots.conversations.lookups.outward import Resolve, addresses, resolve
from bots.conversations.lookups.records import Cell, LookupFailed, Records
from bots.windows.modes.http_address import AddressError, filled
from bots.windows.modes.lookup import HttpGet

_LARGEST = 1024 * 1024  # bytes of an answer
_MOST_RECORDS = 500
_MOST_COLUMNS = 100
_TRIES = 2
_PAUSE_S = 0.2
_SETTINGS = ("TRANSOM_", "DATABASE_URL")
_NOTHING_THERE = (404, 410)
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class HttpReader:
    """Reads records by HTTP. ``environment`` holds what ``${NAME}`` in headers refers to; ``ours``: hosts of ours.

    No redirect is followed and no proxy used: the address that was checked is the one that is called.
    """

    def __init__(self, environment: Mapping[str, str], ours: Collection[str], resolver: Resolve = resolve) -> None:
        self._environment, self._ours, self._resolver = environment, ours, resolver
        self._opening = Lock()
        self._opened: Any = None

    def read(self, get: HttpGet, values: Mapping[str, str]) -> Records:
        """Return the records of the answer. Raises LookupFailed."""
        try:
            url = filled(get.url, values)
        except AddressError as error:
            raise LookupFailed("values", str(error)) from error
        headers = {name: self._header(value) for name, value in get.headers.items() if name.lower() != "host"}
        body = self._fetched(url, headers, get.timeout_s)
        return Records((), ()) if body is None else records(_items(_parsed(body), get.items))

    def close(self) -> None:
        """Close the client; it is made again when it is needed."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _header(self, value: str) -> str:
        found = _REFERENCE.fullmatch(value.strip())
        if found is None:
            return value
        setting = found[1].upper().startswith(_SETTINGS)
        named = "" if setting else self._environment.get(found[1], "").strip()
        if not named or not named.isascii() or not named.isprintable():
            raise LookupFailed("set_up", f"{found[1]} is not set, or holds what no header takes")
        return named

    def _fetched(self, url: str, headers: Mapping[str, str], timeout_s: float) -> bytes | None:
        """Return the body, None where there is nothing. A server that is not there or broken is tried twice."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = addresses(str(parts.hostname), port, self._ours, self._resolver)
        for attempt in range(_TRIES):
            try:
                return self._once(url, headers, timeout_s, found[attempt % len(found)])
            except LookupFailed as error:
                if not error.again or attempt == _TRIES - 1:
                    raise
                sleep(_PAUSE_S)
        raise AssertionError("the last try returns or raises")

    def _once(self, url: str, headers: Mapping[str, str], timeout_s: float, address: str) -> bytes | None:
        import httpx2

        named = httpx2.URL(url)
        host = named.raw_host.decode("ascii")
        with Deadline(timeout_s) as deadline:
            request = self._client().build_request(
                "GET",
                named.copy_with(host=address),
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip, deflate",
                    **headers,
                    "Host": named.netloc.decode("ascii"),
                },
                timeout=timeout_s,
                extensions={"sni_hostname": host, "trace": _watched_by(deadline)},
            )
            try:
                return self._body(self._client().send(request, stream=True, follow_redirects=False))
            except httpx2.HTTPError as error:
                raise _failed(error, late=deadline.rang) from error
            except OSError as error:
                raise LookupFailed("slow" if deadline.rang else "down", type(error).__name__) from error

    def _body(self, response: Any) -> bytes | None:
        try:
            if response.status_code in _NOTHING_THERE:
                return None
            if response.status_code != 200:
                raise _refused(response.status_code)
            body = bytearray()
            for piece in response.iter_bytes():  # unpacked: a small answer may unpack to a large one
                body += piece
                if len(body) > _LARGEST:
                    raise LookupFailed("large", "the answer is too large")
            return bytes(body)
        finally:
            response.close()

    def _client(self) -> Any:
        """Return the one client: making its TLS context takes longer than most calls."""
        from httpx2 import Client, HTTPTransport, Limits

        with self._opening:
            if self._opened is None:
                # A connection kept open under an IP address would serve another host there, without a look at its name.
                transport = HTTPTransport(limits=Limits(max_connections=None, max_keepalive_connections=0))
                self._opened = Client(transport=transport, trust_env=False)
            return self._opened


def records(items: Any) -> Records:
    """Return the records of an answer's items: objects, or bare values as the one column ``value``."""
    found = items if isinstance(items, list) else [] if items is None else [items]
    rows = [dict(_flat(item)) for item in found[:_MOST_RECORDS]]
    columns = list(dict.fromkeys(name for row in rows for name in row))[:_MOST_COLUMNS]
    cells = tuple(tuple(row.get(name) for name in columns) for row in rows)
    return Records(tuple(columns), cells, cut=len(found) > _MOST_RECORDS)


def _flat(item: Any, before: str = "") -> Iterator[tuple[str, Cell]]:
    """Yield a record's cells; what is nested is named with _ between, so that a reply can name it."""
    if not isinstance(item, dict):
        yield before.rstrip("_") or "value", _cell(item)
        return
    for name, value in item.items():
        yield from _flat(value, f"{before}{name}_")


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, bool | int | Decimal | str):
        return value
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return "、".join(str(one) for one in value if one is not None)
    return json.dumps(value, ensure_ascii=False, default=str)


def _items(answer: Any, path: str) -> Any:
    """Return what stands at the dotted path."""
    for name in path.split(".") if path else ():
        if isinstance(answer, list) and name.isdecimal() and int(name) < len(answer):
            answer = answer[int(name)]
        elif isinstance(answer, dict) and name in answer:
            answer = answer[name]
        else:
            raise LookupFailed("set_up", "the answer has nothing at the path that items names")
    return answer


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise LookupFailed("set_up", "the answer is not JSON") from error


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _watched_by(deadline: Deadline) -> Callable[[str, Mapping[str, Any]], None]:
    """Return what tells the deadline of the socket as soon as there is one."""

    def trace(event: str, details: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            deadline.watch(details["return_value"].get_extra_info("socket").fileno())

    return trace


def _refused(status: int) -> LookupFailed:
    if status >= 500:
        return LookupFailed("down", f"status {status}", again=True)
    return LookupFailed("set_up", f"status {status}")  # a redirect, or we may not


def _failed(error: Exception, *, late: bool) -> LookupFailed:
    import httpx2

    if late or isinstance(error, httpx2.ReadTimeout | httpx2.WriteTimeout):
        return LookupFailed("slow", type(error).__name__)
    return LookupFailed("down", type(error).__name__, again=isinstance(error, httpx2.TransportError))
