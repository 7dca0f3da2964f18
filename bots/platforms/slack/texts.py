"""Our own sentences in Slack, in Traditional Chinese as written in Taiwan and in English."""

import re
from collections.abc import Mapping

from bots.messages import Language

TEXTS: Mapping[Language, Mapping[str, str]] = {
    "zh-TW": {
        "received": "收到，回答會送到您和我的私訊裡。",
        "usage": "請把問題寫在指令後面，例如：{command} 特休有幾天？",
        "ask_title": "問窗口",
        "ask_submit": "送出",
        "ask_close": "取消",
        "ask_question": "您的問題",
        "ask_window": "哪個窗口",
        "ask_any": "由系統判斷",
        "ask_hint": "回答會送到您和我的私訊裡。",
        "ask_empty": "請先寫下問題。",
        "sources": "出處",
        "page": "第 {page} 頁",
        "refused": "文件裡沒有足夠的依據",
        "shortened": "內容較長，這裡只列出前面的部分。",
        "full": "看完整回答",
        "good": "有幫助",
        "bad": "沒有幫助",
        "nothing": "（沒有內容）",
        "open_form": "填寫表單",
        "more_rows": "另有 {count} 筆，這裡沒有列出。",
        "more_files": "另有 {count} 個附件，這裡沒有列出。",
        "person_hint": "姓名或員工編號",
        "file_hint": "{label}：送出後，請在對話中傳給我。",
    },
    "en": {
        "received": "Got it. The answer will come to our direct messages.",
        "usage": "Write the question after the command, for example: {command} how many leave days do I have?",
        "ask_title": "Ask a window",
        "ask_submit": "Ask",
        "ask_close": "Cancel",
        "ask_question": "Your question",
        "ask_window": "Which window",
        "ask_any": "Let the system choose",
        "ask_hint": "The answer will come to our direct messages.",
        "ask_empty": "Write a question first.",
        "sources": "Sources",
        "page": "p. {page}",
        "refused": "The documents do not say enough",
        "shortened": "This is long; only its beginning is shown here.",
        "full": "Read it in full",
        "good": "Helpful",
        "bad": "Not helpful",
        "nothing": "(nothing)",
        "open_form": "Open the form",
        "more_rows": "{count} more are not listed here.",
        "more_files": "{count} more files are not listed here.",
        "person_hint": "Name or employee number",
        "file_hint": "{label}: send it to me in our chat once this is handed in.",
    },
}

_LATIN = re.compile(r"[A-Za-z]")


def language_of(text: str) -> Language:
    """Return English for a text in ASCII letters, else Chinese: where Slack does not tell the person's language."""
    return "en" if text.isascii() and _LATIN.search(text) else "zh-TW"
