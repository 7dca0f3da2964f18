"""Values as people see them again, and as they are kept."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from bots.messages import Language
from bots.windows.modes.amounts import trimmed, written
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.meaning import People, Value, nobody
from bots.windows.modes.texts import say

_WEEKDAYS = {"zh-TW": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}

Json = str | int | bool | list[str]


def shown(field: FieldSpec, value: Value, language: Language, people: People = nobody) -> str:
    """Return the value for people: labels for choices, weekdays beside dates, NT$ before money.

    A person is the employee number, with the name where ``people`` knows it. What ``parse`` makes of it is the value.
    """
    if isinstance(value, date):
        return _date_shown(value, language)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, int | Decimal):
        return f"NT${trimmed(Decimal(value)):,f}" if field.type == "money" else written(value)
    if isinstance(value, tuple):
        return ("、" if language == "zh-TW" else ", ").join(_label(field, one, language) for one in value)
    return _text_shown(field, value, language, people)


def _text_shown(field: FieldSpec, value: str, language: Language, people: People) -> str:
    if field.type == "choice":
        return _label(field, value, language)
    if field.type == "file":
        return say(language, "file_shown")
    if field.type == "person":
        return next((str(one) for one in people(value) if one.number == value), value)
    return value


def _date_shown(value: date, language: Language) -> str:
    weekday = _WEEKDAYS[language][value.weekday()]
    day = f"{value:%Y-%m-%d}（{weekday}）" if language == "zh-TW" else f"{value:%Y-%m-%d} ({weekday})"
    if not isinstance(value, datetime):
        return day
    return f"{day}{'' if language == 'zh-TW' else ' '}{value:%H:%M}"


def _label(field: FieldSpec, value: str, language: Language) -> str:
    return next((option.label_in(language) for option in field.choices if option.value == value), value)


def to_json(value: Value | bool) -> Json:
    """Return the value as JSON has it: decimals and dates as texts, several choices as a list."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str | int):
        return value
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def from_json(field: FieldSpec, kept: Any) -> Value:
    """Return the value of a field that ``to_json`` kept. Raises ValueError where it does not fit the field."""
    if field.type == "choices" and isinstance(kept, Sequence) and not isinstance(kept, str):
        return tuple(map(str, kept))
    if field.type in ("number", "money") and isinstance(kept, int | str):
        return kept if isinstance(kept, int) and field.type == "number" else _decimal(kept)
    if not isinstance(kept, str) or field.type in ("choices", "number", "money"):
        raise ValueError(f"{field.name}: what was kept is no {field.type}")
    return _FROM_TEXT[field.type](kept) if field.type in _FROM_TEXT else kept


_FROM_TEXT: dict[str, Callable[[str], Value]] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def _decimal(kept: int | str) -> Decimal:
    try:
        value = Decimal(kept)
    except ArithmeticError:
        raise ValueError("what was kept is no number") from None
    if not value.is_finite():
        raise ValueError("what was kept is no number")
    return value
