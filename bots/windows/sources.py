"""What ``company.yaml`` says of data sources: databases of the company that look-ups read, without their passwords."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from ruamel.yaml.comments import CommentedMap

from bots.windows.channels_file import Reference
from bots.windows.faults import SLUG_RULE, Fault, FileKind, line_of, model_faults
from bots.windows.parts import Part, is_slug
from bots.windows.yaml_file import read_yaml

FILE = "company.yaml"
OWN = "company"
"""The source that is always there: the tables of the company's folder ``data/``, in our own database."""

_SECTION = "sources"


class SourceEntry(Part):
    """A Postgres that look-ups read. ``url`` is the name of an environment variable; our own database has none."""

    url: Reference | None = None
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    rows: Annotated[int, Field(strict=True, ge=1, le=5000)] = 500


class _CompanyFile(Part):
    """The section; the other keys of the file are other people's to look at."""

    sources: dict[Any, Any] = Field(default_factory=dict)


_KIND = FileKind(
    noun=FILE,
    sample='sources: {hris: {url: "${HRIS_URL}"}}',
    outline="",
    models={"": _CompanyFile, _SECTION: SourceEntry},
    examples={
        _SECTION: "sources:  and below it  hris:  with  url, timeout_s, rows",
        "sources.url": "url: ${HRIS_URL}",
        "sources.timeout_s": "timeout_s: 5",
        "sources.rows": "rows: 500",
    },
    holds_secrets=True,
)


@dataclass(frozen=True, slots=True)
class Source:
    """A database to read. ``url`` is empty for our own; a statement has ``timeout_s``, an answer at most ``rows``."""

    name: str
    url: str = field(default="", repr=False)
    timeout_s: float = 5.0
    rows: int = 500


@dataclass(frozen=True, slots=True)
class LoadedSources:
    """The sources that can be used, by name. ``faults`` keep one from being used; ``notes`` say what is not set."""

    sources: Mapping[str, Source]
    faults: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()


def load_sources(company: Path, environment: Mapping[str, str]) -> LoadedSources:
    """Return the sources of ``company.yaml``; our own database is always one of them.

    ``environment`` holds the variables that ``${NAME}`` refers to. No message holds a value of it.
    """
    own = {OWN: Source(OWN)}
    content = read_yaml(company / FILE, FILE, _KIND) if os.path.lexists(company / FILE) else CommentedMap()
    if isinstance(content, Fault):
        return LoadedSources(own, (content,))
    section = content.get(_SECTION)
    if section is not None and not isinstance(section, CommentedMap):
        line, example = line_of(content, (_SECTION,)), _KIND.examples[_SECTION]
        return LoadedSources(own, (Fault(FILE, line, f"sources: must have keys of its own; write it like  {example}"),))
    reader = _Reader(content, environment)
    found = {source.name: source for source in reader.sources()}
    return LoadedSources({**own, **found}, tuple(reader.faults), tuple(reader.notes))


class _Reader:
    """Goes through the section source by source: one that is wrong must not silence its neighbours."""

    def __init__(self, content: CommentedMap, environment: Mapping[str, str]) -> None:
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self._content, self._environment = content, environment

    def sources(self) -> Iterator[Source]:
        for name in self._content.get(_SECTION) or ():
            if not is_slug(name):
                self._fault((name,), _KIND.shown(str(name)), SLUG_RULE)
            elif (entry := self._entry(name)) and (url := self._url(name, entry)) is not None:
                yield Source(name, url, entry.timeout_s, entry.rows)

    def _entry(self, name: str) -> SourceEntry | None:
        try:
            return SourceEntry.model_validate(self._content[_SECTION][name])
        except ValidationError as error:
            self.faults += model_faults(FILE, error.errors(), self._content, _KIND, (_SECTION, name))
            return None

    def _url(self, name: str, entry: SourceEntry) -> str | None:
        """Return the source's address, empty for our own; None, with a fault or a note, if it cannot be used."""
        if name == OWN:
            if entry.url:
                self._fault((name, "url"), f"{name}.url", "is our own database, which needs none; choose another name")
            return None if entry.url else ""
        if not entry.url:
            self._fault((name,), f"{name}.url", "is missing; write it like  url: ${HRIS_URL}")
            return None
        url = self._environment.get(entry.url, "").strip()
        if not url:
            what = f"not connected: {entry.url} is not set; to connect it, set it in the environment or .env"
            self.notes.append(Fault(FILE, line_of(self._content, (_SECTION, name)), f"sources.{name}: {what}"))
            return None
        if not _is_postgres(url):
            self._fault((name, "url"), f"{name}.url", f"{entry.url} is not the address of a Postgres (postgresql://…)")
            return None
        return url

    def _fault(self, where: tuple[str, ...], shown: str, trouble: str) -> None:
        self.faults.append(Fault(FILE, line_of(self._content, (_SECTION, *where)), f"sources.{shown}: {trouble}"))


def _is_postgres(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("postgresql", "postgres")
    except ValueError:
        return False
