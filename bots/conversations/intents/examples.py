"""What the recogniser learns from: the windows' examples, how their look-ups and forms are called, what is neither."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bots.conversations.intents.counterexamples import ABOUT, ABOUT_EN, ABOUT_WORK, ASKED, CHATTER
from bots.conversations.modes import Intent
from bots.windows.model import Window
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Form
from bots.windows.modes.lookup import Lookup
from bots.windows.parts import title_in

# How much a text counts beside an example, which is what people say.
_TITLE, _LABELS, _OPTION, _ABOUT = 0.5, 0.3, 0.2, 0.6
_ABOUTS, _ABOUTS_EN = 6, 2  # questions about each thing
_DESK = re.compile(r"窗口$| desk$", re.IGNORECASE)
_CALLED = re.compile(r"（.*?）|\(.*?\)|單$")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it asks for. ``intent`` None: a question, or nothing. ``window`` "": of no window."""

    text: str
    window: str = ""
    intent: Intent | None = None
    weight: float = 1.0
    serves: frozenset[str] | None = None
    """The groups that may use it; None: all that the window serves."""


def examples_of(windows: Iterable[Window]) -> Iterator[Example]:
    """Yield all there is to learn from."""
    for window in windows:
        yield from (Example(question, window.name) for question in window.questions)
        for name, lookup in window.lookups.items():
            if lookup.examples:
                yield from _of(window, Intent("lookup", window.name, name), lookup, lookup.slots)
        for name, form in window.forms.items():
            if form.examples:
                yield from _of(window, Intent("form", window.name, name), form, form.fields)
    yield from (Example(text) for text in (*CHATTER, *ASKED, *ABOUT_WORK))


def _of(window: Window, intent: Intent, part: Lookup | Form, fields: Sequence[FieldSpec]) -> Iterator[Example]:
    serves = frozenset(part.serves) if part.serves else None
    titles = [_CALLED.sub("", title).strip() or title for title in (part.title or {}).values()]

    def example(text: str, weight: float) -> Example:
        return Example(text, intent.window, intent, weight, serves)

    yield from (example(text, 1.0) for text in part.examples)
    yield from (example(title, _TITLE) for title in titles)
    desk = _DESK.sub("", title_in(window.title, "zh-TW"))
    yield from (example(f"{desk} {title}", _LABELS) for title in titles[:1])
    yield example(_labels(part, titles, fields), _LABELS)
    for label in dict.fromkeys(title_in(option.label, "zh-TW") for field in fields for option in field.choices):
        yield example(f"{label} {titles[0]}" if titles else label, _OPTION)
    for title in titles:
        yield from (Example(text, intent.window, None, _ABOUT, serves) for text in _asked_about(title))


def _labels(part: Lookup | Form, titles: Sequence[str], fields: Sequence[FieldSpec]) -> str:
    headings = part.columns.values() if isinstance(part, Lookup) else ()
    options = (label for field in fields for option in field.choices for label in option.label.values())
    return " ".join((*titles, *(label for field in fields for label in field.label.values()), *options, *headings))


def _asked_about(title: str) -> Iterator[str]:
    """Yield some of the questions one may ask about the thing: other ones for each, since all would be too many."""
    templates, count = (ABOUT_EN, _ABOUTS_EN) if title.isascii() else (ABOUT, _ABOUTS)
    first = sum(map(ord, title))
    yield from (templates[(first + 5 * step) % len(templates)].format(title.lower()) for step in range(count))
