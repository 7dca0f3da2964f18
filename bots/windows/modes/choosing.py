"""Which option, or which person, somebody means.

An option is named by its value, its label in either language, or its place in the list ("2", 第二個); case, width and
Simplified or Traditional make no difference. The beginning or a part of one label is enough if no other has it, and so
is a sentence with one label in it.
"""

import re
from collections.abc import Iterable, Sequence

from bots.windows.modes.field import FieldSpec, Option
from bots.windows.modes.meaning import Context, NotUnderstood, PersonRef
from bots.windows.modes.numerals import number
from bots.windows.modes.plain import alike
from bots.windows.modes.sentences import listed, refuse

_LONGEST = 2000
_MOST_PEOPLE = 6
_EDGES = " \t\r\n.,!?。，！？「」『』\"'“”()（）"
_ALL = frozenset(("全部", "全部都要", "都要", "all", "all of them"))
_STRONG = re.compile(r"[、，,；;/\n＋+&＆]")
_WEAK = re.compile(r"(?<!\S)and(?!\S)|和|與|跟|及|\s")
_PLACE = re.compile(r"(?:[選选]|第|no\.?)?\s?(?P<n>\d{1,3}|[零一二三四五六七八九十]{1,3})\s?(?:[.)個个項项號号])?")
_IN_BRACKETS = re.compile(r"[（(]\s*(?P<number>[^（()）\s]{1,40})\s*[)）]\s*$")


def with_choices(field: FieldSpec, rows: Iterable[Sequence[object]]) -> FieldSpec:
    """Return the field with the rows of its look-up as choices: the first column is the value, the second the label."""
    options: dict[str, Option] = {}
    for row in rows:
        if row and (value := str(row[0]).strip()):
            label = str(row[1]).strip() if len(row) > 1 and row[1] is not None else ""
            options.setdefault(value, Option.model_validate({"value": value, "label": label or value}))
    return field.model_copy(update={"choices": tuple(options.values()), "choices_from": None})


def key_of(text: str) -> str:
    """Return the text as options are compared."""
    return " ".join(alike(text).split()).strip(_EDGES)


def keys_of(option: Option) -> tuple[str, ...]:
    """Return all that the option is called, as it is compared."""
    return tuple(dict.fromkeys(key for name in (option.value, *option.label.values()) if (key := key_of(name))))


def choose(field: FieldSpec, text: str, context: Context) -> str:
    """Return the value of the option that is meant. Raises NotUnderstood."""
    if not field.choices:
        refuse(field, text, context, "nothing_to_choose")
    if len(text) > _LONGEST or not (key := key_of(text)):
        refuse(field, text, context, "no_choice", options=listed(field.choices, context.language))
    found = _meant(field.choices, text, key)
    if not found:
        refuse(field, text, context, "no_choice", options=listed(field.choices, context.language))
    if len(found) > 1:
        refuse(field, text, context, "several_choices", options=listed(found, context.language))
    return found[0].value


def choose_some(field: FieldSpec, text: str, context: Context) -> tuple[str, ...]:
    """Return the values of the options that are meant, each once. Raises NotUnderstood."""
    if not field.choices or len(text) > _LONGEST:
        return (choose(field, text, context),)
    exact = [option.value for option in field.choices if key_of(text) in keys_of(option)]
    if exact:
        return (exact[0],)
    if key_of(text) in _ALL:
        return tuple(option.value for option in field.choices)
    parts = [part for part in _STRONG.split(text) if key_of(part)] or [text]
    return tuple(dict.fromkeys(value for part in parts for value in _some_of(field, part, context)))


def _some_of(field: FieldSpec, text: str, context: Context) -> tuple[str, ...]:
    """Return what a part between commas means: one option, or several with and between them."""
    try:
        return (choose(field, text, context),)
    except NotUnderstood:
        pieces = [piece for piece in _WEAK.split(text) if key_of(piece)]
        if len(pieces) < 2:
            raise
        return tuple(choose(field, piece, context) for piece in pieces)


def _meant(options: Sequence[Option], text: str, key: str) -> Sequence[Option]:
    """Return the options that are meant, by the first way that finds any."""
    names = [(option, keys_of(option)) for option in options]
    if exact := [option for option, keys in names if text.strip() == option.value]:
        return exact
    if same := [option for option, keys in names if key in keys]:
        return same
    if (place := _place(key)) is not None and not any(name[0].isdecimal() for _, keys in names for name in keys):
        return options[place - 1 : place] if place else ()
    if begun := [option for option, keys in names if any(name.startswith(key) for name in keys)]:
        return begun
    if within := [option for option, keys in names if any(key in name for name in keys)]:
        return within
    return mentioned(options, key)


def _place(key: str) -> int | None:
    match = _PLACE.fullmatch(key)
    value = number(match["n"]) if match else None
    return None if value is None else int(value)


def mentioned(options: Sequence[Option], text: str) -> list[Option]:
    """Return the options whose names stand in the text (as ``alike`` has it), the longer name where two overlap."""
    names = sorted(((name, option) for option in options for name in keys_of(option)), key=lambda one: -len(one[0]))
    found: list[Option] = []
    for name, option in names:
        if name in text and len(name) > 1:
            found += [] if option in found else [option]
            text = text.replace(name, "\0")
    return [option for option in options if option in found]


def person(field: FieldSpec, text: str, context: Context) -> str:
    """Return the employee number of the one person that is meant. Raises NotUnderstood."""
    asked = " ".join(text.split()).lstrip("@")
    if not asked or len(asked) > 100:
        refuse(field, text, context, "no_person")
    found = _found(asked, context)
    if not found and (match := _IN_BRACKETS.search(asked)):  # 王小明（A0108), as we show it
        found = [one for one in _found(match["number"], context) if alike(one.number) == alike(match["number"])]
    if not found:
        refuse(field, text, context, "no_person")
    if len(found) > 1:
        refuse(field, text, context, "several_people", people=_listed(found))
    return found[0].number


def _found(asked: str, context: Context) -> Sequence[PersonRef]:
    found = list({one.number: one for one in context.people(asked)}.values())
    exact = [one for one in found if alike(asked) == alike(one.number)]
    same_name = [one for one in found if alike(asked) == alike(one.name)]
    return exact or same_name or found


def _listed(people: Sequence[PersonRef]) -> str:
    return "、".join(map(str, people[:_MOST_PEOPLE])) + ("…" if len(people) > _MOST_PEOPLE else "")
