"""Runs look-ups: a window's SQL file on its source, or its call of another system, with parameters bound."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import structlog

from bots.conversations.lookups import store
from bots.conversations.lookups.http import HttpReader
from bots.conversations.lookups.records import LookupFailed, Records
from bots.conversations.lookups.shown import plain
from bots.windows.model import Window
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.lookup import Lookup
from bots.windows.modes.outside import asks_who
from bots.windows.modes.queries import types_of
from bots.windows.modes.sql_file import PERSON, SqlFileError, parameters, prepared, read_sql
from bots.windows.modes.values import Context, NotUnderstood, Value, parse
from bots.windows.sources import OWN, Source
from rag_core.database import Database

log = structlog.get_logger()

_LONGEST = 2000  # characters of a value
_NOTHING: Mapping[str, Value] = {}
_SLOW = (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)


class Lookups:
    """The company's look-ups. ``sources`` are those of ``bots.windows.sources``; ``zone`` is the company's."""

    def __init__(
        self, database: Database, company: Path, sources: Mapping[str, Source], http: HttpReader, zone: ZoneInfo
    ) -> None:
        self._database, self._company, self._sources = database, company, sources
        self._http, self._zone = http, zone

    def needs_person(self, lookup: Lookup) -> bool:
        """Return whether it has to know who asks."""
        return asks_who(lookup, self._company)

    def run(
        self, window: Window, name: str, person: str | None, values: Mapping[str, Value | None] = _NOTHING
    ) -> Records:
        """Return what the look-up finds. ``person`` is the verified employee number of whoever asks.

        ``values`` are those of its slots, as ``bots.windows.modes.values`` parses them; one that is left out has none.
        Raises LookupFailed, after a line in the log, and DatabaseUnavailable.
        """
        lookup = window.lookups[name]
        try:
            return self._run(lookup, person, values)
        except LookupFailed as error:
            self._log(window.name, name, error)
            raise

    def options(
        self, window: Window, name: str, person: str | None, values: Mapping[str, Value | None] = _NOTHING
    ) -> tuple[tuple[str, str], ...]:
        """Return the records as value and label of a choice: the first column, and the second if there is one.

        Raises LookupFailed, after a line in the log, and DatabaseUnavailable.
        """
        found = self.run(window, name, person, values)
        pairs = ((plain(row[0]), plain(row[min(1, len(row) - 1)])) for row in found.rows if row)
        return tuple({value: (value, label) for value, label in pairs if value}.values())

    def defaults(self, window: Window, name: str, person: str | None) -> Mapping[str, str]:
        """Return the first record by column, in the words a person would write; empty if there is none.

        Raises LookupFailed, after a line in the log, and DatabaseUnavailable.
        """
        found = self.run(window, name, person)
        return dict(zip(found.columns, map(plain, found.rows[0]), strict=True)) if found.rows else {}

    def run_file(self, window: str, file: str, source: str = OWN, limit: int | None = None) -> Records:
        """Return what a SQL file without parameters finds, such as the recipients of a notification.

        ``limit`` stands in for the source's own limit of records. Raises LookupFailed, after a line in the log, and
        DatabaseUnavailable.
        """
        try:
            return self._run_sql(file, source, {}, {}, limit)
        except LookupFailed as error:
            self._log(window, file, error)
            raise

    def _run(self, lookup: Lookup, person: str | None, values: Mapping[str, Value | None]) -> Records:
        bound = {slot.name: _bound(slot, values.get(slot.name, self._default(slot))) for slot in lookup.slots}
        if self.needs_person(lookup) and not person:
            raise LookupFailed("values", "nobody is known to ask")
        if lookup.http is not None:
            texts = {name: plain(value) for name, value in {**bound, PERSON: person}.items() if value is not None}
            return self._http.read(lookup.http, texts)
        return self._run_sql(str(lookup.sql), lookup.source, {**bound, PERSON: person}, types_of(lookup))

    def _default(self, slot: FieldSpec) -> Value | None:
        """Return what a slot has that nobody was asked for; what depends on the person, whoever asks has to give."""
        if not slot.default or slot.defaults_from:
            return None
        try:
            return parse(slot, slot.default, Context(datetime.now(self._zone)))
        except NotUnderstood:
            return None

    def _run_sql(
        self,
        file: str,
        source_name: str,
        values: Mapping[str, Value | list[str] | None],
        types: Mapping[str, str],
        limit: int | None = None,
    ) -> Records:
        source = self._sources.get(source_name)
        if source is None:
            raise LookupFailed("set_up", f"the source {source_name} is not connected")
        source = Source(source.name, source.url, source.timeout_s, limit or source.rows)
        try:
            text = read_sql(self._company, file)
        except SqlFileError as error:
            raise LookupFailed("set_up", str(error)) from error
        if missing := [name for name in parameters(text) if name not in values]:
            raise LookupFailed("set_up", f"there is no slot {missing[0]}")
        statement = prepared(text, types)
        zone = self._zone.key
        if source.url:
            return _asked(lambda: store.read_elsewhere(source, statement, values, zone), own=False)
        return _asked(lambda: store.read_own(self._database, source, statement, values, zone), own=True)

    def _log(self, window: str, name: str, error: LookupFailed) -> None:
        log.warning("look-up failed", window=window, lookup=name, trouble=error.trouble, reason=error.reason)


def _asked(read: Callable[[], Records], *, own: bool) -> Records:
    """Return what the database finds. Its errors quote values, so only their kinds go on."""
    try:
        return read()
    except _SLOW as error:
        raise LookupFailed("slow", type(error).__name__) from None
    except psycopg.DataError as error:
        raise LookupFailed("values", _kind(error)) from None
    except psycopg.OperationalError as error:
        if own and error.sqlstate is None:
            raise  # the database itself is lost
        raise LookupFailed("down", _kind(error), again=True) from None
    except psycopg.Error as error:
        raise LookupFailed("set_up", _kind(error)) from None


def _kind(error: psycopg.Error) -> str:
    return f"{type(error).__name__} {error.sqlstate or ''}".strip()


def _bound(slot: FieldSpec, value: Value | None) -> Value | list[str] | None:
    """Return a slot's value as it is bound. Raises LookupFailed for what no text may hold, and for one that lacks."""
    if value is None or value in ("", ()):
        if not slot.optional and value is None:
            raise LookupFailed("values", f"{slot.name} has no value")
        return None
    texts = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    for text in texts:
        if len(text) > _LONGEST or "\x00" in text or any("\ud800" <= one <= "\udfff" for one in text):
            raise LookupFailed("values", f"{slot.name} holds what no text may hold, or too much")
    return list(value) if isinstance(value, tuple) else value
