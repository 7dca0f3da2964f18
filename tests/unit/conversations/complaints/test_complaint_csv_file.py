"""CSV files of reviews: both languages, Big5, dates of every kind, and every line that is wrong."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bots.conversations.complaints.csv_file import LONGEST_TEXT, CsvFile, read

TAIPEI = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 11, 29, 20, 0, tzinfo=TAIPEI)


def read_text(text: str, encoding: str = "utf-8") -> CsvFile:
    return read(text.encode(encoding), NOW, TAIPEI)


def faults(text: str) -> list[tuple[int | None, str]]:
    found = read_text(text)
    assert not found.rows
    return [(one.line, one.trouble) for one in found.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5"])
def test_a_chinese_file_is_read(encoding):
    """In any encoding that the company's other files may have."""
    text = "編號,日期,內容,評分,商品,來源\r\n7,2026/11/20,漏水了，地板都濕了,1,DH-16S,Google\r\n"
    [row] = read_text(text, encoding).rows
    assert (row.line, row.text, row.stars, row.product, row.channel) == (
        2,
        "漏水了，地板都濕了",
        1.0,
        "DH-16S",
        "Google",
    )
    assert row.at == datetime(2026, 11, 20, tzinfo=TAIPEI)


def test_an_english_file_is_read_and_other_columns_are_not():
    """A reviewer's name and number stay outside; which columns were left is said."""
    found = read_text('Name,Phone,Review,Rating,Theme,Reply\nAmy,0912345678,"Leaks, a lot",★★,leak,Sorry!\n')
    [row] = found.rows
    assert (row.text, row.stars, row.theme, row.answer, row.at) == ("Leaks, a lot", 2.0, "leak", "Sorry!", None)
    assert found.unread == ("Name", "Phone")
    assert "Amy" not in repr(found)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-11-20", "2026-11-20T00:00:00+08:00"),
        ("2026/11/20 09:05", "2026-11-20T09:05:00+08:00"),
        ("2026-11-20T01:05:00Z", "2026-11-20T09:05:00+08:00"),
        ("115/11/20", "2026-11-20T00:00:00+08:00"),
        ("民國115年11月20日", "2026-11-20T00:00:00+08:00"),
        ("2026年11月20日 下午 3:30", "2026-11-20T15:30:00+08:00"),
        ("２０２６／１１／２０", "2026-11-20T00:00:00+08:00"),
        ("2026/11/20 12:10 AM", "2026-11-20T00:10:00+08:00"),
    ],
)
def test_dates_are_read_as_they_are_written(cell, moment):
    """ISO, with or without a zone, 民國 years, half days, full width."""
    [row] = read_text(f"text,date\na,{cell}\n").rows
    assert row.at == datetime.fromisoformat(moment)


@pytest.mark.parametrize("cell", ["11/20/2026", "2026-02-30", "昨天", "2026-11-20 25:00", "20261399", "9" * 90])
def test_other_dates_are_faults(cell):
    """A date that might mean two days, or none, is not guessed."""
    assert faults(f"text,date\na,{cell}\n") == [
        (2, "has a date that cannot be read; write it like  2026-11-20  or  115/11/20")
    ]


def test_every_wrong_line_is_told_with_its_number():
    """All at once, and none of what people wrote is quoted."""
    text = 'text,date,stars\nok,2026-11-20,5\n,2026-11-20,5\nsecret,2027-11-20,5\n"two\nlines",,9\nfew\nlast,,0 stars\n'
    assert faults(text) == [
        (3, "has no text; write it, or take the line out"),
        (4, "has a date in the future"),
        (5, "has stars that are not 1 to 5; write them like  4  or  ★★★★"),
        (7, "has 1 cells, but the first line has 3; an empty cell needs its comma"),
        (8, "has stars that are not 1 to 5; write them like  4  or  ★★★★"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "begins"),
    [
        (b"", None, "The file is empty"),
        (b"a,b\n1,2\n", 1, "no column is the text"),
        ("內容,text\na,b\n".encode(), 1, "two columns are the text"),
        (b'text\n"open\nand on\n', 2, "is not CSV from here on"),
        (b"text\n" + b"x" * 200_000 + b"\n", 2, "is not CSV from here on"),
        (b"text\n" + b"x" * (LONGEST_TEXT + 1) + b"\n", 2, "has a text of 10,001 characters"),
        (bytes(range(256)) * 20, None, "The file"),
    ],
)
def test_files_that_are_none_are_told_so(content, line, begins):
    """An empty or binary file, no text column or two, an open quote, a cell that is far too long."""
    [fault] = read(content, NOW, TAIPEI).faults
    assert fault.line == line
    assert fault.trouble.startswith(begins)


def test_hostile_cells_are_only_text():
    """Formulas and HTML stay as they are; NUL, escape sequences and what turns the writing around are taken out."""
    text = "text\n=HYPERLINK(1)\n<script>alert(1)</script>\n" + "a long enough line\n" * 20 + "a\0b\x1b[31mc\u202ed\n"
    found = read_text(text)
    assert [row.text for row in found.rows][:2] == ["=HYPERLINK(1)", "<script>alert(1)</script>"]
    assert found.rows[-1].text == "ab[31mcd"


def test_the_same_review_has_the_same_key():
    """By its id and where it stands, or by all it says; given twice in a file it is one."""
    first = read_text("id,source,text\n1,Google,a\n1,Shopee,b\n").rows
    assert len({row.key for row in first}) == 2
    assert read_text("來源,內容,編號\nGoogle,a,1\n").rows[0].key == first[0].key
    twice = read_text("text,date\na,2026-11-20\na,2026-11-20\na,2026-11-21\n")
    assert (len(twice.rows), twice.repeated) == (2, 1)
    assert faults("id,text\n1,a\n1,b\n") == [(3, "has the id of line 2 and another text; give it its own")]
