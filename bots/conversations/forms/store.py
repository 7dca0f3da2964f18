"""SQL of drafts and their files. Every function but ``forget`` needs a connection whose viewer fills the form in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from bots.messages import Language
from rag_core.database import ViewerConnection, scoped


@dataclass(frozen=True, slots=True)
class Draft:
    """A form in progress. ``values`` is JSON, None for a field that was skipped. ``revision`` grows by each change."""

    id: str
    window: str
    form: str
    values: Mapping[str, Any]
    asked: str
    editing: bool
    language: Language
    revision: int
    origins: Mapping[str, str] = field(default_factory=dict)  # field → the event that filled it in
    rested: timedelta = timedelta(0)  # since it was touched last


@dataclass(frozen=True, slots=True)
class NewFile:
    """A photo or file for a field of a draft."""

    id: UUID
    draft: str
    field: str
    name: str
    media_type: str
    content: bytes


_COLUMNS: LiteralString = """
select id, window_name as "window", form_name as form, "values", asked, editing, language, revision, origins,
       now() - touched_at as rested
from drafts
"""
_ADD = """
insert into drafts (id, conversation, reader, window_name, form_name, "values", origins, asked, editing, language,
                    revision)
values (%(id)s, %(conversation)s, %(reader)s, %(window)s, %(form)s, %(values)s, %(origins)s, %(asked)s, %(editing)s,
        %(language)s, %(revision)s)
"""
_CHANGE = """
update drafts set conversation = %(conversation)s, "values" = %(values)s, origins = %(origins)s, asked = %(asked)s,
                  editing = %(editing)s, revision = %(revision)s, touched_at = now()
where id = %(id)s and revision = %(revision)s - 1
"""
_FIRST = 1  # revision


def current(viewer: ViewerConnection, conversation: str, reader: str) -> Draft | None:
    """Return the reader's draft in this conversation."""
    return _one(viewer, "where conversation = %s and reader = %s", [conversation, reader])


def of_form(viewer: ViewerConnection, window: str, form: str, reader: str) -> Draft | None:
    """Return the reader's newest draft of this form, wherever it was begun."""
    where: LiteralString = "where reader = %s and window_name = %s and form_name = %s order by touched_at desc limit 1"
    return _one(viewer, where, [reader, window, form])


def by_id(viewer: ViewerConnection, draft: str) -> Draft | None:
    """Return a draft of the viewer's, wherever it was begun."""
    return _one(viewer, "where id = %s", [draft])


def open_ids(viewer: ViewerConnection, reader: str) -> frozenset[str]:
    """Return the ids of the reader's drafts, wherever they were begun."""
    rows = scoped(viewer).execute("select id from drafts where reader = %s", [reader]).fetchall()
    return frozenset(row[0] for row in rows)


def save(viewer: ViewerConnection, conversation: str, reader: str, draft: Draft) -> bool:
    """Keep the draft as the only one of this conversation, wherever it was begun.

    Return False, and keep nothing, where it has been changed, dropped or handed in since it was read.
    """
    connection = scoped(viewer)
    connection.execute(
        "delete from drafts where conversation = %s and reader = %s and id <> %s", [conversation, reader, draft.id]
    )
    values = Jsonb(dict(draft.values), dumps=json.dumps)
    fields = {
        name: getattr(draft, name) for name in ("id", "window", "form", "asked", "editing", "language", "revision")
    }
    origins = Jsonb(dict(draft.origins), dumps=json.dumps)
    kept = {**fields, "values": values, "origins": origins, "conversation": conversation, "reader": reader}
    return connection.execute(_ADD if draft.revision == _FIRST else _CHANGE, kept).rowcount == 1


def remove(viewer: ViewerConnection, draft: str) -> bool:
    """Drop a draft with the files that are still its own; return whether it was there."""
    return scoped(viewer).execute("delete from drafts where id = %s", [draft]).rowcount == 1


def take(viewer: ViewerConnection, draft: str, revision: int) -> bool:
    """Lock the draft as it was read; return whether it is still there and unchanged."""
    query = "select 1 from drafts where id = %s and revision = %s for update"
    return scoped(viewer).execute(query, [draft, revision]).fetchone() is not None


def add_file(viewer: ViewerConnection, reader: str, file: NewFile) -> None:
    """Keep a file for the field, instead of the one it had."""
    connection = scoped(viewer)
    connection.execute("delete from submission_files where draft = %s and field = %s", [file.draft, file.field])
    connection.execute(
        "insert into submission_files (id, draft, reader, field, name, media_type, content)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        [file.id, file.draft, reader, file.field, file.name, file.media_type, file.content],
    )


def move_files(viewer: ViewerConnection, draft: str, submission: int, fields: Sequence[str]) -> None:
    """Give the files of these fields to the submission that the draft becomes."""
    query = "update submission_files set draft = null, submission = %s where draft = %s and field = any (%s)"
    scoped(viewer).execute(query, [submission, draft, list(fields)])


def find_people(connection: psycopg.Connection, text: str, limit: int = 6) -> list[tuple[str, str]]:
    """Return number and name of whom a text means: by number, name or e-mail address, else by a part of the name."""
    bare = text.strip().lower()
    query = """
    select employee_number, name from people
    where lower(employee_number) = %(text)s or lower(name) = %(text)s or (email = %(text)s and email <> '')
    order by employee_number limit %(limit)s
    """
    exact = connection.execute(query, {"text": bare, "limit": limit}).fetchall()
    if exact or not bare:
        return exact
    part = "select employee_number, name from people where position(%s in lower(name)) > 0 order by 1 limit %s"
    return connection.execute(part, [bare, limit]).fetchall()


def forget(connection: psycopg.Connection, days: int) -> int:
    """Drop the drafts that nobody has gone on with for so many days; return how many."""
    row = connection.execute("select forget_drafts(now() - make_interval(days => %s))", [days]).fetchone()
    return int(row[0]) if row else 0


def _one(viewer: ViewerConnection, where: LiteralString, values: Sequence[Any]) -> Draft | None:
    with scoped(viewer).cursor(row_factory=class_row(Draft)) as cursor:
        return cursor.execute(_COLUMNS + where, values).fetchone()
