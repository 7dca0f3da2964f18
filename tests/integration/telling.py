"""A company that tells: notifications and confirmations through the real clerk, the worker's sweeps by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration.talking import CLERK_OF_HR, FANG, SERVED, Talk, line_person, slack_person

from bots.accounts import ApiClient
from bots.conversations.handler import Handler
from bots.conversations.modes import Modes
from bots.conversations.notifications.confirmations.mode import ConfirmationMode
from bots.conversations.notifications.desk import Notifications
from bots.conversations.notifications.mode import NotificationMode
from bots.conversations.notifications.recipients import store as recipients
from bots.conversations.notifications.recipients.who import RowsOf
from bots.conversations.notifications.scheduler import Scheduler
from bots.conversations.notifications.telling import Teller, event_prefix
from bots.messages import Kind, Reply
from bots.ports import Accepted, ConfirmationOrder, NotifyOrder, Refused
from bots.windows.model import Window
from bots.windows.modes.notification import Notification
from bots.windows.modes.workdays import WEEKDAYS

TAIPEI = ZoneInfo("Asia/Taipei")
ERP = ApiClient("erp", "erp-token-0123456789", ("hr",), frozenset({"employees"}))
SHOP = ApiClient("shop", "shop-token-0123456789", ("sales",), frozenset({"customers"}))
ON_LINE, ON_SLACK, BOSS_ON_SLACK = line_person("Ufang"), slack_person("UJIA"), slack_person("UBOSS")
GUEST = line_person("Uguest")

CLOCK_IN = Notification.model_validate(
    {
        "title": "打卡提醒",
        "text": "還有 10 分鐘上班，記得打卡。",
        "schedule": "50 8 * * 1-5",
        "to": {"groups": ["employees"]},
        "actions": [{"label": "已打卡", "value": "done"}, {"label": "今天請假", "form": "leave"}, "在家工作"],
        "remind_hours": 1,
    }
)
DUE = Notification.model_validate(
    {"text": "{name}，{item} 還有 {left} 天到期。", "to": "due.sql", "quiet": "22:00-08:00", "optional": True}
)
ORDER = Notification.model_validate({"text": "訂單 {order} 已出貨。", "optional": True})


@dataclass
class Clock:
    """Shows one moment until it is put forward."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 27, 8, 0, tzinfo=TAIPEI).astimezone(UTC))

    def __call__(self) -> datetime:
        return self.moment

    def show(self, text: str) -> None:
        self.moment = datetime.fromisoformat(text).replace(tzinfo=TAIPEI).astimezone(UTC)


class Telling:
    """A company that tells: the worker's sweeps by hand, the clock and the SQL files as a test says."""

    def __init__(self, talk: Talk) -> None:
        self.talk, self.clock = talk, Clock()
        self.rows: RowsOf = lambda *_: []
        self.filed: list[tuple[str, str, str]] = []
        self.ours: frozenset[str] = frozenset()
        self.addresses: dict[str, str] = {}  # by host
        self.calendar = WEEKDAYS
        self.windows = [_with_notifications(window) for window in talk.windows]
        self.restart()
        talk.bind(ON_LINE, FANG)
        talk.bind(ON_SLACK, CLERK_OF_HR)

    def restart(self) -> None:
        """As if the files had been read anew."""
        talk = self.talk
        mode = NotificationMode(talk.database, self.windows, TAIPEI, lambda _, *rest: rest[:3] in self.filed)
        confirm = ConfirmationMode(talk.database, TAIPEI)
        modes = Modes(
            taps={**mode.modes().taps, **confirm.modes().taps},
            words=mode.modes().words,
            notices={**mode.modes().notices, **confirm.modes().notices},
        )
        talk.handler = Handler(
            talk.database,
            self.windows,
            SERVED,
            talk.viewers,
            talk.handler._asker,
            lambda _: None,
            "A公司",
            modes,
        )
        talk.clerk = talk.another_clerk()
        self.scheduler = Scheduler(talk.database, self.windows, TAIPEI, self.clock)
        self.teller = self.another_teller()
        self.desk = Notifications(
            [ERP, SHOP],
            self.windows,
            talk.database,
            talk.queue,
            self.clock,
            ours=self.ours,
            resolver=lambda host, port: [self.addresses.get(host, "127.0.0.1")],
        )

    def another_teller(self) -> Teller:
        def rows(window: str, file: str) -> Any:  # those of the moment when they are asked for
            return self.rows(window, file)

        return Teller(
            self.talk.database,
            self.talk.queue,
            rows,
            TAIPEI,
            retention_days=30,
            calendar=self.calendar,
            clock=self.clock,
        )

    def tick(self, at: str) -> None:
        """Look at the schedules at that time."""
        self.clock.show(at)
        self.scheduler.tick()

    def sweep(self) -> None:
        """Tell what is due, and do all the work it makes."""
        self.teller.sweep()
        self.talk.work()

    def notify(self, key: str = "k1", name: str = "shipped", **more: Any) -> Accepted | Refused:
        order = {"values": {"order": "A-17"}, "people": (FANG,), **more}
        return self.desk.notify("erp", NotifyOrder("hr", name, key, **order))

    def confirm(
        self, key: str = "k1", person: str = FANG, text: str = "從 203.0.113.7 登入", s: int = 60, callback: str = ""
    ) -> Any:
        return self.desk.confirm("erp", ConfirmationOrder("hr", person, text, key, s, callback))

    def confirmed(self, confirmation: str, client: str = "erp") -> str:
        found = self.desk.confirmation(client, confirmation)
        return found.status if found else ""

    def change_hr(self, **update: Any) -> None:
        """As if the file of the window hr had been edited, and everything started again."""
        at = next(at for at, window in enumerate(self.windows) if window.name == "hr")
        self.windows[at] = self.windows[at].model_copy(update=update)
        self.restart()

    def runs(self) -> list[tuple[str, str, str]]:
        rows = self.talk.rows("select name, key, state from notification_runs order by due_at, name")
        return [(row[0], row[1], row[2]) for row in rows]

    def run(self, name: str) -> str:
        return str(self.talk.value("select id::text from notification_runs where name = %s", name))

    def states(self, run: str) -> dict[str, str]:
        query = "select recipient, state from notification_recipients where run = %s"
        return {row[0].removeprefix("person:"): row[1] for row in self.talk.rows(query, run)}

    def answers(self, run: str) -> dict[str, str]:
        with self.talk.database.application() as connection:
            found = recipients.results(connection, run)
        return {one.recipient.removeprefix("person:"): one.value for one in found}

    def figures(self, run: str) -> recipients.Figures:
        with self.talk.database.application() as connection:
            return recipients.figures(connection, run, event_prefix(run))

    def tap(self, place: Any, data: str) -> Reply:
        return self.talk.ask(place, kind=Kind.POSTBACK, data=data)


def _with_notifications(window: Window) -> Window:
    told = {"clock_in": CLOCK_IN, "due": DUE, "shipped": ORDER} if window.name == "hr" else {"shipped": ORDER}
    return window.model_copy(update={"notifications": told})


def taps(reply: Reply) -> list[str]:
    return [choice.data for choice in (*(c for card in reply.cards for c in card.choices), *reply.choices)]
