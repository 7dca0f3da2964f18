"""A small model hub on this machine: as much of it as ``huggingface_hub`` asks for one file, with faults on order.

It answers ``/api/models/OWNER/REPO`` with sizes and SHA-256, and ``/OWNER/REPO/resolve/REVISION/FILE`` with a redirect
to where the bytes are, as the real one does; ranges are honoured. ``faults`` are used up one a request for the bytes.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal
from urllib.parse import unquote, urlsplit

Fault = Literal["cut", "wrong", "429", "500", "gone"]

COMMIT = "0123456789abcdef0123456789abcdef01234567"
GATED_TOKEN = "hf_of_one_who_agreed"


@dataclass
class Asked:
    """A request: its method, path, and the headers that matter."""

    method: str
    path: str
    range: str | None
    authorization: str | None


@dataclass
class FakeHub:
    """``files`` are by "OWNER/REPO/FILE". ``info_faults`` are statuses for the next questions about one."""

    files: dict[str, bytes] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    info_faults: list[int] = field(default_factory=list)
    without_checksums: bool = False
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    @property
    def ranges(self) -> list[str | None]:
        """What was asked for of the bytes, in order."""
        return [one.range for one in self.asked if one.method == "GET" and one.path.startswith("/bytes/")]


class _Server(ThreadingHTTPServer):
    def __init__(self, hub: FakeHub) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub


@contextmanager
def served(hub: FakeHub) -> Iterator[FakeHub]:
    """Serve the hub until the block ends; ``hub.url`` is its address, for HF_ENDPOINT."""
    server = _Server(hub)
    thread = Thread(target=server.serve_forever)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    @property
    def hub(self) -> FakeHub:
        assert isinstance(self.server, _Server)
        return self.server.hub

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(Asked(self.command, path, self.headers["range"], self.headers["authorization"]))
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", path):
            self._info(found[1], found[2])
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._resolve(found[1], found[3])
        elif found := re.fullmatch(r"/bytes/(.+)", path):
            self._bytes(self.hub.files[found[1]])
        else:
            self._answer(404, b"{}")

    def _info(self, repository: str, revision: str | None) -> None:
        hub = self.hub
        names = [name for name in hub.files if name.startswith(f"{repository}/")]
        if hub.info_faults:
            self._answer(hub.info_faults.pop(0), b"{}")
        elif not names:  # the real one says 401 for what is not there, too
            self._answer(401, b'{"error": "Invalid username or password."}')
        elif revision not in (None, "main", COMMIT):
            self._answer(404, b"{}", **{"x-error-code": "RevisionNotFound"})
        else:
            siblings = [_sibling(hub, name, name.removeprefix(f"{repository}/")) for name in names]
            gated = "manual" if repository in hub.gated else False
            said = {"id": repository, "modelId": repository, "sha": COMMIT, "gated": gated, "siblings": siblings}
            self._answer(200, json.dumps(said).encode())

    def _resolve(self, repository: str, name: str) -> None:
        token = self.headers["authorization"]
        if repository in self.hub.gated and token != f"Bearer {GATED_TOKEN}":
            self._answer(403 if token else 401, b"", **{"x-error-code": "GatedRepo"})
        else:
            self._answer(302, b"", location=f"{self.hub.url}/bytes/{repository}/{name}")

    def _bytes(self, content: bytes) -> None:
        fault = self.hub.faults.pop(0) if self.hub.faults else None
        if fault in ("429", "500"):
            return self._answer(int(fault), b"", **{"retry-after": "0"})
        if fault == "gone":
            return self._answer(404, b"", **{"x-error-code": "EntryNotFound"})
        start = int(self.headers["range"].removeprefix("bytes=").removesuffix("-")) if self.headers["range"] else 0
        more = {"content-range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        sent = content[start:]
        if fault == "wrong":
            sent = bytes(byte ^ 1 for byte in sent)
        return self._answer(206 if start else 200, sent, cut=fault == "cut", etag='"etag"', **more)

    def _answer(self, status: int, body: bytes, *, cut: bool = False, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def _sibling(hub: FakeHub, name: str, path: str) -> dict[str, object]:
    content = hub.files[name]
    sibling: dict[str, object] = {"rfilename": path, "size": len(content), "blobId": "0" * 40}
    if not hub.without_checksums:
        sibling["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
    return sibling
