"""Tables as the benchmarks print them."""

from rich.console import Console
from rich.table import Table


def show(table: Table) -> None:
    """Print a table, wide enough to be pasted."""
    Console(width=140, highlight=False).print(table)
