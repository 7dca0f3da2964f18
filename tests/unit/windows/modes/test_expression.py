"""Conditions and sums in window files."""

# ruff: noqa: E501  the tables are lists of expressions

from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.windows.modes.expression import ExpressionError, Value, check, evaluate, names_in
from bots.windows.modes.workdays import Calendar

ZONE = ZoneInfo("Asia/Taipei")
TODAY = date(2026, 5, 10)
VALUES: dict[str, Value] = {
    "days": 5,
    "kind": "事假",
    "starts": datetime(2026, 5, 12, 13, tzinfo=ZONE),  # a Tuesday
    "ends": datetime(2026, 5, 14, 18, tzinfo=ZONE),
    "day": date(2026, 5, 12),
    "amount": Decimal("1200.5"),
    "tools": ("鋸", "鑽"),
    "opens": time(9),
    "closes": time(17, 30),
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("days > 3", True),
        ("days > 3 and kind != '公假'", True),
        ("days > 3 and not (kind == '事假' or amount > 2000)", False),
        ("1 < days < 10", True),
        ("kind in ('事假', '病假')", True),
        ("kind not in ['事假', '病假']", False),
        ("'鑽' in tools", True),
        ("'車' in kind", False),
        ("amount * 2", 2401),
        ("amount / 4", Decimal("300.125")),
        ("0.1 + 0.2 == 0.3", True),
        ("-days + 1", -4),
        ("days(starts, ends)", 3),
        ("days(today(), day)", 3),
        ("days(day, today())", 0),
        ("workdays(starts, ends)", Decimal("2.5")),
        ("hours(starts, ends)", 53),
        ("hours(opens, closes)", Decimal("8.5")),
        ("starts < today() + 3", True),
        ("day == starts", True),
        ("starts < ends", True),
        ("len(kind)", 2),
        ("len(tools)", 2),
        ("True", True),
    ],
)
def test_what_comes_of_it(text: str, result: object) -> None:
    """Comparisons, sums and the functions do what they say."""
    assert evaluate(text, VALUES, TODAY) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("gone > 3", False),
        ("gone < 3", False),
        ("gone == 3", False),
        ("gone != 3", False),
        ("gone in ('a', 'b')", False),
        ("'a' in gone", False),
        ("days(gone, ends) > 3", False),
        ("gone + 1 > 0", False),
        ("gone > 3 or days > 3", True),
        ("not gone", True),
        ("len(gone)", 0),
        ("gone + 1", None),
        ("workdays(starts, gone)", None),
    ],
)
def test_a_missing_value_makes_a_comparison_false(text: str, result: object) -> None:
    """It is never an error."""
    assert evaluate(text, VALUES, TODAY) == result


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2026, 5, 12), date(2026, 5, 12), 1),
        (date(2026, 5, 15), date(2026, 5, 18), 2),
        (date(2026, 5, 16), date(2026, 5, 17), 0),
        (date(2026, 5, 4), date(2026, 5, 31), 20),
        (date(2026, 5, 12), date(2026, 5, 11), 0),
        (_at("2026-05-12T09:00"), _at("2026-05-12T18:00"), 1),
        (_at("2026-05-12T09:00"), _at("2026-05-12T12:00"), Decimal("0.5")),
        (_at("2026-05-12T13:00"), _at("2026-05-12T18:00"), Decimal("0.5")),
        (_at("2026-05-12T13:00"), _at("2026-05-13T12:00"), 1),
        (_at("2026-05-15T13:00"), _at("2026-05-18T18:00"), Decimal("1.5")),
        (_at("2026-05-15T13:00"), _at("2026-05-16T12:00"), Decimal("0.5")),
        (_at("2026-05-12T12:00"), _at("2026-05-12T13:00"), Decimal("0.5")),
        (date(2026, 5, 12), _at("2026-05-13T12:00"), Decimal("1.5")),
        (date(1, 1, 1), date(9999, 12, 31), 2608615),
    ],
)
def test_workdays_count_monday_to_friday_in_halves(first: date, last: date, count: object) -> None:
    """A weekend counts nothing, an afternoon half a day, and long spans take no longer than short ones."""
    assert evaluate("workdays(a, b)", {"a": first, "b": last}, TODAY) == count


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2025, 1, 24), date(2025, 2, 10), 8),
        (date(2025, 1, 27), date(2025, 1, 31), 0),
        (date(2025, 2, 8), date(2025, 2, 9), 1),
        (_at("2025-02-07T13:00"), _at("2025-02-08T12:00"), 1),
        (_at("2025-01-24T13:00"), _at("2025-01-27T12:00"), Decimal("0.5")),
        (_at("2025-01-31T13:00"), _at("2025-02-03T12:00"), Decimal("0.5")),
        (date(2024, 1, 1), date(2024, 1, 5), 5),
    ],
)
def test_workdays_leave_out_holidays_and_count_the_days_that_make_up_for_them(
    first: date, last: date, count: object
) -> None:
    """The lunar new year of 2025, with its Saturday of work; half a day counts on a day of work only."""
    lunar_new_year = Calendar(frozenset(date(2025, 1, day) for day in range(27, 32)), frozenset({date(2025, 2, 8)}))
    assert evaluate("workdays(a, b)", {"a": first, "b": last}, TODAY, lunar_new_year) == count


@pytest.mark.parametrize(
    "text",
    [
        "", "days >", "a b", "\x00", "days = 3", "import os", "print(1)", "__import__('os')", "kind.upper()", "kind.__class__",
        "kind[0]", "kind[::-1]", "2 ** 9", "1 << 9", "1 if days else 2", "[x for x in tools]", "{'a': 1}", "{1}", "lambda: 1",
        "f'{days}'", "None", "b'a'", "1j", "...", "1e999", "days(starts)", "days(starts, ends, 1)", "days(*tools)", "len(x=kind)",
        "today", "(a := 1)", "days is days", "days // 2", "days % 2", "~days", "starts @ ends", "-" * 100 + "1",
        "1+" * 300 + "1", "days(days(starts, ends)(1), ends)",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused_when_the_file_is_read(text: str) -> None:
    """Nothing that could reach into the program, grow, or be unknown gets past the check."""
    with pytest.raises(ExpressionError):
        check(text, VALUES)


@pytest.mark.parametrize(
    "text",
    ["'x' * 1000", "kind * 1000", "tools * 9", "kind + kind", "1 / 0", "kind > 3", "ends - starts", "-kind", "days(1, 2)", "hours(day, day)",
     "len(days)", "starts < opens", "today() + 99999999999", "'a' in days"],
)  # fmt: skip
def test_what_does_not_fit_the_values_is_told_and_not_raised_as_something_else(text: str) -> None:
    """Repeating texts, dividing by nothing and comparing what cannot be compared are errors of the file."""
    with pytest.raises(ExpressionError, match="cannot be worked out"):
        evaluate(text, VALUES, TODAY)


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    """A function's name is no value's, and a value may have a function's name."""
    check("days > 3 and days(starts, ends) > 2", ["days", "starts", "ends"])
    assert set(names_in("days(starts, ends) > limit")) == {"starts", "ends", "limit"}
    with pytest.raises(ExpressionError, match="dayz is not known here; the names are: days, kind"):
        check("dayz > 3", ["kind", "days"])


@settings(deadline=None)  # the machine may be busy
@given(st.text(alphabet="abdkins()<>=!+-*/.,'\"[] 019:{}@~%\n", max_size=80))
def test_whatever_is_written_only_an_expression_error_is_raised(text: str) -> None:
    """Neither check nor evaluate lets anything else out."""
    for attempt in (lambda: check(text, VALUES), lambda: evaluate(text, VALUES, TODAY)):
        with suppress(ExpressionError):
            attempt()
