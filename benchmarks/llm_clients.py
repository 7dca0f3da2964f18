"""Who takes part in ``benchmarks.llm``: our engine, llama-cpp-python's ``Llama`` and a llama-server, asked alike.

Each is a process of its own, so that none shares an interpreter with what asks and times it. Times are of the monotonic
clock, which all processes of a machine share.
"""

import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import urlsplit

import psutil

from rag_core.models.llama.address import socket_path

_LOADING_S = 600.0
_RUNNING_S = 30.0  # somebody else's server: it is there or it is not
_ANSWER_S = 1800.0


@dataclass(frozen=True, slots=True)
class Setup:
    """What all share. ``context``: tokens one request may take; ``gpu_layers``: None for all that the build can."""

    model: Path
    sequences: int
    context: int
    threads: int
    gpu_layers: int | None


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: greedy, and ``max_tokens`` long, since nobody may end early."""

    text: str
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Served:
    """One answer: when it was asked, when each piece came and when it was over (seconds), and its tokens."""

    asked: float
    pieces: tuple[float, ...]
    ended: float
    prompt_tokens: int
    generated: int

    @property
    def first_ms(self) -> float:
        """Milliseconds to the first piece; to the end, where random tokens never made a whole character."""
        return ((self.pieces[0] if self.pieces else self.ended) - self.asked) * 1000

    @property
    def gaps_ms(self) -> list[float]:
        """Milliseconds from each piece to the next."""
        return [(after - before) * 1000 for before, after in zip(self.pieces, self.pieces[1:], strict=False)]


class Contestant(Protocol):
    """Somebody who answers. ``serve`` may be called by several threads at once."""

    @property
    def name(self) -> str:
        """What the tables call it."""
        ...

    @property
    def pid(self) -> int | None:
        """Its process, None where that cannot be seen."""
        ...

    def serve(self, ask: Ask) -> Served:
        """Return the answer's times. Raises RuntimeError where it did not answer."""
        ...


# --- ours and llama-server: the OpenAI dialect ---


@contextmanager
def engine(setup: Setup) -> Iterator[Contestant]:
    """Yield our engine, as ``transom model`` runs it."""
    with tempfile.TemporaryDirectory(prefix="transom-bench-") as folder:
        data = Path(folder)
        given = {
            "MODEL": setup.model.resolve(),
            "SEQUENCES": setup.sequences,
            "CONTEXT": setup.context * setup.sequences,
            "THREADS": setup.threads,
            "GPU_LAYERS": -1 if setup.gpu_layers is None else setup.gpu_layers,
            "FLASH_ATTENTION": "on",
        }
        environment = {f"TRANSOM_LLAMA__{name}": str(value) for name, value in given.items()}
        environment |= {"TRANSOM_GENERATOR": "llama", "TRANSOM_DATA": folder}
        connect = partial(_UnixConnection, socket_path(data))
        with _process([sys.executable, "-m", "bots.cli", "model"], connect, environment) as pid:
            yield _Dialect("Transom", connect, pid)


@contextmanager
def llama_server(where: str, setup: Setup) -> Iterator[Contestant]:
    """Yield the llama-server at a URL, or one of the executable at a path, started with ``server_command``."""
    if where.startswith("http"):
        host, port = urlsplit(where).hostname or "127.0.0.1", urlsplit(where).port or 80
        connect = partial(HTTPConnection, host, port, timeout=_ANSWER_S)
        _until_it_answers(connect, _RUNNING_S)
        yield _Dialect("llama-server", connect, _listening(port))
        return
    port = _free_port()
    connect = partial(HTTPConnection, "127.0.0.1", port, timeout=_ANSWER_S)
    with _process(server_command(where, setup, port), connect) as pid:
        yield _Dialect("llama-server", connect, pid)


def server_command(program: str, setup: Setup, port: int) -> list[str]:
    """Return the command of a llama-server that is as well off as the others."""
    command = [program, "-m", str(setup.model), "-np", str(setup.sequences)]
    command += ["-c", str(setup.context * setup.sequences), "-t", str(setup.threads), "-tb", str(setup.threads)]
    command += ["-fa", "on", "--no-webui", "--host", "127.0.0.1", "--port", str(port)]
    return command + (["-ngl", str(setup.gpu_layers)] if setup.gpu_layers is not None else [])


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("model", timeout=_ANSWER_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_ANSWER_S)
        self.sock.connect(str(self._path))


class _Dialect:
    """Chat completions, streamed, a connection each."""

    def __init__(self, name: str, connect: Callable[[], HTTPConnection], pid: int | None) -> None:
        self.name, self.pid, self._connect = name, pid, connect

    def serve(self, ask: Ask) -> Served:
        body = {
            "model": "benchmark",
            "messages": [{"role": "user", "content": ask.text}],
            "max_tokens": ask.max_tokens,
            "temperature": 0,
            "ignore_eos": True,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        connection, asked = self._connect(), time.monotonic()
        try:
            connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
            return _read(connection.getresponse(), asked)
        except (OSError, HTTPException, ValueError) as error:
            raise RuntimeError(f"{self.name} did not answer: {error}") from error
        finally:
            connection.close()


def _read(response: HTTPResponse, asked: float) -> Served:
    """Read a stream to its end. Raises ValueError with what the server said instead of an answer."""
    if response.status != 200:
        raise ValueError(f"HTTP {response.status} {response.read(500).decode(errors='replace')}")
    pieces: list[float] = []
    usage: dict[str, int] = {}
    for line in response:
        if not line.startswith(b"data: {"):
            continue
        now, event = time.monotonic(), json.loads(line[6:])
        if "error" in event:
            raise ValueError(str(event["error"]))
        if any(choice.get("delta", {}).get("content") for choice in event.get("choices", ())):
            pieces.append(now)
        usage = event.get("usage") or usage
    if not usage:
        raise ValueError("the stream ended without its usage")
    return Served(asked, tuple(pieces), time.monotonic(), usage["prompt_tokens"], usage["completion_tokens"])


# --- llama-cpp-python: one request at a time ---


class Llama:
    """``Llama`` in a process of its own, which takes its own times: they hold no cost of reaching it."""

    name = "Llama"

    def __init__(self, pipe: Any, pid: int) -> None:
        self.pid, self._pipe = pid, pipe
        self._turns = ThreadPoolExecutor(1)  # first come, first served, which a lock does not promise

    def serve(self, ask: Ask) -> Served:
        """Answer when it is this request's turn; waiting for it is part of the time, as it is for a person."""
        asked = time.monotonic()
        pieces, ended, prompt_tokens = self._turns.submit(self._call, ask).result()
        return Served(asked, pieces, ended, prompt_tokens, ask.max_tokens)

    def count(self, text: str) -> int:
        """Return how many tokens a text is."""
        return int(self._turns.submit(self._call, text).result())

    def _call(self, what: Ask | str) -> Any:
        try:
            self._pipe.send(what)
            return self._pipe.recv()
        except (EOFError, OSError) as error:
            raise RuntimeError(f"{self.name} ended; its own words are on standard error.") from error


@contextmanager
def llama(setup: Setup) -> Iterator[Llama]:
    """Yield llama-cpp-python's ``Llama`` when it has loaded the model."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_llama, args=[setup, theirs], daemon=True)
    process.start()
    theirs.close()
    one = Llama(ours, process.pid or 0)
    try:
        one.count("?")
        yield one
    finally:
        ours.close()
        process.join(30)


def _serve_llama(setup: Setup, pipe: Any) -> None:
    import llama_cpp

    layers = setup.gpu_layers
    if layers is None:
        layers = -1 if llama_cpp.llama_supports_gpu_offload() else 0
    model: Any = llama_cpp.Llama(
        str(setup.model),
        n_ctx=setup.context,
        n_threads=setup.threads,
        n_threads_batch=setup.threads,
        n_gpu_layers=layers,
        flash_attn=True,
        verbose=False,
    )
    vocabulary = llama_cpp.llama_model_get_vocab(model.model)
    never = {token: -math.inf for token in range(model.n_vocab()) if llama_cpp.llama_vocab_is_eog(vocabulary, token)}
    while True:
        try:
            what = pipe.recv()
        except EOFError:
            return
        pipe.send(_completed(model, what, never) if isinstance(what, Ask) else _tokens(model, what))


def _tokens(model: Any, text: str) -> int:
    return len(model.tokenize(text.encode(), add_bos=False))


def _completed(model: Any, ask: Ask, never: dict[int, float]) -> tuple[tuple[float, ...], float, int]:
    """Return when the pieces came, when the last token had, and the prompt's tokens."""
    pieces, reason = [], None
    for chunk in model.create_chat_completion(
        [{"role": "user", "content": ask.text}],
        stream=True,
        temperature=0,
        repeat_penalty=1.0,
        max_tokens=ask.max_tokens,
        logit_bias=never,
    ):
        choice = chunk["choices"][0]
        if choice["delta"].get("content"):
            pieces.append(time.monotonic())
        reason = choice["finish_reason"] or reason
    if reason != "length":
        raise RuntimeError(f"Llama ended for {reason}, before the {ask.max_tokens} tokens it was asked for.")
    return tuple(pieces), time.monotonic(), model.n_tokens - ask.max_tokens + 1  # the last token is never evaluated


# --- processes ---


@contextmanager
def _process(
    command: Sequence[str], connect: Callable[[], HTTPConnection], environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[int]:
    """Yield the id of a process that answers; it is ended afterwards."""
    with tempfile.TemporaryFile() as said:
        env = {**os.environ, **environment}
        process = subprocess.Popen(command, stdout=said, stderr=said, env=env)  # noqa: S603 our own command
        try:
            _until_it_answers(connect, _LOADING_S, process)
            yield process.pid
        except RuntimeError as error:
            said.seek(0)
            words = said.read()[-2000:].decode(errors="replace")
            raise RuntimeError(f"{error}\n{' '.join(command)}\n{words}") from error
        finally:
            process.terminate()
            process.wait(60)


def _until_it_answers(
    connect: Callable[[], HTTPConnection], seconds: float, process: subprocess.Popen[bytes] | None = None
) -> None:
    """Wait until ``/health`` is well. Raises RuntimeError where the process ends or the time is up."""
    deadline = time.monotonic() + seconds
    while not _is_well(connect()):
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"It ended with {process.returncode} instead of answering.")
        if time.monotonic() > deadline:
            raise RuntimeError(f"A model server did not answer GET /health within {seconds:.0f} s. Does it run there?")
        time.sleep(0.2)


def _is_well(connection: HTTPConnection) -> bool:
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listening(port: int) -> int | None:
    """Return the process that listens at a port of this machine, None where it cannot be seen."""
    try:
        found = [one.pid for one in psutil.net_connections("tcp") if one.status == "LISTEN" and one.laddr.port == port]
    except psutil.Error:
        return None
    return found[0] if found else None


def peak_mb(pid: int | None) -> float | None:
    """Return the highest resident memory of a process and its children, MB (proc(5): VmHWM), None where unseen."""
    try:
        lines = [line for one in _family(pid) for line in Path(f"/proc/{one.pid}/status").read_text().splitlines()]
    except (OSError, psutil.Error):
        return None
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024 or None


def cpu_s(pid: int | None) -> float:
    """Return the CPU seconds that a process and its children have used, 0 where unseen."""
    try:
        return sum(sum(one.cpu_times()[:2]) for one in _family(pid))
    except psutil.Error:
        return 0.0


def machine_cpu_s() -> float:
    """Return the CPU seconds that all of the machine has used, with what its host took away."""
    now = psutil.cpu_times()
    return float(sum(getattr(now, kind, 0.0) for kind in ("user", "nice", "system", "irq", "softirq", "steal")))


def _family(pid: int | None) -> list[psutil.Process]:
    return [] if pid is None else [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
