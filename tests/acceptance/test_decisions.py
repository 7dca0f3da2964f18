"""Criterion 3: whatever is tapped, by whom and however often, there is one decision, the right one, and it is audited.

Everything comes as signed webhooks into the web process; two worker processes handle it. Some of the company are on
LINE, the others on Slack.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from acceptance.installation import Server
from acceptance.matrix_people import Heard, LinePerson, Person, Tap
from acceptance.office import STAFF
from acceptance.staff import ITEM, PEOPLE, Request, Staff, staff_of, tap
from fakes.line import of_user, send_webhook
from fakes.slack import Delivery

PLATFORMS = ("line", "slack")
TOGETHER = (("line", "line"), ("slack", "slack"), ("line", "slack"))
ROUNDS = 4  # of each pair


@pytest.fixture(scope="module")
def staff(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Staff]:
    """One office with two workers."""
    with server.database() as url, staff_of(url, tmp_path_factory.mktemp("decisions"), workers=2) as staff:
        yield staff


# --- two at once ---


@pytest.mark.parametrize("where", TOGETHER, ids="-".join)
def test_of_two_who_decide_at_once_one_does(staff: Staff, where: tuple[str, str]) -> None:
    """One approves, the other rejects, at the same moment: one decision stands, the other is told whose."""
    for _ in range(ROUNDS):
        request = staff.requests(where[0])
        approver, rejecter = staff.on(where[0], 1), staff.on(where[1], 2)
        approves = tap(approver, request, "核准")
        rejects = rejecter.taps(tap(rejecter, request, "駁回")).tap("不寫原因，直接駁回")
        assert rejects
        _at_once((approver, approves), (rejecter, rejects))
        heard = {one.number: one.was_told(request.number) for one in (approver, rejecter)}
        _one_decision(staff, request, heard)


def _at_once(*taps: tuple[Person, Tap]) -> None:
    begin = Barrier(len(taps))
    events = [(person, one.makes()) for person, one in taps]

    def send(person: Person, event: Any) -> None:
        begin.wait()
        person.send(event)

    with ThreadPoolExecutor(len(taps)) as threads:
        for sent in [threads.submit(send, person, event) for person, event in events]:
            sent.result()


def _one_decision(staff: Staff, request: Request, heard: dict[str, Heard]) -> None:
    """See that one of the two decided, that all that is kept says the same, and that the other knows."""
    ((who, what),) = staff.decided(request)
    (other,) = heard.keys() - {who}
    assert staff.state(request) == what
    assert [row[:2] for row in staff.audited(request, "approved", "rejected")] == [(who, what)]
    assert [row[0] for row in staff.audited(request, "too_late")] == [other]
    said = "核准" if what == "approved" else "駁回"
    assert heard[who].holds(f"已{said} {request.number}")
    name = next(line.split(",")[0] for line in PEOPLE.splitlines() if f",{who}," in line)
    assert heard[other].holds(f"{request.number} 已由 {name} 於")
    assert not heard[other].holds(f"已{'駁回' if what == 'approved' else '核准'} {request.number}")
    assert staff.outcomes(request) == 1


# --- too late, and again ---


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_click_after_the_withdrawal_decides_nothing(staff: Staff, platform: str) -> None:
    """The request is taken back; whoever taps then is told so, and the log has both."""
    request, requester, approver = staff.requests(platform), staff.on(platform, 4), staff.on(platform, 1)
    approves = tap(approver, request, "核准")
    details = next(one for one in requester.says("我的申請").taps if one.data == f"request={request.id}")
    withdraws = requester.taps(details).tap("撤回")
    assert withdraws
    assert requester.taps(withdraws).holds(f"已撤回 {request.number}")
    assert approver.taps(approves).holds(f"{request.number} 已由申請人於")
    assert (staff.state(request), staff.decided(request)) == ("withdrawn", [])
    logged = [row[:2] for row in staff.audited(request, "withdrawn", "too_late", "approved")]
    assert logged == [(requester.number, "withdrawn"), (approver.number, "too_late")]
    assert staff.outcomes(request) == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_replayed_click_decides_once(staff: Staff, platform: str) -> None:
    """The platform sends it again, and somebody taps again: the first counts, and the others change nothing."""
    request, approver = staff.requests(platform), staff.on(platform, 1)
    approves = tap(approver, request, "核准")
    event = approves.makes()
    for send in (approver.send, approver.send_again, approver.send_again):
        send(event)
    assert approver.was_told(request.number).holds(f"已核准 {request.number}")
    before = staff.audited(request, "approved", "too_late")
    assert before == [(approver.number, "approved", platform, "")]
    assert approver.taps(approves).holds(f"{request.number} 已由")  # by another event: who decided, and when
    assert staff.decided(request) == [(approver.number, "approved")]
    assert [row[:2] for row in staff.audited(request, "approved", "too_late")] == [
        (approver.number, "approved"),
        (approver.number, "too_late"),
    ]
    assert staff.outcomes(request) == 1


# --- not theirs ---


@pytest.mark.parametrize("number", [4, 5], ids=["requester", "outsider"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_forged_click_is_refused(staff: Staff, platform: str, number: int) -> None:
    """Who is none of its approvers sends what only they were offered: nothing is decided or told, and it is logged."""
    request, forger = staff.requests(platform), staff.on(platform, number)
    for verb in ("approve", "reject", "skip"):
        heard = forger.forges(f"decide={request.task}/{verb}")
        assert heard.holds("您不能決定這件申請")
        assert request.number not in heard.text
        assert ITEM not in heard.text
    assert (staff.state(request), staff.decided(request)) == ("waiting", [])
    assert staff.audited(request, "refused") == [(forger.number, "refused", platform, "not an approver")] * 3


def test_a_forged_click_of_somebody_nobody_knows_is_refused(staff: Staff) -> None:
    """An account that is bound to nobody is told to bind, whatever it sends."""
    request = staff.requests("line")
    known = staff.on("line", 1)
    assert isinstance(known, LinePerson)
    stranger = replace(known, number="stranger")
    heard = stranger.forges(f"decide={request.task}/approve")
    assert heard.holds("綁定")
    assert request.number not in heard.text
    assert (staff.state(request), staff.decided(request)) == ("waiting", [])
    who = f"line:{STAFF}:{stranger.id}"
    assert staff.audited(request, "refused") == [(who, "refused", "line", "nobody we know")]


def test_a_click_that_the_platform_did_not_sign_is_not_taken(staff: Staff) -> None:
    """An approver's own click with another signature: refused at the door, and nothing is kept of it."""
    running = staff.office
    request, line, slack = staff.requests("slack"), staff.on("line", 1), staff.on("slack", 1)
    assert isinstance(line, LinePerson)
    before = running.count("inbox")
    data = f"decide={request.task}/approve"
    channel = running.channels[STAFF]
    event = running.line.events(channel).postback(of_user(line.id), data)
    assert send_webhook(running.hook(STAFF), channel, [event], secret="another secret") in (400, 401, 403)
    delivery: Delivery = tap(slack, request, "核准").makes()
    answer = running.slack.send(running.events_url, replace(delivery, secret="another secret"))
    assert answer.status in (400, 401, 403)
    assert running.count("inbox") == before
    assert (staff.state(request), staff.decided(request)) == ("waiting", [])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_approver_who_lost_the_role_decides_nothing(staff: Staff, platform: str) -> None:
    """They were asked, and then people.csv says otherwise: their click is refused; one who has the role decides."""
    request, former, approver = staff.requests(platform), staff.on(platform, 3), staff.on(platform, 1)
    approves = tap(former, request, "核准")
    path = staff.office.company / "people.csv"
    mail = f"{former.number.lower()}@a.example,,employees"
    path.write_text(path.read_text(encoding="utf-8").replace(f"{mail};hr", mail), encoding="utf-8")
    staff.office.run("sync")
    heard = former.taps(approves)
    assert heard.holds("您不能決定這件申請")
    assert request.number not in heard.text
    assert (staff.state(request), staff.decided(request)) == ("waiting", [])
    assert staff.audited(request, "refused") == [(former.number, "refused", platform, "not an approver")]
    approver.taps(tap(approver, request, "核准"))
    assert staff.decided(request) == [(approver.number, "approved")]
    assert staff.audited(request, "approved") == [(approver.number, "approved", platform, "")]
