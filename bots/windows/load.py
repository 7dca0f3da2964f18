"""Reads the window files of a company. One broken file does not stop the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bots.errors import WindowFileError
from bots.windows.faults import Fault, FileKind, line_of, model_faults
from bots.windows.model import DEPARTMENTS, Contact, KnowledgeEntry, SlackChannel, Window, WindowChannels, WindowFile
from bots.windows.yaml_file import read_yaml

_TO_START = "begin one with:  transom windows new NAME --documents FOLDER"
_WINDOW_FILE = FileKind(
    noun="a window file",
    sample="serves: [employees]",
    outline="name: hr, department: 人, title: …, serves: [employees], a line each",
    models={
        "": WindowFile,
        "contact": Contact,
        "knowledge": KnowledgeEntry,
        "channels": WindowChannels,
        "channels.slack": SlackChannel,
    },
    examples={
        "name": "name: hr",
        "department": "department: 人",
        "title": "title: {zh-TW: 人資窗口, en: HR desk}",
        "serves": "serves: [employees]",
        "persona": "persona: 你是 A 公司的人資窗口，語氣親切。",
        "contact": "contact: {name: 人資部, email: hr@a-company.example}",
        "knowledge": "knowledge:  and below it  - {path: ../documents/hr/*.pdf}",
        "knowledge[]": "- {path: ../documents/hr/*.pdf}",
        "knowledge.path": "- {path: ../documents/hr/*.pdf}",
        "knowledge.audience": "- {path: ../documents/hr/managers/*.md, audience: [managers, hr]}",
        "knowledge.may_leave_company": "may_leave_company: true",
        "may_leave_company": "may_leave_company: true",
        "lookups": "lookups: {leave_balance: {sql: leave_balance.sql}}",
        "forms": "forms: {leave: {title: 請假單}}",
        "notifications": "notifications: {clock_in: {text: 記得打卡。}}",
        "questions": "questions: [特休有幾天？, 加班費怎麼算？]",
        "contributors": "contributors: [hr]",
        "channels": 'channels: {slack: [{channel: "#ask-hr", groups: [employees]}], line: [a-company-staff]}',
        "channels.line_pushes": "line_pushes: 200",
    },
    literals={
        "department": f'is "{{input}}", but must be one of {" ".join(DEPARTMENTS)}',
        "title": 'has the language "{input}", but the languages are zh-TW and en',
    },
)


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
    """Return the windows that can be read and every fault. Raises WindowFileError if there is no window file at all."""
    windows: list[Window] = []
    faults: list[Fault] = []
    for path in _window_files(company):
        loaded = _load(path, path.relative_to(company).as_posix())
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


def _load(path: Path, shown: str) -> Window | list[Fault]:
    content = read_yaml(path, shown, _WINDOW_FILE)
    if isinstance(content, Fault):
        return [content]
    try:
        parsed = WindowFile.model_validate(content)
    except ValidationError as error:
        return model_faults(shown, error.errors(), content, _WINDOW_FILE)
    lines = tuple(line_of(content, ("knowledge", index)) for index in range(len(parsed.knowledge)))
    if faults := list(_contradictions(shown, parsed, lines)):
        return faults
    return Window.model_validate({**dict(parsed), "file": path, "knowledge_lines": lines})


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
