"""A small company that is talked with, in one process: the real inbox, clerk, outbox and index; couriers as fakes.

Jobs are real rows of the queue. ``work`` runs them one after the other, as one worker would.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pymupdf
from acceptance.command import write_window
from acceptance.installation import synced
from fakes.courier import FakeCourier

from bots.accounts import ApiClient
from bots.conversations.answering import Asker
from bots.conversations.api import ApiQuestions
from bots.conversations.bell import Bell
from bots.conversations.channels import ChannelGroups
from bots.conversations.clerk import Clerk
from bots.conversations.desk import Desk, PageImages
from bots.conversations.handled import AccountWindows
from bots.conversations.handler import Handler
from bots.conversations.inbox.intake import Intake
from bots.conversations.links import LinkedReplies
from bots.conversations.outbox.deliver import Deliverer
from bots.conversations.people.store import Person, replace_people
from bots.conversations.people.viewers import Viewers
from bots.conversations.queue import Queue
from bots.conversations.reading import Readers
from bots.conversations.sweep import Sweeper
from bots.messages import Arrival, FileOffer, InboundEvent, Kind, Links, Place, Reply
from bots.windows.load import load_company
from rag_core.answer.answer import Answerer
from rag_core.answer.extractive import ExtractiveGenerator
from rag_core.database import Database
from rag_core.pages import PageDrawer
from rag_core.search.search import Searcher

LEAVE, LEAVE_SAYS = "特別休假有幾日？", "到職滿三年的員工，特別休假為十四日"
SICK, SICK_SAYS = "病假一年最多幾日？", "病假一年最多三十日"
RETURNS, RETURNS_SAYS = "收到商品幾日內可以退貨？", "收到商品七日內可以退貨"
RAISES, RAISES_SAYS = "主管職調薪幅度上限是多少？", "主管職調薪幅度上限為百分之八"
ENGLISH, ENGLISH_SAYS = "How many days of annual leave after one year?", "Annual leave is seven days after one year."

BOSS, CLERK_OF_HR, FANG = "A1", "A2", "A3"  # employee numbers
PEOPLE = (
    Person(BOSS, "沈若蘭", "boss@a.example", None, frozenset({"employees", "managers"})),
    Person(CLERK_OF_HR, "葉佳蓉", "jia@a.example", BOSS, frozenset({"employees", "hr"})),
    Person(FANG, "方思齊", "fang@a.example", BOSS, frozenset({"employees"})),
)
SERVED = {
    ("line", "shop"): AccountWindows(("sales",), "sales"),
    ("line", "staff"): AccountWindows(("hr", "sales"), "hr"),
    ("slack", "main"): AccountWindows(("hr", "sales"), "hr"),
    ("web", "web"): AccountWindows(("hr", "sales")),
    ("api", "erp"): AccountWindows(("sales",)),
}
CLIENT = ApiClient("erp", "erp-token-0123456789", ("sales",), frozenset({"customers"}))
HR_CHANNEL, BOTH_CHANNEL, NAMED_CHANNEL, TWICE_CHANNEL = "C0HR", "C0BOTH", "C0NAMED", "C0TWICE"


def write_company(company: Path) -> None:
    """Two windows: hr for employees, with a part for managers and a PDF, and sales for everybody."""
    documents = company / "documents"
    documents.mkdir(parents=True)
    (documents / "hr.md").write_text(
        f"# 特別休假\n\n{LEAVE_SAYS}。\n\n# 病假\n\n{SICK_SAYS}，薪水減半發給。\n", encoding="utf-8"
    )
    (documents / "managers.md").write_text(f"# 調薪\n\n{RAISES_SAYS}，由總經理核定。\n", encoding="utf-8")
    (documents / "sales.md").write_text(
        f"# 退貨\n\n{RETURNS_SAYS}，請保留發票。\n\n# 運費\n\n單筆消費滿一千元免運費，未滿者運費一百元。\n",
        encoding="utf-8",
    )
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 100), "Cover sheet of the leave rules of the company")
        document.new_page().insert_text((72, 100), ENGLISH_SAYS)
        document.new_page().insert_text((72, 100), "Sick leave is thirty days a year at half pay.")
        document.save(documents / "leave.pdf")
    slack = (
        f"[{{channel: {HR_CHANNEL}, groups: [employees]}}, {{channel: {BOTH_CHANNEL}, groups: [employees, managers]}},"
        f' {{channel: {TWICE_CHANNEL}, groups: [employees, managers]}}, {{channel: "#ask-hr", groups: [employees]}}]'
    )
    write_window(
        company,
        "hr",
        [
            "{path: ../documents/hr.md}",
            "{path: ../documents/leave.pdf}",
            "{path: ../documents/managers.md, audience: [managers]}",
        ],
        serves="employees, managers",
        channels=f"{{slack: {slack}, line_pushes: 2}}",
        contributors="[hr]",
    )
    write_window(
        company,
        "sales",
        ["{path: ../documents/sales.md}"],
        serves="customers, employees",
        questions=f"[{RETURNS}]",
        channels=f"{{slack: [{{channel: {BOTH_CHANNEL}, groups: [employees, customers]}}]}}",
    )


def prepare(company: Path, url: str, data: Path) -> None:
    """Read the company into a database that serves as a template."""
    write_company(company)
    with synced(company, url, data), psycopg.connect(url, autocommit=True) as connection:
        replace_people(connection, PEOPLE)


# --- events as a platform would send them ---

_numbers = count(1)


def line_person(user: str = "Uline", account: str = "staff") -> Place:
    return Place("line", account, user, direct=True)


def line_group(group: str = "Cgroup", account: str = "staff") -> Place:
    return Place("line", account, group, direct=False)


def slack_person(user: str = "UEMP") -> Place:
    return Place("slack", "main", f"D{user}", direct=True)


def slack_channel(channel: str = HR_CHANNEL, thread: str = "") -> Place:
    return Place("slack", "main", channel, direct=False, thread=thread)


def event(place: Place, text: str = "", kind: Kind = Kind.MESSAGE, **more: Any) -> InboundEvent:
    """Return an event of its own id; a message on LINE brings a reply token unless told otherwise."""
    number = next(_numbers)
    now = datetime.now(UTC)
    if place.platform == "line" and kind in (Kind.MESSAGE, Kind.POSTBACK, Kind.FOLLOW, Kind.EDIT):
        more = {"token": f"token-{number}", "token_until": now + timedelta(seconds=50), **more}
    sender = place.channel.removeprefix("D") if place.direct else "Umember"
    fields = {"id": f"event-{number}", "message_id": f"message-{number}", "sender": sender, "sent_at": now, **more}
    return InboundEvent(place=place, kind=kind, text=text, **fields)


def arrival(of: InboundEvent) -> Arrival:
    """Return the event as the webhook hands it to the inbox."""
    place = of.place
    body = {
        "id": of.id,
        "place": [place.platform, place.account, place.channel, place.direct, place.thread],
        "kind": of.kind.value,
        "sender": of.sender,
        "at": of.sent_at.timestamp(),
        "text": of.text,
        "addressed": of.addressed,
        "message_id": of.message_id,
        "data": of.data,
        "file": [of.file.id, of.file.name, of.file.media_type] if of.file else None,
    }
    return Arrival(of, json.dumps(body))


class PlainReader:
    """Implements bots.ports.EventReader for what ``arrival`` wrote. ``gone``: accounts that were taken out."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    def read(self, account: str, body: Mapping[str, Any]) -> InboundEvent:
        place = Place(*body["place"])
        return InboundEvent(
            body["id"],
            place,
            Kind.IGNORED if account in self.gone else Kind(body["kind"]),
            body["sender"],
            datetime.fromtimestamp(body["at"], UTC),
            text=body["text"],
            addressed=body["addressed"],
            message_id=body["message_id"],
            data=body["data"],
            file=FileOffer(*body["file"]) if body["file"] else None,
        )


class Pausing:
    """An answerer that can be stopped: ``before`` is called with each question before it is answered."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self.before: Callable[[str], None] = lambda _: None
        self.between: Callable[[str], None] = lambda _: None
        self.questions: list[str] = []

    def answer(self, question: Any) -> Any:
        self.questions.append(question.text)
        self.before(question.text)
        for one in self._answerer.answer(question):
            yield one
            self.between(question.text)


@dataclass
class Talk:
    """The wired conversation layer. ``line`` and ``slack`` are the couriers; ``answers`` can be paused."""

    url: str
    company: Path
    settled_s: float = 0.0
    line: FakeCourier = field(default_factory=FakeCourier)
    slack: FakeCourier = field(default_factory=FakeCourier)
    names: dict[str, str] = field(default_factory=lambda: {NAMED_CHANNEL: "ask-hr"})
    reader: PlainReader = field(default_factory=PlainReader)

    def __post_init__(self) -> None:
        self.database = Database(self.url, pool_size=8)
        self.windows = load_company(self.company).windows
        self.queue, self.bell = Queue(self.url), Bell(self.url)
        self.readers = Readers({"line": self.reader, "slack": self.reader})
        self.couriers = {"line": self.line, "slack": self.slack}
        served = {account: windows.names for account, windows in SERVED.items()}
        groups = ChannelGroups(self.windows, served, lambda _, channel: self.names.get(channel))
        self.viewers = Viewers(self.database, self.couriers, groups)
        searcher = Searcher(self.database, embedder=None, reranker=None)
        generator = ExtractiveGenerator()
        self.answers = Pausing(Answerer(searcher, generator, generator))
        self.handler = Handler(
            self.database,
            self.windows,
            SERVED,
            self.viewers,
            Asker(self.answers, searcher),  # type: ignore[arg-type]
            lambda event: self.couriers[event.place.platform].fetch(event),
            "A公司",
        )
        self.intake = Intake(self.database, self.queue)
        self.clerk = self.another_clerk()
        budgets = {window.name: window.channels.line_pushes for window in self.windows}
        self.deliverer = Deliverer(self.database, self.couriers, _links, lambda name: budgets.get(name, 0))
        self.sweeper = Sweeper(self.database, self.queue, self.readers, settled_s=self.settled_s, retention_days=30)
        self.drawer = PageDrawer()
        self.pages = PageImages(self.database, self.drawer)
        self.desk = Desk(self.windows, self.intake, self.database, self.bell, self.pages)
        self.links = LinkedReplies(self.database, self.viewers, self.pages)
        self.api = ApiQuestions([CLIENT], self.windows, self.intake, self.database, self.bell)

    def close(self) -> None:
        self.drawer.close()
        self.database.close()

    def another_clerk(self) -> Clerk:
        """Return one more clerk, as another worker has it."""
        return Clerk(self.database, self.queue, self.readers, self.handler, self.couriers)

    # --- what happens ---

    def take_in(self, *events: InboundEvent) -> int:
        return self.intake.take_in([arrival(one) for one in events])

    def say(self, place: Place, text: str = "", kind: Kind = Kind.MESSAGE, **more: Any) -> InboundEvent:
        """Take one event in and do all the work it makes; return it."""
        told = event(place, text, kind, **more)
        self.take_in(told)
        self.work()
        return told

    def ask(self, place: Place, text: str = "", **more: Any) -> Reply:
        """Say something and return what arrived last."""
        courier = self.couriers[place.platform]
        before = len(courier.arrived)
        self.say(place, text, **more)
        assert len(courier.arrived) > before, "nothing arrived"
        return courier.arrived[-1].reply

    def work(self) -> int:
        """Run the jobs there are and those they make, deliveries first; return how many."""
        done = 0
        while self.work_one():
            done += 1
        return done

    def work_one(self) -> bool:
        """Run the next job; return whether there was one."""
        if job := self._next_job():
            task, conversation = job
            (self.clerk.handle_next if task == "handle" else self.deliverer.deliver)(conversation)
        return job is not None

    def jobs(self) -> list[tuple[str, str]]:
        """The jobs that wait: task and conversation."""
        rows = self.rows("select task_name, args->>'conversation' from procrastinate_jobs order by id")
        return [(row[0], row[1]) for row in rows]

    def lose_jobs(self) -> None:
        """As if the worker that had them died, and nobody put them back."""
        self.rows("delete from procrastinate_jobs returning 1")

    def _next_job(self) -> tuple[str, str] | None:
        query = """
        delete from procrastinate_jobs
        where id = (select id from procrastinate_jobs where status = 'todo' order by priority desc, id limit 1)
        returning task_name, args->>'conversation'
        """
        rows = self.rows(query)
        return (rows[0][0], rows[0][1]) if rows else None

    # --- what is there ---

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database, as its owner."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def value(self, query: str, *values: Any) -> Any:
        return self.rows(query, *values)[0][0]

    def change(self, query: str, *values: Any) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(query, values)  # type: ignore[arg-type]

    def state(self, of: InboundEvent) -> str:
        """The event's state in the inbox."""
        return str(self.value("select state from inbox where event_id = %s", of.id))

    def outbox(self, of: InboundEvent, ordinal: int = 0) -> str:
        """The state of the event's reply; empty if there is none."""
        query = "select o.state from outbox o join inbox i on i.id = o.event where i.event_id = %s and o.ordinal = %s"
        found = self.rows(query, of.id, ordinal)
        return str(found[0][0]) if found else ""

    def bind(self, place: Place, number: str) -> None:
        """Make the account at the place this person's."""
        self.change(
            "insert into identities (platform, account, user_id, employee_number, bound_at, checked_at)"
            " values (%s, %s, %s, %s, now(), now())",
            place.platform,
            place.account,
            place.channel.removeprefix("D"),
            number,
        )


def older(of: InboundEvent, seconds: float) -> InboundEvent:
    """Return the event as if its token ran out so many seconds sooner."""
    assert of.token_until is not None
    return replace(of, token_until=of.token_until - timedelta(seconds=seconds))


def texts(replies: Sequence[Reply]) -> str:
    return "\n".join(reply.text for reply in replies)


def _links(delivery: str, reply: Reply, begun: datetime) -> Links:
    pages = {source.number: f"page:{delivery}:{source.number}" for source in reply.sources if source.has_image}
    files = {file.id: f"file:{delivery}:{file.id}" for card in reply.cards for file in card.attachments}
    return Links(f"answer:{delivery}", pages, files)
