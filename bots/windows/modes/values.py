"""A field's value: read from what somebody wrote, shown to them again, kept as JSON, and held against the other fields.

The one module that others need: parsing.py reads an answer, fill.py takes values out of free text, showing.py shows and
keeps them, rules.py holds them against one another, choosing.py has the choices that a look-up gives.
"""

from bots.windows.modes.choosing import with_choices
from bots.windows.modes.fill import fill
from bots.windows.modes.meaning import Context, NotUnderstood, People, PersonRef, Value, nobody
from bots.windows.modes.parsing import parse
from bots.windows.modes.rules import computed, missing, problems
from bots.windows.modes.showing import from_json, shown, to_json

__all__ = [
    "Context",
    "NotUnderstood",
    "People",
    "PersonRef",
    "Value",
    "computed",
    "fill",
    "from_json",
    "missing",
    "nobody",
    "parse",
    "problems",
    "shown",
    "to_json",
    "with_choices",
]
