"""The web chat over a fake desk, with a clock that stands still until a test moves it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fakes.desk import FakeDesk, FakeUsedTokens
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bots.platforms.web import make_login_link
from bots.web import create_app

SECRET = "a key for tests, of no worth at all"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class StoppedClock:
    """Shows one moment until it is put forward."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def name_of(number: str) -> str:
    """Tell the one name that is known."""
    return {"A0108": "葉佳蓉"}.get(number, number)


@pytest.fixture
def app(desk: FakeDesk, clock: StoppedClock) -> Flask:
    return create_app(
        desk, secret_key=SECRET, company_name="A公司", used_tokens=FakeUsedTokens(), now=clock, name_of=name_of
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Posts a question as our page does."""

    def asked(question: str, window: str = "sales", by: FlaskClient | None = None, **more: Any) -> TestResponse:
        headers = OURS | more.pop("headers", {})
        body = {"window": window, "message": str(uuid4()), "question": question} | more
        return (by or client).post("/chat/ask", json=body, headers=headers)

    return asked


@pytest.fixture
def login_link(clock: StoppedClock) -> Callable[..., str]:
    return lambda *groups, **more: make_login_link(SECRET, "http://localhost", groups, now=clock, **more)


def events_of(response: TestResponse) -> list[tuple[str, dict[str, Any]]]:
    """Read an event stream."""
    found = []
    for block in response.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def marks_of(response: TestResponse) -> list[str]:
    """Read the ids of an event stream's events."""
    return [line.removeprefix("id: ") for line in response.text.splitlines() if line.startswith("id: ")]


@pytest.fixture
def events() -> Callable[[TestResponse], list[tuple[str, dict[str, Any]]]]:
    return events_of


@pytest.fixture
def marks() -> Callable[[TestResponse], list[str]]:
    return marks_of
