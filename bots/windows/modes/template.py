"""Texts with ``{name}`` in them. Nothing but names: no attributes, no formats; what is filled in is not read again.

Not ``str.format``, for which ``{person.__class__}`` is a way into the program.
"""

import re
from collections.abc import Callable, Collection, Mapping

MISSING = "–"
"""Stands where a value is not given."""

_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}", re.IGNORECASE)
_SHOWN = 30  # characters of a wrong name that are quoted


class TemplateError(ValueError):
    """A template cannot be filled in. The message is a sentence for whoever wrote the file."""


def names_in(template: str) -> tuple[str, ...]:
    """Return the names that the template refers to, each once. Raises TemplateError for any other brace."""
    names = [_name(match) for match in _BRACES.finditer(template) if match[0] not in ("{{", "}}")]
    return tuple(dict.fromkeys(names))


def check(template: str, names: Collection[str]) -> None:
    """Raise TemplateError if the template refers to something else than these names."""
    for name in names_in(template):
        if name not in names:
            known = ", ".join(sorted(names)) or "none"
            raise TemplateError(f"{{{name}}} is not known here; the names are: {known}")


def fill_in(template: str, values: Mapping[str, object], shown: Callable[[str, object], str] | None = None) -> str:
    """Return the template with its names filled in; what is not given is a dash.

    ``shown`` turns a name and its value into text (a label, a percent-encoded part of an address); left out: ``str``.
    """

    def put(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        name = match["name"]
        if name is None or not _NAME.fullmatch(name):
            return match[0]
        value = values.get(name)
        if value is None or value == "":
            return MISSING
        return shown(name, value) if shown else str(value)

    return _BRACES.sub(put, template)


def _name(match: re.Match[str]) -> str:
    name = match["name"]
    if name is None:
        raise TemplateError(f"there is a lone {match[0]}; write {match[0] * 2} where the brace itself is meant")
    if not _NAME.fullmatch(name):
        raise TemplateError(
            f"{{{name[:_SHOWN]}}} is no name; only {{name}} of letters, digits and _ can stand in braces"
        )
    return str(name)
