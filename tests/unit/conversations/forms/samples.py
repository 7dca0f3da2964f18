"""Forms that the tests fill in, and a Sunday evening on which they do."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bots.windows.modes.form import Form
from bots.windows.modes.meaning import Context, PersonRef

TAIPEI = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 11, 29, 20, 0, tzinfo=TAIPEI)

LEAVE = Form.model_validate(
    {
        "title": {"zh-TW": "請假單", "en": "Leave request"},
        "fields": [
            {
                "name": "kind",
                "type": "choice",
                "label": {"zh-TW": "假別", "en": "Kind"},
                "choices": [
                    {"value": "特休", "label": {"zh-TW": "特休", "en": "annual leave"}},
                    {"value": "病假", "label": {"zh-TW": "病假", "en": "sick leave"}},
                ],
            },
            {"name": "starts", "type": "datetime", "label": {"zh-TW": "開始", "en": "Begins"}},
            {"name": "ends", "type": "datetime", "label": {"zh-TW": "結束", "en": "Ends"}, "after": "starts"},
            {"name": "reason", "label": {"zh-TW": "事由", "en": "Reason"}, "optional": True, "longest": 50},
        ],
    }
)

EVERYTHING = Form.model_validate(
    {
        "title": "全部",
        "fields": [
            {"name": "words", "label": "文字", "pattern": "[^#]*", "longest": 30},
            {"name": "count", "type": "number", "label": "數量", "min": 1, "max": 9},
            {"name": "price", "type": "money", "label": "金額", "max": 1000, "optional": True},
            {"name": "color", "type": "choice", "label": "顏色", "choices": ["紅", "藍"]},
            {"name": "extras", "type": "choices", "label": "加購", "choices": ["電池", "濾網", "提把"]},
            {"name": "day", "type": "date", "label": "日期"},
            {"name": "until", "type": "date", "label": "到期", "after": "day", "optional": True},
            {"name": "hour", "type": "time", "label": "時間", "optional": True},
            {"name": "who", "type": "person", "label": "代理人", "optional": True},
            {"name": "photo", "type": "file", "label": "照片", "optional": True},
        ],
        "computed": {"total": "count * 2"},
        "checks": [{"when": "count > 5 and color == '紅'", "say": "紅色一次最多五個。"}],
    }
)

PEOPLE = (PersonRef("A1", "沈若蘭"), PersonRef("A2", "葉佳蓉"))


def find(text: str) -> list[PersonRef]:
    """Find the two people by number or name."""
    return [person for person in PEOPLE if text.strip() in (person.number, person.name)]


def context(language: str = "zh-TW") -> Context:
    """Return a context of that evening."""
    return Context(NOW, language, find)  # type: ignore[arg-type]
