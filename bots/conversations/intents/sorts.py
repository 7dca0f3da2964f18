"""Days, times, sums and codes: what differs from one request to the next counts as one term of its sort."""

import re
from collections.abc import Iterator

_NUMERAL = r"(?:\d+(?:[.,]\d+)*|[零一二两三四五六七八九十百千万半]+)"
_DAY = (
    r"[今明后昨前]天|大[后前]天|[今明后昨]日|[今明]早|[今明昨]晚|[上下这本]+个?(?:周|星期|礼拜)[一二三四五六日天末]?"
    r"|(?:周|星期|礼拜)[一二三四五六日天末]|[上下这本]个?月(?:初|底|中)?|月底|月初|月中|年底|今年|去年|明年|刚刚|刚才|最近"
    r"|(?:\d+|[一二三四五六七八九十]+)月(?:\d+|[一二三四五六七八九十]+)[日号]?|\d{1,2}/\d{1,2}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}号"
    r"|\b(?:today|tomorrow|tmr|yesterday|tonight|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tue|tues|wed|thu|thurs|fri|sat|sun"
    r"|(?:next|last|this) (?:week|month|year|quarter)|weekend|end of (?:the )?(?:month|week|day)|eod|recently|lately)\b"
)
_HOUR = (
    rf"{_NUMERAL}点(?:半|{_NUMERAL}分?)?|\d{{1,2}}[:：]\d{{2}}|早上|上午|中午|下午|晚上|傍晚|凌晨|整天|全天|半天|一整天|上半天|下半天"
    r"|\b\d{1,2}\s?(?:am|pm)\b|\b(?:morning|afternoon|evening|noon|all day|half day)\b"
)
_LENGTH = (
    rf"{_NUMERAL}个?(?:小时|钟头|天|日|周|礼拜|星期|月|分钟|hr)(?!级)"
    r"|\b\d+(?:\.\d+)?\s?(?:hours?|hrs?|h|days?|weeks?)\b"
)
_MONEY = rf"(?:nt\$?|\$|ntd|twd)\s?\d[\d,.]*|{_NUMERAL}\s?(?:元|块钱?|万|ntd|twd|dollars)(?!以)"
_PHONE = r"09\d{2}-?\d{3}-?\d{3}"
_CODE = r"(?<![a-z0-9])[a-z]{1,5}-?\d[\da-z-]*"
_PIECES = rf"{_NUMERAL}(?:台|个|支|张|件|份|箱|组|本|包|盒|只|人|位|公克|克|g\b|间|次|笔|pcs)"
_FIGURE = r"\d+(?:[.,]\d+)*"

_SORT = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in (
            ("money", _MONEY),
            ("day", _DAY),
            ("hour", _HOUR),
            ("length", _LENGTH),
            ("phone", _PHONE),
            ("code", _CODE),
            ("pieces", _PIECES),
            ("figure", _FIGURE),
        )
    )
)
_DIGITS = re.compile(r"\d+")


def sorts_of(folded: str) -> tuple[str, list[str]]:
    """Return the text with a blank where such a thing stands, and the terms of their sorts, each once."""
    found: dict[str, None] = {}
    for match in _SORT.finditer(folded):
        found.update(dict.fromkeys(_terms(match)))
    return _SORT.sub(" ", folded), list(found)


def _terms(match: re.Match[str]) -> Iterator[str]:
    sort = str(match.lastgroup)
    yield f"<{sort}>"
    if sort == "code":  # A26112402018 is an order's, CS-2611-003 a complaint's, DH-16S a product's
        yield "<code " + _DIGITS.sub(lambda digits: "#" * min(len(digits[0]), 5), match[0]) + ">"
