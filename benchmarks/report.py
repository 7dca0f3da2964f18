"""Tables on standard output, progress on standard error."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from rag_core.ingest.sync import Progress as Step

_T = TypeVar("_T")
_WIDTH = 140  # wide enough for every table, so that it can be pasted


def show(table: Table) -> None:
    """Print a table."""
    console = Console(width=_WIDTH, highlight=False)
    console.print(table)
    console.print()


def say(text: str) -> None:
    """Print a sentence below a table."""
    Console(width=_WIDTH, highlight=False).print(text + "\n")


def tracked(items: Iterable[_T], what: str, *, of: int | None = None) -> Iterable[_T]:
    """Yield the items with a progress bar."""
    return track(items, what, total=of, console=Console(stderr=True))


@contextmanager
def steps(what: str) -> Iterator[Step]:
    """Yield what ``Syncer`` reports its progress to."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)

        def step(phase: str, done: int, of: int, name: str) -> None:
            bar.update(task, description=f"{what}: {phase} {name[:40]}", completed=done, total=of)

        yield step


def percent(share: float) -> str:
    """Return a share as a percentage."""
    return f"{share:.1%}"
