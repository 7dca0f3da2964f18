"""LINE accounts, an inbox that remembers, a clock that stands still, and the fake LINE."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.line import Channel, LineServer, line_server, user_id
from flask import Flask

from bots.accounts import LineAccount
from bots.errors import InboxUnavailable
from bots.messages import Arrival, Delivery, Outcome, Place, Reply
from bots.platforms.line import LineCourier, LineReader, LineWebhook

ACCOUNT = LineAccount("shop", "a secret of no worth", "a token of no worth", ("sales",), "sales")
SOMEBODY = user_id("somebody")
PLACE = Place("line", "shop", SOMEBODY, direct=True)
KEY = "123e4567-e89b-42d3-a456-426614174000"


@dataclass
class StoppedClock:
    """Shows one moment until it is put forward."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class RememberingInbox:
    """Stores events by their key, all or nothing, as the real one does; ``down``: it cannot store now."""

    arrivals: dict[str, Arrival] = field(default_factory=dict)
    calls: int = 0
    down: bool = False

    def take_in(self, arrivals: Sequence[Arrival]) -> int:
        self.calls += 1
        if self.down:
            raise InboxUnavailable("The database does not answer.")
        new = {arrival.event.id: arrival for arrival in arrivals if arrival.event.id not in self.arrivals}
        self.arrivals |= new
        return len(new)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def reader(clock: StoppedClock) -> LineReader:
    return LineReader(clock)


@pytest.fixture
def inbox() -> RememberingInbox:
    return RememberingInbox()


@pytest.fixture
def app(inbox: RememberingInbox, reader: LineReader) -> Flask:
    app = Flask("bots.web", static_folder=None)
    app.register_blueprint(LineWebhook([ACCOUNT], inbox, reader).blueprint())
    return app


@pytest.fixture
def line(public_data: Path) -> Iterator[LineServer]:
    """A fake LINE that must have seen nothing that LINE forbids when the test is over."""
    with line_server(public_data / "line" / "messaging-api.openapi.yml") as server:
        yield server
        assert server.violations == []


@pytest.fixture
def channel(line: LineServer) -> Channel:
    return line.add_channel("shop", ACCOUNT.token, ACCOUNT.secret)


@pytest.fixture
def waits() -> list[float]:
    """The seconds the courier wanted to sleep; nobody does."""
    return []


@pytest.fixture
def courier(line: LineServer, channel: Channel, waits: list[float]) -> LineCourier:
    return LineCourier([ACCOUNT], line.base_url, timeout_s=5.0, sleep=waits.append)


@pytest.fixture
def deliver(courier: LineCourier) -> Callable[..., Outcome]:
    """Delivers to somebody; by name what is different of the delivery."""
    return lambda **more: courier.deliver(
        Delivery(**{"id": KEY, "place": PLACE, "sender": SOMEBODY, "reply": Reply("七天內可以退貨。"), **more})
    )


@pytest.fixture
def account() -> LineAccount:
    return ACCOUNT
