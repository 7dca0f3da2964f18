"""Which files a window knows, and who may read each of them."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path

from bots.windows.model import KnowledgeEntry, Window
from rag_core.errors import AudienceConflict, ConfigurationError
from rag_core.types import Collection, Source

_WILD = re.compile(r"[*?\[]")
_NOT_DOCUMENTS = ("~$", "Thumbs.db", "desktop.ini")  # Office's lock files and what Windows leaves behind


@dataclass(frozen=True, slots=True)
class _Claim:
    """An entry says that its audience may read this file."""

    source: Source
    place: str
    pattern: str


def collection_of(window: Window, company: Path) -> Collection:
    """Return all files of the window with their audiences, sorted by name, each real file once.

    Raises AudienceConflict if two entries give one file different audiences, and ConfigurationError for a folder
    that may not be read: both stop the window, because guessing could show a document to the wrong people.
    """
    claims: dict[str, _Claim] = {}
    for claim in sorted(_claims(window, company), key=lambda claim: claim.source.name):
        earlier = claims.setdefault(os.path.realpath(claim.source.path), claim)
        if earlier.source.audience != claim.source.audience:
            raise AudienceConflict(_conflict(earlier, claim))
    sources = tuple(claim.source for claim in claims.values())
    return Collection(window.name, sources, window.leaves_company)


def files_of(entry: KnowledgeEntry, window: Window) -> tuple[Path, ...]:
    """Return the files that one entry's pattern matches, sorted. Raises ConfigurationError for an unreadable folder.

    ``*``, ``?`` and ``[…]`` match within a name in either case, ``**`` any number of folders, linked ones too. Hidden
    files are matched only by a pattern that begins with a dot.
    """
    try:
        return tuple(sorted(set(_expand(*_anchored(entry.path, window)))))
    except (OSError, RuntimeError, ValueError) as error:  # ValueError and RuntimeError: no path of this machine
        reason = error.strerror if isinstance(error, OSError) else error
        place = getattr(error, "filename", None) or entry.path
        raise ConfigurationError(
            f"{place} cannot be read ({reason}). Give Transom the right to read it, or take it out of the window's"
            " knowledge."
        ) from error


def _claims(window: Window, company: Path) -> Iterator[_Claim]:
    for entry, line in zip(window.knowledge, window.knowledge_lines, strict=True):
        audience = frozenset(entry.audience or window.serves)
        place = f"{_name(window.file, company, absolute=False)}:{line}"
        files = files_of(entry, window)
        absolute = Path(entry.path).expanduser().is_absolute()
        for path in files:
            yield _Claim(Source(path, _name(path, company, absolute), audience), place, entry.path)


def _conflict(one: _Claim, other: _Claim) -> str:
    told = " and ".join(
        f"[{', '.join(sorted(claim.source.audience))}] by {claim.place} ({claim.pattern})" for claim in (one, other)
    )
    return (
        f"{one.source.name} is given different audiences: {told}. Nothing of this window is read until both say the"
        " same, or one pattern leaves the file out."
    )


def _anchored(pattern: str, window: Window) -> tuple[Path, tuple[str, ...]]:
    """Split a pattern into the folder to start from and the parts below it, with ``..`` taken as written."""
    start = _absolute(window.file.parent / Path(pattern).expanduser())
    parts = start.parts
    fixed = next((index for index, part in enumerate(parts) if _WILD.search(part)), len(parts))
    rest = parts[fixed:]
    return Path(*parts[:fixed]), (*rest, "*") if rest and rest[-1] == "**" else rest


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 resolve() would follow links, which people do not see


def _expand(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    if not parts:
        if folder.is_file() and not folder.name.startswith(_NOT_DOCUMENTS):
            yield folder
        return
    first, *others = parts
    rest = tuple(others)
    if first == "**":
        for below in _folders_below(folder, frozenset()):
            yield from _expand(below, rest)
    elif not _WILD.search(first) or os.path.lexists(folder / first):  # a name may really hold [ ]
        yield from _expand(folder / first, rest)
    else:
        for entry in _matching(folder, first):
            yield from _expand(entry, rest)


def _matching(folder: Path, pattern: str) -> Iterable[Path]:
    matches = re.compile(translate(pattern), re.IGNORECASE).match
    hidden = pattern.startswith(".")
    return [path for path in _entries(folder) if matches(path.name) and (hidden or not path.name.startswith("."))]


def _folders_below(folder: Path, above: frozenset[str]) -> Iterator[Path]:
    """Yield the folder and all below it. A link that leads back to a folder above it ends there."""
    real = os.path.realpath(folder)
    if real in above or not folder.is_dir():
        return
    yield folder
    for entry in _entries(folder):
        if entry.is_dir() and not entry.name.startswith("."):
            yield from _folders_below(entry, above | {real})


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _name(path: Path, company: Path, absolute: bool) -> str:
    """Return the path below the company folder, or for a file outside the way its entry points to it."""
    full, root = _absolute(path), _absolute(company)
    shown = str(full) if absolute and not full.is_relative_to(root) else os.path.relpath(full, root)
    return _printable(Path(shown).as_posix())


def _printable(name: str) -> str:
    """Turn the bytes of a name that is not UTF-8 (unzipped from an old Windows, say) into characters."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "cp950"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="backslashreplace")
