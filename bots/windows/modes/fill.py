"""Values taken out of free text: "幫我請明天下午的特休" has the kind, the beginning and the end.

A field is filled only if what is meant is certain, and only with what ``parse`` would take. Texts are filled only where
they are introduced (事由：…, 因為…), numbers only where nothing else could be meant or where they stand at the field's
label. Each value is taken out of the text before the next is looked for, so that the 5 of 5/12 is no amount.
"""

from collections.abc import Iterator, Sequence

from bots.windows.modes.dates import LONGEST
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.fill_amounts import amounts
from bots.windows.modes.fill_choices import Mention, mentions
from bots.windows.modes.fill_dates import fill_dates
from bots.windows.modes.fill_words import labelled_texts, patterned, people, reasons
from bots.windows.modes.meaning import Context, Value
from bots.windows.modes.remainder import Remainder, accepted


def fill(fields: Sequence[FieldSpec], text: str, context: Context) -> dict[str, Value]:
    """Return the values of the fields that the text has for certain. Never raises; files are never filled.

    Of a longer text the first 2,000 characters are read.
    """
    rest = Remainder(text[:LONGEST])
    values: dict[str, Value] = {}
    for found in _steps(fields, rest, values, context):
        values |= dict(found)
    return {field.name: values[field.name] for field in fields if field.name in values}


def _steps(
    fields: Sequence[FieldSpec], rest: Remainder, values: dict[str, Value], context: Context
) -> Iterator[Iterator[tuple[str, Value]]]:
    """Yield what each step finds, in an order in which no step takes what belongs to another."""

    def left() -> list[FieldSpec]:
        return [field for field in fields if field.name not in values]

    yield labelled_texts(left(), rest, context)
    yield reasons(left(), rest, context)
    yield patterned(left(), rest, context)
    yield _chosen(left(), rest, context)
    dates = fill_dates(left(), rest.level, context)
    yield iter(dates.values.items())
    for start, stop in dates.spans:
        rest.take(start, stop)
    yield people(left(), rest, context)
    yield amounts(left(), rest, dates.lengths, context)


def _chosen(fields: Sequence[FieldSpec], rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    """Take the options that are mentioned, where a mention can be of one field only."""
    found = {field.name: mentions(field, rest.alike) for field in fields if field.choices}
    for field in fields:
        mine = found.get(field.name, [])
        others = [one for name, of_other in found.items() if name != field.name for one in of_other]
        options = list(dict.fromkeys(one.option.value for one in sorted(mine, key=lambda one: one.start)))
        if not mine or _overlap(mine, others) or (field.type == "choice" and len(options) > 1):
            continue
        value = accepted(field, "、".join(options), context)
        if value in (options[0], tuple(options)):
            for one in mine:
                rest.take(one.start, one.stop)
            yield field.name, value


def _overlap(mine: Sequence[Mention], others: Sequence[Mention]) -> bool:
    return any(one.start < other.stop and other.start < one.stop for one in mine for other in others)
