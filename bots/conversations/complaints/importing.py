"""Brings reviews and posts in: each once, whichever file it comes in; all of a file or nothing.

A row's feeling is what its stars say, else what its words do. Its theme is the file's, else the nearest of the form's
by its words and those of earlier complaints, else a word it shares with others that have none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from bots.conversations.complaints import store
from bots.conversations.complaints.csv_file import Row
from bots.conversations.complaints.form_parts import complaint_forms, themes_of
from bots.conversations.complaints.sentiment import feeling, starred
from bots.conversations.complaints.store import NewComplaint
from bots.conversations.complaints.themes import Theme, Themes, telling
from bots.windows.model import Window

_EXAMPLES = 5_000  # of earlier complaints, the newest, that themes are told by
_AT_ONCE = 1_000
_SOURCE_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Imported:
    """How many complaints are new, how many were there already, and which of the new ones are negative, by id."""

    new: int
    known: int
    negative: tuple[int, ...]


def complaints_of(rows: Iterable[Row], file: str, window: Window, now: datetime) -> list[NewComplaint]:
    """Return a file's rows as complaints of a window; those of no theme in the file have none yet."""
    return [_complaint(row, file[:_SOURCE_LONGEST], window.name, now) for row in rows]


def bring_in(owner: psycopg.Connection, window: Window, complaints: Sequence[NewComplaint]) -> Imported:
    """Keep the complaints that are not there yet and group them, in one transaction."""
    with owner.transaction():
        known = store.known_keys(owner, [one.source_key for one in complaints])
        new = 0
        for start in range(0, len(complaints), _AT_ONCE):
            new += store.add_imported(owner, complaints[start : start + _AT_ONCE])
        group(owner, window)
        keys = [one.source_key for one in complaints if one.source_key not in known and one.sentiment == "negative"]
        return Imported(new, len(complaints) - new, tuple(store.ids(owner, keys)))


def group(owner: psycopg.Connection, window: Window) -> int:
    """Give the window's complaints that have no theme one, if their words say any; return how many now have one."""
    known = store.worded(owner, window.name, _EXAMPLES)
    bare = store.without_theme(owner, window.name)
    if not bare:
        return 0
    named_by_form = _themes(window)
    themes = Themes(named_by_form, [(one.theme, one.text) for one in known if one.theme_by == "person"])
    found = {one.id: themes.nearest(one.text) for one in bare}
    left = [one for one in bare if not found[one.id]]
    used = {one.theme for one in known if one.theme_by == "terms"} - {"", *(theme.value for theme in named_by_form)}
    words = telling([one.text for one in left], [one.text for one in known], sorted(used))
    found |= {one.id: word for one, word in zip(left, words, strict=True)}
    named = [(complaint, theme) for complaint, theme in found.items() if theme]
    with owner.transaction():
        store.set_themes(owner, named)
    return len(named)


def _themes(window: Window) -> list[Theme]:
    names = complaint_forms(window.forms)
    found = {theme.value: theme for name in names for theme in themes_of(window.forms[name])}
    return list(found.values())


def _complaint(row: Row, file: str, window: str, now: datetime) -> NewComplaint:
    felt = feeling(row.text) if row.stars is None else starred(row.stars)
    key = f"import:{window}:{row.key}"
    at = row.at or now
    return NewComplaint(
        submission=None,
        reader=key,
        source=f"import:{file}",
        source_key=key,
        channel=row.channel or "import",
        at=at,
        window=window,
        product=row.product or None,
        text=row.text,
        theme=row.theme,
        theme_by="person" if row.theme else "terms",
        sentiment=felt.sentiment,
        score=felt.score,
        answer=row.answer,
        closed_at=at if row.answer else None,
    )
