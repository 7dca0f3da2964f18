"""What was left lying is taken up again, once; who waits is told; old texts are forgotten and keys kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from integration.talking import (
    CLERK_OF_HR,
    LEAVE,
    LEAVE_SAYS,
    RETURNS,
    Talk,
    event,
    line_group,
    line_person,
    older,
    slack_channel,
)

from bots.conversations.sweep import HOLD_AFTER_S, Sweeper
from bots.messages import Kind

ME = line_person()


def ago(talk: Talk, seconds: float) -> None:
    """Everything in the inbox came so many seconds sooner."""
    talk.change("update inbox set received_at = received_at - make_interval(secs => %s)", seconds)


# --- jobs ---


def test_a_conversation_whose_job_was_lost_gets_one(talk):
    """One for the conversation, however many events wait in it, and one again as long as some do."""
    talk.take_in(event(ME, RETURNS), event(ME, RETURNS), event(slack_channel(), LEAVE))
    talk.lose_jobs()
    talk.sweeper.sweep()
    conversations = {("handle", ME.conversation), ("handle", slack_channel().conversation)}
    assert (set(talk.jobs()), len(talk.jobs())) == (conversations, 2)
    for _ in range(2):
        talk.work()
        talk.sweeper.sweep()
    assert (len(talk.line.said), len(talk.slack.said), talk.jobs()) == (2, 1, [])


def test_a_conversation_that_has_a_job_gets_no_second(talk):
    """Whether it waits or runs; and sweeping again and again adds nothing."""
    talk.take_in(event(ME, RETURNS))
    talk.sweeper.sweep()
    talk.change("update procrastinate_jobs set status = 'doing'")
    talk.sweeper.sweep()
    assert talk.jobs() == [("handle", ME.conversation)]


def test_many_workers_that_sweep_at_once_add_nothing_twice(talk):
    """Four sweepers, one job a conversation."""
    places = [line_person(f"U{number}") for number in range(5)]
    talk.take_in(*(event(place, RETURNS) for place in places))
    talk.lose_jobs()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: talk.sweeper.sweep(), range(12)))
    assert sorted(talk.jobs()) == sorted(("handle", place.conversation) for place in places)


def test_what_was_touched_a_moment_ago_is_left_alone(talk):
    """Its worker may be about to put the job in, or to end it."""
    patient = Sweeper(talk.database, talk.queue, talk.readers, settled_s=60.0, retention_days=30)
    told = event(slack_channel(), LEAVE)
    talk.take_in(told)
    talk.clerk.handle_next(told.place.conversation)
    talk.take_in(event(slack_channel(), LEAVE))
    talk.lose_jobs()
    patient.sweep()
    assert talk.jobs() == []
    talk.change("update inbox set touched_at = now() - interval '61 seconds'")
    patient.sweep()
    assert talk.jobs() == [("handle", told.place.conversation)]


def test_a_delivery_whose_job_was_lost_gets_one(talk):
    """Also one that was left in the middle; one that has to wait longer does not."""
    told = event(slack_channel(), LEAVE)
    talk.take_in(told)
    talk.clerk.handle_next(told.place.conversation)
    talk.lose_jobs()
    talk.change("update outbox set next_at = now() + interval '1 minute', touched_at = now() - interval '1 minute'")
    talk.sweeper.sweep()
    assert talk.jobs() == []
    for state in ("pending", "sending"):
        talk.change("update outbox set next_at = now(), state = %s", state)
        talk.lose_jobs()
        talk.sweeper.sweep()
        assert talk.jobs() == [("deliver", told.place.conversation)]


# --- "still working" ---


def test_who_waits_is_told_before_the_token_is_lost(talk):
    """Once, with a button that shows the answer when it is there; the answer then waits for the tap."""
    talk.bind(ME, CLERK_OF_HR)
    talk.change("update people set groups = '{employees}'")
    told = event(ME, RETURNS)
    talk.take_in(told)
    ago(talk, HOLD_AFTER_S - 1)
    talk.sweeper.sweep()
    assert talk.outbox(told, -1) == ""
    ago(talk, 2)
    for _ in range(3):
        talk.sweeper.sweep()
    talk.deliverer.deliver(ME.conversation)
    [delivery] = talk.line.arrived
    [tap] = delivery.reply.choices
    assert (delivery.token, delivery.reply.text[:7], tap.label) == (told.token, "還在幫您找答案", "看回答")
    talk.work()
    assert talk.outbox(told) == "parked"
    talk.say(ME, kind=Kind.POSTBACK, data=tap.data)
    assert talk.outbox(told) == "sent"


def test_who_sent_three_messages_is_told_once(talk):
    """For twenty seconds: after that the next token would be lost."""
    talk.take_in(*(event(ME, RETURNS) for _ in range(3)))
    ago(talk, HOLD_AFTER_S + 1)
    talk.sweeper.sweep()
    talk.sweeper.sweep()
    assert talk.value("select count(*) from outbox where kind = 'holding'") == 1
    talk.change("update inbox set held_at = held_at - interval '21 seconds'")
    talk.sweeper.sweep()
    assert talk.value("select count(*) from outbox where kind = 'holding'") == 2


def test_what_waited_already_goes_along_with_still_working(talk):
    """The token is spent anyway."""
    first = older(event(ME, RETURNS), 60)
    talk.take_in(first)
    talk.work()
    assert talk.outbox(first) == "parked"
    talk.take_in(event(ME, RETURNS))
    ago(talk, HOLD_AFTER_S + 1)
    talk.sweeper.sweep()
    talk.deliverer.deliver(ME.conversation)
    assert talk.outbox(first) == "sent"


@pytest.mark.parametrize(
    "tell",
    [
        lambda: event(line_group(), RETURNS, addressed=False),
        lambda: replace(event(ME, RETURNS), kind=Kind.STICKER),
        lambda: older(event(ME, RETURNS), 60),
        lambda: event(slack_channel(), RETURNS),
    ],
    ids=["among others", "a sticker", "the token is dead", "no token at all"],
)
def test_nobody_is_told_to_wait_for_nothing(talk, tell):
    """Where no answer is due, or no token is there to be lost."""
    told = tell()
    talk.take_in(told)
    ago(talk, HOLD_AFTER_S + 1)
    talk.sweeper.sweep()
    assert talk.outbox(told, -1) == ""


def test_the_word_that_we_are_at_it_is_in_the_askers_language(talk):
    """Like everything we say."""
    talk.take_in(event(ME, "How long can I return goods?"))
    ago(talk, HOLD_AFTER_S + 1)
    talk.sweeper.sweep()
    talk.deliverer.deliver(ME.conversation)
    assert talk.line.said[0].startswith("I am still looking")


# --- retention ---


def test_old_texts_are_forgotten_and_keys_kept(talk):
    """What people wrote and what we said goes after so many days, also what waits for a tap; a redelivery is known."""
    talk.bind(ME, CLERK_OF_HR)
    done, waiting = event(ME, LEAVE), older(event(ME, RETURNS), 60)
    for told in (done, waiting):
        talk.take_in(told)
        talk.work()
    month = "interval '31 days'"
    talk.change(f"update inbox set received_at = received_at - {month}")
    talk.change(f"update outbox set touched_at = touched_at - {month}")
    talk.change(f"update turns set at = at - {month}")
    open_still, _ = event(ME, "open", token=""), talk.line.arrived.clear()
    talk.take_in(open_still)
    talk.change(f"update inbox set received_at = received_at - {month} where event_id = %s", open_still.id)
    Sweeper(talk.database, talk.queue, talk.readers, settled_s=60, retention_days=30).sweep()
    assert talk.rows("select body is null, state from inbox order by id") == [
        (True, "done"),
        (True, "done"),
        (False, "pending"),
    ]
    assert talk.rows("select reply, state from outbox order by position") == [(None, "sent"), (None, "withdrawn")]
    assert talk.rows("select distinct question, answer, citations from turns") == [("", "", [])]
    assert talk.take_in(done) == 0


def test_what_is_young_is_kept(talk):
    """Nothing is forgotten before its time."""
    talk.bind(ME, CLERK_OF_HR)
    talk.say(ME, LEAVE)
    for table, column in (("inbox", "received_at"), ("outbox", "touched_at"), ("turns", "at")):
        talk.change(f"update {table} set {column} = {column} - interval '29 days'")
    Sweeper(talk.database, talk.queue, talk.readers, settled_s=0, retention_days=30).sweep()
    assert talk.value("select count(body) from inbox") == 1
    assert LEAVE_SAYS in talk.value("select reply->>'text' from outbox")
    assert LEAVE_SAYS in talk.value("select answer from turns")
