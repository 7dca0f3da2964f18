"""Reads ``examples/WINDOW.txt`` of the company: how people ask for the window's look-ups and forms, a line each.

A window file can name a few; what people really write is worth many, and a list that anybody may edit::

    [leave]
    我要請假
    下禮拜三下午要去看牙
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from bots.windows.faults import Fault
from bots.windows.model import Window
from bots.windows.modes.form import Form
from bots.windows.modes.lookup import Lookup

FOLDER = "examples"

_HEADING = re.compile(r"\[\s*(.*?)\s*\]")
_LONGEST = 120  # characters; a longer message is taken for a story, so a longer example would never be met

_Line = tuple[int, str, str]  # its number, the heading above it, its text


def with_examples(window: Window, company: Path) -> Window | list[Fault]:
    """Return the window with what its file adds, or what is wrong in the file. Without a file nothing is added."""
    path = company / FOLDER / f"{window.name}.txt"
    if not path.exists():
        return window
    shown = path.relative_to(company).as_posix()
    try:
        lines = list(_lines(path.read_bytes().decode("utf-8-sig")))
    except UnicodeDecodeError:
        return [Fault(shown, None, "is not UTF-8; save it again as UTF-8")]
    except OSError as error:
        return [Fault(shown, None, f"the file cannot be read ({error.strerror})")]
    if faults := [Fault(shown, number, trouble) for number, trouble in _troubles(lines, window)]:
        return faults
    more: dict[str, list[str]] = {}
    for _, heading, text in lines:
        more.setdefault(heading, []).append(text)
    return _with(window, more)


def unknown_files(windows: Collection[Window], company: Path) -> Iterator[Fault]:
    """Yield the files that are no window's."""
    names = {window.name for window in windows}
    for path in sorted((company / FOLDER).glob("*.txt")):
        if path.stem not in names:
            yield Fault(f"{FOLDER}/{path.name}", None, f"no window in use is called {path.stem}, so nobody reads it")


def _lines(text: str) -> Iterator[_Line]:
    """Yield the examples; blank lines and what follows # at a line's beginning are passed over."""
    heading = ""
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if found := _HEADING.fullmatch(plain):
            heading = found[1]
            yield number, heading, ""
        elif plain and not plain.startswith("#"):
            yield number, heading, plain


def _troubles(lines: Sequence[_Line], window: Window) -> Iterator[tuple[int, str]]:
    names = [*window.lookups, *window.forms]
    for number, heading, text in lines:
        if not heading:
            yield number, f"stands below no heading; write above it, for example,  [{(*names, 'leave')[0]}]"
        elif not text and heading not in names:
            close = get_close_matches(heading, names, 1)
            hint = f"did you mean  [{close[0]}]?" if close else f"it has {', '.join(names) or 'none'}"
            yield number, f"[{heading}]: {window.name} has no look-up or form of this name; {hint}"
        elif len(text) > _LONGEST:
            yield number, f"is longer than {_LONGEST} characters, so no message is like it; shorten it"


def _with(window: Window, more: Mapping[str, Sequence[str]]) -> Window:
    lookups = {
        name: lookup.model_copy(update=_longer(lookup, more.get(name))) for name, lookup in window.lookups.items()
    }
    forms = {name: form.model_copy(update=_longer(form, more.get(name))) for name, form in window.forms.items()}
    return window.model_copy(update={"lookups": lookups, "forms": forms})


def _longer(part: Lookup | Form, more: Sequence[str] | None) -> Mapping[str, tuple[str, ...]]:
    return {"examples": (*part.examples, *filter(None, more or ()))}
