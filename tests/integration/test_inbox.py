"""The inbox: every event once, in its order, and gone when its sender takes it back."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from integration.talking import (
    CLERK_OF_HR,
    HR_CHANNEL,
    LEAVE,
    LEAVE_SAYS,
    RETURNS,
    RETURNS_SAYS,
    SICK,
    SICK_SAYS,
    Talk,
    arrival,
    event,
    line_group,
    line_person,
    slack_channel,
    slack_person,
)

from bots.conversations.inbox import store as inbox
from bots.conversations.inbox.intake import Intake
from bots.conversations.queue import Queue
from bots.errors import InboxUnavailable
from bots.messages import Again, Arrival, Kind, Profile
from rag_core.database import Database
from rag_core.errors import DatabaseUnavailable

ME = line_person()


@pytest.fixture
def hr(talk: Talk) -> Talk:
    """A company where the person who writes on LINE is bound to an employee."""
    talk.bind(ME, CLERK_OF_HR)
    return talk


# --- taking in ---


def test_an_event_that_comes_again_is_stored_once(talk):
    """Its key is known for ever: neither a second row nor a second job."""
    first = event(ME, LEAVE)
    assert [talk.take_in(first), talk.take_in(replace(first, text="another text"))] == [1, 0]
    assert talk.value("select count(*) from inbox") == 1
    assert talk.jobs() == [("handle", ME.conversation)]


def test_an_event_that_comes_from_many_sides_at_once_is_stored_once(talk):
    """Two web processes, sixteen threads, ten events each sent eight times: ten rows, ten jobs, ten counted as new."""
    events = [event(ME, f"question {number}") for number in range(10)]
    doors = [talk.intake, Intake(talk.database, talk.queue)]
    calls = [(doors[turn % 2], one) for turn in range(8) for one in events]
    with ThreadPoolExecutor(16) as pool:
        new = sum(pool.map(lambda call: call[0].take_in([arrival(call[1])]), calls))
    assert (new, talk.value("select count(*) from inbox"), len(talk.jobs())) == (10, 10, 10)


def test_of_two_equal_events_in_one_request_one_is_new(talk):
    """A platform may repeat itself within one webhook."""
    once = event(ME, LEAVE)
    assert talk.take_in(once, once) == 1


def test_the_same_id_at_another_account_is_another_event(talk):
    """Ids are unique within an account only."""
    here = event(line_person(account="staff"), LEAVE)
    there = replace(here, place=line_person(account="shop"))
    assert talk.take_in(here, there) == 2


def test_events_without_use_are_kept_and_make_no_work(talk):
    """Their keys count too: a redelivery is known."""
    nothing = event(ME, kind=Kind.IGNORED)
    assert (talk.take_in(nothing), talk.state(nothing), talk.jobs()) == (1, "ignored", [])


def test_one_event_that_no_database_can_hold_does_not_lose_the_others(talk):
    """Neither those of the same webhook nor those that share the transaction; the sender hears that it failed."""
    good, bad, other = event(ME, LEAVE), replace(event(ME, LEAVE), message_id="nul \x00"), event(ME, RETURNS)
    with pytest.raises(InboxUnavailable):
        talk.take_in(good, bad)
    with ThreadPoolExecutor(8) as pool:
        lots = [pool.submit(talk.take_in, event(ME, "x")) for _ in range(20)]
        poison = [pool.submit(talk.take_in, replace(event(ME, "x"), message_id="\x00")) for _ in range(3)]
        assert sum(one.result() for one in lots) == 20
        assert all(isinstance(one.exception(), InboxUnavailable) for one in poison)
    assert talk.take_in(other) == 1
    assert (talk.state(good), talk.state(other)) == ("pending", "pending")
    assert talk.value("select count(*) from inbox") == 22


def test_a_body_that_is_no_json_is_refused(talk):
    """Nothing of it is stored."""
    with pytest.raises(InboxUnavailable):
        talk.intake.take_in([Arrival(event(ME, LEAVE), "{")])
    assert talk.value("select count(*) from inbox") == 0


def test_a_database_that_is_away_refuses_what_comes(talk):
    """The platform hears no 200 and sends it again."""
    gone = talk.url.replace("/talk_", "/no_such_database_")
    away = Intake(Database(gone), Queue(gone))
    with pytest.raises(InboxUnavailable):
        away.take_in([arrival(event(ME, LEAVE))])
    assert away.take_in([]) == 0


# --- order ---


def test_a_conversation_is_answered_in_the_order_it_came(hr):
    """Jobs name a conversation: whichever runs, the oldest event is next."""
    questions = [LEAVE, SICK, RETURNS, LEAVE, SICK]
    hr.take_in(*(event(ME, text) for text in questions))
    hr.change("delete from procrastinate_jobs where mod(id, 2) = 0")  # a job that is lost costs time, never the order
    hr.work()
    hr.sweeper.sweep()
    hr.work()
    hr.sweeper.sweep()
    hr.work()
    assert hr.answers.questions == questions
    assert hr.value("select array_agg(question order by event) from turns") == questions


def test_an_event_that_is_locked_is_waited_for_and_not_passed_over(hr):
    """Reserving its token locks a row for a moment: the next event must not be answered before it."""
    first, second = event(ME, LEAVE), event(ME, SICK)
    hr.take_in(first, second)
    claims = []
    with hr.database.application() as busy:
        busy.execute("select 1 from inbox where event_id = %s for update", [first.id])
        clerk = threading.Thread(target=lambda: claims.append(_claim(hr)))
        clerk.start()
        clerk.join(0.5)
        waited = clerk.is_alive()
    clerk.join(10)
    assert (waited, [claim.event_id for claim in claims]) == (True, [first.id])


def _claim(talk: Talk) -> inbox.Claim | None:
    with talk.database.application() as connection:
        return inbox.claim(connection, ME.conversation)


# --- unsend and edit ---


def nothing_is_kept(talk: Talk, words: str) -> bool:
    """Whether nothing of these words is in any table."""
    return not talk.rows(
        "select 1 from inbox where body::text like %(w)s union all"
        " select 1 from turns where question || answer like %(w)s union all"
        " select 1 from parts where text like %(w)s union all"
        " select 1 from outbox where reply::text like %(w)s".replace("%(w)s", "%s"),
        *[f"%{words}%"] * 4,
    )


def test_a_message_that_is_taken_back_before_it_is_answered_is_not_answered(hr):
    """Its text goes at once."""
    told = event(ME, LEAVE)
    hr.take_in(told)
    hr.say(ME, kind=Kind.UNSEND, message_id=told.message_id)
    assert (hr.state(told), hr.line.said, hr.answers.questions) == ("withdrawn", [], [])
    assert nothing_is_kept(hr, LEAVE)


def test_a_message_that_is_taken_back_while_it_is_answered_is_not_answered(hr):
    """What is being written is thrown away, and the next question is answered as ever."""
    told = event(ME, LEAVE)
    hr.answers.between = lambda _: hr.take_in(event(ME, kind=Kind.UNSEND, message_id=told.message_id))
    hr.take_in(told)
    hr.work()
    assert (hr.state(told), hr.outbox(told), hr.line.said) == ("withdrawn", "withdrawn", [])
    assert nothing_is_kept(hr, "十四日")
    hr.answers.between = lambda _: None
    assert SICK_SAYS in hr.ask(ME, SICK).text


def test_of_a_message_that_is_taken_back_afterwards_nothing_is_kept(hr):
    """Body, turn and reply go; that there was something stays, and so does everything else of the conversation."""
    told = hr.say(ME, LEAVE)
    hr.say(ME, SICK)
    hr.say(ME, kind=Kind.UNSEND, message_id=told.message_id)
    assert (hr.state(told), hr.outbox(told)) == ("done", "sent")
    assert nothing_is_kept(hr, LEAVE)
    assert nothing_is_kept(hr, "十四日")
    assert hr.rows("select question from turns") == [(SICK,)]


def test_an_answer_that_waits_for_its_token_goes_with_its_question(hr):
    """What was not sent yet stays unsent."""
    told = hr.say(ME, LEAVE, token="", token_until=None, sender="Uline")
    hr.change("update outbox set state = 'parked', batch = null")
    hr.say(ME, kind=Kind.UNSEND, message_id=told.message_id)
    hr.line.arrived.clear()
    assert SICK_SAYS in hr.ask(ME, SICK).text
    assert (hr.outbox(told), len(hr.line.said)) == ("withdrawn", 1)
    assert LEAVE_SAYS not in hr.line.said[0]


@pytest.mark.parametrize("crash", [False, True])
def test_a_reply_purged_while_it_is_sent_blocks_nobody(hr, crash):
    """Whether the attempt failed or its worker died: it is not tried again, and the next answer goes out."""
    told = event(ME, LEAVE)

    def away(_):
        hr.take_in(event(ME, kind=Kind.UNSEND, message_id=told.message_id))
        if crash:
            raise RuntimeError("killed")
        return Again(0.1, "500")

    hr.line.script.append(away)
    hr.take_in(told)
    try:
        hr.work()
    except RuntimeError:
        assert crash
    assert SICK_SAYS in hr.ask(ME, SICK).text
    assert (hr.outbox(told), len(hr.line.said)) == ("withdrawn", 1)


def test_an_unsend_that_comes_before_its_message_takes_it_back_all_the_same(talk):
    """Events come in any order: one after the other, or the wrong way round in one webhook."""
    early, together = event(ME, LEAVE), event(ME, SICK)
    talk.take_in(event(ME, kind=Kind.UNSEND, message_id=early.message_id))
    talk.take_in(early)
    talk.take_in(event(ME, kind=Kind.UNSEND, message_id=together.message_id), together)
    talk.work()
    assert [talk.state(one) for one in (early, together)] == ["withdrawn"] * 2
    assert talk.value("select count(body) from inbox where kind = 'message'") == 0
    assert talk.line.said == []


def test_an_unsend_and_its_message_that_come_at_the_same_moment_miss_each_other_never(talk):
    """Through two web processes, forty times: the message is withdrawn each time."""
    doors = [talk.intake, Intake(talk.database, talk.queue)]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(40):
            told = event(ME, LEAVE)
            back = event(ME, kind=Kind.UNSEND, message_id=told.message_id)
            list(pool.map(lambda one: one[0].take_in([arrival(one[1])]), zip(doors, (told, back), strict=True)))
    assert talk.rows("select distinct state, body is null from inbox where kind = 'message'") == [("withdrawn", True)]


def test_an_unsend_takes_back_what_stands_in_its_own_chat_only(talk):
    """The same message id in another channel is another message."""
    told = event(slack_channel(HR_CHANNEL), LEAVE, message_id="17.1")
    talk.take_in(told, event(slack_channel("C0OTHER"), kind=Kind.UNSEND, message_id="17.1"))
    assert talk.state(told) == "pending"


def test_an_edited_message_is_answered_as_it_reads_now(hr):
    """Before it was answered, once; after that, again, and nothing of the old text is kept."""
    told = event(ME, LEAVE)
    hr.take_in(told, event(ME, SICK, Kind.EDIT, message_id=told.message_id))
    hr.work()
    assert hr.answers.questions == [SICK]
    hr.say(ME, RETURNS, Kind.EDIT, message_id=told.message_id)
    assert [SICK_SAYS in hr.line.said[0], RETURNS_SAYS in hr.line.said[1], len(hr.line.said)] == [True, True, 2]
    assert hr.rows("select question from turns") == [(RETURNS,)]


def test_an_edit_in_a_group_is_answered_only_if_we_are_meant(talk):
    """A correction among colleagues is none of our business; one of a question we answered is."""
    group = line_group()
    aside = talk.say(group, "明天聚餐", addressed=False)
    talk.say(group, RETURNS, Kind.EDIT, message_id=aside.message_id, addressed=False)
    assert talk.line.said == []
    asked = talk.say(group, "運費多少？")
    assert len(talk.line.said) == 1
    talk.say(group, RETURNS, Kind.EDIT, message_id=asked.message_id, addressed=False)
    assert RETURNS_SAYS in talk.line.said[1]


# --- the clerk ---


def test_of_two_clerks_at_the_same_event_one_commits(hr):
    """The newest attempt does; the older one's answer is thrown away."""
    told = event(ME, LEAVE)
    hr.take_in(told)
    other = hr.another_clerk()
    turn = threading.Barrier(2, timeout=30)

    def meet(_question):
        turn.wait()

    hr.answers.before = meet
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(clerk.handle_next, ME.conversation) for clerk in (hr.clerk, other)]
        for one in both:
            one.result()
    hr.work()
    assert hr.rows("select state, attempt from inbox") == [("done", 2)]
    assert hr.rows("select count(*) from turns") == [(1,)]
    assert len(hr.line.tried) == 1


def test_what_a_dead_worker_left_is_taken_over(hr):
    """Killed after the claim, or after some sentences: the next attempt begins anew, and one answer goes out."""
    told = event(ME, LEAVE)
    hr.take_in(told)
    hr.answers.between = _killed
    with pytest.raises(SystemExit):
        hr.work()
    assert (hr.state(told), hr.outbox(told)) == ("working", "streaming")
    hr.answers.between = lambda _: None
    assert hr.jobs() == []
    hr.sweeper.sweep()
    hr.work()
    assert hr.rows("select state, attempt from inbox") == [("done", 2)]
    assert len(hr.line.said) == 1
    assert LEAVE_SAYS in hr.line.said[0]


def _killed(_question):
    raise SystemExit  # what no "except Exception" catches: nothing is written down, as after kill -9


def test_an_event_that_fails_three_times_gets_a_sentence_and_can_be_retried(hr):
    """The person is told; whoever looks after the machine sees it; answered again it comes as a delivery of its own."""
    told = event(ME, RETURNS)
    hr.answers.before = _broken
    hr.take_in(told)
    failures = _run_until_it_gives_up(hr)
    assert (failures, hr.state(told), hr.line.said[0][:8]) == (3, "failed", "系統暫時無法回答")
    [failed] = _failed(hr)
    assert (failed.reason, failed.attempt) == ("ZeroDivisionError", 3)
    hr.answers.before = lambda _: None
    for text in (LEAVE, SICK):  # so that there is a token again, and something after it
        hr.say(ME, text)
    _retry(hr, failed.id)
    assert (hr.state(told), hr.outbox(told)) == ("done", "parked")
    hr.say(ME, kind=Kind.POSTBACK, data="answer=x")
    assert RETURNS_SAYS in hr.line.said[-1]
    assert len({delivery.id for delivery in hr.line.arrived}) == len(hr.line.arrived) == 4


def test_a_retry_by_hand_gives_an_event_all_its_tries_again(hr):
    """However often it failed or killed its worker before, and old attempts stay old."""
    told = event(ME, LEAVE)
    hr.answers.before = _broken
    hr.take_in(told)
    _run_until_it_gives_up(hr)
    for _ in range(3):
        _retry(hr, _failed(hr)[0].id, work=False)
        assert _run_until_it_gives_up(hr) == 3
    hr.answers.before = lambda _: None
    hr.change("update inbox set attempt = attempt + 4")  # six deaths, and a failure
    _retry(hr, _failed(hr)[0].id)
    assert hr.state(told) == "done"


def _broken(_question):
    raise ZeroDivisionError


def _run_until_it_gives_up(talk: Talk) -> int:
    """Sweep and work until nothing is open; return how often a job failed."""
    failures = 0
    for _ in range(12):
        try:
            talk.work()
        except ZeroDivisionError:
            failures += 1
        talk.sweeper.sweep()
    return failures


def _failed(talk: Talk) -> list[inbox.Failed]:
    with talk.database.application() as connection:
        return inbox.failed(connection, 10)


def _retry(talk: Talk, number: int, *, work: bool = True) -> None:
    """What ``transom inbox retry`` does."""
    with talk.database.application() as connection:
        talk.queue.handle(connection, inbox.retry(connection, [number]))
    if work:
        talk.work()


def test_an_event_that_kills_its_worker_each_time_is_given_up(hr):
    """Six lives, and then the sentence: it may not take every worker along for ever."""
    told = event(ME, LEAVE)
    hr.take_in(told)
    hr.answers.before = _killed
    deaths = 0
    for _ in range(10):
        try:
            hr.work()
        except SystemExit:
            deaths += 1
        hr.sweeper.sweep()
    assert (deaths, hr.state(told)) == (6, "failed")
    assert hr.line.said[0].startswith("系統暫時無法回答")


def test_the_sorry_sentence_is_in_the_askers_language(hr):
    """And only where an answer is waited for: whoever opens a tab or leaves is told nothing."""
    hr.answers.before = _broken
    hr.take_in(event(ME, "How many days of annual leave are there?"))
    _run_until_it_gives_up(hr)
    assert hr.line.said[0].startswith("I cannot answer right now.")


def test_a_database_that_is_away_while_answering_is_no_failure_of_the_event(hr):
    """It is handled again later and not given up."""
    told = event(ME, LEAVE)
    hr.take_in(told)

    def away(_question):
        raise DatabaseUnavailable("gone")

    hr.answers.before = away
    for _ in range(4):
        with pytest.raises(DatabaseUnavailable):
            hr.work()
        hr.sweeper.sweep()
    hr.answers.before = lambda _: None
    hr.work()
    assert (hr.state(told), len(hr.line.said)) == ("done", 1)


def test_events_of_an_account_that_was_taken_out_are_ignored(hr):
    """Nobody would deliver the answer."""
    told = event(ME, LEAVE)
    hr.take_in(told)
    hr.reader.gone.add("staff")
    hr.work()
    assert (hr.state(told), hr.line.tried, hr.jobs()) == ("ignored", [], [])


def test_slack_shows_the_answer_while_it_is_written(talk):
    """The outbox row is there first; a second attempt goes on with the same message."""
    talk.slack.streams = True
    talk.slack.profiles["UEMP"] = Profile("jia@a.example")
    told = event(slack_person(), LEAVE)
    talk.take_in(told)
    talk.answers.between = _killed
    with pytest.raises(SystemExit):
        talk.work()
    talk.answers.between = lambda _: None
    talk.sweeper.sweep()
    talk.work()
    assert [live.id for live in talk.slack.lives] == ["message-1", "message-1"]
    assert {delivery.id for delivery in talk.slack.began} == {talk.slack.arrived[0].id}
    assert talk.slack.arrived[0].progress == "message-1"
    assert LEAVE_SAYS in talk.slack.said[0]


def test_the_inbox_keeps_the_body_it_was_given(talk):
    """Also what Postgres cannot hold as text: a NUL, half a character."""
    odd = event(ME, "\x00 \ud83d")
    talk.take_in(odd)
    assert json.loads(talk.value("select body::text from inbox"))["text"] == odd.text
