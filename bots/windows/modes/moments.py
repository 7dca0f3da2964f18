"""What a text says of days and times once its pieces are put together: points, and ranges between two of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bots.windows.modes import clocks, days, english_days
from bots.windows.modes.clocks import DAY, PARTS, Clock, Clocks, Length, minute_of
from bots.windows.modes.days import Day, Days, settle

_MOST = 24  # pieces: more is no request, but a list or an attack
_LATE = 18 * 60  # a range that begins this late may end on the next day

Piece = Day | Days | Clock | Clocks | Length | str
Placed = tuple[int, int, Piece]
"""A piece with where it begins and ends in the text."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What days are told by. ``past``: those without a year may have been; ``since``: none comes before it."""

    today: date
    past: bool = False
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A day, a time, or both. Without ``begin`` no time was said; a part of the day has an ``end`` of its own.

    Times are minutes from midnight; from 1,440 on they are the next day's.
    """

    day: date | None
    begin: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What was found between ``start`` and ``stop`` in the text. ``wrong``: it names a day or time that there is not.

    ``last`` is the other end of a range. ``only_first``: from then on (明天起); ``only_last``: until then (到5/14).
    """

    start: int
    stop: int
    first: Point
    last: Point | None = None
    wrong: bool = False
    only_first: bool = False
    only_last: bool = False

    @property
    def end(self) -> Point:
        """Where it ends: the last point, or the only one."""
        return self.last or self.first


@dataclass(frozen=True, slots=True)
class Stretch:
    """A length of time that was found, such as 兩天."""

    start: int
    stop: int
    length: Length


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found in a text, in its order."""

    moments: tuple[Moment, ...]
    lengths: tuple[Stretch, ...]


@dataclass(slots=True)
class _Pieces:
    """A point as it is put together of pieces that stand side by side."""

    start: int
    stop: int
    day: Day | None = None
    also: list[Day] = field(default_factory=list)
    both_days: Days | None = None
    clock: Clock | None = None
    both_clocks: Clocks | None = None
    part: str = ""

    def takes(self, piece: Piece) -> bool:
        """Whether the piece belongs to this point: a second day or time begins another."""
        if self.both_days or isinstance(piece, Length):
            return False
        if isinstance(piece, str):
            return not self.part and not self.both_clocks
        if isinstance(piece, Day):
            return self.day is None or piece.weekday is not None or self.day.weekday is not None
        if isinstance(piece, tuple) and isinstance(piece[0], Day):
            return False
        return self.clock is None and self.both_clocks is None

    def take(self, piece: Piece, stop: int) -> None:
        """Add the piece."""
        self.stop = stop
        if isinstance(piece, str):
            self.part = piece
        elif isinstance(piece, Clock):
            self.clock = piece
        elif isinstance(piece, Day):
            self._take_day(piece)
        elif isinstance(piece, tuple):
            self._take_two(*piece)

    def _take_day(self, day: Day) -> None:
        if self.day is None or (self.day.weekday is not None and day.weekday is None):
            self.also += [self.day] if self.day else []
            self.day = day
        else:
            self.also.append(day)

    def _take_two(self, first: Day | Clock, last: Day | Clock) -> None:
        if isinstance(first, Day) and isinstance(last, Day):
            self.both_days = first, last
        elif isinstance(first, Clock) and isinstance(last, Clock):
            self.both_clocks = first, last

    @property
    def loose(self) -> bool:
        """Whether this alone may be no date at all."""
        timed = bool(self.clock or self.both_clocks or self.part)
        if self.day:
            return self.day.loose and not timed
        return bool(self.clock and self.clock.loose and not self.part)


_READERS = (*days.READERS, *english_days.READERS, *clocks.READERS)


def pieces_of(plain: str, today: date) -> Iterator[Placed]:
    """Yield what the levelled text has of days and times, from left to right, none over another."""
    coming = [(hit.start(), index, hit) for index, (way, _) in enumerate(_READERS) if (hit := way.search(plain))]
    for _ in range(_MOST):
        if not coming:
            return
        _, best, match = min(coming, key=lambda one: one[:2])
        yield match.start(), match.end(), _READERS[best][1](match, today)
        coming = list(_beyond(coming, max(match.end(), match.start() + 1), plain))


def _beyond(
    coming: Sequence[tuple[int, int, re.Match[str]]], at: int, plain: str
) -> Iterator[tuple[int, int, re.Match[str]]]:
    for start, index, match in coming:
        hit = match if start >= at else _READERS[index][0].search(plain, at)
        if hit:
            yield hit.start(), index, hit


_TOGETHER = re.compile(r"\s?[的,()]?\s?(?:at|on|in|of|from|the|從|自|在|於|t)?\s?")
_TO = re.compile(r"\s?\)?\s?(?:起|開始)?\s?(?:-{1,2}|~|一?直?到|至|to|until|till|through|thru)\s?(?:the\s)?")
_AND = re.compile(r"\s(?:and)\s")
_BETWEEN = re.compile(r"between\s$")
_FROM_BEFORE = re.compile(r"(?:從|自|from|since|starting)\s?$")
_FROM_AFTER = re.compile(r"\s?(?:起|開始|之後|以後|onwards?)")
_UNTIL_BEFORE = re.compile(r"(?:到|至|until|till|by|before)\s?$")
_UNTIL_AFTER = re.compile(r"\s?(?:之前|以前|前|為止|止)")


def gather(plain: str, frame: Frame, pieces: Iterable[Placed] | None = None) -> Found:
    """Return what the levelled text says. ``pieces``: those of the text, if they are known already."""
    points, lengths = _grouped(plain, pieces_of(plain, frame.today) if pieces is None else pieces)
    return Found(tuple(_moments(points, plain, frame)), tuple(lengths))


def _grouped(plain: str, pieces: Iterable[Placed]) -> tuple[list[_Pieces], list[Stretch]]:
    points: list[_Pieces] = []
    lengths: list[Stretch] = []
    for start, stop, piece in pieces:
        if isinstance(piece, Length):
            lengths.append(Stretch(start, stop, piece))
            continue
        together = points and points[-1].takes(piece) and _TOGETHER.fullmatch(plain, points[-1].stop, start)
        if not together:
            points.append(_Pieces(start, stop))
        points[-1].take(piece, stop)
    return points, lengths


def _moments(points: Sequence[_Pieces], plain: str, frame: Frame) -> Iterator[Moment]:
    at = 0
    while at < len(points):
        one, two = points[at], points[at + 1] if at + 1 < len(points) else None
        at += 1
        if two and _joined(one, two, plain):
            at += 1
            yield _range(one, two, frame)
        elif one.both_clocks:
            yield _range(*_halves(one), frame)
        elif one.both_days:
            yield _day_range(one, one.both_days, frame)
        elif not one.loose or (not plain[: one.start].strip() and not plain[one.stop :].strip()):
            yield _single(one, plain, frame)


def _joined(one: _Pieces, two: _Pieces, plain: str) -> bool:
    if one.both_clocks or two.both_clocks or one.both_days or two.both_days:
        return False
    if _TO.fullmatch(plain, one.stop, two.start):
        return True
    between = _BETWEEN.search(plain, max(0, one.start - 10), one.start)
    return bool(between and _AND.fullmatch(plain, one.stop, two.start))


def _halves(one: _Pieces) -> tuple[_Pieces, _Pieces]:
    first, last = one.both_clocks or (None, None)
    return replace(one, clock=first, both_clocks=None), _Pieces(one.stop, one.stop, clock=last)


def _day_of(pieces: _Pieces, frame: Frame, since: date | None = None) -> tuple[date | None, bool]:
    """Return the day, None if none was said, and whether it is right: there is one, and it is that weekday."""
    if pieces.day is None:
        return None, True
    found = settle(pieces.day, frame.today, past=frame.past, since=since or frame.since)
    return found, found is not None and all(_agrees(other, found) for other in pieces.also)


def _agrees(other: Day, found: date) -> bool:
    return other.fixed == found if other.fixed else other.weekday == found.weekday()


def _times_of(pieces: _Pieces, part: str = "") -> tuple[int | None, int | None, bool]:
    if pieces.clock:
        minute = minute_of(pieces.clock, pieces.part or part)
        return minute, minute, minute is not None
    begin, end = PARTS.get(pieces.part, (None, None))
    return begin, end, True


def _single(one: _Pieces, plain: str, frame: Frame) -> Moment:
    day, right = _day_of(one, frame)
    begin, end, possible = _times_of(one)
    first = bool(_FROM_BEFORE.search(plain, max(0, one.start - 9), one.start) or _FROM_AFTER.match(plain, one.stop))
    last = bool(_UNTIL_BEFORE.search(plain, max(0, one.start - 7), one.start) or _UNTIL_AFTER.match(plain, one.stop))
    wrong = not (right and possible)
    return Moment(one.start, one.stop, Point(day, begin, end), None, wrong, first and not last, last and not first)


def _day_range(one: _Pieces, both: Days, frame: Frame) -> Moment:
    first = settle(both[0], frame.today, past=frame.past, since=frame.since)
    last = settle(both[1], frame.today, since=first) if first else None
    return Moment(one.start, one.stop, Point(first), Point(last), wrong=first is None or last is None)


def _range(one: _Pieces, two: _Pieces, frame: Frame) -> Moment:
    first, right = _day_of(one, frame)
    last, also_right = _day_of(two, frame, first)
    if first is None and last is not None:  # 2pm to 4pm tomorrow
        first = last
    begin, end, possible = _both_times(one, two, same_day=two.day is None or first == last)
    wrong = not (right and also_right and possible)
    return Moment(one.start, two.stop, Point(first, *begin), Point(last or first, *end), wrong)


_Times = tuple[int | None, int | None]


def _both_times(one: _Pieces, two: _Pieces, *, same_day: bool) -> tuple[_Times, _Times, bool]:
    begin, begin_end, possible = _first_times(one, two)
    if not two.clock or begin is None:
        end_begin, end, also = _times_of(two)
        return (begin, begin_end), (end_begin, end), possible and also
    last = _later_time(two, one.part or (one.clock.half if one.clock else ""), begin if same_day else -1)
    if last is not None and same_day and last <= begin and begin >= _LATE:
        last += DAY
    return (begin, begin_end), (last, last), possible and last is not None


def _first_times(one: _Pieces, two: _Pieces) -> tuple[int | None, int | None, bool]:
    """Take the end's part of the day for the beginning too where that fits: 2點到下午4點, 2-4pm."""
    part = two.part or (two.clock.half if two.clock else "")
    if one.clock and not one.part and not one.clock.half and one.clock.twelve and part and two.clock:
        begin, end = minute_of(one.clock, part), minute_of(two.clock, two.part)
        if begin is not None and end is not None and begin < end:
            return begin, begin, True
    return _times_of(one)


def _later_time(two: _Pieces, part: str, begin: int) -> int | None:
    """Return the end's time: in the beginning's part of the day if that is later, else the first reading that is."""
    assert two.clock
    if two.part or two.clock.half:
        return minute_of(two.clock, two.part)
    if not two.clock.twelve:
        return minute_of(two.clock)
    readings = [minute_of(two.clock, part), minute_of(two.clock), minute_of(two.clock, "pm")]
    possible = [reading for reading in readings if reading is not None]
    return next((reading for reading in possible if reading > begin), possible[0] if possible else None)
