"""How fast events are acknowledged while a worker is busy, beside a bare signature handler; and how fast answered.

The product is ``transom web`` and ``transom worker`` as processes, on an embedded Postgres with fsync on. The bare
handler is Flask on the same gunicorn with the same processes and threads, and does nothing but verify LINE's signature.
It is measured twice: alone on the machine, and beside the worker that answers, as Transom always is.
The load generator and the server that plays LINE share the machine with them. ``--quick``: shorter.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context

from flask import Flask, request
from rich.table import Table

from benchmarks.load import Connection, Load, Target, as_fast_as_possible, at_rate, webhook
from benchmarks.product import Platform, Product, at, free_port, installed, platform, until_it_answers
from benchmarks.report import say, show
from bots.serve import serve

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
    with platform() as line, _shop(line) as product:
        target = Target(product.port, "/line/shop/webhook", _SECRET, "own")
        with _bare() as bare:
            idle = _closed(bare, seconds, "idle")
            first = _closed(target, seconds, "first")  # from here on the worker has more than it can do
            rows = [(_closed(bare, seconds, f"bare{n}"), _closed(target, seconds, f"own{n}")) for n in (1, 2)]
        steady = at_rate(Target(product.port, target.path, _SECRET, "steady"), seconds, _RATE)
        waiting = product.count("inbox where state in ('pending', 'working')")
        sent = sum(own.acknowledged for own in (first, steady, *(own for _, own in rows)))
        _show_acknowledged([(idle, first), *rows], steady)
        say(f"stored: {product.count('inbox')} of {sent} acknowledged events; {waiting} still waited for the worker.")
        _empty(product)
        _show_answered(_asked(product, target, line, 30 if quick else 150))


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
    table.add_row("LINE", str(len(ordered)), f"{at(ordered, 0.5):.0f}", f"{at(ordered, 0.95):.0f}")
    show(table)


def _per_second(load: Load) -> str:
    return f"{load.acknowledged / load.seconds:,.0f}"


def _percentiles(load: Load) -> tuple[str, str]:
    ordered = sorted(load.milliseconds)
    return f"{at(ordered, 0.5):.1f}", f"{at(ordered, 0.99):.1f}"


# --- what is measured ---


def _empty(product: Product) -> None:
    """Drop what still waits, so that the next question finds a free worker."""
    product.change(
        "delete from procrastinate_jobs where status = 'todo'",
        "update inbox set state = 'withdrawn' where state = 'pending'",
    )
    while product.count("inbox where state = 'working'"):
        time.sleep(0.1)
    time.sleep(1.0)


@contextmanager
def _shop(line: Platform) -> Iterator[Product]:
    """Yield a company with one LINE account, its web process and its worker."""
    files = {"windows/shop.yaml": _WINDOW, "documents/shop.md": _DOCUMENT, "channels.yaml": _CHANNELS}
    tokens = {"SHOP_SECRET": _SECRET, "SHOP_TOKEN": "a-token-of-the-benchmark"}
    with installed(files, {"TRANSOM_LINE__API_BASE": line.url, **tokens}) as product, product.running("web", "worker"):
        yield product


@contextmanager
def _bare() -> Iterator[Target]:
    """Yield Flask on gunicorn as the product runs it, with a handler that verifies the signature and no more."""
    port = free_port()
    process = get_context("spawn").Process(target=serve, args=[_bare_app, "127.0.0.1", port])
    process.start()
    until_it_answers(port)
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


def _asked(product: Product, target: Target, line: Platform, questions: int) -> list[float]:
    """Ask one question after the other, each by somebody new, and return the milliseconds until LINE has the reply."""
    connection, times = Connection(product.port), []
    for number in range(questions):
        token = f"asked-{number}"
        sent = webhook(target, token, 10_000 + number, _QUESTION, token)
        began = time.perf_counter()
        connection.status(sent)
        while token not in line.replied and time.perf_counter() - began < 30:
            line.heard.clear()
            line.heard.wait(0.5)
        times.append((line.replied.get(token, time.perf_counter()) - began) * 1000)
    return times
