"""Whatever is killed or cut at whatever step, each message is answered exactly once and in order.

Real processes, a real Postgres of this module's own, kill -9. A platform sends an event again until it hears 200, as
LINE (with redelivery) and Slack do; a person taps "show the answer" where a late answer waits for that.
"""

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from acceptance.command import kill
from acceptance.office import CHANNEL, EMPLOYEE, SHOP, TEAM, Office, free_port, office, wait_for
from acceptance.talk import CODES, Postgres, Talk, finish, question, write_codes
from fakes.line import DROP_AFTER, DROP_BEFORE, FAIL_AFTER, FAIL_BEFORE, of_user, send_webhook, user_id

from rag_core import embedded
from rag_core.database import migrate

SOAK = os.environ.get("TRANSOM_SOAK") == "1"
MESSAGES = 4_000 if SOAK else 1_050


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="transom-faults-")) / "postgres"
    url = embedded.start(folder)
    migrate(url)
    yield Postgres(folder, url)
    embedded.revive(folder)
    embedded.stop(folder)


@pytest.fixture(scope="module")
def running(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    """The office of this module, without processes: each test starts its own."""
    folder = tmp_path_factory.mktemp("office")
    # The product's own period: a request of a worker that was killed may still be on its way, and on a busy machine the
    # fakes are slow to act on it. Slack cannot tell of a message that it has not got yet.
    more = {"TRANSOM_SWEEP_S": "5"}
    with office(postgres.url, folder, strict=False, web=0, workers=0, more=more, write=write_codes) as running:
        yield running


@pytest.fixture
def quiet(running: Office) -> Iterator[Office]:
    """The office with nothing running and no faults left over."""
    yield running
    running.line.on_request = running.slack.on_call = None
    running.line.faults.clear()
    running.slack.faults.clear()
    running.line.chaos(0, 0)
    running.slack.chaos(0, 0)
    running.stop()
    running.processes.clear()


def killer(process: subprocess.Popen[bytes], happened: Event) -> Callable[[], None]:
    """Return what kills the process once."""

    def strike() -> None:
        if not happened.is_set():
            happened.set()
            kill(process)

    return strike


# --- the worker, at each step ---


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("platform", ["line", "slack"])
def test_a_worker_killed_while_it_sends_is_made_good(quiet: Office, platform: str, phase: str) -> None:
    """Before the platform acted or after it, with no answer heard: the message arrives once."""
    quiet.start_web()
    first = quiet.start_worker()
    happened = Event()
    strike = killer(first, happened)

    def on_line(path: str, body: object, when: str) -> None:
        if "message/reply" in path and when == phase:
            strike()

    def on_slack(method: str, arguments: object, when: str) -> None:
        if method == "chat.postMessage" and when == phase:
            strike()

    quiet.line.on_request, quiet.slack.on_call = (on_line, None) if platform == "line" else (None, on_slack)
    talk = Talk(quiet)
    talk.line("kim", 1) if platform == "line" else talk.slack(f"D{EMPLOYEE}", 1)
    wait_for(happened.is_set, 20, "nothing was sent")
    quiet.start_worker()
    finish(talk)
    talk.check()
    assert quiet.query("select max(attempt) from outbox")[0][0] >= 2


def test_a_worker_killed_between_claim_and_commit_is_made_good(quiet: Office, postgres: Postgres) -> None:
    """The event is claimed, the answer is being written: another worker begins anew, and only that one is said."""
    quiet.start_web()
    first = quiet.start_worker()
    talk = Talk(quiet)
    with psycopg.connect(postgres.url) as blocking:
        blocking.execute("lock table turns in access exclusive mode")  # whoever reads the history waits here
        talk.line("lee", 2)
        talk.slack(f"D{EMPLOYEE}", 3)
        wait_for(lambda: quiet.count("inbox", "state = 'working'") == 2, 20, "nothing was claimed")
        kill(first)
    quiet.start_worker()
    finish(talk)
    talk.check()
    assert quiet.query("select max(attempt) from inbox")[0][0] >= 2


def test_a_worker_killed_between_commit_and_delivery_is_made_good(quiet: Office) -> None:
    """The answer is in the outbox: it is delivered, and not written a second time."""
    quiet.start_web()
    first = quiet.start_worker()
    reached = Event()
    quiet.line.on_request = lambda path, body, when: reached.set() if "message/reply" in path else None
    quiet.line.faults.next(FAIL_BEFORE, times=50)
    talk = Talk(quiet)
    talk.line("may", 4)
    wait_for(reached.is_set, 20, "nothing was tried")
    kill(first)
    written = quiet.query("select event, at from turns order by event desc limit 1")
    quiet.line.faults.clear()
    quiet.start_worker()
    finish(talk)
    talk.check()
    assert quiet.query("select event, at from turns order by event desc limit 1") == written


def test_nothing_stays_locked_longer_than_the_sweeps_period(quiet: Office) -> None:
    """After kill -9 the other worker takes the dead one's conversation up within the period (and some seconds)."""
    quiet.start_web()
    first = quiet.start_worker()
    quiet.start_worker()
    talk = Talk(quiet)
    happened = Event()

    def on_line(path: str, body: object, when: str) -> None:
        if "message/reply" in path and when == "before" and not happened.is_set():
            happened.set()
            for process in quiet.processes[1:]:  # whichever of the two it is
                os.killpg(process.pid, signal.SIGSTOP)

    quiet.line.on_request = on_line
    talk.line("ned", 5)
    wait_for(happened.is_set, 20, "nothing was sent")
    kill(first)
    os.killpg(quiet.processes[2].pid, signal.SIGCONT)
    began = time.monotonic()
    finish(talk)
    talk.check()
    assert time.monotonic() - began < 30
    assert quiet.count("procrastinate_jobs", "status = 'doing'") == 0


def test_a_worker_told_to_stop_finishes_what_it_is_at(quiet: Office) -> None:
    """SIGTERM in mid-delivery: the delivery is finished and noted before the process ends."""
    quiet.start_web()
    worker = quiet.start_worker()
    told = Event()

    def on_line(path: str, body: object, when: str) -> None:
        if "message/reply" in path and when == "before" and not told.is_set():
            told.set()
            worker.send_signal(signal.SIGTERM)
            time.sleep(1.0)

    quiet.line.on_request = on_line
    talk = Talk(quiet)
    talk.line("ola", 6)
    wait_for(told.is_set, 20, "nothing was sent")
    assert worker.wait(20) == 0
    talk.check()
    assert quiet.query("select state, attempt from outbox order by position desc limit 1") == [("sent", 1)]


def test_a_web_process_told_to_stop_finishes_what_it_is_at(quiet: Office, postgres: Postgres) -> None:
    """SIGTERM while an event is being stored: the platform hears 200, and the event is there."""
    web = quiet.start_web()
    talk = Talk(quiet)
    with psycopg.connect(postgres.url) as blocking:
        blocking.execute("lock table inbox in share mode")
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(talk.line, "pia", 7)
            time.sleep(0.5)
            web.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            blocking.rollback()
            sending.result(20)
    assert talk.tries == 1
    assert web.wait(30) == 0
    quiet.start_web()
    quiet.start_worker()
    finish(talk)
    talk.check()


def test_two_workers_and_two_web_processes_work_together(quiet: Office) -> None:
    """On one Postgres, with events of one conversation coming in at both doors."""
    other = replace(quiet, port=free_port(), processes=[])
    try:
        for one in (quiet, other):
            one.start_web()
            one.start_worker()
        talk = Talk(quiet, other)
        for number in range(20, 50):
            talk.line(f"p{number % 3}", number, again=number % 2)
            talk.slack(f"D{EMPLOYEE}", number)
        finish(talk)
        talk.check()
    finally:
        other.stop()
    assert talk.tries >= 60


# --- web and Postgres ---


def test_a_web_process_killed_while_it_stores_loses_nothing(quiet: Office, postgres: Postgres) -> None:
    """The platform hears nothing and sends again: stored once, whether or not the first had been committed."""
    web = quiet.start_web()
    talk = Talk(quiet)
    with psycopg.connect(postgres.url) as blocking:
        blocking.execute("lock table inbox in share mode")
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(talk.line, "quy", 8), pool.submit(talk.slack, f"D{EMPLOYEE}", 9)]
            time.sleep(0.7)
            kill(web)
            blocking.rollback()
            quiet.start_web()
            for one in both:
                one.result(30)
    quiet.start_worker()
    finish(talk)
    talk.check()
    assert talk.tries > 2


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_killed_postgres_is_waited_for(quiet: Office, postgres: Postgres, phase: str) -> None:
    """Killed while a reply is on its way: the delivery is settled when the database is back, and said once."""
    quiet.start_web()
    quiet.start_worker()
    happened = Event()

    def on_line(path: str, body: object, when: str) -> None:
        if "message/reply" in path and when == phase and not happened.is_set():
            happened.set()
            postgres.kill()

    quiet.line.on_request = on_line
    talk = Talk(quiet)
    talk.line("ray", 10)
    wait_for(happened.is_set, 20, "nothing was sent")
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(talk.line, "sue", 11)  # while there is no database: not acknowledged, sent again
        time.sleep(1.0)
        postgres.revive()
        later.result(40)
    finish(talk)
    talk.check()


def test_redelivered_hours_later_an_event_is_answered_no_second_time(quiet: Office) -> None:
    """LINE may send an event again after hours, Slack's retries may all come at once: the key is kept for ever."""
    quiet.start_web()
    quiet.start_worker()
    talk = Talk(quiet)
    channel = quiet.channels[SHOP]
    hours_ago = int((time.time() - 6 * 3600) * 1000)
    event = quiet.line.events(channel).text(of_user(user_id("tom")), question(12), at_ms=hours_ago)
    talk.sent[user_id("tom")].append(12)
    assert send_webhook(quiet.hook(SHOP), channel, [event]) == 200
    mention, message = quiet.slack.events.mention(TEAM, CHANNEL, EMPLOYEE, question(13))
    talk.sent[mention.ts].append(13)
    with ThreadPoolExecutor(8) as pool:
        retries = [
            pool.submit(quiet.slack.send, quiet.events_url, one, retry_num=number or None, retry_reason="http_timeout")
            for one in (mention, message)
            for number in range(4)
        ]
        assert {one.result().status for one in retries} == {200}
    quiet.settled()
    again = {**event, "deliveryContext": {"isRedelivery": True}}
    assert send_webhook(quiet.hook(SHOP), channel, [again]) == 200
    quiet.settled()
    finish(talk)
    talk.check()


# --- all at once ---


def test_over_a_thousand_messages_in_a_storm_are_each_answered_once_and_in_order(
    quiet: Office, postgres: Postgres
) -> None:
    """Dropped and doubled connections both ways, kill -9 of web, workers and Postgres again and again."""
    talk = Talk(quiet)
    quiet.start_web()
    workers = [quiet.start_worker(), quiet.start_worker()]
    quiet.line.chaos(0.04, 1, kinds=(DROP_BEFORE, DROP_AFTER, FAIL_BEFORE, FAIL_AFTER))
    quiet.slack.chaos(0.04, 2)
    over = Event()
    chance = random.Random(3)
    turn = 0

    def strike() -> None:
        nonlocal turn
        while not over.wait(2.5):
            turn += 1
            if turn % 6 == 0:
                postgres.kill()
                time.sleep(0.3)
                postgres.revive()
            elif turn % 3 == 0:
                kill(quiet.processes[0])
                quiet.processes[0] = restarted(quiet, "web")
                wait_for(quiet.answers, 60, "the web process does not come back")
            else:
                number = chance.randrange(2)
                kill(workers[number])
                workers[number] = restarted(quiet, "worker")

    def restarted(office: Office, part: str) -> subprocess.Popen[bytes]:
        process = office.start(part)
        office.processes.remove(process)
        office.processes.append(process)
        return process

    striking = Thread(target=strike, daemon=True)
    striking.start()
    try:
        write_all(talk, MESSAGES)
    finally:
        over.set()
        striking.join(30)
    quiet.line.chaos(0, 0)
    quiet.slack.chaos(0, 0)
    if not quiet.answers():
        quiet.processes[0] = quiet.start_web()
    finish(talk, timeout_s=240 if SOAK else 150)
    talk.check()
    assert turn >= 6, "too few were killed to show anything"
    assert sum(map(len, talk.sent.values())) >= MESSAGES
    assert quiet.count("outbox", "state in ('failed', 'uncertain')") == 0
    assert quiet.count("inbox", "state = 'failed'") == 0
    assert "Traceback" not in quiet.logs()


def write_all(talk: Talk, messages: int) -> None:
    """Have 60 people write, each in order, on LINE, in Slack threads and in a direct message."""
    chance = random.Random(5)
    people = [f"p{number:02d}" for number in range(40)]
    events = talk.office.slack.events
    threads = [events.message(TEAM, CHANNEL, EMPLOYEE, "一個討論串").ts for _ in range(19)] + [f"D{EMPLOYEE}"]
    everyone = people + threads
    each = messages // len(everyone) + 1
    plans = {
        one: [(chance.randrange(1, CODES), chance.random() < 0.1, chance.random()) for _ in range(each)]
        for one in everyone
    }

    def write(one: str) -> None:
        say = talk.slack if one in threads else talk.line
        for number, twice, pause in plans[one]:
            say(one, number, again=int(twice))
            time.sleep(pause * 1.5)

    with ThreadPoolExecutor(len(everyone)) as pool:
        for done in [pool.submit(write, one) for one in everyone]:
            done.result(300)
