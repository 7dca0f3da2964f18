"""A fake Slack with one workspace, our receiver in front of an inbox in memory, and our courier."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest
from fakes.slack import Delivery as Request
from fakes.slack import SlackServer, signed, slack_server
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bots.accounts import SlackWorkspace
from bots.errors import InboxUnavailable
from bots.messages import Arrival, Delivery, FormField, FormView, InboundEvent, Language, Place, Reply
from bots.platforms.slack import SlackCourier, SlackEvents, SlackReader

TEAM, PERSON, CHANNEL = "T0001", "U0001", "C0001"
ACCOUNT = "a-company"


@dataclass
class StoppedClock:
    """Shows one moment until it is put forward."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class FakeInbox:
    """Keeps what it takes in, each id once; ``broken`` lets it fail."""

    kept: dict[str, Arrival] = field(default_factory=dict)
    broken: bool = False

    def take_in(self, arrivals: Sequence[Arrival]) -> int:
        if self.broken:
            raise InboxUnavailable("no database")
        new = {arrival.event.id: arrival for arrival in arrivals if arrival.event.id not in self.kept}
        self.kept |= new
        return len(new)

    @property
    def events(self) -> list[InboundEvent]:
        return [arrival.event for arrival in self.kept.values()]


LEAVE = FormView(
    "hr/leave",
    "請假單",
    (
        FormField("kind", "choice", "假別", choices=(("特休", "特休"), ("事假", "事假"))),
        FormField("starts", "datetime", "開始", value="2026-05-12T09:00"),
        FormField("with", "choices", "代理人", optional=True, choices=(("A0101", "沈若蘭"), ("A0102", "葉佳蓉"))),
        FormField("reason", "text", "事由", optional=True),
    ),
    "送出",
)


@dataclass
class FormsDesk:
    """Implements bots.ports.FormDesk: knows one form, and finds wrong what it is told to.

    ``trouble`` is raised; ``slow_s`` is waited before every answer.
    """

    known: FormView | None = LEAVE
    wrong: dict[str, str] = field(default_factory=dict)
    trouble: Exception | None = None
    slow_s: float = 0.0
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def form(self, viewer: Any, sender: str, name: str, language: Language) -> FormView | None:
        self._answer(viewer, sender, name, language)
        return self.known if self.known and self.known.name == name else None

    def problems(
        self, viewer: Any, sender: str, name: str, values: Any, language: Language | None = None
    ) -> dict[str, str]:
        self._answer(viewer, sender, name, values, language)
        return self.wrong

    def _answer(self, *asked: Any) -> None:
        self.asked.append(asked)
        sleep(self.slow_s)
        if self.trouble:
            raise self.trouble


@pytest.fixture
def forms() -> FormsDesk:
    return FormsDesk()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def slack(public_data: Path) -> Iterator[SlackServer]:
    """One team with the app in a public channel, and a person there."""
    with slack_server(public_data / "slack" / "methods") as fake:
        fake.add_workspace(TEAM)
        fake.add_user(TEAM, PERSON, email="mei@a-company.example")
        fake.add_channel(TEAM, CHANNEL, "ask-hr", [PERSON])
        yield fake
        assert fake.violations == []


@pytest.fixture
def workspace() -> SlackWorkspace:
    return SlackWorkspace(ACCOUNT, TEAM, f"secret-of-{TEAM}", f"xoxb-{TEAM}", f"xapp-1-{TEAM}", ("hr", "it"), "hr")


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
def receiver(
    slack: SlackServer, workspace: SlackWorkspace, inbox: FakeInbox, clock: StoppedClock, forms: FormsDesk
) -> SlackEvents:
    windows = {"hr": "人資窗口", "it": "it"}
    reader = SlackReader([workspace])
    return SlackEvents([workspace], inbox, reader, slack.api_url, clock, lambda *_: windows, forms)


@pytest.fixture
def client(receiver: SlackEvents) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(receiver.blueprint())
    return app.test_client()


@dataclass(frozen=True)
class Door:
    """Posts what Slack sends, signed at our clock's time."""

    client: FlaskClient
    clock: StoppedClock

    def __call__(self, request: Request, **headers: str) -> TestResponse:
        return self.raw(request.body, request.secret, request.content_type, **headers)

    def raw(self, body: bytes, secret: str, content_type: str = "application/json", **headers: str) -> TestResponse:
        proof = signed(secret, body, self.clock().timestamp())
        replaced = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/slack/events", data=body, content_type=content_type, headers=proof | replaced)


@pytest.fixture
def post(client: FlaskClient, clock: StoppedClock) -> Door:
    return Door(client, clock)


@pytest.fixture
def courier(slack: SlackServer, workspace: SlackWorkspace, clock: StoppedClock) -> SlackCourier:
    return SlackCourier([workspace], slack.api_url, clock, call_s=2)


@dataclass(frozen=True)
class Asked:
    """A question that stands in Slack, and deliveries that answer it."""

    place: Place
    ts: str

    def delivery(self, text: str = "特休有 7 天。[1]", **given: Any) -> Delivery:
        reply = given.pop("reply", None) or Reply(text)
        fields = {"id": "d-1", "sender": PERSON, "message_id": self.ts} | given
        return Delivery(place=self.place, reply=reply, **fields)


@pytest.fixture
def in_thread(slack: SlackServer) -> Asked:
    """A mention in the channel; its thread is where the answer goes."""
    ts = slack.events.mention(TEAM, CHANNEL, PERSON, "特休有幾天？")[0].ts
    return Asked(Place("slack", ACCOUNT, CHANNEL, direct=False, thread=ts), ts)


@pytest.fixture
def in_dm(slack: SlackServer) -> Asked:
    """A direct message beside which the answer goes."""
    channel = slack.state.open_im(TEAM, PERSON).id
    ts = slack.events.message(TEAM, channel, PERSON, "特休有幾天？").ts
    return Asked(Place("slack", ACCOUNT, channel, direct=True), ts)


@dataclass
class Scripted:
    """A server that says what it is told, in order, and keeps what it was sent: for what the fake Slack never says."""

    url: str
    answers: list[tuple[dict[str, Any], dict[str, str]]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def say(self, answer: dict[str, Any], **headers: str) -> None:
        self.answers.append((answer, headers))


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.sent.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
            answer, headers = told.answers.pop(0)
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        told = Scripted(f"http://127.0.0.1:{server.server_port}/api/")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield told
        server.shutdown()
        thread.join()
