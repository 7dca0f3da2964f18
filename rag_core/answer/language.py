"""The language a question is asked in, which is the language it is answered in."""

import re
from typing import Literal

Language = Literal["zh", "en"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")

_REFUSALS: dict[Language, str] = {
    "zh": "這個問題在我能查閱的文件裡找不到答案。{contact}",
    "en": "I could not find an answer to this in the documents I may read. {contact}",
}
_CONTACTS: dict[Language, str] = {"zh": "請洽{contact}。", "en": "Please ask {contact}."}
_EMPTY: dict[Language, str] = {
    "zh": "請把想問的事說得具體一點，例如「特休有幾天？」。",
    "en": "Please say a little more about what you would like to know, for example “How many days of leave do I have?”",
}


def language_of(question: str) -> Language:
    """Return ``zh`` if the question holds any Chinese character (VPN 怎麼設定) or no letter at all, else ``en``."""
    return "zh" if _HAN.search(question) or not any(map(str.isalpha, question)) else "en"


def refusal_text(language: Language, contact: str = "") -> str:
    """Return the sentence that says nothing was found; it names the contact, if there is one."""
    named = _CONTACTS[language].format(contact=contact) if contact else ""
    return _REFUSALS[language].format(contact=named).strip()


def empty_text(language: Language) -> str:
    """Return the sentence for a message that asks nothing: a greeting, symbols, question words alone."""
    return _EMPTY[language]
