"""Delivering: in order, each reply once, by the reply token where there is one, and never over the budget of pushes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
from integration.talking import (
    CLERK_OF_HR,
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
    slack_person,
)

from bots.conversations import notices
from bots.conversations.handled import Handled
from bots.conversations.outbox import store
from bots.conversations.outbox.deliver import pause
from bots.conversations.people.viewers import Viewers
from bots.messages import Again, Delivery, InboundEvent, Kind, Parked, Place, Rejected, Reply, Sent

ME = line_person()
SHIPPING, SHIPPING_SAYS = "單筆消費滿多少元免運費？", "單筆消費滿一千元免運費"


@pytest.fixture
def hr(talk: Talk) -> Talk:
    """A company where the person who writes on LINE is bound to an employee."""
    talk.bind(ME, CLERK_OF_HR)
    return talk


def late(place: Place, text: str) -> InboundEvent:
    """A message whose reply token has run out already."""
    return older(event(place, text), 60)


def parked(talk: Talk, *questions: str, place: Place = ME) -> list[InboundEvent]:
    """Ask what is answered too late for its token, and costs no push because the shop's window has none."""
    events = [late(place, question) for question in questions]
    talk.take_in(*events)
    talk.work()
    assert [talk.outbox(one) for one in events] == ["parked"] * len(events)
    return events


@dataclass
class _Telling:
    """Handles everything as a notice of the window hr, which has pushes."""

    viewers: Viewers

    def handle(self, told: InboundEvent, _show: object) -> Handled:
        return Handled(self.viewers.of_event(told), Reply("今天盤點。"), window="hr")


# --- the ways out ---


def test_an_answer_goes_out_with_the_token_of_its_question(hr):
    """It is free, and noted with the platform's ids."""
    told = hr.say(ME, LEAVE)
    [delivery] = hr.line.tried
    assert (delivery.token, delivery.may_push, delivery.attempt, delivery.doubtful) == (told.token, False, 1, False)
    assert (delivery.place, delivery.sender, delivery.message_id) == (ME, "Uline", told.message_id)
    assert hr.rows("select state, platform_ids, pushed_at from outbox") == [("sent", [f"sent-{delivery.id}"], None)]


def test_slack_has_no_tokens_and_no_pushes(talk):
    """A channel's thread gets its answer as it is."""
    talk.say(slack_channel(thread="17.1"), LEAVE)
    [delivery] = talk.slack.arrived
    assert (delivery.token, delivery.may_push, delivery.place.thread) == ("", False, "17.1")


def test_a_delivery_carries_the_links_of_its_reply(hr):
    """Made of its own id, also when it goes out with others."""
    hr.say(ME, "How many days of annual leave after one year?")
    [delivery] = hr.line.arrived
    assert delivery.links.answer == f"answer:{delivery.id}"
    assert delivery.links.pages == {1: f"page:{delivery.id}:1"}


# --- trying again ---


def test_what_is_tried_again_is_the_same_delivery(hr):
    """The same id and text, the next attempt: answering is not repeated."""
    hr.line.script.append(Again(0.01, "500"))
    hr.say(ME, LEAVE)
    first, second = hr.line.tried
    assert (first.id, first.reply, first.token) == (second.id, second.reply, second.token)
    assert (first.attempt, second.attempt, len(hr.line.arrived), len(hr.answers.questions)) == (1, 2, 1, 1)


def test_a_long_wait_is_left_to_the_sweep_and_nothing_overtakes_it(talk):
    """The second answer stays behind the first, also when its own time has come."""
    talk.slack.script.append(Again(60, "429"))
    talk.take_in(event(slack_channel(), LEAVE), event(slack_channel(), SICK))
    talk.work()
    talk.sweeper.sweep()
    talk.work()
    assert [len(talk.slack.tried), talk.slack.said] == [1, []]
    talk.change("update outbox set next_at = now(), touched_at = now() - interval '1 minute'")
    talk.sweeper.sweep()
    talk.work()
    assert [LEAVE_SAYS in talk.slack.said[0], SICK_SAYS in talk.slack.said[1]] == [True, True]


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 0.5, 0.7), (4, 4, 5), (12, 600, 750), (40, 600, 750)])
def test_the_pauses_grow_to_ten_minutes(attempt, least, most):
    """Or to what the platform asks for, with a little chance in it."""
    assert least <= pause(0.0, attempt) <= most
    assert 1000 <= pause(1000.0, attempt) <= 1250


@pytest.mark.parametrize(("doubtful", "state"), [(False, "failed"), (True, "uncertain")])
def test_after_forty_attempts_somebody_has_to_look(talk, doubtful, state):
    """What may have arrived is not called failed; a retry by hand sends it."""
    talk.slack.script.append(Again(0, "500", doubtful=doubtful))
    told = event(slack_channel(), LEAVE)
    talk.take_in(told)
    talk.clerk.handle_next(told.place.conversation)
    talk.change("update outbox set attempt = 39")
    talk.work()
    assert talk.outbox(told) == state
    with talk.database.application() as connection:
        [stuck] = store.stuck(connection, 5)
        talk.queue.deliver(connection, store.retry(connection, [stuck.id]))
    talk.work()
    assert (talk.outbox(told), stuck.reason, stuck.attempt, len(talk.slack.said)) == ("sent", "500", 40, 1)


@pytest.mark.parametrize(("uncertain", "state"), [(False, "failed"), (True, "uncertain")])
def test_what_the_platform_refuses_is_over_and_the_next_goes_out(talk, uncertain, state):
    """One bad reply does not stop a conversation."""
    talk.slack.script.append(Rejected("invalid_blocks", uncertain))
    bad, good = event(slack_channel(), LEAVE), event(slack_channel(), SICK)
    talk.take_in(bad, good)
    talk.work()
    assert [talk.outbox(bad), talk.outbox(good)] == [state, "sent"]


# --- a crash while sending ---


def _killed(_delivery: Delivery) -> Sent:
    raise SystemExit


def crash(talk: Talk, told: InboundEvent) -> None:
    """Answer, and die while the answer is being sent."""
    courier = talk.couriers[told.place.platform]
    courier.script.append(_killed)
    talk.take_in(told)
    with pytest.raises(SystemExit):
        talk.work()
    assert talk.outbox(told) == "sending"


def test_after_a_crash_while_sending_slack_is_asked_whether_it_arrived(talk):
    """The delivery is the same, and in doubt."""
    told = event(slack_channel(), LEAVE)
    crash(talk, told)
    talk.sweeper.sweep()
    talk.work()
    first, second = talk.slack.tried
    assert (first.id, second.id, first.doubtful, second.doubtful) == (first.id, first.id, False, True)
    assert talk.outbox(told) == "sent"


def test_in_doubt_only_the_same_token_is_tried_again(hr):
    """Another one would say it twice, and a push too."""
    told = event(ME, LEAVE)
    crash(hr, told)
    hr.take_in(event(ME, kind=Kind.IGNORED), event(ME, kind=Kind.POSTBACK, data="windows"))
    hr.sweeper.sweep()
    hr.deliverer.deliver(ME.conversation)
    assert [(one.token, one.doubtful) for one in hr.line.tried] == [(told.token, False), (told.token, True)]


def test_in_doubt_with_a_dead_token_nobody_says_it_twice(hr):
    """It is written down as uncertain, though there are other tokens and pushes."""
    told = event(ME, LEAVE)
    crash(hr, told)
    hr.change("update inbox set token_until = now() - interval '1 second'")
    hr.take_in(event(ME, SICK))
    hr.sweeper.sweep()
    hr.work()
    again = hr.line.tried[1]
    assert (again.doubtful, again.token, again.may_push, hr.outbox(told)) == (True, "", False, "uncertain")
    assert [SICK_SAYS in text for text in hr.line.said] == [True]


def test_a_crash_with_nothing_to_send_by_leaves_no_doubt(talk):
    """Without token and push nothing was sent, so the answer still waits for a tap."""
    told = late(ME, RETURNS)
    crash(talk, told)
    talk.sweeper.sweep()
    talk.work()
    assert (talk.outbox(told), talk.line.tried[1].doubtful) == ("parked", False)


def test_a_push_in_doubt_is_tried_again_under_the_same_key(hr):
    """The budget was spent with the first try; a token that came meanwhile is not used."""
    told = late(ME, LEAVE)
    crash(hr, told)
    hr.take_in(event(ME, kind=Kind.POSTBACK, data="windows"))
    hr.change("update outbox set touched_at = now() - interval '1 minute'")
    hr.sweeper.sweep()
    hr.deliverer.deliver(ME.conversation)
    first, second = hr.line.tried
    assert (first.id, first.reply, first.may_push, first.token) == (second.id, second.reply, True, "")
    assert (second.may_push, second.token, second.doubtful) == (True, "", True)
    assert pushes(hr) == 1


def test_a_reply_that_kills_its_worker_each_time_is_given_up(talk):
    """It is uncertain then, and what stands behind it goes out."""
    bad, good = event(slack_channel(), LEAVE), event(slack_channel(), SICK)
    crash(talk, bad)
    talk.change("update outbox set attempt = 40")
    talk.take_in(good)
    talk.work()
    assert [talk.outbox(bad), talk.outbox(good)] == ["uncertain", "sent"]


# --- parked ---


def test_what_has_no_token_waits_for_the_next_message(talk):
    """And goes out before what is said to that, in one delivery."""
    parked(talk, RETURNS)
    talk.say(ME, SHIPPING)
    [delivery] = talk.line.arrived
    assert delivery.reply.text.index(RETURNS_SAYS) < delivery.reply.text.index(SHIPPING_SAYS)


def test_a_tap_on_show_the_answer_brings_it_and_says_nothing_else(talk):
    """Where nothing waits, it says so."""
    parked(talk, RETURNS)
    talk.say(ME, kind=Kind.POSTBACK, data="answer=whichever")
    talk.say(ME, kind=Kind.POSTBACK, data="answer=whichever")
    assert [RETURNS_SAYS in talk.line.said[0], talk.line.said[1:]] == [True, ["這則回答已經送出了。"]]


def test_a_dead_token_is_not_the_end(hr):
    """The next one of the conversation is tried; without any it waits."""
    hr.line.script.extend([Parked("token dead"), Parked("token dead")])
    first, second = event(ME, LEAVE), event(ME, kind=Kind.IGNORED, token="spare", token_until=event(ME).token_until)
    hr.take_in(second, first)
    hr.change("update inbox set token = 'spare', token_until = now() + interval '1 minute' where kind = 'ignored'")
    hr.line.script.append(Parked("quota"))
    hr.work()
    assert [one.token for one in hr.line.tried] == [first.token, "spare", ""]
    assert hr.outbox(first) == "parked"


def test_a_tap_that_comes_while_the_answer_is_being_parked_is_not_lost(hr):
    """The platform says no after the tap was handled: the tap's token brings the answer all the same."""
    told = late(ME, LEAVE)

    def no_quota(_delivery):
        hr.take_in(event(ME, kind=Kind.POSTBACK, data="answer=whichever"))
        hr.clerk.handle_next(ME.conversation)
        return Parked("quota")

    hr.line.script.append(no_quota)
    hr.take_in(told)
    hr.work()
    assert (hr.outbox(told), [LEAVE_SAYS in text for text in hr.line.said]) == ("sent", [True])


def test_what_was_parked_is_not_overtaken_by_a_later_answer(talk):
    """However late it was parked: where there is a token, it goes along first."""
    (told,) = parked(talk, RETURNS)
    later = event(ME, SHIPPING)
    talk.take_in(later)
    talk.clerk.handle_next(ME.conversation)
    talk.change("update outbox set state = 'parked' where id = (select id from outbox order by position limit 1)")
    talk.work()
    assert (talk.outbox(told), talk.outbox(later), len(talk.line.arrived)) == ("sent", "sent", 1)


def test_up_to_four_answers_go_out_together_with_their_sources_numbered_through(talk):
    """The fifth waits for the next token."""
    parked(talk, RETURNS, SHIPPING, RETURNS, SHIPPING, RETURNS)
    talk.say(ME, kind=Kind.POSTBACK, data="answer=whichever")
    [delivery] = talk.line.arrived
    assert [source.number for source in delivery.reply.sources] == [1, 2, 3, 4]
    assert [delivery.reply.text.count(f"[{number}]") for number in (1, 2, 3, 4, 5)] == [1, 1, 1, 1, 0]
    assert talk.rows("select state, count(*) from outbox where kind = 'reply' and window_name <> '' group by 1") == [
        ("parked", 1),
        ("sent", 4),
    ]


def test_what_waits_does_not_hold_up_a_notice(talk):
    """A notice brings no token to go along with: its window pushes it, and what waited goes on waiting."""
    (told,) = parked(talk, RETURNS)
    talk.handler = _Telling(talk.viewers)
    talk.clerk = talk.another_clerk()
    with talk.database.application() as connection:
        notices.tell(connection, talk.queue, [notices.Target(ME, "Uline")], "note=1", "a key")
    talk.work()
    [delivery] = talk.line.arrived
    assert (delivery.reply.text, delivery.may_push) == ("今天盤點。", True)
    assert talk.outbox(told) == "parked"


def test_who_blocks_us_gets_nothing_any_more(talk):
    """What waited is withdrawn."""
    [told] = parked(talk, RETURNS)
    talk.say(ME, kind=Kind.UNFOLLOW)
    talk.say(ME, SHIPPING)
    assert (talk.outbox(told), [RETURNS_SAYS in text for text in talk.line.said]) == ("withdrawn", [False])


# --- tokens and pushes ---


def test_a_token_is_given_to_one_delivery_only(hr):
    """Two answers that go out at different times take two."""
    one, two = hr.say(ME, LEAVE), hr.say(ME, SICK)
    assert [delivery.token for delivery in hr.line.arrived] == [one.token, two.token]


def test_a_token_is_for_the_answer_to_its_own_event(talk):
    """As long as that is not written, even if the other one ends sooner."""
    one, two = event(ME, RETURNS), older(event(ME, RETURNS), 20)
    talk.take_in(one, two)
    talk.clerk.handle_next(ME.conversation)
    talk.deliverer.deliver(ME.conversation)
    assert [delivery.token for delivery in talk.line.arrived] == [one.token]


def test_a_late_answer_does_not_take_the_next_questions_token(talk):
    """Both go out with it when the next one is answered."""
    talk.take_in(older(event(ME, RETURNS), 60))
    talk.work()
    talk.take_in(event(ME, RETURNS))
    talk.deliverer.deliver(ME.conversation)
    assert talk.line.arrived == []
    talk.work()
    assert [len(delivery.reply.sources) for delivery in talk.line.arrived] == [2]


def pushes(talk: Talk) -> int:
    """How many pushes the outbox counts."""
    return int(talk.value("select count(distinct batch) from outbox where pushed_at is not null"))


def test_a_late_answer_is_pushed_as_long_as_the_month_has_room(hr):
    """The hr window has two; the third waits for a tap."""
    events = [late(ME, text) for text in (LEAVE, SICK, LEAVE)]
    for told in events:
        hr.take_in(told)
        hr.work()
    assert [hr.outbox(told) for told in events] == ["sent", "sent", "parked"]
    assert [delivery.may_push for delivery in hr.line.tried] == [True, True, False]
    hr.change("update outbox set pushed_at = pushed_at - interval '1 month'")
    hr.take_in(late(ME, SICK))
    hr.work()
    assert [delivery.may_push for delivery in hr.line.arrived] == [True, True, True]


def test_two_conversations_at_once_cannot_overspend(hr):
    """Eight late answers for a budget of two, delivered by eight threads: two pushes."""
    places = [line_person(f"U{number}") for number in range(8)]
    for place in places:
        hr.bind(place, "A3")
        hr.take_in(late(place, LEAVE))
        hr.clerk.handle_next(place.conversation)
    start = Barrier(8, timeout=30)

    def deliver(place: Place) -> None:
        start.wait()
        hr.deliverer.deliver(place.conversation)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deliver, places))
    states = dict(hr.rows("select state, count(*) from outbox group by 1"))
    assert (states, pushes(hr)) == ({"sent": 2, "parked": 6}, 2)


def test_a_window_without_a_budget_never_pushes(talk):
    """Nor do our own sentences: they belong to no window."""
    talk.take_in(late(ME, RETURNS), late(ME, "說明"))
    talk.work()
    assert [delivery.may_push for delivery in talk.line.tried] == [False] * len(talk.line.tried)
    assert pushes(talk) == 0


@pytest.mark.parametrize(
    ("outcome", "left"),
    [(Sent(pushed=True), 1), (Sent(pushed=False), 2), (Parked("quota"), 2), (Rejected("400"), 2)],
)
def test_a_push_that_was_not_made_is_given_back(hr, outcome, left):
    """What the platform did not send costs nothing."""
    hr.line.script.append(outcome)
    hr.take_in(late(ME, LEAVE))
    hr.work()
    assert 2 - pushes(hr) == left


def test_a_push_whose_fate_is_unknown_counts(hr):
    """It may have cost one."""
    hr.line.script.append(Rejected("500", uncertain=True))
    hr.take_in(late(ME, LEAVE))
    hr.work()
    assert pushes(hr) == 1


def test_a_failed_push_retried_by_hand_asks_the_budget_again(hr):
    """It got its push back when it failed."""
    hr.line.script.append(Rejected("400"))
    told = late(ME, LEAVE)
    hr.take_in(told)
    hr.work()
    for text in (SICK, LEAVE):
        hr.take_in(late(ME, text))
        hr.work()
    with hr.database.application() as connection:
        hr.queue.deliver(connection, store.retry(connection, [hr.line.tried[0].id]))
    hr.work()
    assert (hr.outbox(told), pushes(hr)) == ("parked", 2)


# --- "still working" ---


def held(talk: Talk, told: InboundEvent) -> None:
    """Let the question wait until the sweep says that we are at it; nothing is delivered yet."""
    talk.change("update inbox set received_at = now() - interval '36 seconds' where event_id = %s", told.id)
    talk.sweeper.sweep()
    assert talk.outbox(told, -1) == "pending"


def test_still_working_is_dropped_where_the_answer_is_there(hr):
    """They would go out in one delivery: the answer is enough."""
    told = event(ME, LEAVE)
    hr.take_in(told)
    held(hr, told)
    hr.clerk.handle_next(ME.conversation)
    hr.deliverer.deliver(ME.conversation)
    assert (hr.outbox(told), hr.outbox(told, -1), len(hr.line.said)) == ("sent", "withdrawn", 1)
    assert LEAVE_SAYS in hr.line.said[0]


def test_still_working_goes_along_with_the_answer_to_another_question(talk):
    """The first answer waited for a token, the second question still waits for its answer: both are told."""
    parked(talk, RETURNS)
    asked = event(ME, SHIPPING)
    talk.take_in(asked)
    held(talk, asked)
    talk.deliverer.deliver(ME.conversation)
    [delivery] = talk.line.arrived
    assert RETURNS_SAYS in delivery.reply.text
    assert "還在幫您找答案" in delivery.reply.text
    assert [choice.label for choice in delivery.reply.choices] == ["看回答"]
    talk.work()
    assert talk.outbox(asked) == "parked"
    talk.say(ME, kind=Kind.POSTBACK, data=delivery.reply.choices[0].data)
    assert SHIPPING_SAYS in talk.line.said[-1]


def test_still_working_that_cannot_be_sent_is_not_worth_waiting_for(hr):
    """The answer is."""
    told = event(ME, LEAVE)
    hr.take_in(told)
    held(hr, told)
    hr.change("update inbox set token_until = now()")
    hr.deliverer.deliver(ME.conversation)
    assert (hr.outbox(told, -1), hr.line.said) == ("withdrawn", [])


def test_a_home_is_sent_on_its_own(talk):
    """It is no message, so nothing is merged with it."""
    talk.say(slack_person(), kind=Kind.HOME)
    [delivery] = talk.slack.arrived
    assert delivery.home
    assert [card.title for card in delivery.reply.cards] == ["sales"]
