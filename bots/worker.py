"""The worker process: takes jobs from the queue, one conversation at a time and many at once, and sweeps."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from traceback import extract_tb
from typing import Any

import structlog
from procrastinate.exceptions import ConnectorException

from bots.conversations.clerk import Clerk
from bots.conversations.outbox.deliver import Deliverer
from bots.conversations.queue import DELIVER, HANDLE, Queue

log = structlog.get_logger()

_PAUSE_S = 1.0
_NICE = 10  # taking messages in comes before answering them


class Worker:
    """Runs until SIGTERM or SIGINT, and then ends what it is at.

    ``sweep_s``: within this time what a dead worker left is taken up by another. ``sweeps`` are called so often.
    """

    def __init__(
        self,
        queue: Queue,
        clerk: Clerk,
        deliverer: Deliverer,
        sweeps: Sequence[Callable[[], None]],
        *,
        threads: int,
        sweep_s: float,
    ) -> None:
        self._queue, self._sweeps, self._threads = queue, sweeps, threads
        self._stalled_s, self._every_s = sweep_s * 0.6, sweep_s * 0.35
        self._stopping = asyncio.Event()
        queue.app.task(name=HANDLE, queue="transom")(_guarded(clerk.handle_next))
        queue.app.task(name=DELIVER, queue="transom")(_guarded(deliverer.deliver))

    def run(self) -> None:
        """Work until told to stop. A database that goes away is waited for."""
        with suppress(OSError):
            os.nice(_NICE)
        asyncio.run(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._threads + 4, thread_name_prefix="transom-worker"))
        loop.set_exception_handler(_log_kind)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        sweeping = asyncio.create_task(self._sweep())
        while not self._stopping.is_set():
            try:
                await self._work()
            except Exception as error:  # the database, most likely; the jobs are safe there
                log.warning("the worker begins anew", error=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _PAUSE_S)
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping

    async def _work(self) -> None:
        async with self._queue.app.open_async():
            working = asyncio.create_task(
                self._queue.app.run_worker_async(
                    queues=["transom"],
                    concurrency=self._threads,
                    delete_jobs="always",  # the inbox and the outbox say what has become of them
                    install_signal_handlers=False,
                    fetch_job_polling_interval=1.0,
                    update_heartbeat_interval=self._stalled_s / 3,
                    stalled_worker_timeout=self._stalled_s,
                )
            )
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            working.cancel()  # procrastinate takes this as the wish to stop: running jobs come to their end
            with suppress(asyncio.CancelledError):
                await working

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await _attempt(self._free_stalled)
            for sweep in self._sweeps:  # one that fails stops no other
                await _attempt(partial(asyncio.to_thread, sweep))

    async def _free_stalled(self) -> None:
        """Put the jobs of dead workers back, with their locks."""
        jobs = self._queue.app.job_manager
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=self._stalled_s):
            with suppress(ConnectorException):  # another worker was quicker
                await jobs.retry_job(job)
                log.info("job taken from a dead worker", job=job.id, task=job.task_name)


async def _attempt(sweep: Callable[[], Awaitable[None]]) -> None:
    try:
        await sweep()
    except Exception as error:
        log.warning("not swept", error=type(error).__name__)


def _log_kind(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a forgotten task ended with by its kind: asyncio would print it whole."""
    log.warning("task ended in trouble", error=type(context.get("exception")).__name__)


def _guarded(work: Callable[[str], None]) -> Callable[[str], None]:
    """Log trouble by its kind and place: the queue would log the exception, which may quote what people wrote."""

    def guarded(conversation: str) -> None:
        try:
            work(conversation)
        except Exception as error:
            frames = extract_tb(error.__traceback__)
            place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
            log.error("job not done", error=type(error).__name__, place=place)

    guarded.__name__ = guarded.__qualname__ = getattr(work, "__name__", "work")
    return guarded
