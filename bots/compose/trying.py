"""Wires the trying of look-ups for ``windows check`` and the doctor: on a database that is there, none is made."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bots.compose.installation import running
from bots.conversations.lookups import trying
from bots.conversations.lookups.trying import Tried
from bots.environment import references
from bots.settings import Settings
from bots.windows.data import CompanyData
from bots.windows.faults import Fault
from bots.windows.model import Window
from bots.windows.sources import load_sources
from rag_core.database import Database
from rag_core.errors import DatabaseUnavailable

_NO_SYNC = "no sync has run yet; run  transom sync, then check again"


def try_lookups(settings: Settings, url: str, windows: Sequence[Window], data: CompanyData) -> Tried:
    """Try the look-ups of these windows on a database that runs. Raises DatabaseUnavailable."""
    sources = load_sources(settings.company, references()).sources
    with closing(Database(url, pool_size=1)) as database:
        if not trying.is_set_up(database):
            raise DatabaseUnavailable(_NO_SYNC)
        trier = trying.Trier(database, settings.company, sources, data, settings.time_zone.key)
        return trier.tried(windows)


def try_if_reachable(settings: Settings, windows: Sequence[Window], data: CompanyData) -> tuple[Tried, list[Fault]]:
    """Try the look-ups where there is a database, and return with them what of ``data/`` is not loaded yet.

    Nothing is made or changed: an embedded database that was never begun is none. Raises DatabaseUnavailable.
    """
    if settings.database_url is None and not _is_begun(settings.data / "postgres"):
        raise DatabaseUnavailable(_NO_SYNC)
    with running(settings, migrated=False) as url:
        tried = try_lookups(settings, url, windows, data)
        with closing(Database(url)) as database:
            return tried, trying.unloaded(database, data)


def _is_begun(embedded: Path) -> bool:
    """Return whether there is an embedded database. Raises DatabaseUnavailable where it is another user's."""
    try:
        return (embedded / "PG_VERSION").is_file()
    except PermissionError as error:
        raise DatabaseUnavailable(f"{embedded} belongs to another user; run this as that user") from error
