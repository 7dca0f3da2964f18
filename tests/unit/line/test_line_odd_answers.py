"""What comes back when it is not LINE that answers, or LINE says what the SDK does not know yet."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bots.messages import Again, Delivery, Place, Rejected, Reply, Sent
from bots.platforms.line import LineCourier, check

PLACE = Place("line", "shop", "U206d25c2ea6bd87c17655609a1c37cb8", direct=True)
BIG5 = "<html>閘道錯誤</html>".encode("big5")
DAMAGED = b"\xff\xfe{"


@dataclass
class Scripted:
    """Answers everything with the same status, headers and body."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            script.paths.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(script.status)
            for name, value in {
                "Content-Length": str(len(script.body)),
                "Connection": "close",
                **script.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(script.body)
            self.close_connection = True

        do_POST = do_GET  # noqa: N815 the library's name

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield script
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "headers", "outcome"),
    [
        (200, b"{}", {}, Sent()),
        (200, b'{"sentMessages": []}', {}, Sent()),
        (200, b'{"sentMessages": [{"id": "1", "new": {}}, 7, {}]}', {}, Sent(("1",))),
        (200, b"not JSON", {}, Sent()),
        (200, DAMAGED, {}, Sent()),
        (200, b"", {}, Sent()),
        (502, BIG5, {}, Again(1.0, "502", doubtful=True)),
        (503, b"", {}, Again(1.0, "503", doubtful=True)),
        (200, b"cut", {"Content-Length": "99"}, Again(1.0, "no answer", doubtful=True)),
        (429, b"{}", {"Retry-After": "7"}, Again(7.0, "429 rate")),
        (429, b"[]", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, Again(2.0, "429 rate")),
        (403, BIG5, {}, Rejected("403")),
        (404, b'"gone"', {}, Rejected("404")),
        (400, b'{"message": "x", "details": [{"property": "messages[0].text"}]}', {}, Rejected("400 messages[0].text")),
        (400, b'{"message": null, "details": {}}', {}, Rejected("400")),
        (302, b"", {"Location": "http://127.0.0.1:9/"}, Rejected("302")),
    ],
)
def test_whatever_answers_a_reply_is_an_outcome(scripted, account, status, body, headers, outcome):
    """A 2xx is sent whatever its body; a proxy's page, in whatever encoding, is what its status says."""
    scripted.status, scripted.body, scripted.headers = status, body, headers
    delivery = Delivery("d", PLACE, "U1", Reply("好。"), token="t")
    assert LineCourier([account], scripted.url, timeout_s=3.0).deliver(delivery) == outcome
    assert scripted.paths == ["/v2/bot/message/reply"]


def test_what_cannot_be_read_is_nothing(scripted, account):
    """Profile, quota and animation do not raise over an answer of another shape."""
    courier = LineCourier([account], scripted.url, timeout_s=3.0)
    for body in (
        b"[]",
        b"nonsense",
        DAMAGED,
        b'{"type": "limited", "value": "many", "totalUsage": null, "language": 7}',
    ):
        scripted.body = body
        assert courier.quota("shop") is None
        assert courier.profile("shop", "U1").language is None


def test_the_doctor_reads_what_the_sdk_does_not_know_yet(scripted, account):
    """A new kind of chat mode or quota is no reason to fail."""
    scripted.body = json.dumps(
        {"displayName": "商店", "basicId": "@shop", "chatMode": "new", "type": "new", "active": True, "success": True}
    ).encode()
    assert all(found.ok for found in check(account, api_base=scripted.url))
