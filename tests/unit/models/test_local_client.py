"""The client of the model process: over its socket, with whose turn it is, and never waiting for what will not come."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

import pytest
from fakes.dialects import FakeServer, Reply, failed, piece, said, served

from rag_core.errors import GeneratorUnavailable
from rag_core.models.local import LocalGenerator, health, models_of
from rag_core.types import Evidence, GenerationRequest


@pytest.fixture
def path() -> Iterator[Path]:
    with TemporaryDirectory(prefix="t") as folder:  # a socket's path has to be short
        yield Path(folder) / "model.sock"


@pytest.fixture
def fake(path: Path) -> Iterator[FakeServer]:
    with served(path) as fake:
        yield fake


def request(tenant: str = "") -> GenerationRequest:
    return GenerationRequest("特休？", "zh", "", (), Evidence({}, {}), (), tenant)


def test_it_answers_over_the_socket(fake, path):
    """The process is named in the answer, and nothing leaves the company."""
    fake.reply = lambda asked: said("七", "日。")
    local = LocalGenerator(path, "breeze-7b")
    assert list(local.generate(request())) == ["七", "日。"]
    assert (local.name, local.leaves_company) == ("llama:breeze-7b", False)
    assert (fake.asked[0].path, fake.asked[0].body["model"]) == ("/v1/chat/completions", "breeze-7b")


def test_whose_turn_it_is_stands_in_the_headers(fake, path):
    """The tenant in ASCII whatever its name, a person's priority, and the time that is left."""
    list(LocalGenerator(path, "m", timeout_s=30).generate(request("人資,it %\r\nX-Evil: 1")))
    headers = fake.asked[0].headers
    assert unquote(headers["x-transom-tenant"]) == "人資,it %\r\nX-Evil: 1"
    assert headers["x-transom-tenant"].isascii()
    assert headers["x-transom-priority"] == "person"
    assert 0 < float(headers["x-transom-deadline-s"]) <= 30
    list(LocalGenerator(path, "m").generate(request()))
    assert "x-transom-tenant" not in fake.asked[1].headers
    assert "x-evil" not in headers


@pytest.mark.parametrize("signs", [[": ping"], [piece(role="assistant")], []])
def test_it_waits_so_long_for_the_first_piece_and_no_longer(fake, path, signs):
    """Signs of life are no piece. The connection closes, so that the process stops."""
    fake.reply = lambda asked: Reply(signs * 200 or [piece("好。")], pause_s=0.05 if signs else 3)
    with pytest.raises(GeneratorUnavailable):
        list(LocalGenerator(path, "m", wait_s=0.4).generate(request()))
    assert fake.left.wait(5)


def test_after_the_first_piece_the_whole_answer_has_its_own_time(fake, path):
    """The wait for the first piece is not the time for all."""
    fake.reply = lambda asked: said("一", "二", "三", "四", "五。", pause_s=0.15)
    assert "".join(LocalGenerator(path, "m", wait_s=0.5, timeout_s=10).generate(request())) == "一二三四五。"


def test_a_model_that_loads_is_not_waited_for(fake, path):
    """Told apart, at once, and asked once only."""
    fake.reply = lambda asked: failed(503, {"code": "model_loading", "message": "…"}, retry_after="1")
    with pytest.raises(GeneratorUnavailable, match="loading") as told:
        list(LocalGenerator(path, "m").generate(request()))
    assert (told.value.reason, len(fake.asked)) == ("loading", 1)


def test_a_full_queue_is_busy(fake, path):
    """The process says that it cannot begin in time: nobody waits."""
    fake.reply = lambda asked: failed(429, {"code": "busy", "message": "…"}, retry_after="30")
    with pytest.raises(GeneratorUnavailable) as told:
        list(LocalGenerator(path, "m").generate(request()))
    assert told.value.reason == "busy"


def test_an_error_of_the_process_midway_is_told(fake, path):
    """Out of time after the first piece: an event with the error, and then the end."""
    fake.reply = lambda asked: Reply([piece("好"), "data: " + json.dumps({"error": {"code": "deadline"}})])
    with pytest.raises(GeneratorUnavailable):
        list(LocalGenerator(path, "m").generate(request()))


@pytest.mark.parametrize("left_behind", [False, True])
def test_no_process_is_unavailable_at_once(path, left_behind):
    """No socket, or one that a killed process left: it says how to start it."""
    if left_behind:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
    with pytest.raises(GeneratorUnavailable, match="transom model"):
        list(LocalGenerator(path, "m").generate(request()))
    with pytest.raises(GeneratorUnavailable, match="transom model"):
        health(path)


def test_a_reader_who_leaves_stops_the_process(fake, path):
    """Closing the generator closes the connection."""
    fake.reply = lambda asked: Reply([piece("好")] * 1000, pause_s=0.02)
    pieces = LocalGenerator(path, "m").generate(request())
    assert next(pieces) == "好"
    pieces.close()
    assert fake.left.wait(5)


def test_its_health_and_models_are_told(fake, path):
    """The JSON as it is, also when the process is not well."""
    fake.reply = lambda asked: Reply(
        body='{"status": "loading"}' if asked.path == "/health" else '{"data": [{"id": "breeze-7b"}]}',
        status=503 if asked.path == "/health" else 200,
        kind="application/json",
    )
    assert health(path) == {"status": "loading"}
    assert models_of(path) == ["breeze-7b"]


@pytest.mark.parametrize("body", ["[]", "<html>"])
def test_something_else_that_listens_is_told(fake, path, body):
    """What answers is no model process."""
    fake.reply = lambda asked: Reply(body=body, kind="application/json")
    with pytest.raises(GeneratorUnavailable, match="model process"):
        health(path)
