"""The product as processes, and a server that plays LINE and Slack: what benchmarks of whole ways go through."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.request import urlopen

import psycopg

from rag_core import embedded

_COMMAND = (sys.executable, "-m", "bots.cli")


class Platform:
    """A server that plays LINE and Slack: takes everything, and notes when. ``sent`` holds the times of messages."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.replied: dict[str, float] = {}  # reply token → when
        self.sent: list[float] = []
        self.heard = Event()

    def note(self, body: Mapping[str, Any]) -> None:
        """Note one call that sends something."""
        now = time.perf_counter()
        if token := body.get("replyToken"):
            self.replied[token] = now
        self.sent.append(now)
        self.heard.set()


class Product:
    """A company's web process and worker, or one of them."""

    def __init__(self, url: str, port: int, environment: Mapping[str, str]) -> None:
        self.url, self.port, self._environment = url, port, environment

    def count(self, what: str) -> int:
        """Return how many rows there are of a table, or of a table with its conditions."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(f"select count(*) from {what}").fetchone()  # noqa: S608 our own words
        return int(row[0]) if row else 0

    def change(self, *statements: str) -> None:
        """Change the database as its owner."""
        with psycopg.connect(self.url) as connection:
            for statement in statements:
                connection.execute(statement)

    def run(self, *arguments: str) -> None:
        """Run one of its commands. Raises CalledProcessError."""
        subprocess.run([*_COMMAND, *arguments], env=self._environment, check=True, capture_output=True)  # noqa: S603 our own command

    @contextmanager
    def running(self, *parts: str) -> Iterator[None]:
        """Have these processes at work."""
        started = [subprocess.Popen([*_COMMAND, part], env=self._environment) for part in parts]  # noqa: S603 likewise
        try:
            if "web" in parts:
                until_it_answers(self.port)
            yield
        finally:
            for part in started:
                part.send_signal(signal.SIGTERM)
            for part in started:
                part.wait(60)


@contextmanager
def installed(files: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[Product]:
    """Yield a synced company of these files, by their names below its folder, on an embedded Postgres with fsync on."""
    folder = Path(tempfile.mkdtemp(prefix="transom-bench-"))
    for name, text in files.items():
        path = folder / "company" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    url, port = embedded.start(folder / "postgres"), free_port()
    product = Product(
        url,
        port,
        {
            **{name: value for name, value in os.environ.items() if not name.startswith("TRANSOM_")},
            "DATABASE_URL": url,
            "TRANSOM_COMPANY": str(folder / "company"),
            "TRANSOM_DATA": str(folder / "data"),
            "TRANSOM_PORT": str(port),
            "TRANSOM_LOG_LEVEL": "WARNING",
            **environment,
        },
    )
    try:
        product.run("sync")
        yield product
    finally:
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def platform() -> Iterator[Platform]:
    """Yield the server that plays LINE and Slack."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    played = Platform(f"http://127.0.0.1:{server.server_port}")
    server.played = played  # type: ignore[attr-defined]  # the handler has no other way to it
    Thread(target=server.serve_forever, daemon=True).start()
    yield played
    server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.rpartition("/")[2] in ("reply", "push", "chat.postMessage"):
            self.server.played.note(_body(content))  # type: ignore[attr-defined]  # set by platform()
        # What either needs: LINE's ids, and Slack's answers to chat.postMessage, conversations.open and users.info.
        self._say({"sentMessages": [{"id": "1"}], "ok": True, "ts": f"{time.time():.6f}", "channel": {"id": "D1"}})

    def do_GET(self) -> None:
        self._say({"userId": "U0", "displayName": "", "language": "zh-TW", "type": "none", "totalUsage": 0, "ok": True})

    def _say(self, answer: Mapping[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *said: Any) -> None:
        pass


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content or b"{}")
    except ValueError:  # a form, as Slack also takes
        return {}
    return body if isinstance(body, dict) else {}


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_it_answers(port: int) -> None:
    """Wait for the web process. Raises RuntimeError after a minute."""
    for _ in range(600):
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at port {port}")


def at(ordered: Sequence[float], share: float) -> float:
    """Return the value that this share of the ordered values does not exceed."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
