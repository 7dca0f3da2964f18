"""A worker tells the others how its breaker stands."""

import os
import socket
from collections.abc import Callable
from time import monotonic

from bots.conversations.models import store
from rag_core.database import Database
from rag_core.models.breaker import Breaker

_AT_LEAST_EVERY_S = 10.0


class BreakerReport:
    """Writes the state down when it has changed, and every ten seconds: whoever is silent counts as gone."""

    def __init__(
        self, database: Database, breaker: Breaker, model: str, worker: str = "", clock: Callable[[], float] = monotonic
    ) -> None:
        self._database, self._breaker, self._model, self._clock = database, breaker, model, clock
        self._worker = worker or f"{socket.gethostname()}:{os.getpid()}"
        self._told, self._again_at = "", 0.0

    def tell(self) -> None:
        """Tell it where it is due. Raises DatabaseUnavailable; the next call then tries again."""
        state, now = self._breaker.state, self._clock()
        if state == self._told and now < self._again_at:
            return
        with self._database.application() as connection:
            store.note(connection, self._worker, self._model, state)
        self._told, self._again_at = state, now + _AT_LEAST_EVERY_S
