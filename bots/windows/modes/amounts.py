"""Numbers and money as answers: 3, 3個, 一千二, NT$1,200, 1.2萬元."""

import re
from decimal import Decimal

from bots.windows.modes.field import FieldSpec
from bots.windows.modes.meaning import Context
from bots.windows.modes.numerals import NUMBER, number
from bots.windows.modes.plain import level
from bots.windows.modes.sentences import refuse

_LONGEST = 40
_LARGEST = Decimal(10) ** 15
_UNITS = (
    r"個半?小時|小時|分鐘|鐘頭|公斤|公克|公里|公尺|公分|公升|個月|個人|個工作天|個|人|位|名|件|份|張|台|臺|部|輛|組|天|時|日|次|包|箱"
    r"|支|隻|本|瓶|間|套|片|盒|袋|條|頁|樓|坪|度|級|分|元|%|歲|週|年|雙|把|顆|粒|桶|批|筆|項|場|堂|人次"
    r"|hours?|hrs?|h|days?|people|persons?|pcs|pieces?|times|kg|km|cm|mm|g|m|l|weeks?|months?|years?|items?|units?"
)
_NUMBER = re.compile(
    rf"(?:約|大約|大概|共|總共|about|around)?\s?(?P<minus>負|-)?\s?(?P<n>{NUMBER}|半)\s?(?:{_UNITS})?(?P<half>半)?"
)
_SYMBOL = r"新?[台臺]幣|nt\$?|ntd|twd|\$"
_MONEY = re.compile(
    rf"(?:約|大約|共|總共|總計|about)?\s?(?:{_SYMBOL})?\s?(?P<minus>負|-)?\s?(?:{_SYMBOL})?\s?(?P<n>{NUMBER})"
    r"\s?(?:元整|元錢?|ntd?\$?|twd|新?[台臺]幣|dollars?)?\s?整?"
)
_FOREIGN = re.compile(
    r"usd|us\$|美元|美金|eur|€|歐元|jpy|¥|日圓|日元|日幣|rmb|cny|人民幣|hkd|hk\$|港幣|港元|gbp|£|英鎊|krw|韓[元幣圜]"
)


def read_number(field: FieldSpec, text: str, context: Context) -> int | Decimal:
    """Return the number that the text is, an int if it is whole. Raises NotUnderstood."""
    plain = level(text).strip()
    match = _NUMBER.fullmatch(plain) if len(plain) <= _LONGEST else None
    value = _value(match) if match else None
    if match is None or value is None:
        refuse(field, text, context, "no_number")
    value = _within(field, text, value, context)
    return int(value) if value == value.to_integral_value() else value


def read_money(field: FieldSpec, text: str, context: Context) -> Decimal:
    """Return the amount in New Taiwan dollars that the text is. Raises NotUnderstood."""
    plain = level(text).strip()
    if _FOREIGN.search(plain[:_LONGEST]):
        refuse(field, text, context, "foreign")
    match = _MONEY.fullmatch(plain) if len(plain) <= _LONGEST else None
    value = _value(match) if match else None
    if match is None or value is None:
        refuse(field, text, context, "no_money")
    if value != round(value, 2):
        refuse(field, text, context, "too_precise")
    return _within(field, text, value, context)


def written(value: Decimal | int) -> str:
    """Return the number without zeros it does not need: 1200, 3.5."""
    return f"{trimmed(Decimal(value)):f}"


def trimmed(value: Decimal) -> Decimal:
    """Return the same number with as few digits as it needs, and no exponent."""
    return Decimal(int(value)) if value == value.to_integral_value() else value.normalize()


def _value(match: re.Match[str]) -> Decimal | None:
    value = Decimal("0.5") if match["n"] == "半" else number(match["n"])
    if value is None:
        return None
    halves = match.groupdict()
    if halves.get("half") or "個半" in match[0]:
        value += Decimal("0.5")
    return trimmed(-value if match["minus"] else value)


def _within(field: FieldSpec, text: str, value: Decimal, context: Context) -> Decimal:
    least = None if field.min is None else Decimal(str(field.min))
    most = _LARGEST if field.max is None else Decimal(str(field.max))
    if value < 0 and (least is None or least >= 0):
        refuse(field, text, context, "negative")
    if least is not None and value < least:
        refuse(field, text, context, "too_small", least=_grouped(least), value=_grouped(value))
    if value > most or value < -_LARGEST:
        refuse(field, text, context, "too_large", most=_grouped(most), value=_grouped(value))
    return value


def _grouped(value: Decimal) -> str:
    return f"{trimmed(value):,f}"
