"""How a value that was not understood is told: with what was written, and an example of what is right."""

from collections.abc import Sequence
from typing import Never

from bots.messages import Language
from bots.windows.modes.field import FieldSpec, Option
from bots.windows.modes.meaning import Context, NotUnderstood
from bots.windows.modes.texts import say

_QUOTED = 30  # characters of what somebody wrote
_LISTED = 12  # options


def refuse(field: FieldSpec, text: str, context: Context, key: str, **values: object) -> Never:
    """Raise NotUnderstood with the sentence ``key``."""
    given = {"label": field.label_in(context.language), "text": quoted(text), "example": example(field, context)}
    raise NotUnderstood(say(context.language, key, **{**given, **values}))


def quoted(text: str) -> str:
    """Return the text as a sentence may quote it: in one line, and not all of a long one."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1] + "…"


def example(field: FieldSpec, context: Context) -> str:
    """Return what a right value looks like: the file's example, or one of ours."""
    if field.example or field.type in ("choice", "choices", "file"):
        return field.example or listed(field.choices, context.language)
    return say(context.language, f"example_{field.type}")


def listed(options: Sequence[Option], language: Language) -> str:
    """Return the options' labels in one line, the first ones if there are many."""
    separator = "、" if language == "zh-TW" else ", "
    line = separator.join(option.label_in(language) for option in options[:_LISTED])
    return say(language, "more", options=line, count=len(options)) if len(options) > _LISTED else line
