"""LINE's ladder as a person sees it: an answer in time, one that is late, one that may cost a push."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from acceptance.installation import Server
from acceptance.office import LEAVE, RETURNS, SHOP, STAFF, Office, office, wait_for
from fakes.line import Delivered, of_user, send_webhook, user_id


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: object) -> Iterator[Office]:
    with server.database() as url, office(url, tmp_path_factory.mktemp("ladder")) as running:
        yield running
        assert running.line.violations == []


@contextmanager
def slow(running: Office) -> Iterator[None]:
    """Keep the worker from finishing any answer, and let 36 seconds pass for the events that wait."""
    with psycopg.connect(running.database_url) as blocking:
        blocking.execute("lock table chunks in access exclusive mode")  # which a sweep has no use for
        yield
        blocking.rollback()


def pass_time(running: Office) -> None:
    wait_for(lambda: running.count("inbox", "state = 'working'") > 0, 20, "nothing is being answered")
    with psycopg.connect(running.database_url, autocommit=True) as connection:
        connection.execute("update inbox set received_at = received_at - interval '36 s' where state = 'working'")


def let_token_die(running: Office) -> None:
    with psycopg.connect(running.database_url, autocommit=True) as connection:
        connection.execute("update inbox set token_until = now() where token is not null and token_batch is null")


def send(running: Office, account: str, event: dict[str, object]) -> None:
    assert send_webhook(running.hook(account), running.channels[account], [event]) == 200


def got(running: Office, person: str) -> list[Delivered]:
    return [one for one in running.line.delivered if one.to == user_id(person)]


def texts(delivered: Delivered) -> str:
    return "\n".join(message.get("text", message.get("altText", "")) for message in delivered.messages)


def taps(delivered: Delivered) -> list[str]:
    """The data of what can be tapped below a message."""
    items = delivered.messages[-1].get("quickReply", {}).get("items", [])
    return [item["action"].get("data", "") for item in items]


def test_a_late_answer_waits_for_a_tap_where_no_push_may_be_spent(running: Office) -> None:
    """The token is spent on "still working"; its button brings a fresh one, and the answer goes out with that."""
    events = running.line.events(running.channels[SHOP])
    with slow(running):
        send(running, SHOP, events.text(of_user(user_id("ann")), RETURNS))
        pass_time(running)
        wait_for(lambda: len(got(running, "ann")) == 1, 20, "nobody said that it takes longer")
    [still_working] = got(running, "ann")
    assert "還在幫您找答案" in texts(still_working)
    [button] = [data for data in taps(still_working) if data.startswith("answer=")]
    running.settled()
    assert running.count("outbox", "state = 'parked'") == 1
    send(running, SHOP, events.postback(of_user(user_id("ann")), button))
    running.settled()
    _, answer = got(running, "ann")
    assert "七日內可以退貨" in texts(answer)
    assert answer.via == "reply"
    send(running, SHOP, events.postback(of_user(user_id("ann")), button))
    running.settled()
    assert "已經送出" in texts(got(running, "ann")[-1])


def test_a_late_answer_goes_along_with_the_next_one(running: Office) -> None:
    """Who does not tap but asks something else gets both answers, in one request and in their order."""
    events = running.line.events(running.channels[SHOP])
    with slow(running):
        send(running, SHOP, events.text(of_user(user_id("bea")), RETURNS))
        wait_for(lambda: running.count("inbox", "state = 'working'") > 0, 20, "nothing is being answered")
        let_token_die(running)
    running.settled()
    assert got(running, "bea") == []
    send(running, SHOP, events.text(of_user(user_id("bea")), "單筆消費滿多少元免運費？"))
    running.settled()
    [both] = got(running, "bea")
    assert texts(both).index("七日內") < texts(both).index("一千元")


def test_a_late_answer_is_pushed_where_the_window_may(running: Office) -> None:
    """The HR window has five pushes a month: an employee's late answer arrives by itself, and it is counted."""
    number = running.run("people", "bind-code", "A2").strip()
    events = running.line.events(running.channels[STAFF])
    send(running, STAFF, events.text(of_user(user_id("cat")), number))
    running.settled()
    assert "已綁定" in texts(got(running, "cat")[-1])
    with slow(running):
        send(running, STAFF, events.text(of_user(user_id("cat")), LEAVE))
        wait_for(lambda: running.count("inbox", "state = 'working'") > 0, 20, "nothing is being answered")
        let_token_die(running)
    running.settled()
    answer = got(running, "cat")[-1]
    assert answer.via == "push"
    assert "十四日" in texts(answer)
    assert running.count("outbox", "pushed_at is not null") == 1


def test_when_the_months_pushes_are_spent_the_answer_waits(running: Office) -> None:
    """LINE says that its monthly limit is reached: nothing is lost, the next tap or message brings the answer."""
    running.line.set_quota(running.channels[STAFF], 0)
    events = running.line.events(running.channels[STAFF])
    before = len(got(running, "cat"))
    with slow(running):
        send(running, STAFF, events.text(of_user(user_id("cat")), LEAVE))
        wait_for(lambda: running.count("inbox", "state = 'working'") > 0, 20, "nothing is being answered")
        let_token_die(running)
    running.settled()
    assert len(got(running, "cat")) == before
    send(running, STAFF, events.postback(of_user(user_id("cat")), "answer="))
    running.settled()
    assert "十四日" in texts(got(running, "cat")[-1])
    assert got(running, "cat")[-1].via == "reply"
