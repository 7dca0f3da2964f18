"""Reads the window files of a company. One broken file does not stop the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from bots.errors import WindowFileError
from bots.windows.faults import Fault, line_of, model_faults, syntax_fault
from bots.windows.model import DEPARTMENTS, Window, WindowFile

_TO_START = "begin one with:  transom windows new NAME --documents FOLDER"
_OUTLINE = "name: hr, department: 人, title: …, serves: [employees], a line each"


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
    content = _read(path, shown)
    if isinstance(content, Fault):
        return [content]
    try:
        parsed = WindowFile.model_validate(content)
    except ValidationError as error:
        return model_faults(shown, error.errors(), content)
    lines = tuple(line_of(content, ("knowledge", index)) for index in range(len(parsed.knowledge)))
    if faults := list(_contradictions(shown, parsed, lines)):
        return faults
    return Window.model_validate({**dict(parsed), "file": path, "knowledge_lines": lines})


def _read(path: Path, shown: str) -> CommentedMap | Fault:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Fault(shown, line, "the file is not UTF-8; save it again as UTF-8 (in an editor: Save with encoding)")
    except OSError as error:
        return Fault(shown, None, f"the file cannot be read ({error.strerror})")
    return _parse(text, shown)


def _parse(text: str, shown: str) -> CommentedMap | Fault:
    try:
        content = YAML(typ="rt").load(text)
    except YAMLError as error:
        return syntax_fault(shown, error, text)
    except RecursionError:
        return Fault(shown, None, "the file is nested too deeply for a window file")
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # ruamel's own constructors raise these
        return Fault(shown, None, f"a value cannot be read ({error}); put it in quotes")
    return content if isinstance(content, CommentedMap) else _not_keys(content, shown)


def _not_keys(content: object, shown: str) -> Fault:
    if content is None:
        return Fault(shown, None, f"the file is empty; it needs {_OUTLINE}")
    if isinstance(content, str) and "：" in content:
        return Fault(shown, 1, "the colon is full-width (：); write it like  serves: [employees]")
    return Fault(shown, 1, f"the file must hold keys with values, not a list or a text; it needs {_OUTLINE}")


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
