"""The breaker's state, from the worker through Postgres to /metrics and the doctor."""

import asyncio
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import psycopg
import pytest
from acceptance.command import write_window
from fakes.dialects import FakeServer, Reply, served
from flask import Flask

from bots import doctor
from bots.accounts import Channels
from bots.compose import Office, web_app, wired
from bots.compose import worker as make_worker
from bots.compose.office import _reports
from bots.conversations.models import store
from bots.conversations.models.insiders import Insiders
from bots.conversations.models.metrics import Metrics
from bots.conversations.models.report import BreakerReport
from bots.settings import load_settings
from rag_core.database import Database
from rag_core.errors import DatabaseUnavailable, GeneratorUnavailable
from rag_core.models.breaker import Breaker
from rag_core.models.llama.address import socket_path

MODEL = "breeze-7b"
NOWHERE = "postgresql://nobody@127.0.0.1:1/transom?"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def rows(url: str, query: str = "select worker, model, state from model_states order by 1") -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def change(url: str, query: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(query)


def note(database: Database, worker: str, state: str) -> None:
    with database.application() as connection:
        store.note(connection, worker, MODEL, state)


def broken() -> Breaker:
    breaker = Breaker(failures=1)
    breaker.end(breaker.begin(), worked=False)
    return breaker


@pytest.fixture
def data() -> Iterator[Path]:
    with TemporaryDirectory(prefix="t") as folder:  # a socket's path has to be short
        yield Path(folder)


def office_of(tmp_path: Path, data: Path, generator: str = "llama", **more: str) -> Office:
    company = tmp_path / "company"
    if not company.exists():
        company.mkdir()
        write_window(company, "hr", [])
    given = {"COMPANY": str(company), "DATA": str(data), "GENERATOR": generator, **more}
    if generator == "llama":
        given["LLAMA__MODEL"] = MODEL
    if generator == "openai":
        given |= {"OPENAI__MODEL": MODEL, "OPENAI__BASE_URL": "http://127.0.0.1:1/v1"}
    settings = load_settings({f"TRANSOM_{name}": value for name, value in given.items()}, directory=tmp_path)
    return Office(settings, (), Channels(), "k" * 32)


def health(**told: object) -> Reply:
    status = 200 if told["status"] == "ok" else 503
    return Reply(body=json.dumps({"model": MODEL, **told}), status=status, kind="application/json")


@pytest.fixture
def model(data: Path) -> Iterator[FakeServer]:
    with served(socket_path(data)) as fake:
        fake.reply = lambda asked: health(status="ok", waiting=3, writing=2)
        yield fake


# --- what the worker tells ---


def test_a_worker_tells_its_state_at_once_when_it_changed(database, database_url):
    """And otherwise every ten seconds."""
    breaker, clock = Breaker(failures=1), Clock()
    report = BreakerReport(database, breaker, MODEL, "gpu1:7", clock)
    report.tell()
    assert rows(database_url) == [("gpu1:7", MODEL, "closed")]
    change(database_url, "delete from model_states")
    report.tell()
    assert rows(database_url) == []
    clock.now += 10
    report.tell()
    assert len(rows(database_url)) == 1
    breaker.end(breaker.begin(), worked=False)
    report.tell()
    assert rows(database_url) == [("gpu1:7", MODEL, "open")]


def test_since_when_outlasts_trials(database, database_url):
    """A trial that fails begins nothing new; being well again does."""
    since = "select since > now() - interval '1 minute' from model_states"
    note(database, "w", "open")
    change(database_url, "update model_states set since = now() - interval '5 minutes'")
    for state in ("half-open", "open"):
        note(database, "w", state)
        assert rows(database_url, since) == [(False,)]
    note(database, "w", "closed")
    assert rows(database_url, since) == [(True,)]


def test_workers_long_gone_are_forgotten(database, database_url):
    """After an hour the row goes; after a minute nobody is told of it."""
    for worker in ("old", "silent"):
        note(database, worker, "open")
    change(database_url, "update model_states set seen = now() - interval '61 minutes' where worker = 'old'")
    change(database_url, "update model_states set seen = now() - interval '2 minutes' where worker = 'silent'")
    note(database, "alive", "closed")
    assert [row[0] for row in rows(database_url)] == ["alive", "silent"]
    with database.application() as connection:
        assert [one.worker for one in store.states(connection)] == ["alive"]


def test_what_could_not_be_told_is_told_next_time(database, database_url):
    """A database that was away for a moment loses no state."""
    clock = Clock()
    report = BreakerReport(database, broken(), MODEL, "w", clock)
    change(database_url, "alter table model_states rename to away")
    with pytest.raises(psycopg.errors.UndefinedTable):
        report.tell()
    change(database_url, "alter table away rename to model_states")
    report.tell()
    assert rows(database_url) == [("w", MODEL, "open")]


@pytest.mark.parametrize(("generator", "told"), [("extractive", 0), ("openai", 1), ("llama", 1)])
def test_every_model_has_a_report_and_no_model_none(tmp_path, data, database_url, generator, told):
    """Named by its machine and process, never by a person or a path."""
    transom = wired(office_of(tmp_path, data, generator).settings, database_url)
    for tell in _reports(transom):
        tell()
    transom.database.close()
    assert [(name, state) for _, name, state in rows(database_url)] == [(MODEL, "closed")] * told
    assert all(re.fullmatch(re.escape(socket.gethostname()) + r":\d+", row[0]) for row in rows(database_url))


def test_the_worker_tells_it_whatever_else_fails(tmp_path, data, database_url):
    """Here its queue is not open, so that looking for stalled jobs fails, every time."""
    made = make_worker(office_of(tmp_path, data, SWEEP_S="0.1"), database_url)

    async def sweep_until_told() -> None:
        sweeping = asyncio.create_task(made._sweep())
        while not await asyncio.to_thread(rows, database_url):
            await asyncio.sleep(0.05)
        sweeping.cancel()

    asyncio.run(asyncio.wait_for(sweep_until_told(), 30))
    assert [row[1:] for row in rows(database_url)] == [(MODEL, "closed")]


# --- /metrics ---


@pytest.fixture
def app(tmp_path: Path, data: Path, database_url: str) -> Flask:
    more = {"OUR_MACHINES": "10.0.0.7", "PUBLIC_URL": "https://transom.a-company.example", "PROXIES": "1"}
    return web_app(office_of(tmp_path, data, **more), database_url)


def figures(response) -> dict[str, float]:
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    lines = [line.rpartition(" ") for line in response.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_metrics_tell_the_breaker_of_each_worker(app, model, database):
    """One series a state, 1 for the one it is in; and whether database and model answer."""
    note(database, "gpu1:7", "half-open")
    response = app.test_client().get("/metrics")
    found = figures(response)
    series = 'transom_model_breaker{{model="breeze-7b",state="{}",worker="gpu1:7"}}'
    assert [found[series.format(state)] for state in ("closed", "half-open", "open")] == [0, 1, 0]
    assert [found[f"transom_{name}"] for name in ("database_up", "model_up", "workers")] == [1, 1, 0]
    assert [found["transom_inbox_failed"], found["transom_outbox_stuck"]] == [0, 0]
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("state", ["loading", "failed"])
def test_a_model_that_is_not_well_is_not_up(app, model, state):
    """Although its process answers."""
    model.reply = lambda asked: health(status=state)
    assert figures(app.test_client().get("/metrics"))["transom_model_up"] == 0


def test_without_a_model_process_the_rest_is_told(app):
    """It is not up."""
    found = figures(app.test_client().get("/metrics"))
    assert [found["transom_model_up"], found["transom_database_up"]] == [0, 1]


def test_without_a_database_metrics_still_answer(tmp_path, data):
    """What only the database knows is left out; the pool would have waited far longer."""
    database = Database(NOWHERE)
    app = Flask("test")
    app.register_blueprint(Metrics(database, Insiders(()), None).blueprint())
    found = figures(app.test_client().get("/metrics"))
    database.close()
    assert found == {"transom_database_up": 0}


def test_a_database_that_hangs_is_not_waited_for():
    """Scrapes meanwhile share the one question that hangs, so no threads pile up."""
    hangs, asked = Event(), []

    class Hanging:
        def application(self):
            asked.append(1)
            hangs.wait(60)
            raise DatabaseUnavailable("gone")

    metrics = Metrics(Hanging(), Insiders(()), None)  # type: ignore[arg-type]  # what it looks at
    assert [metrics.figures().stored for _ in range(2)] == [None, None]
    assert (hangs.is_set(), len(asked)) == (False, 1)
    hangs.set()
    metrics.figures()
    assert len(asked) <= 2


@pytest.mark.parametrize(
    ("address", "host", "headers", "status"),
    [
        ("127.0.0.1", "localhost:8000", {}, 200),
        ("::1", "[::1]:8000", {}, 200),
        ("::ffff:127.0.0.1", "127.0.0.1", {}, 200),
        ("10.0.0.7", "transom.internal", {}, 200),
        ("10.0.0.8", "transom.internal", {}, 404),
        ("203.0.113.9", "localhost", {}, 404),
        ("", "localhost", {}, 404),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": ""}, 404),
        ("127.0.0.1", "localhost", {"X-Forwarded-Proto": "https"}, 404),
        ("127.0.0.1", "localhost", {"Forwarded": "for=127.0.0.1"}, 404),
        ("10.0.0.7", "transom.internal", {"Via": "1.1 proxy"}, 404),
        ("127.0.0.1", "transom.a-company.example", {}, 404),
        ("10.0.0.7", "transom.a-company.example", {}, 404),
        ("127.0.0.1", "evil.example", {}, 404),
    ],
)
def test_strangers_find_no_metrics(app, address, host, headers, status):
    """Only who asks straight from this machine or ours; a proxy, or a page that points its name here, does not."""
    told = {"Host": host, **headers}
    response = app.test_client().get("/metrics", headers=told, environ_overrides={"REMOTE_ADDR": address})
    assert response.status_code == status
    assert ("transom_" in response.text) is (status == 200)


def test_a_machine_may_be_named():
    """Its name is looked up, again after a while and not for each stranger; one without an address admits nobody."""
    looked: list[str] = []
    clock, known = Clock(), {"gpu1": ["10.0.0.7", "fe80::1%eth0"]}

    def look_up(name: str) -> list[str]:
        looked.append(name)
        return known.get(name, [])

    insiders = Insiders({"gpu1", "gone", "localhost"}, None, look_up, clock)
    assert [insiders.admit(where, "x", ()) for where in ("10.0.0.7", "fe80::1", "10.0.0.8")] == [True, True, False]
    assert sorted(looked) == ["gone", "gpu1"]
    known["gpu1"] = ["10.0.0.8"]
    clock.now += 10
    assert [insiders.admit(where, "x", ()) for where in ("10.0.0.7", "10.0.0.8")] == [False, True]


# --- the doctor ---


def finding(office: Office, url: str, part: str) -> doctor.Finding:
    [found] = [one for one in doctor.examine(office, url) if one.part == part]
    return found


def test_the_doctor_tells_of_the_model(tmp_path, data, database_url, model):
    """Its name and what it has to do."""
    found = finding(office_of(tmp_path, data), database_url, "model")
    assert (found.ok, found.what) == (True, "breeze-7b: ok, 3 waiting, 2 being written")


@pytest.mark.parametrize("state", ["loading", "failed"])
def test_the_doctor_tells_of_a_model_that_is_not_well(tmp_path, data, database_url, model, state):
    """With what to do."""
    model.reply = lambda asked: health(status=state)
    found = finding(office_of(tmp_path, data), database_url, "model")
    assert (found.ok, found.what) == (False, f"breeze-7b: {state}")
    assert found.fix.startswith("Run: transom serve, or transom model.")


def test_the_doctor_tells_of_a_model_that_does_not_run(tmp_path, data, database_url):
    """It says how to start it."""
    found = finding(office_of(tmp_path, data), database_url, "model")
    assert not found.ok
    assert found.fix.startswith("Run: transom serve, or transom model.")


def test_the_doctor_notices_another_model(tmp_path, data, database_url, model):
    """One that was started before the settings changed."""
    model.reply = lambda asked: health(status="ok", model="taide")
    found = finding(office_of(tmp_path, data), database_url, "model")
    assert (found.ok, found.what) == (False, "taide runs, not breeze-7b")


@pytest.mark.parametrize("generator", ["llama", "openai"])
@pytest.mark.parametrize(
    ("states", "worst"),
    [(["closed"], "closed"), (["open", "closed", "half-open"], "open"), (["closed", "half-open"], "half-open")],
)
def test_the_doctor_tells_the_worst_breaker(tmp_path, data, database, database_url, generator, states, worst):
    """Of all workers seen lately, and since when; only closed is well."""
    for number, state in enumerate(states):
        note(database, f"w{number}", state)
    found = finding(office_of(tmp_path, data, generator), database_url, "breaker")
    assert (found.ok, found.what.split()[:2]) == (worst == "closed", [worst, "since"])
    assert "documents' own sentences" in found.fix


def test_the_doctor_does_not_take_silence_for_well(tmp_path, data, database, database_url):
    """A worker that is gone tells nothing any more."""
    note(database, "w", "closed")
    change(database_url, "update model_states set seen = now() - interval '2 minutes'")
    assert not finding(office_of(tmp_path, data), database_url, "breaker").ok


def test_without_a_model_there_is_no_breaker(tmp_path, data, database_url):
    """Nothing is out of order where nothing can be."""
    parts = [one.part for one in doctor.examine(office_of(tmp_path, data, "extractive"), database_url)]
    assert "breaker" not in parts


def test_an_open_breaker_is_what_is_told(database, database_url):
    """From the breaker to the row."""
    breaker = broken()
    with pytest.raises(GeneratorUnavailable):
        breaker.begin()
    BreakerReport(database, breaker, MODEL, "w").tell()
    assert rows(database_url) == [("w", MODEL, "open")]
