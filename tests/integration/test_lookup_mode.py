"""Look-ups in conversation: from a person's words to records and back, with rights, pages, and slots asked in turn."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from acceptance.command import write_window
from integration.talking import (
    BOTH_CHANNEL,
    FANG,
    HR_CHANNEL,
    SERVED,
    Talk,
    event,
    line_group,
    line_person,
    slack_channel,
    slack_person,
)

from bots.conversations.answering import Asker
from bots.conversations.handled import Here
from bots.conversations.handler import Handler
from bots.conversations.lookups.http import HttpReader
from bots.conversations.lookups.load import load_data
from bots.conversations.lookups.lookups import Lookups
from bots.conversations.lookups.mode import LookupMode
from bots.conversations.modes import Intent, Modes, Recognised
from bots.messages import Choice, InboundEvent, Kind, Place, Reply, Table
from bots.windows.load import load_windows
from bots.windows.modes.values import PersonRef
from bots.windows.sources import load_sources
from rag_core.search.search import Searcher

TAIPEI = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
HR = """
  balance:
    title: {zh-TW: 特休餘額, en: Leave balance}
    sql: balance.sql
    reply: 你還有 {days} 天特休，{expires} 到期。
    forms: [leave, secret]
  attendance:
    title: 出勤
    sql: attendance.sql
    slots: [{name: day, type: date, label: 日期}]
    columns: {day: 日期, clock: 上班時間}
    none: 那天沒有出勤紀錄。
  salaries: {title: 薪資表, sql: salaries.sql, serves: [managers]}
  roster:
    title: 通訊錄
    sql: roster.sql
    page: 3
    slots:
      - {name: team, type: choice, label: 部門, choices_from: teams}
      - {name: word, label: 關鍵字, optional: true}
    columns: {name: 姓名, ext: 分機}
  teams: {sql: teams.sql}
  colleague: {title: 同事, sql: colleague.sql, slots: [{name: who, type: person, label: 哪位}], reply: "{name}"}
  lately: {title: 近況, sql: lately.sql, slots: [{name: since, type: date, label: 起日, default: 昨天}]}
  mine: {title: 我的部門, sql: mine.sql, slots: [{name: team, label: 部門, default: "{team}", defaults_from: my_team}]}
  my_team: {sql: my_team.sql}
  endless: {title: 很慢, sql: endless.sql}
"""
SALES = """
  orders:
    title: {zh-TW: 訂單進度, en: Order status}
    sql: orders.sql
    slots: [{name: order_no, label: 訂單編號, pattern: "S[0-9]+", example: S1}]
    reply: 訂單 {order_no}：{state}，{total} 元。
"""
FORMS = """
  leave: {title: 請假單, fields: [{name: reason, label: 事由}]}
  secret: {title: 密件, serves: [managers], fields: [{name: reason, label: 事由}]}
"""
FILES = {
    "balance.sql": "select days, expires from balances where employee_number = :person",
    "attendance.sql": "select day, clock from attendance where employee_number = :person and day = :day",
    "salaries.sql": "select employee_number, days as salary from balances order by 1",
    "roster.sql": "select name, ext from roster where team = :team and (:word is null or name = :word) order by name",
    "teams.sql": "select distinct team from roster order by team",
    "colleague.sql": "select name from roster where name = :who",
    "lately.sql": "select :since as since",
    "mine.sql": "select :team as team",
    "my_team.sql": "select '業務' as team where :person = 'A3'",
    "endless.sql": "select count(*) from generate_series(1, 100000000000)",
    "orders.sql": "select order_no, state, total from orders where order_no = :order_no",
}
DATA = {
    "balances.csv": "employee_number,days,expires\nA1,30,2026-12-31\nA3,14,2026-12-31\n",
    "attendance.csv": "employee_number,day,clock\nA3,2026-11-28,08:55\nA3,2026-11-27,09:10\nA1,2026-11-28,07:00\n",
    "roster.csv": "name,team,ext\n甲,業務,101\n乙,業務,102\n丙,業務,103\n丁,業務,104\n戊,研發,201\n",
    "orders.csv": "order_no,state,total\nS1,已出貨,12800\n",
}
WORDS = {
    "我還有幾天特休": ("hr", "balance"),
    "How many leave days do I have left?": ("hr", "balance"),
    "查出勤": ("hr", "attendance"),
    "昨天的出勤": ("hr", "attendance"),
    "薪資表": ("hr", "salaries"),
    "通訊錄": ("hr", "roster"),
    "業務的通訊錄": ("hr", "roster"),
    "查同事": ("hr", "colleague"),
    "近況": ("hr", "lately"),
    "我的部門": ("hr", "mine"),
    "很慢": ("hr", "endless"),
    "查訂單": ("sales", "orders"),
}


def recognise(here: Here) -> Recognised:
    found = WORDS.get(here.event.text.strip())
    return Recognised(Intent("lookup", *found)) if found else Recognised()


@dataclass
class Desk:
    """A company that is talked with, with look-ups."""

    talk: Talk
    mode: LookupMode

    def ask(self, place: Place, text: str) -> Reply:
        return self.talk.ask(place, text)

    def tap(self, place: Place, choice: Choice | str) -> Reply:
        data = choice if isinstance(choice, str) else choice.data
        return self.talk.ask(place, kind=Kind.POSTBACK, data=data)

    def pick(self, place: Place, data: str, picked: str) -> Reply:
        """Tap a picker; the harness's bodies do not keep what was picked, so this goes past the inbox."""
        tapped = event(place, kind=Kind.POSTBACK, data=data, picked=picked)
        return self.handled(tapped)

    def handled(self, told: InboundEvent) -> Reply:
        handled = self.talk.handler.handle(told, lambda _: None)
        with self.talk.database.viewer(handled.viewer.groups, handled.viewer.reader) as viewer:
            for effect in handled.effects:
                effect(viewer)
        assert handled.reply is not None
        return handled.reply


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two windows with look-ups and their data."""
    folder = tmp_path_factory.mktemp("mode") / "company"
    for below, files in (("lookups", FILES), ("data", DATA)):
        for name, text in files.items():
            (folder / below).mkdir(parents=True, exist_ok=True)
            (folder / below / name).write_text(text, encoding="utf-8")
    (folder / "company.yaml").write_text("name: A\nsources: {company: {timeout_s: 1}}\n", encoding="utf-8")
    (folder / "documents").mkdir()
    (folder / "documents" / "x.md").write_text("# x", encoding="utf-8")
    knowledge = ["{path: ../documents/x.md}"]
    write_window(folder, "hr", knowledge, serves="employees, managers", lookups=HR, forms=FORMS)
    write_window(folder, "sales", knowledge, serves="customers, employees", lookups=SALES)
    return folder


@pytest.fixture
def desk(talk: Talk, company: Path) -> Desk:
    """The conversation layer with the look-ups in it; Fang is bound on LINE and Slack."""
    with psycopg.connect(talk.url, autocommit=True) as owner:
        assert load_data(owner, company).faults == ()
    sources = load_sources(company, {}).sources
    lookups = Lookups(talk.database, company, sources, HttpReader({}, frozenset()), TAIPEI)
    people = {"方思齊": PersonRef("A3", "方思齊"), "甲": PersonRef("甲", "甲")}
    mode = LookupMode(
        talk.database, lookups, TAIPEI, lambda text: [people[text]] if text in people else [], lambda: NOW
    )
    modes = Modes(
        taps={"lookup": mode.tap, "more": mode.more},
        in_progress=(mode.goes_on,),
        begins={"lookup": mode.begin},
        recognise=recognise,
        cancels=(mode.cancel,),
    )
    searcher = Searcher(talk.database, embedder=None, reranker=None)
    asker = Asker(talk.answers, searcher)  # type: ignore[arg-type]
    windows = load_windows(company)
    talk.handler = Handler(talk.database, windows, SERVED, talk.viewers, asker, lambda _: None, "A公司", modes)
    talk.clerk = talk.another_clerk()
    talk.bind(line_person(), FANG)
    talk.bind(slack_person(), FANG)
    return Desk(talk, mode)


def labels(reply: Reply) -> list[str]:
    return [choice.label for choice in reply.choices]


@pytest.mark.parametrize("place", [line_person(), slack_person()])
def test_one_record_is_told_in_a_sentence(desk, place):
    """Of the person who asks, with the forms that are open to them below."""
    reply = desk.ask(place, "我還有幾天特休")
    assert reply.text == "你還有 14 天特休，2026/12/31（四） 到期。"
    assert reply.choices == (Choice("請假單", data="form=hr/leave"),)
    assert (reply.window, reply.tables) == ("hr", ())


def test_what_was_found_is_not_kept_in_the_history(desk):
    """A turn tells that it was looked up, not what came of it."""
    desk.ask(line_person(), "我還有幾天特休")
    rows = desk.talk.rows("select window_name, question, answer, refused, generator from turns")
    assert rows == [("hr", "我還有幾天特休", "特休餘額", False, "lookup")]


@pytest.mark.parametrize(
    ("place", "says"),
    [(line_person("Uother"), "請輸入綁定碼"), (slack_person("UNEW"), "目前沒有對您開放")],
)
def test_somebody_we_do_not_know_is_told_how_to_bind(desk, place, says):
    """And finds out nothing: the window of employees is not even open to them."""
    if place.platform == "line":
        told = event(place, "我還有幾天特休")
        here = replace(_here(desk, told), windows=tuple(desk.talk.handler._windows.values()))
        handled = desk.mode.begin(here, Intent("lookup", "hr", "balance"))
        assert handled.reply is not None
        assert says in handled.reply.text
        assert handled.turns == ()
    else:
        assert "14" not in desk.ask(place, "我還有幾天特休").text


def test_on_the_web_somebody_is_asked_to_sign_in(desk):
    """And another system is told that it cannot be known there."""
    for platform, says in (("web", "請先登入"), ("api", "無法確認身分")):
        place = Place(platform, platform, "visitor", direct=True)  # type: ignore[arg-type]
        told = event(place, "我還有幾天特休", groups=frozenset({"employees"}))
        here = replace(_here(desk, told), windows=tuple(desk.talk.handler._windows.values()))
        handled = desk.mode.begin(here, Intent("lookup", "hr", "balance"))
        assert says in handled.reply.text


@pytest.mark.parametrize("text", ["我還有幾天特休", "查出勤"])
def test_in_a_channel_nobodys_own_data_are_shown(desk, text):
    """Others read it too: the person is asked to write directly."""
    place = slack_channel(HR_CHANNEL, thread="1.1")
    reply = desk.talk.ask(place, text, sender="UEMP", addressed=True)
    assert "請私訊我" in reply.text
    assert reply.tables == ()


def test_in_a_group_on_line_the_employees_windows_are_not_open(desk):
    """Nobody can know who is in it."""
    group = line_group()
    handled = desk.mode.begin(_here(desk, event(group, "特休")), Intent("lookup", "hr", "balance"))
    assert "按鈕已經失效" in handled.reply.text


def test_a_look_up_of_managers_is_not_open_to_others(desk):
    """By words or by a tap with its name."""
    assert desk.ask(line_person(), "薪資表").text == "這項查詢沒有對您開放。"
    assert desk.tap(line_person(), "lookup=hr/salaries").text == "這項查詢沒有對您開放。"
    assert desk.tap(line_person(), "more=hr/salaries/1").text == "這項查詢沒有對您開放。"
    in_channel = desk.talk.ask(slack_channel(HR_CHANNEL, thread="1.2"), "薪資表", sender="UEMP", addressed=True)
    assert in_channel.tables == ()


def test_a_slot_is_taken_from_the_words(desk):
    """「昨天的出勤」 needs no question."""
    reply = desk.ask(line_person(), "昨天的出勤")
    assert reply.tables == (Table(("日期", "上班時間"), (("2026/11/28（六）", "08:55"),)),)
    assert reply.text == "「出勤」"


def test_a_slot_that_lacks_is_asked_for(desk):
    """With days to tap and a picker; the answer is looked up, and nothing is asked any more."""
    place = line_person()
    reply = desk.ask(place, "查出勤")
    assert reply.text == "「出勤」：請告訴我日期。"
    assert labels(reply) == ["今天", "昨天", "明天", "選日期", "取消"]
    assert reply.choices[3] == Choice("選日期", data="lookup=hr/attendance/day", picker="date")
    assert desk.ask(place, "昨天").tables[0].rows == (("2026/11/28（六）", "08:55"),)
    assert desk.talk.value("select count(*) from lookup_asks where asking is not null") == 0


def test_a_picked_day_answers_what_was_asked(desk):
    """Once; then the picker no longer works, nor does one that was not asked for."""
    place = line_person()
    desk.ask(place, "查出勤")
    assert "失效" in desk.pick(place, "lookup=hr/roster/team", "2026-11-27").text
    assert desk.pick(place, "lookup=hr/attendance/day", "2026-11-27").tables[0].rows == (("2026/11/27（五）", "09:10"),)
    assert "失效" in desk.pick(place, "lookup=hr/attendance/day", "2026-11-28").text


def test_what_is_not_understood_is_asked_again_and_then_let_go(desk):
    """A question meanwhile is answered as one; twice something else means something else."""
    place = line_person()
    desk.ask(place, "查出勤")
    assert desk.ask(place, "特休有幾天？").tables == ()
    assert "看不出是哪一天" in desk.ask(place, "蘋果").text
    questions = len(desk.talk.answers.questions)
    desk.ask(place, "香蕉")
    assert len(desk.talk.answers.questions) == questions + 1
    assert desk.ask(place, "昨天").tables[0].rows == (("2026/11/28（六）", "08:55"),)


@pytest.mark.parametrize("word", ["取消", "不用了"])
def test_cancelling_ends_the_asking(desk, word):
    """What is written next is a message of its own."""
    place = line_person()
    desk.ask(place, "查出勤")
    assert desk.ask(place, word).text == "好的，不查「出勤」了。"
    assert desk.ask(place, "昨天").tables == ()
    assert desk.mode.cancel(_here(desk, event(place, "取消"))) is None


def test_what_was_asked_an_hour_ago_is_forgotten(desk):
    """And goes from the table with the next one."""
    place = line_person()
    desk.ask(place, "查出勤")
    desk.talk.change("update lookup_asks set at = now() - interval '61 minutes'")
    assert desk.ask(place, "昨天").tables == ()
    desk.ask(place, "查同事")
    assert desk.talk.value("select count(*) from lookup_asks") == 1


def test_a_fresh_start_and_a_message_taken_back_end_the_asking(desk):
    """What is written then is a message of its own."""
    place = line_person()
    desk.ask(place, "查出勤")
    desk.ask(place, "重新開始")
    assert desk.ask(place, "昨天").tables == ()
    asked = desk.talk.say(place, "查出勤")
    desk.talk.say(place, kind=Kind.UNSEND, message_id=asked.message_id)
    assert desk.ask(place, "昨天").tables == ()
    desk.ask(place, "查同事")
    assert desk.talk.value("select count(*) from lookup_asks") == 1


def test_nobody_answers_for_somebody_else(desk):
    """What is asked belongs to conversation and reader."""
    desk.ask(line_person(), "查出勤")
    assert desk.ask(slack_person(), "昨天").tables == ()
    with desk.talk.database.viewer({"employees"}, "person:A1") as viewer:
        assert viewer.connection.execute("select count(*) from lookup_asks").fetchone() == (0,)


def test_pages_are_looked_up_again_with_the_rights_of_the_moment(desk):
    """ "More" shows the next ones; the slots are kept by an id, the records nowhere."""
    place = line_person()
    first = desk.ask(place, "業務的通訊錄")
    assert first.text == "「通訊錄」第 1 到 3 筆，共 4 筆。"
    assert len(first.tables[0].rows) == 3
    (more,) = first.choices
    assert more.label == "看更多"
    assert "業務" not in more.data
    assert len(more.data) < 100
    second = desk.tap(place, more)
    assert (second.text, len(second.tables[0].rows), second.choices) == ("「通訊錄」第 4 到 4 筆，共 4 筆。", 1, ())
    assert "失效" in desk.tap(line_person("Uother", "shop"), more).text
    desk.talk.change("update people set groups = '{customers}'")
    assert desk.tap(place, more).tables == ()


@pytest.mark.parametrize(
    "data",
    [
        "more=hr/roster/3/not-mine",
        "more=hr/roster/-1",
        "more=hr/roster/99999999999999999999",
        "more=hr/roster/٣",
        "more=hr/roster",
        "more=",
        "more=hr/nothing/1",
        "lookup=",
        "lookup=hr",
        "lookup=hr/",
        "lookup=hr/nothing",
        "lookup=nothing/balance",
        "lookup=../../etc/passwd",
        "lookup=hr/attendance/day",
        "lookup=hr/balance' or 1=1",
        "more=hr/balance/0/'; drop table people; --",
        "more=hr/balance/0/\x00",
    ],
)
def test_a_forged_tap_finds_nothing(desk, data):
    """It gets a sentence."""
    reply = desk.pick(line_person(), data, "")
    assert "失效" in reply.text
    assert reply.tables == ()


def test_choices_are_looked_up_and_shown_to_tap(desk):
    """What the table has at this moment."""
    place = line_person()
    reply = desk.ask(place, "通訊錄")
    assert reply.text == "「通訊錄」：請選擇部門，或直接輸入。"
    assert labels(reply) == ["業務", "研發", "取消"]
    assert reply.choices[1] == Choice("研發", say="研發")
    assert desk.ask(place, "研發").tables == (Table(("姓名", "分機"), (("戊", "201"),)),)


def test_a_person_is_asked_for_by_name(desk):
    """Whoever is not known is asked for again."""
    place = line_person()
    desk.ask(place, "查同事")
    assert "找不到" in desk.ask(place, "無名氏").text
    assert desk.ask(place, "甲").text == "甲"


def test_a_slot_with_a_default_is_not_asked_for(desk):
    """ "昨天" is the day before this one; what a look-up knows of the person is theirs."""
    assert desk.ask(line_person(), "近況").tables[0].rows == (("2026/11/28（六）",),)
    assert desk.ask(line_person(), "我的部門").tables[0].rows == (("業務",),)


def test_nothing_found_is_said_in_the_files_words(desk):
    """Or in ours."""
    place = line_person()
    desk.ask(place, "查出勤")
    assert desk.ask(place, "2026-01-02").text == "那天沒有出勤紀錄。"
    desk.talk.change("delete from company.balances")
    assert desk.ask(place, "我還有幾天特休").text == "「特休餘額」查不到資料。"


def test_a_slow_source_is_a_sentence_with_whom_to_ask(desk):
    """And a tap to try again."""
    reply = desk.ask(line_person(), "很慢")
    assert "回應太慢" in reply.text
    assert "人資部" in reply.text
    assert reply.choices == (Choice("很慢", data="lookup=hr/endless"),)


def test_customers_look_up_what_is_open_to_them(desk):
    """A value that the pattern does not take is asked for again; numbers have their thousands."""
    place = line_person("Ucustomer", "shop")
    desk.ask(place, "查訂單")
    again = desk.ask(place, "'; drop table orders; --")
    assert "請再告訴我訂單編號一次" in again.text
    assert desk.ask(place, "S1").text == "訂單 S1：已出貨，12,800 元。"


def test_a_window_may_be_looked_up_in_a_channel_if_it_is_nobodys_own(desk):
    """The channel's groups count, and the thread goes on with what is asked."""
    place = slack_channel(BOTH_CHANNEL, thread="2.1")
    desk.talk.ask(place, "查訂單", sender="UEMP", addressed=True)
    reply = desk.talk.ask(place, "S1", sender="UEMP", addressed=False)
    assert reply.text == "訂單 S1：已出貨，12,800 元。"


@pytest.mark.parametrize(
    "value",
    [
        "'; drop table company.roster; --",
        "%s %(person)s",
        "{word} {person.__class__}",
        "::int",
        "x" * 1900,
        "\u202e特休🏖",
    ],
)
def test_hostile_words_in_a_slot_are_only_words(desk, value):
    """Nothing is found, nothing happens, and the conversation goes on."""
    place = line_person()
    desk.ask(place, "查同事")
    desk.ask(place, value)
    assert desk.talk.value("select count(*) from company.roster") == 5
    assert desk.ask(place, "我還有幾天特休").text.startswith("你還有 14 天")


def test_english_is_answered_in_english(desk):
    """The title in that language; the file's own sentence as it is."""
    reply = desk.ask(line_person(), "How many leave days do I have left?")
    assert reply.language == "en"
    assert "2026-12-31 (Thu)" in reply.text


def test_an_answer_in_no_language_is_taken_in_that_of_the_question(desk):
    """An order number is no English."""
    place = line_person("Ucustomer", "shop")
    desk.ask(place, "查訂單")
    assert desk.ask(place, "S1").language == "zh-TW"
    desk.ask(place, "查訂單")
    assert desk.ask(place, "S404").text == "「訂單進度」查不到資料。"


def _here(desk: Desk, told: InboundEvent) -> Here:
    return desk.talk.handler._here(told)
