"""Which fields of a complaint form are what."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bots.conversations.complaints.form_parts import Told, complaint_forms, filled, told
from bots.conversations.complaints.months import months
from bots.windows.modes.form import Form

TAIPEI = ZoneInfo("Asia/Taipei")
FULL = Form.model_validate(
    {
        "title": "客訴",
        "kind": "complaint",
        "fields": [
            {"name": "theme", "type": "choice", "label": "主題", "choices": ["漏水", "其他"]},
            {"name": "contact", "label": "聯絡方式", "longest": 2000},
            {"name": "description", "label": "內容", "longest": 1000},
            {"name": "model", "type": "choice", "label": "型號", "choices": ["DH-16S"], "optional": True},
        ],
    }
)
PLAIN = Form.model_validate(
    {
        "title": "意見",
        "kind": "complaint",
        "fields": [
            {"name": "your_phone", "label": "電話", "longest": 2000},
            {"name": "order_no", "label": "訂單", "longest": 1500},
            {"name": "code", "label": "代碼", "pattern": "[A-Z]+", "longest": 1500},
            {"name": "short", "label": "標題", "longest": 50},
            {"name": "trouble", "label": "發生什麼事", "longest": 1000},
        ],
    }
)


def test_fields_go_by_their_names():
    """The contact is none of them, however long it may be."""
    values = {"theme": "漏水", "contact": "0912-345-678", "description": " 滲水 ", "model": None}
    assert told(FULL, values, "summary") == Told("漏水", "滲水", None)


def test_a_form_without_those_names_has_its_longest_text():
    """Of the texts that are no way to reach somebody and follow no pattern; the summary where there is none."""
    assert told(PLAIN, {"your_phone": "0912345678", "short": "a", "trouble": "b"}, "s") == Told("", "b", None)
    assert told(PLAIN, {}, "summary") == Told("", "summary", None)


def test_an_imported_complaint_fills_what_it_can():
    """A theme that the form does not have is its other one; a form without these fields gets the text alone."""
    assert filled(FULL, Told("漏水", "x", "DH-16S")) == {"theme": "漏水", "description": "x", "model": "DH-16S"}
    assert filled(FULL, Told("贈品", "x", None)) == {"theme": "其他", "description": "x"}
    assert filled(PLAIN, Told("贈品", "x", "DH-16S")) == {"trouble": "x"}


def test_complaint_forms_are_those_that_say_so():
    """By their kind."""
    other = FULL.model_copy(update={"kind": "form"})
    assert complaint_forms({"a": FULL, "b": other, "c": PLAIN}) == ["a", "c"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-29T20:00", ("2026-11-01", "2026-10-01", "2026-10-29T20:00")),
        ("2026-01-05T08:00", ("2026-01-01", "2025-12-01", "2025-12-05T08:00")),
        ("2026-03-31T08:00", ("2026-03-01", "2026-02-01", "2026-03-01")),
        ("2026-10-31T23:59", ("2026-10-01", "2026-09-01", "2026-10-01")),
    ],
)
def test_a_month_is_compared_with_the_last_up_to_the_same_day(now, expected):
    """Over a new year too; a shorter month as a whole."""
    moments = [datetime.fromisoformat(text).replace(tzinfo=TAIPEI) for text in (now, *expected)]
    assert months(moments[0]) == tuple(moments[1:])
