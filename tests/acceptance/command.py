"""The command ``transom`` as people run it: a process with an environment of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRANSOM = Path(sys.executable).with_name("transom")
_PATIENCE = 240  # seconds; a slow machine is no failure, a hang is


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[Any]:
        """The JSON objects it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> Any:
        """The one JSON object it printed."""
        (one,) = self.objects
        return one


@dataclass(frozen=True, slots=True)
class Command:
    """Runs ``transom`` for one company, from a folder that holds no ``.env``."""

    company: Path
    data: Path
    database_url: str | None = None
    more: tuple[tuple[str, str], ...] = ()

    def __call__(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Outcome:
        """Run it to its end."""
        done = subprocess.run(
            [TRANSOM, *map(str, arguments)],
            env=self.environment(environment or {}),
            cwd=self._folder(),
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def right(self, *arguments: str | Path) -> Outcome:
        """Run it, and fail with what it said unless it ends well."""
        outcome = self(*arguments)
        assert outcome.code == 0, outcome.err
        return outcome

    def start(self, *arguments: str | Path, output: Any = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own."""
        return subprocess.Popen(
            [TRANSOM, *map(str, arguments)],
            env=self.environment({}),
            cwd=self._folder(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return this process's environment without settings of Transom, and with those of this company."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TRANSOM_") and k != "DATABASE_URL"}
        own = {"TRANSOM_COMPANY": str(self.company), "TRANSOM_DATA": str(self.data), "COLUMNS": "200"}
        if self.database_url:
            own["DATABASE_URL"] = self.database_url
        return {**clean, **own, **dict(self.more), **more}

    def _folder(self) -> Path:
        self.data.mkdir(parents=True, exist_ok=True)
        return self.data


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and all it started at once, as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def write_window(company: Path, name: str, knowledge: Sequence[str], *, serves: str = "employees", **more: str) -> Path:
    """Write a window file; ``knowledge`` are the entries as YAML, ``more`` further keys as YAML."""
    entries = "".join(f"  - {entry}\n" for entry in knowledge)
    keys = "".join(f"{key}: {value}\n" for key, value in more.items())
    path = company / "windows" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"name: {name}\ndepartment: 人\ntitle: {name}\nserves: [{serves}]\ncontact: 人資部\n"
        f"{keys}knowledge:\n{entries}",
        encoding="utf-8",
    )
    return path
