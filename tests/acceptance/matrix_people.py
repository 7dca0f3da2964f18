"""People who write, tap and read on the fakes of LINE and Slack, and what they got to see."""

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Protocol

import psycopg
from acceptance.office import TEAM, Office
from acceptance.samples import words
from fakes.line import Channel, Events, of_user, redelivered, send_webhook, user_id
from fakes.slack import Delivery, Message

_PATIENCE_S = 45.0
_LOOK_EVERY_S = 0.03
_BUSY = """
select exists (select 1 from inbox where conversation = any(%(names)s) and state in ('pending', 'working'))
  or exists (select 1 from outbox where conversation = any(%(names)s) and state in ('streaming', 'pending', 'sending'))
"""


@dataclass(frozen=True, slots=True)
class Tap:
    """Something that can be tapped. ``data``: what it carries, empty if it says something. ``makes``: the event."""

    label: str
    data: str
    makes: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody was sent: everything they can read, and what they can tap, oldest first."""

    text: str
    taps: tuple[Tap, ...] = ()

    def tap(self, label: str, within: Collection[str] = ("",)) -> Tap | None:
        """Return the newest tap that bears the label, which the platform may have shortened.

        ``within``: how its data has to begin. What came together stands in one message, whatever it is about.
        """
        found = (one for one in reversed(self.taps) if _bears(one.label, label))
        return next((one for one in found if one.data.startswith(tuple(within))), None)

    def holds(self, text: str) -> bool:
        """Whether the text can be read in it, blanks and breaks aside."""
        return bare(text) in bare(self.text)


def bare(text: str) -> str:
    """Return a text without blanks and breaks."""
    return re.sub(r"\s+", "", text)


def _bears(shown: str, label: str) -> bool:
    return shown == label or (shown.endswith("…") and len(shown) > 8 and label.startswith(shown[:-1]))


class Person(Protocol):
    """Somebody on one platform. ``lock``: one talk at a time."""

    number: str
    lock: RLock

    def says(self, text: str) -> Heard:
        """Write something, and return the answer."""
        ...

    def written(self, text: str) -> Any:
        """Return the event of writing something, which is still to be sent."""
        ...

    def taps(self, tap: Tap) -> Heard:
        """Tap something, and return the answer."""
        ...

    def was_told(self, text: str) -> Heard:
        """Wait until nothing is on its way here, and return the messages that hold the text. It may be none."""
        ...

    def times_told(self, text: str) -> int:
        """Wait until nothing is on its way here, and return how many messages hold the text."""
        ...

    def forges(self, data: str) -> Heard:
        """Tap something that was never offered, and return the answer."""
        ...

    def send(self, event: Any) -> None:
        """Have the platform send an event, and see that it is taken."""
        ...

    def send_again(self, event: Any) -> None:
        """Have the platform send an event a second time, as it does where it heard nothing."""
        ...


class Calm:
    """Knows when nothing is to be handled or sent in a conversation. Its connection is everybody's."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def wait(self, *names: str) -> None:
        """Wait until nothing is, in any of these conversations."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._busy(list(names)):
            assert time.monotonic() < deadline, f"not everything came to its end in {names[0]}"
            time.sleep(_LOOK_EVERY_S)

    def _busy(self, names: list[str]) -> bool:
        row = self._connection.execute(_BUSY, {"names": names}).fetchone()
        return bool(row and row[0])


# --- LINE ---


@dataclass
class LinePerson:
    """Somebody who has added an account as a friend."""

    number: str
    office: Office
    calm: Calm
    account: str
    lock: RLock = field(default_factory=RLock)

    @property
    def id(self) -> str:
        """Their id on LINE."""
        return user_id(f"matrix {self.number}")

    def says(self, text: str) -> Heard:
        return self._answer(self.written(text))

    def written(self, text: str) -> dict[str, Any]:
        return self._events().text(of_user(self.id), text)

    def taps(self, tap: Tap) -> Heard:
        return self._answer(tap.makes())

    def forges(self, data: str) -> Heard:
        return self._answer(self._events().postback(of_user(self.id), data))

    def send(self, event: dict[str, Any]) -> None:
        status = send_webhook(self.office.hook(self.account), self._channel, [event])
        assert status == 200, f"LINE was answered {status}"

    def send_again(self, event: dict[str, Any]) -> None:
        self.send(redelivered(self.office.line, self._channel, event))

    def was_told(self, text: str) -> Heard:
        self.calm.wait(self._conversation)
        found = [one for one in self._got() if bare(text) in bare(words(one))]
        return self._heard(found)

    def times_told(self, text: str) -> int:
        self.calm.wait(self._conversation)
        return sum(bare(text) in bare(words((one,))) for together in self._got() for one in together)

    @property
    def _conversation(self) -> str:
        return f"line:{self.account}:{self.id}"

    @property
    def _channel(self) -> Channel:
        return self.office.channels[self.account]

    def _events(self) -> Events:
        return self.office.line.events(self._channel)

    def _answer(self, event: dict[str, Any]) -> Heard:
        self.calm.wait(self._conversation)
        before = len(self._got())
        self.send(event)
        self.calm.wait(self._conversation)
        return self._heard(self._got()[before:])

    def _got(self) -> list[tuple[dict[str, Any], ...]]:
        """Return what has arrived, each with the messages that came together."""
        return [one.messages for one in list(self.office.line.delivered) if one.to == self.id]

    def _heard(self, got: Sequence[tuple[dict[str, Any], ...]]) -> Heard:
        taps = [self._tap(action) for messages in got for action in _actions(messages)]
        return Heard("\n".join(words(messages) for messages in got), tuple(tap for tap in taps if tap))

    def _tap(self, action: dict[str, Any]) -> Tap | None:
        source = of_user(self.id)
        match action:
            case {"type": "message", "label": label, "text": text}:
                return Tap(label, "", lambda: self._events().text(source, text))
            case {"type": "postback", "label": label, "data": data}:
                return Tap(label, data, lambda: self._events().postback(source, data))
        return None  # a picker, or a link


def _actions(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("action"), dict):
            yield value["action"]
        for inner in value.values():
            yield from _actions(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _actions(inner)


# --- Slack ---


@dataclass
class SlackPerson:
    """Somebody of the workspace, in the direct messages with us."""

    number: str
    office: Office
    calm: Calm
    lock: RLock = field(default_factory=RLock)

    @property
    def user(self) -> str:
        """Their id on Slack."""
        return f"U{self.number.upper()}"

    @property
    def channel(self) -> str:
        """The direct messages with us."""
        return f"D{self.number.upper()}"

    def says(self, text: str) -> Heard:
        return self._answer(self.written(text))

    def written(self, text: str) -> Delivery:
        return self.office.slack.events.message(TEAM, self.channel, self.user, text)

    def taps(self, tap: Tap) -> Heard:
        return self._answer(tap.makes())

    def forges(self, data: str) -> Heard:
        message, button = next((m, one) for m in reversed(self._got()) for one in _buttons(m.blocks))
        return self._answer(self._click(message, button, value=data))

    def send(self, event: Delivery) -> None:
        self._taken(event)

    def send_again(self, event: Delivery) -> None:
        self._taken(event, retry_num=1, retry_reason="http_timeout")

    def was_told(self, text: str) -> Heard:
        self._calm()
        return self._heard([one for one in self._got() if bare(text) in bare(_read(one))])

    def times_told(self, text: str) -> int:
        self._calm()
        return sum(bare(text) in bare(_read(one)) for one in self._got())

    def opens(self, tap: Tap) -> str:
        """Tap what opens a modal; return the view's id."""
        before = {view.id for view in self.office.slack.views}
        self.taps(tap)
        opened = [view.id for view in self.office.slack.views if view.id not in before and view.user == self.user]
        assert opened, "no modal opened"
        return opened[0]

    def fills_in(self, view: str, values: dict[str, Any]) -> Heard:
        """Fill the modal in, and submit it."""
        return self._answer(self.office.slack.interactions.fill_in(view, **values))

    def _taken(self, delivery: Delivery, **how: Any) -> None:
        answer = self.office.slack.send(self.office.events_url, delivery, **how)
        assert answer.status == 200, f"Slack was answered {answer.status}"
        assert b'"errors"' not in answer.body, answer.body.decode()  # of a modal

    def _calm(self) -> None:
        self.calm.wait(f"slack:main:{self.channel}", f"slack:main:{self.user}")

    def _answer(self, event: Delivery) -> Heard:
        self._calm()
        before = len(self._got())
        self.send(event)
        self._calm()
        return self._heard(self._got()[before:])

    def _got(self) -> list[Message]:
        return self.office.slack.messages_of_bot(self.channel)

    def _heard(self, got: Sequence[Message]) -> Heard:
        taps = [self._tap(message, one) for message in got for one in _buttons(message.blocks)]
        return Heard("\n".join(_read(message) for message in got), tuple(taps))

    def _tap(self, message: Message, button: dict[str, Any]) -> Tap:
        value = button.get("value", "")
        data = "" if value.startswith("say:") else value
        return Tap(button["text"]["text"], data, lambda: self._click(message, button))

    def _click(self, message: Message, button: dict[str, Any], **other: str) -> Delivery:
        return self.office.slack.interactions.click(message, self.user, button["action_id"], **other)


def _read(message: Message) -> str:
    return "\n".join([message.text, words(list(message.blocks))])


def _buttons(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == "button":
            yield value
        for inner in value.values():
            yield from _buttons(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _buttons(inner)
