"""What people may write besides questions."""

from bots.messages import FileOffer

_TO_SIGN = ("簽核", "待簽核", "待我簽核", "我要簽核", "有哪些待我簽核的")
_COMMANDS = {
    "menu": (
        *("窗口", "選單", "功能", "說明", "幫助", "menu", "help", "windows"),
        *("你好", "您好", "哈囉", "嗨", "早安", "午安", "晚安", "hi", "hello", "hey"),
        *("你能幫什麼忙", "你可以幫什麼忙", "你會什麼", "你可以做什麼", "what can you do", "how can you help"),
    ),
    "thanks": ("謝謝", "謝謝你", "謝謝您", "感謝", "多謝", "謝啦", "thanks", "thank you", "thx"),
    "new": ("開新對話", "新對話", "重新開始", "new", "reset"),
    "bind": ("綁定", "bind"),
    "unbind": ("解除綁定", "取消綁定", "unbind"),
    "requests": ("我的申請", "我的申請單", "申請進度", "my requests", "requests"),
    "tasks": ("待辦", "我的待辦", "待辦事項", "待審核", *_TO_SIGN, "my tasks", "tasks"),
    "cancel": ("取消", "不填了", "算了", "cancel"),
    "notices": ("通知設定", "notification settings"),
}
_BY_WORD = {word: command for command, words in _COMMANDS.items() for word in words}
_DOCUMENTS = (".pdf", ".png", ".jpg", ".jpeg", ".docx", ".xlsx", ".pptx", ".html", ".md", ".txt", ".csv")


def read(text: str) -> str | None:
    """Return the command that a message is, None if it is none: only a message that holds nothing else is one."""
    bare = text.strip().strip("/。.!！?？~～ ").lower()
    return _BY_WORD.get(bare) if bare else ("menu" if text.strip() else None)


def is_document(file: FileOffer) -> bool:
    """Return whether a file is of a kind that the knowledge base reads."""
    return file.name.lower().endswith(_DOCUMENTS) or file.media_type.startswith(("image/", "application/pdf"))
