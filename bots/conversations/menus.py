"""Lists of windows, and what to ask them: in three taps from a greeting to an answer."""

from collections.abc import Sequence

from bots.conversations.modes import Intent
from bots.conversations.texts import say
from bots.messages import Card, Choice, Language, Reply
from bots.windows.model import Window

_QUESTIONS = 3
_SWITCHES = 4


def windows(shown: Sequence[Window], language: Language, sentence: str) -> Reply:
    """Return the windows as cards with their questions to tap."""
    if not shown:
        return Reply(say(language, "nothing_here"), language=language)
    automatic = (Choice(say(language, "auto_label"), data="window="),) if len(shown) > 1 else ()
    return Reply(
        sentence, cards=tuple(_card(window, language) for window in shown), choices=automatic, language=language
    )


def home(shown: Sequence[Window], language: Language, company: str) -> Reply:
    """Return Slack's App Home."""
    if not shown:
        return Reply(say(language, "nothing_here"), language=language)
    text = f"{say(language, 'home', company=company)}\n{say(language, 'home_text')}"
    return Reply(text, cards=tuple(_card(window, language) for window in shown), language=language)


def questions(window: Window, language: Language, sentence: str) -> Reply:
    """Return a window that was just chosen, with its questions to tap."""
    card = window.card(language)
    choices = (Choice(say(language, "windows_label"), data="windows"),)
    return Reply(sentence, suggestions=card.questions[:6], choices=choices, window=card.title, language=language)


def switches(shown: Sequence[Window], current: str, language: Language) -> tuple[Choice, ...]:
    """Return the taps that ask the same in another window."""
    return tuple(
        Choice(say(language, "switch", window=window.title_in(language)), data=f"ask={window.name}")
        for window in shown
        if window.name != current
    )[:_SWITCHES]


def did_you_mean(shown: Sequence[Window], near: Sequence[Intent], language: Language) -> Reply:
    """Return the question which of several things is meant, each to tap."""
    titles = {window.name: window.modes_in(language) for window in shown}
    choices = tuple(Choice(titles[one.window][one.kind, one.name], data=one.data) for one in near)
    return Reply(say(language, "did_you_mean"), choices=choices, language=language)


def _card(window: Window, language: Language) -> Card:
    card = window.card(language)
    asks = tuple(Choice(question, say=question) for question in card.questions[:_QUESTIONS])
    return Card(card.title, card.contact, (Choice(say(language, "ask_here"), data=f"window={window.name}"), *asks))
