"""Amounts in free text: money by its sign, numbers by their label or counter, or because nothing else can be meant."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bots.windows.modes.amounts import written
from bots.windows.modes.clocks import HOUR, Length
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.labels import introductions, names_of
from bots.windows.modes.meaning import Context, Value
from bots.windows.modes.moments import Stretch
from bots.windows.modes.numerals import NUMBER
from bots.windows.modes.remainder import Remainder, accepted

_SIZES = ("number", "money")
_SIGN = r"(?:nt\$?|ntd|twd|\$|新?[台臺]幣)"
_COUNTERS = "個人位名件份張台臺部輛組次包箱支隻本瓶間套片盒袋條頁雙把顆粒桶批晚家"
_MONEY = re.compile(
    rf"{_SIGN}\s?(?:{NUMBER})|(?<![\da-z.,])(?:{NUMBER})\s?(?:元|twd|ntd|dollars)"
    rf"|(?<![\da-z.,])\d{{1,6}}(?:\.\d{{1,2}})?\s?[萬千](?:\d(?!\d))?(?![{_COUNTERS}天元])"
)
_COUNT = re.compile(
    rf"(?<![\da-z.,/#:-])(?:{NUMBER})\s?(?P<counter>個人|[{_COUNTERS}]|people|persons|pcs|pieces)(?![月a-z])"
)
_OF_PEOPLE = ("個人", "人", "位", "名", "people", "persons")
_PEOPLE = re.compile(r"人|位|people|persons|attend|guests|seats")
_ANY = re.compile(r"數量|quantity|how many")
_BARE = re.compile(
    r"(?<![\da-z.,/:#@_-])(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,2})?"
    r"(?![\da-z/:#@_-]|[,.]\d|\s?[樓號期版代折%年月日點時分天小週棟房室])"
)
_AT_LABEL = re.compile(rf"\s?(?:共|約|大約|總共)?\s?(?:{_SIGN}\s?)?(?:{NUMBER})\s?(?:元|[{_COUNTERS}]|小時|天)?")
_HOURS = re.compile(r"時數|小時|鐘頭|hour")
_DAYS = re.compile(r"天數|日數|幾天|days")


def amounts(
    fields: Sequence[FieldSpec], rest: Remainder, lengths: Sequence[Stretch], context: Context
) -> Iterator[tuple[str, Value]]:
    """Take the numbers and the money that are meant for certain."""
    asking = [field for field in fields if field.type in _SIZES]
    done: set[str] = set()
    for name, value in _all(asking, rest, lengths, done, context):
        done.add(name)
        yield name, value


def _all(
    asking: Sequence[FieldSpec], rest: Remainder, lengths: Sequence[Stretch], done: set[str], context: Context
) -> Iterator[tuple[str, Value]]:
    for field in asking:
        yield from _at_label(field, rest, context)
    yield from _by_length(_left(asking, done, "number"), lengths, context)
    yield from _the_only(_left(asking, done, "money"), _MONEY, rest, context)
    yield from _by_counter(_left(asking, done, "number"), rest, context)
    yield from _the_only(_left(asking, done, *_SIZES), _BARE, rest, context)


def _left(asking: Sequence[FieldSpec], done: set[str], *types: str) -> list[FieldSpec]:
    return [field for field in asking if field.type in types and field.name not in done]


def _at_label(field: FieldSpec, rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    spots = [(start, hit) for start, at in introductions(field, rest.level) if (hit := _AT_LABEL.match(rest.level, at))]
    if len(spots) == 1:
        start, hit = spots[0]
        if (value := accepted(field, hit[0], context)) is not None:
            rest.take(start, hit.end())
            yield field.name, value


def _by_length(
    fields: Sequence[FieldSpec], lengths: Sequence[Stretch], context: Context
) -> Iterator[tuple[str, Value]]:
    """Fill hours and days by what was said as a length of time: 加班三小時."""
    if len(lengths) != 1:
        return
    for pattern, count in ((_HOURS, _hours(lengths[0].length)), (_DAYS, lengths[0].length.days)):
        asking = [field for field in fields if any(map(pattern.search, names_of(field)))]
        if count is not None and len(asking) == 1:
            value = accepted(asking[0], written(count), context)
            if value is not None:
                yield asking[0].name, value


def _hours(length: Length) -> Decimal | None:
    return None if length.minutes is None else round(length.minutes / HOUR, 2)


def _by_counter(fields: Sequence[FieldSpec], rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    """Fill a number by what it counts: 8個人 is 人數, 2晚 is 住宿晚數. 一個 is no number, but "a"."""
    counted = [hit for hit in _COUNT.finditer(rest.level) if not hit[0].startswith("一個") or hit["counter"] == "個人"]
    for field in fields:
        mine = [hit for hit in counted if _counts(field, hit["counter"])]
        if len(mine) == 1 and (value := accepted(field, mine[0][0], context)) is not None:
            rest.take(*mine[0].span())
            yield field.name, value


def _counts(field: FieldSpec, counter: str) -> bool:
    names = names_of(field)
    if counter in _OF_PEOPLE:
        return any(map(_PEOPLE.search, names))
    return any(counter in name or _ANY.search(name) for name in names)


def _the_only(
    fields: Sequence[FieldSpec], pattern: re.Pattern[str], rest: Remainder, context: Context
) -> Iterator[tuple[str, Value]]:
    """Fill the one field that can have it by the one number of this form there is."""
    found = list(pattern.finditer(rest.level))
    if len({hit[0] for hit in found}) != 1:
        return
    values = [(field.name, accepted(field, found[0][0], context)) for field in fields]
    taking = [(name, value) for name, value in values if value is not None]
    if len(taking) == 1:
        for hit in found:
            rest.take(hit.start(), hit.end())
        yield taking[0]
