"""The company's folder data/ in the database: all or nothing a file, and what is gone goes."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from acceptance.command import Command, write_window

from bots.conversations.lookups.load import DataReport, load_data


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection]:
    """The owner's connection, as ``transom sync`` has it."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def write(company: Path, name: str, text: str) -> None:
    path = company / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def rows(owner: psycopg.Connection, table: str) -> list[tuple[object, ...]]:
    return owner.execute(f"select * from company.{table} order by 1").fetchall()  # type: ignore[call-overload]  # the table is the test's


def test_a_file_becomes_a_table_that_look_ups_may_read(owner, tmp_path):
    """With the types of its columns; and nobody but the role of look-ups is let in."""
    write(
        tmp_path, "leave.csv", "employee_number,days,starts,at,ok\nA1,14.5,2026-05-12,2026-05-12 09:30,true\nA2,,,,\n"
    )
    assert load_data(owner, tmp_path) == DataReport(1, ("leave",), (), ())
    types = owner.execute(
        "select column_name, data_type from information_schema.columns where table_schema = 'company' and"
        " table_name = 'leave' order by ordinal_position"
    ).fetchall()
    assert types == [
        ("employee_number", "text"),
        ("days", "numeric"),
        ("starts", "date"),
        ("at", "timestamp without time zone"),
        ("ok", "boolean"),
    ]
    owner.execute("set role transom_lookup")
    assert owner.execute("select employee_number, days from company.leave order by 1").fetchall()[1] == ("A2", None)
    owner.execute("set role transom_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("select 1 from company.leave")


def test_an_unchanged_file_costs_nothing_and_a_changed_one_is_taken_over(owner, tmp_path):
    """Of the same columns the table stays, so that look-ups and views go on; of others it is made anew."""
    write(tmp_path, "t.csv", "a,b\n1,x\n")
    load_data(owner, tmp_path)
    owner.execute("create view company.on_it as select a from company.t")
    assert load_data(owner, tmp_path) == DataReport(1, (), (), ())
    write(tmp_path, "t.csv", "a,b\n2,y\n3,z\n")
    assert load_data(owner, tmp_path).changed == ("t",)
    assert owner.execute("select * from company.on_it order by 1").fetchall() == [(2,), (3,)]
    owner.execute("drop view company.on_it")
    write(tmp_path, "t.csv", "a,c\n2,2026-01-01\n")
    assert load_data(owner, tmp_path).changed == ("t",)
    owner.execute("set role transom_lookup")
    assert len(rows(owner, "t")) == 1


def test_a_broken_file_leaves_its_table_and_the_others_go_on(owner, tmp_path):
    """It is named with its line."""
    write(tmp_path, "a.csv", "a\n1\n")
    write(tmp_path, "b.csv", "b\n1\n")
    load_data(owner, tmp_path)
    write(tmp_path, "a.csv", "a\n2\n3,4\n")
    write(tmp_path, "b.csv", "b\n2\n")
    report = load_data(owner, tmp_path)
    assert [str(fault)[:16] for fault in report.faults] == ["data/a.csv:3: ha"]
    assert (rows(owner, "a"), rows(owner, "b")) == ([(1,)], [(2,)])


def test_a_table_whose_file_is_gone_goes_and_what_people_made_stays(owner, tmp_path):
    """Only what was made of files is ours to drop; a file of a name that is taken is a fault."""
    write(tmp_path, "mine.csv", "a\n1\n")
    write(tmp_path, "theirs.csv", "a\n1\n")
    owner.execute("create table company.theirs (x int)")
    owner.execute("create table company.other (x int)")
    report = load_data(owner, tmp_path)
    assert "company.theirs is there already" in str(report.faults[0])
    (tmp_path / "data" / "mine.csv").unlink()
    report = load_data(owner, tmp_path)
    assert report.dropped == ("mine",)
    left = owner.execute("select relname from pg_class where relnamespace = 'company'::regnamespace").fetchall()
    assert {name for (name,) in left} >= {"other", "theirs"}
    assert "mine" not in {name for (name,) in left}


def test_a_view_keeps_a_table_from_being_dropped(owner, tmp_path):
    """Whoever made the view hears what to do."""
    write(tmp_path, "t.csv", "a\n1\n")
    write(tmp_path, "u.csv", "a\n1\n")
    load_data(owner, tmp_path)
    owner.execute("create view company.v as select t.a from company.t, company.u")
    write(tmp_path, "t.csv", "b\n1\n")
    (tmp_path / "data" / "u.csv").unlink()
    report = load_data(owner, tmp_path)
    assert [fault.file for fault in report.faults] == ["data/t.csv", "data/u.csv"]
    assert all("drop the view" in fault.trouble for fault in report.faults)
    assert (rows(owner, "t"), rows(owner, "u")) == ([(1,)], [(1,)])


def test_hostile_cells_are_only_cells(owner, tmp_path):
    """Quotes, statements, tabs and backslashes arrive as they were written."""
    cells = ["'; drop table company.t; --", "%s %(x)s {y} ${z}", "\\N", "a\tb", "a\\tb", '"', "特休🏖", "x" * 100_000]
    write(
        tmp_path, "t.csv", "id,a\n" + "".join(f'{n},"{c.replace(chr(34), chr(34) * 2)}"\n' for n, c in enumerate(cells))
    )
    assert load_data(owner, tmp_path).faults == ()
    assert [cell for _, cell in rows(owner, "t")] == cells
    assert owner.execute("select count(*) from company.t where a is null").fetchone() == (0,)


def test_a_file_without_rows_empties_its_table(owner, tmp_path):
    """Its columns are text then, for nothing tells more of them."""
    write(tmp_path, "t.csv", "a\n1\n")
    load_data(owner, tmp_path)
    write(tmp_path, "t.csv", "a\n")
    assert load_data(owner, tmp_path).changed == ("t",)
    assert rows(owner, "t") == []


def test_sync_loads_the_data_and_tells_what_is_wrong(database_url, tmp_path):
    """As it does people.csv: with a window's documents, and with an exit status of its own."""
    company = tmp_path / "company"
    (company / "documents").mkdir(parents=True)
    (company / "documents" / "x.md").write_text("# 請假\n\n特別休假七日。\n", encoding="utf-8")
    write_window(company, "hr", ["{path: ../documents/x.md}"])
    write(company, "orders.csv", "order_no,total\nS1,1200\n")
    command = Command(company, tmp_path / "data", database_url)
    assert "資料表 tables: 1, 1 new or changed" in command.right("sync").err
    write(company, "orders.csv", "order_no,total\nS1,王小明,9\n")
    write(company, "stock.csv", "sku,left_over\n1,2\n")
    outcome = command("sync")
    assert outcome.code == 2
    assert "data/orders.csv:2: has 3 cells" in outcome.err
    assert "王小明" not in outcome.err
    with psycopg.connect(database_url) as connection:
        assert rows(connection, "orders") == [("S1", 1200)]
        assert rows(connection, "stock") == [("1", 2)]
