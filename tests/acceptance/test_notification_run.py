"""Ten thousand people are told something while workers are killed: each hears it exactly once.

The workers are processes of this very file: the real queue, clerk, outbox and sweeps on a real Postgres, with a
platform that writes down what arrives. Like LINE with its retry key and Slack with its search, it knows a delivery
that comes again by its id; a second one of another id to the same person would be a message too many.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
from acceptance.command import kill, write_window
from acceptance.installation import Server

from bots.conversations.answering import Asker
from bots.conversations.clerk import Clerk
from bots.conversations.handled import AccountWindows
from bots.conversations.handler import Handler
from bots.conversations.notifications import store
from bots.conversations.notifications.mode import NotificationMode
from bots.conversations.notifications.recipients import store as recipients
from bots.conversations.notifications.telling import Teller, event_prefix
from bots.conversations.outbox.deliver import Deliverer
from bots.conversations.people.viewers import Viewers
from bots.conversations.queue import Queue
from bots.conversations.reading import Readers
from bots.conversations.sweep import Sweeper
from bots.messages import Delivery, InboundEvent, Links, Outcome, Profile, Quota, Sent
from bots.windows.load import load_company
from bots.windows.model import Window
from bots.windows.modes.notification import Notification
from bots.worker import Worker
from rag_core.database import Database
from rag_core.search.search import Searcher

SOAK = os.environ.get("TRANSOM_SOAK") == "1"
PEOPLE = 10_000 if SOAK else 1_500  # through the whole chain: minutes for ten thousand
SWEEP_S = 1.5
TAIPEI = ZoneInfo("Asia/Taipei")
DRILL = Notification.model_validate(
    {"text": "{name}，下午三點消防演練。", "to": {"groups": ["employees"]}, "actions": ["收到"]}
)


# --- the worker process ---


@dataclass(frozen=True, slots=True)
class Ledger:
    """Implements bots.ports.Courier: one line a delivery, there before it is answered, whoever dies meanwhile."""

    path: Path

    def deliver(self, delivery: Delivery) -> Outcome:
        line = f"{delivery.id} {delivery.sender} {int(delivery.doubtful)} {delivery.reply.text}\n"
        ledger = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(ledger, line.encode())
        os.close(ledger)
        return Sent((delivery.id,))

    def working(self, event: InboundEvent) -> None:
        """Nothing to show."""

    def live(self, delivery: Delivery) -> None:
        return None

    def profile(self, account: str, user: str) -> Profile | None:
        return None

    def fetch(self, event: InboundEvent) -> bytes | None:
        return None

    def quota(self, account: str) -> Quota | None:
        return None


def work(url: str, company: str, ledger: str) -> None:
    """Be a worker until killed."""
    database, queue, windows = Database(url, pool_size=16), Queue(url), with_drill(Path(company))
    couriers = {"slack": Ledger(Path(ledger))}
    readers = Readers({})
    modes = NotificationMode(database, windows, TAIPEI).modes()
    served = {("slack", "main"): AccountWindows(("hr",), "hr")}
    asker = Asker(None, Searcher(database, embedder=None, reranker=None))  # type: ignore[arg-type]  # nobody asks
    viewers = Viewers(database, couriers, lambda _: {})
    handler = Handler(database, windows, served, viewers, asker, lambda _: None, "A公司", modes)
    clerk = Clerk(database, queue, readers, handler, couriers)
    deliverer = Deliverer(database, couriers, lambda *_: Links(), lambda _: 0)
    sweeper = Sweeper(database, queue, readers, settled_s=SWEEP_S, retention_days=30)
    teller = Teller(database, queue, lambda *_: [], TAIPEI, retention_days=30)
    Worker(queue, clerk, deliverer, [sweeper.sweep, teller.sweep], threads=8, sweep_s=SWEEP_S).run()


def with_drill(company: Path) -> Sequence[Window]:
    return [window.model_copy(update={"notifications": {"drill": DRILL}}) for window in load_company(company).windows]


def tell(url: str, company: str, ledger: str) -> None:
    """Tell, and nothing else, until killed."""
    teller = Teller(Database(url), Queue(url), lambda *_: [], TAIPEI, retention_days=30, at_once=100_000)
    while True:
        teller.sweep()
        time.sleep(0.1)


# --- the tests ---


@dataclass
class Workers:
    """Worker processes on one database. ``part``: "work", or "tell" for the telling alone."""

    part: str
    url: str
    company: Path
    ledger: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        log = self.ledger.with_suffix(".log").open("ab")
        arguments = [sys.executable, __file__, self.part, self.url, str(self.company), str(self.ledger)]
        roots = os.pathsep.join([str(Path(__file__).parents[2]), str(Path(__file__).parents[1])])
        process = subprocess.Popen(
            arguments, env={**os.environ, "PYTHONPATH": roots}, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        self.running.remove(process)
        kill(process)

    def until(self, happens: Callable[[], bool], timeout_s: float = 240) -> None:
        """Wait until it happens. Fails if it does not in time, or if a worker ends by itself."""
        deadline = time.monotonic() + timeout_s
        while not happens():
            assert time.monotonic() < deadline, "it did not happen in time"
            assert all(process.poll() is None for process in self.running), self.ledger.with_suffix(".log").read_text()
            time.sleep(0.05)

    def lines(self) -> list[tuple[str, str, bool, str]]:
        """What arrived: delivery, person, whether it was known to be in doubt, text."""
        whole = self.ledger.read_text(encoding="utf-8").splitlines() if self.ledger.exists() else []
        return [(one[0], one[1], one[2] == "1", one[3]) for one in (line.split(" ", 3) for line in whole)]


@contextmanager
def drill(server: Server, folder: Path, part: str, people: int) -> Iterator[tuple[Workers, Database, str]]:
    """Yield workers, their database, and the run of a drill that so many people are to be told of."""
    company = folder / "company"
    write_window(company, "hr", ["{path: ../documents/hr.md}"])
    (company / "documents").mkdir()
    (company / "documents" / "hr.md").write_text("# 消防\n\n演練時請走樓梯。\n", encoding="utf-8")
    with server.database() as url, closing(Database(url, pool_size=2)) as database:
        write_people(url, people)
        workers = Workers(part, url, company, folder / "ledger")
        try:
            yield workers, database, ordered(database, with_drill(company)[0])
        finally:
            for process in tuple(workers.running):
                workers.kill(process)


def test_ten_thousand_are_told_of_once_each_whoever_is_killed(server: Server, tmp_path: Path) -> None:
    """kill -9 twice while a run is put on its way: one notice a person, with its job, and nobody is left out."""
    count = 10_000
    with drill(server, tmp_path, "tell", count) as (workers, database, run):
        for share in (0.2, 0.5):
            process = workers.start()
            workers.until(lambda share=share: number(database, "inbox where kind = 'notice'") > count * share)
            workers.kill(process)
        assert number(database, "notification_recipients where state = 'pending'") > 0, "killed too late"
        workers.start()
        workers.until(lambda: number(database, "notification_runs where state = 'told'") == 1)
        assert number(database, "notification_recipients where state = 'queued'") == count
        assert number(database, "inbox where kind = 'notice'") == count
        assert number(database, "(select distinct sender from inbox where kind = 'notice') people") == count
        assert number(database, "procrastinate_jobs where task_name = 'handle'") == count
        with database.application() as connection:
            assert recipients.figures(connection, run, event_prefix(run)).waiting == count


def test_each_hears_it_once_whoever_is_killed(server: Server, tmp_path: Path) -> None:
    """kill -9 twice from the order to the last delivery: nobody hears it twice, nobody is left out."""
    with drill(server, tmp_path, "work", PEOPLE) as (workers, database, run):
        first, second = workers.start(), workers.start()
        workers.until(lambda: len(workers.lines()) > PEOPLE * 0.25)
        workers.kill(first)
        workers.start()
        workers.until(lambda: len(workers.lines()) > PEOPLE * 0.6)
        workers.kill(second)
        workers.until(lambda: settled(database), 1_000 if SOAK else 200)
        check(workers.lines())
        with database.application() as connection:
            figures = recipients.figures(connection, run, event_prefix(run))
        assert (figures.recipients, figures.sent, figures.waiting, figures.undelivered) == (PEOPLE, PEOPLE, 0, 0)


def check(lines: list[tuple[str, str, bool, str]]) -> None:
    """Fail unless each person has one message of their own, and what came again was known to be in doubt."""
    messages = {(delivery, person): text for delivery, person, _, text in lines}
    told = Counter(person for _, person in messages)
    assert len(told) == PEOPLE, f"{PEOPLE - len(told)} people were left out"
    assert set(told.values()) == {1}, "somebody was told twice"
    assert all(text.startswith(f"第{person[1:]}人，") for (_, person), text in messages.items())
    again = Counter(delivery for delivery, *_ in lines)
    doubtful = Counter(delivery for delivery, _, doubtful, _ in lines if doubtful)
    assert all(count - 1 <= doubtful[delivery] for delivery, count in again.items())


def write_people(url: str, count: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into people select 'P' || n, '第' || n || '人', '', null, '{employees}'"
            " from generate_series(1, %s) n",
            [count],
        )
        connection.execute(
            "insert into identities (platform, account, user_id, employee_number, bound_at, checked_at)"
            " select 'slack', 'main', 'U' || n, 'P' || n, now(), now() from generate_series(1, %s) n",
            [count],
        )


def ordered(database: Database, window: Window) -> str:
    """Order the drill as the API does; return its run."""
    who = {"groups": ["employees"]}
    run = store.NewRun(str(uuid4()), window.name, "drill", "k", "api", DRILL, who, datetime.now(UTC), {})
    with database.application() as connection:
        assert store.add_run(connection, run)
    return run.id


def number(database: Database, of: str) -> int:
    with database.application() as connection:
        row = connection.execute(f"select count(*) from {of}").fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


def settled(database: Database) -> bool:
    """Whether everybody was told and every delivery is at its end."""
    return not (
        number(database, "notification_runs where state <> 'told'")
        or number(database, "notification_recipients where state in ('pending', 'queued')")
        or number(database, "outbox where state in ('streaming', 'pending', 'sending')")
    )


if __name__ == "__main__":
    {"work": work, "tell": tell}[sys.argv[1]](*sys.argv[2:])
