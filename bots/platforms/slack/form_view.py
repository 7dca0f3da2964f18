"""A form as a modal: one input block a field, within Slack's limits. All of its words are plain text.

A file is not asked for here but in the conversation, once the rest is handed in: there it is fetched, kept and shown.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from bots.messages import FormField, FormView, Language, Place
from bots.platforms.slack.filled import origin
from bots.platforms.slack.gestures import FORM
from bots.platforms.slack.parts import Block, context, plain, section, shortened
from bots.platforms.slack.plain import clean
from bots.platforms.slack.texts import TEXTS

VIEW_BYTES = 240_000  # of Slack's 250 KB
BLOCKS = 100
TITLE = 24
HINT = 2_000
LABEL = 2_000
PLACEHOLDER = 150
OPTION = 75
OPTION_VALUE = 150
OPTIONS = 100  # in one list, and as many lists in one menu
TICKS = 10  # options that can be ticked; more stand in a menu
AT_ONCE = 4  # options that are seen at once; more stand in a menu
TEXT_BOX = 3_000
SEVERAL_LINES = 200  # a longer text gets a larger box

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_SEVERAL = re.compile(r"[、,，\n]")


def form_view(form: FormView, place: Place, zone: tzinfo) -> Block | None:
    """Return the modal; None for a form that Slack could not show: the conversation asks for it then.

    ``place`` is where it is opened; a moment that is filled in already is one of ``zone``.
    """
    texts = TEXTS[form.language]
    heading = [section(form.title)] if len(form.title) > TITLE else []
    written = [field for field in form.fields if field.kind != "file"]
    sent = [_file_hint(field, form.language) for field in form.fields if field.kind == "file"]
    blocks = [*heading, *(_input(field, form.language, zone) for field in written), *sent]
    view = {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": origin(form.name, place, form.language),
        "title": plain(form.title, TITLE),
        "submit": plain(form.submit, TITLE),
        "close": plain(texts["ask_close"], TITLE),
        "blocks": blocks,
    }
    return view if written and len(blocks) <= BLOCKS and _bytes(view) <= VIEW_BYTES else None


def input_blocks(view: Any) -> list[str]:
    """Return the names of a modal's blocks that something can be written into."""
    blocks = view.get("blocks") if isinstance(view, dict) else None
    known = (block for block in (blocks if isinstance(blocks, list) else ()) if isinstance(block, dict))
    return [str(block["block_id"]) for block in known if block.get("type") == "input" and block.get("block_id")]


def _bytes(view: Block) -> int:
    return len(json.dumps(view, ensure_ascii=False).encode())


def _input(field: FormField, language: Language, zone: tzinfo) -> Block:
    element = _element(field, zone)
    own = TEXTS[language]["person_hint"] if field.kind == "person" else ""
    hint = field.help.strip() or own
    return {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, LABEL),
        "element": {**element, "action_id": field.name},
        "optional": field.optional,
        **({"hint": plain(hint, HINT)} if hint else {}),
    }


def _file_hint(field: FormField, language: Language) -> Block:
    return context(TEXTS[language]["file_hint"].format(label=shortened(field.label, 100)))


def _element(field: FormField, zone: tzinfo) -> Block:
    match field.kind:
        case "number" | "money":
            return _numeric(field)
        case "choice" | "choices" if _fits(field):
            return _one_of(field) if field.kind == "choice" else _some_of(field)
        case "date" | "time" | "datetime":
            return _PICKERS[field.kind](field, zone)
    return _text(field)


# --- written ---


def _text(field: FormField) -> Block:
    most = min(max(field.longest, 1), TEXT_BOX)
    box: Block = {"type": "plain_text_input", "max_length": most, **_example(field)}
    if most > SEVERAL_LINES and field.kind == "text":
        box["multiline"] = True
    value = shortened(clean(field.value), most)
    return {**box, "initial_value": value} if value else box


def _numeric(field: FormField) -> Block:
    box: Block = {"type": "number_input", "is_decimal_allowed": True, **_example(field)}
    return {**box, "initial_value": field.value} if _NUMBER.fullmatch(field.value) else box


def _example(field: FormField) -> Block:
    return {"placeholder": plain(field.example, PLACEHOLDER)} if field.example.strip() else {}


# --- picked ---


def _date(field: FormField, _: tzinfo) -> Block:
    is_date = _DATE.fullmatch(field.value) and _moment(field.value)
    return {"type": "datepicker", **({"initial_date": field.value} if is_date else {})}


def _time(field: FormField, _: tzinfo) -> Block:
    return {"type": "timepicker", **({"initial_time": field.value} if _TIME.fullmatch(field.value) else {})}


def _datetime(field: FormField, zone: tzinfo) -> Block:
    moment = _moment(field.value)
    seconds = int(moment.replace(tzinfo=zone).timestamp()) if moment and 2002 <= moment.year <= 2200 else 0
    is_ten_digits = 1_000_000_000 <= seconds < 10_000_000_000
    return {"type": "datetimepicker", **({"initial_date_time": seconds} if is_ten_digits else {})}


def _moment(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


_PICKERS: Mapping[str, Callable[[FormField, tzinfo], Block]] = {"date": _date, "time": _time, "datetime": _datetime}


# --- chosen ---


def _fits(field: FormField) -> bool:
    """Whether Slack can offer the choices. Where it cannot, people write what they choose."""
    values = [value for value, _ in field.choices]
    return 0 < len(values) <= OPTIONS * OPTIONS and all(0 < len(value) <= OPTION_VALUE for value in values)


def _one_of(field: FormField) -> Block:
    options = _options(field)
    chosen = next((option for option in options if option["value"] == field.value), None)
    first = {"initial_option": chosen} if chosen else {}
    if len(options) <= AT_ONCE and not field.optional:  # what is ticked here cannot be left out again
        return {"type": "radio_buttons", "options": options, **first}
    return {"type": "static_select", **_menu(options), **first}


def _some_of(field: FormField) -> Block:
    options, named = _options(field), {part.strip() for part in _SEVERAL.split(field.value)}
    chosen = [option for option in options if option["value"] in named]
    first = {"initial_options": chosen} if chosen else {}
    if len(options) <= TICKS:
        return {"type": "checkboxes", "options": options, **first}
    return {"type": "multi_static_select", **_menu(options), **first}


def _options(field: FormField) -> list[Block]:
    by_value = {value: {"text": plain(label or value, OPTION), "value": value} for value, label in field.choices}
    return list(by_value.values())


def _menu(options: Sequence[Block]) -> Block:
    """Return the options of a menu; more than a hundred stand in groups, named by their first and last."""
    if len(options) <= OPTIONS:
        return {"options": list(options)}
    parts = [options[at : at + OPTIONS] for at in range(0, len(options), OPTIONS)]
    return {"option_groups": [{"label": plain(_span(part), OPTION), "options": list(part)} for part in parts]}


def _span(options: Sequence[Block]) -> str:
    first, last = (shortened(option["text"]["text"], 30) for option in (options[0], options[-1]))
    return f"{first} – {last}"
