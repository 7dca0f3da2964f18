"""What a look-up finds, and what keeps it from finding anything."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from bots.errors import BotsError

Cell = str | int | float | Decimal | bool | date | time | datetime | None

Trouble = Literal["down", "slow", "large", "set_up", "values"]
"""Out of reach; too slow; its answer too large; not set up right (the operator's); not with these values."""


@dataclass(frozen=True, slots=True)
class Records:
    """Records, each with as many cells as there are columns. ``cut``: there were more than the source may give."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: bool = False


class LookupFailed(BotsError):
    """A look-up could not be made. ``reason`` is for logs and holds no value: an error's kind, a status, a file's line.

    ``again``: trying once more may help.
    """

    def __init__(self, trouble: Trouble, reason: str, *, again: bool = False) -> None:
        super().__init__(f"The look-up could not be made ({trouble}): {reason}")
        self.trouble, self.reason, self.again = trouble, reason, again
