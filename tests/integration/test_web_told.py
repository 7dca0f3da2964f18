"""What people are told on the page without asking: once, in its order, with taps that work, in whatever browser."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from integration.approving import BOSS, CLERK_OF_HR, FANG, Company
from integration.talking import LEAVE, Talk

from bots.conversations import notices
from bots.conversations.desk import Desk
from bots.errors import NotServed
from bots.messages import Reply, Visitor
from bots.ports import Asked, News
from rag_core.database import Database

STAFF = frozenset({"employees"})
AT_HOME = Visitor("fang-at-home", STAFF, FANG)
BOSSES = Visitor("boss-laptop", frozenset({"employees", "managers"}), BOSS)
BOSSES_PHONE = Visitor("boss-phone", BOSSES.groups, BOSS)
STRANGER = Visitor("stranger", STAFF)  # signed in as nobody in particular


@dataclass
class WebCompany(Company):
    """The company whose people have no account anywhere, and come to the page."""

    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.talk.change("delete from identities")
        for who in (AT_HOME, BOSSES):
            self.talk.desk.come(who, "zh-TW")

    def taps(self, who: Visitor, data: str) -> Reply:
        """Tap on the page of hr, and return what is said to it."""
        message = f"m{next(self.numbers)}"
        self.talk.desk.tap(who, "hr", message, "tap", data, "zh-TW")
        self.talk.work()
        reply = next(one.reply for one in self.talk.desk.asked(who, "hr") if one.id == message)
        assert reply is not None
        return reply

    def requests(self, form: str = "leave", who: Visitor = AT_HOME) -> int:
        self.taps(who, f"file={form}/{json.dumps({'days': '1', 'reason': '搬家'})}")
        return int(self.talk.value("select max(id) from submissions"))

    def told(self, who: Visitor, window: str = "hr") -> list[Asked]:
        return [one for one in self.talk.desk.asked(who, window) if one.told]


@pytest.fixture
def company(talk: Talk) -> WebCompany:
    return WebCompany(talk)


def approve(told: Asked) -> str:
    assert told.reply is not None
    return next(one.data for card in told.reply.cards for one in card.choices if one.label == "核准")


def test_an_approval_is_asked_for_and_told_on_the_page(company):
    """The approver's page asks, in any browser of theirs; the requester's says what came of it."""
    submission = company.requests()
    [asked] = company.told(BOSSES)
    assert (asked.question, "事由：搬家" in asked.reply.cards[0].text) == ("", True)
    assert company.told(BOSSES_PHONE) == [asked]
    assert company.taps(BOSSES_PHONE, approve(asked)).text.startswith("已核准 HR-LEAVE")
    assert company.state(submission) == "approved"
    [outcome] = company.told(AT_HOME)
    assert "已核准" in outcome.reply.text
    assert "已由 沈若蘭" in company.taps(BOSSES, approve(asked)).text
    assert len(company.told(AT_HOME)) == 1


def test_everything_stands_in_its_order(company):
    """A question before, the notice, a question after; what was told elsewhere is not among it."""
    company.talk.desk.put(BOSSES, "hr", "before", LEAVE, "zh-TW")
    company.talk.work()
    company.requests()
    company.talk.desk.put(BOSSES, "hr", "after", LEAVE, "zh-TW")
    company.talk.work()
    assert [one.question for one in company.talk.desk.asked(BOSSES, "hr")] == [LEAVE, "", LEAVE]
    assert company.told(BOSSES, "sales") == []


def test_what_is_told_twice_is_told_once(company):
    """Under its key, for ever; a worker that died over it left nothing behind."""
    company.talk.work()
    with company.talk.database.application() as connection:
        targets = notices.reachable(connection, [BOSS], "hr").values()
        again = [notices.tell(connection, company.talk.queue, targets, "task=1", "task:1") for _ in range(2)]
    assert again == [1, 0]
    company.talk.lose_jobs()
    company.talk.sweeper.sweep()
    company.talk.work()
    assert company.talk.value("select count(*) from inbox where kind = 'notice'") == 1


def test_news_count_until_they_are_shown(company):
    """At their window; the newest one's id tells an open page that it is not up to date."""
    assert company.talk.desk.news(BOSSES, "hr") == News({})
    company.requests()
    company.requests()
    news = company.talk.desk.news(BOSSES, "sales")
    assert news == News({"hr": 2})
    assert company.talk.desk.news(BOSSES) == news
    newest = company.told(BOSSES)[-1].id
    assert company.talk.desk.news(BOSSES_PHONE, "hr") == News({}, newest)
    company.requests()
    later = company.talk.desk.news(BOSSES, "hr")
    assert (later.waiting, later.newest != newest) == ({"hr": 1}, True)


def test_news_are_nobody_elses(company):
    """Neither another person's, nor a visitor's without a name; nor of a window that does not serve them."""
    company.requests()
    for who in (AT_HOME, STRANGER, Visitor(BOSSES.id, STAFF)):
        assert (company.talk.desk.news(who, "hr"), company.told(who)) == (News({}), [])
    customer = Visitor("c", frozenset({"customers"}))
    assert company.talk.desk.news(customer) == News({})
    with pytest.raises(NotServed):
        company.talk.desk.news(customer, "hr")


def test_whoever_has_an_account_is_told_there(company):
    """And not on the page: nothing is told twice."""
    company.talk.bind(company.at(BOSS), BOSS)
    company.requests()
    assert (len(company.heard(BOSS)), company.told(BOSSES)) == (1, [])


def test_whoever_was_never_there_or_long_ago_is_not_reached(company):
    """It stands in the log, and waits in the list of tasks; someone who has left the company cannot come."""
    company.talk.change("update web_presence set seen_at = now() - interval '31 days'")
    company.requests()
    assert company.talk.value("select count(*) from audit_log where action = 'not_reached' and actor = %s", BOSS) == 1
    company.talk.desk.come(BOSSES, "en")
    company.talk.desk.come(Visitor("x", STAFF, "A999"), "zh-TW")
    company.requests()
    [asked] = company.told(BOSSES)
    assert "HR-LEAVE-2026-0002" in asked.reply.cards[0].title
    assert asked.reply.language == "en"


def test_what_waits_is_told_when_its_approver_comes_for_the_first_time(company):
    """Who had never been there is asked then, once; what was decided meanwhile is not asked for any more."""
    company.talk.change("delete from web_presence where employee_number = %s", BOSS)
    waits, over = company.requests(), company.requests()
    company.sweeper.sweep()
    company.talk.work()
    assert company.told(BOSSES) == []
    company.talk.change("update approval_tasks set state = 'cancelled' where submission = %s", over)
    company.talk.desk.come(BOSSES, "zh-TW")
    for _ in range(2):
        company.sweeper.sweep()
        company.talk.work()
    [asked] = company.told(BOSSES)
    assert company.taps(BOSSES, approve(asked)).text.startswith("已核准 HR-LEAVE")
    assert company.state(waits) == "approved"


def test_what_needs_an_answer_within_minutes_is_not_for_the_page(company):
    """Without a window nobody is reached there."""
    with company.talk.database.application() as connection:
        assert notices.reachable(connection, [BOSS]) == {}


def test_the_page_opens_while_the_database_is_away(company):
    """Who is there is noted the next time."""
    away = Database("postgresql://nobody@/nowhere?host=/nonexistent")
    Desk(company.windows, company.talk.intake, away, company.talk.bell, company.talk.pages).come(BOSSES, "zh-TW")
    away.close()


def test_who_files_on_the_page_without_a_name_hears_there(company):
    """In the conversation in which it was filed, and in no other of theirs."""
    submission = company.requests("repair", STRANGER)
    company.talk.bind(company.at(CLERK_OF_HR), CLERK_OF_HR)
    company.tap(CLERK_OF_HR, f"task={company.task(submission)}/skip")
    [outcome] = company.told(STRANGER)
    assert "HR-REPAIR" in outcome.reply.text
    assert company.talk.desk.news(STRANGER, "hr") == News({}, outcome.id)
    assert company.told(STRANGER, "sales") == []


def test_a_new_conversation_hides_what_was_told_before(company):
    """What is told later is shown again."""
    company.requests()
    company.talk.desk.forget(BOSSES, "hr")
    assert (company.told(BOSSES), company.talk.desk.news(BOSSES)) == ([], News({}))
    company.requests()
    assert len(company.told(BOSSES)) == 1


def test_what_is_told_of_a_window_that_does_not_serve_them_is_shown_at_the_first_that_does(company):
    """An approver whose session reads less than the window serves sees it all the same."""
    seen_at_sales = Visitor("boss-outside", frozenset({"customers"}), BOSS)
    company.requests()
    assert company.talk.desk.news(seen_at_sales).waiting == {"sales": 1}
    assert len(company.told(seen_at_sales, "sales")) == 1
