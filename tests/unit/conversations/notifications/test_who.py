"""From a window file's or a caller's words to recipients, and what a text needs of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bots.conversations.lookups.records import LookupFailed, Records
from bots.conversations.notifications.recipients.rows import MOST, rows_by
from bots.conversations.notifications.recipients.who import (
    NotFound,
    Unclear,
    check_words,
    number_of,
    reader,
    recipients,
)

NO_DATABASE: Any = None


@dataclass
class FakeLookups:
    """Runs no file: finds what it is given."""

    found: Records | Exception
    limit: int | None = None

    def run_file(self, window: str, file: str, source: str = "", limit: int | None = None) -> Records:
        self.limit = limit
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def made_out(found: Records | Exception) -> Any:
    rows: Any = rows_by(FakeLookups(found))  # type: ignore[arg-type]
    return recipients(NO_DATABASE, "hr", {"sql": "due.sql"}, rows)


def test_rows_become_recipients_with_words() -> None:
    """Dates and numbers as a person would write them; the first row of a person counts; no number, nobody."""
    columns = ("person", "due", "left")
    rows = (
        ("A1", date(2026, 11, 27), Decimal("3.50")),
        (" A1 ", None, None),
        ("line:shop:U1", None, 2),
        (None, None, 1),
        ("", None, 1),
    )
    assert made_out(Records(columns, rows)) == {
        "person:A1": {"due": "2026-11-27", "left": "3.5"},
        "line:shop:U1": {"due": "", "left": "2"},
    }


def test_a_list_that_was_cut_short_is_none() -> None:
    """Told to some it would look as if all had been told. The limit is one of recipients, not of a page."""
    lookups: Any = FakeLookups(Records(("person",), (("A1",),), cut=True))
    with pytest.raises(LookupFailed):
        rows_by(lookups)("hr", "due.sql")
    assert lookups.limit == MOST


def test_trouble_of_a_file_is_told_by_its_kind() -> None:
    """The reason holds no value of anybody."""
    with pytest.raises(NotFound) as failed:
        made_out(LookupFailed("slow", "QueryCanceled"))
    assert failed.value.reason == "QueryCanceled"
    with pytest.raises(NotFound) as other:
        made_out(ValueError("secret"))
    assert other.value.reason == "ValueError"


def test_a_file_without_the_column_is_unclear() -> None:
    """Whoever wrote it reads which one is missing."""
    with pytest.raises(Unclear, match="no column person"):
        made_out(Records(("who",), (("A1",),)))
    assert made_out(Records(("who",), ())) == {}


def test_people_are_named_once() -> None:
    """However often the caller names them."""
    found = recipients(NO_DATABASE, "hr", {"people": ["A1", "A2", "A1"]}, lambda *_: [])
    assert found == {"person:A1": {}, "person:A2": {}}


def test_a_text_needs_a_word_for_each_name() -> None:
    """Some everybody has; doubled braces are none; a lone one is no text."""
    check_words("{name} {today} {title} {person} {{x}} {order}", {"order": "1"})
    with pytest.raises(Unclear, match="no left"):
        check_words("{order} {left}", {"order": "1"}, {"other": "2"})
    with pytest.raises(Unclear, match="no readable text"):
        check_words("{order", {"order": "1"})


def test_readers_and_numbers() -> None:
    """An employee number is a person's, an account is itself."""
    assert [reader("A1"), reader("slack:main:U1"), reader("slack:main")] == [
        "person:A1",
        "slack:main:U1",
        "person:slack:main",
    ]
    assert [number_of("person:A1"), number_of("line:shop:U1")] == ["A1", None]
