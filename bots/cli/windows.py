"""``transom windows``: list, check and draft window files."""

from pathlib import Path
from typing import Annotated

import typer

from bots import terminal
from bots.cli.company import groups_of
from bots.environment import references
from bots.settings import load_settings
from bots.windows.check import check_company
from bots.windows.draft import draft_window
from bots.windows.knowledge import collection_of
from bots.windows.load import load_windows

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
    """Check every window file; each fault with file, line, what is wrong and how to write it."""
    settings = load_settings()
    checked = check_company(settings.company, references())
    for fault in checked.faults:
        terminal.err.print(str(fault), style="red", markup=False)
    for note in checked.notes:
        typer.echo(str(note))
    if not checked.faults:
        typer.echo(f"{len(checked.windows)} windows, no faults.")
    if checked.faults:
        raise typer.Exit(2)


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
