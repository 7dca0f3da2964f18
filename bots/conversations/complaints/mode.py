"""Tells people of a complaint that concerns them, as it is by then: never who complained or how to reach them."""

from collections.abc import Mapping, Sequence

from bots.conversations.complaints import store
from bots.conversations.complaints.filing import COMPLAINT
from bots.conversations.complaints.form_parts import theme_field
from bots.conversations.complaints.store import Heard
from bots.conversations.complaints.texts import say
from bots.conversations.handled import Handled, Here
from bots.conversations.modes import Modes
from bots.messages import Card, Language, Reply
from bots.windows.model import Window
from bots.windows.modes.form import Form
from rag_core.database import Database

_SHOWN = 500  # characters of what happened
_HANDLED = ("waiting", "open")  # states in which somebody decides or works


class ComplaintMode:
    """Brings complaints into the conversation."""

    def __init__(self, database: Database, windows: Sequence[Window]) -> None:
        self._database = database
        self._windows: Mapping[str, Window] = {window.name: window for window in windows}

    def modes(self) -> Modes:
        """Return what this mode brings; ``bots.compose`` puts it together with the others'."""
        return Modes(notices={COMPLAINT: self.tell})

    def tell(self, here: Here, reference: str) -> Handled:
        """Tell of the complaint of this submission, if it still concerns the viewer and was not taken back."""
        number = int(reference) if reference.isascii() and reference.isdecimal() and len(reference) < 19 else None
        if number is None or here.viewer.person is None or not here.event.place.direct:
            return Handled(here.viewer)
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            found = store.heard(viewer, number)
        window = self._windows.get(found.window) if found else None
        form = window.forms.get(found.form) if window and found else None
        if found is None or window is None or form is None or found.state == "withdrawn":
            return Handled(here.viewer)
        return Handled(here.viewer, _reply(found, window, form, here.language), window=window.name)


def _reply(found: Heard, window: Window, form: Form, language: Language) -> Reply:
    title = say(language, "title", title=form.title_in(language), number=found.number)
    card = Card(title, "\n".join(_lines(found, form, language)))
    name = window.title_in(language)
    return Reply(say(language, "new", window=name), cards=(card,), window=name, language=language)


def _lines(found: Heard, form: Form, language: Language) -> list[str]:
    sentiment = say(language, found.sentiment)
    text = found.text if len(found.text) <= _SHOWN else found.text[: _SHOWN - 1] + "…"
    theme = _theme(found.theme, form, language)
    feels = "theme" if theme else "no_theme"
    return [
        say(language, feels, theme=theme, sentiment=sentiment),
        *([say(language, "product", product=found.product)] if found.product else []),
        say(language, "text", text=text),
        *([say(language, "handled")] if form.assign and found.state in _HANDLED else []),
    ]


def _theme(theme: str, form: Form, language: Language) -> str:
    """Return a theme as the form calls it in this language."""
    field = theme_field(form)
    choices = field.choices if field else ()
    return next((choice.label_in(language) for choice in choices if choice.value == theme), theme)
