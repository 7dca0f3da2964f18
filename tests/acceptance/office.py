"""A company that is talked with: real web and worker processes, a real Postgres, LINE and Slack as fakes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener, urlopen

import psycopg
from acceptance.command import TRANSOM, write_window
from conftest import PUBLIC_DATA
from fakes.line import Channel, LineServer, line_server
from fakes.slack import SlackServer, slack_server

TEAM = "T0COMPANY1"
LINE_SECRET, LINE_TOKEN = "line-secret-of-the-tests-", "line-token-of-the-tests-0001"
SHOP, STAFF = "shop", "staff"
SWEEP_S = 2.0
CHANNEL = "C0HR"
EMPLOYEE, CUSTOMER_ON_SLACK = "UEMP", "UGUEST"
HR_TEXT = "# 特別休假\n\n到職滿三年的員工，特別休假為十四日。\n\n# 病假\n\n病假一年最多三十日，薪水減半發給。\n"
SALES_TEXT = "# 退貨\n\n收到商品七日內可以退貨，請保留發票。\n\n# 運費\n\n單筆消費滿一千元免運費，未滿者運費一百元。\n"
SECRET_TEXT = "# 調薪\n\n主管職調薪幅度上限為百分之八，由總經理核定。\n"
LEAVE = "特別休假有幾日？"
RETURNS = "收到商品幾日內可以退貨？"

CHANNELS = """
line:
  shop: {secret: "${SHOP_SECRET}", token: "${SHOP_TOKEN}", windows: [sales]}
  staff: {secret: "${STAFF_SECRET}", token: "${STAFF_TOKEN}", windows: [hr, sales], default: hr}
slack:
  main:
    team: T0COMPANY1
    signing_secret: ${SLACK_SECRET}
    bot_token: ${SLACK_BOT}
    windows: [hr, sales]
    default: hr
website: {origins: ["https://shop.example"], windows: [sales]}
api:
  erp: {token: "${ERP_TOKEN}", windows: [sales], groups: [customers]}
"""
SECRETS = {
    "SHOP_SECRET": LINE_SECRET + "shop",
    "SHOP_TOKEN": LINE_TOKEN + "shop",
    "STAFF_SECRET": LINE_SECRET + "staff",
    "STAFF_TOKEN": LINE_TOKEN + "staff",
    "SLACK_SECRET": f"secret-of-{TEAM}",
    "SLACK_BOT": f"xoxb-{TEAM}",
    "ERP_TOKEN": "erp-token-0123456789",
}


def write_company(company: Path, *, hr: str = HR_TEXT, sales: str = SALES_TEXT) -> None:
    """Two windows: hr for employees, with a part for managers, and sales for everybody; three people; all channels."""
    documents = company / "documents"
    for name, text in (("hr.md", hr), ("sales.md", sales), ("managers.md", SECRET_TEXT)):
        documents.mkdir(parents=True, exist_ok=True)
        (documents / name).write_text(text, encoding="utf-8")
    managers = "{path: ../documents/managers.md, audience: [managers]}"
    slack = f'{{slack: [{{channel: "{CHANNEL}", groups: [employees]}}], line_pushes: 5}}'
    write_window(
        company,
        "hr",
        ["{path: ../documents/hr.md}", managers],
        serves="employees, managers",
        channels=slack,
        contributors="[hr]",
    )
    write_window(
        company, "sales", ["{path: ../documents/sales.md}"], serves="customers, employees", questions=f"[{RETURNS}]"
    )
    (company / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
    (company / "company.yaml").write_text("name: A公司\n", encoding="utf-8")
    (company / "people.csv").write_text(
        "name,employee_number,email,manager,groups\n"
        "沈若蘭,A1,boss@a.example,,employees;managers\n"
        "葉佳蓉,A2,jia@a.example,A1,employees;hr\n"
        "方思齊,A3,fang@a.example,A1,employees\n",
        encoding="utf-8",
    )


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Office:
    """The processes of one company. ``line`` and ``slack`` outlive them."""

    company: Path
    data: Path
    database_url: str
    line: LineServer
    slack: SlackServer
    port: int = field(default_factory=free_port)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hook(self, account: str) -> str:
        """Return where LINE sends the account's events."""
        return f"{self.url}/line/{account}/webhook"

    @property
    def events_url(self) -> str:
        """Return where Slack sends everything."""
        return f"{self.url}/slack/events"

    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TRANSOM_") and k != "DATABASE_URL"}
        own = {
            "TRANSOM_COMPANY": str(self.company),
            "TRANSOM_DATA": str(self.data),
            "DATABASE_URL": self.database_url,
            "TRANSOM_PORT": str(self.port),
            "TRANSOM_PUBLIC_URL": self.url,
            "TRANSOM_LINE__API_BASE": self.line.base_url,
            "TRANSOM_SLACK__API_BASE": self.slack.api_url,
            "TRANSOM_SWEEP_S": str(SWEEP_S),
            "TRANSOM_SECRET_KEY": "a key for tests, of no worth at all",
            "COLUMNS": "200",
        }
        return {**clean, **own, **SECRETS, **self.more}

    def run(self, *arguments: str) -> str:
        """Run a command to its end and return what it printed. It must end well."""
        done = subprocess.run(
            [TRANSOM, *arguments],
            env=self.environment(),
            cwd=self.data,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a part in a process group of its own; its log goes to a file in the data folder."""
        log = (self.data / f"{arguments[0]}-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "bots.cli", *arguments],
            env=self.environment(),
            cwd=self.data,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def start_web(self) -> subprocess.Popen[bytes]:
        """Start a web process and wait until it answers."""
        process = self.start("web")
        wait_for(self.answers, 60, f"the web process does not answer; see {self.data}")
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it takes jobs."""
        newest = "select coalesce(max(id), 0) from procrastinate_workers"
        before = self.query(newest)[0][0]
        process = self.start("worker")
        wait_for(lambda: bool(self.query(newest)[0][0] > before), 60, f"no worker; see {self.data}")
        return process

    def answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=2) as response:
                return bool(response.status == 200)
        except (OSError, HTTPException):
            return False

    def query(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the database, as its owner."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def count(self, table: str, where: str = "true") -> int:
        return int(self.query(f"select count(*) from {table} where {where}")[0][0])

    def settled(self, timeout_s: float = 60.0) -> None:
        """Wait until every event is handled and every delivery is at its end."""
        busy = (
            "select (select count(*) from inbox where state in ('pending', 'working'))"
            " + (select count(*) from outbox where state in ('streaming', 'pending', 'sending'))"
        )
        wait_for(lambda: self.query(busy)[0][0] == 0, timeout_s, "not everything came to its end")

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.data.glob("*.log")))

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(happens: Callable[[], bool], timeout_s: float, trouble: str) -> None:
    """Wait until it happens, and fail with the trouble if it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not happens():
        assert time.monotonic() < deadline, trouble
        time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser got."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: a test wants to see where it is sent."""


class Browser:
    """One visitor: keeps its cookies and says, as a browser on our own page does, where its requests come from."""

    def __init__(self, url: str, **headers: str) -> None:
        self._url, self._headers = url, {"Sec-Fetch-Site": "same-origin", **headers}
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()), _Stay())

    def get(self, path: str) -> Page:
        """Return a page; ``path`` may be a whole address."""
        return self._sent(path, None)

    def post(self, path: str, fields: Mapping[str, Any] | None = None) -> Page:
        """Post JSON and return the answer, a stream to its end."""
        return self._sent(path, json.dumps(fields or {}).encode())

    def send(self, path: str, fields: Mapping[str, str], file: tuple[str, bytes], *, timeout_s: float = 60) -> Page:
        """Send a file as a form does, and return the answer, a stream to its end. Raises OSError after the time."""
        parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
        parts.append(f'name="file"; filename="{file[0]}"\r\n\r\n'.encode() + file[1])
        body = (
            b"".join(b"--part\r\nContent-Disposition: form-data; " + one + b"\r\n" for one in parts) + b"--part--\r\n"
        )
        return self._sent(path, body, "multipart/form-data; boundary=part", timeout_s)

    def _sent(
        self, path: str, body: bytes | None, content_type: str = "application/json", timeout_s: float = 60
    ) -> Page:
        headers = {**self._headers, **({"Content-Type": content_type} if body else {})}
        request = Request(path if path.startswith("http") else self._url + path, body, headers)
        try:
            with self._opener.open(request, timeout=timeout_s) as answer:
                return Page(answer.status, answer.read().decode("utf-8", "replace"))
        except HTTPError as refused:
            with refused:
                return Page(refused.code, refused.read().decode("utf-8", "replace"))


def strings_of(value: Any) -> list[str]:
    """Return every string within a JSON value, in order; names of fields are none."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in strings_of(inner)]
    return [text for inner in value for text in strings_of(inner)] if isinstance(value, list | tuple) else []


@contextmanager
def platforms(*, strict: bool = True) -> Iterator[tuple[LineServer, SlackServer, Mapping[str, Channel]]]:
    """Yield LINE and Slack with the company's accounts, people and channels."""
    with ExitStack() as stack:
        line = stack.enter_context(line_server(PUBLIC_DATA / "line" / "messaging-api.openapi.yml", strict=strict))
        slack = stack.enter_context(slack_server(PUBLIC_DATA / "slack" / "methods", strict=strict))
        channels = {
            account: line.add_channel(account, LINE_TOKEN + account, f"{LINE_SECRET}{account}")
            for account in (SHOP, STAFF)
        }
        slack.add_workspace(TEAM)
        slack.add_user(TEAM, EMPLOYEE, email="jia@a.example")
        slack.add_user(TEAM, "UBOSS", email="boss@a.example")
        slack.add_user(TEAM, CUSTOMER_ON_SLACK, email="fang@a.example", guest=True)
        slack.add_channel(TEAM, CHANNEL, "ask-hr", [EMPLOYEE, "UBOSS"])
        slack.add_channel(TEAM, "C0OTHER", "random", [EMPLOYEE, "UBOSS"])
        for user in (EMPLOYEE, "UBOSS", CUSTOMER_ON_SLACK):
            slack.add_channel(TEAM, f"D{user}", "", [user], is_im=True)
        yield line, slack, channels


@contextmanager
def office(
    database_url: str,
    folder: Path,
    *,
    strict: bool = True,
    web: int = 1,
    workers: int = 1,
    more: Mapping[str, str] | None = None,
    write: Callable[[Path], None] = write_company,
) -> Iterator[Office]:
    """Yield a company that is synced and runs."""
    company, data = folder / "company", folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    write(company)
    with platforms(strict=strict) as (line, slack, channels):
        running = Office(company, data, database_url, line, slack, channels=channels, more=dict(more or {}))
        try:
            running.run("sync")
            for _ in range(web):
                running.start_web()
            for _ in range(workers):
                running.start_worker()
            yield running
        finally:
            running.stop()
