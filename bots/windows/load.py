"""Reads the window files of a company. One broken file does not stop the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bots.errors import WindowFileError
from bots.windows.calendar_file import load_calendar
from bots.windows.examples_file import with_examples
from bots.windows.faults import Fault, in_order, line_of, model_faults
from bots.windows.model import DEPARTMENTS, Window, WindowFile
from bots.windows.modes.check import mode_faults
from bots.windows.modes.workdays import Calendar
from bots.windows.window_file import WINDOW_FILE
from bots.windows.yaml_file import read_yaml

_TO_START = "begin one with:  transom windows new NAME --documents FOLDER"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The windows that could be read, in the company's order, and what is wrong with the others."""

    windows: tuple[Window, ...]
    faults: tuple[Fault, ...]


def load_windows(company: Path) -> tuple[Window, ...]:
    """Return all windows of the company, in the order of its departments (產銷人發財資) and then of their names.

    Raises WindowFileError, with a line a fault, if any file is wrong or there is no window.
    """
    loaded = load_company(company)
    if loaded.faults:
        raise WindowFileError("\n".join(str(fault) for fault in loaded.faults))
    return loaded.windows


def load_company(company: Path) -> Loaded:
    """Return the windows that can be read and every fault, those of ``calendar.csv`` too.

    Raises WindowFileError if there is no window file at all.
    """
    windows: list[Window] = []
    calendar, wrong_days = load_calendar(company)
    faults: list[Fault] = list(wrong_days)
    for path in _window_files(company):
        loaded = _load(path, company, calendar)
        if isinstance(loaded, Window):
            windows.append(loaded)
        else:
            faults.extend(loaded)
    unique, repeated = _split_repeats(windows, company)
    ordered = sorted(unique, key=lambda window: (DEPARTMENTS.index(window.department), window.name))
    return Loaded(tuple(ordered), (*faults, *repeated))


def _window_files(company: Path) -> list[Path]:
    folder = company / "windows"
    if not company.is_dir():
        raise WindowFileError(
            f"There is no company folder {company}. Set TRANSOM_COMPANY to the company's folder, or {_TO_START}"
        )
    if not folder.is_dir():
        raise WindowFileError(f"{company} has no folder windows/; {_TO_START}")
    try:
        files = sorted(path for path in folder.iterdir() if _is_window_file(path))
    except OSError as error:
        raise WindowFileError(f"{folder} cannot be read ({error.strerror}).") from error
    if not files:
        raise WindowFileError(f"{folder} holds no window file (*.yaml); {_TO_START}")
    return files


def _is_window_file(path: Path) -> bool:
    return path.suffix.lower() in (".yaml", ".yml") and not path.name.startswith((".", "~"))


def _load(path: Path, company: Path, calendar: Calendar) -> Window | list[Fault]:
    """Return the window, or everything that is wrong with it: one fault takes the whole window out of use.

    Half a window would be worse than none: people would be told that the form they know does not exist.
    """
    shown = path.relative_to(company).as_posix()
    content = read_yaml(path, shown, WINDOW_FILE)
    if isinstance(content, Fault):
        return [content]
    of_modes = mode_faults(shown, content, company)
    try:
        parsed = WindowFile.model_validate(content)
    except ValidationError as error:
        return in_order([*model_faults(shown, error.errors(), content, WINDOW_FILE), *of_modes])
    lines = tuple(line_of(content, ("knowledge", index)) for index in range(len(parsed.knowledge)))
    if faults := [*_contradictions(shown, parsed, lines), *of_modes]:
        return faults
    more = {"file": path, "knowledge_lines": lines, "calendar": calendar}
    return with_examples(Window.model_validate({**dict(parsed), **more}), company)


def _contradictions(shown: str, parsed: WindowFile, lines: Sequence[int]) -> Iterator[Fault]:
    """An entry alone cannot let documents leave: that is said once, where everybody sees it."""
    for entry, line in zip(parsed.knowledge, lines, strict=True):
        if entry.may_leave_company and not parsed.may_leave_company:
            yield Fault(
                shown,
                line,
                "knowledge.may_leave_company: counts only if the whole window says so too; write at the top"
                "  may_leave_company: true",
            )


def _split_repeats(windows: Sequence[Window], company: Path) -> tuple[list[Window], list[Fault]]:
    """Keep the first window of each name; the files are sorted, so it is always the same one."""
    first: dict[str, Window] = {}
    faults = []
    for window in windows:
        if (earlier := first.setdefault(window.name, window)) is not window:
            files = [one.file.relative_to(company).as_posix() for one in (window, earlier)]
            faults.append(Fault(files[0], None, f'name: "{window.name}" is taken by {files[1]}; give each its own'))
    return list(first.values()), faults
