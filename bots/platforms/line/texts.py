"""Our own sentences on LINE. What a window says is written elsewhere; these stand around it."""

from collections.abc import Mapping
from typing import Final

from bots.messages import Language

TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "zh-TW": {
        "sources": "出處",
        "source": "出處 {number}",
        "page": "第 {page} 頁",
        "open": "開啟這一頁 ›",
        "more_sources": "另有 {count} 則出處",
        "more_files": "另有 {count} 個附件",
        "refused": "這個窗口找不到答案",
        "notice": "提醒",
        "full": "完整回答：{url}",
        "title": "【{title}】\n",
        "quote": "「{quote}」",
        "comma": "、",
        "colon": "：",
        "helpful": "👍 有幫助",
        "not_helpful": "👎 沒有幫助",
        "nothing": "（沒有內容）",
    },
    "en": {
        "sources": "Sources",
        "source": "Source {number}",
        "page": "page {page}",
        "open": "Open this page ›",
        "more_sources": "{count} more sources",
        "more_files": "{count} more files",
        "refused": "This window found no answer",
        "notice": "Please note",
        "full": "The full answer: {url}",
        "title": "[{title}]\n",
        "quote": "“{quote}”",
        "comma": ", ",
        "colon": ": ",
        "helpful": "👍 Helpful",
        "not_helpful": "👎 Not helpful",
        "nothing": "(nothing to show)",
    },
}
