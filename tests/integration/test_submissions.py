"""Submissions: numbers without gaps, one change at a time, a history nobody rewrites, and who may see them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import psycopg
import pytest

from bots.conversations.submissions import store
from bots.conversations.submissions.store import NewSubmission, Submission
from bots.messages import Place
from rag_core.database import Database, ViewerConnection

ANN, BOB = "person:A1", "person:A2"
PLACE = Place("line", "staff", "Uann", direct=True)
_events = count(1)


class Lost(Exception):
    """The transaction does not come to its end."""


def event(url: str) -> str:
    """Take an event in, and return its id on the platform."""
    name = f"event-{next(_events)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into inbox (platform, account, event_id, conversation, channel, sender, kind, message_id, sent_at,"
            " state) values ('line', 'staff', %s, 'c', 'c', 's', 'postback', '', now(), 'working')",
            [name],
        )
    return name


def leave(reader: str = ANN, **more: Any) -> NewSubmission:
    fields: dict[str, Any] = {
        "window": "hr",
        "form": "leave",
        "reader": reader,
        "employee_number": reader.removeprefix("person:"),
        "values": {"kind": "特休", "days": "2"},
        "computed": {},
        "summary": "特休 2 天",
        "state": "waiting",
        "place": PLACE,
        "language": "zh-TW",
    }
    return NewSubmission(**{**fields, **more})


@contextmanager
def acting(database: Database, reader: str) -> Iterator[ViewerConnection]:
    with database.viewer(frozenset({"employees"}), reader) as viewer:
        yield viewer


def handed_in(database: Database, url: str, new: NewSubmission, year: int = 2026) -> Submission:
    key = event(url)
    with acting(database, new.reader) as viewer:
        return store.insert(viewer, new, key, year)


def test_what_is_handed_in_is_read_back_with_its_number_and_history(database: Database, database_url: str) -> None:
    """A submission has a number of its form and year, everything that was handed in, and a first row of history."""
    new = leave(computed={"days": "2"})
    first = handed_in(database, database_url, new)
    with acting(database, ANN) as viewer:
        assert store.by_id(viewer, first.id) == first == store.by_number(viewer, "hr-leave-2026-0001")
        assert [(entry.actor, entry.action, entry.state) for entry in store.history(viewer, first.id)] == [
            ("A1", "handed_in", "waiting")
        ]
    assert (first.values, first.computed, first.place, first.summary) == (
        new.values,
        new.computed,
        PLACE,
        "特休 2 天",
    )


def test_numbers_are_counted_for_each_form_and_year(database: Database, database_url: str) -> None:
    """Each form of each window counts for itself, and from one again in a new year; beyond 9,999 it grows a digit."""
    made = [
        handed_in(database, database_url, leave(), 2026).number,
        handed_in(database, database_url, leave(form="overtime"), 2026).number,
        handed_in(database, database_url, leave(), 2026).number,
        handed_in(database, database_url, leave(), 2027).number,
    ]
    assert made == ["HR-LEAVE-2026-0001", "HR-OVERTIME-2026-0001", "HR-LEAVE-2026-0002", "HR-LEAVE-2027-0001"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("update submission_numbers set last = 9999 where form_name = 'overtime'")
    assert handed_in(database, database_url, leave(form="overtime")).number == "HR-OVERTIME-2026-10000"


def test_numbers_have_no_gaps_whoever_comes_at_once(database_url: str) -> None:
    """Of forty handed in by eight at once, a quarter of which fail at the last moment, thirty are numbered 1 to 30."""
    database = Database(database_url, pool_size=8)
    keys = [event(database_url) for _ in range(40)]

    def hand_in(number: int) -> str | None:
        with suppress(Lost), acting(database, ANN) as viewer:
            made = store.insert(viewer, leave(), keys[number], 2026)
            if number % 4 == 0:
                raise Lost
            return made.number
        return None

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for number in pool.map(hand_in, range(40)) if number]
    database.close()
    assert sorted(numbers) == [f"HR-LEAVE-2026-{number:04d}" for number in range(1, 31)]


def test_one_event_and_one_draft_hand_in_once(database: Database, database_url: str) -> None:
    """The same event, or the same draft, is refused the second time, and the number it drew is given back."""
    key = event(database_url)
    with acting(database, ANN) as viewer:
        store.insert(viewer, leave(draft="d1"), key, 2026)
    for again_key, draft in ((key, None), (event(database_url), "d1")):
        with pytest.raises(psycopg.errors.UniqueViolation), acting(database, ANN) as viewer:
            store.insert(viewer, leave(draft=draft), again_key, 2026)
    with acting(database, ANN) as viewer:
        draft_of = store.of_draft(viewer, "d1")
    assert draft_of is not None
    assert draft_of.number == "HR-LEAVE-2026-0001"
    assert handed_in(database, database_url, leave()).number == "HR-LEAVE-2026-0002"


def test_others_see_and_change_nothing(database: Database, database_url: str) -> None:
    """Somebody else's submission cannot be found, listed, moved or written into the history of."""
    made = handed_in(database, database_url, leave())
    with acting(database, BOB) as viewer:
        assert store.by_id(viewer, made.id) is None
        assert store.by_number(viewer, made.number) is None
        assert store.of_reader(viewer, ANN, 10) == []
        assert store.history(viewer, made.id) == []
        assert not store.move(viewer, made.id, ["waiting"], "withdrawn", "A2", "withdrawn")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), acting(database, BOB) as viewer:
        viewer.connection.execute(
            "insert into submission_history (submission, actor, action, state, comment)"
            " values (%s, 'A2', 'approved', 'approved', '')",
            [made.id],
        )
    with pytest.raises(psycopg.errors.InsufficientPrivilege), acting(database, BOB) as viewer:
        store.insert(viewer, leave(ANN), event(database_url), 2026)


def test_of_two_changes_at_once_one_happens(database_url: str) -> None:
    """Eight who decide at the same moment: one is told True, and the history has one row of it."""
    database = Database(database_url, pool_size=8)
    made = handed_in(database, database_url, leave())

    def decide(number: int) -> bool:
        with acting(database, ANN) as viewer:
            return store.move(viewer, made.id, ["waiting"], "withdrawn", f"A{number}", "withdrawn", f"because {number}")

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(decide, range(8)))
    with acting(database, ANN) as viewer:
        rows = store.history(viewer, made.id)
        state = store.by_id(viewer, made.id)
    database.close()
    assert done.count(True) == 1
    assert [row.comment for row in rows[1:]] == [f"because {done.index(True)}"]
    assert state is not None
    assert state.state == "withdrawn"


def test_values_cannot_be_changed_afterwards(database: Database, database_url: str) -> None:
    """The application may change a submission's state and nothing else of it, and delete none."""
    made = handed_in(database, database_url, leave())
    for statement in (
        """update submissions set "values" = '{}' where id = %s""",
        "update submissions set number = 'HR-LEAVE-2026-0007' where id = %s",
        "update submissions set employee_number = 'A9' where id = %s",
        "delete from submissions where id = %s",
        "update submission_history set actor = 'A9' where submission = %s",
        "delete from submission_history where submission = %s",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), acting(database, ANN) as viewer:
            viewer.connection.execute(statement, [made.id])  # type: ignore[call-overload]


def test_history_is_not_rewritten_by_the_owner(database: Database, database_url: str) -> None:
    """Not even the owner changes, deletes or empties the history by mistake."""
    handed_in(database, database_url, leave())
    for statement in (
        "update submission_history set actor = 'A9'",
        "delete from submission_history",
        "truncate submission_history",
        "delete from submissions",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
            psycopg.connect(database_url, autocommit=True) as connection,
        ):
            connection.execute(statement)


def test_retention_of_messages_leaves_submissions_alone(database: Database, database_url: str) -> None:
    """What the sweep forgets are texts of conversations: a submission keeps its values and history."""
    made = handed_in(database, database_url, leave())
    with database.application() as connection:
        connection.execute("select forget_texts(now() + interval '1 day')")
    with acting(database, ANN) as viewer:
        assert store.by_id(viewer, made.id) == made
        assert len(store.history(viewer, made.id)) == 1


def test_the_owner_erases_closed_records_as_a_whole(database: Database, database_url: str) -> None:
    """``erase_submissions`` takes closed ones with their history, leaves open ones, and is not the application's."""
    closed, waiting = handed_in(database, database_url, leave(state="done")), handed_in(database, database_url, leave())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.application() as connection:
        connection.execute("select erase_submissions(now() + interval '1 day')")
    with psycopg.connect(database_url, autocommit=True) as connection:
        erased = connection.execute("select erase_submissions(now() + interval '1 day')").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):  # the door is shut again
            connection.execute("delete from submission_history")
    assert erased == (1,)
    with acting(database, ANN) as viewer:
        assert store.by_id(viewer, closed.id) is None
        assert store.history(viewer, waiting.id) != []


def test_hostile_texts_are_kept_as_texts(database: Database, database_url: str) -> None:
    """SQL, braces, markup and mentions in values, summaries and comments are data, and come back as they were."""
    nasty = "'); drop table submissions; -- {0} {summary} %s <script>alert(1)</script> <!channel> @all \u202e"
    made = handed_in(database, database_url, leave(values={"reason": nasty}, summary=nasty))
    with acting(database, ANN) as viewer:
        assert store.by_number(viewer, nasty) is None
        assert store.move(viewer, made.id, ["waiting"], "withdrawn", "A1", "withdrawn", nasty + "\x00")
        assert store.history(viewer, made.id)[-1].comment == nasty
        found = store.by_id(viewer, made.id)
    assert found is not None
    assert (found.values, found.summary) == ({"reason": nasty}, nasty)
