"""Postgres: two roles, one viewer a transaction, migrations under a lock.

The owner migrates and syncs. The application role owns nothing, and sees rows only through policies on
``transom.groups`` and ``transom.person``, which ``Database.viewer`` sets for one transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from rag_core.errors import DatabaseUnavailable, NoViewer

APPLICATION_ROLE = "transom_app"
_MIGRATION_LOCK = 7_263_001  # any number, as long as it stays the same
_CONNECT_TIMEOUT_S = 10
_MIGRATIONS = Path(__file__).parents[1] / "migrations"


@dataclass(frozen=True, slots=True)
class ViewerConnection:
    """A connection inside a transaction that sees what these groups may read, and nothing else."""

    connection: psycopg.Connection
    groups: frozenset[str]


def scoped(viewer: ViewerConnection) -> psycopg.Connection:
    """Return the connection, or raise NoViewer for anything that ``Database.viewer`` did not make."""
    if not isinstance(viewer, ViewerConnection):
        raise NoViewer("A store was asked to read without a viewer. Open the connection with Database.viewer(groups).")
    return viewer.connection


class Database:
    """The owner's and the application's way in. Pools open at first use, so an object made before a fork is fine."""

    def __init__(self, url: str, *, pool_size: int = 16) -> None:
        self.url = url
        self._pool_size = pool_size
        self._pool: ConnectionPool | None = None
        self._opening = Lock()

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection]:
        """Yield a connection of the owner, who is not bound by policies: for migrations and sync only."""
        try:
            connection = psycopg.connect(self.url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable(_unreachable(self.url)) from error
        with connection:
            yield connection

    @contextmanager
    def viewer(self, groups: Iterable[str], person: str = "") -> Iterator[ViewerConnection]:
        """Yield a transaction as the application role that sees what ``groups`` may read.

        Of conversations it sees the turns of ``person`` alone. Raises DatabaseUnavailable.
        """
        visible = frozenset(groups)
        with self.application() as connection:
            act_for(connection, visible, person)
            yield ViewerConnection(connection, visible)

    @contextmanager
    def application(self) -> Iterator[psycopg.Connection]:
        """Yield a transaction as the application role without a viewer: for queues, which hold nothing to read.

        Raises DatabaseUnavailable when the server cannot be reached, or is lost midway.
        """
        try:
            with self._application().connection() as connection, connection.transaction():
                yield connection
        except (PoolTimeout, psycopg.errors.AdminShutdown, psycopg.errors.CannotConnectNow) as error:
            raise DatabaseUnavailable(_unreachable(self.url)) from error
        except psycopg.OperationalError as error:
            if getattr(error, "sqlstate", None):  # the server lives, and had something to say
                raise
            raise DatabaseUnavailable(_unreachable(self.url)) from error

    def close(self) -> None:
        """Close the pool; the object can be used again."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _application(self) -> ConnectionPool:
        with self._opening:  # threads that come first together must share one pool
            if self._pool is None:
                self._pool = ConnectionPool(
                    self.url,
                    min_size=1,
                    max_size=self._pool_size,
                    open=True,
                    timeout=_CONNECT_TIMEOUT_S,
                    configure=_become_application,
                    check=ConnectionPool.check_connection,
                    name="transom-app",
                )
            return self._pool


def act_for(connection: psycopg.Connection, groups: Iterable[str], person: str = "") -> None:
    """Make this transaction's viewer one who belongs to ``groups``, and whose own turns are those of ``person``."""
    connection.execute(
        "select set_config('transom.groups', %s::text[]::text, true), set_config('transom.person', %s, true)",
        [sorted(groups), person],
    )


def migrate(url: str) -> list[str]:
    """Apply the missing migrations in order, one process at a time, and return their names.

    The lock is a session's advisory lock: it goes with its process, so a killed migration blocks nobody.
    """
    from yoyo import get_backend, read_migrations

    with Database(url).owner() as connection:
        connection.execute("select pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        backend = get_backend(_yoyo_url(url))
        try:
            missing = backend.to_apply(read_migrations(str(_MIGRATIONS)))
            backend.apply_migrations(missing)
            return [migration.id for migration in missing]
        finally:
            backend.connection.close()


def _yoyo_url(url: str) -> str:
    from urllib.parse import quote, urlencode

    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    user, password = quote(parts.pop("user", ""), safe=""), quote(parts.pop("password", ""), safe="")
    host, port, name = parts.pop("host", ""), parts.pop("port", ""), quote(parts.pop("dbname", ""), safe="")
    if host.startswith("/"):
        parts["host"], host = host, ""
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    address = f"{host}:{port}" if port else host
    return f"postgresql+psycopg://{login}{address}/{name}" + (f"?{urlencode(parts)}" if parts else "")


def _become_application(connection: psycopg.Connection) -> None:
    connection.execute(f"set role {APPLICATION_ROLE}")
    connection.execute("set jit = off")
    connection.commit()


def _unreachable(url: str) -> str:
    where = make_conninfo(**{k: str(v) for k, v in conninfo_to_dict(url).items() if k in {"host", "port", "dbname"}})
    return f"The database cannot be reached ({where}). Check that it runs and that DATABASE_URL names it."
