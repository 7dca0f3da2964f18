"""Look-ups read with parameters bound, as a role that can do nothing else, within a time and a number of records."""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from acceptance.command import write_window
from psycopg.conninfo import conninfo_to_dict
from structlog.testing import capture_logs

from bots.conversations.lookups import store
from bots.conversations.lookups.http import HttpReader
from bots.conversations.lookups.load import load_data
from bots.conversations.lookups.lookups import Lookups
from bots.conversations.lookups.records import LookupFailed, Records
from bots.windows.load import load_windows
from bots.windows.model import Window
from bots.windows.sources import OWN, Source
from rag_core.database import Database

TAIPEI = ZoneInfo("Asia/Taipei")
LOOKUPS = """
  balance: {sql: balance.sql}
  orders:
    sql: orders.sql
    slots:
      - {name: order_no, label: 單號}
      - {name: since, type: date, label: 起日, optional: true}
      - {name: least, type: number, label: 最少, optional: true}
      - {name: kinds, type: choices, label: 種類, choices: [甲, 乙], optional: true}
      - {name: at, type: datetime, label: 時間, optional: true}
  kinds: {sql: kinds.sql}
  numbers: {sql: numbers.sql}
  endless: {sql: endless.sql}
  broken: {sql: broken.sql}
  gone: {sql: gone.sql}
  elsewhere: {sql: kinds.sql, source: hris}
  clock: {sql: clock.sql}
  about: {sql: kinds.sql, about_person: true}
"""
FILES = {
    "balance.sql": "select days from balances where employee_number = :person",
    "orders.sql": """
        -- every parameter that may be absent says so
        select order_no, item, amount from orders
        where order_no = :order_no and (:since is null or ordered >= :since) and (:least is null or amount >= :least)
          and (:kinds is null or kind = any (:kinds)) and (:at is null or ordered < :at)
    """,
    "kinds.sql": "select * from (values ('甲', '第一種'), ('乙', '第二種'), ('甲', '又一次'), (null, '無')) t (v, l)",
    "numbers.sql": "select n from generate_series(1, 1000) n order by n",
    "endless.sql": "select count(*) from generate_series(1, 100000000000) n",
    "gone.sql": "select 1",
    "broken.sql": "select nothing from nowhere",
    "clock.sql": "select current_setting('TimeZone') zone, current_schema() place, current_user::text who",
}
HOSTILE = [
    "'; drop table company.orders; --",
    "' or '1'='1",
    "%", "%s", "%(person)s", "{person}", "${HOME}", ":person", "::int", "\\", "$$", "\u202e\u200b特休🏖", "x" * 2000,
]  # fmt: skip


@dataclass
class Asked:
    """The look-ups of a small company on a real database."""

    url: str
    window: Window
    company: Path
    lookups: Lookups
    database: Database

    def run(self, name: str, person: str | None = None, **values: Any) -> Records:
        return self.lookups.run(self.window, name, person, values)

    def trouble(self, name: str, person: str | None = None, **values: Any) -> str:
        with pytest.raises(LookupFailed) as failed:
            self.run(name, person, **values)
        return failed.value.trouble

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with data and SQL files."""
    folder = tmp_path_factory.mktemp("lookups") / "company"
    for name, text in FILES.items():
        (folder / "lookups").mkdir(parents=True, exist_ok=True)
        (folder / "lookups" / name).write_text(text, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "balances.csv").write_text("employee_number,days\nA1,14\nA2,3.5\n", encoding="utf-8")
    (folder / "data" / "orders.csv").write_text(
        "order_no,item,amount,ordered,kind\nS1,箱,1200,2026-05-01,甲\nS1,袋,80,2026-05-12,乙\nS2,罐,10,2026-05-12,甲\n",
        encoding="utf-8",
    )
    (folder / "company.yaml").write_text("sources:\n  hris: {url: '${HRIS_URL}'}\n", encoding="utf-8")
    write_window(folder, "hr", [], lookups=LOOKUPS)
    path = folder / "windows" / "hr.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("knowledge:\n", ""), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def asked(template_url: str, company: Path) -> Iterator[Asked]:
    """Look-ups that may take a second and find a hundred records. They only read, so the tests share them."""
    admin, url = template_url.replace("/transom?", "/postgres?"), template_url.replace("/transom?", "/lookups?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("create database lookups template transom")
    with psycopg.connect(url, autocommit=True) as owner:
        assert load_data(owner, company).faults == ()
        owner.execute("create schema elsewhere")
        owner.execute("create table elsewhere.t (v int)")
    database = Database(url, pool_size=2)
    sources = {OWN: Source(OWN, timeout_s=1.0, rows=100), "hris": Source("hris", url, 1.0, 100)}
    (window,) = load_windows(company)
    (company / "lookups" / "gone.sql").unlink()
    yield Asked(
        url, window, company, Lookups(database, company, sources, HttpReader({}, frozenset()), TAIPEI), database
    )
    database.close()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("drop database lookups with (force)")


def test_a_person_reads_what_is_theirs(asked):
    """The number is bound from the verified identity; nobody's is nobody's."""
    assert asked.run("balance", "A1") == Records(("days",), ((Decimal(14),),))
    assert asked.run("balance", "A9").rows == ()
    assert asked.trouble("balance") == "values"
    assert asked.trouble("about") == "values"
    assert asked.lookups.needs_person(asked.window.lookups["balance"])
    assert not asked.lookups.needs_person(asked.window.lookups["orders"])


def test_slots_are_bound_by_their_values_and_an_absent_one_is_null(asked):
    """Dates, numbers and several choices arrive as what they are."""
    assert len(asked.run("orders", order_no="S1").rows) == 2
    assert asked.run("orders", order_no="S1", since=date(2026, 5, 12)).rows == (("S1", "袋", 80),)
    assert asked.run("orders", order_no="S1", least=Decimal("99.5")).rows == (("S1", "箱", 1200),)
    assert asked.run("orders", order_no="S1", least=100, kinds=("乙",)).rows == ()
    assert len(asked.run("orders", order_no="S1", kinds=("甲", "乙")).rows) == 2
    assert asked.run("orders", order_no="S1", at=datetime(2026, 5, 2, tzinfo=TAIPEI)).rows == (("S1", "箱", 1200),)
    assert asked.trouble("orders") == "values"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_finds_nothing_and_does_nothing(asked, value):
    """It is compared, not run."""
    assert asked.run("orders", order_no=value).rows == ()
    assert asked.run("orders", order_no="S1", kinds=(value,)).rows == ()
    assert asked.run("balance", value).rows == ()
    assert asked.rows("select count(*) from company.orders") == [(3,)]


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "x" * 2001])
def test_what_no_text_may_hold_is_refused(asked, value):
    """With a sentence, before the database sees it, and without the value in the log."""
    with capture_logs() as logs:
        assert asked.trouble("orders", order_no=value) == "values"
        assert asked.trouble("orders", order_no="S1", kinds=(value,)) == "values"
    assert value not in str(logs)


def test_a_slow_statement_is_stopped(asked):
    """After the source's time-out, and the connection is good for the next."""
    assert asked.trouble("endless") == "slow"
    assert asked.run("balance", "A1").rows


def test_only_so_many_records_are_read(asked):
    """And it is known that there were more."""
    found = asked.run("numbers")
    assert (len(found.rows), found.rows[-1], found.cut) == (100, (100,), True)


def test_what_is_not_set_up_is_told_to_the_operator_by_kind(asked):
    """A broken file, one that is gone, a source that is not connected: never a value, never the database's words."""
    with capture_logs() as logs:
        assert asked.trouble("broken") == "set_up"
        assert asked.trouble("gone") == "set_up"
    assert [log["reason"] for log in logs] == [
        "UndefinedTable 42P01",
        "lookups/gone.sql: cannot be read (No such file or directory); put the file there",
    ]


def test_another_source_is_read_only_too(asked, company):
    """By its own address, within the same limits; one that is out of reach is down."""
    assert len(asked.run("elsewhere").rows) == 4
    nowhere = {"hris": Source("hris", "postgresql://nobody@127.0.0.1:1/none", 1.0, 10)}
    lookups = Lookups(asked.database, company, nowhere, HttpReader({}, frozenset()), TAIPEI)
    with pytest.raises(LookupFailed) as failed:
        lookups.run(asked.window, "elsewhere", None)
    assert failed.value.trouble == "down"
    with pytest.raises(LookupFailed, match="not connected"):
        lookups.run(asked.window, "kinds", None)


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        "insert into company.orders values ('S9', 'x', 1, '2026-01-01', 'x')",
        "with x as (delete from company.orders returning 1) select * from x",
        "with x as (update pg_settings set setting = 'none' where name = 'role' returning 1) select * from x",
        "select * into company.copied from company.orders",
        "create temp table x (a int)",
        "copy company.orders to '/tmp/transom-orders'",
        "copy company.orders to program 'true'",
        "set role none",
        "reset role",
        "set transaction read write",
        "select 1; select 2",
        "values (1); drop table company.orders",
        "do $$ begin end $$",
        "select * from company.orders for update",
        "select nextval('inbox_id_seq')",
        "select lo_creat(-1)",
    ],
)
def test_no_statement_writes_even_if_a_file_gets_past_our_eyes(asked, statement, elsewhere):
    """The cursor and the read-only transaction refuse it, in our own database and in any other."""
    with pytest.raises(psycopg.Error):
        _straight(asked, statement, elsewhere=elsewhere)
    assert asked.rows("select count(*) from company.orders") == [(3,)]


@pytest.mark.parametrize(
    "table",
    ["public.inbox", "chunks", "public.turns", "people", "identities", "elsewhere.t", "pg_authid", "lookup_asks"],
)
def test_a_look_up_sees_nothing_but_the_companys_tables(asked, table):
    """Not what was said, not documents, not people, not another schema."""
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
        _straight(asked, f"select * from {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "select public.visible_audiences()",
        "select pg_read_file('/etc/hostname')",
        "select * from pg_ls_dir('/')",
        "select public.forget_lookup_asks()",
    ],
)
def test_a_look_up_calls_nothing_that_reaches_out(asked, statement):
    """The role may not."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _straight(asked, statement)


def test_a_look_up_is_made_as_its_own_role_in_the_companys_time(asked):
    """And the connection is the application's again afterwards."""
    assert asked.run("clock").rows == (("Asia/Taipei", "company", "transom_lookup"),)
    with asked.database.application() as connection:
        assert connection.execute("select current_user, current_setting('transaction_read_only')").fetchone() == (
            "transom_app",
            "off",
        )


def test_options_are_value_and_label_each_once(asked):
    """The first column, and the second; what has no value is left out."""
    assert asked.lookups.options(asked.window, "kinds", None) == (("甲", "又一次"), ("乙", "第二種"))
    assert asked.lookups.options(asked.window, "numbers", None)[0] == ("1", "1")


def test_defaults_are_the_first_record_by_column(asked):
    """As a person would write them."""
    assert asked.lookups.defaults(asked.window, "balance", "A2") == {"days": "3.5"}
    assert asked.lookups.defaults(asked.window, "balance", "A9") == {}


def test_a_file_can_be_run_by_itself(asked):
    """For the recipients of a notification, with a limit of its own."""
    assert len(asked.lookups.run_file("hr", "numbers.sql", limit=700).rows) == 700
    with pytest.raises(LookupFailed):
        asked.lookups.run_file("hr", "balance.sql")


def test_a_database_that_stops_answering_is_left(asked):
    """It keeps to no time-out of its own: before the greeting, or in the middle of a statement."""
    for freezes_at in (b"", b"DECLARE"):
        with freezing(Path(conninfo_to_dict(asked.url)["host"]) / ".s.PGSQL.5432", freezes_at) as port:
            url = f"postgresql://postgres@127.0.0.1:{port}/lookups?sslmode=disable&gssencmode=disable"
            began = monotonic()
            with pytest.raises(psycopg.OperationalError):
                store.read_elsewhere(Source("x", url, 0.3, 10), "select 1", {}, "Asia/Taipei")
            assert monotonic() - began < 6


@contextmanager
def freezing(server: Path, at: bytes) -> Iterator[int]:
    """Pass everything on between a port and a Postgres, until what the client says holds ``at``: then nothing more."""
    frozen = Event()

    def talk(client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as postgres:
            postgres.connect(str(server))
            while not frozen.is_set():
                for one in select.select([client, postgres], [], [], 0.1)[0]:
                    said = one.recv(65536)
                    if not said or (one is client and at in said):
                        frozen.set()
                        break
                    (postgres if one is client else client).sendall(said)
            over.wait(10)

    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=lambda: talk(listening.accept()[0]))
        thread.start()
        yield listening.getsockname()[1]
        over.set()
        thread.join()


def _straight(asked: Asked, statement: str, *, elsewhere: bool = False) -> Records:
    """Run a statement without looking at it first."""
    source = Source("x", asked.url if elsewhere else "", 1.0, 10)
    if elsewhere:
        return store.read_elsewhere(source, statement, {}, "Asia/Taipei")
    return store.read_own(asked.database, source, statement, {}, "Asia/Taipei")
