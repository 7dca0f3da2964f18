"""Whatever happens to the model process, a person gets an answer with its sources, and the model comes back.

Real processes of ``transom serve``, a real Postgres, a random model, kill -9; Slack as a fake.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from acceptance.command import Command
from acceptance.installation import SAMPLE, Server
from acceptance.office import EMPLOYEE, LEAVE, TEAM, Office, office, wait_for

from rag_core.errors import GeneratorUnavailable
from rag_core.models.llama.address import socket_path
from rag_core.models.local import health
from rag_core.models.openai import Server as ModelServer
from rag_core.models.openai import over_socket

TRUE, SOURCE = "特別休假為十四日", "特別休假"
NOT_AVAILABLE = "語言模型暫時無法使用"
SETTINGS = {
    "MODEL": "",  # each test's
    "THREADS": "1",
    "SEQUENCES": "1",
    "CONTEXT": "8192",
    "MAX_TOKENS": "1200",  # long enough to be caught in the middle
}
_LATE = """
import os, sys, time
from rag_core.models.llama import model
load, go = model.load, sys.argv[2]
def late(*arguments):
    while not os.path.exists(go):
        time.sleep(0.05)
    return load(*arguments)
model.load = late
from bots.cli import main
sys.argv = ["transom", "model"]
main()
"""


@pytest.fixture(scope="module")
def company(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    """The office of this module, without processes: each test starts its own."""
    pytest.importorskip("llama_cpp", reason="needs the extra llama")
    from models import made

    llama = {f"TRANSOM_LLAMA__{name}": value for name, value in (SETTINGS | {"MODEL": str(made("small"))}).items()}
    folder = tmp_path_factory.mktemp("office")
    with (
        server.database() as url,
        office(url, folder, web=0, workers=0, more={"TRANSOM_GENERATOR": "llama", **llama}) as running,
    ):
        yield running


@pytest.fixture
def quiet(company: Office) -> Iterator[Office]:
    """The office with nothing running."""
    yield company
    company.stop()
    company.processes.clear()


@pytest.fixture
def served(quiet: Office) -> psutil.Process:
    """``transom serve``, with its model loaded."""
    newest = "select coalesce(max(id), 0) from procrastinate_workers"
    before = quiet.query(newest)[0][0]
    process = quiet.start("serve")
    wait_for(quiet.answers, 60, f"nothing is served; see {quiet.data}")
    wait_for(lambda: bool(quiet.query(newest)[0][0] > before), 60, f"no worker; see {quiet.data}")
    wait_for(lambda: state(quiet) == "ok", 60, f"no model; see {quiet.data}")
    return psutil.Process(process.pid)


def told(quiet: Office) -> dict[str, Any]:
    """Return what the model process says of itself, nothing where there is none."""
    with suppress(GeneratorUnavailable):
        return health(socket_path(quiet.data))
    return {}


def state(quiet: Office) -> str:
    return str(told(quiet).get("status"))


def finished(quiet: Office) -> int:
    """Return how many answers the process that runs now has written to their end, 0 where none is loaded."""
    with suppress(Exception), over_socket(str(socket_path(quiet.data))) as client:
        found = re.search(r"^transom_model_finished_total (\d+)", client.get("http://model/metrics").text, re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


class Person:
    """Somebody who writes to the app on Slack."""

    def __init__(self, running: Office) -> None:
        self._office = running
        self._before = len(running.slack.messages_of_bot())

    def asks(self) -> None:
        """Send the question; it is taken in before this returns."""
        delivery = self._office.slack.events.message(TEAM, f"D{EMPLOYEE}", EMPLOYEE, LEAVE)
        assert self._office.slack.send(self._office.events_url, delivery).status == 200

    def gets(self) -> str:
        """Return the one answer, once everything is at its end; fail unless it answers and names its source."""
        self._office.settled()
        (message,) = self._office.slack.messages_of_bot()[self._before :]
        shown = f"{message.text} {message.blocks}"
        assert TRUE in shown
        assert SOURCE in shown
        return shown


def models_turn(running: Office) -> None:
    """Fail unless the next question is written by the model."""
    before, person = finished(running), Person(running)
    person.asks()
    person.gets()
    assert finished(running) == before + 1


@pytest.mark.parametrize("victim", ["worker", "master"])
def test_a_model_killed_in_mid_answer_costs_nobody_the_answer(
    quiet: Office, served: psutil.Process, victim: str
) -> None:
    """kill -9 of gunicorn's worker, of its master: the person is answered, and the next question is the model's."""
    (master,) = [child for child in served.children() if child.cmdline()[-1:] == ["model"]]
    (worker,) = master.children()
    person = Person(quiet)
    person.asks()
    wait_for(lambda: told(quiet).get("writing") == 1, 30, "the model was not asked")
    {"worker": worker, "master": master}[victim].kill()
    answer = person.gets()
    assert victim == "master" or NOT_AVAILABLE in answer  # a worker without a master ends what it is at
    wait_for(lambda: state(quiet) == "ok", 60, "the model did not come back")
    models_turn(quiet)
    wait_for(lambda: not worker.is_running(), 30, "the old worker still runs")


def test_while_the_model_loads_people_are_answered_without_it(quiet: Office, tmp_path: Path) -> None:
    """The documents' own sentences, with the word that the model is not available; then the model writes."""
    quiet.start_web()
    quiet.start_worker()
    go = tmp_path / "go"
    command = [sys.executable, "-c", _LATE, "late", str(go)]
    quiet.processes.append(subprocess.Popen(command, env=quiet.environment(), cwd=quiet.data, start_new_session=True))
    wait_for(lambda: state(quiet) == "loading", 60, "the model process does not listen")
    person = Person(quiet)
    person.asks()
    assert NOT_AVAILABLE in person.gets()
    go.touch()
    wait_for(lambda: state(quiet) == "ok", 60, "the model was not loaded")
    models_turn(quiet)


def test_a_busy_model_keeps_nobody_waiting(quiet: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another's long answer is being written: after ``wait_s`` the documents' own sentences; the other goes on."""
    monkeypatch.setitem(quiet.more, "TRANSOM_LLAMA__WAIT_S", "1")
    quiet.start_web()
    quiet.start_worker()
    quiet.start("model")
    wait_for(lambda: state(quiet) == "ok", 60, "no model")
    client = ModelServer("http://model/v1", "", 60.0, is_ours=True, socket=str(socket_path(quiet.data))).client()
    asked: Any = [{"role": "user", "content": "長"}]
    never_ends = {"ignore_eos": True}
    with (
        client,
        client.chat.completions.create(
            model="m", messages=asked, max_tokens=8000, stream=True, extra_body=never_ends
        ) as long,
    ):
        next(long)
        person = Person(quiet)
        person.asks()
        assert NOT_AVAILABLE in person.gets()
        assert told(quiet)["writing"] == 1
    wait_for(lambda: told(quiet).get("writing") == 0, 30, "the answer that nobody reads is still written")
    models_turn(quiet)


def test_serve_with_a_model_that_is_not_there_says_so_and_starts_nothing(tmp_path: Path) -> None:
    """One sentence that names the setting and the file, exit 2."""
    settings = (("TRANSOM_GENERATOR", "llama"), ("TRANSOM_LLAMA__MODEL", str(tmp_path / "no.gguf")))
    outcome = Command(SAMPLE, tmp_path / "data", None, settings)("serve")
    assert outcome.code == 2
    assert f"TRANSOM_LLAMA__MODEL={tmp_path}/no.gguf:" in "".join(outcome.err.split("\n"))
    assert "Traceback" not in outcome.err
    assert "are open at" not in outcome.out
    assert not (tmp_path / "data" / "postgres").exists()
