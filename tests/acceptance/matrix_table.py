"""The matrix as people read it: departments by modes, each item with what became of it on LINE and on Slack."""

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table

Entry = Mapping[str, Any]

DEPARTMENTS, MODES = "產銷人發財資", ("通知/回應", "資料隨手查", "隨手填單", "QA")
_WIDTH = 150


def mark(trouble: str | None) -> str:
    """Return how an item went: no trouble, some trouble, or that nobody has gone through it."""
    return "–" if trouble is None else "✗" if trouble else "✓"


def shown(entries: Sequence[Entry], troubles: Mapping[tuple[str, str], str], web: Mapping[str, str]) -> str:
    """Return the table. ``troubles``: by platform and item, empty for none; ``web``: by mode."""
    table = Table(title="LINE · Slack", show_lines=True)
    for head in ("", *DEPARTMENTS, "web"):
        table.add_column(head)
    for mode in MODES:
        cells = [_cell(entries, troubles, mode, department) for department in DEPARTMENTS]
        table.add_row(mode, *cells, mark(web.get(mode)))
    console = Console(file=StringIO(), width=_WIDTH, color_system=None)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def name_of(entry: Entry) -> str:
    """Return what an item is called: department, mode and item."""
    return f"{entry['department']}-{entry['mode']}-{entry['item']}"


def _cell(entries: Sequence[Entry], troubles: Mapping[tuple[str, str], str], mode: str, department: str) -> str:
    here = [entry for entry in entries if (entry["mode"], entry["department"]) == (mode, department)]
    return "\n".join(
        f"{mark(troubles.get(('line', name_of(entry))))}{mark(troubles.get(('slack', name_of(entry))))} {entry['item']}"
        for entry in here
    )
