"""The model process: one gunicorn worker with threads on a Unix socket; the engine runs in that worker."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from rag_core.errors import ConfigurationError, RagError
from rag_core.models.llama.model import Model
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.server import create_server

_SPARE_THREADS = 16  # for who asks how it is, and who is refused
_DRAIN_S = 60  # for the answers being written when it is told to stop
_LOOK_EVERY_S = 0.2
_NOT_LOADED = 4  # gunicorn ends with its worker's exit status 4, and does not try again


def serve_model(options: EngineOptions, name: str, path: Path) -> None:
    """Serve the model until stopped. Loads in the background; a line on standard output says when it is ready.

    Raises ConfigurationError where one is served at this path already.
    """
    from gunicorn.app.base import BaseApplication

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": f"unix:{path}",
                "umask": 0o077,  # the socket is this user's
                "workers": 1,
                "threads": options.sequences + options.waiting + _SPARE_THREADS,
                "worker_class": "gthread",
                "timeout": 120,
                "graceful_timeout": _DRAIN_S,
                "accesslog": None,
                "loglevel": "warning",
            }
            for key, value in settings.items():
                self.cfg.set(key, value)

        def load(self) -> Flask:
            model = Model(options, name, _failed)
            model.start(_say)
            return create_server(model)

    with _alone(path):
        Server().run()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold this installation's place: two models would need twice the memory. The worker inherits it.

    Waits for a worker whose master was killed, which ends what it is at.
    """
    with path.with_suffix(".lock").open("a") as place:
        deadline = time.monotonic() + _DRAIN_S
        if not _taken(place.fileno()):
            _complain("A model process runs already; waiting for it to end.")
            while not _taken(place.fileno()):
                if time.monotonic() > deadline:
                    raise ConfigurationError(f"Another model process has {path}. Stop it; transom serve has one too.")
                time.sleep(_LOOK_EVERY_S)
        yield


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _complain(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _failed(error: RagError, loaded: bool) -> None:
    """End this worker: one that had a model is started anew, one that cannot load it ends the process."""
    _complain(str(error))
    if loaded:
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        os._exit(_NOT_LOADED)
