"""People who are on the web page only: they are asked, decide, and hear what came of it, without asking for it."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from acceptance.installation import Server
from acceptance.office import Browser, Office, office, wait_for, write_company

LEAVE = """
forms:
  leave:
    title: 請假單
    examples: [我要請假]
    fields: [{name: reason, label: 事由}]
    approval: [manager]
notifications:
  drill:
    to: {people: [A3]}
    text: 下午三點消防演習。
    actions: [{label: 知道了, value: seen}]
"""
COMPLAINT = """
forms:
  complaint:
    title: 客訴單
    examples: [我要客訴]
    anonymous: true
    kind: complaint
    fields: [{name: what, label: 事情經過}]
    assign: {group: managers}
"""
_REPLY = re.compile(r"^event: reply\ndata: (.*)$", re.MULTILINE)
BOSS, FANG = "A1", "A3"


def write(company: Path) -> None:
    """Write the company of the other tests with a form, a notification, and complaints that managers answer."""
    write_company(company)
    for name, more in (("hr", LEAVE), ("sales", COMPLAINT)):
        window = company / "windows" / f"{name}.yaml"
        window.write_text(window.read_text(encoding="utf-8") + more, encoding="utf-8")


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    with server.database() as url, office(url, tmp_path_factory.mktemp("web-told"), write=write) as running:
        yield running
        assert running.count("inbox", "state = 'failed'") == 0
        assert (running.line.violations, running.slack.violations) == ([], [])
        assert "Traceback" not in running.logs()


class Page:
    """The chat page in one browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @classmethod
    def of_person(cls, running: Office, number: str) -> "Page":
        """Sign in by a link, as somebody does who has no account anywhere."""
        browser = Browser(running.url)
        link = running.run("login-link", "--person", number).strip()
        assert browser.post(link.removeprefix(running.url)).status == 303
        assert browser.get("/").status == 200
        return cls(browser)

    @classmethod
    def of_customer(cls, running: Office) -> "Page":
        found = re.search(r'"visitor": "([^"]+)"', Browser(running.url).get("/widget?window=sales").text)
        assert found
        return cls(Browser(running.url, **{"X-Transom-Visitor": found[1]}))

    def says(self, window: str, text: str) -> dict[str, Any]:
        return self._asks(window, {"question": text})

    def taps(self, window: str, reply: Mapping[str, Any], label: str) -> dict[str, Any]:
        choices = [*reply["choices"], *(one for card in reply["cards"] for one in card["choices"])]
        data = next(one["data"] for one in choices if one["label"] == label)
        return self._asks(window, {"tap": {"label": label, "data": data}})

    def _asks(self, window: str, what: Mapping[str, Any]) -> dict[str, Any]:
        told = self._browser.post("/chat/ask", {"window": window, "message": str(uuid4()), **what})
        return dict(json.loads(_REPLY.findall(told.text)[-1]))

    def news(self, window: str = "") -> dict[str, Any]:
        return dict(self._browser.get(f"/chat/news?window={window}").json)

    def hears(self, window: str) -> list[dict[str, Any]]:
        """Wait until something new is told at the window, and return all that was."""
        wait_for(lambda: window in self.news(window)["waiting"], 30, "nothing is told")
        asked = self._browser.get(f"/chat/asked?window={window}").json["asked"]
        return [one["reply"] for one in asked if one["told"]]


def test_a_request_is_decided_on_the_page_alone(running: Office) -> None:
    """The manager's page asks by itself and the requester's tells the outcome, each once; nothing goes elsewhere."""
    fang, boss = Page.of_person(running, FANG), Page.of_person(running, BOSS)
    fang.says("hr", "我要請假")
    fang.taps("hr", fang.says("hr", "搬家"), "送出")
    [asked] = boss.hears("hr")
    assert "搬家" in json.dumps(asked, ensure_ascii=False)
    assert boss.news() == {"waiting": {}, "newest": ""}
    assert "已核准" in boss.taps("hr", asked, "核准")["text"]
    [outcome] = fang.hears("hr")
    assert "已核准" in outcome["text"]
    later = Page.of_person(running, BOSS)  # another browser, tomorrow: it is there, and counts no more
    assert later.news()["waiting"] == {}
    assert running.count("audit_log", "action = 'not_reached'") == 0


def test_a_notification_is_told_and_answered_on_the_page(running: Office) -> None:
    """Its answer is kept as from everywhere."""
    fang = Page.of_person(running, FANG)
    run = running.run("notifications", "send", "hr/drill").split()[0]
    told = fang.hears("hr")[-1]
    assert "消防演習" in json.dumps(told, ensure_ascii=False)
    fang.taps("hr", told, "知道了")
    query = "select state, responded_at is not null from notification_recipients where run = %s"
    assert running.query(query, [run]) == [("told", True)]


def test_a_complaint_is_answered_where_it_was_filed(running: Office) -> None:
    """The customer's page in the shop says that it is done; another customer's says nothing."""
    boss, customer, other = Page.of_person(running, BOSS), Page.of_customer(running), Page.of_customer(running)
    customer.says("sales", "我要客訴")
    customer.taps("sales", customer.says("sales", "機器漏水"), "送出")
    asked = boss.hears("sales")[-1]
    boss.taps("sales", asked, "結案")
    boss.says("sales", "已換新機")
    told = customer.hears("sales")[-1]
    assert "SALES-COMPLAINT" in told["text"]
    assert other.news("sales") == {"waiting": {}, "newest": ""}
