import pytest

from bots.messages import Again, Delivery, Parked, Place, Rejected, Reply, Sent
from bots.platforms.line.ladder import Answer, Rung, next_step, outcome_of, reason_of

PLACE = Place("line", "shop", "U1", direct=True)
DEAD = Answer(400, message="Invalid reply token")
FULL = Answer(429, message="You have reached your monthly limit.")
RATE = Answer(429, message="The API rate limit has been exceeded. Try again later.")
GONE = Answer(0)
UNMADE = Answer(0, left=False)


def delivery(**more):
    return Delivery("d", PLACE, "U1", Reply("好"), **more)


@pytest.mark.parametrize(
    ("token", "may_push", "doubtful", "step"),
    [
        ("t", False, False, Rung.REPLY),
        ("t", True, False, Rung.REPLY),
        ("t", False, True, Rung.REPLY),
        ("t", True, True, Rung.REPLY),
        ("", True, False, Rung.PUSH),
        ("", True, True, Rung.PUSH),
        ("", False, False, Parked("no token")),
        ("", False, True, Rejected("reply uncertain", uncertain=True)),
    ],
)
def test_the_ladder(token, may_push, doubtful, step):
    """A living token first, then a push where there is room, else wait; what nobody can find out any more ends."""
    assert next_step(delivery(token=token, may_push=may_push, doubtful=doubtful)) == step


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, ids=("1", "2")), Sent(("1", "2"))),
        (DEAD, Parked("token dead")),
        (GONE, Again(1.0, "no answer", doubtful=True)),
        (UNMADE, Again(1.0, "no connection", doubtful=False)),
        (Answer(500), Again(1.0, "500", doubtful=True)),
        (Answer(503), Again(1.0, "503", doubtful=True)),
        (RATE, Again(2.0, "429 rate")),
        (Answer(429, retry_after_s=7.0), Again(7.0, "429 rate")),
        (FULL, Parked("quota")),
        (
            Answer(400, message="The request body has 1 error(s)", fault="messages[0].text"),
            Rejected("400 messages[0].text"),
        ),
        (Answer(401), Rejected("401")),
        (Answer(403), Rejected("403")),
        (Answer(404), Rejected("404")),
        (Answer(409), Rejected("409")),
    ],
)
def test_what_an_answer_to_a_reply_means(answer, outcome):
    """A token that works once tells whether the reply has arrived."""
    assert outcome_of(Rung.REPLY, answer, delivery(token="t")) == outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, ids=("1",)), Sent(("1",))),
        (DEAD, Sent()),
        (GONE, Again(1.0, "no answer", doubtful=True)),
        (UNMADE, Again(1.0, "no connection", doubtful=True)),
        (RATE, Again(2.0, "429 rate", doubtful=True)),
        (Answer(401), Rejected("401", uncertain=True)),
    ],
)
def test_what_an_answer_to_a_doubtful_reply_means(answer, outcome):
    """A dead token means that the earlier try has arrived; doubt stays until an answer ends it."""
    assert outcome_of(Rung.REPLY, answer, delivery(token="t", doubtful=True)) == outcome


@pytest.mark.parametrize(
    ("answer", "doubtful", "outcome"),
    [
        (Answer(200, ids=("1",)), False, Sent(("1",), pushed=True)),
        (Answer(409, ids=("1",)), True, Sent(("1",), pushed=True)),
        (Answer(409), False, Sent(pushed=True)),
        (FULL, False, Parked("quota")),
        (FULL, True, Rejected("quota", uncertain=True)),
        (RATE, False, Again(2.0, "429 rate")),
        (Answer(500), False, Again(1.0, "500", doubtful=True)),
        (GONE, False, Again(1.0, "no answer", doubtful=True)),
        (UNMADE, False, Again(1.0, "no connection")),
        (DEAD, False, Rejected("400")),
        (Answer(400), True, Rejected("400", uncertain=True)),
        (Answer(404), False, Rejected("404")),
    ],
)
def test_what_an_answer_to_a_push_means(answer, doubtful, outcome):
    """The retry key makes a repeat safe: 409 says that the first has arrived."""
    assert outcome_of(Rung.PUSH, answer, delivery(may_push=True, doubtful=doubtful)) == outcome


def test_waiting_grows_with_the_attempts_and_has_an_end():
    """A reply is tried again within its token's life, a push within a minute."""
    reply = [outcome_of(Rung.REPLY, GONE, delivery(attempt=n)).after_s for n in range(1, 8)]
    assert reply == [1, 2, 4, 8, 8, 8, 8]
    assert outcome_of(Rung.PUSH, GONE, delivery(attempt=5000)).after_s == 60


def test_a_reason_never_quotes_what_was_sent():
    """Status and the faulty property go to the log; a sentence of LINE's does not."""
    assert reason_of(Answer(400, message="The property, 退貨, is invalid", fault="退貨 辦法")) == "400"
    assert reason_of(Answer(400, fault="messages[0].contents.body")) == "400 messages[0].contents.body"
