"""Every SQL look-up is tried before somebody asks: ``transom windows check`` and the doctor, on a real database."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from acceptance.command import Command, write_window

from bots import doctor
from bots.accounts import Channels
from bots.compose import Office, try_lookups
from bots.conversations.lookups.load import load_data
from bots.conversations.lookups.trying import Tried, Trier, unloaded
from bots.settings import load_settings
from bots.windows.data import read_data
from bots.windows.load import load_windows
from bots.windows.sources import OWN, Source
from rag_core.database import Database

NOWHERE = "postgresql://nobody@127.0.0.1:1/transom"
GOOD = "select days\nfrom company.balances\nwhere employee_number = :person"
SLOTS = "[{name: since, label: 起, type: date}, {name: month, label: 月}]"

Write = Callable[..., Path]


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A company with one table."""
    folder = tmp_path / "company"
    (folder / "lookups").mkdir(parents=True)
    (folder / "documents").mkdir()
    (folder / "documents" / "x.md").write_text("# 特休\n\n七日。\n", encoding="utf-8")
    table(folder, "balances", "employee_number,days,note\nA1,14,王小明\n")
    return folder


@pytest.fixture
def loaded(company: Path, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        assert load_data(owner, company).faults == ()


def table(company: Path, name: str, text: str) -> None:
    (company / "data").mkdir(exist_ok=True)
    (company / "data" / f"{name}.csv").write_text(text, encoding="utf-8")


def window(company: Path, sql: str, keys: str = "", **more: str) -> None:
    """Write a window with one look-up."""
    (company / "lookups" / "leave.sql").write_text(sql, encoding="utf-8")
    write_window(company, "hr", ["{path: ../documents/x.md}"], lookups=f"{{leave: {{sql: leave.sql{keys}}}}}", **more)


def tried(company: Path, database: Database, **sources: Source) -> Tried:
    known = {OWN: Source(OWN, timeout_s=1.0), **sources}
    return Trier(database, company, known, read_data(company), "Asia/Taipei").tried(load_windows(company))


def fault_of(found: Tried) -> str:
    assert (found.count, found.failed) == (1, 1)
    (fault,) = (*found.faults, *found.notes)
    return str(fault)


# --- what is told of one ---


@pytest.mark.usefixtures("loaded")
def test_a_look_up_that_can_be_made_is_only_counted(company, database):
    """With parameters of every type, comments, a semicolon and a percent sign; nothing of it is run."""
    sql = f"-- 餘額\n{GOOD} and note like '%' and current_date > :since and note = any (array[:month]);\n-- end"
    window(company, sql, f", slots: {SLOTS}")
    assert tried(company, database) == Tried(1)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            GOOD.replace("employee_", "employe_"),
            (
                ":3: hr/leave: there is no column employe_number; did you mean employee_number? "
                "balances has employee_number, days, note"
            ),
        ),
        (
            "select\n  b.dayz from balances b",
            ":2: hr/leave: there is no column b.dayz; did you mean days? balances has employee_number, days, note",
        ),
        (
            'select "Days"\nfrom balances',
            ':1: hr/leave: there is no column "Days"; did you mean days? balances has employee_number, days, note',
        ),
        ("select 1\nfrom company.balance", ":2: hr/leave: there is no table company.balance; did you mean balances?"),
        ("select 1 from secrets", ":1: hr/leave: there is no table secrets; the tables are balances, filed_complaints"),
        ("select b.days from balances", ':1: hr/leave: Postgres says: missing FROM-clause entry for table "b"'),
        ("select days\nfrom balances where", ":2: hr/leave: Postgres says: syntax error at end of input"),
        ("select days\n+ :person from balances", ":2: hr/leave: Postgres says: operator does not exist: bigint + text"),
        (
            "select * from public.people",
            ": hr/leave: Postgres says: permission denied for table people; look-ups read the tables of data/ and",
        ),
    ],
)
def test_what_postgres_does_not_take_is_told_with_its_line(company, database, sql, said):
    """And how to mend it: the likeliest name, and those there are. No value of a row is told."""
    window(company, sql)
    told = fault_of(tried(company, database))
    assert told.startswith(f"lookups/leave.sql{said}")
    assert "王小明" not in told


@pytest.mark.usefixtures("loaded")
def test_what_depends_on_values_is_no_fault(company, database):
    """No value is there, so an error over one says nothing about the file."""
    window(company, "select days from balances where concat(:month, '-01')::date < current_date", f", slots: {SLOTS}")
    assert tried(company, database).failed == 0


@pytest.mark.usefixtures("loaded")
def test_nothing_is_run(company, database, database_url):
    """A statement that would never end is tried at once, and one that counts up has counted nothing."""
    window(company, "select count(*) from generate_series(1, 100000000000)")
    assert tried(company, database) == Tried(1)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("create sequence company.seen")
        owner.execute("grant usage on company.seen to transom_lookup")
        count_up = (
            "create function company.count_up() returns bigint language sql as $$ select nextval('company.seen') $$"
        )
        owner.execute(count_up)
    window(company, "select count_up()")
    assert tried(company, database).failed == 0
    with psycopg.connect(database_url) as owner:
        assert owner.execute("select is_called from company.seen").fetchone() == (False,)


def test_a_table_that_is_not_loaded_yet_waits_for_the_sync(company, database, database_url):
    """The files are right, so it is a note; so is a new column, and that the files are others than the tables."""
    window(company, GOOD)
    found = tried(company, database)
    assert found.faults == ()
    how = "not loaded yet; run  transom sync"
    assert fault_of(found) == f"lookups/leave.sql:2: hr/leave: the table balances of data/balances.csv is {how}"
    with psycopg.connect(database_url, autocommit=True) as owner:
        load_data(owner, company)
    assert unloaded(database, read_data(company)) == []
    table(company, "balances", "employee_number,days,kind\nA1,14,特休\n")
    window(company, GOOD.replace("days", "kind"))
    assert fault_of(tried(company, database)).endswith(f"the column kind of data/balances.csv is {how}")
    assert [str(note).partition(":  ")[0][:51] for note in unloaded(database, read_data(company))] == [
        "data: changed since the last sync (balances.csv): l"
    ]


def test_a_table_whose_file_is_wrong_is_told_as_such(company, database):
    """Whoever mends the file mends the look-up."""
    table(company, "balances", "employee_number,days\nA1,14,5\n")
    window(company, GOOD)
    assert "there is no table balances before data/balances.csv can be read" in fault_of(tried(company, database))


def test_the_faults_of_look_ups_and_tables_are_told_as_shown(company, database, database_url):
    """docs/windows.md shows the sentences that people really get."""
    page = (Path(__file__).parents[2] / "docs" / "windows.md").read_text(encoding="utf-8")
    sql = "-- a\nselect remaining\nfrom company.leave_balances\nwhere employe_number = :person\n"
    (company / "lookups" / "leave_balance.sql").write_text(sql, encoding="utf-8")
    lookups = "{leave_balance: {sql: leave_balance.sql}}"
    write_window(company, "hr", ["{path: ../documents/x.md}"], lookups=lookups)
    first = "employee_number,kind,remaining,expires_on\n"
    table(company, "leave_balances", f"{first}A1,特休,7,2026-12-31\n")
    with psycopg.connect(database_url, autocommit=True) as owner:
        load_data(owner, company)
    assert f"\n{fault_of(tried(company, database))}\n" in page
    table(company, "leave_balances", f"{first}A1,特休,7,2026-12-31\nA1,特休,7,2026-12-31,王\n")
    (fault,) = read_data(company).faults
    assert f"\n{fault}\n" in page


# --- names in the window file ---


@pytest.mark.usefixtures("loaded")
def test_columns_that_the_window_names_have_to_be_found(company, database):
    """In the reply, the headings, a form's defaults, and what a notification by schedule says; and it needs people."""
    window(
        company,
        "select days from balances",
        ", reply: '{day} 天', columns: {dayz: 天數, days: 天}",
        forms="{f: {title: f, fields: [{name: a, label: a, defaults_from: leave, default: '{total}'}]}}",
        notifications="{n: {text: '{days} {name} {x}', schedule: '0 9 * * *', to: leave.sql}}",
    )
    found = tried(company, database)
    assert (found.count, found.failed, found.faults) == (2, 2, ())
    assert [f"{'.'.join(map(str, where))}: {said}" for _, (where, said) in found.misnamed] == [
        "lookups.leave.reply: leave.sql finds no column day; did you mean days?",
        "lookups.leave.columns.dayz: leave.sql finds no column dayz; did you mean days?",
        "forms.f.fields.0.default: leave.sql finds no column total; it finds days",
        (
            "notifications.n.to: leave.sql finds no column person, which says who is told;"
            " write there  select employee_number as person"
        ),
        "notifications.n.text: leave.sql finds no column x; it finds days",
    ]


@pytest.mark.usefixtures("loaded")
def test_what_a_call_brings_along_is_no_column(company, database):
    """Without a schedule the words of the text may come from another system."""
    told = "{n: {text: '{order}', to: leave.sql}}"
    window(company, "select employee_number as person from balances", notifications=told)
    assert tried(company, database) == Tried(2)


# --- other databases ---


def test_another_database_is_asked_as_its_own_user(company, database, database_url):
    """Its tables are named, and what its user may not read."""
    window(company, "select days from hr.leave", ", source: hris")
    (company / "company.yaml").write_text("sources: {hris: {url: '${HRIS_URL}'}}\n", encoding="utf-8")
    hris = Source("hris", database_url)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("create schema hr; create table hr.leaves (days int)")
    told = fault_of(tried(company, database, hris=hris))
    assert told == "lookups/leave.sql:1: hr/leave: the source hris has no table hr.leave; did you mean leaves?"
    window(company, "select day from hr.leaves", ", source: hris")
    told = fault_of(tried(company, database, hris=hris))
    assert told.endswith("hr/leave: there is no column day; did you mean days? leaves has days")


def test_a_source_that_does_not_answer_is_asked_once(company, database):
    """It is a note, for no file is wrong; one that is not connected is not tried either."""
    (company / "lookups" / "leave.sql").write_text("select 1", encoding="utf-8")
    (company / "company.yaml").write_text("sources: {hris: {url: '${A}'}, erp: {url: '${B}'}}\n", encoding="utf-8")
    lookups = ", ".join(f"l{n}: {{sql: leave.sql, source: {name}}}" for n, name in enumerate(["hris", "hris", "erp"]))
    write_window(company, "hr", ["{path: ../documents/x.md}"], lookups=f"{{{lookups}}}")
    found = tried(company, database, hris=Source("hris", NOWHERE))
    assert (found.count, found.untried, found.lost) == (0, 3, ("hris",))
    assert [str(note).partition(",")[0] for note in found.notes] == [
        "company.yaml: sources.hris: cannot be asked (OperationalError)"
    ]


# --- the commands ---


def test_check_tells_what_sync_would_and_tries_the_look_ups(company, database_url, tmp_path):
    """A broken table, a misspelt column and a sync that is due; exit status 2 for faults, 0 for what a sync mends."""
    window(company, GOOD)
    command = Command(company, tmp_path / "state", database_url)
    before = command.right("windows", "check").out
    assert "lookups/leave.sql:2: hr/leave: the table balances of data/balances.csv is not loaded yet" in before
    assert "1 windows, no faults.\nlook-ups: 1 tried, 1 fail" in before
    command.right("sync")
    assert command.right("windows", "check").out.endswith("1 windows, no faults.\nlook-ups: 1 tried, 0 fail\n")
    window(company, GOOD.replace("employee_", "employe_"), ", reply: '{x}'")
    table(company, "stock", "item,left\n1\n")
    outcome = command("windows", "check")
    assert outcome.code == 2
    said = " ".join(outcome.err.split())
    assert "data/stock.csv:2: has 1 cells, but the first line has 2" in said
    assert "lookups/leave.sql:3: hr/leave: there is no column employe_number; did you mean employee_number?" in said
    assert outcome.out.endswith("look-ups: 1 tried, 1 fail\n")
    window(company, GOOD, ", reply: '{x}'")
    outcome = command("windows", "check")
    assert "windows/hr.yaml:6: lookups.leave.reply: leave.sql finds no column x; it finds days" in outcome.err


def test_check_says_where_it_could_not_try(company, tmp_path):
    """In a line; its exit status is what the files deserve, and no database is begun for it."""
    window(company, GOOD)
    command = Command(company, tmp_path / "state")
    assert command.right("windows", "check").out.splitlines()[-1].startswith("look-ups: not tried: no sync has run yet")
    assert not (tmp_path / "state" / "postgres").exists()
    away = Command(company, tmp_path / "state", NOWHERE).right("windows", "check").out.splitlines()
    assert away[-1].startswith("look-ups: not tried: The database cannot be reached")
    window(company, "delete from x")
    assert command("windows", "check").code == 2


def test_a_password_is_not_told(company, tmp_path):
    """Whatever the driver says of an address that it cannot read."""
    window(company, GOOD)
    wrong = "postgresql:/transom:s3cret@127.0.0.1/transom"
    outcome = Command(company, tmp_path / "state", wrong)("windows", "check")
    assert "s3cret" not in outcome.out + outcome.err


@pytest.mark.usefixtures("loaded")
def test_the_doctor_has_a_line_for_look_ups(company, database_url, tmp_path):
    """So many tried, so many fail; nothing where none is declared."""

    def line() -> list[doctor.Finding]:
        given = {"TRANSOM_COMPANY": str(company), "TRANSOM_DATA": str(tmp_path)}
        office = Office(load_settings(given, directory=tmp_path), load_windows(company), Channels(), "k" * 32)
        return [one for one in doctor.examine(office, database_url) if one.part == "look-ups"]

    window(company, GOOD)
    assert [(one.ok, one.what) for one in line()] == [(True, "1 tried, 0 fail")]
    window(company, "select nothing from balances")
    (found,) = line()
    assert (found.ok, found.what, found.fix) == (False, "1 tried, 1 fail", "See: transom windows check")
    write_window(company, "hr", ["{path: ../documents/x.md}"])
    assert line() == []


def test_the_sample_company_has_no_look_up_that_fails(database_url, tmp_path):
    """Every one of them is tried on its own tables."""
    sample = Path(__file__).parents[2] / "company"
    with psycopg.connect(database_url, autocommit=True) as owner:
        load_data(owner, sample)
    settings = load_settings({"TRANSOM_COMPANY": str(sample), "TRANSOM_DATA": str(tmp_path)}, directory=tmp_path)
    found = try_lookups(settings, database_url, load_windows(sample), read_data(sample))
    assert (found.faults, found.misnamed, found.notes, found.untried) == ((), (), (), 0)
    assert found.count > 30
