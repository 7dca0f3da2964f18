"""kill -9 of a worker in mid-form and mid-approval: nothing is lost, nothing is kept or said twice.

One worker is killed at a moment of its work, another takes its place; the person does nothing a second time.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg
import pytest
from acceptance.command import kill
from acceptance.installation import Server
from acceptance.office import wait_for
from acceptance.staff import ITEM, Staff, staff_of, tap

PLATFORMS = ("line", "slack")
# Where the worker is when it is killed: it has claimed the event and waits for the table, or has committed and sends.
MOMENTS = ("before the commit", "after the commit")
SENDS = ("chat.postMessage", "chat.update")


@pytest.fixture(scope="module")
def staff(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Staff]:
    """One office with one worker, which is the second of its processes."""
    with server.database() as url, staff_of(url, tmp_path_factory.mktemp("killed"), workers=1) as staff:
        yield staff


@contextmanager
def killed(staff: Staff, moment: str, table: str) -> Iterator[None]:
    """Have the worker killed while it handles what happens here, and then another work instead.

    ``table``: what it reads and writes for that.
    """
    office = staff.office
    worker = office.processes[-1]
    strike = _before if moment == "before the commit" else _after
    with strike(staff, worker.pid, table):
        yield
    assert worker.poll() is not None, "the worker was not killed"
    office.start_worker()
    office.settled()


@contextmanager
def _before(staff: Staff, pid: int, table: str) -> Iterator[None]:
    office = staff.office
    with psycopg.connect(office.database_url) as blocking:
        blocking.execute(f"lock table {table} in access exclusive mode")
        yield
        wait_for(lambda: office.count("inbox", "state = 'working'") == 1, 20, "nothing was claimed")
        wait_for(lambda: office.count("pg_locks", "not granted") > 0, 20, "the worker does not wait for the table")
        kill(office.processes[-1])


@contextmanager
def _after(staff: Staff, pid: int, table: str) -> Iterator[None]:
    office, struck = staff.office, Event()

    def strike() -> None:
        if not struck.is_set():
            struck.set()
            os.killpg(pid, signal.SIGKILL)

    office.line.on_request = lambda path, body, when: strike() if "message/" in path and when == "before" else None
    office.slack.on_call = lambda method, given, when: strike() if method in SENDS and when == "before" else None
    yield
    wait_for(struck.is_set, 20, "nothing was sent")
    office.processes[-1].wait(20)
    office.line.on_request = office.slack.on_call = None


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_answer_in_mid_form_is_taken_once(staff: Staff, platform: str, moment: str) -> None:
    """What was written goes into the draft, and the next question, here the look over all of it, is put once."""
    person = staff.on(platform, 4)
    assert person.says("我要領用品").holds("品項")
    item = f"{ITEM} {platform} {moment}"
    with killed(staff, moment, "drafts"):
        person.send(person.written(item))
    assert person.times_told(item) == 1
    hand_in = person.was_told(item).tap("送出")
    assert hand_in
    person.taps(hand_in)
    assert handed_in(staff, item) == 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_handed_in_is_there_once(staff: Staff, platform: str, moment: str) -> None:
    """One submission with one number, told once; those who decide are asked once each."""
    person = staff.on(platform, 4)
    item = f"{ITEM} 送 {platform} {moment}"
    person.says("我要領用品")
    hand_in = person.says(item).tap("送出")
    assert hand_in
    with killed(staff, moment, "submissions"):
        person.send(hand_in.makes())
    assert handed_in(staff, item) == 1
    ((number, submission),) = staff.office.query(
        "select number, id from submissions where summary like '%%' || %s || '%%'", [item]
    )
    assert person.times_told(number) == 1
    for approver in (staff.on(platform, 1), staff.on(platform, 2)):
        assert approver.times_told(number) == 1
    assert staff.office.count("approval_tasks", f"submission = {submission}") == 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_decision_is_taken_once(staff: Staff, platform: str, moment: str) -> None:
    """One decision in the history and in the audit log; both who decided and who requested are told once."""
    request = staff.requests(platform)
    approver, requester = staff.on(platform, 1), staff.on(platform, 4)
    approves = tap(approver, request, "核准").makes()
    with killed(staff, moment, "approval_tasks"):
        approver.send(approves)
    assert approver.times_told(f"已核准 {request.number}") == 1
    assert staff.decided(request) == [(approver.number, "approved")]
    assert [row[:2] for row in staff.audited(request, "approved")] == [(approver.number, "approved")]
    assert staff.state(request) == "approved"
    assert staff.outcomes(request) == 1
    assert requester.times_told(f"（{request.number}）已核准。") == 1


def handed_in(staff: Staff, item: str) -> int:
    """Return how many submissions there are of the item."""
    return int(
        staff.office.query("select count(*) from submissions where summary like '%%' || %s || '%%'", [item])[0][0]
    )
