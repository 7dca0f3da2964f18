"""``transom windows``: list, check and draft window files."""

from pathlib import Path
from typing import Annotated

import psycopg
import typer

from bots import terminal
from bots.cli.company import groups_of
from bots.compose import try_if_reachable
from bots.environment import references
from bots.settings import Settings, load_settings
from bots.windows.check import Report, check_company, placed
from bots.windows.draft import draft_window
from bots.windows.faults import Fault
from bots.windows.knowledge import collection_of
from bots.windows.load import load_windows
from bots.windows.modes.queries import queries_of
from rag_core.errors import RagError

app = typer.Typer(help="List, check and draft window files.", no_args_is_help=True)


@app.command("list")
def windows_list() -> None:
    """List the windows: name, department, whom they serve, how many documents they name."""
    settings = load_settings()
    rows = [
        (
            w.name,
            w.department,
            w.title_in("zh-TW"),
            ", ".join(w.serves),
            len(collection_of(w, settings.company).sources),
        )
        for w in load_windows(settings.company)
    ]
    terminal.show_windows(rows)


@app.command("check")
def windows_check() -> None:
    """Check every window file, SQL file and table; each fault with file, line, what is wrong and how to write it.

    SQL look-ups are tried on their databases, where these can be reached, and none is run.
    """
    settings = load_settings()
    checked = check_company(settings.company, references())
    faults, notes, summary = _tried(settings, checked)
    for fault in (*checked.faults, *faults):
        terminal.err.print(str(fault), style="red", markup=False)
    for note in (*checked.notes, *notes):
        typer.echo(str(note))
    wrong = bool(checked.faults or faults)
    if not wrong:
        typer.echo(f"{len(checked.windows)} windows, no faults.")
    if summary:
        typer.echo(summary)
    if wrong:
        raise typer.Exit(2)


def _tried(settings: Settings, checked: Report) -> tuple[list[Fault], list[Fault], str]:
    """Return what is wrong with the SQL look-ups, what to note of them, and how many were tried, in a line."""
    if not any(True for window in checked.windows for _ in queries_of(window)):
        return [], [], ""
    try:
        tried, unloaded = try_if_reachable(settings, checked.windows, checked.data)
    except RagError as error:
        return [], [], f"look-ups: not tried: {error}"
    except psycopg.Error as error:  # its words may hold the address, with the password
        return [], [], f"look-ups: not tried: the database refused ({type(error).__name__}); run  transom doctor"
    of_windows = [fault for window, one in tried.misnamed for fault in placed(window, settings.company, [one])]
    return [*tried.faults, *of_windows], [*unloaded, *tried.notes], f"look-ups: {tried.in_words}"


@app.command("new")
def windows_new(
    name: Annotated[str, typer.Argument(help="The window's name: lower-case letters, digits, - and _.")],
    documents: Annotated[Path, typer.Option(help="The folder of its documents.")],
    department: Annotated[str | None, typer.Option(help="產, 銷, 人, 發, 財 or 資; guessed if left out.")] = None,
    serves: Annotated[str, typer.Option(help="The groups it serves, comma-separated.")] = "employees",
) -> None:
    """Draft a window file from a folder of documents, with comments that say what each key is for."""
    settings = load_settings()
    path = draft_window(name, documents, settings.company, department=department, serves=sorted(groups_of(serves)))
    typer.echo(f"{path}\nLook it over, then run: transom sync --window {name}")
