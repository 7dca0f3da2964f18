"""Several ``transom`` processes on one embedded database folder, as on a laptop with two terminals open."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.command import Command, kill, write_window


@pytest.fixture
def transom(tmp_path: Path) -> Iterator[Command]:
    """The command for a small company, with a folder for its own Postgres below /tmp: root's Postgres needs the way."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "leave.md").write_text("# 請假\n\n## 病假\n\n普通病假一年三十日。\n", encoding="utf-8")
    for n in range(150):
        text = "".join(f"## 第 {i} 條\n\n分機 {n * i} 之負責人為工號 {n + i}。\n\n" for i in range(30))
        (tmp_path / "documents" / f"long-{n}.md").write_text(text, encoding="utf-8")
    write_window(tmp_path, "hr", ["{path: ../documents/leave.md}"])
    write_window(tmp_path, "it", ["{path: ../documents/long-*.md}"])
    data = Path(tempfile.mkdtemp(prefix="transom-shared-"))
    yield Command(tmp_path, data)
    shutil.rmtree(data, ignore_errors=True)


def search(transom: Command) -> list[str]:
    told = transom.right("search", "病假一年幾日", "--window", "hr", "--groups", "employees", "--json").object
    return [passage["text"] for passage in told["passages"]]


def test_one_syncs_while_others_search_and_none_stops_the_server_under_another(transom: Command) -> None:
    """Searches come and go while a sync runs on the same folder; each is answered, and the sync ends well."""
    transom.right("sync", "--window", "hr")
    syncing = transom.start("sync")
    answers = []
    while syncing.poll() is None or not answers:
        answers.append(search(transom))
    assert syncing.returncode == 0
    assert answers == [["普通病假一年三十日。"]] * len(answers)
    told = transom.right("search", "分機 58 負責人", "--window", "it", "--groups", "employees", "--json").object
    assert told["passages"]


def test_a_killed_process_leaves_the_database_usable(transom: Command) -> None:
    """The folder of a process that lost its power is taken over by the next command."""
    syncing = transom.start("sync")
    wait_for_server(transom.data / "postgres", syncing)
    kill(syncing)
    transom.right("sync")
    assert search(transom) == ["普通病假一年三十日。"]


def wait_for_server(folder: Path, process: object) -> None:
    """Wait until the Postgres of this folder takes connections."""
    pid_file, deadline = folder / "postmaster.pid", time.monotonic() + 60
    while time.monotonic() < deadline:
        if pid_file.exists() and "ready" in pid_file.read_text():
            return
        time.sleep(0.02)
    raise TimeoutError(f"{process} started no Postgres in {os.fspath(folder)}")
