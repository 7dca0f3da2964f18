"""A group or channel gets only what DESIGN.md allows it, a direct message what that person may, a cut one nothing."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from acceptance.installation import Server
from acceptance.office import (
    CHANNEL,
    CUSTOMER_ON_SLACK,
    EMPLOYEE,
    LEAVE,
    RETURNS,
    SECRETS,
    SHOP,
    STAFF,
    TEAM,
    Browser,
    Office,
    office,
    strings_of,
    write_company,
)
from fakes.line import group_id, in_group, mention, of_user, send_webhook, user_id

from bots.platforms.web.signing import LinkTokens

BOSS, OTHER, STRANGER = "UBOSS", "C0OTHER", "USTRANGER"
TITLE = "同仁專用諮詢台"
KEY = "a key for tests, of no worth at all"
PASSAGES = {
    "customers": (RETURNS, "七日內可以退貨"),
    "employees": (LEAVE, "十四日"),
    "managers": ("主管職調薪幅度上限是多少？", "百分之八"),
}
C, E, M = PASSAGES
ALLOWED = {
    "an unknown LINE user at the shop": {C},
    "an unknown LINE user at the staff's account": {C},
    "an employee on LINE": {C, E},
    "a manager on LINE": {C, E, M},
    "a LINE group with the manager in it": {C},
    "an employee on Slack": {C, E},
    "a manager on Slack": {C, E, M},
    "a guest on Slack": {C},
    "a person of another team on Slack": {C},
    "the manager in a listed channel": {E},
    "the manager in an unlisted channel": set(),
    "an anonymous visitor": {C},
    "a visitor with an employee's link": {C, E},
    "the API's client": {C},
}
HR_SIGNS = re.compile(rf"{TITLE}|hr\.md|managers\.md|(?<![A-Za-z0-9_-])hr(?![A-Za-z0-9_-])")


def write(company: Path) -> None:
    """Write the company with a title of the hr window that nothing else is called."""
    write_company(company)
    window = company / "windows" / "hr.yaml"
    window.write_text(window.read_text(encoding="utf-8").replace("title: hr", f"title: {TITLE}"), encoding="utf-8")


class Town:
    """The office and everybody who asks it something."""

    def __init__(self, running: Office) -> None:
        self.office = running
        self.employee, self.manager = self.bound("A3"), self.bound("A1")
        # No guest, and with the manager's address: but of another company.
        more = {"home_team": "T0ELSEWHERE", "stranger": True}
        running.slack.add_user(TEAM, STRANGER, email="boss@a.example", **more)
        running.slack.add_channel(TEAM, f"D{STRANGER}", "", [STRANGER], is_im=True)
        self.anonymous, self.signed_in = Browser(running.url), Browser(running.url)
        link = running.run("login-link", "--groups", "employees").strip()
        assert self.signed_in.post(link.removeprefix(running.url)).status == 303
        self.ways: dict[str, Callable[[str], str]] = {
            "an unknown LINE user at the shop": lambda text: self.line("u1", text, SHOP),
            "an unknown LINE user at the staff's account": lambda text: self.line("u2", text),
            "an employee on LINE": lambda text: self.line(self.employee, text),
            "a manager on LINE": lambda text: self.line(self.manager, text),
            "a LINE group with the manager in it": lambda text: self.group(self.manager, text),
            "an employee on Slack": lambda text: self.direct(EMPLOYEE, text),
            "a manager on Slack": lambda text: self.direct(BOSS, text),
            "a guest on Slack": lambda text: self.direct(CUSTOMER_ON_SLACK, text),
            "a person of another team on Slack": lambda text: self.direct(STRANGER, text, user_team="T0ELSEWHERE"),
            "the manager in a listed channel": lambda text: self.mentioned(CHANNEL, text),
            "the manager in an unlisted channel": lambda text: self.mentioned(OTHER, text),
            "an anonymous visitor": lambda text: self.web(self.anonymous, text),
            "a visitor with an employee's link": lambda text: self.web(self.signed_in, text),
            "the API's client": self.api,
        }

    def bound(self, number: str) -> str:
        """Bind somebody new on LINE to the employee, and return who."""
        who = str(uuid4())
        assert "帳號已綁定" in self.line(who, self.office.run("people", "bind-code", number).strip())
        return who

    def got(self, send: Callable[[], Any]) -> str:
        """Return every string, of texts, labels, data and links, that LINE and Slack got because of it."""
        delivered, calls = len(self.office.line.delivered), len(self.office.slack.calls)
        send()
        self.office.settled()
        line = [one.messages for one in self.office.line.delivered[delivered:]]
        slack = [call.args for call in self.office.slack.calls[calls:] if call.method.startswith(("chat.", "views."))]
        return "\n".join(strings_of([line, slack]))

    def sent(self, account: str, event: dict[str, Any]) -> str:
        """Let LINE send the event."""
        hook, channel = self.office.hook(account), self.office.channels[account]
        return self.got(lambda: send_webhook(hook, channel, [event]))

    def line(self, who: str, text: str, account: str = STAFF) -> str:
        events = self.office.line.events(self.office.channels[account])
        return self.sent(account, events.text(of_user(user_id(who)), text))

    def taps(self, who: str, data: str) -> str:
        events = self.office.line.events(self.office.channels[STAFF])
        return self.sent(STAFF, events.postback(of_user(user_id(who)), data))

    def group(self, who: str, text: str) -> str:
        channel, said = self.office.channels[STAFF], f"@窗口 {text}"
        us = mention(said, "@窗口", channel.destination, is_self=True)
        room = in_group(group_id("all of us"), user_id(who))
        return self.sent(STAFF, self.office.line.events(channel).text(room, said, mentions=[us]))

    def direct(self, user: str, text: str, **more: str) -> str:
        told = self.office.slack.events.message(TEAM, f"D{user}", user, text)
        told = told.changed(event={**told.payload["event"], **more})
        return self.got(lambda: self.office.slack.send(self.office.events_url, told))

    def mentioned(self, channel: str, text: str) -> str:
        both = self.office.slack.events.mention(TEAM, channel, BOSS, text)
        return self.got(lambda: [self.office.slack.send(self.office.events_url, one) for one in both])

    def web(self, browser: Browser, text: str) -> str:
        """Ask both windows, and return the page and all that was streamed, as it reads."""
        told = browser.get("/").text
        for window in ("sales", "hr"):
            asked = {"window": window, "message": str(uuid4()), "question": text}
            stream = browser.post("/chat/ask", asked).text
            told += "\n".join(strings_of([json.loads(data) for data in re.findall(r"(?m)^data: (.+)$", stream)]))
        return told

    def api(self, text: str) -> str:
        """Ask without a window, as the API's client."""
        headers = {"Authorization": f"Bearer {SECRETS['ERP_TOKEN']}", "Content-Type": "application/json"}
        url, body = f"{self.office.url}/api/v1/ask", json.dumps({"question": text}).encode()
        with urlopen(Request(url, body, {**headers, "Idempotency-Key": str(uuid4())}), timeout=60) as answer:
            return "\n".join(strings_of(json.loads(answer.read())))

    def delivery(self, who: str) -> str:
        """Return the id of the newest answer that the person got on LINE."""
        mine = [
            data for one in self.office.line.delivered if one.to == user_id(who) for data in strings_of(one.messages)
        ]
        return next(data for data in reversed(mine) if data.startswith("up:")).removeprefix("up:")


@pytest.fixture(scope="module")
def town(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Town]:
    """One office for the module; in the end nobody has broken a rule of LINE or Slack, and the logs are clean."""
    with server.database() as url, office(url, tmp_path_factory.mktemp("who"), write=write) as running:
        yield Town(running)
        assert running.line.violations == []
        assert running.slack.violations == []
        assert running.count("inbox", "state = 'failed'") == 0
        assert "Traceback" not in running.logs()


def hr_signs(got: str) -> list[str]:
    """Return what names the hr window or its documents; signed links are chance letters and do not count."""
    return HR_SIGNS.findall(re.sub(r"/[as]/\S+", "", got))


@pytest.mark.parametrize("whose", PASSAGES)
@pytest.mark.parametrize("who", ALLOWED)
def test_everybody_gets_what_they_may_read_and_nothing_else(town: Town, who: str, whose: str) -> None:
    """The passage is in what was sent or it is not; no other that they may not read is there either, nor its window."""
    question, words = PASSAGES[whose]
    got = town.ways[who](question)
    assert got
    assert (words in got) == (whose in ALLOWED[who])
    assert [other for other in set(PASSAGES) - ALLOWED[who] if PASSAGES[other][1] in got] == []
    if E not in ALLOWED[who]:
        assert hr_signs(got) == []


@pytest.mark.parametrize(
    "who", [who for who in ALLOWED if not who.startswith(("an anonymous", "a visitor", "the API"))]
)
def test_the_menu_names_the_hr_window_only_to_those_who_may_use_it(town: Town, who: str) -> None:
    """The list of windows, with its buttons, differs by who asks for it."""
    assert bool(hr_signs(town.ways[who]("選單"))) == (E in ALLOWED[who])


@pytest.mark.parametrize("data", ["window=hr", "ask=hr", "answer={delivery}", "up:{delivery}", "down:{delivery}"])
def test_a_forged_tap_gets_a_customer_nothing(town: Town, data: str) -> None:
    """Neither a window's name nor the id of somebody else's answer opens anything, nor the question after it."""
    assert "十四日" in town.line(town.employee, LEAVE)
    delivery, eve = town.delivery(town.employee), str(uuid4())
    town.line(eve, LEAVE)
    for got in (town.taps(eve, data.format(delivery=delivery)), town.line(eve, LEAVE)):
        assert "十四日" not in got
        assert delivery not in got
        assert hr_signs(got) == []
    assert town.office.query("select feedback from turns where delivery = %s", [delivery]) == [(None,)]


def answer_page(town: Town, delivery: str) -> int:
    """Open the whole answer as the link in a message does, without a session, and return the status."""
    token = LinkTokens(KEY).sign(delivery, 0, datetime.now(UTC) + timedelta(days=1))
    page = Browser(town.office.url).get(f"/a/{token}")
    assert ("十四日" in page.text) == (page.status == 200)
    return page.status


def test_after_unbinding_neither_links_nor_questions_give_anything(town: Town) -> None:
    """The answer's page opens before and is 404 after; a follow-up of the earlier talk gets what customers get."""
    who = town.bound("A3")
    assert "十四日" in town.line(who, LEAVE)
    delivery = town.delivery(who)
    assert answer_page(town, delivery) == 200
    town.office.run("people", "unbind", "A3")
    assert answer_page(town, delivery) == 404
    for question in ("那滿三年的呢？", LEAVE, "病假呢？"):
        got = town.line(who, question)
        assert not re.search("十四日|三十日|減半", got)
        assert hr_signs(got) == []
    assert "七日內可以退貨" in town.line(who, RETURNS)
    assert hr_signs(town.taps(who, "ask=hr")) == []


def test_who_left_the_company_is_cut_at_once(town: Town) -> None:
    """Gone from people.csv and synced: on LINE and on Slack the next question gets what customers get."""
    who = town.bound("A2")
    assert "十四日" in town.line(who, LEAVE)
    delivery = town.delivery(who)
    people = town.office.company / "people.csv"
    listed = people.read_text(encoding="utf-8")
    people.write_text("".join(row for row in listed.splitlines(keepends=True) if ",A2," not in row), encoding="utf-8")
    town.office.run("sync")
    for got in (town.line(who, LEAVE), town.direct(EMPLOYEE, LEAVE), town.direct(EMPLOYEE, "選單")):
        assert "十四日" not in got
        assert hr_signs(got) == []
    assert answer_page(town, delivery) == 404
