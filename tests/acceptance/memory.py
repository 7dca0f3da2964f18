"""How much memory a command and all processes below it take, watched from outside (Linux's /proc)."""

import subprocess
import time
from pathlib import Path

_EVERY_S = 0.2


def peak_memory(process: subprocess.Popen[bytes], limit_s: float) -> int:
    """Wait for the process and return the peak of its tree's memory in bytes; kill it after ``limit_s`` seconds.

    It is the proportional set size: what processes share counts once. A Postgres below them does not count.
    """
    deadline, peak = time.monotonic() + limit_s, 0
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
            raise TimeoutError(f"The command still ran after {limit_s:g} s.")
        peak = max(peak, sum(_proportional(pid) for pid in _tree(process.pid)))
        time.sleep(_EVERY_S)
    return peak


def _tree(root: int) -> list[int]:
    found, todo = [], [root]
    while todo:
        found.append(pid := todo.pop())
        todo.extend(child for child in _children(pid) if not _is_postgres(child))
    return found


def _children(pid: int) -> list[int]:
    children = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += map(int, task.read_text().split())
        except OSError:  # it has just ended
            continue
    return children


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return False


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
