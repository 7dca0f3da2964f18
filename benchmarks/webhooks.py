"""How fast events are acknowledged while a worker is busy, beside a bare signature handler; and how fast answered.

The product is ``transom web`` and ``transom worker`` as processes, on an embedded Postgres with fsync on. The bare
handler is Flask on the same gunicorn with the same processes and threads, and does nothing but verify LINE's signature.
It is measured twice: alone on the machine, and beside the worker that answers, as Transom always is.
The load generator and the server that plays LINE share the machine with them. ``--quick``: shorter.
"""

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.request import urlopen

import psycopg
from flask import Flask, request
from rich.table import Table

from benchmarks.load import Connection, Load, Target, as_fast_as_possible, at_rate, webhook
from benchmarks.report import say, show
from bots.serve import serve
from rag_core import embedded

_SECRET = "a-secret-of-the-benchmark"  # noqa: S105 nobody's
_RATE = 200.0
_QUESTION = "單筆滿多少免運費？"
_WINDOW = """
name: shop
department: 銷
title: 客服窗口
serves: [customers]
knowledge: [{path: ../documents/*.md}]
"""
_CHANNELS = 'line: {shop: {secret: "${SHOP_SECRET}", token: "${SHOP_TOKEN}", windows: [shop]}}\n'
_DOCUMENT = "# 運費\n\n單筆消費滿一千元免運費，未滿者運費一百元。\n\n# 退貨\n\n收到商品七日內可以退貨。\n"


def main(*, quick: bool = False) -> None:
    """Print the two tables."""
    seconds = 3.0 if quick else 8.0
    with _line() as line, _product(line) as product:
        with _bare() as bare:
            idle = _closed(bare, seconds, "idle")
            first = _closed(product.target, seconds, "first")  # from here on the worker has more than it can do
            rows = [(_closed(bare, seconds, f"bare{n}"), _closed(product.target, seconds, f"own{n}")) for n in (1, 2)]
        steady = at_rate(Target(product.port, product.target.path, _SECRET, "steady"), seconds, _RATE)
        waiting = product.count("inbox where state in ('pending', 'working')")
        sent = sum(own.acknowledged for own in (first, steady, *(own for _, own in rows)))
        _show_acknowledged([(idle, first), *rows], steady)
        say(f"stored: {product.count('inbox')} of {sent} acknowledged events; {waiting} still waited for the worker.")
        product.empty()
        _show_answered(_asked(product, line, 30 if quick else 150))


def _closed(target: Target, seconds: float, prefix: str) -> Load:
    return as_fast_as_possible(Target(target.port, target.path, target.secret, prefix), seconds)


def _show_acknowledged(rows: Sequence[tuple[Load, Load]], steady: Load) -> None:
    table = Table(
        "run", "bare handler, events/s", "Transom, events/s", "ratio", "p50 ms", "p99 ms", title="Acknowledged"
    )
    names = ("as fast as possible, the bare one alone", "both beside a busy worker", "the same again")
    for name, (bare, own) in zip(names, rows, strict=True):
        ratio = (own.acknowledged / own.seconds) / (bare.acknowledged / bare.seconds)
        table.add_row(name, _per_second(bare), _per_second(own), f"{ratio:.2f}", *_percentiles(own))
    table.add_row(f"{_RATE:.0f} events/s", "–", _per_second(steady), "–", *_percentiles(steady))
    show(table)


def _show_answered(times: Sequence[float]) -> None:
    table = Table("from the webhook to the reply", "n", "p50 ms", "p95 ms", title="Answered, extractive, one at a time")
    ordered = sorted(times)
    table.add_row("LINE", str(len(ordered)), f"{_at(ordered, 0.5):.0f}", f"{_at(ordered, 0.95):.0f}")
    show(table)


def _per_second(load: Load) -> str:
    return f"{load.acknowledged / load.seconds:,.0f}"


def _percentiles(load: Load) -> tuple[str, str]:
    ordered = sorted(load.milliseconds)
    return f"{_at(ordered, 0.5):.1f}", f"{_at(ordered, 0.99):.1f}"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


# --- what is measured ---


class _Product:
    """A company with one LINE account, its web process and its worker."""

    def __init__(self, url: str, port: int) -> None:
        self.url, self.port = url, port
        self.target = Target(port, "/line/shop/webhook", _SECRET, "own")

    def count(self, what: str) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(f"select count(*) from {what}").fetchone()  # noqa: S608 our own words
        return int(row[0]) if row else 0

    def empty(self) -> None:
        """Drop what still waits, so that the next question finds a free worker."""
        with psycopg.connect(self.url) as connection:
            connection.execute("delete from procrastinate_jobs where status = 'todo'")
            connection.execute("update inbox set state = 'withdrawn' where state = 'pending'")
        while self.count("inbox where state = 'working'"):
            time.sleep(0.1)
        time.sleep(1.0)


@contextmanager
def _product(line: "_Line") -> Iterator[_Product]:
    folder = Path(tempfile.mkdtemp(prefix="transom-bench-"))
    for name, text in (
        ("company/windows/shop.yaml", _WINDOW),
        ("company/documents/shop.md", _DOCUMENT),
        ("company/channels.yaml", _CHANNELS),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    url, port = embedded.start(folder / "postgres"), _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TRANSOM_")},
        "DATABASE_URL": url,
        "TRANSOM_COMPANY": str(folder / "company"),
        "TRANSOM_DATA": str(folder / "data"),
        "TRANSOM_PORT": str(port),
        "TRANSOM_LINE__API_BASE": line.url,
        "TRANSOM_LOG_LEVEL": "WARNING",
        "SHOP_SECRET": _SECRET,
        "SHOP_TOKEN": "a-token-of-the-benchmark",
    }
    command = [sys.executable, "-m", "bots.cli"]
    subprocess.run([*command, "sync"], env=environment, check=True, capture_output=True)  # noqa: S603 our own command
    parts = [subprocess.Popen([*command, part], env=environment) for part in ("web", "worker")]  # noqa: S603 likewise
    try:
        _until_it_answers(port)
        yield _Product(url, port)
    finally:
        for part in parts:
            part.send_signal(signal.SIGTERM)
        for part in parts:
            part.wait(60)
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _bare() -> Iterator[Target]:
    """Yield Flask on gunicorn as the product runs it, with a handler that verifies the signature and no more."""
    port = _free_port()
    process = get_context("spawn").Process(target=serve, args=[_bare_app, "127.0.0.1", port])
    process.start()
    _until_it_answers(port)
    yield Target(port, "/hook", _SECRET, "bare")
    process.terminate()
    process.join()


def _bare_app() -> Flask:
    app = Flask("bare")

    def hook() -> tuple[str, int]:
        digest = base64.b64encode(hmac.new(_SECRET.encode(), request.get_data(), hashlib.sha256).digest()).decode()
        return ("", 200) if hmac.compare_digest(digest, request.headers.get("X-Line-Signature", "")) else ("", 401)

    app.add_url_rule("/hook", "hook", hook, methods=["POST"])
    app.add_url_rule("/healthz", "healthz", lambda: "ok")
    return app


class _Line:
    """A server that plays LINE: takes every reply, and notes when."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.replied: dict[str, float] = {}
        self.heard = Event()

    def note(self, token: str) -> None:
        self.replied[token] = time.perf_counter()
        self.heard.set()


@contextmanager
def _line() -> Iterator[_Line]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _LineHandler)
    server.daemon_threads = True
    line = _Line(f"http://127.0.0.1:{server.server_port}")
    server.line = line  # type: ignore[attr-defined]  # the handler has no other way to it
    Thread(target=server.serve_forever, daemon=True).start()
    yield line
    server.shutdown()


class _LineHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if token := body.get("replyToken"):
            self.server.line.note(token)  # type: ignore[attr-defined]  # set by _line
        self._say(b'{"sentMessages": [{"id": "1"}]}')

    def do_GET(self) -> None:
        self._say(b'{"userId": "U0", "displayName": "", "language": "zh-TW"}')

    def _say(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *said: Any) -> None:
        pass


def _asked(product: _Product, line: _Line, questions: int) -> list[float]:
    """Ask one question after the other, each by somebody new, and return the milliseconds until LINE has the reply."""
    connection, times = Connection(product.port), []
    for number in range(questions):
        token = f"asked-{number}"
        sent = webhook(product.target, token, 10_000 + number, _QUESTION, token)
        began = time.perf_counter()
        connection.status(sent)
        while token not in line.replied and time.perf_counter() - began < 30:
            line.heard.clear()
            line.heard.wait(0.5)
        times.append((line.replied.get(token, time.perf_counter()) - began) * 1000)
    return times


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_it_answers(port: int) -> None:
    for _ in range(600):
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at port {port}")
