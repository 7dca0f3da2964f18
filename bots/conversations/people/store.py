"""SQL of people, their accounts and the codes that bind them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from bots.messages import Language


@dataclass(frozen=True, slots=True)
class Person:
    """A human of the company, as people.csv has them."""

    employee_number: str
    name: str
    email: str
    manager: str | None
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Identity:
    """An account on a platform. ``person`` is None for a customer's."""

    person: Person | None
    unbound: bool  # somebody cut it on purpose
    checked_at: datetime | None
    language: Language | None


@dataclass(frozen=True, slots=True)
class Bound:
    """An account of a person, for lists."""

    platform: str
    account: str
    user_id: str
    bound_at: datetime | None


def replace_people(connection: psycopg.Connection, people: Iterable[Person]) -> tuple[int, int]:
    """Make the table hold exactly these people, in one transaction; return how many there are and how many left.

    Whoever is gone loses the company's accounts at once: their identities become customers'.
    """
    rows = [(p.employee_number, p.name, p.email.lower(), p.manager, sorted(p.groups)) for p in people]
    with connection.transaction(), connection.cursor() as cursor:
        left = cursor.execute(
            "delete from people where employee_number <> all (%s)", [[row[0] for row in rows]]
        ).rowcount
        cursor.execute("update people set email = ''")  # so that two people may have swapped theirs
        cursor.executemany(
            "insert into people values (%s, %s, %s, %s, %s) on conflict (employee_number) do update set"
            " name = excluded.name, email = excluded.email, manager = excluded.manager, groups = excluded.groups",
            rows,
        )
    return len(rows), left


def _person(row: Sequence[object]) -> Person | None:
    number, name, email, manager, groups = row
    if number is None:
        return None
    assert isinstance(groups, list)
    return Person(str(number), str(name), str(email), str(manager) if manager else None, frozenset(groups))


def identity(connection: psycopg.Connection, platform: str, account: str, user: str) -> Identity | None:
    """Return what is known of an account; None if nothing is."""
    query = """
    select p.employee_number, p.name, p.email, p.manager, p.groups,
       i.unbound_at is not null and i.employee_number is null, i.checked_at, i.language
    from identities i left join people p using (employee_number)
    where i.platform = %s and i.account = %s and i.user_id = %s
    """
    row = connection.execute(query, [platform, account, user]).fetchone()
    return Identity(_person(row[:5]), row[5], row[6], row[7]) if row else None


def note_identity(
    connection: psycopg.Connection, platform: str, account: str, user: str, language: Language | None
) -> None:
    """Note that the platform was asked who this is."""
    query = """
    insert into identities (platform, account, user_id, checked_at, language) values (%s, %s, %s, now(), %s)
    on conflict (platform, account, user_id) do update
      set checked_at = now(), language = coalesce(excluded.language, identities.language)
    """
    connection.execute(query, [platform, account, user, language])


def bind(connection: psycopg.Connection, platform: str, account: str, user: str, employee_number: str) -> None:
    """Make the account this person's."""
    query = """
    insert into identities (platform, account, user_id, employee_number, bound_at) values (%s, %s, %s, %s, now())
    on conflict (platform, account, user_id) do update
      set employee_number = excluded.employee_number, bound_at = now(), unbound_at = null
    """
    connection.execute(query, [platform, account, user, employee_number])


def unbind(connection: psycopg.Connection, employee_number: str, platform: str | None = None) -> list[Bound]:
    """Cut the person's accounts, of one platform or all; return them."""
    query = """
    update identities set employee_number = null, unbound_at = now()
    where employee_number = %s and (%s::text is null or platform = %s)
    returning platform, account, user_id, bound_at
    """
    with connection.cursor(row_factory=class_row(Bound)) as cursor:
        return cursor.execute(query, [employee_number, platform, platform]).fetchall()


def unbind_account(connection: psycopg.Connection, platform: str, account: str, user: str) -> bool:
    """Cut one account; return whether it was bound."""
    query = """
    update identities set employee_number = null, unbound_at = now()
    where platform = %s and account = %s and user_id = %s and employee_number is not null
    """
    return connection.execute(query, [platform, account, user]).rowcount == 1


def by_email(connection: psycopg.Connection, email: str) -> Person | None:
    """Return the person with this address."""
    row = connection.execute(
        "select p.employee_number, p.name, p.email, p.manager, p.groups from people p"
        " where p.email = %s and p.email <> ''",
        [email.lower()],
    ).fetchone()
    return _person(row) if row else None


def by_number(connection: psycopg.Connection, employee_number: str) -> Person | None:
    """Return the person with this number."""
    row = connection.execute(
        "select p.employee_number, p.name, p.email, p.manager, p.groups from people p where p.employee_number = %s",
        [employee_number],
    )
    found = row.fetchone()
    return _person(found) if found else None


def everyone(connection: psycopg.Connection) -> list[tuple[Person, list[Bound]]]:
    """Return all people with their accounts, by number."""
    people = connection.execute(
        "select p.employee_number, p.name, p.email, p.manager, p.groups from people p order by p.employee_number"
    ).fetchall()
    accounts: dict[str, list[Bound]] = {}
    for row in connection.execute(
        "select employee_number, platform, account, user_id, bound_at from identities"
        " where employee_number is not null order by platform, account"
    ).fetchall():
        accounts.setdefault(row[0], []).append(Bound(*row[1:]))
    found = [person for row in people if (person := _person(row))]
    return [(person, accounts.get(person.employee_number, [])) for person in found]


@dataclass(frozen=True, slots=True)
class Reached:
    """The account by which a person is reached."""

    employee_number: str
    platform: str
    account: str
    user_id: str


def accounts(connection: psycopg.Connection, employee_numbers: Sequence[str]) -> list[Reached]:
    """Return the account by which each of these people is reached: Slack costs nothing, so it goes before LINE."""
    query = """
    select distinct on (employee_number) employee_number, platform, account, user_id from identities
    where employee_number = any (%s) and left_at is null
    order by employee_number, platform = 'slack' desc, bound_at desc nulls last, account, user_id
    """
    with connection.cursor(row_factory=class_row(Reached)) as cursor:
        return cursor.execute(query, [list(employee_numbers)]).fetchall()


def note_presence(connection: psycopg.Connection, employee_number: str, language: Language) -> None:
    """Note that the person uses the page, at most every ten minutes. Whoever has left the company is passed over."""
    query = """
    insert into web_presence as w (employee_number, language)
    select employee_number, %s from people where employee_number = %s
    on conflict (employee_number) do update set language = excluded.language, seen_at = now()
      where w.language <> excluded.language or w.seen_at < now() - interval '10 minutes'
    """
    connection.execute(query, [language, employee_number])


def on_the_page(connection: psycopg.Connection, employee_numbers: Sequence[str], days: int) -> list[str]:
    """Return those of these people who used the page within so many days."""
    query = """
    select employee_number from web_presence
    where employee_number = any (%s) and seen_at > now() - make_interval(days => %s) order by 1
    """
    return [row[0] for row in connection.execute(query, [list(employee_numbers), days]).fetchall()]


def page_language(connection: psycopg.Connection, employee_number: str) -> Language | None:
    """Return the language the person reads the page in; None for who was never there."""
    query = "select language from web_presence where employee_number = %s"
    row = connection.execute(query, [employee_number]).fetchone()
    return row[0] if row else None


def in_groups(connection: psycopg.Connection, groups: Iterable[str]) -> list[Person]:
    """Return the people who are in any of these groups, by number."""
    rows = connection.execute(
        "select p.employee_number, p.name, p.email, p.manager, p.groups from people p where p.groups && %s"
        " order by p.employee_number",
        [list(groups)],
    ).fetchall()
    return [person for row in rows if (person := _person(row))]


def by_name(connection: psycopg.Connection, name: str) -> list[Person]:
    """Return the people of exactly this name."""
    rows = connection.execute(
        "select p.employee_number, p.name, p.email, p.manager, p.groups from people p where lower(p.name) = lower(%s)"
        " order by p.employee_number",
        [name.strip()],
    ).fetchall()
    return [person for row in rows if (person := _person(row))]


def keep_code(connection: psycopg.Connection, code_hash: bytes, employee_number: str, minutes: int) -> None:
    """Keep a bind code's hash. The person's earlier codes end."""
    connection.execute("delete from bind_codes where employee_number = %s or expires_at < now()", [employee_number])
    connection.execute(
        "insert into bind_codes values (%s, %s, now() + make_interval(mins => %s))",
        [code_hash, employee_number, minutes],
    )


def use_code(connection: psycopg.Connection, code_hash: bytes) -> str | None:
    """Use the code up; return whose it was, None if there is no such code or it has run out."""
    query = "delete from bind_codes where code_hash = %s and expires_at > now() returning employee_number"
    row = connection.execute(query, [code_hash]).fetchone()
    return str(row[0]) if row else None


def count_attempt(connection: psycopg.Connection, platform: str, account: str, user: str) -> int:
    """Note one attempt at a code and return how many the account made within the hour."""
    values = [platform, account, user]
    connection.execute("insert into bind_attempts (platform, account, user_id) values (%s, %s, %s)", values)
    row = connection.execute(
        "select count(*) from bind_attempts where platform = %s and account = %s and user_id = %s"
        " and at > now() - interval '1 hour'",
        values,
    ).fetchone()
    return int(row[0]) if row else 0


def greet(connection: psycopg.Connection, platform: str, account: str, user: str) -> bool:
    """Note that the account was greeted, and is with us again; return whether it was the first time."""
    query = """
    insert into identities as i (platform, account, user_id, greeted_at) values (%s, %s, %s, now())
    on conflict (platform, account, user_id) do update set greeted_at = coalesce(i.greeted_at, now()), left_at = null
    returning greeted_at = now()
    """
    row = connection.execute(query, [platform, account, user]).fetchone()
    return bool(row and row[0])


def leave(connection: psycopg.Connection, platform: str, account: str, user: str) -> None:
    """Note that the account blocked us or left."""
    query = """
    insert into identities (platform, account, user_id, left_at) values (%s, %s, %s, now())
    on conflict (platform, account, user_id) do update set left_at = now()
    """
    connection.execute(query, [platform, account, user])
