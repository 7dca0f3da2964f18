"""``transom inbox``, ``outbox``, ``calls`` and ``offers``: what could not be done, and what people offered."""

from pathlib import Path
from typing import Annotated

import typer

from bots import terminal
from bots.cli.company import read_settings
from bots.compose import opened
from bots.conversations import store as conversations
from bots.conversations.calls import store as calls
from bots.conversations.inbox import store as inbox
from bots.conversations.outbox import store as outbox
from bots.conversations.queue import Queue
from bots.errors import SettingError

app = typer.Typer(help="Events that could not be answered.", no_args_is_help=True)
outbox_app = typer.Typer(help="Deliveries that could not be made, or whose fate is not known.", no_args_is_help=True)
calls_app = typer.Typer(help="Calls of the company's own systems that were given up.", no_args_is_help=True)
offers_app = typer.Typer(help="Files that people offered for a window's knowledge.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")]
_TIME = "%Y-%m-%d %H:%M:%S"


@app.command("failed")
def failed(limit: Limit = 50) -> None:
    """List the events that could not be answered. Their texts are not shown."""
    with opened(read_settings()) as transom, transom.database.application() as connection:
        found = inbox.failed(connection, limit)
    rows = [
        (str(e.id), f"{e.received_at:{_TIME}}", f"{e.platform}:{e.account}", e.kind, str(e.attempt), e.reason or "")
        for e in found
    ]
    terminal.show_table(("event", "received", "account", "kind", "tries", "reason"), rows)
    if rows:
        terminal.err.print("Answer them again with: transom inbox retry EVENT …")


@app.command("retry")
def retry(events: Annotated[list[int], typer.Argument(help="The events' numbers.")]) -> None:
    """Have events answered again; the person gets the answer as if it came late."""
    with opened(read_settings()) as transom, transom.database.application() as connection:
        again = inbox.retry(connection, events)
        Queue(transom.database.url).handle(connection, again)
    typer.echo(f"{len(again)} of {len(events)} will be answered again.")


@outbox_app.command("stuck")
def stuck(limit: Limit = 50) -> None:
    """List the deliveries that failed, or may or may not have arrived."""
    with opened(read_settings()) as transom, transom.database.application() as connection:
        found = outbox.stuck(connection, limit)
    rows = [
        (d.id, f"{d.touched_at:{_TIME}}", f"{d.platform}:{d.account}", d.state, str(d.attempt), d.reason or "")
        for d in found
    ]
    terminal.show_table(("delivery", "last tried", "account", "state", "tries", "reason"), rows)
    if rows:
        terminal.err.print("Send them again with: transom outbox retry DELIVERY …")


@outbox_app.command("retry")
def send_again(deliveries: Annotated[list[str], typer.Argument(help="The deliveries' ids.")]) -> None:
    """Send deliveries again. One whose fate was uncertain may then arrive twice."""
    with opened(read_settings()) as transom, transom.database.application() as connection:
        again = outbox.retry(connection, deliveries)
        Queue(transom.database.url).deliver(connection, again)
    typer.echo(f"{len(again)} of {len(deliveries)} will be sent again.")


@calls_app.command("stuck")
def calls_stuck(limit: Limit = 50) -> None:
    """List the calls of the company's systems that were given up."""
    with opened(read_settings()) as transom, transom.database.application() as connection:
        found = calls.stuck(connection, limit)
    rows = [
        (
            str(c.id),
            c.number,
            f"{c.window_name}/{c.form}" if c.form else f"{c.window_name} (confirmation)",
            f"{c.touched_at:{_TIME}}",
            str(c.attempt),
            c.reason or "",
        )
        for c in found
    ]
    terminal.show_table(("call", "request", "form", "last tried", "tries", "reason"), rows)
    if rows:
        terminal.err.print("Make them again with: transom calls retry CALL …")


@calls_app.command("retry")
def calls_retry(numbers: Annotated[list[int], typer.Argument(help="The calls' numbers.")]) -> None:
    """Have calls made again, under the same idempotency key."""
    with opened(read_settings()) as transom, transom.database.application() as connection:
        again = calls.retry(connection, numbers)
    typer.echo(f"{again} of {len(numbers)} will be made again.")


@offers_app.command("list")
def offers_list() -> None:
    """List the files that wait for a decision."""
    with opened(read_settings()) as transom, transom.database.application() as connection:
        found = conversations.offers(connection)
    rows = [
        (str(o.id), f"{o.at:{_TIME}}", o.window_name, o.employee_number, f"{o.bytes / 1024:,.0f} KB", o.name)
        for o in found
    ]
    terminal.show_table(("offer", "when", "window", "from", "size", "file"), rows)
    if rows:
        terminal.err.print("Take one with: transom offers accept OFFER FOLDER    or: transom offers decline OFFER")


@offers_app.command("accept")
def accept(
    offer: Annotated[int, typer.Argument(help="The offer's number.")],
    folder: Annotated[Path, typer.Argument(help="A folder that the window's knowledge names.")],
) -> None:
    """Write an offered file into a folder of the window's documents; the next sync reads it."""
    if not folder.is_dir():
        raise SettingError(f"{folder} is no folder. Name one that the window's knowledge reads.")
    with opened(read_settings()) as transom, transom.database.application() as connection:
        window, name, content = _taken(conversations.take_offer(connection, offer), offer)
        path = _free(folder, Path(name).name)
        path.write_bytes(content)  # before the row goes: a full disk loses nothing
    typer.echo(f"{path}\nNow run: transom sync --window {window}")


@offers_app.command("decline")
def decline(offer: Annotated[int, typer.Argument(help="The offer's number.")]) -> None:
    """Drop an offered file."""
    with opened(read_settings()) as transom, transom.database.application() as connection:
        _taken(conversations.take_offer(connection, offer), offer)
    typer.echo("Dropped.")


def _taken(found: tuple[str, str, bytes] | None, offer: int) -> tuple[str, str, bytes]:
    if found is None:
        raise SettingError(f"There is no offer {offer}. See: transom offers list")
    return found


def _free(folder: Path, name: str) -> Path:
    path = folder / name
    number = 2
    while path.exists():
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
        number += 1
    return path
