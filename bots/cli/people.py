"""``transom people``: who is bound to which account, codes that bind, and cutting accounts off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import psycopg
import typer

from bots import terminal
from bots.cli.company import read_settings
from bots.compose import opened
from bots.conversations.people import binding, store
from bots.errors import SettingError

app = typer.Typer(help="People and their accounts on LINE and Slack.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The employee number, as in people.csv.")]


@contextmanager
def _database() -> Iterator[psycopg.Connection]:
    with opened(read_settings()) as transom, transom.database.application() as connection:
        yield connection


def _person(connection: psycopg.Connection, number: str) -> store.Person:
    person = store.by_number(connection, number)
    if person is None:
        raise SettingError(
            f"No employee {number} has been read from people.csv. See: transom people list. If the line is there, run"
            " transom sync, which names what is wrong with the file."
        )
    return person


@app.command("list")
def people_list() -> None:
    """List the people and their accounts."""
    with _database() as connection:
        rows = [
            (one.employee_number, one.name, ", ".join(sorted(one.groups)), _accounts(accounts))
            for one, accounts in store.everyone(connection)
        ]
    terminal.show_table(("number", "name", "groups", "accounts"), rows)


def _accounts(accounts: list[store.Bound]) -> str:
    return ", ".join(f"{one.platform}:{one.account}" for one in accounts) or "–"


@app.command("bind-code")
def bind_code(number: Number) -> None:
    """Print a code that binds one LINE or Slack account to this employee: once, within 15 minutes."""
    with _database() as connection:
        person = _person(connection, number)
        code = binding.new_code(connection, person.employee_number)
    typer.echo(code)
    terminal.err.print(
        f"給 {person.name}：{binding.CODE_MINUTES} 分鐘內在 LINE 或 Slack 上私下傳給公司的帳號，只能用一次。"
        f" For {person.name}: send it privately to the company on LINE or Slack within {binding.CODE_MINUTES} minutes."
    )


@app.command()
def unbind(
    number: Number,
    platform: Annotated[str | None, typer.Option(help="Only this platform: line or slack.")] = None,
) -> None:
    """Cut the employee's accounts: from the next message on they see what customers see."""
    with _database() as connection:
        _person(connection, number)
        cut = store.unbind(connection, number, platform)
    typer.echo("\n".join(f"{one.platform}:{one.account} {one.user_id}" for one in cut) or "No account was bound.")
    if cut:
        terminal.err.print(
            f"要再綁定 To bind one again: transom people bind-code {number}", style="yellow", markup=False
        )
