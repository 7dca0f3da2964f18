"""Recognise headings by how they are numbered: 第三章, 第 9 條之 1, 一、, （二）, 1.2, Article 5."""

import re
from dataclasses import dataclass

from rag_core.ingest.blocks import Heading, Paragraph

_NUMERAL = r"[0-9０-９〇零一二三四五六七八九十百千]+"
_PARTS = {"編": 21, "篇": 21, "章": 22, "節": 23, "款": 24, "目": 25}
_PART = re.compile(rf"第\s*{_NUMERAL}\s*(?P<part>[編篇章節款目])(?:\s*之\s*{_NUMERAL})?(?=[\s　：:、.]|$|[^的之規所])")
_ENGLISH_PART = re.compile(r"(?P<part>part|chapter|section)\s+(?:[0-9]+|[ivxlc]+)\b[.:]?", re.IGNORECASE)
_ENGLISH_PARTS = {"part": 21, "chapter": 22, "section": 23}
_ARTICLE = re.compile(
    rf"第\s*(?P<number>{_NUMERAL})(?:[-–](?P<dash>[0-9]+))?\s*條(?:\s*之\s*(?P<sub>{_NUMERAL}))?"
    r"(?:\s*[（(【](?P<title>[^）)】]{1,40})[）)】])?(?=[\s　：:、]|$)[：:、]?"
)
_ENGLISH_ARTICLE = re.compile(r"Article\s+(?P<number>[0-9]+)(?:-(?P<dash>[0-9]+))?(?=[\s.:]|$)[.:]?")
_ITEMS = (
    (31, re.compile(r"[壹貳參叁肆伍陸柒捌玖拾]+[、.．]")),
    (32, re.compile(r"[一二三四五六七八九十]+[、.．]")),
    (33, re.compile(r"[（(][一二三四五六七八九十]+[）)][、.]?")),
    (37, re.compile(r"[0-9]+(?:\.[0-9]+){3,}\.?(?=\s)")),
    (36, re.compile(r"[0-9]+(?:\.[0-9]+){2}\.?(?=[\s\u4e00-\u9fff])")),
    (35, re.compile(r"[0-9]+\.[0-9]+\.?(?=[\s\u4e00-\u9fff])(?!\s*[%元])")),
    (34, re.compile(r"[0-9]{1,3}(?:[、．]|\.(?![0-9])|[)）](?=\s|[\u4e00-\u9fff]))")),
    (38, re.compile(r"[（(][0-9]{1,3}[）)]")),
    (39, re.compile(r"[①-⑳㈠-㈩]")),
    (40, re.compile(r"[A-Za-z][.)](?=\s)")),
)
_BULLET = re.compile(r"[•‧·●○◦▪■□◆◇►▶➢✓✔※＊\*–—-](?=\s|[\u4e00-\u9fff])\s*")
_SENTENCE_END = re.compile(r"[。！？；，,;：:!?.][」』）)\"”’]*$")
_LONGEST_TITLE = 40
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0}
_SCALES = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Article:
    """The start of an article of a law: its number, what it is called, and the text that follows on the line."""

    number: tuple[int, int]  # (9, 1) is 第九條之一
    name: str
    rest: str


def part_level(line: str) -> int | None:
    """Return the level of a line that opens a part of a law or a manual (第二章 請假, Chapter 3), else None."""
    if len(line) > _LONGEST_TITLE * 2 or line.endswith(("。", "；", "，")):
        return None
    if (match := _PART.match(line)) and len(line) <= _LONGEST_TITLE:
        return _PARTS[match["part"]]
    if match := _ENGLISH_PART.match(line):
        return _ENGLISH_PARTS[match["part"].lower()]
    return None


def numbering(line: str) -> int | None:
    """Return the depth of a line's number (一、 is above （一）), else None. Depths compare with part levels."""
    return next((level for level, pattern in _ITEMS if pattern.match(line)), None)


def is_item(line: str) -> bool:
    """Return whether the line begins as an entry of a list does."""
    return bool(_BULLET.match(line)) or numbering(line) is not None


def is_numbered_title(line: str, following: str, above: str = "") -> bool:
    """Return whether a numbered line is a heading: short, no sentence, and not one entry of a list among others."""
    depth = numbering(line)
    if depth is None or len(line) > _LONGEST_TITLE or _SENTENCE_END.search(line) or not following:
        return False
    return depth not in (numbering(following), numbering(above))


def ends_sentence(line: str) -> bool:
    """Return whether a line ends as a sentence, a clause or an introduction does."""
    return bool(_SENTENCE_END.search(line))


def article(line: str) -> Article | None:
    """Return the article that a line opens, else None. 第三條第二項規定 is a reference, not an opening."""
    match = _ARTICLE.match(line)
    if match:
        sub = match["dash"] or match["sub"]
    elif match := _ENGLISH_ARTICLE.match(line):
        sub = match["dash"]
    else:
        return None
    name = match[0].rstrip(" 　：:、.")
    return Article((_value(match["number"]), _value(sub) if sub else 0), name, line[match.end() :].strip())


def _value(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    total = digit = 0
    for character in numeral:
        if scale := _SCALES.get(character):
            total += (digit or 1) * scale
            digit = 0
        else:
            digit = digit * 10 * (character in "〇零") + _DIGITS.get(character, 0)
    return total + digit


class Articles:
    """Follows a document's articles: one out of order at a line's start is a reference in a wrapped line."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None

    @property
    def inside(self) -> bool:
        """Whether an article has been opened: what is numbered from there on is its entries."""
        return self._last is not None

    def opened_by(self, line: str) -> Article | None:
        """Return the article the line opens if it is the next in order (a few may be missing), else None."""
        found = article(line)
        if found is None:
            return None
        if self._last is not None:
            (number, sub), (last, last_sub) = found.number, self._last
            follows = (number == last and sub > last_sub) or last < number <= last + _MOST_MISSING
            if not follows and found.number != (1, 0):
                return None
        self._last = found.number
        return found


_MOST_MISSING = 10
ARTICLE_LEVEL = 45  # below 一、 and the like, which as headings enclose articles


def article_blocks(found: Article, page: int | None = None, level: int = ARTICLE_LEVEL) -> list[Heading | Paragraph]:
    """Return an article's heading and, where its text begins on the same line, that text."""
    heading = Heading(found.name, level, page, article=True)
    return [heading, Paragraph(found.rest, page)] if found.rest else [heading]
