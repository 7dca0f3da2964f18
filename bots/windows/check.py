"""What ``transom windows check`` tells: what is wrong, and what works but is probably not meant so."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

from bots.windows.calendar_file import out_of_date
from bots.windows.channels import load_channels
from bots.windows.data import CompanyData, read_data
from bots.windows.examples_file import unknown_files
from bots.windows.faults import Fault, Where, as_written, dotted, in_order, line_of
from bots.windows.knowledge import collection_of, files_of
from bots.windows.load import load_company
from bots.windows.model import PLACEHOLDER, Window
from bots.windows.modes.groups import misspelt
from bots.windows.modes.remarks import remarks
from bots.windows.people import load_people
from bots.windows.sources import load_sources
from bots.windows.window_file import WINDOW_FILE
from bots.windows.yaml_file import read_yaml
from rag_core.errors import AudienceConflict, ConfigurationError

_NOTHING_SET: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Report:
    """``faults`` keep a window, a table or an account from being used; ``notes`` do not."""

    windows: tuple[Window, ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    data: CompanyData


def _today() -> date:
    return datetime.now(UTC).date()


def check_company(
    company: Path, environment: Mapping[str, str] = _NOTHING_SET, today: Callable[[], date] = _today
) -> Report:
    """Look at all windows, the files they name, ``data/``, ``calendar.csv``, ``channels.yaml``, ``company.yaml``.

    ``environment`` holds the variables that the files refer to. Raises WindowFileError if there is no window
    file at all.
    """
    loaded = load_company(company)
    faults = list(loaded.faults)
    notes = [*unknown_files(loaded.windows, company), *out_of_date(company, today())]
    people, wrong_lines = load_people(company)
    faults += wrong_lines
    for window in loaded.windows:
        try:
            empty = not collection_of(window, company).sources
            notes += _notes(window, company, empty=empty)
            notes += placed(window, company, remarks(window, company, people, environment))
            slips = placed(window, company, misspelt(window, people))
            (notes if wrong_lines else faults).extend(slips)  # the line that is wrong may hold the group
        except (AudienceConflict, ConfigurationError) as error:
            faults.append(Fault(_file(window, company), None, f"knowledge: {error}"))
    accounts, sources = load_channels(company, environment, loaded.windows), load_sources(company, environment)
    data = read_data(company)
    return Report(
        loaded.windows,
        (*faults, *data.faults, *accounts.faults, *sources.faults),
        (*notes, *accounts.notes, *sources.notes),
        data,
    )


def placed(window: Window, company: Path, found: Iterable[tuple[Where, str]]) -> list[Fault]:
    """Return what was found of a window with the lines of its file that it is about."""
    file = _file(window, company)
    content = read_yaml(window.file, file, WINDOW_FILE)
    if isinstance(content, Fault):  # it was changed this very moment
        return []
    written = [(as_written(content, where), sentence) for where, sentence in found]
    return in_order(Fault(file, line_of(content, where), f"{dotted(where)}: {sentence}") for where, sentence in written)


def _notes(window: Window, company: Path, *, empty: bool) -> Iterator[Fault]:
    file = _file(window, company)
    for entry, line in zip(window.knowledge, window.knowledge_lines, strict=True):
        if not files_of(entry, window):
            yield Fault(file, line, f"knowledge: {_no_files(entry.path, window)}")
    if empty and not window.knowledge:
        yield Fault(file, None, "knowledge: is missing, so this window knows nothing yet")
    if window.contact is None:
        yield Fault(
            file, None, "contact: is missing, so a refusal cannot say whom to ask; write it like  contact: 人資部"
        )
    if window.contact and window.contact.name == PLACEHOLDER:
        yield Fault(file, None, "contact: is still the draft's; name the person or department to ask")


def _no_files(pattern: str, window: Window) -> str:
    target = window.file.parent / Path(pattern).expanduser()
    if target.is_dir():
        return f"{pattern} is a folder; to read all files in it write  {pattern.rstrip('/')}/**/*"
    return f"{pattern} matches no file; a path starts at the folder of the window file"


def _file(window: Window, company: Path) -> str:
    return window.file.relative_to(company).as_posix()
