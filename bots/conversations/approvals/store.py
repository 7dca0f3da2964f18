"""SQL of what people are asked to decide, of who stands in for whom, and of the log of it all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString

import psycopg
from psycopg.rows import class_row

TaskKind = Literal["approve", "work", "hear"]
Need = Literal["all", "any"]

OURSELVES = "transom"
"""Who did what no person did, in the log."""

_SWEEPING = 7_263_008  # the advisory lock of whoever looks after deadlines
_PATIENCE_MINUTES = 30  # how long the next message is taken for the comment that was asked for


@dataclass(frozen=True, slots=True)
class NewTask:
    """Something to be asked of whoever ``rule`` entitles."""

    submission: int
    number: str
    kind: TaskKind
    step: int
    slot: int
    need: Need
    rule: str
    requester: str
    reader: str
    window_name: str
    form: str
    asked: Sequence[str]
    state: str
    due_hours: float | None = None
    escalates: bool = False
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody is asked."""

    id: int
    submission: int
    number: str
    kind: TaskKind
    step: int
    slot: int
    need: Need
    rule: str
    requester: str
    reader: str
    window_name: str
    form: str
    escalates: bool
    state: str
    asked_at: datetime
    due_at: datetime | None
    taken_by: str | None
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Awaited:
    """A comment that was asked for."""

    task: int
    verb: Literal["reject", "close"]
    person: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """``deputy`` decides in the place of ``principal``, too."""

    principal: str
    deputy: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log."""

    at: datetime
    actor: str
    action: str
    submission: int | None
    task: int | None
    event: str
    note: str


_COLUMNS: LiteralString = """
id, submission, number, kind, step, slot, need, rule, requester, reader, window_name, form, escalates, state, asked_at,
due_at, taken_by, decided_by, decided_at
"""
_TASK: LiteralString = "select " + _COLUMNS + " from approval_tasks t "  # noqa: S608 both are ours


def window_of(connection: psycopg.Connection, submission: int) -> str:
    """Return the window a submission with tasks was handed in to; empty for one without."""
    query = "select window_name from approval_tasks where submission = %s limit 1"
    row = connection.execute(query, [submission]).fetchone()
    return row[0] if row else ""


# --- who ---


def entitled(connection: psycopg.Connection, rule: str, requester: str) -> list[str]:
    """Return the employee numbers of those who may decide by a rule now, deputies among them."""
    rows = connection.execute("select entitled(%s, %s) order by 1", [rule, requester]).fetchall()
    return [row[0] for row in rows]


def delegate(connection: psycopg.Connection, principal: str, deputy: str, until: datetime) -> None:
    """Have ``deputy`` decide in the principal's place, too, instead of whoever did so before."""
    query = """
    insert into delegations (principal, deputy, until) values (%s, %s, %s)
    on conflict (principal) do update set deputy = excluded.deputy, until = excluded.until, made_at = now()
    """
    connection.execute(query, [principal, deputy, until])


def end_delegation(connection: psycopg.Connection, principal: str) -> bool:
    """Have nobody decide in the principal's place any more; return whether somebody did."""
    return connection.execute("delete from delegations where principal = %s", [principal]).rowcount == 1


def delegations(connection: psycopg.Connection) -> list[Delegation]:
    """Return who stands in for whom now."""
    query = "select principal, deputy, until from delegations where until > now() order by principal"
    with connection.cursor(row_factory=class_row(Delegation)) as cursor:
        return cursor.execute(query).fetchall()


def names(connection: psycopg.Connection, employee_numbers: Sequence[str]) -> dict[str, str]:
    """Return the names of people; who is gone has none."""
    query = "select employee_number, name from people where employee_number = any (%s)"
    return dict(connection.execute(query, [list(employee_numbers)]).fetchall())


# --- tasks ---


def add(connection: psycopg.Connection, task: NewTask) -> int | None:
    """Keep a task and return its id; None if the same decision was escalated already."""
    query = """
    insert into approval_tasks (submission, number, kind, step, slot, need, rule, requester, reader, window_name, form,
                                asked, state, due_at, escalates, decided_by, decided_at)
    values (%(submission)s, %(number)s, %(kind)s, %(step)s, %(slot)s, %(need)s, %(rule)s, %(requester)s, %(reader)s,
            %(window_name)s, %(form)s, %(asked)s, %(state)s, now() + make_interval(secs => %(due_hours)s * 3600),
            %(escalates)s, %(decided_by)s, case when %(decided_by)s::text is not null then now() end)
    on conflict (submission, step, slot) where escalates do nothing
    returning id
    """
    values = {name: getattr(task, name) for name in NewTask.__slots__}
    row = connection.execute(query, {**values, "asked": list(task.asked)}).fetchone()
    return row[0] if row else None


def task(connection: psycopg.Connection, task_id: int) -> Task | None:
    """Return a task."""
    found = _tasks(connection, _TASK + "where id = %s", [task_id])
    return found[0] if found else None


def of_submission(connection: psycopg.Connection, submission: int) -> list[Task]:
    """Return a submission's tasks in the order they were asked."""
    return _tasks(connection, _TASK + "where submission = %s order by id", [submission])


def of_step(connection: psycopg.Connection, submission: int, step: int) -> list[Task]:
    """Return the approvals of one step."""
    query: LiteralString = "where submission = %s and kind = 'approve' and step = %s order by id"
    return _tasks(connection, _TASK + query, [submission, step])


def open_for(connection: psycopg.Connection, employee_number: str, limit: int, offset: int = 0) -> list[Task]:
    """Return what this person may decide or work on now, oldest first. What somebody else has taken is left out."""
    query: LiteralString = """
    where state = 'waiting' and %(me)s in (select entitled(t.rule, t.requester))
      and (taken_by is null or taken_by = %(me)s or taken_by not in (select entitled(t.rule, t.requester)))
    order by id limit %(limit)s offset %(offset)s
    """
    return _tasks(connection, _TASK + query, {"me": employee_number, "limit": limit, "offset": offset})


def settle(connection: psycopg.Connection, task_id: int, state: str, person: str) -> None:
    """Write down a decision. Whoever calls it has locked the submission."""
    query = "update approval_tasks set state = %s, decided_by = %s, decided_at = now() where id = %s"
    connection.execute(query, [state, person, task_id])


def cancel_others(connection: psycopg.Connection, submission: int, step: int, slot: int) -> None:
    """Ask nobody else for the decision that one of those asked has taken."""
    query = """
    update approval_tasks set state = 'cancelled'
    where submission = %s and step = %s and slot = %s and state in ('waiting', 'stuck')
    """
    connection.execute(query, [submission, step, slot])


def cancel_open(connection: psycopg.Connection, submission: int) -> None:
    """Ask nobody anything any more about the submission."""
    query = "update approval_tasks set state = 'cancelled' where submission = %s and state in ('waiting', 'stuck')"
    connection.execute(query, [submission])


def take(connection: psycopg.Connection, task_id: int, person: str) -> None:
    """Note who works on it."""
    connection.execute("update approval_tasks set taken_by = %s where id = %s", [person, task_id])


def wake(connection: psycopg.Connection, task_id: int, asked: Sequence[str], due_hours: float | None) -> bool:
    """Ask those whom a stuck task has found now; False if somebody else did meanwhile."""
    query = """
    update approval_tasks set state = 'waiting', asked = %s, asked_at = now(),
      due_at = now() + make_interval(secs => %s * 3600)
    where id = %s and state = 'stuck'
    """
    return connection.execute(query, [list(asked), due_hours, task_id]).rowcount == 1


def lock_submission(connection: psycopg.Connection, submission: int) -> bool:
    """Hold the submission until the transaction ends, so that of two who decide at once one comes second.

    Return False if the viewer may not see it.
    """
    query = "select 1 from submissions where id = %s for update"
    return connection.execute(query, [submission]).fetchone() is not None


# --- what is due ---


@dataclass(frozen=True, slots=True)
class Missed:
    """A person who was asked and could not be told."""

    task: int
    submission: int
    person: str


def can_be_told_now(connection: psycopg.Connection, present_days: int, limit: int) -> list[Missed]:
    """Return who could not be told what still waits for them, and since then has an account or came to the page."""
    query = """
    select distinct t.id as task, t.submission, missed.actor as person from approval_tasks t
    join audit_log missed on missed.submission = t.submission and missed.task = t.id
      and missed.action = 'not_reached' and missed.note = 'task'
    where t.state = 'waiting'
      and (exists (select 1 from identities i where i.employee_number = missed.actor and i.left_at is null)
        or exists (select 1 from web_presence w where w.employee_number = missed.actor
                   and w.seen_at > now() - make_interval(days => %s)))
      and not exists (select 1 from audit_log told where told.submission = t.submission and told.task = t.id
                      and told.actor = missed.actor and told.action = 'reached')
    order by t.id limit %s
    """
    with connection.cursor(row_factory=class_row(Missed)) as cursor:
        return cursor.execute(query, [present_days, limit]).fetchall()


def sweeps_alone(connection: psycopg.Connection) -> bool:
    """Return whether nobody else looks after deadlines; nobody else will until this transaction ends."""
    row = connection.execute("select pg_try_advisory_xact_lock(%s)", [_SWEEPING]).fetchone()
    return bool(row and row[0])


def to_remind(connection: psycopg.Connection, limit: int) -> list[Task]:
    """Mark and return approvals half of whose time is over."""
    query: LiteralString = """
    update approval_tasks set reminded_at = now()
    where id in (select id from approval_tasks
                 where state = 'waiting' and escalated_at is null and due_at is not null and reminded_at is null
                   and now() >= asked_at + (due_at - asked_at) / 2
                 order by due_at limit %s for update skip locked)
    returning """
    return _tasks(connection, query + _COLUMNS, [limit])


def overdue(connection: psycopg.Connection, limit: int) -> list[Task]:
    """Return approvals whose time is over, and that have not been escalated."""
    query: LiteralString = (
        "where state = 'waiting' and escalated_at is null and due_at <= now() order by due_at limit %s"
    )
    return _tasks(connection, _TASK + query, [limit])


def escalated(connection: psycopg.Connection, task_id: int) -> bool:
    """Note that a task is overdue; False if it was noted, or the task decided, meanwhile."""
    query = (
        "update approval_tasks set escalated_at = now() where id = %s and escalated_at is null and state = 'waiting'"
    )
    return connection.execute(query, [task_id]).rowcount == 1


def stuck(connection: psycopg.Connection, limit: int) -> list[Task]:
    """Return the tasks that nobody can decide, oldest first: ``transom doctor`` lists them."""
    return _tasks(connection, _TASK + "where state = 'stuck' order by id limit %s", [limit])


def stuck_but_found(connection: psycopg.Connection, limit: int) -> list[Task]:
    """Return the stuck tasks that somebody could decide by now."""
    query: LiteralString = """
    where state = 'stuck' and exists (select from entitled(t.rule, t.requester)) order by id limit %s
    """
    return _tasks(connection, _TASK + query, [limit])


# --- comments that were asked for ---


def await_comment(connection: psycopg.Connection, conversation: str, awaited: Awaited) -> None:
    """Take the conversation's next message for the comment of a decision."""
    query = """
    insert into awaited_comments (conversation, task, verb, person) values (%s, %s, %s, %s)
    on conflict (conversation) do update
      set task = excluded.task, verb = excluded.verb, person = excluded.person, at = now()
    """
    connection.execute(query, [conversation, awaited.task, awaited.verb, awaited.person])


def awaited(connection: psycopg.Connection, conversation: str) -> Awaited | None:
    """Return the comment that was asked for a moment ago, if one was."""
    query = """
    select task, verb, person from awaited_comments
    where conversation = %s and at > now() - make_interval(mins => %s)
    """
    with connection.cursor(row_factory=class_row(Awaited)) as cursor:
        return cursor.execute(query, [conversation, _PATIENCE_MINUTES]).fetchone()


def forget_comment(connection: psycopg.Connection, conversation: str) -> None:
    """Wait for no comment any more."""
    connection.execute("delete from awaited_comments where conversation = %s", [conversation])


# --- the log ---


def audit(  # noqa: PLR0913 the columns of a line
    connection: psycopg.Connection,
    actor: str,
    action: str,
    *,
    submission: int | None = None,
    task: int | None = None,
    event: str = "",
    note: str = "",
) -> None:
    """Add a line to the log. ``note`` is a kind, never what people wrote."""
    query = "insert into audit_log (actor, action, submission, task, event, note) values (%s, %s, %s, %s, %s, %s)"
    connection.execute(query, [actor, action, submission, task, event, note])


def log_of(connection: psycopg.Connection, submission: int) -> list[Entry]:
    """Return the log of a submission, oldest first."""
    query = "select at, actor, action, submission, task, event, note from audit_log where submission = %s order by id"
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(query, [submission]).fetchall()


def _tasks(
    connection: psycopg.Connection, query: LiteralString, values: Sequence[Any] | Mapping[str, Any]
) -> list[Task]:
    with connection.cursor(row_factory=class_row(Task)) as cursor:
        return cursor.execute(query, values).fetchall()
