"""How long one step takes: to recognise what is meant, to take one answer of a form, and a search, in turns.

The sample company on an embedded Postgres with fsync on. A form step is everything a worker does for a message: it
takes the event, reads the draft, understands and checks the value, and commits the draft with the next question. The
search is ``transom search``'s over the same company, for its golden questions. ``--quick``: fewer people.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from rich.table import Table

from benchmarks.load import text_event
from benchmarks.product import at
from benchmarks.report import say, show, tracked
from benchmarks.report import steps as progress
from benchmarks.workplace import database
from bots.accounts import Channels, LineAccount
from bots.compose import Office, Transom, clerk_of, wired
from bots.conversations.inbox.intake import Intake
from bots.conversations.intents.recogniser import Recogniser
from bots.conversations.lookups.load import load_data
from bots.conversations.queue import Queue
from bots.conversations.reading import Readers
from bots.messages import Arrival
from bots.platforms.line import LineReader
from bots.platforms.web.signing import wall_clock
from bots.settings import Settings
from bots.windows.load import load_windows
from rag_core.types import Scope

_COMPANY = Path(__file__).parents[1] / "company"
_SAID = ("我要請假", "特休", "下週一早上九點", "下週一下午六點", "方思齊", "家裡有事", "取消")
_EMPLOYEE = "A0108"
_ACCOUNT = "staff"


def main(*, quick: bool = False) -> None:
    """Print the table."""
    people = 20 if quick else 100
    questions = [json.loads(line)["question"] for line in _lines("questions.jsonl")]
    with _company() as (office, transom, url):
        desk, recogniser = _Desk(office, transom, url), Recogniser(office.windows)
        everywhere = [window.name for window in office.windows]
        groups = frozenset({"employees", "managers"})
        recogniser.among(questions[0], everywhere)
        times: dict[str, list[float]] = {"recognise": [], "step": [], "search": []}
        for number in tracked(range(people), "steps"):
            for step, said in enumerate(_SAID):
                question = questions[(number * len(_SAID) + step) % len(questions)]
                times["step"].append(desk.says(number, said))
                times["recognise"].append(_took(lambda q=question: recogniser.among(q, everywhere)))
                scope = Scope(tuple(everywhere), groups)
                times["search"].append(_took(lambda q=question, s=scope: transom.searcher.search(q, s)))
    _show(times)


def _show(times: dict[str, list[float]]) -> None:
    names = {
        "search": "search, over all windows (the baseline)",
        "recognise": "recognise what a message asks for",
        "step": "take one answer of a form, to its commit",
    }
    table = Table("step", "n", "p50 ms", "p95 ms", "p95 of the search's", title="One step, sample company")
    base = at(sorted(times["search"]), 0.95)
    for key, name in names.items():
        ordered = sorted(times[key])
        most = at(ordered, 0.95)
        table.add_row(name, str(len(ordered)), f"{at(ordered, 0.5):.1f}", f"{most:.1f}", f"{most / base:.2f}")
    show(table)
    say("The three are asked in turns, so that other work on the machine meets each of them alike.")


class _Desk:
    """Takes what people write on LINE, and handles it as a worker does."""

    def __init__(self, office: Office, transom: Transom, url: str) -> None:
        self._queue = Queue(url)
        self._intake = Intake(transom.database, self._queue)
        self._reader = LineReader(wall_clock)
        self._clerk, _ = clerk_of(office, transom, self._queue, Readers(office.readers()), office.couriers())

    def says(self, person: int, text: str) -> float:
        """Return the milliseconds to handle one message, from the claim to the commit."""
        event = text_event(uuid4().hex, person, text)
        read = self._reader.read(_ACCOUNT, event)
        self._intake.take_in([Arrival(read, json.dumps(event))])
        took = _took(lambda: self._clerk.handle_next(read.place.conversation))
        self._clerk.handle_next(read.place.conversation)  # whoever is new is also told the tour
        return took


def _took(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


@contextmanager
def _company() -> Iterator[tuple[Office, Transom, str]]:
    """Yield the sample company, read, with everybody of the benchmark bound to one of its employees."""
    windows = load_windows(_COMPANY)
    names = tuple(window.name for window in windows)
    channels = Channels(line=(LineAccount(_ACCOUNT, "a-secret", "a-token", names, "hr"),))
    with database() as opened:
        settings = Settings(company=_COMPANY, data=Path("/nowhere"))
        transom = wired(settings, opened.url)
        with progress("sync") as told:
            transom.sync(windows, all_windows=True, progress=told)
        with psycopg.connect(opened.url, autocommit=True) as owner:
            load_data(owner, _COMPANY)
            _bind(owner, 100)
        yield Office(settings, windows, channels, "k" * 32), transom, opened.url
        transom.database.close()


def _bind(owner: psycopg.Connection, people: int) -> None:
    owner.execute("insert into people values (%s, '高致遠', '', null, '{employees,managers}')", [_EMPLOYEE])
    owner.execute("insert into people values ('A0001', '方思齊', '', null, '{employees}')")
    query = """
    insert into identities (platform, account, user_id, employee_number, bound_at, checked_at)
    select 'line', %s, 'U' || lpad(to_hex(n), 32, '0'), %s, now(), now() from generate_series(0, %s) n
    """
    owner.execute(query, [_ACCOUNT, _EMPLOYEE, people])


def _lines(name: str) -> Sequence[str]:
    return (_COMPANY / name).read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main()
