"""Text with its ways of writing levelled, character by character, so that places in it are places in the original."""

from functools import lru_cache

from rag_core.search.terms import fold

_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_CAPITALS = (*range(0x41, 0x5B), *range(0xFF21, 0xFF3B))
_LOWER = {code: chr((code - 0xFEE0 if code > 0xFF00 else code) + 32) for code in _CAPITALS}
_SAME = str.maketrans(
    # Simplified, financial and other ways to write what dates and numbers are written with
    "〇○周点号后两个礼时钟从这国间万亿圓块塊壹貳參叁肆伍陸柒捌玖拾佰仟\u3000～〜∼–—－−：",
    "零零週點號後兩個禮時鐘從這國間萬億元元元一二三三四五六七八九十百千 ~~~----:",
)
_TABLE: dict[int, str | int | None] = {**_FULL_WIDTH, **_SAME, **_LOWER}


def level(text: str) -> str:
    """Return the text in half width, lower case and one way to write numbers and dates. As long as it was."""
    return text.translate(_TABLE)


@lru_cache(maxsize=16384)
def _one(character: str) -> str:
    folded = fold(character)
    return folded if len(folded) == 1 else character


def alike(text: str) -> str:
    """Return the text as words are compared: width, case and Simplified or Traditional make no difference. As long."""
    return "".join(map(_one, text))
