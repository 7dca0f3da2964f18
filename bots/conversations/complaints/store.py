"""SQL of complaints.

What people do in a conversation happens under their policies: ``add_filed``, ``heard``. What the command does (import,
list, group, close) it does as the owner, as ``transom sync`` does: whoever runs it looks after the installation.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row

from bots.conversations.complaints.sentiment import Sentiment
from rag_core.database import ViewerConnection, scoped


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """A complaint about to be kept. ``submission`` None: it was imported."""

    submission: int | None
    reader: str
    source: str
    source_key: str
    channel: str
    at: datetime
    window: str
    product: str | None
    text: str
    theme: str
    theme_by: str  # person or terms
    sentiment: Sentiment
    score: float
    answer: str = ""
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint as everybody may see it who looks complaints up: without a way to reach who complained."""

    id: int
    number: str
    window: str
    form: str | None
    at: datetime
    source: str
    channel: str
    product: str | None
    theme: str
    sentiment: Sentiment
    score: float
    text: str
    state: str
    assigned_to: str | None
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An imported complaint as it came, for handing it over."""

    id: int
    submission: int | None
    reader: str
    window: str
    product: str | None
    text: str
    theme: str
    sentiment: Sentiment


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody is told of a complaint that concerns them."""

    number: str
    window: str
    form: str
    state: str  # the submission's
    product: str | None
    theme: str
    sentiment: Sentiment
    text: str


@dataclass(frozen=True, slots=True)
class Worded:
    """A complaint's words, and the theme it has."""

    id: int
    text: str
    theme: str
    theme_by: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many complaints there are of a theme."""

    theme: str
    negative: int
    neutral: int
    positive: int
    open: int
    this_month: int
    last_month: int


_FIELDS: LiteralString = """
submission, reader, source, source_key, channel, at, window_name, product, text, theme, theme_by, sentiment, score,
answer, closed_at
"""
_ADD: LiteralString = f"""
insert into complaints ({_FIELDS})
select submission, reader, source, source_key, channel, at, "window", product, text, theme, theme_by, sentiment, score,
       answer, closed_at
from json_to_recordset(%s) as (
  submission bigint, reader text, source text, source_key text, channel text, at timestamptz, "window" text,
  product text, text text, theme text, theme_by text, sentiment text, score real, answer text, closed_at timestamptz)
on conflict (source_key) do nothing
"""  # noqa: S608 the columns are ours
_COLUMNS: LiteralString = """
select id, number, window_name as "window", form_name as form, at, source, channel, product, theme, sentiment, score,
       text, state, assigned_to, answer, answered_at
from company.filed_complaints
"""


def add_filed(viewer: ViewerConnection, complaint: NewComplaint) -> None:
    """Keep a complaint that was handed in a moment ago by the viewer. Once for a submission."""
    _add(scoped(viewer), [complaint])


def add_imported(owner: psycopg.Connection, complaints: Sequence[NewComplaint]) -> int:
    """Keep the complaints that are not there yet, and return how many those were."""
    return _add(owner, complaints)


def known_keys(owner: psycopg.Connection, keys: Sequence[str]) -> set[str]:
    """Return which of these source keys are there already."""
    rows = owner.execute("select source_key from complaints where source_key = any (%s)", [list(keys)]).fetchall()
    return {row[0] for row in rows}


def heard(viewer: ViewerConnection, submission: int) -> Heard | None:
    """Return what the viewer may hear of a complaint: nothing by which the customer is reached. None: it is not theirs.

    ``state`` is the submission's.
    """
    query = """
    select s.number, s.window_name as "window", s.form_name as form, s.state, without_contact(c.product) as product,
           c.theme, c.sentiment, without_contact(c.text) as text
    from complaints c join submissions s on s.id = c.submission where c.submission = %s
    """
    with scoped(viewer).cursor(row_factory=class_row(Heard)) as cursor:
        return cursor.execute(query, [submission]).fetchone()


def kept(viewer: ViewerConnection, complaint: int) -> Kept | None:
    """Return an imported complaint as it came, locked; the viewer is its reader."""
    query = """
    select id, submission, reader, window_name as "window", product, text, theme, sentiment from complaints
    where id = %s and source like 'import:%%' for update
    """
    with scoped(viewer).cursor(row_factory=class_row(Kept)) as cursor:
        return cursor.execute(query, [complaint]).fetchone()


def becomes(viewer: ViewerConnection, complaint: int, submission: int) -> None:
    """Note that people work on an imported complaint as this submission."""
    scoped(viewer).execute("update complaints set submission = %s where id = %s", [submission, complaint])


# --- of the command: the owner's ---


def reader_of(owner: psycopg.Connection, complaint: int) -> tuple[str, str] | None:
    """Return the reader and the window of a complaint that was imported; None if there is none."""
    query = "select reader, window_name from complaints where id = %s and source like 'import:%%'"
    row = owner.execute(query, [complaint]).fetchone()
    return (row[0], row[1]) if row else None


def listed(
    owner: psycopg.Connection,
    window: str | None = None,
    theme: str | None = None,
    state: str | None = None,
    sentiment: str | None = None,
    limit: int = 50,
) -> list[Complaint]:
    """Return complaints, newest first."""
    where: LiteralString = """
    where (%(window)s::text is null or window_name = %(window)s) and (%(theme)s::text is null or theme = %(theme)s)
      and (%(state)s::text is null or state = %(state)s)
      and (%(sentiment)s::text is null or sentiment = %(sentiment)s)
    order by at desc, id desc limit %(limit)s
    """
    values = {"window": window, "theme": theme, "state": state, "sentiment": sentiment, "limit": limit}
    with owner.cursor(row_factory=class_row(Complaint)) as cursor:
        return cursor.execute(_COLUMNS + where, values).fetchall()


def counts(
    owner: psycopg.Connection, window: str | None, this_month: datetime, last_month: datetime, until: datetime
) -> list[Count]:
    """Return how many complaints there are by theme, the most first. ``until``: last month's day at this moment.

    So both months are counted up to the same day, and a month that has just begun does not look better than it is.
    """
    query = """
    select theme,
           count(*) filter (where sentiment = 'negative') as negative,
           count(*) filter (where sentiment = 'neutral') as neutral,
           count(*) filter (where sentiment = 'positive') as positive,
           count(*) filter (where state in ('open', 'taken')) as open,
           count(*) filter (where at >= %(this_month)s) as this_month,
           count(*) filter (where at >= %(last_month)s and at < %(until)s) as last_month
    from company.filed_complaints where %(window)s::text is null or window_name = %(window)s
    group by theme order by count(*) desc, theme
    """
    values = {"window": window, "this_month": this_month, "last_month": last_month, "until": until}
    with owner.cursor(row_factory=class_row(Count)) as cursor:
        return cursor.execute(query, values).fetchall()


def worded(owner: psycopg.Connection, window: str, limit: int) -> list[Worded]:
    """Return the newest complaints of a window by their words."""
    query = "select id, text, theme, theme_by from complaints where window_name = %s order by id desc limit %s"
    with owner.cursor(row_factory=class_row(Worded)) as cursor:
        return cursor.execute(query, [window, limit]).fetchall()


def without_theme(owner: psycopg.Connection, window: str) -> list[Worded]:
    """Return the complaints of a window that have no theme, oldest first."""
    query = "select id, text, theme, theme_by from complaints where window_name = %s and theme = '' order by id"
    with owner.cursor(row_factory=class_row(Worded)) as cursor:
        return cursor.execute(query, [window]).fetchall()


def ids(owner: psycopg.Connection, keys: Sequence[str]) -> list[int]:
    """Return the ids of complaints by their source keys."""
    query = "select id from complaints where source_key = any (%s) order by id"
    return [row[0] for row in owner.execute(query, [list(keys)]).fetchall()]


def set_themes(owner: psycopg.Connection, themes: Sequence[tuple[int, str]]) -> None:
    """Give complaints without a theme the one that their words say."""
    with owner.cursor() as cursor:
        cursor.executemany(
            "update complaints set theme = %s, theme_by = 'terms' where id = %s and theme = ''",
            [(theme, complaint) for complaint, theme in themes],
        )


def close(owner: psycopg.Connection, complaint: int, answer: str) -> bool:
    """Note that a complaint was answered elsewhere; False if there is none that nobody works on here."""
    query = """
    update complaints c set answer = %s, closed_at = now()
    where id = %s and closed_at is null
      and not exists (select 1 from submissions s where s.id = c.submission and s.state in ('waiting', 'open'))
    """
    return owner.execute(query, [answer, complaint]).rowcount == 1


def _add(connection: psycopg.Connection, complaints: Sequence[NewComplaint]) -> int:
    rows = json.dumps([asdict(one) for one in complaints], default=_moment)  # one value: arrays cost far more to write
    return connection.execute(_ADD, [rows]).rowcount


def _moment(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
