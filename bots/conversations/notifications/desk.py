"""The desk of the HTTP API: other systems have people told, or one person confirm something."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from uuid import uuid4

import psycopg

from bots.accounts import ApiClient
from bots.conversations import notices
from bots.conversations.lookups.outward import Resolve, resolve
from bots.conversations.notifications import store
from bots.conversations.notifications.confirmations import store as confirmations
from bots.conversations.notifications.confirmations.callbacks import refusal
from bots.conversations.notifications.orders import Order, Wrong, checked
from bots.conversations.notifications.recipients import store as recipients
from bots.conversations.notifications.recipients.who import reader
from bots.conversations.notifications.scheduler import Clock, wall_clock
from bots.conversations.queue import Queue
from bots.errors import InboxUnavailable, NotServed, TooMany
from bots.ports import Accepted, ConfirmationOrder, NotifyOrder, Refused
from bots.windows.model import Window
from rag_core.database import Database
from rag_core.errors import DatabaseUnavailable

OPEN_AT_ONCE = 5
"""Confirmations that may wait for one person: who is asked again and again says yes in the end."""

_KEY_TAKEN = "key: stands for something else already; use another key."


class Notifications:
    """Implements ``ports.NotifyDesk`` on the windows of a company. ``ours``: hosts that may be on a private network."""

    def __init__(  # noqa: PLR0913 wired in one place
        self,
        clients: Sequence[ApiClient],
        windows: Sequence[Window],
        database: Database,
        queue: Queue,
        clock: Clock = wall_clock,
        *,
        ours: Collection[str] = (),
        resolver: Resolve = resolve,
    ) -> None:
        self._clients: Mapping[str, ApiClient] = {client.name: client for client in clients}
        self._windows = {window.name: window for window in windows}
        self._database, self._queue, self._clock = database, queue, clock
        self._ours, self._resolver = ours, resolver

    def notify(self, client: str, order: NotifyOrder) -> Accepted | Refused:
        """Keep a run, which a worker tells. Raises NotServed, InboxUnavailable."""
        window = self._window(client, order.window)
        ordered = Order(order.notification, order.values, order.people, order.groups)
        key = f"api:{client}:{order.key}"
        with self._connection() as connection:
            if known := store.by_key(connection, window.name, order.notification, key):
                return _again(known.id, known.state, same=known.order_hash == ordered.fingerprint())
            try:
                what, who = checked(connection, window, ordered)
            except Wrong as wrong:
                return Refused(str(wrong))
            new = store.NewRun(
                str(uuid4()),
                window.name,
                order.notification,
                key,
                "api",
                what,
                who,
                self._clock(),
                order.values,
                order_hash=ordered.fingerprint(),
            )
            if store.add_run(connection, new):
                return Accepted(new.id, new.state, new=True)
            known = store.by_key(connection, window.name, order.notification, key)  # another call was quicker
            assert known is not None
            return _again(known.id, known.state, same=known.order_hash == ordered.fingerprint())

    def confirm(self, client: str, order: ConfirmationOrder) -> Accepted | Refused:
        """Keep the question, and have it told, in one transaction. Raises NotServed, TooMany, InboxUnavailable."""
        window = self._window(client, order.window)
        refused = refusal(window, order.callback, self._ours, self._resolver) if order.callback else ""
        new = confirmations.NewConfirmation(
            str(uuid4()),
            client,
            order.key,
            _fingerprint(order),
            window.name,
            reader(order.person),
            order.text,
            order.expires_s,
            order.callback or None,
        )
        with self._connection() as connection:
            waiting = confirmations.open_of(connection, new.recipient)
            if known := confirmations.by_key(connection, client, order.key):
                return _again(known.id, known.state, same=known.order_hash == new.order_hash)
            if refused:
                return Refused(refused)
            if not recipients.served(connection, [order.person], window.serves):
                return Refused(f"person: {order.person} is nobody whom {window.name} serves.")
            if waiting >= OPEN_AT_ONCE:
                raise TooMany(60)
            return self._asked(connection, order.person, new)

    def confirmation(self, client: str, id: str) -> Accepted | None:  # noqa: A002 the port's
        """Return how a confirmation of this client stands. Raises InboxUnavailable."""
        with self._connection() as connection:
            found = confirmations.by_id(connection, id)
        return Accepted(found.id, found.state, new=False) if found and found.client == client else None

    def _asked(
        self, connection: psycopg.Connection, person: str, new: confirmations.NewConfirmation
    ) -> Accepted | Refused:
        targets = notices.reachable(connection, [person], new.window)
        if not targets:
            return Refused(
                f"person: {person} has no account bound on Slack or LINE and has not used the page signed in within"
                f" {notices.PRESENT_DAYS} days, so nobody could answer."
            )
        if not confirmations.add(connection, new):  # another call with the key, for another person, was quicker
            return Refused(_KEY_TAKEN, conflict=True)
        notices.tell(connection, self._queue, targets.values(), f"confirm={new.id}", f"confirm:{new.id}")
        return Accepted(new.id, "pending", new=True)

    def _window(self, client: str, name: str) -> Window:
        asking, window = self._clients[client], self._windows.get(name)
        if window is None or name not in asking.windows or not window.audience & asking.groups:
            raise NotServed("There is no such window for this client.")
        return window

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        try:
            with self._database.application() as connection:
                yield connection
        except DatabaseUnavailable as error:
            raise InboxUnavailable("The database cannot be reached; nothing was taken.") from error


def _again(id: str, status: str, *, same: bool) -> Accepted | Refused:  # noqa: A002 the port's
    return Accepted(id, status, new=False) if same else Refused(_KEY_TAKEN, conflict=True)


def _fingerprint(order: ConfirmationOrder) -> bytes:
    whole = [order.window, order.person, order.text, order.expires_s]
    whole += [order.callback] if order.callback else []
    return sha256(json.dumps(whole).encode()).digest()
