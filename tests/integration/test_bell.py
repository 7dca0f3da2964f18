"""The bell rings while somebody waits, and costs neither a thread nor a connection when nobody does."""

import psycopg
from acceptance.office import wait_for

from bots.conversations import bell as module
from bots.conversations.bell import Bell
from bots.conversations.outbox.store import CHANNEL


def rings(bell: Bell, database_url: str) -> bool:
    """Ring for a conversation that is watched, until it is heard."""
    with bell.watch("web:web:1") as watch, psycopg.connect(database_url, autocommit=True) as connection:
        watch.wait(5)  # whoever begins to listen looks once
        connection.execute("select pg_notify(%s, 'web:web:1')", [CHANNEL])
        return watch.wait(5)


def test_it_stops_listening_when_nobody_waits_and_starts_again(database_url, monkeypatch):
    """A page that is closed leaves nothing behind; the next one hears all the same."""
    monkeypatch.setattr(module, "_IDLE_S", 0.2)
    bell = Bell(database_url)
    assert rings(bell, database_url)
    listener = bell._listener
    if listener is not None:
        wait_for(lambda: not listener.is_alive(), 5, "the bell still listens")
    assert bell._listener is None
    assert rings(bell, database_url)
