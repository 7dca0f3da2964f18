"""What people write while they fill in a form, besides what the form asks for. Pure."""

from typing import Literal

Word = Literal["cancel", "skip", "edit", "hand_in", "go", "chosen"]

_WORDS: dict[Word, tuple[str, ...]] = {
    "cancel": ("取消", "不填了", "算了", "放棄", "cancel", "abort"),
    "skip": ("略過", "跳過", "不用", "不用了", "無", "沒有", "skip", "none", "no"),
    "edit": ("修改", "更改", "edit", "change"),
    "hand_in": ("送出", "確認", "確認送出", "確定", "沒問題", "好", "是", "hand in", "submit", "confirm", "ok", "yes"),
    "go": ("繼續", "繼續填", "go on", "continue"),
    "chosen": ("選好了", "好了", "done"),
}
_BY_TEXT = {text: word for word, texts in _WORDS.items() for text in texts}
_LONG = 40  # characters
_ENDS = ("?", "？", "嗎", "呢", "嘛")
_ASKS_ZH = (
    "什麼",
    "甚麼",
    "怎麼",
    "怎樣",
    "如何",
    "為何",
    "多少",
    "幾天",
    "幾日",
    "幾點",
    "哪裡",
    "哪一",
    "哪個",
    "誰",
    "可不可以",
    "能不能",
    "是不是",
    "有沒有",
)
_ASKS_EN = frozenset(
    {"what", "how", "when", "why", "who", "where", "which", "can", "could", "do", "does", "is", "are", "may", "should"}
)


def read(text: str) -> Word | None:
    """Return the word that a message is, None if it is none: only a message that holds nothing else is one."""
    return _BY_TEXT.get(text.strip().strip("。.!！~～ ").lower())


def ends_as_question(text: str) -> bool:
    """Return whether a message ends with a question mark."""
    return text.rstrip().endswith(("?", "？"))


def asks(text: str) -> bool:
    """Return whether a message asks: it ends like a question, holds a question word, or begins like one in English."""
    bare = text.strip().rstrip("。.!！~～ ")
    first = bare.split(maxsplit=1)[0].lower().strip(",") if bare else ""
    return bare.endswith(_ENDS) or first in _ASKS_EN or any(word in bare for word in _ASKS_ZH)


def is_long(text: str) -> bool:
    """Return whether a message is longer than an answer to a field that is no text."""
    return len(text.strip()) > _LONG
