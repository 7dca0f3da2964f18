"""How records are shown to people."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bots.conversations.lookups.records import Records
from bots.conversations.lookups.shown import cell, plain, table, words

TAIPEI = ZoneInfo("Asia/Taipei")


@pytest.mark.parametrize(
    ("value", "column", "zh", "en"),
    [
        (None, "a", "", ""),
        (1234567, "amount", "1,234,567", "1,234,567"),
        (-1234, "amount", "-1,234", "-1,234"),
        (2026, "year", "2026", "2026"),
        (20260001, "order_no", "20260001", "20260001"),
        (10001, "單號", "10001", "10001"),
        (Decimal("1234.50"), "amount", "1,234.5", "1,234.5"),
        (Decimal("1E+3"), "amount", "1,000", "1,000"),
        (Decimal("-0.25"), "days", "-0.25", "-0.25"),
        (0.1, "rate", "0.1", "0.1"),
        (Decimal("NaN"), "rate", "NaN", "NaN"),
        (True, "ok", "是", "yes"),
        (date(2026, 5, 12), "day", "2026/5/12（二）", "2026-05-12 (Tue)"),
        ("2026-05-12", "day", "2026/5/12（二）", "2026-05-12 (Tue)"),
        ("2026-13-40", "day", "2026-13-40", "2026-13-40"),
        (datetime(2026, 5, 12, 9, 5), "at", "2026/5/12（二）09:05", "2026-05-12 (Tue) 09:05"),  # noqa: DTZ001
        (datetime(2026, 5, 12, 1, 5, tzinfo=UTC), "at", "2026/5/12（二）09:05", "2026-05-12 (Tue) 09:05"),
        ("2026-05-12T01:05:00Z", "at", "2026/5/12（二）09:05", "2026-05-12 (Tue) 09:05"),
        (time(9, 0), "at", "09:00", "09:00"),
        (["甲", 1000], "list", "甲、1,000", "甲、1,000"),
        ("a\x00b\ud800c\x1bd", "text", "abcd", "abcd"),
        ("x" * 400, "text", "x" * 300 + "…", "x" * 300 + "…"),
    ],
)
def test_a_cell_is_written_as_people_read_it(value, column, zh, en):
    """Numbers with thousands unless they are names, dates with their weekday, moments in the company's time zone."""
    assert cell(value, column, "zh-TW", TAIPEI) == zh
    assert cell(value, column, "en", TAIPEI) == en


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (Decimal("14.50"), "14.5"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 5, 12), "2026-05-12"),
        (datetime(2026, 5, 12, 9, 5), "2026-05-12 09:05"),  # noqa: DTZ001
        (time(9, 5), "09:05"),
        (("甲", "乙"), "甲、乙"),
        ("a\x00", "a"),
    ],
)
def test_a_value_is_written_so_that_it_can_be_read_back(value, written):
    """Choices, defaults and addresses get it without separators and weekdays."""
    assert plain(value) == written


def test_a_table_shows_the_columns_that_have_headings():
    """In the order of the headings; what is not named is not shown."""
    records = Records(("number", "secret", "amount"), (("1", "x", 1000), ("2", "y", None)))
    shown = table(records, records.rows, {"amount": "金額", "number": "單號", "gone": "沒有"}, "zh-TW", TAIPEI)
    assert shown.columns == ("金額", "單號")
    assert shown.rows == (("1,000", "1"), ("", "2"))


def test_a_table_without_headings_shows_everything():
    """Under the columns' own names."""
    records = Records(("a", "b"), ((1, 2),))
    shown = table(records, records.rows, {}, "zh-TW", TAIPEI)
    assert (shown.columns, shown.rows) == (("a", "b"), (("1", "2"),))
    assert words(records, records.rows[0], "zh-TW", TAIPEI) == {"a": "1", "b": "2"}
