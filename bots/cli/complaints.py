"""``transom complaints``: bringing reviews in, what complaints are about, handing them over, closing them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import psycopg
import typer

from bots import terminal
from bots.cli.company import installation, named, read_settings
from bots.compose import Transom, opened
from bots.conversations.complaints import importing, store
from bots.conversations.complaints.csv_file import CsvFile, read
from bots.conversations.complaints.filing import Complaints
from bots.conversations.complaints.form_parts import complaint_forms
from bots.conversations.complaints.months import months
from bots.conversations.queue import Queue
from bots.errors import SettingError
from bots.windows.faults import Fault
from bots.windows.model import Window

app = typer.Typer(help="Complaints: filed by customers, or imported reviews and posts.", no_args_is_help=True)

WindowName = Annotated[str, typer.Option("--window", "-w", help="The window whose complaints they are.")]
OneWindow = Annotated[str | None, typer.Option("--window", "-w", help="Only this window's.")]
Ids = Annotated[list[int], typer.Argument(metavar="ID", help="As in: transom complaints list")]
State = Literal["open", "taken", "answered", "closed"]
Feeling = Literal["negative", "neutral", "positive"]
_SHOWN = 60  # characters of a text in the table
_MOST_AT_ONCE = 50  # handed over: everybody of a group is told of each


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file; its first line names the columns: 內容/text is needed.")],
    window: WindowName,
    assign: Annotated[
        bool, typer.Option("--assign", help="Hand the new negative ones over to whom the window's complaint form says.")
    ] = False,
) -> None:
    """Bring reviews and posts in. What is there already stays as it is; of a file with a fault nothing is taken."""
    with installation() as (transom, windows):
        chosen, zone = named(windows, window), transom.settings.time_zone
        form = _form(chosen) if assign else ""
        now = datetime.now(zone)
        rows = _rows(_read(file, now, zone), file)
        counted = terminal.counting(rows.rows, "分析內容 reading")
        complaints = importing.complaints_of(counted, file.name, chosen, now)
        with transom.database.owner() as owner:
            done = importing.bring_in(owner, chosen, complaints)
        typer.echo(f"{done.new} new, {done.known + rows.repeated} known already, {len(done.negative)} new are negative")
        if assign:
            _hand_over(transom, windows, done.negative, form)
        elif done.negative:
            terminal.err.print("Hand them over with: transom complaints assign ID …", markup=False)


def _read(file: Path, now: datetime, zone: ZoneInfo) -> CsvFile:
    try:
        return read(file.read_bytes(), now, zone)
    except OSError as error:
        raise SettingError(f"{file} cannot be read ({error.strerror}). Name a CSV file.") from error


def _rows(found: CsvFile, file: Path) -> CsvFile:
    """Return what was read, or say every line that is wrong and end."""
    for wrong in found.faults:
        terminal.err.print(str(Fault(file.name, wrong.line, wrong.trouble)), style="red", markup=False)
    if found.faults:
        terminal.err.print("Nothing was imported; set these lines right and import again.", style="yellow")
        raise typer.Exit(2)
    if found.unread:
        terminal.err.print(f"不讀的欄位 columns not read: {', '.join(found.unread)}", markup=False)
    return found


@app.command("list")
def list_complaints(
    window: OneWindow = None,
    theme: Annotated[str | None, typer.Option(help="Only of this theme.")] = None,
    state: Annotated[State | None, typer.Option(help="Only in this state.")] = None,
    sentiment: Annotated[Feeling | None, typer.Option(help="Only of this feeling.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a complaint.")] = False,
) -> None:
    """List complaints. Telephone numbers and addresses in them are not shown."""
    settings = read_settings()
    with opened(settings) as transom, transom.database.owner() as owner:
        found = store.listed(owner, window, theme, state, sentiment, limit)
    if as_json:
        for one in found:
            typer.echo(json.dumps(asdict(one), ensure_ascii=False, default=datetime.isoformat))
        return
    terminal.show_table(
        ("id", "number", "when", "from", "product", "theme", "feeling", "state", "by", "text"),
        [_cells(one, settings.time_zone) for one in found],
    )


def _cells(one: store.Complaint, zone: ZoneInfo) -> tuple[str, ...]:
    text = " ".join(one.text.split())
    return (
        str(one.id),
        one.number,
        f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
        one.channel,
        one.product or "",
        one.theme or "–",
        one.sentiment,
        one.state,
        one.assigned_to or "",
        text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…",
    )


@app.command("themes")
def themes(window: OneWindow = None) -> None:
    """Count complaints by theme and feeling, and this month's beside last month's up to the same day."""
    with installation() as (transom, windows):
        zone = transom.settings.time_zone
        chosen = [named(windows, window)] if window else windows
        with transom.database.owner() as owner:
            for one in chosen:
                importing.group(owner, one)
            found = store.counts(owner, window, *months(datetime.now(zone)))
    rows = [
        (
            one.theme or "–",
            *map(str, (one.negative + one.neutral + one.positive, one.negative, one.neutral, one.positive, one.open)),
            str(one.this_month),
            str(one.last_month),
            _trend(one.this_month - one.last_month),
        )
        for one in found
    ]
    columns = ("theme", "all", "negative", "neutral", "positive", "open", "this month", "last month", "trend")
    terminal.show_table(columns, rows)


def _trend(more: int) -> str:
    return f"▲ {more}" if more > 0 else f"▼ {-more}" if more < 0 else "="


@app.command("assign")
def assign(
    ids: Ids,
    form: Annotated[str, typer.Option(help="The window's form they are handed over by, where it has several.")] = "",
) -> None:
    """Hand imported complaints over to whom the window's complaint form says: they are asked to work on them."""
    with installation() as (transom, windows):
        _hand_over(transom, windows, ids, form)


def _hand_over(transom: Transom, windows: Sequence[Window], ids: Sequence[int], form: str) -> None:
    """Hand each over in a transaction of its own."""
    if len(ids) > _MOST_AT_ONCE:
        raise SettingError(
            f"{len(ids)} are more than the {_MOST_AT_ONCE} that are handed over at once, for everybody in charge is"
            " told of each. Choose some of them: transom complaints list --sentiment negative, then: transom"
            " complaints assign ID …"
        )
    complaints = Complaints(Queue(transom.database.url), windows, transom.settings.time_zone)
    for one in ids:
        typer.echo(f"{one}\t{_handed_over(transom, windows, complaints, one, form)}")


def _handed_over(transom: Transom, windows: Sequence[Window], complaints: Complaints, complaint: int, form: str) -> str:
    with transom.database.owner() as owner:
        known = store.reader_of(owner, complaint)
    if known is None:
        raise SettingError(f"There is no imported complaint {complaint}. See: transom complaints list")
    reader, window = known
    name = _form(named(list(windows), window), form)
    with transom.database.viewer(frozenset(), reader) as viewer:
        kept = store.kept(viewer, complaint)
        if kept is None or kept.submission is not None:
            return "is handed over already"
        return complaints.hand_over(viewer, kept, name).number


def _form(window: Window, name: str = "") -> str:
    """Return the name of the window's complaint form."""
    names = complaint_forms(window.forms)
    if name and name not in names:
        raise SettingError(f"{window.name} has no complaint form {name}. It has: {', '.join(names) or 'none'}.")
    if not names:
        raise SettingError(f"{window.name} has no complaint form. Write  kind: complaint  at one of its forms.")
    if not name and len(names) > 1:
        raise SettingError(f"{window.name} has several complaint forms. Choose one with --form: {', '.join(names)}.")
    return name or names[0]


@app.command("close")
def close(
    ids: Ids,
    answer: Annotated[str, typer.Option(help="What was answered, for those who look it up.")] = "",
) -> None:
    """Note that complaints were settled elsewhere. Those that people work on here, they close themselves."""
    with opened(read_settings()) as transom, transom.database.owner() as owner:
        closed = [one for one in ids if _closed(owner, one, answer)]
    typer.echo(f"{len(closed)} of {len(ids)} are closed.")
    if len(closed) < len(ids):
        terminal.err.print("The others are not there, closed already, or somebody's task.", style="yellow")


def _closed(owner: psycopg.Connection, complaint: int, answer: str) -> bool:
    return store.close(owner, complaint, answer.replace("\x00", "").strip())
