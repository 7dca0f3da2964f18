"""Conversations from what somebody says to what arrives, over the real inbox, clerk and outbox."""

from time import sleep

import pytest
from integration.talking import (
    CLERK_OF_HR,
    FANG,
    LEAVE,
    LEAVE_SAYS,
    RETURNS,
    RETURNS_SAYS,
    SICK,
    SICK_SAYS,
    Talk,
    event,
    line_person,
    older,
    slack_channel,
)

from bots.conversations.inbox import store as inbox
from bots.messages import FileOffer, InboundEvent, Kind, Reply

ME, OTHER = line_person(), line_person("Uother")


@pytest.fixture
def hr(talk: Talk) -> Talk:
    """A company where the person who writes on LINE is bound to an employee, and another person to another."""
    talk.bind(ME, CLERK_OF_HR)
    talk.bind(OTHER, FANG)
    return talk


def tap(talk: Talk, data: str) -> Reply:
    """Tap a choice and return what it brings."""
    return talk.ask(ME, kind=Kind.POSTBACK, data=data)


# --- attempts ---


def test_an_attempt_that_was_overtaken_writes_nothing(hr):
    """Another clerk answers the same event meanwhile: its turn and its reply stand, once."""
    told = event(ME, LEAVE)
    hr.take_in(told)
    other = hr.another_clerk()

    def overtake(_question: str) -> None:
        hr.answers.before = lambda _: None
        other.handle_next(ME.conversation)

    hr.answers.before = overtake
    hr.clerk.handle_next(ME.conversation)
    written = hr.rows("select id, made_by, reply->>'text' from outbox")
    assert [row[1] for row in written] == [2]
    assert hr.rows("select delivery, question from turns") == [(written[0][0], LEAVE)]
    assert (hr.answers.questions, hr.state(told)) == ([LEAVE, LEAVE], "done")
    hr.work()
    assert hr.line.said == [written[0][2]]


def test_what_failed_three_times_says_sorry_and_is_answered_when_retried(hr):
    """The answer is a delivery of its own, not the one that said sorry."""

    def broken(_question: str) -> None:
        raise ZeroDivisionError

    hr.answers.before = broken
    told = event(ME, RETURNS)
    hr.take_in(told)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            hr.clerk.handle_next(ME.conversation)
    hr.work()
    assert (hr.state(told), [text[:8] for text in hr.line.said]) == ("failed", ["系統暫時無法回答"])
    hr.answers.before = lambda _: None
    number = hr.value("select id from inbox where event_id = %s", told.id)
    with hr.database.application() as connection:
        hr.queue.handle(connection, inbox.retry(connection, [number]))
    hr.take_in(event(ME, kind=Kind.IGNORED, token="spare", token_until=event(ME).token_until))
    hr.work()
    sorry, answer = hr.line.arrived
    assert RETURNS_SAYS in answer.reply.text
    assert (sorry.id != answer.id, hr.state(told), hr.outbox(told)) == (True, "done", "sent")


# --- edits and channels ---


def test_an_edited_message_is_answered_anew(hr):
    """The turn and the reply of what it said before are gone."""
    told = hr.say(ME, LEAVE)
    reply = hr.ask(ME, SICK, kind=Kind.EDIT, message_id=told.message_id)
    assert SICK_SAYS in reply.text
    assert hr.rows("select question from turns") == [(SICK,)]
    assert hr.value("select count(*) from outbox where reply::text like %s", f"%{LEAVE_SAYS}%") == 0
    assert hr.value("select body is null from inbox where event_id = %s", told.id)


@pytest.mark.parametrize("thread", ["", "17.1"])
def test_what_people_say_to_each_other_is_neither_answered_nor_kept(talk, thread):
    """In a channel, and in a thread where we have not spoken."""
    told = talk.say(slack_channel(thread=thread), LEAVE, addressed=False)
    assert (talk.state(told), talk.slack.tried, talk.answers.questions) == ("done", [], [])
    assert talk.value("select body is null from inbox")


def test_in_a_thread_where_we_spoke_no_mention_is_needed(talk):
    """The thread's history counts: what the follow-up leaves out is taken from there."""
    thread = slack_channel(thread="17.1")
    talk.say(thread, LEAVE)
    talk.say(thread, "那病假呢？", addressed=False)
    assert [LEAVE_SAYS in talk.slack.said[0], SICK_SAYS in talk.slack.said[1]] == [True, True]
    assert talk.slack.arrived[1].place.thread == "17.1"


# --- commands ---


@pytest.mark.parametrize("text", ["窗口", "選單", " /Help ", "menu。"])
def test_the_menu_shows_the_windows_as_cards(hr, text):
    """However it is typed; each card leads to its window."""
    reply = hr.ask(ME, text)
    assert [(card.title, card.choices[0].data) for card in reply.cards] == [
        ("hr", "window=hr"),
        ("sales", "window=sales"),
    ]
    assert [choice.data for choice in reply.choices] == ["window="]
    assert hr.answers.questions == []


def test_a_new_conversation_takes_up_nothing(hr):
    """The last question cannot be asked again elsewhere."""
    hr.say(ME, LEAVE)
    assert hr.ask(ME, "開新對話").text == "好的，我們重新開始。"
    assert tap(hr, "ask=sales").text.startswith("已切換到")
    assert hr.answers.questions == [LEAVE]


def test_who_unbinds_is_a_customer(hr):
    """At once; binding again is explained."""
    assert hr.ask(ME, "解除綁定").text.startswith("已解除綁定")
    assert hr.ask(ME, "解除綁定").text == "這個帳號沒有綁定。"
    assert hr.ask(ME, "綁定").text.startswith("請輸入綁定碼")
    assert [card.title for card in hr.ask(ME, "窗口").cards] == ["sales"]


# --- taps ---


def test_a_chosen_window_answers_until_the_choice_is_taken_back(hr):
    """Also what another window knows better."""
    chosen = tap(hr, "window=sales")
    assert (chosen.text[:4], chosen.window, chosen.suggestions) == ("已切換到", "sales", (RETURNS,))
    assert hr.ask(ME, LEAVE).window == "sales"
    assert tap(hr, "window=").text.startswith("好的，之後會自動")
    reply = hr.ask(ME, LEAVE)
    assert (reply.window, LEAVE_SAYS in reply.text) == ("hr", True)


def test_the_last_question_is_asked_again_in_another_window(hr):
    """This once: the next one finds its window by itself."""
    reply = hr.ask(ME, RETURNS)
    assert [choice.data for choice in reply.choices] == ["ask=hr"]
    again = tap(hr, "ask=hr")
    assert (again.window, [choice.data for choice in again.choices]) == ("hr", ["ask=sales"])
    assert hr.answers.questions == [RETURNS, RETURNS]
    assert hr.ask(ME, RETURNS).window == "sales"


def test_a_tap_on_all_windows_shows_them(hr):
    """As the command does."""
    assert [card.title for card in tap(hr, "windows").cards] == ["hr", "sales"]


@pytest.mark.parametrize("data", ["window=hr", "ask=hr", "window=gone", "whatever", ""])
def test_an_old_button_says_so(talk, data):
    """One of a window that is not open to a customer does nothing either."""
    assert tap(talk, data).text.startswith("這個按鈕已經失效")
    assert talk.value("select count(window_name) from conversations") == 0


# --- several questions ---


def test_two_questions_in_one_message_get_both_answers(hr):
    """Each from its window, in one reply, the sources numbered through."""
    reply = hr.ask(ME, f"您好\n1. {LEAVE}\n2. {RETURNS}")
    first, second = reply.text.split("\n\n")
    last = len(reply.sources)
    assert [LEAVE_SAYS in first, "[1]" in first, RETURNS_SAYS in second, f"[{last}]" in second] == [True] * 4
    assert [source.number for source in reply.sources] == list(range(1, last + 1))
    assert hr.rows("select window_name from turns order by ordinal") == [("hr",), ("sales",)]
    assert len(hr.line.arrived) == 1


# --- files, coming, going ---


def offered(place, name: str = "新規定.pdf") -> InboundEvent:
    until = event(place).token_until
    return event(place, kind=Kind.FILE, file=FileOffer("f1", name, "application/pdf"), token="t", token_until=until)


def test_an_offered_file_is_kept_once(hr):
    """However often the platform tells of it."""
    hr.line.files["f1"] = b"%PDF"
    told = offered(ME)
    hr.take_in(told)
    hr.take_in(told)
    hr.work()
    assert hr.rows("select name, content, window_name from offers") == [("新規定.pdf", b"%PDF", "hr")]
    assert "已收下「新規定.pdf」" in hr.line.said[0]


@pytest.mark.parametrize(("place", "says"), [(OTHER, "請洽人資部"), (line_person("Unew"), "這裡只收文字問題")])
def test_others_files_are_declined(hr, place, says):
    """Those of employees who may not offer any, and of customers."""
    hr.line.files["f1"] = b"%PDF"
    hr.take_in(offered(place))
    hr.work()
    assert says in hr.line.said[0]
    assert hr.value("select count(*) from offers") == 0


def test_who_comes_is_greeted_with_cards(hr):
    """Those of the windows that are open to them."""
    reply = hr.ask(ME, kind=Kind.FOLLOW)
    assert reply.text.startswith("您好，我是A公司的窗口")
    assert [card.title for card in reply.cards] == ["hr", "sales"]


def test_who_goes_gets_nothing_that_waited(talk):
    """It is withdrawn, and does not come along when they come back."""
    told = older(event(ME, RETURNS), 60)
    talk.take_in(told)
    talk.work()
    assert talk.outbox(told) == "parked"
    talk.say(ME, kind=Kind.UNFOLLOW)
    assert talk.outbox(told) == "withdrawn"
    assert RETURNS_SAYS not in talk.ask(ME, kind=Kind.FOLLOW).text


# --- feedback ---


def test_only_the_reader_rates_a_reply(hr):
    """Another person's tap, a forged id and an unknown rating change nothing."""
    hr.say(ME, LEAVE)
    delivery = hr.line.arrived[0].id
    hr.say(OTHER, kind=Kind.FEEDBACK, data=f"up:{delivery}")
    hr.say(ME, kind=Kind.FEEDBACK, data="up:no-id")
    hr.say(ME, kind=Kind.FEEDBACK, data=f"best:{delivery}")
    assert hr.rows("select feedback from turns") == [(None,)]
    hr.say(ME, kind=Kind.FEEDBACK, data=f"down:{delivery}")
    assert hr.rows("select feedback from turns") == [("down",)]


def test_a_slow_answer_is_shown_to_be_in_the_making_and_a_quick_one_is_not(hr):
    """The animation ends with the next message: begun after the answer, it would go on for a minute."""
    asked = event(ME, LEAVE)
    hr.answers.before = lambda _: None if hr.line.at_it else sleep(1.5)
    hr.take_in(asked)
    hr.work()
    assert [one.id for one in hr.line.at_it] == [asked.id]
    hr.ask(ME, SICK)
    sleep(1.0)
    assert len(hr.line.at_it) == 1
