"""Whoever is cut off sees nothing at once, and nothing that is forged, guessed or read along opens a way around that.

``test_who_sees_what`` has the table of the first day. Here everybody on LINE, Slack, the pages and the API asks for
everything, and then an account is unbound, a person leaves people.csv, a manager is none any more, and a channel leaves
the window's list: old links, old buttons, waiting answers and the conversation so far give away nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pymupdf
import pytest
from acceptance.installation import Server
from acceptance.office import (
    CHANNEL,
    CHANNELS,
    CUSTOMER_ON_SLACK,
    EMPLOYEE,
    SECRETS,
    SHOP,
    STAFF,
    TEAM,
    Browser,
    Office,
    Page,
    office,
    strings_of,
)
from fakes.line import group_id, in_group, in_room, mention, of_user, room_id, send_webhook, user_id
from fakes.slack import Delivery

from bots.conversations.people import binding
from bots.conversations.texts import say
from bots.platforms.web import LinkTokens, make_login_link
from bots.platforms.web.signing import VisitorTokens

KEY = "a key for tests, of no worth at all"
BOSS, FAR = "UBOSS", "UFAR"
OTHER_CHANNEL, OTHER_TEAM = "C0OTHER", "T0OTHER"
HRIS_TOKEN = "hris-token-0123456789"
HR_TITLE, HR_CONTACT, SALES_TITLE = "人資窗口", "分機二二一零", "客服窗口"
RETURNS, LEAVE, PAY = "收到商品幾日內可以退貨？", "滿三年的特別休假有幾日？", "主管職調薪幅度上限是多少？"
QUESTIONS = (RETURNS, LEAVE, PAY)
TEXTS = {
    "returns": "Returns\n收到商品七日內可以退貨，請保留發票。",
    "leave": "Leave\n到職滿三年的員工，特別休假為十四日。\n病假一年最多三十日，薪水減半發給。",
    "pay": "Pay\n主管職調薪幅度上限為百分之八，由總經理核定。",
}
SIGNS = {  # what gives a document away
    "customers": ("七日內可以退貨", "returns.pdf"),
    "employees": ("十四日", "三十日", "leave.pdf"),
    "managers": ("百分之八", "pay.pdf"),
}
HR_SIGNS = (HR_TITLE, HR_CONTACT, "ask=hr", "window=hr")
NOTHING, CUSTOMERS = frozenset[str](), frozenset({"customers"})
STAFF_SEES, EVERYTHING = CUSTOMERS | {"employees"}, CUSTOMERS | {"employees", "managers"}
IN_HR = frozenset({"employees"})
PEOPLE = "name,employee_number,email,manager,groups\n"
FANG = "方思齊,A3,fang@a.example,A1,employees\n"
BEFORE = f"沈若蘭,A1,boss@a.example,,employees;managers\n葉佳蓉,A2,jia@a.example,A1,employees\n{FANG}"
AFTER = f"沈若蘭,A1,boss@a.example,,employees\n{FANG}"

Said = list[str]


@dataclass
class Company:
    """The running company, and what everybody got, by name of who asked."""

    office: Office
    got: dict[str, Said] = field(default_factory=dict)
    homes: dict[str, Said] = field(default_factory=dict)

    def settled(self) -> None:
        self.office.settled(60)

    def deliveries(self, conversation: str) -> list[tuple[str, str]]:
        """Return the answers of conversations with this beginning: id and text."""
        query = (
            "select id::text, reply ->> 'text' from outbox where conversation like %s and reply is not null"
            " and window_name <> '' order by position"
        )
        return [(row[0], row[1]) for row in self.office.query(query, [f"{conversation}%"])]


# --- the company ---


def write_company(company: Path) -> None:
    """hr for employees with a page for managers, sales for everybody, each page a PDF that can be opened."""
    (company / "documents").mkdir(parents=True)
    for name, text in TEXTS.items():
        write_pdf(company / "documents" / f"{name}.pdf", text)
    write_windows(company, f'[{{channel: "{CHANNEL}", groups: [employees]}}]')
    channels = CHANNELS + '  hris: {token: "${HRIS_TOKEN}", windows: [hr, sales], groups: [employees]}\n'
    (company / "channels.yaml").write_text(channels, encoding="utf-8")
    (company / "company.yaml").write_text("name: A公司\n", encoding="utf-8")
    (company / "people.csv").write_text(PEOPLE + BEFORE, encoding="utf-8")


def write_pdf(path: Path, text: str) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), text.split("\n"), fontname="china-t", fontsize=14)
        document.save(path)


def write_windows(company: Path, slack: str) -> None:
    (company / "windows").mkdir(exist_ok=True)
    (company / "windows" / "hr.yaml").write_text(
        f"name: hr\ndepartment: 人\ntitle: {HR_TITLE}\nserves: [employees, managers]\ncontact: {HR_CONTACT}\n"
        f"questions: [{LEAVE}]\nchannels: {{slack: {slack}}}\nknowledge:\n  - {{path: ../documents/leave.pdf}}\n"
        "  - {path: ../documents/pay.pdf, audience: [managers]}\n",
        encoding="utf-8",
    )
    (company / "windows" / "sales.yaml").write_text(
        f"name: sales\ndepartment: 銷\ntitle: {SALES_TITLE}\nserves: [customers, employees]\ncontact: 客服專線\n"
        f"questions: [{RETURNS}]\nknowledge:\n  - {{path: ../documents/returns.pdf}}\n",
        encoding="utf-8",
    )


# --- asking, and what came of it ---


def line(company: Company, who: Mapping[str, str], text: str = "", data: str = "", account: str = STAFF) -> None:
    """Have somebody write or tap on LINE; in groups we are mentioned."""
    events = company.office.line.events(company.office.channels[account])
    if data:
        event = events.postback(who, data)
    elif who["type"] == "user":
        event = events.text(who, text)
    else:
        event = events.text(who, f"@窗口 {text}", mentions=[mention(f"@窗口 {text}", "@窗口", is_self=True)])
    send_line(company, event, account)


def send_line(company: Company, event: Mapping[str, Any], account: str = STAFF) -> None:
    assert send_webhook(company.office.hook(account), company.office.channels[account], [event]) == 200


def line_got(company: Company, chat: str, account: str = STAFF) -> Said:
    found = [one for one in company.office.line.delivered if one.to == chat and one.channel == account]
    return strings_of([one.messages for one in found])


def slack(company: Company, told: Delivery) -> None:
    assert company.office.slack.send(company.office.events_url, told).status == 200


def direct(company: Company, user: str, text: str) -> None:
    """Have somebody write to us on Slack; somebody of another company comes with their team."""
    told = company.office.slack.events.message(TEAM, f"D{user}", user, text)
    if user == FAR:
        told = told.changed(event={**told.payload["event"], "user_team": OTHER_TEAM, "team": OTHER_TEAM})
    slack(company, told)


def slack_got(company: Company, channel: str) -> Said:
    messages = company.office.slack.messages_of_bot(channel)
    return strings_of([[message.text, message.blocks] for message in messages])


def in_channel(company: Company, channel: str, user: str, text: str) -> None:
    for told in company.office.slack.events.mention(TEAM, channel, user, text):
        slack(company, told)


def on_page(company: Company, groups: Sequence[str] = (), widget: str = "") -> Said:
    """Ask everything at every window, shown to the visitor or not, and return all that came back."""
    headers = {"X-Transom-Visitor": VisitorTokens(KEY).sign(f"widget-{widget}")} if widget else {}
    page = Browser(company.office.url, **headers)
    if groups:
        assert page.post(make_login_link(KEY, "", groups)).status == 303
    got = [page.get("/widget" if widget else "/").text]
    for window in ("sales", "hr"):
        for question in QUESTIONS:
            sent = {"window": window, "message": str(uuid4()), "question": question}
            got.append(_unescaped(page.post("/chat/ask", sent)))
        got.append(_unescaped(page.get(f"/chat/asked?window={window}")))
    return got


def by_api(company: Company, token: str) -> Said:
    client = Browser(company.office.url, Authorization=f"Bearer {token}")
    asked = [{"question": question, **window} for question in QUESTIONS for window in ({}, {"window": "hr"})]
    return [_unescaped(client.post("/api/v1/ask", body)) for body in asked]


def _unescaped(page: Page) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), page.text)


def new_code(company: Company, number: str) -> str:
    with psycopg.connect(company.office.database_url) as connection:
        return binding.new_code(connection, number)


def said_as(key: str) -> str:
    """Return one of our sentences."""
    return say("zh-TW", key)


def sees(said: Said) -> frozenset[str]:
    """Return whose documents show in what somebody got."""
    text = "\n".join(said)
    return frozenset(group for group, signs in SIGNS.items() if any(sign in text for sign in signs))


def knows_hr(said: Said) -> bool:
    return any(sign in text for text in said for sign in HR_SIGNS)


def addresses(said: Said) -> list[str]:
    return list(dict.fromkeys(text for text in said if re.fullmatch(r"http\S+/[sa]/\S+", text)))


def open_link(company: Company, url: str) -> Page:
    return Browser(company.office.url).get(url)


# --- everybody ---

ON_LINE: Mapping[str, tuple[Mapping[str, str], str]] = {
    "LINE stranger": (of_user(user_id("stranger")), STAFF),
    "LINE stranger at the shop": (of_user(user_id("stranger")), SHOP),
    "LINE employee": (of_user(user_id("fang")), STAFF),
    "LINE manager": (of_user(user_id("boss")), STAFF),
    "LINE group, a manager asks": (in_group(group_id("team"), user_id("boss")), STAFF),
    "LINE room, a manager asks": (in_room(room_id("team"), user_id("boss")), STAFF),
}
ON_SLACK = {
    "Slack employee": EMPLOYEE,
    "Slack manager": BOSS,
    "Slack guest": CUSTOMER_ON_SLACK,
    "Slack member of another company": FAR,
}
LISTED, UNLISTED = "Slack listed channel, a manager asks", "Slack unlisted channel, a manager asks"
IN_CHANNELS = {LISTED: CHANNEL, UNLISTED: OTHER_CHANNEL}
ON_PAGES: Mapping[str, Callable[[Company], Said]] = {
    "web visitor": on_page,
    "web employee": partial(on_page, groups=("employees",)),
    "web manager": partial(on_page, groups=("employees", "managers")),
    "widget": partial(on_page, widget="shopper"),
    "API client of customers": lambda company: by_api(company, SECRETS["ERP_TOKEN"]),
    "API client of employees": lambda company: by_api(company, HRIS_TOKEN),
}
TABLE = [
    ("LINE stranger", CUSTOMERS, False),
    ("LINE stranger at the shop", CUSTOMERS, False),
    ("LINE employee", STAFF_SEES, True),
    ("LINE manager", EVERYTHING, True),
    ("LINE group, a manager asks", CUSTOMERS, False),
    ("LINE room, a manager asks", CUSTOMERS, False),
    ("Slack employee", STAFF_SEES, True),
    ("Slack manager", EVERYTHING, True),
    ("Slack guest", CUSTOMERS, False),
    ("Slack member of another company", CUSTOMERS, False),
    (LISTED, IN_HR, True),
    (UNLISTED, NOTHING, False),
    ("web visitor", CUSTOMERS, False),
    ("web employee", STAFF_SEES, True),
    ("web manager", EVERYTHING, True),
    ("widget", CUSTOMERS, False),
    ("API client of customers", CUSTOMERS, False),
    ("API client of employees", STAFF_SEES, True),
]


def ask_all(company: Company) -> None:
    """Have everybody on LINE and Slack ask everything, and for the list of windows."""
    for question in (*QUESTIONS, "選單"):
        for source, account in ON_LINE.values():
            line(company, source, question, account=account)
        for user in ON_SLACK.values():
            direct(company, user, question)
        for channel in IN_CHANNELS.values():
            in_channel(company, channel, BOSS, question)
    company.settled()


def collect(company: Company) -> dict[str, Said]:
    """Return what everybody on LINE and Slack has got so far."""
    got = {name: line_got(company, _chat(source), account) for name, (source, account) in ON_LINE.items()}
    got |= {name: slack_got(company, f"D{user}") for name, user in ON_SLACK.items()}
    return got | {name: slack_got(company, channel) for name, channel in IN_CHANNELS.items()}


def _chat(source: Mapping[str, str]) -> str:
    return source.get("groupId") or source.get("roomId") or source["userId"]


def since(now: Mapping[str, Said], before: Mapping[str, Said]) -> dict[str, Said]:
    return {name: said[len(before[name]) :] for name, said in now.items()}


def homes(company: Company) -> dict[str, Said]:
    for user in ON_SLACK.values():
        slack(company, company.office.slack.events.home_opened(TEAM, user))
    company.settled()
    return {view.user: strings_of(view.payload) for view in company.office.slack.views if view.kind == "home"}


@pytest.fixture(scope="module")
def company(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company where everybody has asked everything once."""
    folder, more = tmp_path_factory.mktemp("cut-off"), {"HRIS_TOKEN": HRIS_TOKEN}
    with server.database() as url, office(url, folder, more=more, write=write_company) as running:
        asked = Company(running)
        running.slack.add_user(TEAM, FAR, email="boss@a.example", home_team=OTHER_TEAM, stranger=True)
        running.slack.add_channel(TEAM, f"D{FAR}", "", [FAR], is_im=True)
        line(asked, of_user(user_id("fang")), new_code(asked, "A3"))
        line(asked, of_user(user_id("boss")), new_code(asked, "A1"))
        asked.settled()
        ask_all(asked)
        asked.got = collect(asked) | {name: ask(asked) for name, ask in ON_PAGES.items()}
        asked.homes = homes(asked)
        yield asked


# --- before anybody is cut off ---


@pytest.mark.parametrize(("who", "expected", "hr"), TABLE, ids=[row[0] for row in TABLE])
def test_everybody_gets_what_they_may_read_and_no_more(
    company: Company, who: str, expected: frozenset[str], hr: bool
) -> None:
    """In texts, sources, buttons, lists of windows, event streams: the facts, and the window for employees."""
    said = company.got[who]
    assert sees(said) == expected
    assert knows_hr(said) is hr


def test_everybody_was_spoken_to(company: Company) -> None:
    """Who may read nothing is told so; nobody is left without a word."""
    assert all(len(said) > 2 for said in company.got.values())
    assert any(said_as("channel_unknown") in text for text in company.got[UNLISTED])
    assert company.office.line.violations == []
    assert company.office.slack.violations == []
    assert company.office.count("inbox", "state = 'failed'") == 0


@pytest.mark.parametrize(
    ("user", "hr"), [(EMPLOYEE, True), (BOSS, True), (CUSTOMER_ON_SLACK, False), (FAR, False)], ids=list(ON_SLACK)
)
def test_the_home_shows_the_windows_that_serve_the_person(company: Company, user: str, hr: bool) -> None:
    """A guest's App Home names no window for employees, nor its contact."""
    home = company.homes[user]
    assert any(SALES_TITLE in text for text in home)
    assert knows_hr(home) is hr


def test_links_open_for_whoever_got_them(company: Company) -> None:
    """Each source can be opened with its page; only managers have a link to the managers' page."""
    opened = {name: [open_link(company, url) for url in addresses(said)] for name, said in company.got.items()}
    for name, pages in opened.items():
        assert {page.status for page in pages} <= {200}, name
        assert sees([page.text for page in pages]) <= sees(company.got[name])
    assert [name for name, pages in opened.items() if "managers" in sees([page.text for page in pages])] == [
        "LINE manager",
        "Slack manager",
    ]


# --- forged ---


@pytest.mark.parametrize("data", ["ask=hr", "window=hr", "ask=sales&window=hr", "window=人資窗口", "="])
@pytest.mark.parametrize("who", ["LINE stranger", "LINE group, a manager asks"])
def test_a_forged_tap_opens_no_window(company: Company, who: str, data: str) -> None:
    """A postback that names a window which does not serve the chat is a dead button, then and for later questions."""
    source, account = ON_LINE[who]
    before = len(line_got(company, _chat(source), account))
    line(company, source, data=data)
    line(company, source, LEAVE)
    company.settled()
    said = line_got(company, _chat(source), account)[before:]
    assert said
    assert sees(said) <= CUSTOMERS
    assert not knows_hr(said)


def test_a_forged_tap_of_a_guest_opens_no_window(company: Company) -> None:
    """The same on Slack: a button's value is what the person's groups allow, not what the request says."""
    before = len(slack_got(company, f"D{CUSTOMER_ON_SLACK}"))
    answer = next(m for m in company.office.slack.messages_of_bot(f"D{CUSTOMER_ON_SLACK}") if "七日內" in m.text)
    for value in ("ask=hr", "window=hr", f"say:{LEAVE}"):
        slack(company, company.office.slack.interactions.click(answer, CUSTOMER_ON_SLACK, "feedback", value=value))
    company.settled()
    said = slack_got(company, f"D{CUSTOMER_ON_SLACK}")[before:]
    assert len(said) > 2
    assert sees(said) <= CUSTOMERS
    assert not knows_hr(said)


@pytest.mark.parametrize(
    ("user", "hr"), [(EMPLOYEE, True), (CUSTOMER_ON_SLACK, False), (FAR, False)], ids=["employee", "guest", "stranger"]
)
def test_the_modal_offers_the_windows_that_serve_the_person(company: Company, user: str, hr: bool) -> None:
    """It names no window that the person may not use, and a forged choice of one answers nothing."""
    slack(company, company.office.slack.interactions.shortcut(TEAM, user, "ask"))
    view = next(view for view in company.office.slack.views if view.kind == "modal" and view.user == user)
    assert knows_hr(strings_of(view.payload)) is hr
    chosen = {"type": "static_select", "selected_option": {"value": "hr", "text": {"type": "plain_text", "text": "x"}}}
    values = {"question": {"question": {"type": "plain_text_input", "value": LEAVE}}, "window": {"window": chosen}}
    before = len(slack_got(company, f"D{user}"))
    slack(company, company.office.slack.interactions.submit(view.id, values))
    company.settled()
    said = slack_got(company, f"D{user}")[before:]
    assert said
    assert ("employees" in sees(said)) is hr
    assert knows_hr(said) is hr


def test_a_tap_for_somebody_elses_answer_brings_nothing(company: Company) -> None:
    """``answer=`` with the id of another conversation's delivery is told as sent, whatever it holds."""
    ids = [delivery for delivery, text in company.deliveries(f"line:{STAFF}:{user_id('boss')}") if "百分之八" in text]
    assert ids
    before = len(line_got(company, user_id("stranger")))
    for delivery in ids:
        line(company, ON_LINE["LINE stranger"][0], data=f"answer={delivery}")
    company.settled()
    said = line_got(company, user_id("stranger"))[before:]
    assert any(said_as("already") in text for text in said)
    assert sees(said) == NOTHING


@pytest.mark.parametrize("forged", ["somebody else's", "no uuid", "unknown"])
def test_feedback_for_somebody_elses_answer_counts_for_nothing(company: Company, forged: str) -> None:
    """Only whoever got an answer rates it. A forged rating neither counts nor stops the conversation."""
    answers = company.deliveries(f"line:{STAFF}:{user_id('boss')}")
    theirs = next(delivery for delivery, text in answers if "百分之八" in text)
    delivery = {"somebody else's": theirs, "no uuid": "hr' or true --", "unknown": str(uuid4())}[forged]
    line(company, ON_LINE["LINE stranger"][0], data=f"up:{delivery}")
    message = company.office.slack.messages_of_bot(f"D{CUSTOMER_ON_SLACK}")[0]
    tapped = partial(company.office.slack.interactions.click, message, CUSTOMER_ON_SLACK, "feedback")
    slack(company, tapped(value=f"down:{delivery}"))
    before = len(line_got(company, user_id("stranger")))
    line(company, ON_LINE["LINE stranger"][0], RETURNS)
    company.settled()
    assert company.office.query("select feedback from turns where feedback is not null") == []
    assert company.office.count("inbox", "state = 'failed'") == 0
    assert "customers" in sees(line_got(company, user_id("stranger"))[before:])


def test_ones_own_answer_can_be_rated(company: Company) -> None:
    """So that the test above can fail."""
    own = company.deliveries(f"line:{STAFF}:{user_id('stranger')}")[0][0]
    line(company, ON_LINE["LINE stranger"][0], data=f"up:{own}")
    company.settled()
    assert company.office.query("select distinct feedback from turns where delivery::text = %s", [own]) == [("up",)]


# --- bind codes ---


def test_a_bind_code_is_not_found_by_trying(company: Company) -> None:
    """After six wrong ones within the hour even the right code is not taken from this account, and nothing is bound."""
    code = company.office.run("people", "bind-code", "A1").strip()
    guesser = of_user(user_id("guesser"))
    for last in "23456789":
        line(company, guesser, f"ABCDEFG{last}")
    line(company, guesser, code)
    line(company, guesser, PAY)
    company.settled()
    said = line_got(company, user_id("guesser"))
    assert sum(text.count(said_as("bind_wrong")) for text in said) == 6
    assert sum(text.count(said_as("bind_too_many")) for text in said) == 3
    assert sees(said) <= CUSTOMERS
    assert not knows_hr(said)


def test_a_bind_code_works_once(company: Company) -> None:
    """Whoever sends it second is nobody."""
    code = new_code(company, "A3")
    for name in ("first", "second"):
        line(company, of_user(user_id(name)), code)
        line(company, of_user(user_id(name)), LEAVE)
        company.settled()
    assert "employees" in sees(line_got(company, user_id("first")))
    assert sees(line_got(company, user_id("second"))) <= CUSTOMERS
    bound = company.office.query("select employee_number from identities where user_id = %s", [user_id("second")])
    assert bound == [(None,)]


@pytest.mark.parametrize("mentioned", [True, False])
def test_a_bind_code_that_a_group_has_read_is_void(company: Company, mentioned: bool) -> None:
    """Whether or not it was written to us: everybody there could send it on."""
    code, thief = new_code(company, "A1"), of_user(user_id(f"thief {mentioned}"))
    group = in_group(group_id("careless"), user_id("careless"))
    if mentioned:
        line(company, group, code)
    else:
        send_line(company, company.office.line.events(company.office.channels[STAFF]).text(group, code))
    company.settled()
    line(company, thief, code)
    line(company, thief, PAY)
    company.settled()
    said = line_got(company, user_id(f"thief {mentioned}"))
    assert any(said_as("bind_wrong") in text for text in said)
    assert sees(said) <= CUSTOMERS


# --- cut off ---


@dataclass
class Cut:
    """What was there before three people lost something, and what everybody got when asking everything again."""

    links: dict[str, list[str]]
    answers: dict[str, list[tuple[str, str]]]
    got: dict[str, Said]
    waited: Said


@pytest.fixture(scope="module")
def cut(company: Company) -> Cut:
    """A3 is unbound by command, A2 leaves people.csv, A1 is no manager any more: nothing is restarted."""
    fang = ON_LINE["LINE employee"][0]
    line(company, fang, data="window=hr")
    company.settled()
    park(company, fang)
    links = {name: addresses(company.got[name]) for name in ("LINE employee", "LINE manager", *ON_SLACK)}
    conversations = {name: f"line:{STAFF}:{_chat(source)}" for name, (source, _) in ON_LINE.items()}
    conversations |= {name: f"slack:main:D{user}" for name, user in ON_SLACK.items()}
    answers = {name: company.deliveries(conversation) for name, conversation in conversations.items()}
    (company.office.company / "people.csv").write_text(PEOPLE + AFTER, encoding="utf-8")
    company.office.run("sync")
    company.office.run("people", "unbind", "A3")
    before = collect(company)
    line(company, fang, data=f"answer={answers['LINE employee'][-1][0]}")
    company.settled()
    waited = since(collect(company), before)["LINE employee"]
    before = collect(company)
    for old in ("ask=hr", "window=hr", "ask=sales"):
        line(company, fang, data=old)
    line(company, fang, "那病假呢？")
    direct(company, EMPLOYEE, "那病假呢？")
    direct(company, BOSS, "那主管職的調薪幅度上限呢？")
    ask_all(company)
    return Cut(links, answers, since(collect(company), before), waited)


def park(company: Company, who: Mapping[str, str]) -> None:
    """Leave an answer waiting for a tap: its reply token is none of LINE's any more, and the window has no push."""
    events = company.office.line.events(company.office.channels[STAFF])
    before = parked(company, who)
    send_line(company, {**events.text(who, "病假一年最多幾日？"), "replyToken": "0" * 32})
    company.settled()
    assert parked(company, who) == before + 1


def parked(company: Company, who: Mapping[str, str]) -> int:
    """Return how much waits for a tap in this chat: answers, and the tour of whoever has written once."""
    return company.office.count("outbox", f"state = 'parked' and conversation = 'line:{STAFF}:{_chat(who)}'")


CUT_TABLE = [
    ("LINE employee", CUSTOMERS, False),
    ("LINE manager", STAFF_SEES, True),
    ("Slack employee", CUSTOMERS, False),
    ("Slack manager", STAFF_SEES, True),
    ("Slack guest", CUSTOMERS, False),
    ("LINE group, a manager asks", CUSTOMERS, False),
    (LISTED, IN_HR, True),
]


@pytest.mark.parametrize(("who", "expected", "hr"), CUT_TABLE, ids=[row[0] for row in CUT_TABLE])
def test_who_is_cut_off_sees_at_once_what_is_left_to_them(
    cut: Cut, who: str, expected: frozenset[str], hr: bool
) -> None:
    """Questions, follow-ups, old buttons, the window chosen before: with the next message the old groups are gone."""
    assert sees(cut.got[who]) == expected
    assert knows_hr(cut.got[who]) is hr


def test_an_answer_that_waited_is_not_handed_out_any_more(company: Company, cut: Cut) -> None:
    """What was written for an employee and waits for a tap is withdrawn when the account is nobody's."""
    assert sees(cut.waited) == NOTHING
    assert not knows_hr(cut.waited)
    assert parked(company, ON_LINE["LINE employee"][0]) == 0


@pytest.mark.parametrize(
    ("who", "lost"),
    [
        ("LINE employee", {"employees"}),
        ("Slack employee", {"employees"}),
        ("LINE manager", {"managers"}),
        ("Slack manager", {"managers"}),
    ],
)
def test_old_links_open_only_what_may_still_be_read(company: Company, cut: Cut, who: str, lost: set[str]) -> None:
    """Page, page image and whole answer are 404 where the groups are gone, and open where they are not."""
    pages = {url: open_link(company, url) for url in cut.links[who]}
    images = {url: open_link(company, f"{url}.png") for url in cut.links[who]}
    assert {page.status for page in pages.values()} == {200, 404}
    assert [images[url].status for url in pages] == [page.status for page in pages.values()]
    assert sees([page.text for page in pages.values()]) == sees(company.got[who]) - lost
    tokens = LinkTokens(KEY)
    for delivery, text in cut.answers[who]:
        page = open_link(company, f"/a/{tokens.sign(delivery)}")
        assert page.status == (404 if sees([text]) & lost else 200), text
        assert not sees([page.text]) & lost


def test_the_home_forgets_the_window(company: Company, cut: Cut) -> None:
    """Opened again, the App Home shows what is left."""
    now = homes(company)
    assert not knows_hr(now[EMPLOYEE])
    assert knows_hr(now[BOSS])


def test_who_was_cut_off_is_not_bound_again_by_itself(company: Company, cut: Cut) -> None:
    """Of the accounts that were bound only the one person's who stayed still are."""
    rows = company.office.query("select distinct employee_number from identities where employee_number is not null")
    assert rows == [("A1",)]


# --- the channel's list ---


@pytest.fixture(scope="module")
def unlisted(company: Company, cut: Cut) -> tuple[list[str], Said]:
    """The channel is taken out of the window's file, and the processes, which read it once, are started anew."""
    links = addresses(company.got[LISTED])
    assert {open_link(company, url).status for url in links} == {200}
    write_windows(company.office.company, "[]")
    company.office.run("sync")
    company.office.stop()
    company.office.processes.clear()
    company.office.start_web()
    company.office.start_worker()
    before = len(slack_got(company, CHANNEL))
    for question in QUESTIONS:
        in_channel(company, CHANNEL, BOSS, question)
    company.settled()
    return links, slack_got(company, CHANNEL)[before:]


def test_a_channel_that_is_not_listed_any_more_gets_nothing(company: Company, unlisted: tuple[list[str], Said]) -> None:
    """Neither new answers nor what the links of the old ones opened."""
    links, said = unlisted
    assert any(said_as("channel_unknown") in text for text in said)
    assert sees(said) == NOTHING
    assert not knows_hr(said)
    pages = [open_link(company, url) for url in links] + [open_link(company, f"{url}.png") for url in links]
    assert {page.status for page in pages} == {404}
