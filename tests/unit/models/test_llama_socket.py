"""The model process over its real socket."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("llama_cpp", reason="needs the extra llama")

import httpx2
from models import tiny_model
from openai import OpenAI
from unit.models.asking import CHAT, ENDLESS, MESSAGES, figures, until

ROOT = Path(__file__).parents[3]


class Process:
    """A model process of its own, on the tiny model."""

    def __init__(self, data: Path, model: Path) -> None:
        self.path = data / "model.sock"
        code = (
            "import sys; from pathlib import Path; from rag_core.models.llama.options import EngineOptions;"
            "from rag_core.models.llama.serve import serve_model;"
            "serve_model(EngineOptions(model=Path(sys.argv[1]), threads=1, context=2048, sequences=1, waiting=4),"
            " 'breeze-test', Path(sys.argv[2]))"
        )
        self.running = subprocess.Popen(
            [sys.executable, "-c", code, str(model), str(self.path)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.http = httpx2.Client(
            transport=httpx2.HTTPTransport(uds=str(self.path)), base_url="http://model", timeout=60
        )

    def figure(self, name: str) -> float:
        """Return one of its figures."""
        return figures(self.http.get("/metrics").text)[f"transom_model_{name}"]

    def asks(self, body: dict) -> socket.socket:
        """Return a connection on which a chat was asked for, its answer unread."""
        raw = json.dumps(body).encode()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.path))
        connection.sendall(
            f"POST {CHAT} HTTP/1.1\r\nHost: model\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(raw)}\r\n\r\n".encode()
            + raw
        )
        return connection

    def stop(self) -> None:
        """End it."""
        self.http.close()
        if self.running.poll() is None:
            self.running.send_signal(signal.SIGTERM)
        self.running.communicate(timeout=90)


@pytest.fixture
def process(tmp_path) -> Iterator[Process]:
    """A model process that has loaded."""
    made = Process(tmp_path / "data", tiny_model())
    assert made.running.stdout.readline().startswith("ready: ")
    yield made
    made.stop()


def test_the_openai_client_streams_over_the_socket(process):
    """Unchanged, as anybody would use it; and only this user may open the socket."""
    with OpenAI(base_url="http://model/v1", api_key="none", http_client=process.http, max_retries=0) as client:
        asked = {"model": "breeze-test", "messages": MESSAGES, "max_tokens": 20}
        chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
        whole = client.chat.completions.create(**asked)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == whole.choices[0].message.content != ""
        assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
        mode = process.path.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert not mode & 0o077


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_goes_in_mid_answer_is_cancelled(process, stream):
    """The engine does not write on for nobody, whether the answer was streamed or not."""
    connection = process.asks(ENDLESS | {"stream": stream})
    until(lambda: process.figure("answer_tokens_total") > 3)
    connection.close()
    until(lambda: process.figure("writing") == 0)
    assert process.figure("cancelled_total") == 1
    assert process.figure("finished_total") == 0


def test_a_client_that_goes_while_it_waits_is_cancelled(process):
    """It leaves the queue, and who is being written to writes on."""
    first = process.asks(ENDLESS | {"stream": True})
    until(lambda: process.figure("writing") == 1)
    waiting = process.asks(ENDLESS | {"stream": True})
    until(lambda: process.figure("waiting") == 1)
    waiting.close()
    until(lambda: process.figure("waiting") == 0)
    assert process.figure("cancelled_total") == 1
    first.close()


def test_told_to_stop_it_ends_its_answers_first(process):
    """An answer being written comes to its end, the process ends well, and its socket is gone."""
    asked = {"messages": MESSAGES, "max_tokens": 800, "ignore_eos": True, "stream": True}
    with process.http.stream("POST", CHAT, json=asked) as response:
        lines = response.iter_lines()
        next(lines)
        process.running.send_signal(signal.SIGTERM)
        rest = [line for line in lines if line]
    assert rest[-1] == "data: [DONE]"
    assert process.running.wait(60) == 0
    assert not process.path.exists()


@pytest.mark.parametrize("content", [None, b"no model", b"GGUF"])
def test_a_file_that_is_no_model_ends_the_process(tmp_path, content):
    """One sentence that names the file, no traceback, and a status that is not 0."""
    file = tmp_path / "broken.gguf"
    if content is not None:
        file.write_bytes(content)
    made = Process(tmp_path / "data", file)
    _, complaint = made.running.communicate(timeout=60)
    made.http.close()
    assert made.running.returncode != 0
    assert "broken.gguf" in complaint
    assert "Traceback" not in complaint


def test_the_command_says_what_is_wrong_with_its_setting(tmp_path):
    """``transom model`` without a model's file: one sentence that names the setting."""
    environment = os.environ | {"TRANSOM_LLAMA__MODEL": str(tmp_path / "none.gguf"), "TRANSOM_DATA": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "bots.cli", "model"], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode != 0
    assert "none.gguf" in ended.stderr
    assert "Traceback" not in ended.stderr
