"""Reads a CSV file of reviews and posts. Pure: all of its rows, or every line that is wrong.

The first line names the columns, in Chinese or English (``COLUMNS``); what else stands in the file is not read, so a
reviewer's name and telephone number never get here. What a cell holds is text and stays text: a formula is no formula,
HTML no HTML; control characters and what turns the direction of writing are taken out.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from bots.windows.csv_file import BadCsv, check_width, records

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("內容", "評論", "評論內容", "意見", "留言", "text", "content", "review", "comment"),
    "at": ("日期", "時間", "評論日期", "發表日期", "date", "time", "at"),
    "stars": ("評分", "星等", "星數", "stars", "rating"),
    "product": ("商品", "產品", "型號", "product", "model", "item"),
    "channel": ("來源", "平台", "通路", "source", "channel"),
    "id": ("編號", "評論編號", "id", "no"),
    "theme": ("主題", "分類", "theme", "topic"),
    "answer": ("回覆", "回應", "answer", "reply"),
}
"""What each column may be called. Only the text is needed."""

LONGEST_TEXT = 10_000
_LONGEST = {"product": 200, "channel": 100, "id": 200, "theme": 100, "answer": 10_000}
_LARGEST = 64 * 1024 * 1024  # bytes
_MOST_FAULTS = 50
_SOON = timedelta(days=1)  # clocks and time zones differ
_KEPT = "\n\t"
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_WEST = re.compile(r"([12][0-9]{3})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(.*)")
_ROC = re.compile(r"(?:民國)?\s?([0-9]{2,3})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(.*)")
_CLOCK = re.compile(
    r"(上午|下午|am|pm)?\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:\.[0-9]+)?\s*(am|pm)?", re.IGNORECASE
)
_STARS = re.compile(r"([0-5](?:\.[0-9]{1,2})?)\s*(?:/\s*5(?:\.0)?|顆星|星|stars?)?", re.IGNORECASE)
_ROC_BEGINS = 1911


@dataclass(frozen=True, slots=True)
class Row:
    """One review or post. ``key``: the same for the same one, whichever file it comes in."""

    line: int
    key: str
    text: str
    at: datetime | None
    stars: float | None
    product: str
    channel: str
    theme: str
    answer: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in a line. It quotes nothing of what people wrote."""

    line: int | None
    trouble: str


@dataclass(frozen=True, slots=True)
class CsvFile:
    """What a file holds. With ``faults`` nothing of it is used. ``unread``: the columns nobody asked for."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Wrong, ...] = ()
    unread: tuple[str, ...] = ()
    repeated: int = 0


@dataclass
class _Reading:
    """What has been read so far."""

    now: datetime
    zone: tzinfo
    rows: dict[str, Row] = field(default_factory=dict)
    faults: list[Wrong] = field(default_factory=list)
    repeated: int = 0


def read(content: bytes, now: datetime, zone: tzinfo) -> CsvFile:
    """Return what the file holds. ``now``: no review is younger; ``zone``: the company's, for times without one."""
    reading = _Reading(now, zone)
    try:
        _check_size(content)
        lines = ((line, [_clean(cell) for cell in cells]) for line, cells in records(content))
        line, header = next(lines, (1, []))
        places, unread = _places(line, header)
        for number, cells in lines:
            _take(reading, number, cells, len(header), places)
            if len(reading.faults) >= _MOST_FAULTS:
                break
    except BadCsv as error:
        return CsvFile(faults=(*reading.faults, Wrong(error.line, str(error))))
    if reading.faults:
        return CsvFile(faults=tuple(reading.faults))
    return CsvFile(tuple(reading.rows.values()), (), unread, reading.repeated)


def _check_size(content: bytes) -> None:
    if len(content) > _LARGEST:
        raise BadCsv(f"is larger than {_LARGEST // 1024 // 1024} MB; split it")


def _clean(cell: str) -> str:
    plain = "".join(c for c in cell if c in _KEPT or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNS))
    return unicodedata.normalize("NFC", plain).strip()


def _places(line: int, header: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return where each column stands, and the names of those that are not read."""
    by_name = {name: what for what, names in COLUMNS.items() for name in names}
    places: dict[str, int] = {}
    unread = []
    for at, name in enumerate(header):
        what = by_name.get(name.lower())
        if what is None:
            unread.append(name)
        elif what in places:
            raise BadCsv(f"two columns are the {what}: {header[places[what]]} and {name}; keep one", line)
        else:
            places[what] = at
    if "text" not in places:
        raise BadCsv("no column is the text; call it  內容  or  text, in the first line", line)
    return places, tuple(name for name in unread if name)


def _take(reading: _Reading, line: int, cells: list[str], width: int, places: Mapping[str, int]) -> None:
    """Read one record, or note what is wrong with it."""
    try:
        check_width(len(cells), width)
        row = _row(reading, line, {what: cells[at] for what, at in places.items()})
    except BadCsv as error:
        reading.faults.append(Wrong(line, str(error)))
        return
    before = reading.rows.setdefault(row.key, row)
    if before is not row:
        reading.repeated += 1
        if before.text != row.text:
            reading.faults.append(Wrong(line, f"has the id of line {before.line} and another text; give it its own"))


def _row(reading: _Reading, line: int, cells: Mapping[str, str]) -> Row:
    text = cells["text"]
    if not text:
        raise BadCsv("has no text; write it, or take the line out")
    if len(text) > LONGEST_TEXT:
        raise BadCsv(f"has a text of {len(text):,} characters; {LONGEST_TEXT:,} are taken at most, shorten it")
    for what, longest in _LONGEST.items():
        if len(cells.get(what, "")) > longest:
            raise BadCsv(f"has a {what} of more than {longest:,} characters; shorten it")
    return Row(
        line,
        _key(cells),
        text,
        _moment(cells.get("at", ""), reading),
        _stars(cells.get("stars", "")),
        cells.get("product", ""),
        cells.get("channel", ""),
        cells.get("theme", ""),
        cells.get("answer", ""),
    )


def _key(cells: Mapping[str, str]) -> str:
    """Return what makes it the same complaint again: its id where it has one, else what it says, where and when."""
    if given := cells.get("id", ""):
        return f"id:{cells.get('channel', '')}:{given}"
    said = "\x00".join(cells.get(what, "") for what in ("at", "channel", "product", "stars", "text"))
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def _stars(cell: str) -> float | None:
    if not cell:
        return None
    if set(cell) <= set("★☆⭐"):
        return _within(float(sum(c in "★⭐" for c in cell)))
    found = _STARS.fullmatch(unicodedata.normalize("NFKC", cell))
    return _within(float(found[1])) if found else _within(0)


def _within(stars: float) -> float:
    if not 1 <= stars <= 5:
        raise BadCsv("has stars that are not 1 to 5; write them like  4  or  ★★★★")
    return stars


def _moment(cell: str, reading: _Reading) -> datetime | None:
    """Return when it was written; a day alone is its beginning."""
    if not cell:
        return None
    found = _read_moment(unicodedata.normalize("NFKC", cell), reading.zone)
    if found is None:
        raise BadCsv("has a date that cannot be read; write it like  2026-11-20  or  115/11/20")
    if found > reading.now + _SOON:
        raise BadCsv("has a date in the future")
    return found


def _read_moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        known = datetime.fromisoformat(text)
        return known if known.tzinfo else known.replace(tzinfo=zone)
    except ValueError:
        pass
    west, roc = _WEST.fullmatch(text), _ROC.fullmatch(text)
    match = west or roc
    if match is None:
        return None
    year = int(match[1]) if west else int(match[1]) + _ROC_BEGINS
    hour, minute, second = _clock(match[4].replace("T", " ").strip())
    try:
        return datetime(year, int(match[2]), int(match[3]), hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def _clock(text: str) -> tuple[int, int, int]:
    """Return hour, minute and second; an hour there is none of, where they cannot be read."""
    if not text:
        return 0, 0, 0
    found = _CLOCK.fullmatch(text)
    if found is None:
        return 24, 0, 0
    hour, half = int(found[2]), (found[1] or found[5] or "").lower()
    if half:
        hour = hour % 12 + (12 if half in ("下午", "pm") else 0)
    return hour, int(found[3]), int(found[4] or 0)
