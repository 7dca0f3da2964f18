"""The sample company as a test runs it: on accounts of the test, its people on LINE first and on Slack afterwards.

Whoever has both is told on Slack, so the same people are gone through twice: first they have LINE alone.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen
from typing import Literal
from zoneinfo import ZoneInfo

import psycopg
from acceptance.installation import SAMPLE
from acceptance.matrix_people import Calm, LinePerson, Person, SlackPerson
from acceptance.office import SHOP, STAFF, TEAM, Office, office, wait_for

from bots.windows.load import load_windows
from bots.windows.model import Window
from bots.windows.people import load_people

Platform = Literal["line", "slack"]

CUSTOMER = "customer"
CLIENT_TOKEN = "erp-token-0123456789"
LINE_PUSHES = 1_000  # a window's month, far more than the test needs
_CHANNELS = """
line:
  shop: {secret: "${SHOP_SECRET}", token: "${SHOP_TOKEN}", windows: [sales]}
  staff: {secret: "${STAFF_SECRET}", token: "${STAFF_TOKEN}", windows: WINDOWS, default: hr}
slack:
  main: {team: T0COMPANY1, signing_secret: "${SLACK_SECRET}", bot_token: "${SLACK_BOT}", windows: WINDOWS, default: hr}
api:
  erp: {token: "${ERP_TOKEN}", windows: WINDOWS, groups: [employees]}
"""
_MORNING = 10  # o'clock: no notification is quiet then
_WORKDAYS = re.compile(r"^(\s+workdays: )true\b", re.MULTILINE)
_SCHEDULE = re.compile(r'^(\s+schedule: )".*"$', re.MULTILINE)
_LINE = re.compile(r"^(  line: )\[.*\]\n  line_pushes: .*$", re.MULTILINE)
_MOST_WEST = -12  # of UTC, in hours


def where_it_is_morning(now: datetime) -> ZoneInfo:
    """Return a time zone where it is between ten and eleven: what a company does by the clock, a test does at once."""
    east = _MORNING - now.astimezone(UTC).hour
    east += 24 if east < _MOST_WEST else 0
    return ZoneInfo(f"Etc/GMT{-east:+d}")  # whose sign is the other way round


def write_sample(company: Path) -> None:
    """Write the sample company with the test's accounts, and with pushes on LINE, which cost nothing here."""
    shutil.copytree(SAMPLE, company)
    names = [window.name for window in load_windows(company)]
    (company / "channels.yaml").write_text(_CHANNELS.replace("WINDOWS", str(names)), encoding="utf-8")
    for name in names:
        accounts = [SHOP, STAFF] if name == "sales" else [STAFF]
        _change(company, name, _LINE, f"[{', '.join(accounts)}]\n  line_pushes: {LINE_PUSHES}")
    _change(company, "hr", _WORKDAYS, "false")  # a test runs on Sundays too


def _change(company: Path, window: str, key: re.Pattern[str], value: str) -> None:
    """Give a key of the window's file another value."""
    path = company / "windows" / f"{window}.yaml"
    text = path.read_text(encoding="utf-8")
    changed = key.sub(rf"\g<1>{value}", text)
    assert changed != text, f"{path.name} is not written as the test takes it to be"
    path.write_text(changed, encoding="utf-8")


@dataclass
class Company:
    """The company and its people. ``people``: by employee number, and the customer; of one platform at a time."""

    office: Office
    connection: psycopg.Connection  # the owner's
    zone: ZoneInfo
    windows: Mapping[str, Window]
    emails: Mapping[str, str]  # by employee number
    people: dict[str, Person] = field(default_factory=dict)
    _worker: Popen[bytes] | None = None
    _due: str = ""  # the minute that the schedules name now, as runs have it

    def come(self, platform: Platform) -> None:
        """Let everybody be on this platform and no other, have a worker begin, and greet us."""
        self._stop_working()
        if platform == "line":
            self._on_line()
            self._begin(minutes_ago=2)
        else:
            self._leave_line()
            self._on_slack()
            self._begin(minutes_ago=0)
            self._open_home()
        with ThreadPoolExecutor(4) as together:  # so that nobody's tour comes between a question and its answer
            list(together.map(lambda person: person.says("謝謝"), self.people.values()))

    def make_due(self) -> None:
        """Let the scheduler have looked last before the minute that the schedules name, until it has seen that."""

        def seen() -> bool:
            self.connection.execute("update notification_ticks set ticked_at = now() - interval '9 minutes'")
            return self.office.count("notification_runs", f"key = '{self._due}'") == self._scheduled()

        wait_for(seen, 30, "the schedules are not followed")

    # --- LINE ---

    def _on_line(self) -> None:
        calm = Calm(self.connection)
        found = {number: LinePerson(number, self.office, calm, STAFF) for number in self.emails}
        self.people = {**found, CUSTOMER: LinePerson(CUSTOMER, self.office, calm, SHOP)}
        rows = [(STAFF, person.id, number) for number, person in found.items()]
        query = (
            "insert into identities (platform, account, user_id, employee_number, bound_at, checked_at)"
            " values ('line', %s, %s, %s, now(), now())"
        )
        with self.connection.cursor() as cursor:
            cursor.executemany(query, rows)

    def _leave_line(self) -> None:
        self.connection.execute("update identities set employee_number = null, unbound_at = now()")

    # --- Slack ---

    def _on_slack(self) -> None:
        calm = Calm(self.connection)
        for number, email in self.emails.items():
            self._joins(SlackPerson(number, self.office, calm), email, guest=False)
        self._joins(SlackPerson(CUSTOMER, self.office, calm), "lin@customer.example", guest=True)

    def _joins(self, person: SlackPerson, email: str, *, guest: bool) -> None:
        self.office.slack.add_user(TEAM, person.user, email=email, guest=guest)
        self.office.slack.add_channel(TEAM, person.channel, "", [person.user], is_im=True)
        self.people[person.number] = person

    def _open_home(self) -> None:
        """Everybody opens the app's page, and is known by the address that Slack has verified."""
        slack = self.office.slack
        for person in self.people.values():
            assert isinstance(person, SlackPerson)
            slack.send(self.office.events_url, slack.events.home_opened(TEAM, person.user))
        self.office.settled()

    # --- the worker ---

    def _stop_working(self) -> None:
        """End the worker, if there is one: the next reads the windows anew."""
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait(30)

    def _begin(self, *, minutes_ago: int) -> None:
        """Start a worker with the schedules set to a minute of this morning; the runs of a minute are made once."""
        minute = datetime.now(self.zone) - timedelta(minutes=minutes_ago)
        self._due = f"at:{minute:%Y-%m-%dT%H:%M}"
        cron = f"{minute.minute} {minute.hour} * * *"
        for name, window in self.windows.items():
            if any(told.schedule for told in window.notifications.values()):
                _change(self.office.company, name, _SCHEDULE, f'"{cron}"')
        self._worker = self.office.start_worker()
        looked = f"schedule = '{cron}'"
        followed = "the schedules are not followed"
        wait_for(lambda: self.office.count("notification_ticks", looked) == self._scheduled(), 30, followed)

    def _scheduled(self) -> int:
        """Return how many notifications have a schedule."""
        return sum(bool(told.schedule) for window in self.windows.values() for told in window.notifications.values())


@contextmanager
def sample_company(database_url: str, folder: Path) -> Iterator[Company]:
    """Yield the sample company, synced, its web process running; nobody is there yet."""
    zone = where_it_is_morning(datetime.now(UTC))
    more = {"TRANSOM_TIME_ZONE": zone.key, "HRIS_SECRET": "secret-of-the-hris"}
    with office(database_url, folder, workers=0, more=more, write=write_sample) as running:
        windows = {window.name: window for window in load_windows(running.company)}
        emails = {row.employee_number: row.email for row in load_people(running.company)[0]}
        with psycopg.connect(database_url, autocommit=True) as connection:
            yield Company(running, connection, zone, windows, emails)
