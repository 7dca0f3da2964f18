"""The company's own system is called when a request is done: signed, once for each key, until it takes it."""

import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
from fakes.company_system import System, listening
from integration.approving import BOSS, CLERK_OF_HR, FANG, FORMS, Company
from integration.talking import Talk

from bots.conversations.calls import store
from bots.conversations.calls.http import Answer, Poster
from bots.conversations.calls.sender import Caller

SECRET = "s3cret-of-hris"
NUMBER = "HR-CALLED-2026-0001"


@pytest.fixture
def system() -> Iterator[System]:
    """A system that listens on this machine."""
    with listening(System()) as system:
        yield system


@pytest.fixture
def company(talk: Talk, system: System) -> Company:
    """A company whose forms call the system."""
    url = f"http://hris.test:{system.port}/leaves"
    called = {"approval": ["manager"], "on_approved": {"http": url, "secret": "${HRIS_SECRET}"}}
    worked = {"assign": {"group": "hr"}, "on_approved": {"http": url}}
    plain = {"on_approved": {"http": url}}
    return Company(talk, {**FORMS, "called": called, "plain": plain, "worked": worked})


@pytest.fixture
def caller(company: Company) -> Iterator[Caller]:
    """What makes the calls; the system's machine is one of ours."""
    caller = caller_of(company)
    yield caller
    caller.close()


def caller_of(company: Company, poster: Poster | None = None, **environment: str) -> Caller:
    environment = environment or {"HRIS_SECRET": SECRET}
    return Caller(company.talk.database, company.windows, environment, poster or poster_of())


def poster_of(ours: frozenset[str] = frozenset({"hris.test"})) -> Poster:
    return Poster(ours, lambda host, port: ["127.0.0.1"], timeout_s=5)


def approved(company: Company, **values: Any) -> int:
    submission = company.hand_in("called", **values)
    company.tap(BOSS, company.data(BOSS))
    return submission


def due_now(company: Company) -> None:
    company.talk.change("update calls set next_at = now()")


def call(company: Company) -> tuple[Any, ...]:
    return company.talk.rows("select state, attempt, reason from calls")[0]


def test_the_system_is_called_when_a_request_is_approved(company, caller, system):
    """With a signature that it can check, and everything it needs to know."""
    company.hand_in("called", reason="搬家")
    assert caller.send_due() == 0
    company.tap(BOSS, company.data(BOSS))
    assert caller.send_due() == 1
    [(path, headers, body)] = system.calls
    assert path == "/leaves"
    assert headers["Host"] == f"hris.test:{system.port}"
    signed = headers["X-Transom-Timestamp"].encode() + b"." + body
    assert headers["X-Transom-Signature"] == hmac.new(SECRET.encode(), signed, sha256).hexdigest()
    told = json.loads(body)
    assert (told["number"], told["window"], told["form"]) == (NUMBER, "hr", "called")
    assert (told["employee_number"], told["decided_by"], told["values"]) == (
        FANG,
        BOSS,
        {"days": "1", "reason": "搬家"},
    )
    assert call(company) == ("done", 1, None)
    due_now(company)
    assert (caller.send_due(), len(system.calls)) == (0, 1)


def test_the_call_is_due_in_the_transaction_that_decides(company, caller):
    """A rejected or withdrawn request calls nobody."""
    company.hand_in("called")
    company.tap(BOSS, f"decide={company.data(BOSS).removeprefix('decide=').partition('/')[0]}/skip")
    submission = company.hand_in("called")
    company.tap(FANG, f"task=withdraw/{submission}")
    assert caller.send_due() == 0


def test_what_nobody_approves_calls_when_it_is_handed_in(company, caller, system):
    """Unsigned, as the file names no secret; and after the work where somebody works on it."""
    company.hand_in("plain")
    company.hand_in("worked")
    assert caller.send_due() == 1
    company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR, "結案"))
    company.write(CLERK_OF_HR, "好了")
    assert caller.send_due() == 1
    (_, headers, first), (_, _, second) = system.calls
    assert "X-Transom-Signature" not in headers
    assert [json.loads(body)["decided_by"] for body in (first, second)] == [None, CLERK_OF_HR]


def test_a_crash_between_the_call_and_its_noting_calls_again_with_the_same_key(company, caller, system):
    """Not before the lease is over; that it is the same call, the key tells the system."""
    approved(company)

    class Dying(Poster):
        def post(self, *call: Any) -> Answer:
            super().post(*call)
            raise SystemExit

    dying = caller_of(company, Dying(frozenset({"hris.test"}), lambda host, port: ["127.0.0.1"]))
    with pytest.raises(SystemExit):
        dying.send_due()
    dying.close()
    assert call(company) == ("pending", 1, None)
    assert caller.send_due() == 0
    due_now(company)
    assert caller.send_due() == 1
    assert len(set(system.keys)) == 1
    assert system.calls[0][2] == system.calls[1][2]
    assert call(company) == ("done", 2, None)


def test_two_who_call_at_once_share_the_work(company, caller, system):
    """Each call is made by one of them."""
    for _ in range(6):
        approved(company)
    other = caller_of(company)
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda one: one.send_due(), (caller, other)))
    other.close()
    assert (sum(made), len(set(system.keys)), len(system.calls)) == (6, 6, 6)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_system_that_is_busy_or_broken_is_called_again(company, caller, system, status):
    """Later each time."""
    approved(company)
    system.statuses = [status, status]
    caller.send_due()
    assert call(company) == ("pending", 1, f"status {status}")
    assert company.talk.value("select next_at > now() + interval '4 seconds' from calls")
    assert caller.send_due() == 0
    for _ in range(2):
        due_now(company)
        caller.send_due()
    assert call(company) == ("done", 3, None)


def test_a_system_that_is_not_there_is_called_for_five_hours(company, system):
    """And then somebody has to look; it can be called again by hand."""
    approved(company)
    gone = caller_of(company, Poster(frozenset({"hris.test"}), lambda host, port: ["127.0.0.1"], timeout_s=0.001))
    for _ in range(27):
        due_now(company)
        gone.send_due()
    gone.close()
    with company.talk.database.application() as connection:
        [stuck] = store.stuck(connection, 10)
        assert (stuck.number, stuck.attempt) == (NUMBER, 27)
        assert store.retry(connection, [stuck.id]) == 1
    again = caller_of(company)
    again.send_due()
    again.close()
    assert call(company)[0] == "done"


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410])
def test_a_system_that_will_not_take_it_is_not_called_again(company, caller, system, status):
    """A redirect is followed nowhere."""
    submission = approved(company)
    system.statuses = [status]
    caller.send_due()
    due_now(company)
    assert caller.send_due() == 0
    assert (len(system.calls), call(company)) == (1, ("stuck", 1, f"status {status}"))
    assert company.log(submission)[-1] == ("call_stuck", "transom")


def test_a_private_machine_that_is_none_of_ours_is_not_called(company, system):
    """Whatever the name in the file leads to."""
    approved(company)
    stranger = caller_of(company, poster_of(frozenset()))
    stranger.send_due()
    stranger.close()
    assert (system.calls, call(company)) == ([], ("stuck", 1, "private address"))


def test_without_its_secret_nothing_is_sent(company, system):
    """An unsigned call would teach the system to take those."""
    approved(company)
    unset = caller_of(company, OTHER="x")
    unset.send_due()
    unset.close()
    assert (system.calls, call(company)) == ([], ("stuck", 1, "its secret is not set"))


def test_the_sweep_does_not_wait_for_a_slow_system(company, caller, system):
    """It starts the calls, and starts no others while they are made."""
    approved(company)
    caller.sweep()
    caller.sweep()
    caller.close()
    assert len(system.calls) == 1
    assert call(company)[0] == "done"


def test_every_call_stands_in_the_log(company, caller, system):
    """That it was due, that it failed, that it was made."""
    submission = approved(company)
    system.statuses = [503]
    caller.send_due()
    due_now(company)
    caller.send_due()
    actions = [action for action, _ in company.log(submission)]
    assert actions[-3:] == ["call_due", "call_failed", "called"]
