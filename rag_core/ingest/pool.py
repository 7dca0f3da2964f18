"""Read many files in processes that can be killed: C code does hang, and a small file can ask for all memory."""

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures import TimeoutError as FutureTimeout
from functools import partial
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from rag_core.errors import UnreadableDocument
from rag_core.ingest.read import Reading, is_text, read_file

Result = Reading | UnreadableDocument
Reader = Callable[[Path], Reading]

_FILES_A_PROCESS = 100  # then a fresh one: C libraries leak
_SMALL_TEXT = 300_000  # bytes a text file may have to be read in this process
_SCANNING = 0.6  # of a file's time that may pass before its further scanned pages are left out
_AHEAD = 4  # files handed over for each worker: what waits costs a pipe's room, not more


def read_all(
    paths: Sequence[Path],
    *,
    workers: int,
    limit_s: float,
    memory_mb: int,
    reader: Reader = read_file,
) -> Iterator[tuple[Path, Result]]:
    """Yield each path once, as it is finished, with its reading or with why there is none.

    ``limit_s`` and ``memory_mb`` hold for each file. Small plain texts are read in this process, since nothing in
    their way can hang or crash and starting a process costs a third of a second; ``reader`` is for tests and
    must be importable by its name. The processes end when the iterator is finished or closed.
    """
    at_home = [path for path in paths if reader is read_file and _is_small_text(path)]
    for path in at_home:
        yield path, _read(reader, path)
    done = set(at_home)
    rest = [path for path in paths if path not in done]
    if rest:
        limited = partial(read_file, scanning_s=_SCANNING * limit_s) if reader is read_file else reader
        yield from _read_in_processes(rest, min(workers, len(rest)), limit_s, memory_mb, limited)


def _is_small_text(path: Path) -> bool:
    try:
        return is_text(path) and path.stat().st_size <= _SMALL_TEXT
    except OSError:
        return True  # reading it will say why it cannot be opened


def _read(reader: Reader, path: Path) -> Result:
    """Return the reading, or the reason why there is none: whatever a broken file raises is one."""
    try:
        return reader(path)
    except UnreadableDocument as error:
        return error
    except MemoryError:
        return UnreadableDocument("Reading the file takes more memory than is allowed.")
    except Exception as error:
        return UnreadableDocument(
            f"The file is damaged in a way that was not foreseen ({type(error).__name__}: {error})."
        )


def _read_in_processes(
    paths: Sequence[Path], workers: int, limit_s: float, memory_mb: int, reader: Reader
) -> Iterator[tuple[Path, Result]]:
    pool = ProcessPool(
        max_workers=workers,
        max_tasks=_FILES_A_PROCESS,
        initializer=_prepare,
        initargs=(memory_mb,),
        context=multiprocessing.get_context("spawn"),
    )
    try:
        waiting: dict[Future[Result], Path] = {}
        for path in paths:
            waiting[pool.schedule(_read, args=(reader, path), timeout=limit_s)] = path
            if len(waiting) >= workers * _AHEAD:
                yield from _finished(waiting, limit_s, memory_mb)
        while waiting:
            yield from _finished(waiting, limit_s, memory_mb)
    finally:
        pool.stop()
        pool.join()


def _finished(waiting: dict[Future[Result], Path], limit_s: float, memory_mb: int) -> Iterator[tuple[Path, Result]]:
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        yield waiting.pop(future), _outcome(future, limit_s, memory_mb)


def _outcome(future: Future[Result], limit_s: float, memory_mb: int) -> Result:
    try:
        return future.result()
    except FutureTimeout:
        return UnreadableDocument(f"Reading the file took longer than {limit_s:g} seconds and was stopped.")
    except (ProcessExpired, CancelledError, OSError) as error:
        code = getattr(error, "exitcode", None)
        return UnreadableDocument(
            f"The process that read the file died (exit code {code}): the file makes a library crash, "
            f"or reading it takes more than {memory_mb:,} MB of memory."
        )


def _prepare(memory_mb: int) -> None:
    """Limit this process's memory, and keep C libraries from writing to the terminal of the command."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        limit = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (for the process's life)
