"""What ``transom windows check`` tells: what is wrong, and what works but is probably not meant so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bots.windows.channels import load_channels
from bots.windows.faults import Fault
from bots.windows.knowledge import collection_of, files_of
from bots.windows.load import load_company
from bots.windows.model import LATER_KEYS, PLACEHOLDER, Window
from rag_core.errors import AudienceConflict, ConfigurationError

_NOTHING_SET: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Report:
    """``faults`` keep a window or an account from being used; ``notes`` do not."""

    windows: tuple[Window, ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]


def check_company(company: Path, environment: Mapping[str, str] = _NOTHING_SET) -> Report:
    """Look at all windows, the files they name, and ``channels.yaml``.

    ``environment`` holds the variables that channels.yaml refers to. Raises WindowFileError if there is no window
    file at all.
    """
    loaded = load_company(company)
    faults, notes = list(loaded.faults), list[Fault]()
    for window in loaded.windows:
        try:
            empty = not collection_of(window, company).sources
            notes += _notes(window, company, empty=empty)
        except (AudienceConflict, ConfigurationError) as error:
            faults.append(Fault(_file(window, company), None, f"knowledge: {error}"))
    accounts = load_channels(company, environment, loaded.windows)
    return Report(loaded.windows, (*faults, *accounts.faults), (*notes, *accounts.notes))


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
    for key in LATER_KEYS:
        if names := ", ".join(getattr(window, key)):
            yield Fault(
                file, None, f"{key}: {names}: accepted, but not active yet; a later version brings them to life"
            )


def _no_files(pattern: str, window: Window) -> str:
    target = window.file.parent / Path(pattern).expanduser()
    if target.is_dir():
        return f"{pattern} is a folder; to read all files in it write  {pattern.rstrip('/')}/**/*"
    return f"{pattern} matches no file; a path starts at the folder of the window file"


def _file(window: Window, company: Path) -> str:
    return window.file.relative_to(company).as_posix()
