"""``transom notifications``: what is told when, what became of it, who answered what, and telling by hand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import typer

from bots import terminal
from bots.cli.company import installation, named, read_settings
from bots.compose import opened
from bots.conversations.notifications import schedule, store
from bots.conversations.notifications.orders import Order, Wrong, checked
from bots.conversations.notifications.recipients import store as recipients
from bots.conversations.notifications.recipients.who import number_of
from bots.conversations.notifications.telling import event_prefix
from bots.errors import SettingError
from bots.windows.model import Window
from bots.windows.modes.notification import Notification

app = typer.Typer(help="Notifications: what is told when, and what was answered.", no_args_is_help=True)

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, as in: transom notifications runs")]
_TIME = "%Y-%m-%d %H:%M"


@contextmanager
def _database() -> Iterator[psycopg.Connection]:
    with opened(read_settings()) as transom, transom.database.application() as connection:
        yield connection


@app.command("list")
def notifications_list() -> None:
    """List the windows' notifications with their schedules and when each is due next."""
    with installation() as (transom, windows):
        zone, now = transom.settings.time_zone, datetime.now(UTC)
    rows = [
        (
            f"{window.name}/{name}",
            what.title_in("zh-TW", name),
            what.schedule or "API",
            f"{due:{_TIME}}" if (due := _next_due(window, what, now, zone)) else "",
            _whom(what),
        )
        for window in windows
        for name, what in window.notifications.items()
    ]
    terminal.show_table(("notification", "title", "schedule", "next", "to"), rows)


def _next_due(window: Window, what: Notification, now: datetime, zone: ZoneInfo) -> datetime | None:
    days = schedule.days_of(what, window.calendar)
    return schedule.next_due(what.schedule, now, zone, days) if what.schedule else None


def _whom(what: Notification) -> str:
    to = what.to
    if to is None:
        return "as the call says"
    return to.sql or ", ".join(to.groups or to.people)


@app.command("runs")
def runs(limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20) -> None:
    """List what was told, how far it has come, and what was missed."""
    settings = read_settings()
    with opened(settings) as transom, transom.database.application() as connection:
        found = [(run, _figures(connection, run)) for run in store.newest(connection, limit)]
    if not found:
        terminal.show_table((), ())
    for run, figures in found:  # no table: ten columns with an id of 36 characters fit no terminal
        due = f"{run.due_at.astimezone(settings.time_zone):{_TIME}}"
        state = f"{run.state} ({run.reason})" if run.reason else run.state
        typer.echo(f"{due}  {run.window_name}/{run.name}  {state}\n  {run.id}\n  {_in_words(figures)}")


def _in_words(figures: recipients.Figures) -> str:
    """Return how far a run has come, in a line of 80 columns: what there is none of is left out."""
    counts = {
        "waiting": figures.waiting,
        "sent": figures.sent,
        "parked": figures.parked,
        "not reached": _unreached(figures),
    }
    said = "".join(f"{count} {what}, " for what, count in counts.items() if count)
    return f"people {figures.recipients}: {said}{figures.answered} answered"


def _figures(connection: psycopg.Connection, run: store.Run) -> recipients.Figures:
    return recipients.figures(connection, run.id, event_prefix(run.id))


def _unreached(figures: recipients.Figures) -> int:
    return figures.unreachable + figures.opted_out + figures.skipped + figures.undelivered


@app.command("results")
def results(run: RunId) -> None:
    """List who answered what, and who has not."""
    settings = read_settings()
    with opened(settings) as transom, transom.database.application() as connection:
        found = _run(connection, run)
        told = recipients.results(connection, found.id)
        figures = _figures(connection, found)
    rows = [
        (
            number_of(one.recipient) or one.recipient,
            one.name,
            one.state,
            one.value,
            f"{one.at.astimezone(settings.time_zone):{_TIME}}" if one.at else "",
        )
        for one in told
    ]
    terminal.show_table(("person", "name", "state", "answer", "when"), rows)
    terminal.err.print(
        f"{figures.answered} of {figures.recipients} have answered; {figures.sent} were delivered,"
        f" {figures.parked} wait on LINE for the person's next message, {figures.waiting} are on their way."
    )


@app.command("send")
def send(
    notification: Annotated[str, typer.Argument(metavar="WINDOW/NAME", help="As in: transom notifications list")],
    value: Annotated[list[str] | None, typer.Option(metavar="NAME=TEXT", help="A word for the text.")] = None,
    person: Annotated[list[str] | None, typer.Option(help="Only this employee; may be repeated.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="Only this group; may be repeated.")] = None,
) -> None:
    """Tell a notification now; a running worker sends it."""
    window_name, _, name = notification.partition("/")
    order = Order(name, _words(value or []), tuple(person or ()), tuple(group or ()))
    with installation() as (transom, windows), transom.database.application() as connection:
        run = _ordered(connection, named(windows, window_name), order)
    typer.echo(run)
    terminal.err.print(f"See: transom notifications results {run}", markup=False)


def _ordered(connection: psycopg.Connection, window: Window, order: Order) -> str:
    try:
        what, who = checked(connection, window, order)
    except Wrong as wrong:
        raise SettingError(str(wrong)) from wrong
    run, now = str(uuid4()), datetime.now(UTC)
    new = store.NewRun(run, window.name, order.notification, f"command:{run}", "command", what, who, now, order.words)
    store.add_run(connection, new)
    return run


def _words(values: Sequence[str]) -> dict[str, str]:
    words = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise SettingError(f'--value {value}: write it like  --value order="A-17".')
        words[name.strip()] = text
    return words


@app.command("stop")
def stop(run: RunId) -> None:
    """Tell nobody else of a run, and remind nobody. Who has the message keeps it."""
    with _database() as connection:
        found = _run(connection, run)
        stopped = store.stop(connection, found.id)
    typer.echo("Stopped." if stopped else f"Nothing to stop: the run is {found.state}.")


def _run(connection: psycopg.Connection, run: str) -> store.Run:
    found = store.by_id(connection, run)
    if found is None:
        raise SettingError(f"There is no run {run}. See: transom notifications runs")
    return found
