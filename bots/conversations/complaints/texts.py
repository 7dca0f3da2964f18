"""What we say of complaints, in both languages."""

from collections.abc import Mapping

from bots.messages import Language

ZH: Mapping[str, str] = {
    "new": "{window}收到一件與您有關的客訴：",
    "title": "{title} {number}",
    "theme": "主題：{theme}（{sentiment}）",
    "no_theme": "感受：{sentiment}",
    "product": "商品：{product}",
    "text": "內容：{text}",
    "handled": "已交由負責的同仁處理，有結果會再通知您。",
    "negative": "負面",
    "neutral": "中性",
    "positive": "正面",
}

EN: Mapping[str, str] = {
    "new": "{window} has a complaint that concerns you:",
    "title": "{title} {number}",
    "theme": "Theme: {theme} ({sentiment})",
    "no_theme": "Feeling: {sentiment}",
    "product": "Product: {product}",
    "text": "What happened: {text}",
    "handled": "Whoever is in charge has been asked to work on it; you will hear of the outcome.",
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
}

_ALL: Mapping[Language, Mapping[str, str]] = {"zh-TW": ZH, "en": EN}


def say(language: Language, key: str, **values: object) -> str:
    """Return one of the sentences. What is put in stays as it is: braces in it mean nothing."""
    return _ALL[language][key].format(**values)
