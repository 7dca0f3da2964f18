"""One of each mode on the web: what a person who has signed in asks, looks up, fills in, and is told."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from acceptance.matrix_company import Company
from acceptance.matrix_items import Amiss, check
from acceptance.office import Browser, wait_for

_EVENT = re.compile(r"^event: (\w+)\ndata: (.*)$", re.MULTILINE)
WHO, MANAGER = "A0108", "A0020"


class Page:
    """A signed-in person on the chat page."""

    def __init__(self, company: Company, number: str) -> None:
        url = company.office.url
        link = company.office.run("login-link", "--person", number).strip()
        self._browser = Browser(url)
        check(self._browser.post(link.removeprefix(url)).status == 303, "the link signs nobody in")

    def says(self, window: str, text: str) -> Mapping[str, Any]:
        """Write something to a window, and return the reply."""
        return self._asks(window, {"question": text})

    def taps(self, window: str, reply: Mapping[str, Any], label: str) -> Mapping[str, Any]:
        """Tap what bears the label, and return the reply."""
        choices = [*reply["choices"], *(one for card in reply["cards"] for one in card["choices"])]
        found = next((one for one in choices if one["label"] == label), None)
        if found is None:
            raise Amiss(f"{label} is not offered; seen: {reply['text'][:300]!r} {[one['label'] for one in choices]}")
        if found["say"]:
            return self.says(window, found["say"])
        return self._asks(window, {"tap": {"label": label, "data": found["data"]}})

    def hands_in(self, window: str, form: Mapping[str, Any], values: Mapping[str, str]) -> Mapping[str, Any]:
        """Hand the form in as the page does: every field, those that are not named as they stand there."""
        filled = {field["name"]: values.get(field["name"], field["value"]) for field in form["fields"]}
        return self._asks(window, {"form": {"title": form["title"], "name": form["name"], "values": filled}})

    def _asks(self, window: str, what: Mapping[str, Any]) -> Mapping[str, Any]:
        page = self._browser.post("/chat/ask", {"window": window, "message": str(uuid4()), **what})
        events = _EVENT.findall(page.text)
        if page.status != 200 or not events or events[-1][0] != "reply":
            raise Amiss(f"the page got no reply; seen: {page.status} {page.text[-300:]!r}")
        told: Mapping[str, Any] = json.loads(events[-1][1])
        return told


def question(company: Company) -> None:
    """An answer with its document."""
    told = Page(company, WHO).says("hr", "年資剛滿半年，特休給幾天？")
    check("3 日" in told["text"], "3 日 is not said", told["text"])
    cited = [source["document"] for source in told["sources"]]
    check("documents/hr/work-rules.pdf" in cited, "the document is not cited", cited)


def look_up(company: Company) -> None:
    """What the person has, and not what others have."""
    told = json.dumps(Page(company, WHO).says("hr", "特休還剩幾天可以休"), ensure_ascii=False)
    check("8.5" in told, "8.5 is not shown", told)
    check("29.5" not in told, "29.5 is shown", told)


def form(company: Company) -> None:
    """Filled in as a whole, handed in, approved by the manager on the page, and seen as approved."""
    mine, managers = Page(company, WHO), Page(company, MANAGER)
    begun = mine.says("hr", "今天月底結帳，我要加班")
    check(begun["form"], "no form is shown", begun["text"])
    values = {"starts": "18:30", "ends": "20:30", "day_kind": "平日", "compensation": "補休", "reason": "月底結帳"}
    handed_in = mine.hands_in("hr", begun["form"], values)
    number = re.search(r"HR-OVERTIME-\d{4}-\d{4}", handed_in["text"])
    if number is None:
        raise Amiss(f"no number is told; seen: {handed_in['text']!r}")
    query = "select state, computed ->> 'hours' from submissions where number = %s"
    kept = company.office.query(query, [number[0]])
    check(kept and kept[0][0] == "waiting" and float(kept[0][1]) == 2, "it is not kept as it was filled in", kept)
    _approved(company, managers, number[0])
    check(company.office.query(query, [number[0]])[0][0] == "approved", "it is not approved")
    told = mine.says("hr", "我的申請")
    shown = json.dumps(told, ensure_ascii=False)
    check(number[0] in shown and "已核准" in shown, "the outcome is not shown", shown)


def _approved(company: Company, page: Page, number: str) -> None:
    """Find the request among what waits, and approve it."""
    waiting = page.says("hr", "待辦")
    card = next((one for one in waiting["cards"] if number in one["title"]), None)
    if card is None:
        raise Amiss(f"{number} is not among what waits; seen: {[one['title'] for one in waiting['cards']]}")
    told = page.taps("hr", {"choices": [], "cards": [card]}, "核准")
    check(f"已核准 {number}" in told["text"], "it is not said to be approved", told["text"])


def notification(company: Company) -> None:
    """A person turns one off on the page, and is not told of it; turns it on, and is."""
    page, window, name = Page(company, WHO), "hr", "clock_in"
    title = company.windows[window].notifications[name].title_in("zh-TW", name)
    for turn, state in (("關閉通知", "opted_out"), ("開啟通知", "told")):
        card = next((one for one in page.says(window, "通知設定")["cards"] if one["title"] == title), None)
        if card is None:
            raise Amiss(f"{title} is not among the settings")
        page.taps(window, {"text": "", "choices": [], "cards": [card]}, turn)
        off = company.office.count("notification_opt_outs", f"recipient = 'person:{WHO}' and name = '{name}'")
        check(off == (state == "opted_out"), f"{turn} is not kept", off)
        run = company.office.run("notifications", "send", f"{window}/{name}", "--person", WHO).split()[0]
        kept = _when_told(company, run)
        check(kept == state, f"after {turn} the state is not {state}", kept)


def _when_told(company: Company, run: str) -> str:
    query = "select state from notification_recipients where run = %s"
    over = ("told", "opted_out", "unreachable", "skipped")
    wait_for(lambda: {s for (s,) in company.office.query(query, [run])} & set(over) != set(), 30, "nobody was told")
    return str(company.office.query(query, [run])[0][0])


ON_THE_WEB: Mapping[str, Callable[[Company], None]] = {
    "通知/回應": notification,
    "資料隨手查": look_up,
    "隨手填單": form,
    "QA": question,
}
