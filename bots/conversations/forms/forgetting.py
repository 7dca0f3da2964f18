"""Forgets drafts that nobody goes on with."""

from time import monotonic

import structlog

from bots.conversations.forms import store
from rag_core.database import Database

log = structlog.get_logger()

KEPT_DAYS = 30
_EVERY_S = 3600.0


class ForgottenDrafts:
    """A sweep: drops what was left lying for 30 days, once an hour. Safe to do twice and by two workers at once."""

    def __init__(self, database: Database, days: int = KEPT_DAYS, every_s: float = _EVERY_S) -> None:
        self._database, self._days, self._every_s = database, days, every_s
        self._next = monotonic()

    def sweep(self) -> None:
        """Drop old drafts, if it is time to."""
        if monotonic() < self._next:
            return
        self._next = monotonic() + self._every_s
        with self._database.application() as connection:
            gone = store.forget(connection, self._days)
        if gone:
            log.info("drafts forgotten", drafts=gone)
