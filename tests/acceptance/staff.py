"""A company whose people request things of each other: five on LINE, five on Slack, and what is kept of a request."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from acceptance.matrix_people import Calm, LinePerson, Person, SlackPerson, Tap
from acceptance.office import STAFF, TEAM, Office, office, write_company

ITEM = "人體工學椅一張"
FORMS = """
forms:
  supply:
    title: 領用單
    examples: [我要領用品, 申請文具]
    fields: [{name: item, label: 品項}]
    approval: [{group: hr}]
    note: 送出了。
"""
# The letter says where somebody is. 1 and 2 decide, 3 will lose the role, 4 requests, 5 has nothing to do with it.
PEOPLE = """name,employee_number,email,manager,groups
線一,L1,l1@a.example,,employees;hr
線二,L2,l2@a.example,,employees;hr
線三,L3,l3@a.example,,employees;hr
線四,L4,l4@a.example,L1,employees
線五,L5,l5@a.example,L1,employees
板一,S1,s1@a.example,,employees;hr
板二,S2,s2@a.example,,employees;hr
板三,S3,s3@a.example,,employees;hr
板四,S4,s4@a.example,S1,employees
板五,S5,s5@a.example,S1,employees
"""


def write(company: Path) -> None:
    """Write the company of the other tests with a form that somebody of the group hr approves."""
    write_company(company)
    window = company / "windows" / "hr.yaml"
    text = window.read_text(encoding="utf-8").replace("line_pushes: 5", "line_pushes: 1000")
    window.write_text(text + FORMS, encoding="utf-8")
    (company / "people.csv").write_text(PEOPLE, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Request:
    """Something that waits for a decision. ``task``: what the approvers are asked."""

    id: int
    number: str
    task: int


@dataclass
class Staff:
    """The company and its people, by employee number."""

    office: Office
    people: dict[str, Person]

    def on(self, platform: str, number: int) -> Person:
        """Return somebody who is on the platform."""
        return self.people[f"{platform[0].upper()}{number}"]

    def requests(self, platform: str) -> Request:
        """Have somebody request something; see that it is asked for."""
        requester = self.on(platform, 4)
        requester.says("我要領用品")
        hand_in = requester.says(ITEM).tap("送出")
        assert hand_in
        requester.taps(hand_in)
        query = (
            "select s.id, s.number, t.id from submissions s join approval_tasks t on t.submission = s.id"
            " where employee_number = %s order by s.id desc limit 1"
        )
        return Request(*self.office.query(query, [requester.number])[0])

    def decided(self, request: Request) -> list[tuple[str, str]]:
        """Return the decisions of the request's history: who and what."""
        query = "select actor, action from submission_history where submission = %s order by id"
        return [row for row in self.office.query(query, [request.id]) if row[1] in ("approved", "rejected")]

    def audited(self, request: Request, *actions: str) -> list[tuple[Any, ...]]:
        """Return who did one of these, as the log has it, with the platform of the event and the note."""
        query = (
            "select actor, action, split_part(event, ':', 1), note from audit_log"
            " where submission = %s and action = any(%s) order by id"
        )
        return self.office.query(query, [request.id, list(actions)])

    def state(self, request: Request) -> str:
        """Return the request's state."""
        return str(self.office.query("select state from submissions where id = %s", [request.id])[0][0])

    def outcomes(self, request: Request) -> int:
        """Return how often the requester was told what came of it."""
        return self.office.count("inbox", f"starts_with(event_id, 'notice:outcome:{request.id}:')")


def tap(person: Person, request: Request, label: str) -> Tap:
    """Return what the person can tap in the messages about the request."""
    asked = person.was_told(request.number)
    found = asked.tap(label, [f"decide={request.task}/"])
    assert found, f"{label} is not offered; seen: {asked.text}"
    return found


@contextmanager
def staff_of(url: str, folder: Path, workers: int, write: Callable[[Path], None] = write) -> Iterator[Staff]:
    """Yield the company at work; in the end nothing has failed, no rule was broken, and the logs are clean."""
    with (
        office(url, folder, workers=workers, write=write) as running,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        calm = Calm(connection)
        line = {f"L{n}": LinePerson(f"L{n}", running, calm, STAFF) for n in range(1, 6)}
        slack = {f"S{n}": SlackPerson(f"S{n}", running, calm) for n in range(1, 6)}
        _bind(connection, list(line.values()))
        for person in slack.values():
            running.slack.add_user(TEAM, person.user, email=f"{person.number.lower()}@a.example")
            running.slack.add_channel(TEAM, person.channel, "", [person.user], is_im=True)
        staff = Staff(running, {**line, **slack})
        for one in staff.people.values():
            one.says("謝謝")  # the tour comes now, and to Slack's people we are bound
        yield staff
        assert running.line.violations == []
        assert running.slack.violations == []
        assert running.count("inbox", "state = 'failed'") == 0
        assert "Traceback" not in running.logs()


def _bind(connection: psycopg.Connection, people: Sequence[LinePerson]) -> None:
    query = (
        "insert into identities (platform, account, user_id, employee_number, bound_at, checked_at)"
        " values ('line', %s, %s, %s, now(), now())"
    )
    with connection.cursor() as cursor:
        cursor.executemany(query, [(one.account, one.id, one.number) for one in people])
