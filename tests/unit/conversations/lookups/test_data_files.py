"""The company's folder data/: each CSV file is a table."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bots.windows.data import Column, DataTable, read_data


def write(company: Path, name: str, text: str | bytes) -> Path:
    path = company / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return company


def table(company: Path) -> DataTable:
    read = read_data(company)
    assert read.faults == ()
    (one,) = read.tables
    return one


def test_what_a_column_holds_is_found_over_all_rows(tmp_path):
    """Whole numbers, numbers, dates, moments, true and false; else text. An empty cell is nothing."""
    text = (
        "employee_number,days,rate,starts,at,active,note,mixed,leading\n"
        "0012,14,1.5,2026-05-12,2026-05-12 09:30,true,請假,1,007\n"
        '0013,"1,400",2,2026/5/1,2026/5/1,False,,x,08\n'
        "\n"
        "0014,,,,,,,,\n"
    )
    made = table(write(tmp_path, "leave_balances.csv", text))
    assert made.name == "leave_balances"
    assert made.columns == (
        Column("employee_number", "text"),
        Column("days", "bigint"),
        Column("rate", "numeric"),
        Column("starts", "date"),
        Column("at", "timestamp"),
        Column("active", "boolean"),
        Column("note", "text"),
        Column("mixed", "text"),
        Column("leading", "text"),
    )
    moment, midnight = datetime(2026, 5, 12, 9, 30), datetime(2026, 5, 1)  # noqa: DTZ001 a company's own clock
    assert made.rows == (
        ("0012", 14, Decimal("1.5"), date(2026, 5, 12), moment, True, "請假", "1", "007"),
        ("0013", 1400, Decimal(2), date(2026, 5, 1), midnight, False, None, "x", "08"),
        ("0014", None, None, None, None, None, None, None, None),
    )


@pytest.mark.parametrize("name", ["employee_number", "person", "manager", "order_no", "item_id", "code", "phone"])
def test_numbers_that_are_names_stay_text(tmp_path, name):
    """So that they equal what people write, and keep their zeros."""
    assert table(write(tmp_path, "t.csv", f"{name}\n1001\n")).columns == (Column(name, "text"),)


def test_a_column_without_any_value_is_text(tmp_path):
    """Nothing can be told of it; nor of a table without rows."""
    assert table(write(tmp_path, "t.csv", "a,b\n1,\n")).columns == (Column("a", "bigint"), Column("b", "text"))
    assert table(write(tmp_path, "t.csv", "a,b\n")).rows == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp950", "utf-16"])
def test_a_file_may_be_in_the_encodings_spreadsheets_write(tmp_path, encoding):
    """Big5 as old ones do."""
    text = "note\n特別休假的天數，請問人資\n".encode(encoding)
    assert table(write(tmp_path, "t.csv", text)).rows == (("特別休假的天數，請問人資",),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n3\n", "data/t.csv:3: has 1 cells, but the first line has 2"),
        ("a,b\n1,2,3\n", "data/t.csv:2: has 3 cells"),
        ("a,b,a\n", "data/t.csv:1: two columns are called a"),
        ("a,員工\n", "data/t.csv:1: the name of column 2 must be lower-case"),
        ("a,b;drop table x\n", "data/t.csv:1: the name of column 2"),
        ("a,\n", "data/t.csv:1: the name of column 2"),
        ('a\n"x\n', "data/t.csv:2: is not CSV from here on"),
        ("", "data/t.csv: The file is empty"),
        ("\n\n", "data/t.csv: The file is empty"),
        (b"a\n" + bytes(range(1, 32)) * 20, "data/t.csv: The file holds binary data"),
        (("a\n" + "請假規定" * 300 + "\n").encode() + b"\xe8\xab", "data/t.csv:3: some characters are damaged"),
        ("a\n" + "x" * 200_000 + "\n", "data/t.csv:2: is not CSV from here on"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_its_line(tmp_path, text, says):
    """The others are read all the same."""
    write(tmp_path, "good.csv", "a\n1\n")
    read = read_data(write(tmp_path, "t.csv", text))
    assert [table.name for table in read.tables] == ["good"]
    assert read.there == {"good", "t"}
    assert [str(fault)[: len(says)] for fault in read.faults] == [says]


def test_no_message_holds_a_value(tmp_path):
    """Rows are people's business."""
    read = read_data(write(tmp_path, "t.csv", "a,b\n王小明的薪水,2,3\n"))
    assert "王小明" not in str(read.faults)


def test_the_name_of_a_file_is_the_name_of_a_table(tmp_path):
    """Only what Postgres takes without quotes; hidden files and others are passed over."""
    for name in ("Leave-Balances.csv", ".hidden.csv", "~lock.csv", "notes.txt"):
        write(tmp_path, name, "a\n1\n")
    read = read_data(tmp_path)
    assert read.tables == ()
    assert [fault.file for fault in read.faults] == ["data/Leave-Balances.csv"]


def test_without_the_folder_there_is_nothing(tmp_path):
    """And no fault."""
    read = read_data(tmp_path)
    assert (read.tables, read.faults) == ((), ())


def test_the_mark_tells_whether_a_file_has_changed(tmp_path):
    """So that an unchanged one costs nothing."""
    first = table(write(tmp_path, "t.csv", "a\n1\n")).mark
    assert table(write(tmp_path, "t.csv", "a\n1\n")).mark == first
    assert table(write(tmp_path, "t.csv", "a\n2\n")).mark != first
