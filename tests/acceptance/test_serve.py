"""``transom serve`` keeps a machine's parts running: what dies comes back, and all end together."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import uuid4

import psutil
import pytest
from acceptance.command import Command, kill, write_window
from acceptance.office import free_port, wait_for

QUESTION = "收到商品幾日內可以退貨？"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A small company with the embedded database, served at a port."""
    company, port = tmp_path_factory.mktemp("served") / "company", free_port()
    write_window(company, "sales", ["{path: ../documents/sales.md}"], serves="customers")
    (company / "documents").mkdir()
    (company / "documents" / "sales.md").write_text("# 退貨\n\n收到商品七日內可以退貨。\n", encoding="utf-8")
    settings = (("TRANSOM_PORT", str(port)), ("TRANSOM_SWEEP_S", "2"))
    transom = Command(company, tmp_path_factory.mktemp("data"), None, settings)
    transom.right("sync")
    process = transom.start("serve")
    wait_for(lambda: answers(port), 60, "nothing is served")
    yield process, port
    if process.poll() is None:
        kill(process)


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, HTTPException):
        return False


def ask(port: int) -> str:
    """Ask on the page as an anonymous customer, and return the whole stream."""
    asked = Request(
        f"http://127.0.0.1:{port}/chat/ask",
        json.dumps({"window": "sales", "question": QUESTION, "message": str(uuid4())}).encode(),
        {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"},
    )
    with urlopen(asked, timeout=60) as response:
        return str(response.read().decode())


def part(process: subprocess.Popen[bytes], name: str) -> psutil.Process:
    """Return the part's process."""
    (found,) = [child for child in psutil.Process(process.pid).children() if child.cmdline()[-1:] == [name]]
    return found


def test_a_question_is_answered_by_the_parts_together(served: tuple[subprocess.Popen[bytes], int]) -> None:
    """The page's question goes through inbox, worker and outbox."""
    assert "event: reply" in ask(served[1])


@pytest.mark.parametrize("name", ["worker", "web"])
def test_a_part_that_dies_comes_back(served: tuple[subprocess.Popen[bytes], int], name: str) -> None:
    """kill -9 of the worker, of the web process: the next question is answered."""
    process, port = served
    dead = part(process, name)
    for one in [dead, *dead.children(recursive=True)]:
        one.kill()
    wait_for(lambda: any(c.cmdline()[-1:] == [name] and c.pid != dead.pid for c in children(process)), 30, "not back")
    wait_for(lambda: answers(port), 30, "nothing is served")
    assert "event: reply" in ask(port)


def children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [child for child in psutil.Process(process.pid).children() if child.status() != psutil.STATUS_ZOMBIE]


def test_a_database_that_dies_comes_back(served: tuple[subprocess.Popen[bytes], int]) -> None:
    """kill -9 of the embedded Postgres: it is started again, and the parts find it."""
    process, port = served
    folder = Path(part(process, "worker").environ()["TRANSOM_DATA"]) / "postgres"
    psutil.Process(int((folder / "postmaster.pid").read_text().split()[0])).kill()
    time.sleep(1.0)
    deadline = time.monotonic() + 60
    while True:
        with suppress(OSError, HTTPException):  # 503 until it is back
            assert "event: reply" in ask(port)
            return
        assert time.monotonic() < deadline, "the database did not come back"
        time.sleep(0.5)


def test_told_to_stop_all_parts_end(served: tuple[subprocess.Popen[bytes], int]) -> None:
    """SIGTERM: web, worker and database end, and the command with status 0."""
    process, port = served
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert not [one for one in below if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert not answers(port)
