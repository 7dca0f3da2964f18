"""A free text while values are taken out of it."""

from bots.windows.modes.field import FieldSpec
from bots.windows.modes.meaning import Context, NotUnderstood, Value
from bots.windows.modes.parsing import parse
from bots.windows.modes.plain import alike, level

GONE = "\0"
"""Stands for each character that was taken."""


class Remainder:
    """What is left of a text, in three ways of writing. What is taken is blanked, so that places stay the same."""

    def __init__(self, text: str) -> None:
        self.text = text.replace(GONE, " ")
        self.level, self.alike = level(self.text), alike(self.text)

    def take(self, start: int, stop: int) -> None:
        """Blank what lies between."""
        blank = GONE * (stop - start)
        self.text = self.text[:start] + blank + self.text[stop:]
        self.level = self.level[:start] + blank + self.level[stop:]
        self.alike = self.alike[:start] + blank + self.alike[stop:]


def accepted(field: FieldSpec, text: str, context: Context) -> Value | None:
    """Return the value that the text is for the field, None if it is none."""
    try:
        return parse(field, text, context)
    except NotUnderstood:
        return None
