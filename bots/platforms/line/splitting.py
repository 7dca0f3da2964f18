"""Cutting text to LINE's limits, which count UTF-16 code units, where a reader would: never inside a character.

A character here is what people see as one: a letter with its accents, an emoji with its skin tone, a flag. The rules
are those of Unicode's extended grapheme clusters (UAX #29) as far as people write them in a chat.
"""

import re
import unicodedata
from typing import Final

ELLIPSIS: Final = "…"

_NEVER_SENT: Final = re.compile(r"[\x00\ud800-\udfff]")
_MARKS: Final = frozenset({"Mn", "Mc", "Me"})
_JOINER: Final = "\u200d"
_EXTENDING: Final = re.compile("[\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAG_LETTER: Final = re.compile("[\U0001f1e6-\U0001f1ff]")
_JAMO_START: Final = re.compile("[\u1100-\u115f\ua960-\ua97c]")
_JAMO_AFTER_START: Final = re.compile("[\u1100-\u115f\ua960-\ua97c\uac00-\ud7a3]")
_JAMO_REST: Final = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")

# Where a reader would rest, best first. A citation mark [n] and closing quotes stay with their sentence.
_RESTS: Final = (
    re.compile(r"\n[ \t\u3000]*\n+"),
    re.compile(r"\n"),
    re.compile(r"[。！？；…]+[」』”’）)]*(?:\[\d+\])*|[.!?]['\")\]]*(?:\s?\[\d+\])*\s+"),
    re.compile(r"[，、：]|[,:;]\s|\s+"),
)


def clean(text: str) -> str:
    """Return the text with U+FFFD for each NUL and lone surrogate, which neither Postgres nor UTF-8 can hold.

    One for one, so that the positions LINE gives in a text stay true.
    """
    return _NEVER_SENT.sub("\ufffd", text)


def units(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(text: str, most: int, mark: str = ELLIPSIS) -> str:
    """Return the text in at most ``most`` units; what was cut ends with the mark."""
    if units(text) <= most:
        return text
    return text[: _whole(text, most - units(mark))].rstrip() + mark


def split(text: str, most: int, pieces: int) -> tuple[list[str], str]:
    """Return at most so many pieces of at most ``most`` units, and what is left over. Together they are the text."""
    parts: list[str] = []
    while text and len(parts) < pieces:
        end = _resting_place(text, most)
        parts.append(text[:end])
        text = text[end:]
    return parts, text


def _resting_place(text: str, most: int) -> int:
    end = _whole(text, most)
    if end == len(text):
        return end
    for rest in _RESTS:
        places = [found.end() for found in rest.finditer(text, 0, end)]
        for place in reversed(places):
            # Not in the first half: a few long pieces read better than many short ones.
            if place > end // 2 and not _is_inside_character(text, place):
                return place
    return end


def _whole(text: str, most: int) -> int:
    """Return how many code points of the text fit, without the last character if it does not fit whole."""
    most = max(most, 2)  # one code point at least
    end = len(text[:most].encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore"))
    whole = end
    while 0 < whole < len(text) and _is_inside_character(text, whole):
        whole -= 1
    return whole or end  # a "character" of thousands of marks is cut all the same


def _is_inside_character(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return (
        unicodedata.category(after) in _MARKS
        or before == _JOINER
        or (before, after) == ("\r", "\n")
        or _EXTENDING.match(after) is not None
        or _is_inside_flag(text, at)
        or _is_inside_syllable(before, after)
    )


def _is_inside_flag(text: str, at: int) -> bool:
    if not (_FLAG_LETTER.match(text[at]) and _FLAG_LETTER.match(text[at - 1])):
        return False
    start = at
    while start and _FLAG_LETTER.match(text[start - 1]):
        start -= 1
    return (at - start) % 2 == 1


def _is_inside_syllable(before: str, after: str) -> bool:
    starts = _JAMO_START.match(before) is not None and _JAMO_AFTER_START.match(after) is not None
    return starts or _JAMO_REST.match(after) is not None
