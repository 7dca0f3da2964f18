"""How a look-up asks for what it needs to know: one slot at a time, with what can be tapped instead of written."""

from bots.conversations.lookups.texts import say
from bots.messages import Choice, Language, Picker
from bots.windows.modes.field import FieldSpec

_MOST_CHOICES = 11  # LINE shows 13 quick replies, and one of ours is "cancel"
_DAYS = ("today", "yesterday", "tomorrow")
_PICKERS: dict[str, tuple[Picker, str]] = {
    "date": ("date", "pick_date"),
    "time": ("time", "pick_time"),
    "datetime": ("datetime", "pick_date"),
}


def question(slot: FieldSpec, title: str, language: Language, why: str = "") -> str:
    """Return the sentence that asks for a slot. ``why``: what was wrong with the last answer."""
    label = slot.label_in(language)
    if why:
        sentence = say(language, "again", why=why, label=label)
    else:
        sentence = say(language, "ask_choice" if slot.choices else "ask", title=title, label=label)
    return "\n".join(filter(None, (sentence, slot.help)))


def choices(slot: FieldSpec, data: str, language: Language) -> tuple[Choice, ...]:
    """Return what can be tapped: the slot's choices, days, a picker that sends ``data``, and to cancel."""
    cancel = say(language, "cancel")
    return (*_answers(slot, data, language), Choice(cancel, say=cancel))


def _answers(slot: FieldSpec, data: str, language: Language) -> tuple[Choice, ...]:
    if slot.choices:
        labels = [option.label_in(language) for option in slot.choices[:_MOST_CHOICES]]
        return tuple(Choice(label, say=label) for label in labels)
    days = [say(language, day) for day in _DAYS] if slot.type == "date" else []
    said = tuple(Choice(day, say=day) for day in days)
    if slot.type not in _PICKERS:
        return said
    picker, label = _PICKERS[slot.type]
    return (*said, Choice(say(language, label), data=data, picker=picker))
