"""``calendar.csv``: the government's as it is published, or a list somebody wrote."""

from datetime import date

import pytest

from bots.windows.calendar_file import load_calendar
from bots.windows.check import check_company
from bots.windows.load import load_company
from bots.windows.modes.workdays import WEEKDAYS, Calendar

NEW_YEAR, MAKE_UP, SUNDAY = date(2025, 1, 1), date(2025, 2, 8), date(2025, 2, 9)
GOVERNMENT = """\
西元日期,星期,是否放假,備註
20250101,三,2,開國紀念日
20250102,四,0,
20250104,六,2,
20250208,六,0,補行上班
20250209,日,2,
"""
HEAD = "name: hr\ndepartment: 人\ntitle: 人資\nserves: [employees]\n"


def told(company) -> list[str]:
    return [str(fault) for fault in load_calendar(company)[1]]


def test_without_the_file_people_work_from_monday_to_friday(company):
    """And nothing is wrong."""
    assert load_calendar(company) == (WEEKDAYS, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5"])
def test_the_governments_file_is_read_as_it_is(company, write, encoding):
    """Every day of a year stands there; only what differs from Monday to Friday is kept."""
    write("calendar.csv", GOVERNMENT.encode(encoding))
    calendar, faults = load_calendar(company)
    assert faults == ()
    assert calendar == Calendar(frozenset({NEW_YEAR}), frozenset({MAKE_UP}))
    assert [calendar.is_workday(day) for day in (NEW_YEAR, MAKE_UP, SUNDAY)] == [False, True, False]


def test_the_next_years_file_is_pasted_below(company, write):
    """With its first line, in which the columns are named again."""
    head = GOVERNMENT.partition("\n")[0]
    write("calendar.csv", f"{GOVERNMENT}{head}\n20240101,一,2,開國紀念日\n20240217,六,0,補行上班\n")
    works = frozenset({MAKE_UP, date(2024, 2, 17)})
    assert load_calendar(company) == (Calendar(frozenset({NEW_YEAR, date(2024, 1, 1)}), works), ())


@pytest.mark.parametrize("day", ["2025-01-01", "2025/1/1", "2025.1.1", "２０２５／１／１", "2025年1月1日", "20250101"])
@pytest.mark.parametrize("off", ["放假", "2", "是", "Yes"])
def test_a_list_may_be_written_as_people_write(company, write, day, off):
    """Dates as Excel shows them, and either way to say that nobody works."""
    write("calendar.csv", f"日期,放假,說明\n{day},{off},元旦\n")
    assert load_calendar(company) == (Calendar(off=frozenset({NEW_YEAR})), ())


def test_each_wrong_line_is_told_and_the_others_count(company, write):
    """With its line, and how to write it."""
    rows = ["2025-01-01,放假,元旦", "2025-02-30,放假,", "114/1/27,放假,", "2025-01-28,1,", ",放假,", "2025-01-29,,"]
    write("calendar.csv", "\n".join(["日期,放假,說明", *rows, "2025-01-01,上班,"]))
    calendar, _ = load_calendar(company)
    assert calendar == Calendar(off=frozenset({NEW_YEAR}))
    how = "write it like  2026-10-10"
    which = "write  放假 (or 2) for a day off,  上班 (or 0) for a day people work"
    assert told(company) == [
        f'calendar.csv:3: 日期: is "2025-02-30", but there is no such day; {how}',
        f'calendar.csv:4: 日期: is "114/1/27", but that is no date; {how}',
        f'calendar.csv:5: 放假: is "1"; {which}',
        f"calendar.csv:6: 日期: is empty; {how}",
        f"calendar.csv:7: 放假: is empty; {which}",
        "calendar.csv:8: 日期: 2025-01-01 is the opposite in line 2; keep one of them",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "calendar.csv: The file is empty; its first line is  日期,放假,說明"),
        ("日期,說明\n", "calendar.csv:1: has no column 放假; its first line is like  日期,放假,說明"),
        ("\n放假,說明\n", "calendar.csv:2: has no column 日期; its first line is like  日期,放假,說明"),
        ("日期,date,放假\n", "calendar.csv:1: has two columns for 日期; its first line is like  日期,放假,說明"),
    ],
)
def test_a_file_without_its_columns_is_told(company, write, text, says):
    """And no day of it counts."""
    write("calendar.csv", text)
    assert (told(company), load_calendar(company)[0]) == ([says], WEEKDAYS)


def test_a_wrong_line_stops_no_window_and_is_told_by_check(company, write):
    """Windows have the company's calendar; whoever starts or checks the company hears of the line."""
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge:\n  - {path: ../d/*.md}\n")
    write("d/a.md")
    write("calendar.csv", GOVERNMENT + "tomorrow,2,\n")
    (window,) = load_company(company).windows
    assert not window.calendar.is_workday(NEW_YEAR)
    (fault,) = check_company(company, today=lambda: NEW_YEAR).faults
    assert str(fault).startswith('calendar.csv:7: 日期: is "tomorrow", but that is no date')


@pytest.mark.parametrize(("today", "says"), [(MAKE_UP, []), (SUNDAY, ["ends on 2025-02-08; add the days that follow"])])
def test_a_calendar_that_nobody_goes_on_with_is_remarked(company, write, today, says):
    """Else the next year's leave would be counted wrong, and nobody would know."""
    write("windows/hr.yaml", HEAD + "contact: 人資部\nknowledge:\n  - {path: ../d/*.md}\n")
    write("d/a.md")
    write("calendar.csv", GOVERNMENT)
    report = check_company(company, today=lambda: today)
    assert report.faults == ()
    assert [str(note).partition(": ")[2].partition(", or")[0] for note in report.notes] == says
