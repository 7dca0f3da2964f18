"""Questions of other systems of the company: the same way as everybody's, and a wait for the reply."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic

from bots.accounts import ApiClient
from bots.conversations import store
from bots.conversations.bell import Bell
from bots.conversations.outbox.written import read_reply
from bots.conversations.reading import OwnReader, own_arrival
from bots.errors import NotServed
from bots.messages import InboundEvent, Kind, Place
from bots.ports import Asked, Inbox
from bots.windows.model import Window
from rag_core.database import Database

_LOOK_AGAIN_S = 1.0


class ApiQuestions:
    """Implements ``ports.ApiDesk``. Each question is a conversation of its own: they do not wait for one another."""

    def __init__(
        self, clients: Sequence[ApiClient], windows: Sequence[Window], inbox: Inbox, database: Database, bell: Bell
    ) -> None:
        self._clients: Mapping[str, ApiClient] = {client.name: client for client in clients}
        self._windows = {window.name: window for window in windows}
        self._inbox, self._database, self._bell = inbox, database, bell

    def ask(self, client: str, key: str, question: str, window: str, wait_s: float) -> Asked | None:
        """Take the question in under its key, and wait for its reply. Raises NotServed, InboxUnavailable."""
        asking = self._clients[client]
        self._check(asking, window)
        place = Place("api", client, key, direct=True)
        event = InboundEvent(
            key,
            place,
            Kind.MESSAGE,
            client,
            datetime.now(UTC),
            text=question,
            window=window,
            groups=asking.groups,
        )
        with self._bell.watch(place.conversation) as watch:
            if question:
                self._inbox.take_in([own_arrival(event)])
            deadline = monotonic() + wait_s
            while True:
                asked = self._answered(client, key)
                left = deadline - monotonic()
                if asked or left <= 0:
                    return asked
                watch.wait(min(left, _LOOK_AGAIN_S))

    def _check(self, client: ApiClient, window: str) -> None:
        open_to = [
            name for name in client.windows if name in self._windows and self._windows[name].audience & client.groups
        ]
        if not open_to or (window and window not in open_to):
            raise NotServed("There is no such window for this client.")

    def _answered(self, client: str, key: str) -> Asked | None:
        with self._database.application() as connection:
            message = store.message(connection, "api", client, key)
        if message is None:
            raise NotServed("There is no such question of this client.")
        if message.outbox_state != "sent" or message.reply is None:
            return None
        asked = OwnReader("api").read(client, json.loads(message.body)).text if message.body else ""
        return Asked(key, asked, read_reply(message.reply), message.delivery or "")
