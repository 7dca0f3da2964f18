"""Who may fill in which form, decided anew for every message and tap. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bots.windows.model import Window
from bots.windows.modes.form import Form


@dataclass(frozen=True, slots=True)
class Open:
    """A form that is open to somebody."""

    window: Window
    name: str
    form: Form


def find(windows: Sequence[Window], groups: frozenset[str], person: str | None, reference: str) -> Open | str:
    """Return the form "window/name" of these windows, or the sentence's key that says why it is not open.

    ``person``: the employee number of whoever asks, None for a customer.
    """
    window_name, _, name = reference.partition("/")
    window = next((one for one in windows if one.name == window_name), None)
    if window is None:
        return "not_served" if person else "not_served_bind"
    form = window.forms.get(name)
    if form is None:
        return "gone"
    if form.serves is not None and not groups & frozenset(form.serves):
        return "not_served" if person else "not_served_bind"
    if person is None and not form.anonymous:
        return "bind_first"
    return Open(window, name, form)
