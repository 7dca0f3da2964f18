"""Confirmations that nobody answered in time: whoever wants to be told the outcome is told that there is none."""

from bots.conversations.calls import store as calls
from bots.conversations.notifications.confirmations import store
from rag_core.database import Database

_BATCH = 200


class ExpiredConfirmations:
    """Looks after confirmations that run out; what the worker sweeps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sweep(self) -> None:
        """Have the outcome of each that has run out told, noted in the same transaction."""
        with self._database.application() as connection:
            for confirmation in store.expire(connection, _BATCH):
                calls.add_outcome(connection, confirmation)
