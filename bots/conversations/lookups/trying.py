"""Tries every SQL look-up against its database without running one, so that a mistake is found before somebody asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg

from bots.conversations.lookups import store
from bots.conversations.lookups.refusals import Known, Refusal, refusal
from bots.windows.data import FOLDER as DATA
from bots.windows.data import CompanyData
from bots.windows.faults import Fault, Where
from bots.windows.model import Window
from bots.windows.modes.queries import Query, misnamed, queries_of
from bots.windows.modes.sql_file import FOLDER, SqlFileError, numbered, parameters, read_sql
from bots.windows.sources import FILE as SOURCES
from bots.windows.sources import Source
from rag_core.database import Database

_SLOW = (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """How trying went. ``count``: the look-ups that were tried, of which ``failed`` could not be made.

    ``faults`` are of SQL files, ``misnamed`` of window files, with their places; ``notes`` are what no file can help:
    a sync that is due, a source that does not answer (``lost``). ``untried``: look-ups of sources that do not answer,
    or are not connected.
    """

    count: int = 0
    failed: int = 0
    faults: tuple[Fault, ...] = ()
    misnamed: tuple[tuple[Window, tuple[Where, str]], ...] = ()
    notes: tuple[Fault, ...] = ()
    untried: int = 0
    lost: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """How many were tried and how many fail, in a line."""
        skipped = f", {self.untried} not tried (their sources are not connected)" if self.untried else ""
        return f"{self.count} tried, {self.failed} fail{skipped}"


def is_set_up(database: Database) -> bool:
    """Return whether the database has what look-ups need: a sync has run. Raises DatabaseUnavailable."""
    with database.owner() as connection:
        return store.is_set_up(connection)


def unloaded(database: Database, data: CompanyData) -> list[Fault]:
    """Return one note if tables were made of other files than those of ``data/``. Raises DatabaseUnavailable."""
    with database.owner() as connection:
        made = store.made_tables(connection)
    changed = [f"{table.name}.csv" for table in data.tables if made.get(table.name, table.mark) != table.mark]
    if not changed:
        return []
    shown = ", ".join(changed[:_NAMED]) + (", …" if len(changed) > _NAMED else "")
    how = "look-ups were tried against what the last sync loaded; run  transom sync, then check again"
    return [Fault(DATA, None, f"changed since the last sync ({shown}): {how}")]


class Trier:
    """Tries look-ups as they are run: as the same role, read-only, within the time of their source."""

    def __init__(
        self, database: Database, company: Path, sources: Mapping[str, Source], data: CompanyData, zone: str
    ) -> None:
        self._database, self._company, self._sources = database, company, sources
        self._data, self._zone = data, zone
        self._lost: dict[str, str] = {}  # by source: why
        self._tables: dict[str, dict[str, list[str]]] = {}

    def tried(self, windows: Iterable[Window]) -> Tried:
        """Try every look-up of these windows, and what finds the recipients of notifications.

        Raises DatabaseUnavailable where our own database is lost.
        """
        pairs = [(window, query) for window in windows for query in queries_of(window)]
        trials = [_Trial(self, window, query) for window, query in pairs]
        done = [trial for trial in trials if trial.outcome is not None]
        return Tried(
            len(done),
            sum(trial.failed for trial in done),
            tuple(fault for trial in done for fault in trial.faults),
            tuple((trial.window, one) for trial in done for one in trial.misnamed),
            (*(note for trial in done for note in trial.notes), *self._lost_notes()),
            len(trials) - len(done),
            tuple(self._lost),
        )

    def outcome(self, query: Query) -> tuple[str, ...] | Refusal | None:
        """Return the columns that it finds, or why it cannot; None where its source does not answer."""
        source = self._sources.get(query.source)
        if source is None or source.name in self._lost:
            return None
        try:
            text = read_sql(self._company, query.file)
            return self._columns(source, numbered(text, query.types), len(parameters(text)))
        except SqlFileError as error:  # it was changed this very moment
            return Refusal(None, str(error))
        except _SLOW:
            return self._slow(source)
        except psycopg.Error as error:
            self._lost[source.name] = type(error).__name__
            return None

    def _columns(self, source: Source, statement: str, count: int) -> tuple[str, ...] | Refusal:
        try:
            if source.url:
                return store.try_elsewhere(source, statement, count, self._zone)
            return store.try_own(self._database, source, statement, count, self._zone)
        except store.Refused as refused:
            if isinstance(refused.error, psycopg.OperationalError) or refused.error.sqlstate is None:
                raise refused.error from None
            return refusal(refused, statement, source, self._known(source))

    def _slow(self, source: Source) -> Refusal:
        return Refusal(None, f"took longer than {source.timeout_s:g} s only to plan; try again", waits=True)

    def _known(self, source: Source) -> Known:
        if source.name not in self._tables:
            self._tables[source.name] = _or_none(
                lambda: store.tables_elsewhere(source) if source.url else store.own_tables(self._database)
            )
        tables = self._tables[source.name]
        return Known(tables) if source.url else Known(tables, self._files, self._broken)

    @cached_property
    def _files(self) -> dict[str, list[str]]:
        return {table.name: [column.name for column in table.columns] for table in self._data.tables}

    @property
    def _broken(self) -> frozenset[str]:
        return self._data.there - frozenset(self._files)

    def _lost_notes(self) -> list[Fault]:
        how = "so its look-ups were not tried; see that it runs, and that its address is right"
        return [
            Fault(SOURCES, None, f"sources.{name}: cannot be asked ({why}), {how}") for name, why in self._lost.items()
        ]


class _Trial:
    """One look-up that was tried."""

    def __init__(self, trier: Trier, window: Window, query: Query) -> None:
        self.window, self._query = window, query
        self.outcome = trier.outcome(query)

    @property
    def failed(self) -> bool:
        return isinstance(self.outcome, Refusal) or bool(self.misnamed)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._told(waits=False)

    @property
    def notes(self) -> tuple[Fault, ...]:
        return self._told(waits=True)

    @property
    def misnamed(self) -> list[tuple[Where, str]]:
        return list(misnamed(self.window, self._query, self.outcome)) if isinstance(self.outcome, tuple) else []

    def _told(self, *, waits: bool) -> tuple[Fault, ...]:
        query, outcome = self._query, self.outcome
        if not isinstance(outcome, Refusal) or outcome.waits != waits:
            return ()
        owner = f"{self.window.name}/{query.name}"
        return (Fault(f"{FOLDER}/{query.file}", outcome.line, f"{owner}: {outcome.sentence}"),)


def _or_none(tables: Callable[[], dict[str, list[str]]]) -> dict[str, list[str]]:
    """Return the tables; none where they cannot be listed, for a hint is worth no failure."""
    try:
        return tables()
    except psycopg.Error:
        return {}
