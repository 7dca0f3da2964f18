"""Confirmations: one person, asked by another system, answers once; the system asks for the outcome or is called."""

import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from acceptance.command import Command
from fakes.company_system import System, listening
from integration.talking import BOSS, FANG, Talk, event, slack_person
from integration.telling import BOSS_ON_SLACK, GUEST, ON_LINE, Telling, taps

from bots.conversations.calls import store as calls
from bots.conversations.calls.http import Answer, Poster
from bots.conversations.calls.sender import Caller
from bots.conversations.notifications.confirmations import store as confirmations
from bots.conversations.notifications.confirmations.expiring import ExpiredConfirmations
from bots.conversations.notifications.desk import OPEN_AT_ONCE
from bots.errors import TooMany
from bots.messages import Kind, Reply, Visitor
from bots.ports import Accepted, Asked, News, Refused
from bots.windows.modes.callback import Callback

SECRET = "s3cret-of-the-vpn"
HOST = "vpn.test"
BOSS_AT_HOME = Visitor("boss-at-home", frozenset({"employees", "managers"}), BOSS)
BOSS_AT_WORK = Visitor("boss-at-work", BOSS_AT_HOME.groups, BOSS)
FANG_AT_HOME = Visitor("fang-at-home", frozenset({"employees"}), FANG)

_numbers = count(1)


@pytest.fixture
def telling(talk: Talk) -> Telling:
    return Telling(talk)


@pytest.fixture
def system() -> Iterator[System]:
    """The system that asks; it listens on this machine."""
    with listening(System()) as system:
        yield system


@pytest.fixture
def calling(telling: Telling, system: System) -> Telling:
    """The same, where the file of hr allows the system, whose machine is one of ours."""
    telling.ours = frozenset({HOST})
    telling.change_hr(callbacks=(allowed(system),))
    return telling


def allowed(system: System) -> Callback:
    return Callback(http=f"http://{HOST}:{system.port}", secret="${VPN_SECRET}")


def url(system: System) -> str:
    return f"http://{HOST}:{system.port}/confirmed?user=7"


def caller(telling: Telling, poster: Poster | None = None) -> Caller:
    posts = poster or Poster(frozenset({HOST}), lambda host, port: ["127.0.0.1"], timeout_s=5)
    return Caller(telling.talk.database, telling.windows, {"VPN_SECRET": SECRET}, posts)


def send_due(telling: Telling) -> int:
    """Do what the worker sweeps: note what has run out, and make the calls that are due."""
    ExpiredConfirmations(telling.talk.database).sweep()
    calls = caller(telling)
    try:
        return calls.send_due()
    finally:
        calls.close()


def expires(telling: Telling, confirmation: str) -> None:
    telling.talk.change("update confirmations set expires_at = now() - interval '1 second' where id = %s", confirmation)


def outcomes(system: System) -> list[dict[str, Any]]:
    return [json.loads(body) for _, _, body in system.calls]


# --- one answer ---


def test_a_confirmation_gets_one_answer_for_ever(telling: Telling) -> None:
    """Asked with who asks and until when; the first tap counts, whatever comes later and from wherever."""
    asked = telling.confirm()
    telling.talk.work()
    (delivery,) = telling.talk.line.arrived
    assert delivery.reply.text == "從 203.0.113.7 登入"
    assert "「erp」請您確認" in (delivery.reply.notice or "")
    yes, no = taps(delivery.reply)
    assert telling.confirmed(asked.id) == "pending"
    assert telling.tap(ON_LINE, yes).text == "已核准。"
    assert telling.tap(ON_LINE, no).text == "您已經核准過了，不能再更改。"
    assert telling.confirmed(asked.id) == "approved"
    assert telling.confirmed(asked.id, "shop") == ""
    assert telling.confirmed("x") == ""


def test_of_two_answers_at_once_one_counts(telling: Telling) -> None:
    """The person taps yes on LINE and no on Slack: one of them is told that it came too late."""
    telling.talk.bind(slack_person("UFANG"), FANG)
    asked = telling.confirm()
    for place, verb in ((ON_LINE, "yes"), (slack_person("UFANG"), "no")):
        telling.talk.take_in(event(place, kind=Kind.POSTBACK, data=f"confirm={asked.id}/{verb}"))
    clerks = [telling.talk.another_clerk(), telling.talk.another_clerk()]
    places = (ON_LINE.conversation, slack_person("UFANG").conversation)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda both: both[0].handle_next(both[1]), zip(clerks, places, strict=True)))
    telling.talk.work()
    status = telling.confirmed(asked.id)
    assert status in ("approved", "denied")
    said = [*telling.talk.line.said, *telling.talk.slack.said]
    assert sum("不能再更改" in text for text in said) == 1


def test_after_its_time_no_answer_is_taken(telling: Telling) -> None:
    """By the database's clock, also for a tap that was under way; and what expired before it was said is not said."""
    asked = telling.confirm()
    telling.talk.work()
    telling.talk.change("update confirmations set expires_at = now() - interval '1 second'")
    assert telling.confirmed(asked.id) == "expired"
    assert telling.tap(ON_LINE, f"confirm={asked.id}/yes").text == "這項確認已經過期，沒有記下任何回覆。"
    with telling.talk.database.application() as connection:
        assert not confirmations.answer(connection, asked.id, f"person:{FANG}", "approved")
    assert telling.confirmed(asked.id) == "expired"
    telling.confirm("k2")
    telling.talk.change("update confirmations set expires_at = now() where key = 'k2'")
    before = len(telling.talk.line.arrived)
    telling.talk.work()
    assert len(telling.talk.line.arrived) == before


def test_nobody_confirms_in_another_persons_place(telling: Telling) -> None:
    """Whoever got hold of the button's data; nor the person, with a button that does not exist."""
    asked = telling.confirm()
    telling.talk.bind(BOSS_ON_SLACK, BOSS)
    telling.talk.work()
    forged = [(place, verb) for place in (GUEST, BOSS_ON_SLACK) for verb in ("yes", "no", "")]
    for place, verb in (*forged, (ON_LINE, "approved"), (ON_LINE, "")):
        assert telling.tap(place, f"confirm={asked.id}/{verb}").text == "這項確認不是給您的，所以沒有記下任何回覆。"
    assert telling.confirmed(asked.id) == "pending"


def test_a_confirmation_is_asked_once_for_its_key(telling: Telling) -> None:
    """The same call again tells how it stands; something else under the key is refused."""
    asked = telling.confirm()
    assert telling.confirm() == Accepted(asked.id, "pending", new=False)
    assert telling.confirm(text="別的") == Refused(
        "key: stands for something else already; use another key.", conflict=True
    )
    telling.talk.work()
    telling.tap(ON_LINE, f"confirm={asked.id}/no")
    assert telling.confirm() == Accepted(asked.id, "denied", new=False)
    assert len([one for one in telling.talk.line.arrived if one.reply.cards]) == 1


def test_nobody_is_asked_without_end(telling: Telling) -> None:
    """Who is asked again and again says yes in the end: only so many wait at once."""
    for number in range(OPEN_AT_ONCE):
        assert isinstance(telling.confirm(f"k{number}"), Accepted)
    with pytest.raises(TooMany):
        telling.confirm("one too many")
    assert isinstance(telling.confirm("k0"), Accepted)
    telling.talk.change("update confirmations set expires_at = now()")
    assert isinstance(telling.confirm("later"), Accepted)


def test_who_cannot_answer_is_not_asked(telling: Telling) -> None:
    """A stranger, and somebody without an account: the client hears it at once."""
    stranger, unbound = telling.confirm(person="A9"), telling.confirm(person=BOSS)
    assert stranger.detail == "person: A9 is nobody whom hr serves."
    assert unbound.detail.startswith(f"person: {BOSS} has no account")
    assert telling.talk.value("select count(*) from confirmations") == 0


# --- on the page ---


def shown(telling: Telling, who: Visitor) -> list[Asked]:
    """What this visitor of hr's page was told without asking."""
    return [one for one in telling.talk.desk.asked(who, "hr") if one.told]


def tap_on_the_page(telling: Telling, who: Visitor, data: str) -> Reply:
    message = f"m{next(_numbers)}"
    telling.talk.desk.tap(who, "hr", message, "核准", data, "zh-TW")
    telling.talk.work()
    reply = next(one.reply for one in telling.talk.desk.asked(who, "hr") if one.id == message)
    assert reply is not None
    return reply


def test_who_is_on_the_page_only_confirms_there(telling: Telling) -> None:
    """In any browser of theirs, with the two taps; the first counts, and the open page hears of it by itself."""
    telling.talk.desk.come(BOSS_AT_HOME, "zh-TW")
    asked = telling.confirm(person=BOSS)
    telling.talk.work()
    assert telling.talk.desk.news(BOSS_AT_WORK) == News({"hr": 1})
    [told] = shown(telling, BOSS_AT_WORK)
    assert told.reply is not None
    assert (told.reply.text, "「erp」請您確認" in (told.reply.notice or "")) == ("從 203.0.113.7 登入", True)
    yes, no = taps(told.reply)
    assert tap_on_the_page(telling, BOSS_AT_HOME, yes).text == "已核准。"
    assert tap_on_the_page(telling, BOSS_AT_WORK, no).text == "您已經核准過了，不能再更改。"
    assert telling.confirmed(asked.id) == "approved"


def test_who_was_asked_on_the_page_may_answer_elsewhere_once(telling: Telling) -> None:
    """The account was bound in between: one answer, whichever platform it comes from."""
    telling.talk.desk.come(BOSS_AT_HOME, "zh-TW")
    asked = telling.confirm(person=BOSS)
    telling.talk.work()
    telling.talk.bind(BOSS_ON_SLACK, BOSS)
    assert telling.tap(BOSS_ON_SLACK, f"confirm={asked.id}/no").text.startswith("已拒絕")
    assert tap_on_the_page(telling, BOSS_AT_HOME, f"confirm={asked.id}/yes").text == "您已經拒絕過了，不能再更改。"
    assert telling.confirmed(asked.id) == "denied"


def test_on_the_page_too_an_answer_may_come_too_late(telling: Telling) -> None:
    """It is said so; what ran out before it was said is not said."""
    telling.talk.desk.come(BOSS_AT_HOME, "zh-TW")
    asked = telling.confirm(person=BOSS)
    telling.talk.work()
    expires(telling, asked.id)
    late = tap_on_the_page(telling, BOSS_AT_HOME, f"confirm={asked.id}/yes").text
    assert late == "這項確認已經過期，沒有記下任何回覆。"
    unsaid = telling.confirm("k2", person=BOSS)
    expires(telling, unsaid.id)
    telling.talk.work()
    assert len(shown(telling, BOSS_AT_HOME)) == 1


def test_who_has_left_confirms_nothing(telling: Telling) -> None:
    """The session is still there, the person is not."""
    telling.talk.desk.come(BOSS_AT_HOME, "zh-TW")
    asked = telling.confirm(person=BOSS)
    telling.talk.change("delete from people where employee_number = %s", BOSS)
    telling.talk.work()
    refused = tap_on_the_page(telling, BOSS_AT_HOME, f"confirm={asked.id}/yes").text
    assert refused == "這項確認不是給您的，所以沒有記下任何回覆。"
    assert telling.confirmed(asked.id) == "pending"


def test_a_confirmation_on_the_page_is_nobody_elses(telling: Telling) -> None:
    """Neither shown to a colleague nor answered by one; who has an account is asked there and not on the page."""
    for who in (BOSS_AT_HOME, FANG_AT_HOME):
        telling.talk.desk.come(who, "zh-TW")
    asked = telling.confirm(person=BOSS)
    telling.talk.work()
    assert shown(telling, FANG_AT_HOME) == []
    refused = tap_on_the_page(telling, FANG_AT_HOME, f"confirm={asked.id}/yes").text
    assert refused == "這項確認不是給您的，所以沒有記下任何回覆。"
    assert telling.confirmed(asked.id) == "pending"
    telling.confirm("k2", person=FANG)
    telling.talk.work()
    assert (len(telling.talk.line.arrived), shown(telling, FANG_AT_HOME)) == (1, [])


# --- the outcome is called ---


@pytest.mark.parametrize(("verb", "status"), [("yes", "approved"), ("no", "denied")])
def test_an_answer_is_called_back_once_and_signed(calling: Telling, system: System, verb: str, status: str) -> None:
    """With the id, the outcome and the time, and nothing else of anybody; the path and query are the caller's."""
    asked = calling.confirm(callback=url(system))
    calling.talk.work()
    assert send_due(calling) == 0
    calling.tap(ON_LINE, f"confirm={asked.id}/{verb}")
    calling.tap(ON_LINE, f"confirm={asked.id}/yes")
    assert send_due(calling) == 1
    expires(calling, asked.id)
    assert send_due(calling) == 0
    [(path, headers, body)] = system.calls
    assert (path, headers["Host"]) == ("/confirmed?user=7", f"{HOST}:{system.port}")
    signed = headers["X-Transom-Timestamp"].encode() + b"." + body
    assert headers["X-Transom-Signature"] == hmac.new(SECRET.encode(), signed, sha256).hexdigest()
    assert headers["Idempotency-Key"] == f"transom-confirmation-{asked.id}"
    at = calling.talk.value("select answered_at from confirmations").astimezone(UTC)
    assert json.loads(body) == {"id": asked.id, "status": status, "at": at.isoformat()}
    assert calling.confirmed(asked.id) == status


def test_what_runs_out_is_called_back_once(calling: Telling, system: System) -> None:
    """However many look; an answer after that changes nothing, neither here nor there."""
    asked = calling.confirm(callback=url(system))
    calling.talk.work()
    expires(calling, asked.id)
    sweepers = [ExpiredConfirmations(calling.talk.database) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.sweep(), sweepers))
    assert send_due(calling) == 1
    late = calling.tap(ON_LINE, f"confirm={asked.id}/yes").text
    assert late == "這項確認已經過期，沒有記下任何回覆。"
    assert send_due(calling) == 0
    assert [(one["id"], one["status"]) for one in outcomes(system)] == [(asked.id, "expired")]
    assert calling.confirmed(asked.id) == "expired"


def test_an_answer_under_way_when_it_runs_out_has_one_outcome(calling: Telling, system: System) -> None:
    """Whoever is first with the row has it: the sweep passes an answer by, and an answer comes too late for a sweep."""
    in_time, too_late = calling.confirm(callback=url(system)), calling.confirm("k2", callback=url(system))
    person = f"person:{FANG}"
    with calling.talk.database.application() as answering:
        assert confirmations.answer(answering, in_time.id, person, "approved")
        calls.add_outcome(answering, in_time.id)
        ExpiredConfirmations(calling.talk.database).sweep()  # waits for nobody
    with calling.talk.database.application() as answering:
        answering.execute("select now()")  # it began in time
        calling.talk.change(
            "update confirmations set expires_at = clock_timestamp() where id = %s and state = 'pending'", too_late.id
        )
        ExpiredConfirmations(calling.talk.database).sweep()
        assert not confirmations.answer(answering, too_late.id, person, "approved")
    assert send_due(calling) == 2
    assert {one["id"]: one["status"] for one in outcomes(system)} == {in_time.id: "approved", too_late.id: "expired"}


def test_a_worker_killed_over_the_call_makes_one_delivery(calling: Telling, system: System) -> None:
    """One dies before it has sent, one after: the calls that follow have the same key and body."""
    asked = calling.confirm(callback=url(system))
    calling.talk.work()
    calling.tap(ON_LINE, f"confirm={asked.id}/yes")
    with calling.talk.database.application() as connection:
        assert len(calls.claim(connection, 10, 180.0)) == 1  # and dies

    class Dying(Poster):
        def post(self, *call: Any) -> Answer:
            super().post(*call)
            raise SystemExit

    assert send_due(calling) == 0  # not before its lease is over
    calling.talk.change("update calls set next_at = now()")
    dying = caller(calling, Dying(frozenset({HOST}), lambda host, port: ["127.0.0.1"]))
    with pytest.raises(SystemExit):
        dying.send_due()
    dying.close()
    calling.talk.change("update calls set next_at = now()")
    two = [caller(calling), caller(calling)]
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(lambda one: one.send_due(), two)) == 1
    for one in two:
        one.close()
    assert (len(set(system.keys)), len({body for _, _, body in system.calls})) == (1, 1)
    assert calling.talk.rows("select state, attempt from calls") == [("done", 3)]


def test_a_call_that_is_not_taken_is_stuck_and_made_again_by_hand(
    calling: Telling, system: System, tmp_path: Path
) -> None:
    """A busy system is called again; a redirect is followed nowhere, and stands in the list of stuck calls."""
    asked = calling.confirm(callback=url(system))
    calling.talk.work()
    calling.tap(ON_LINE, f"confirm={asked.id}/yes")
    system.statuses = [503, 302]
    for _ in range(3):
        send_due(calling)
        calling.talk.change("update calls set next_at = now()")
    with calling.talk.database.application() as connection:
        [stuck] = calls.stuck(connection, 10)
        assert (stuck.number, stuck.window_name, stuck.form, stuck.reason) == (asked.id, "hr", None, "status 302")
    transom = Command(calling.talk.company, tmp_path / "data", calling.talk.url)
    listed = transom.right("calls", "stuck").out
    assert ("(confirmation)" in listed, "302" in listed) == (True, True)
    assert transom.right("calls", "retry", str(stuck.id)).out.startswith("1 of 1")
    assert send_due(calling) == 1
    assert len(system.calls) == 3
    assert [one["status"] for one in outcomes(system)] == ["approved"] * 3


def test_what_the_file_no_longer_allows_is_not_called(calling: Telling, system: System) -> None:
    """Taken out between the order and the answer."""
    asked = calling.confirm(callback=url(system))
    calling.talk.work()
    calling.change_hr(callbacks=())
    calling.tap(ON_LINE, f"confirm={asked.id}/yes")
    send_due(calling)
    assert system.calls == []
    assert calling.talk.rows("select state, reason from calls") == [("stuck", "no longer in the window's file")]


def test_who_names_no_callback_is_not_called(calling: Telling, system: System) -> None:
    """Neither when it is answered nor when it runs out."""
    asked, other = calling.confirm(), calling.confirm("k2")
    calling.talk.work()
    calling.tap(ON_LINE, f"confirm={asked.id}/yes")
    expires(calling, other.id)
    assert send_due(calling) == 0
    assert calling.talk.value("select count(*) from calls") == 0
    assert (calling.confirmed(asked.id), calling.confirmed(other.id)) == ("approved", "expired")


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/x",
        "https://vpn.test:PORT/x",
        "http://vpn.test/x",
        "http://vpn.test.evil.example:PORT/",
        "http://vpn.test:PORT@evil.example/",
        "http://user:word@vpn.test:PORT/",
        "http://vpn.test:PORT\\@evil.example/",
        "http://vpn.test:PORT/{person}",
        "http://vpn.test:PORT/a b",
        "http://vpn.test:PORT/#x",
        "http://vpn.test:99999/",
        "ftp://vpn.test:PORT/",
        "file:///etc/passwd",
        "http://127.0.0.1:PORT/",
        "http://[::1]:PORT/",
        "vpn.test",
        "http://vpn.test:PORT/\n",
    ],
)
def test_a_callback_elsewhere_is_refused(calling: Telling, system: System, address: str) -> None:
    """With the field, what is wrong and what to write; nobody is asked."""
    refused = calling.confirm(callback=address.replace("PORT", str(system.port)))
    assert isinstance(refused, Refused)
    assert refused.detail.startswith("callback: ")
    assert "callbacks:  in windows/hr.yaml" in refused.detail or "write it like  https://" in refused.detail
    assert calling.talk.value("select count(*) from confirmations") == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_a_host_on_a_private_network_is_refused_unless_it_is_ours(
    calling: Telling, system: System, address: str
) -> None:
    """The file alone does not open the company's own network, whatever the name leads to."""
    calling.addresses[HOST] = address
    assert isinstance(calling.confirm(callback=url(system)), Accepted)
    calling.ours = frozenset()
    calling.restart()
    refused = calling.confirm("k2", callback=url(system))
    assert refused.detail == "callback: the host is on a private network; list it in TRANSOM_OUR_MACHINES."


def test_the_callback_is_part_of_what_the_key_stands_for(calling: Telling, system: System) -> None:
    """The same again tells how it stands; with another callback, or none, it is another order."""
    asked = calling.confirm(callback=url(system))
    assert calling.confirm(callback=url(system)) == Accepted(asked.id, "pending", new=False)
    for other in ("", f"{url(system)}8"):
        assert calling.confirm(callback=other).conflict
    calling.change_hr(callbacks=())  # what was asked before is still there to be told of
    assert calling.confirm(callback=url(system)) == Accepted(asked.id, "pending", new=False)
