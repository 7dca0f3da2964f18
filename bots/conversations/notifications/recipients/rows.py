"""The rows of a company's SQL file that names recipients, run as look-ups are: read-only and within a time."""

from collections.abc import Mapping, Sequence

from bots.conversations.lookups.lookups import Lookups
from bots.conversations.lookups.records import LookupFailed
from bots.conversations.lookups.shown import plain
from bots.conversations.notifications.recipients.who import RowsOf

MOST = 100_000
"""Recipients of one run."""


def rows_by(lookups: Lookups) -> RowsOf:
    """Return what runs a SQL file and returns its rows by column, in the words a person would write."""

    def rows(window: str, file: str) -> Sequence[Mapping[str, str]]:
        found = lookups.run_file(window, file, limit=MOST)
        if found.cut:  # told to some, it would look as if it had been told to all
            raise LookupFailed("large", f"more than {MOST} recipients")
        return [dict(zip(found.columns, map(plain, row), strict=True)) for row in found.rows]

    return rows
