"""The modal in which a question is written, with the window it goes to."""

from collections.abc import Mapping
from typing import Any

from bots.messages import Language
from bots.platforms.slack.gestures import ASK, QUESTION, WINDOW
from bots.platforms.slack.parts import plain, shortened
from bots.platforms.slack.plain import clean
from bots.platforms.slack.texts import TEXTS

QUESTION_CHARACTERS = 2_000


def ask_modal(language: Language, windows: Mapping[str, str], question: str = "") -> dict[str, Any]:
    """Return the view; ``windows`` are names with titles. Without a chosen window the best-matching one answers."""
    texts = TEXTS[language]
    blocks = [_question(language, question)]
    options = [{"text": plain(title, 75), "value": name} for name, title in windows.items() if len(name) <= 150]
    if options:
        blocks.append(_window(language, options[:100]))
    return {
        "type": "modal",
        "callback_id": ASK,
        "title": plain(texts["ask_title"], 24),
        "submit": plain(texts["ask_submit"], 24),
        "close": plain(texts["ask_close"], 24),
        "blocks": blocks,
    }


def _question(language: Language, question: str) -> dict[str, Any]:
    box: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": QUESTION,
        "multiline": True,
        "min_length": 1,
        "max_length": QUESTION_CHARACTERS,
    }
    if question:
        box["initial_value"] = shortened(clean(question), QUESTION_CHARACTERS)
    return {
        "type": "input",
        "block_id": QUESTION,
        "label": plain(TEXTS[language]["ask_question"], 75),
        "element": box,
        "hint": plain(TEXTS[language]["ask_hint"], 150),
    }


def _window(language: Language, options: list[dict[str, Any]]) -> dict[str, Any]:
    select = {
        "type": "static_select",
        "action_id": WINDOW,
        "options": options,
        "placeholder": plain(TEXTS[language]["ask_any"], 150),
    }
    label = plain(TEXTS[language]["ask_window"], 75)
    return {"type": "input", "block_id": WINDOW, "label": label, "element": select, "optional": True}
