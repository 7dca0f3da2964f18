"""SQL of submissions. Every function needs a connection whose viewer may see them: whoever handed in, or was asked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from bots.conversations.outbox.written import read_place
from bots.messages import AttachedFile, Language, Place
from bots.ports import OpenedFile
from rag_core.database import ViewerConnection, scoped

State = Literal["waiting", "approved", "rejected", "withdrawn", "open", "done"]
HANDED_IN = "handed_in"
"""The action of the first row of a history."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was handed in. ``values`` and ``computed`` are JSON: a field's ``from_json`` reads them."""

    id: int
    number: str
    window: str
    form: str
    reader: str
    employee_number: str | None
    values: Mapping[str, Any]
    computed: Mapping[str, Any]
    summary: str
    state: State
    place: Place
    language: Language
    created_at: datetime
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A form about to be handed in. ``draft``: the id of what it was filled in as, None if it came as a whole."""

    window: str
    form: str
    reader: str
    employee_number: str | None
    values: Mapping[str, Any]
    computed: Mapping[str, Any]
    summary: str
    state: State
    place: Place
    language: Language
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a history. ``actor``: an employee number, a customer's account, or empty for ourselves."""

    at: datetime
    actor: str
    action: str
    state: State
    comment: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo or file of a submission, without its content."""

    id: UUID
    field: str
    name: str
    media_type: str
    bytes: int

    @property
    def shown(self) -> AttachedFile:
        """What a reply says of it."""
        return AttachedFile(str(self.id), self.name, self.bytes)


_COLUMNS: LiteralString = """
select id, number, window_name as "window", form_name as form, reader, employee_number, "values", computed, summary,
       state, place, language, created_at, touched_at
from submissions
"""
_COUNT = """
insert into submission_numbers as n values (%s, %s, %s, 1)
on conflict (window_name, form_name, year) do update set last = n.last + 1
returning last
"""
_INSERT = """
insert into submissions (number, window_name, form_name, event, draft, reader, employee_number, "values", computed,
                         summary, state, place, language)
values (%s, %s, %s, (select id from inbox where platform = %s and account = %s and event_id = %s), %s, %s, %s, %s, %s,
        %s, %s, %s, %s)
returning id
"""
_MOVE = """
with moved as (
  update submissions set state = %(to)s, touched_at = now() where id = %(id)s and state = any (%(from)s) returning id
)
insert into submission_history (submission, actor, action, state, comment)
select id, %(actor)s, %(action)s, %(to)s, %(comment)s from moved
"""


def insert(viewer: ViewerConnection, new: NewSubmission, event_id: str, year: int) -> Submission:
    """Hand in: give it the next number of its form and year, and begin its history.

    ``event_id``: the platform's id of the event that hands it in. Raises psycopg's UniqueViolation where that event,
    or the draft, has been handed in before: then nothing of the transaction happens.
    """
    number = _next_number(viewer, new, year)
    place = new.place
    key = (place.platform, place.account, event_id)
    told = (_jsonb(new.values), _jsonb(new.computed), new.summary, new.state, _jsonb(_place(place)), new.language)
    values = (number, new.window, new.form, *key, new.draft, new.reader, new.employee_number, *told)
    row = scoped(viewer).execute(_INSERT, values).fetchone()
    assert row is not None
    _note(viewer, row[0], new.employee_number or new.reader, HANDED_IN, new.state)
    found = by_id(viewer, row[0])
    assert found is not None
    return found


def by_id(viewer: ViewerConnection, submission: int) -> Submission | None:
    """Return one submission; None if there is none that the viewer may see."""
    found = _some(viewer, "where id = %s", [submission])
    return found[0] if found else None


def by_number(viewer: ViewerConnection, number: str) -> Submission | None:
    """Return the submission of this number, in capitals or not; None if there is none that the viewer may see."""
    found = _some(viewer, "where number = upper(%s)", [number.strip()])
    return found[0] if found else None


def of_draft(viewer: ViewerConnection, draft: str) -> Submission | None:
    """Return what a draft was handed in as."""
    found = _some(viewer, "where draft = %s", [draft])
    return found[0] if found else None


def of_reader(viewer: ViewerConnection, reader: str, limit: int) -> list[Submission]:
    """Return the newest submissions of this reader, newest first."""
    return _some(viewer, "where reader = %s order by id desc limit %s", [reader, limit])


def of_drafts(viewer: ViewerConnection, reader: str, limit: int) -> dict[str, str]:
    """Return the numbers of what the reader handed in last, by the draft it was."""
    query = "select draft, number from submissions where reader = %s and draft is not null order by id desc limit %s"
    return dict(scoped(viewer).execute(query, [reader, limit]).fetchall())


def has_handed_in(viewer: ViewerConnection, person: str, window: str, form: str, since: datetime) -> bool:
    """Return whether this person has handed the form in since then, as far as the reader may know."""
    query = """
    select 1 from submissions
    where employee_number = %s and window_name = %s and form_name = %s and created_at >= %s limit 1
    """
    return scoped(viewer).execute(query, [person, window, form, since]).fetchone() is not None


def move(  # noqa: PLR0913 a change is all of these
    viewer: ViewerConnection,
    submission: int,
    from_states: Sequence[State],
    to_state: State,
    actor: str,
    action: str,
    comment: str = "",
) -> bool:
    """Change the state and write it into the history, if the state is still one of ``from_states``; return whether.

    Of two who come at once, one is told False: the row is locked, and looked at again when the other has committed.
    """
    values = {"id": submission, "from": list(from_states), "to": to_state, "actor": actor, "action": action}
    return scoped(viewer).execute(_MOVE, {**values, "comment": comment.replace("\x00", "")}).rowcount == 1


def history(viewer: ViewerConnection, submission: int) -> list[Entry]:
    """Return what was done to a submission, oldest first."""
    query = "select at, actor, action, state, comment from submission_history where submission = %s order by id"
    with scoped(viewer).cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(query, [submission]).fetchall()


def attachments(viewer: ViewerConnection, submission: int) -> list[Attachment]:
    """Return the files of a submission, in the order they came."""
    query = """
    select id, field, name, media_type, octet_length(content) as bytes from submission_files
    where submission = %s order by at, id
    """
    with scoped(viewer).cursor(row_factory=class_row(Attachment)) as cursor:
        return cursor.execute(query, [submission]).fetchall()


def opened(viewer: ViewerConnection, attachment: UUID) -> OpenedFile | None:
    """Return a file with its content; None if there is none that the viewer may see."""
    query = "select name, media_type, content from submission_files where id = %s and submission is not null"
    with scoped(viewer).cursor(row_factory=class_row(OpenedFile)) as cursor:
        return cursor.execute(query, [attachment]).fetchone()


def _next_number(viewer: ViewerConnection, new: NewSubmission, year: int) -> str:
    """Count one up. Whoever comes at the same time waits here, and if this transaction fails gets this number."""
    row = scoped(viewer).execute(_COUNT, [new.window, new.form, year]).fetchone()
    assert row is not None
    return f"{new.window}-{new.form}-{year}-{row[0]:04d}".upper()


def _note(viewer: ViewerConnection, submission: int, actor: str, action: str, state: State) -> None:
    query = "insert into submission_history (submission, actor, action, state, comment) values (%s, %s, %s, %s, '')"
    scoped(viewer).execute(query, [submission, actor, action, state])


def _some(viewer: ViewerConnection, where: LiteralString, values: Sequence[Any]) -> list[Submission]:
    with scoped(viewer).cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_COLUMNS + where, values).fetchall()
    return [Submission(**{**row, "place": read_place(row["place"])}) for row in rows]


def _place(place: Place) -> dict[str, Any]:
    return {
        "platform": place.platform,
        "account": place.account,
        "channel": place.channel,
        "direct": place.direct,
        "thread": place.thread,
    }


def _jsonb(value: Mapping[str, Any]) -> Jsonb:
    return Jsonb(dict(value), dumps=json.dumps)
