"""Dates and times of free text, and which fields they are for.

A range, a part of a day and a day alone fill both of two fields of which one comes after the other; a single time fills
only the beginning. A moment that begins nothing has to have its time said. A day and a time that stand apart
(明天幫我訂兩點的會議室) belong together if there is nothing else. What could be meant in two ways fills nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from bots.windows.modes.clocks import EVENING, HOUR, Length
from bots.windows.modes.dates import NoMoment, looks_back, moment_at, time_at
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.labels import at_label
from bots.windows.modes.meaning import Context, Value
from bots.windows.modes.moments import Frame, Moment, Placed, Point, Stretch, gather, pieces_of
from bots.windows.modes.parsing import beside, ends
from bots.windows.modes.parsing import looks_back as field_looks_back
from bots.windows.modes.rules import in_order
from bots.windows.modes.workdays import Calendar

_TYPES = ("date", "time", "datetime")
_HALF = Decimal("0.5")
_MOST_DAYS = 60  # a longer stretch is not said in days
_DAYS_END = 30 * HOUR  # six in the morning after


@dataclass(frozen=True, slots=True)
class Dates:
    """What was filled, and where in the text dates and lengths of time stand, whether they filled anything or not."""

    values: Mapping[str, Value]
    spans: tuple[tuple[int, int], ...]
    lengths: tuple[Stretch, ...]


def fill_dates(fields: Sequence[FieldSpec], plain: str, context: Context) -> Dates:
    """Return the values of the dated fields that the levelled text has for certain."""
    pieces = tuple(pieces_of(plain, context.now.date()))
    found = gather(plain, Frame(context.now.date(), looks_back(plain)), pieces)
    spans = (*((one.start, one.stop) for one in found.moments), *((one.start, one.stop) for one in found.lengths))
    dated = [field for field in fields if field.type in _TYPES]
    if not dated or not found.moments or any(moment.wrong for moment in found.moments):
        return Dates({}, spans, found.lengths)
    values = dict(_Filling(dated, plain, pieces, context).values())
    wrong = _reversed(dated, values)
    return Dates({name: value for name, value in values.items() if name not in wrong}, spans, found.lengths)


def _reversed(fields: Sequence[FieldSpec], values: Mapping[str, Value]) -> set[str]:
    """Return the fields whose values are the wrong way round: then neither is certain."""
    wrong: set[str] = set()
    for field in fields:
        for rule, other in (("after", field.after), ("before", field.before)):
            both = field.name in values and other in values
            if other and both and not in_order(rule, values[field.name], values[other]):
                wrong |= {field.name, other}
    return wrong


def _pair(fields: Sequence[FieldSpec]) -> tuple[FieldSpec, FieldSpec] | None:
    """Return two fields as beginning and end, if that is what they are."""
    if len(fields) != 2:
        return None
    one, two = fields
    if two.after == one.name or one.before == two.name:
        return one, two
    return (two, one) if one.after == two.name or two.before == one.name else None


class _Filling:
    """One text with its dates, for the fields they may be for."""

    def __init__(self, fields: Sequence[FieldSpec], plain: str, pieces: Sequence[Placed], context: Context) -> None:
        self._fields, self._plain, self._pieces, self._context = fields, plain, pieces, context
        self._lengths = [piece for *_, piece in pieces if isinstance(piece, Length)]
        self._back = looks_back(plain)
        self._today = context.now.date()
        self._gathered: dict[Frame, Sequence[Moment]] = {}

    def values(self) -> Iterator[tuple[str, Value]]:
        """Yield the values that are certain."""
        labelled = dict(self._labelled())
        open_fields = [field for field in self._fields if field.name not in labelled]
        for field in self._fields:
            if field.name in labelled:
                start = labelled[field.name]
                moments = [one for one in self._moments([field]) if one.start == start]
                yield from self._single(field, _the_one(moments))
        for kind, group in _groups(open_fields).items():
            moments = [one for one in self._moments(group) if one.start not in labelled.values()]
            if moment := _the_one(moments):
                yield from self._spread(kind, group, moment)

    def _labelled(self) -> Iterator[tuple[str, int]]:
        """Yield the fields whose name stands right before a date, and where that is."""
        for field in self._fields:
            starts = [one.start for one in self._moments([field]) if at_label(field, self._plain, one.start)]
            if len(starts) == 1:
                yield field.name, starts[0]

    def _moments(self, fields: Sequence[FieldSpec]) -> Sequence[Moment]:
        """Return the moments as these fields have them: their days may have been, or come after another field's."""
        past = self._back or any(field_looks_back(field, "") for field in fields)
        since = beside(fields[0], self._context) if len(fields) == 1 and ends(fields[0]) else None
        frame = Frame(self._today, past, since)
        if frame not in self._gathered:
            self._gathered[frame] = gather(self._plain, frame, self._pieces).moments
        return self._gathered[frame]

    def _spread(self, kind: str, group: Sequence[FieldSpec], moment: Moment) -> Iterator[tuple[str, Value]]:
        both = _pair(group)
        if both and (prolonged := _prolonged(kind, moment, self._lengths, self._context.calendar)):
            first, last = both
            if kind != "date" and EVENING in ((point.begin, point.end) for point in (prolonged.first, prolonged.end)):
                return  # an evening has no hours of its own
            if not prolonged.only_last:
                yield from self._begin(kind, first, prolonged.first)
            if not prolonged.only_first and (prolonged.last or _has_end(kind, prolonged.first)):
                yield from self._end(kind, last, prolonged.end)
        elif len(group) == 1:
            yield from self._single(group[0], moment)

    def _single(self, field: FieldSpec, moment: Moment | None) -> Iterator[tuple[str, Value]]:
        if moment and ends(field) and not moment.only_first:
            yield from self._end(field.type, field, moment.end)
        elif moment and not ends(field) and self._is_certain(field, moment):
            yield from self._begin(field.type, field, moment.first)

    def _is_certain(self, field: FieldSpec, moment: Moment) -> bool:
        if moment.last and not _is_one_day(field, moment):
            return False
        return field.type == "date" or _is_exact(moment.first) or self._begins_something(field)

    def _begins_something(self, field: FieldSpec) -> bool:
        """Whether another field is the end, so that a day or a part of it is where this one begins."""
        return any(field.name == other.after or field.before == other.name for other in self._fields)

    def _begin(self, kind: str, field: FieldSpec, point: Point) -> Iterator[tuple[str, Value]]:
        if (value := self._value(kind, point, end=False, day=None)) is not None:
            yield field.name, value

    def _end(self, kind: str, field: FieldSpec, point: Point) -> Iterator[tuple[str, Value]]:
        if (value := self._value(kind, point, end=True, day=beside(field, self._context))) is not None:
            yield field.name, value

    def _value(self, kind: str, point: Point, *, end: bool, day: date | None) -> Value | None:
        minute = point.end if end else point.begin
        if kind == "date":
            return point.day
        if kind == "time":
            return None if minute is None else time_at(minute)
        day = point.day or day or self._today_if_ahead(point)
        try:
            return None if day is None else moment_at(point, self._context.now, ends=end, day=day)
        except NoMoment:
            return None

    def _today_if_ahead(self, point: Point) -> date | None:
        """Return today for a time without a day, if that time is still to come."""
        now = self._context.now
        return self._today if (point.begin or 0) > now.hour * HOUR + now.minute else None


def _groups(fields: Sequence[FieldSpec]) -> Mapping[str, Sequence[FieldSpec]]:
    """Return the fields by their type; none where a date could be for a day or for a moment."""
    groups = {kind: [field for field in fields if field.type == kind] for kind in _TYPES}
    uncertain = groups["date"] and groups["datetime"]
    return {} if uncertain else {kind: group for kind, group in groups.items() if group}


def _is_exact(point: Point) -> bool:
    return point.begin is not None and point.begin == point.end


def _is_one_day(field: FieldSpec, moment: Moment) -> bool:
    return field.type == "date" and moment.end.day == moment.first.day


def _has_end(kind: str, point: Point) -> bool:
    """Whether a single point has an end of its own: a day, or a part of one; not two o'clock."""
    return kind == "date" or not _is_exact(point)


def _the_one(moments: Sequence[Moment]) -> Moment | None:
    """Return the one moment that is meant: said once, or twice the same, or its day here and its time there."""
    said = {(one.first, one.last): one for one in moments}
    if len(said) == 2:
        one, two = said.values()
        return _put_together(one, two) or _put_together(two, one)
    return next(iter(said.values())) if len(said) == 1 else None


def _put_together(one: Moment, two: Moment) -> Moment | None:
    """Return the day of one with the time of the other, if that is what they are."""
    day_only = one.last is None and one.first.begin is None
    if not day_only or two.first.day is not None or two.end.day is not None:
        return None
    last = replace(two.last, day=one.first.day) if two.last else None
    only_first, only_last = one.only_first or two.only_first, one.only_last or two.only_last
    return replace(
        two, first=replace(two.first, day=one.first.day), last=last, only_first=only_first, only_last=only_last
    )


def _prolonged(kind: str, moment: Moment, lengths: Sequence[Length], calendar: Calendar) -> Moment | None:
    """Return the moment with the end that a length gives it; None if the length leaves its beginning uncertain too."""
    if not lengths or moment.last or moment.only_last:
        return moment
    if len(lengths) > 1:
        return replace(moment, only_first=True)
    point, length = moment.first, lengths[0]
    if length.minutes is not None or length.days == _HALF:
        return moment if kind == "date" else _by_the_clock(moment, length)
    last = _last_day(point, length.days or Decimal(0), calendar)
    return replace(moment, last=last, only_first=last is None)


def _by_the_clock(moment: Moment, length: Length) -> Moment | None:
    point = moment.first
    if length.minutes is None:  # 明天下午請半天
        return None if _is_exact(point) or point.begin is None else moment
    if not _is_exact(point) or point.begin is None or point.begin + length.minutes > _DAYS_END:
        return None
    end = point.begin + int(length.minutes)
    return replace(moment, last=Point(point.day, end, end), only_first=False)


def _last_day(point: Point, count: Decimal, calendar: Calendar) -> Point | None:
    """Return the last of so many days. None if that is not certain: days off may count or not."""
    if point.day is None or point.begin is not None or count != int(count) or not 1 <= count <= _MOST_DAYS:
        return None
    try:
        days = [point.day + timedelta(n) for n in range(int(count))]
    except OverflowError:
        return None
    return None if count > 1 and not all(map(calendar.is_workday, days)) else Point(days[-1])
