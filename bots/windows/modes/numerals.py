"""Numbers as people write them: 1,200, 一千二, 1.2萬, 三百五, 3萬5, 1.5k."""

import re
from decimal import Decimal

from bots.windows.modes.plain import level

SMALL = r"(?:\d{1,2}|[零一二三四五六七八九十兩廿卅]{1,3})"
"""A number of two digits, for days, hours and the like, in text that is levelled."""

NUMBER = (
    r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,6})?\s?(?:k(?![a-z])|[百千萬億]{1,2}\d?)?(?:\d[百千]){0,2}"
    r"|[零一二三四五六七八九十百千萬億兩廿卅]{1,20}"
)
"""What may be a number in text that is levelled; ``number`` tells whether it is."""

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"兩": 2}
_ARABIC = re.compile(r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,6})?")
_LONGEST = 24
_K = 1000


def number(text: str) -> Decimal | None:
    """Return the number that the whole text is, None if it is none."""
    plain = level(text).replace(" ", "").replace("廿", "二十").replace("卅", "三十")
    if not plain or len(plain) > _LONGEST:
        return None
    if len(plain) > 1 and all(character in _DIGITS for character in plain):
        return Decimal("".join(str(_DIGITS[character]) for character in plain))
    if plain.endswith("k"):
        thousands = _plain_digits(plain[:-1])
        return None if thousands is None else thousands * _K
    return _in_steps(plain, ((10**8, "億"), (10**4, "萬")))


def small(text: str) -> int:
    """Return the whole number that a match of ``SMALL`` is; -1 if the characters make none."""
    value = number(text)
    return int(value) if value is not None else -1


def _plain_digits(text: str) -> Decimal | None:
    if text in _DIGITS:
        return Decimal(_DIGITS[text])
    return Decimal(text.replace(",", "")) if _ARABIC.fullmatch(text) else None


_LOWER_STEPS = ((1000, "千"), (100, "百"), (10, "十"))


def _in_steps(text: str, steps: tuple[tuple[int, str], ...]) -> Decimal | None:
    """Add up what stands before each scale; a lone digit after one counts tenths of it (一萬二, 三百五)."""
    total, rest, last = Decimal(0), text, 0
    for scale, character in steps:
        head, found, tail = rest.partition(character)
        if not found:
            continue
        count = _count(head.removeprefix("零") if last else head, scale)
        if count is None or (last and count * scale >= last):
            return None
        total, rest, last = total + count * scale, tail, scale
    if not rest:
        return total if last else None
    tail_value = _tail(rest, last, steps)
    return None if tail_value is None or (last and tail_value >= last) else total + tail_value


def _count(head: str, scale: int) -> Decimal | None:
    if scale == 10 and not head:  # 十二
        return Decimal(1)
    return _in_steps(head, _LOWER_STEPS) if scale >= 10**4 else _plain_digits(head)


def _tail(rest: str, last: int, steps: tuple[tuple[int, str], ...]) -> Decimal | None:
    if last >= 100 and len(rest) == 1 and rest != "零":
        digit = _plain_digits(rest)
        return None if digit is None else digit * last / 10
    rest = rest.removeprefix("零") if last else rest
    return _plain_digits(rest) if steps is _LOWER_STEPS else _in_steps(rest, _LOWER_STEPS)
