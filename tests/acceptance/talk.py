"""People who write to a company whatever is killed, and a Postgres that can be killed under it."""

import os
import re
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from threading import Lock

from acceptance.office import CHANNEL, EMPLOYEE, SHOP, TEAM, Office, write_company
from fakes.line import of_user, send_webhook, user_id
from fakes.slack import Delivery

from rag_core import embedded
from rag_core.errors import DatabaseUnavailable

CODES = 120
CODE = re.compile(r"K\d{4}")


def word(number: int) -> str:
    """Return what stands behind a code."""
    return f"代碼 K{number:04d} 的密語是蘋果{number * 7919 % 10_000:04d}。"


def question(number: int) -> str:
    return f"代碼 K{number:04d} 的密語是什麼？"


def write_codes(company: Path) -> None:
    """The company of the other tests, and both windows know what stands behind each code."""
    write_company(company)
    text = "\n\n".join(f"# K{number:04d}\n\n{word(number)}" for number in range(1, CODES))
    for name in ("hr.md", "sales.md"):
        (company / "documents" / name).write_text(text, encoding="utf-8")


@dataclass
class Postgres:
    """A server that can be killed as a power cut would kill it."""

    folder: Path
    url: str

    def kill(self) -> None:
        """Kill the postmaster; its children see that and go."""
        pid = int((self.folder / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def revive(self) -> None:
        """Start it again, as the supervisor or the machine's init would."""
        for _ in range(20):  # as long as children of the dead one hold its memory, it does not start
            with suppress(DatabaseUnavailable):
                embedded.revive(self.folder)
                return
            time.sleep(0.3)
        embedded.revive(self.folder)


class Talk:
    """People who write to the company, on both platforms, and what they got."""

    def __init__(self, office: Office, *others: Office) -> None:
        self.office = office
        self.doors = (office, *others)  # where events are sent to, in turns
        self.sent: dict[str, list[int]] = defaultdict(list)  # conversation → codes in their order
        self.tries = 0
        self._lock = Lock()
        self._line_from = len(office.line.delivered)
        self._slack_from = {id(m) for m in office.slack.messages}

    def line(self, person: str, number: int, *, again: int = 0) -> None:
        """Write on LINE, and have LINE send the event until it hears 200, and ``again`` times more."""
        channel = self.office.channels[SHOP]
        event = self.office.line.events(channel).text(of_user(user_id(person)), question(number))
        self.sent[user_id(person)].append(number)
        hook = self._door().hook(SHOP)
        self._until_taken(lambda: send_webhook(hook, channel, [event], timeout_s=5.0), again)

    def slack(self, thread: str, number: int, *, again: int = 0) -> None:
        """Mention the app in a thread of its own, or write to it directly."""
        events = self.office.slack.events
        if thread.startswith("D"):
            deliveries: Sequence[Delivery] = [events.message(TEAM, thread, EMPLOYEE, question(number))]
        else:
            deliveries = events.mention(TEAM, CHANNEL, EMPLOYEE, question(number), thread_ts=thread or None)
        self.sent[thread if thread.startswith("D") else thread or deliveries[0].ts].append(number)
        for delivery in deliveries:
            url = self._door().events_url
            self._until_taken(lambda d=delivery, u=url: self.office.slack.send(u, d).status, again)

    def _door(self) -> Office:
        return self.doors[self.tries % len(self.doors)]

    def _until_taken(self, send: Callable[[], int], again: int) -> None:
        for _ in range(600):
            with self._lock:
                self.tries += 1
            with suppress(OSError, HTTPException):  # it may be killed in the middle of its answer
                if send() == 200:
                    break
            time.sleep(0.1)
        else:
            raise AssertionError("the event was never taken in")
        for _ in range(again):
            with suppress(OSError, HTTPException):  # it may be killed in the middle of its answer
                send()

    def tap(self) -> None:
        """Do what people do whose answer is late: tap the button that shows it."""
        waiting = self.office.query("select conversation, id::text from outbox where state = 'parked'")
        for conversation, delivery in {row[0]: row for row in waiting}.values():
            channel = self.office.channels[SHOP]
            person = conversation.split(":")[2]
            event = self.office.line.events(channel).postback(of_user(person), f"answer={delivery}")
            hook = self.office.hook(SHOP)
            self._until_taken(lambda h=hook, c=channel, e=event: send_webhook(h, c, [e], timeout_s=5.0), again=0)

    def got(self) -> dict[str, list[int]]:
        """Return the codes that each conversation was told, in order."""
        found: dict[str, list[int]] = defaultdict(list)
        for delivered in self.office.line.delivered[self._line_from :]:
            found[delivered.to] += answers([m.get("text", "") for m in delivered.messages])
        for message in self.office.slack.messages_of_bot():
            if id(message) not in self._slack_from:
                key = message.channel if message.channel.startswith("D") else message.thread_ts or ""
                found[key] += answers([message.text])
        return dict(found)

    def check(self) -> None:
        """Fail unless each message was answered exactly once, in the order it was written in its conversation."""
        got = self.got()
        wrong = {c: (codes, got.get(c, [])) for c, codes in self.sent.items() if got.get(c, []) != codes}
        assert not wrong, f"{len(wrong)} of {len(self.sent)} conversations: {dict(list(wrong.items())[:3])}"


def answers(texts: Sequence[str]) -> list[int]:
    """Return what each answer is about: its first code. Answers that went out together stand a blank line apart."""
    told = [CODE.search(answer) for text in texts for answer in text.split("\n\n")]
    return [int(code[0][1:]) for code in told if code]


def finish(talk: Talk, timeout_s: float = 90.0) -> None:
    """Wait until everything is at its end; late answers are tapped for."""
    deadline = time.monotonic() + timeout_s
    while True:
        talk.office.settled(max(deadline - time.monotonic(), 1.0))
        if not talk.office.count("outbox", "state = 'parked'"):
            return
        talk.tap()
