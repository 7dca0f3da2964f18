"""What a form in progress says: the next question, which field to change, or the whole to confirm. Pure.

What a tap carries: "fill=DRAFT/VERB", "fill=DRAFT/VERB/FIELD" and "fill=DRAFT/set/FIELD/OPTION", where an option is
named by ``steps.key_of``; and "fill=DRAFT/submit/REVISION", so that nobody hands in what they did not see.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from bots.conversations.forms.steps import Filling, Step, key_of
from bots.conversations.forms.texts import say
from bots.messages import Card, Choice, FormField, FormView, Language, Picker, Reply
from bots.windows.modes import values
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.meaning import Context, Value

_TAPS = 11  # LINE shows 13; skip, done or cancel come on top
_LISTED = 30  # options named in the text
_ON_A_CARD = 280  # characters of a card's text that every platform shows
_A_VALUE = 300  # characters of one value in the confirmation
_PICKERS: dict[str, Picker] = {"date": "date", "time": "time", "datetime": "datetime"}


@dataclass(frozen=True, slots=True)
class Asking:
    """In which draft and language something is asked. ``revision``: of the draft as it is shown."""

    draft: str
    revision: int
    context: Context
    window: str = ""  # the title of the window

    @property
    def language(self) -> Language:
        """Return the language to speak."""
        return self.context.language

    def say(self, key: str, **more: object) -> str:
        """Return a sentence."""
        return say(self.language, key, **more)

    def tap(self, key: str, *path: str, style: str = "", **more: object) -> Choice:
        """Return a tap of this draft, labelled with a sentence."""
        shown = "primary" if style == "primary" else "danger" if style == "danger" else ""
        return Choice(self.say(key, **more), data="/".join((f"fill={self.draft}", *path)), style=shown)  # type: ignore[arg-type]  # a style of Choice


def reply(step: Step, asking: Asking, before: str = "") -> Reply:
    """Return what is said after a step: what is wrong, and what is asked next."""
    filling = step.filling
    if filling.editing:
        said = _which(filling, asking)
    elif (field := filling.field) is not None:
        said = _question(filling, field, asking, wrong=bool(step.wrong))
    else:
        said = _confirmation(filling, asking, whole=not step.wrong)
    text = "\n".join(part for part in (before, step.wrong, said.text) if part)
    return replace(said, text=text, language=asking.language, window=asking.window)


# --- one field ---


def _question(filling: Filling, field: FieldSpec, asking: Asking, *, wrong: bool) -> Reply:
    options = _options(filling, field, asking)
    lines = [asking.say(f"ask_{field.type}", label=field.label_in(asking.language)), field.help]
    if wrong and field.example:
        lines.append(asking.say("example", example=field.example))
    if len(field.choices) > _TAPS:
        labels = (option.label_in(asking.language) for option in field.choices[_TAPS : _TAPS + _LISTED])
        lines.append(asking.say("options_more", options=asking.say("comma").join(labels)))
    taps = (*options, *_ways_on(filling, field, asking, wrong=wrong))
    return Reply("\n".join(line for line in lines if line), choices=taps)


def _options(filling: Filling, field: FieldSpec, asking: Asking) -> list[Choice]:
    """Return the taps that answer."""
    if field.type in _PICKERS:
        return [*_days(field, asking), _picker(field, asking)]
    value = filling.values.get(field.name)
    marked = value if field.type == "choices" and isinstance(value, tuple) else ()
    return [
        Choice(
            ("✓ " if option.value in marked else "") + option.label_in(asking.language),
            data=f"fill={asking.draft}/set/{field.name}/{key_of(option)}",
        )
        for option in field.choices[:_TAPS]
    ]


def _days(field: FieldSpec, asking: Asking) -> list[Choice]:
    if field.type != "date":
        return []
    return [Choice(asking.say(day), say=asking.say(day)) for day in ("today", "tomorrow")]


def _picker(field: FieldSpec, asking: Asking) -> Choice:
    tap = asking.tap(f"pick_{field.type}", "pick", field.name)
    return replace(tap, picker=_PICKERS[field.type])


def _ways_on(filling: Filling, field: FieldSpec, asking: Asking, *, wrong: bool) -> list[Choice]:
    """Return the taps that do not answer: done, skip, another field, cancel."""
    ways = []
    if field.type == "choices" and filling.values.get(field.name):
        ways.append(asking.tap("chosen", "done", field.name, style="primary"))
    if field.optional and not filling.values.get(field.name):
        ways.append(asking.tap("skip", "skip", field.name))
    if wrong and filling.given:  # it may be the other field that has to be changed
        ways.append(asking.tap("edit", "edit"))
    return [*ways, asking.tap("cancel", "cancel", style="danger")]


# --- all of them ---


def _which(filling: Filling, asking: Asking) -> Reply:
    taps = [
        Choice(field.label_in(asking.language), data=f"fill={asking.draft}/ask/{field.name}")
        for field in filling.form.fields
    ]
    return Reply(asking.say("edit_which"), choices=(*taps[: _TAPS + 1], asking.tap("cancel", "cancel", style="danger")))


def _confirmation(filling: Filling, asking: Asking, *, whole: bool) -> Reply:
    title = filling.form.title_in(asking.language)
    shown = "\n".join(lines(filling, asking.context))
    taps = [asking.tap("edit", "edit"), asking.tap("cancel", "cancel", style="danger")]
    taps.insert(0, asking.tap("hand_in", "submit", str(asking.revision), style="primary"))
    sentence = asking.say("confirm", title=title) if whole else ""
    if len(shown) <= _ON_A_CARD:
        return Reply(sentence, cards=(Card(title, shown, tuple(taps)),))
    text = "\n\n".join(part for part in (sentence, shown) if part)
    return Reply(text, cards=(Card(title, asking.say("all_above"), tuple(taps)),))


def lines(filling: Filling, context: Context) -> Iterable[str]:
    """Return what was filled in, a line a field."""
    language = context.language
    for field in filling.form.fields:
        value = filling.values.get(field.name)
        shown = shown_value(field, value, context) if value is not None else say(language, "none")
        yield f"{field.label_in(language)}{say(language, 'colon')}{shown}"


def shown_value(field: FieldSpec, value: Value, context: Context) -> str:
    """Return a value for people, in one line, and short enough for thirty of them in one message."""
    text = " ".join(_named(field, value, context).split())
    return text if len(text) <= _A_VALUE else text[: _A_VALUE - 1] + "…"


def _named(field: FieldSpec, value: Value, context: Context) -> str:
    """Return a value in words; a file's is the name it was sent under."""
    return str(value) if field.type == "file" else values.shown(field, value, context.language, context.people)


# --- to be filled in at once ---


def view(window: str, name: str, filling: Filling, context: Context, draft: str = "") -> FormView:
    """Return the form as a dialog or page shows it, with what is known filled in."""
    language, form = context.language, filling.form
    fields = tuple(_field(field, filling, context) for field in form.fields)
    return FormView(f"{window}/{name}", form.title_in(language), fields, say(language, "hand_in"), language, draft)


def _field(field: FieldSpec, filling: Filling, context: Context) -> FormField:
    value = filling.values.get(field.name)
    return FormField(
        field.name,
        field.type,
        field.label_in(context.language),
        field.help,
        field.optional,
        tuple((option.value, option.label_in(context.language)) for option in field.choices),
        _written(field, value, context) if value is not None else "",
        field.example,
        field.longest,
    )


def _written(field: FieldSpec, value: Value, context: Context) -> str:
    """Return a value as an input field holds it: moments as ISO 8601, options by value, people as they are shown."""
    match value:
        case tuple():
            return "、".join(value)
        case datetime():
            return value.replace(tzinfo=None).isoformat(timespec="minutes")
        case time():
            return value.isoformat(timespec="minutes")
        case date():
            return value.isoformat()
    return shown_value(field, value, context) if field.type == "person" else str(value)
