"""Whether the look-ups, forms and notifications of a window file fit together, and with the files they name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml.comments import CommentedMap

from bots.windows.faults import Fault, Where, as_written, dotted, in_order, line_of, meant
from bots.windows.modes import outside, wording
from bots.windows.modes.field import FieldSpec, Name
from bots.windows.modes.form import Form
from bots.windows.modes.lookup import Lookup
from bots.windows.modes.notification import Notification
from bots.windows.parts import Groups, Part

Trouble = tuple[Where, str]
_CUSTOMERS = "customers"
_NOUNS = {"lookups": "look-up", "forms": "form"}
_Part = TypeVar("_Part", bound=Part)


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a window file is written right, and ``written``: by section, the names of all, right or not."""

    serves: tuple[str, ...] = ()  # empty: not written right
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    notifications: Mapping[str, Notification] = field(default_factory=dict)
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def parts_of(content: CommentedMap) -> Parts:
    """Return the parts of a window file. One that is wrong does not keep the others from being looked at."""
    sections = {key: content.get(key) for key in ("lookups", "forms", "notifications")}
    return Parts(
        _serves_of(content),
        _readable(sections["lookups"], Lookup),
        _readable(sections["forms"], Form),
        _readable(sections["notifications"], Notification),
        {key: tuple(map(str, section)) for key, section in sections.items() if isinstance(section, dict)},
    )


def _serves_of(content: CommentedMap) -> tuple[str, ...]:
    try:
        return TypeAdapter[tuple[str, ...]](Groups).validate_python(content.get("serves"))
    except ValidationError:
        return ()


def _readable(section: object, model: type[_Part]) -> dict[str, _Part]:
    found: dict[str, _Part] = {}
    for name, entry in section.items() if isinstance(section, dict) else ():
        try:
            found[TypeAdapter[str](Name).validate_python(name)] = model.model_validate(entry)
        except ValidationError:
            continue  # the model's own faults tell of it
    return found


def mode_faults(file: str, content: CommentedMap, company: Path) -> list[Fault]:
    """Return what does not fit together in a window file's look-ups, forms and notifications, in the file's order.

    ``file`` is its name in messages. The SQL files lie in the company's folder ``lookups/``.
    """
    troubles = dict.fromkeys(_Checker(parts_of(content), company).troubles())
    return in_order(Fault(file, *_told(content, where, sentence)) for where, sentence in troubles)


def _told(content: CommentedMap, where: Where, sentence: str) -> tuple[int, str]:
    written = as_written(content, where)
    return line_of(content, written), f"{dotted(written)}: {sentence}"


class _Checker:
    """Goes through the parts once."""

    def __init__(self, parts: Parts, company: Path) -> None:
        self._parts = parts
        self._company = company
        self._asking = {name for name, one in parts.lookups.items() if outside.asks_who(one, company)}

    def troubles(self) -> Iterator[Trouble]:
        for name, lookup in self._parts.lookups.items():
            yield from self._of_lookup(("lookups", name), lookup)
        for name, form in self._parts.forms.items():
            yield from self._of_form(("forms", name), form)
        for name, notification in self._parts.notifications.items():
            yield from self._of_notification(("notifications", name), notification)

    def _of_lookup(self, at: Where, lookup: Lookup) -> Iterator[Trouble]:
        yield from self._served(at, lookup.serves)
        yield from _below(at, outside.of_lookup(lookup, self._company))
        yield from _below(at, wording.of_lookup(lookup))
        yield from self._of_fields((*at, "slots"), lookup.slots)
        for index, form in enumerate(lookup.forms):
            yield from self._there("forms", form, (*at, "forms", index))
        if at[1] in self._asking and self._serves_only_customers(lookup.serves):
            yield at, "needs to know who asks, but serves only customers, whom nobody knows; serve employees too"
        if at[1] in self._sources_of(str(at[1])):
            yield (*at, "slots"), "goes round in a circle: what it asks for is chosen from itself"

    def _of_form(self, at: Where, form: Form) -> Iterator[Trouble]:
        yield from self._served(at, form.serves)
        yield from _below(at, outside.of_form(form))
        yield from _below(at, wording.of_form(form))
        yield from self._of_fields((*at, "fields"), form.fields)
        if form.anonymous:
            yield from self._personal((*at, "fields"), form.fields)
        elif self._serves_only_customers(form.serves):
            yield at, "is for people we know, but serves only customers; write  anonymous: true  or serve employees too"

    def _of_notification(self, at: Where, notification: Notification) -> Iterator[Trouble]:
        yield from _below(at, outside.of_notification(notification, self._company))
        yield from _below(at, wording.of_notification(notification))
        for index, action in enumerate(notification.actions):
            if action.form:
                yield from self._there("forms", action.form, (*at, "actions", index, "form"))
            if action.lookup:
                yield from self._there("lookups", action.lookup, (*at, "actions", index, "lookup"))

    def _of_fields(self, at: Where, fields: Sequence[FieldSpec]) -> Iterator[Trouble]:
        for index, one in enumerate(fields):
            yield from _below((*at, index), wording.of_field(one))
            for key, lookup in (("choices_from", one.choices_from), ("defaults_from", one.defaults_from)):
                if lookup:
                    yield from self._there("lookups", lookup, (*at, index, key))
                    yield from self._has_no_slots(lookup, (*at, index, key))

    def _has_no_slots(self, lookup: str, where: Where) -> Iterator[Trouble]:
        """Tell where a look-up is made on the way, when nobody has said what it asks for."""
        if slot := self._needed_slot(lookup):
            yield where, f"{lookup} asks for {slot}, which nobody has said here; name a look-up without slots"

    def _needed_slot(self, lookup: str) -> str:
        """Return a slot that the look-up cannot do without; "" if there is none."""
        slots = self._parts.lookups[lookup].slots if lookup in self._parts.lookups else ()
        return next((slot.name for slot in slots if not slot.optional and not slot.default), "")

    def _personal(self, at: Where, fields: Sequence[FieldSpec]) -> Iterator[Trouble]:
        for index, one in enumerate(fields):
            for key, lookup in (("choices_from", one.choices_from), ("defaults_from", one.defaults_from)):
                if lookup in self._asking:
                    sentence = f"{lookup} needs to know who asks, and anybody may hand in this form; leave it out"
                    yield (*at, index, key), sentence

    def _there(self, section: str, name: str, where: Where) -> Iterator[Trouble]:
        """Tell where a look-up or form is named that the window does not have."""
        known = self._parts.written.get(section, ())
        if name not in known:
            noun = _NOUNS[section]
            hint = meant(name, known, f"its {noun}s are") if known else f"it has no {noun}s"
            yield where, f"this window has no {noun} {name}; {hint}"

    def _served(self, at: Where, groups: Sequence[str] | None) -> Iterator[Trouble]:
        """Narrower than the window's: people of any group that the window knows, but no customers of its own."""
        if groups and self._parts.serves and _CUSTOMERS in groups and _CUSTOMERS not in self._parts.serves:
            yield (*at, "serves"), "the window does not serve customers; leave them out here, or add them there"

    def _serves_only_customers(self, groups: Sequence[str] | None) -> bool:
        return set(groups or self._parts.serves) == {_CUSTOMERS} and _CUSTOMERS in self._parts.serves

    def _sources_of(self, lookup: str) -> set[str]:
        """Return every look-up that has to be run before this one can ask for its slots."""
        found: set[str] = set()
        waiting = [lookup]
        while waiting:
            one: Any = self._parts.lookups.get(waiting.pop())
            named = {name for slot in one.slots for name in (slot.choices_from, slot.defaults_from)} if one else set()
            waiting += [name for name in named - found if name]
            found |= {name for name in named if name}
        return found


def _below(at: Where, troubles: Iterator[Trouble]) -> Iterator[Trouble]:
    for where, sentence in troubles:
        yield (*at, *where), sentence
