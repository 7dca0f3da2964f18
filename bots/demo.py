"""What ``transom demo`` asks, the questions of the company's ``demo.yaml``, and the model that it asks them with."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bots.compose import engine_options
from bots.errors import SettingError
from bots.settings import Settings
from rag_core.errors import GeneratorUnavailable
from rag_core.models.llama.address import socket_path
from rag_core.models.local import health

_SHAPE = "write a list of  {window: hr, question: 特休有幾天？, groups: [employees]}"
_LOOK_EVERY_S = 0.2
_PATIENCE_S = 60.0  # for the model process to end


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """One question of the demo and who asks it."""

    window: str
    question: str
    groups: frozenset[str]


def demo_questions(company: Path) -> tuple[DemoQuestion, ...]:
    """Return the company's demo questions. Raises SettingError with the file and what is wrong."""
    path = company / "demo.yaml"
    if not path.is_file():
        raise SettingError(f"{path} is missing; it holds the demo's questions: {_SHAPE}")
    try:
        rows = YAML(typ="safe").load(path)
        return tuple(
            DemoQuestion(row["window"], row["question"], frozenset(row.get("groups", ["customers"]))) for row in rows
        )
    except (YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SettingError(f"{path} cannot be understood ({type(error).__name__}); {_SHAPE}") from error


class DemoModel:
    """The model process of a demo; none (``process`` is None) where no model is wanted or one runs already."""

    def __init__(self, socket: Path, process: subprocess.Popen[bytes] | None) -> None:
        self._socket, self._process = socket, process

    @property
    def loads(self) -> bool:
        """Whether there is something to wait for."""
        return self._process is not None and not self._is_ready()

    def wait(self) -> None:
        """Wait until it is loaded, however long that takes. Raises GeneratorUnavailable if it ends instead."""
        while self.loads:
            if self._process is not None and self._process.poll() is not None:
                raise GeneratorUnavailable("The model could not be loaded; the lines above say why.")
            time.sleep(_LOOK_EVERY_S)

    def stop(self) -> None:
        """End it, if it is ours."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        try:
            return bool(health(self._socket)["status"] == "ok")
        except GeneratorUnavailable:
            return False


@contextmanager
def demo_model(settings: Settings) -> Iterator[DemoModel]:
    """Yield the model, being loaded, and end it afterwards. Raises ConfigurationError if it never could be."""
    wanted = settings.generator == "llama" and not model_runs(settings)
    model = DemoModel(socket_path(settings.data), _started(settings) if wanted else None)
    try:
        yield model
    finally:
        model.stop()


def model_runs(settings: Settings) -> bool:
    """Return whether this installation's model process is there, loaded or not: that of ``transom serve``, say."""
    try:
        health(socket_path(settings.data))
    except GeneratorUnavailable:
        return False
    return True


def _started(settings: Settings) -> subprocess.Popen[bytes]:
    engine_options(settings)  # a missing file or extra is said here, in one sentence
    command = [sys.executable, "-m", "bots.cli", "model"]
    environment = {**os.environ, "TRANSOM_DATA": str(settings.data)}
    return subprocess.Popen(command, env=environment, stdout=sys.stderr)  # noqa: S603 our own command
