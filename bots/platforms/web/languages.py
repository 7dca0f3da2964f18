"""Which language a visitor reads, and our sentences in it."""

from collections.abc import Mapping
from typing import Any, cast

from flask import request, session
from werkzeug.datastructures import LanguageAccept

from bots.messages import Language
from bots.platforms.web.texts_en import TEXTS as ENGLISH
from bots.platforms.web.texts_zh_tw import TEXTS as CHINESE
from bots.platforms.web.visitors import is_from_widget

TEXTS: Mapping[Language, Mapping[str, str]] = {"zh-TW": CHINESE, "en": ENGLISH}
HTML_LANG: Mapping[Language, str] = {"zh-TW": "zh-Hant-TW", "en": "en"}  # Hant: browsers pick Taiwan's shapes by it


def is_language(value: object) -> bool:
    """Whether we have sentences in this language."""
    return value in TEXTS


def choose_language(session: Mapping[str, Any], accepted: LanguageAccept) -> Language:
    """Return the language chosen on the page, else the browser's first of ours. Who reads neither gets English."""
    if is_language(session.get("language")):
        return cast("Language", session["language"])
    for tag in accepted.values():
        primary = tag.split("-")[0].lower()
        if primary in ("zh", "en"):
            return "zh-TW" if primary == "zh" else "en"
    return "en" if accepted else "zh-TW"


def this_language() -> Language:
    """Return the language of the visitor whose request this is. The widget's page says its own, and has no session."""
    return choose_language({} if is_from_widget(request) else session, request.accept_languages)


def worded(language: Language) -> dict[str, Any]:
    """Return what every template needs to speak a language."""
    return {"t": TEXTS[language], "language": language, "html_lang": HTML_LANG[language]}
