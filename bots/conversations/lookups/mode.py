"""The mode that looks things up: it takes slots from what was said, asks for those that lack, and shows what is found.

What is found is never kept: a page further on is looked up again, with the rights of that moment.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_urlsafe
from time import perf_counter
from zoneinfo import ZoneInfo

import structlog

from bots.conversations.handled import Effect, Handled, Here
from bots.conversations.lookups import asking, store
from bots.conversations.lookups.answer import Found, answer, bind_sentence
from bots.conversations.lookups.lookups import Lookups
from bots.conversations.lookups.records import LookupFailed
from bots.conversations.lookups.store import Ask
from bots.conversations.lookups.texts import CANCEL_WORDS, say
from bots.conversations.modes import Intent
from bots.conversations.turns.store import NewTurn
from bots.messages import Choice, Kind, Reply
from bots.windows.model import Window
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.lookup import Lookup
from bots.windows.modes.template import fill_in, names_in
from bots.windows.modes.values import (
    Context,
    NotUnderstood,
    People,
    Value,
    fill,
    from_json,
    nobody,
    parse,
    to_json,
    with_choices,
)
from rag_core.database import Database, ViewerConnection

log = structlog.get_logger()

_GENERATOR = "lookup"
_PLACE_DIGITS = 4  # of an offset: no source gives more records
_AN_ID = re.compile(r"[A-Za-z0-9_-]{12}")
_ASKS = ("?", "？", "嗎", "呢")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A look-up that is open here. ``slots`` are its slots with the choices of this moment."""

    window: Window
    name: str
    lookup: Lookup
    title: str
    slots: tuple[FieldSpec, ...] = ()

    def slot(self, name: str | None) -> FieldSpec | None:
        """Return one of the slots."""
        return next((slot for slot in self.slots if slot.name == name), None)


@dataclass(frozen=True, slots=True)
class _Page:
    """Where to show from, and what was said that asked for it."""

    offset: int = 0
    said: str = ""
    begun: float = field(default_factory=perf_counter)


class LookupMode:
    """What ``Modes`` gets of look-ups: ``begins["lookup"]`` is ``begin``, ``taps["lookup"]`` ``tap``, ``taps["more"]``
    ``more``; ``goes_on`` is one of ``in_progress``, and ``cancel`` answers the command where something is asked.
    """

    def __init__(
        self,
        database: Database,
        lookups: Lookups,
        zone: ZoneInfo,
        people: People = nobody,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database, self._lookups, self._zone = database, lookups, zone
        self._people, self._clock = people, clock

    # --- the ways in ---

    def begin(self, here: Here, intent: Intent) -> Handled:
        """Look up what a message asks for, with what it says already."""
        return self._begin(here, intent.window, intent.name, here.event.text.strip())

    def tap(self, here: Here, value: str) -> Handled:
        """Look up what a tap names (WINDOW/NAME), or take what a picker picked (WINDOW/NAME/SLOT)."""
        window, name, slot = [*value.split("/", 2), "", ""][:3]
        return self._picked(here, window, name, slot) if slot else self._begin(here, window, name, "")

    def more(self, here: Here, value: str) -> Handled:
        """Show the next page (WINDOW/NAME/OFFSET, and the id of the slots where there are some)."""
        window, name, offset, kept_as = [*value.split("/", 3), "", "", "", ""][:4]
        wanted = self._wanted(here, window, name)
        if isinstance(wanted, Reply):
            return Handled(here.viewer, wanted)
        kept = self._kept(here, kept_as) if _AN_ID.fullmatch(kept_as) else None
        is_place = offset.isascii() and offset.isdecimal() and len(offset) <= _PLACE_DIGITS
        if not is_place or (kept_as and (kept is None or (kept.window, kept.name) != (window, name))):
            return Handled(here.viewer, Reply(say(here.language, "gone"), language=here.language))
        here = replace(here, language=kept.language) if kept else here
        given = _values(wanted.lookup.slots, kept.given) if kept else {}
        return self._found(here, wanted, given, _Page(int(offset)), kept_as)

    def goes_on(self, here: Here) -> Handled | None:
        """Take the message for the slot that was asked for; None where nothing was, or it is something else."""
        if here.event.kind is not Kind.MESSAGE:
            return None
        ask = self._open(here)
        if ask is None:
            return None
        text = here.event.text.strip()
        return self._cancelled(here, ask) if text.lower() in CANCEL_WORDS else self._answered(here, ask, text)

    def cancel(self, here: Here) -> Handled | None:
        """Ask nothing more; None where nothing was asked."""
        ask = self._open(here)
        return self._cancelled(here, ask) if ask else None

    # --- whether it is open here ---

    def _wanted(self, here: Here, window_name: str, name: str) -> Wanted | Reply:
        """Return the look-up, or why it is not made here."""
        window = next((one for one in here.windows if one.name == window_name), None)
        lookup = window.lookups.get(name) if window else None
        if window is None or lookup is None:
            return Reply(say(here.language, "gone"), language=here.language)
        wanted = Wanted(window, name, lookup, lookup.title_in(here.language, name), lookup.slots)
        if lookup.serves and not frozenset(lookup.serves) & here.viewer.groups:
            return self._said(here, wanted, "not_open")
        if self._lookups.needs_person(lookup):
            return self._not_for(here, wanted) or wanted
        return wanted

    def _not_for(self, here: Here, wanted: Wanted) -> Reply | None:
        """Return why a look-up about a person is not made here, None if it is: alone with somebody we know."""
        if not here.event.place.direct:
            return self._said(here, wanted, "directly")
        if here.viewer.person is None:
            return Reply(bind_sentence(here, wanted.title), language=here.language)
        return None

    # --- asking for slots ---

    def _begin(self, here: Here, window: str, name: str, text: str) -> Handled:
        wanted = self._wanted(here, window, name)
        if isinstance(wanted, Reply):
            return Handled(here.viewer, wanted)
        try:
            wanted = self._with_choices(here, wanted)
            given = fill(wanted.slots, text, self._context(here)) if text and wanted.slots else {}
            return self._next(here, wanted, given, text)
        except LookupFailed as error:
            return Handled(here.viewer, self._failed(here, wanted, error))

    def _next(self, here: Here, wanted: Wanted, given: Mapping[str, Value], said: str) -> Handled:
        """Ask for the next slot that lacks, or look up."""
        known = {**self._defaults(here, wanted, given), **given}
        lacking = next((slot for slot in wanted.slots if not slot.optional and slot.name not in known), None)
        if lacking is None:
            return self._found(here, wanted, known, _Page(0, said))
        return self._asked(here, wanted, lacking, _ask(here, wanted, _id(), given), said)

    def _asked(self, here: Here, wanted: Wanted, slot: FieldSpec, ask: Ask, said: str, why: str = "") -> Handled:
        data = f"lookup={wanted.window.name}/{wanted.name}/{slot.name}"
        reply = Reply(
            asking.question(slot, wanted.title, here.language, why),
            choices=asking.choices(slot, data, here.language),
            window=wanted.window.title_in(here.language),
            language=here.language,
        )
        kept = replace(ask, asking=slot.name)
        turns = (_turn(wanted, said, 0.0),) if said else ()  # so that the answer in a thread is taken for one
        return Handled(here.viewer, reply, turns, wanted.window.name, effects=(_keeps(here, kept),))

    def _picked(self, here: Here, window: str, name: str, slot: str) -> Handled:
        ask = self._open(here)
        if ask is None or (ask.window, ask.name, ask.asking) != (window, name, slot) or not here.event.picked:
            return Handled(here.viewer, Reply(say(here.language, "gone"), language=here.language))
        handled = self._answered(here, ask, here.event.picked.replace("T", " "))
        assert handled is not None  # what was picked is never taken for a question
        return handled

    def _answered(self, here: Here, ask: Ask, text: str) -> Handled | None:
        here = replace(here, language=ask.language)
        wanted = self._wanted(here, ask.window, ask.name)
        if isinstance(wanted, Reply):
            return Handled(here.viewer, wanted, effects=(_ends(here),))
        try:
            wanted = self._with_choices(here, wanted)
            slot = wanted.slot(ask.asking)
            if slot is None:  # the file has changed meanwhile
                return self._begin(here, ask.window, ask.name, "")
            given = _values(wanted.slots, ask.given)
            value = parse(slot, text, replace(self._context(here), values=given))
        except LookupFailed as error:
            return Handled(here.viewer, self._failed(here, wanted, error), effects=(_ends(here),))
        except NotUnderstood as error:
            return self._not_understood(here, wanted, ask, str(error))
        return self._next(here, wanted, {**given, slot.name: value}, "")

    def _not_understood(self, here: Here, wanted: Wanted, ask: Ask, why: str) -> Handled | None:
        """Ask once more, and then no more: whoever writes something else twice means something else."""
        asks = here.event.text.strip().endswith(_ASKS) and not here.event.picked
        slot = wanted.slot(ask.asking)
        if slot is None or asks or (ask.tries > 0 and not here.event.picked):
            return None
        again = replace(ask, id=_id(), tries=ask.tries + 1)
        return self._asked(here, wanted, slot, again, "", why or say(here.language, "not_understood"))

    def _with_choices(self, here: Here, wanted: Wanted) -> Wanted:
        """Return it with the choices that are looked up themselves. Raises LookupFailed."""
        return replace(wanted, slots=tuple(self._chosen_from(here, wanted, slot) for slot in wanted.slots))

    def _chosen_from(self, here: Here, wanted: Wanted, slot: FieldSpec) -> FieldSpec:
        if slot.choices_from is None or slot.choices_from not in wanted.window.lookups:
            return slot
        found = self._lookups.options(wanted.window, slot.choices_from, _number(here))
        return with_choices(slot, found)

    def _defaults(self, here: Here, wanted: Wanted, given: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values of slots that nobody has to say. Raises LookupFailed."""
        found: dict[str, Value] = {}
        for slot in wanted.slots:
            if slot.default and slot.name not in given:
                columns = self._columns(here, wanted, slot)
                if not all(columns.get(name) for name in names_in(slot.default)):
                    continue  # nothing is known of this person; it is asked for, then
                try:
                    found[slot.name] = parse(slot, fill_in(slot.default, columns), self._context(here))
                except NotUnderstood:
                    log.warning("default not understood", window=wanted.window.name, lookup=wanted.name, slot=slot.name)
        return found

    def _columns(self, here: Here, wanted: Wanted, slot: FieldSpec) -> Mapping[str, str]:
        if slot.defaults_from is None or slot.defaults_from not in wanted.window.lookups:
            return {}
        return self._lookups.defaults(wanted.window, slot.defaults_from, _number(here))

    # --- looking up ---

    def _found(self, here: Here, wanted: Wanted, given: Mapping[str, Value], page: _Page, kept_as: str = "") -> Handled:
        try:
            records = self._lookups.run(wanted.window, wanted.name, _number(here), given)
        except LookupFailed as error:
            return Handled(here.viewer, self._failed(here, wanted, error), effects=() if kept_as else (_ends(here),))
        keeps = "" if kept_as or not given else _id()
        found = Found(wanted.window, wanted.name, wanted.lookup, records, page.offset, kept_as or keeps)
        reply = answer(here, found, self._zone)
        # A page further on leaves alone what is being asked meanwhile.
        effects: tuple[Effect, ...] = () if page.offset or kept_as else (_ends(here),)
        if keeps and any(choice.data.startswith("more=") for choice in reply.choices):
            effects = (_keeps(here, _ask(here, wanted, keeps, given)),)
        turn = _turn(wanted, page.said, (perf_counter() - page.begun) * 1000)
        return Handled(here.viewer, reply, (turn,), wanted.window.name, effects=effects)

    def _failed(self, here: Here, wanted: Wanted, error: LookupFailed) -> Reply:
        """Return what is said instead of records. What went wrong, the log has."""
        contact = wanted.window.card(here.language).contact or say(here.language, "someone")
        again = f"lookup={wanted.window.name}/{wanted.name}" if error.trouble in ("down", "slow") else ""
        reply = self._said(here, wanted, error.trouble, contact=contact)
        return replace(reply, choices=(Choice(wanted.title, data=again),)) if again else reply

    # --- what is kept ---

    def _open(self, here: Here) -> Ask | None:
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            return store.open_ask(viewer, here.event.place.conversation)

    def _kept(self, here: Here, ask: str) -> Ask | None:
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            return store.kept_ask(viewer, ask)

    def _cancelled(self, here: Here, ask: Ask) -> Handled:
        here = replace(here, language=ask.language)
        window = next((one for one in here.windows if one.name == ask.window), None)
        lookup = window.lookups.get(ask.name) if window else None
        title = lookup.title_in(here.language, ask.name) if lookup else ask.name
        reply = Reply(say(here.language, "cancelled", title=title), language=here.language)
        return Handled(here.viewer, reply, effects=(_ends(here),))

    def _context(self, here: Here) -> Context:
        return Context(self._clock().astimezone(self._zone), here.language, self._people)

    def _said(self, here: Here, wanted: Wanted, key: str, **values: object) -> Reply:
        sentence = say(here.language, key, title=wanted.title, **values)
        return Reply(sentence, window=wanted.window.title_in(here.language), language=here.language)


def _number(here: Here) -> str | None:
    return here.viewer.person.employee_number if here.viewer.person and here.event.place.direct else None


def _id() -> str:
    return token_urlsafe(9)


def _keeps(here: Here, ask: Ask) -> Effect:
    def effect(viewer: ViewerConnection) -> None:
        store.keep(viewer, here.event, here.viewer.reader, ask)

    return effect


def _ends(here: Here) -> Effect:
    def effect(viewer: ViewerConnection) -> None:
        store.end(viewer, here.event.place.conversation)

    return effect


def _turn(wanted: Wanted, said: str, milliseconds: float) -> NewTurn:
    """Return what history tells of it: never what was found, which may be somebody's own."""
    return NewTurn(wanted.window.name, said or wanted.title, wanted.title, False, (), _GENERATOR, milliseconds)


def _ask(here: Here, wanted: Wanted, ask: str, given: Mapping[str, Value]) -> Ask:
    kept = {name: to_json(value) for name, value in given.items()}
    return Ask(ask, wanted.window.name, wanted.name, kept, here.language)


def _values(slots: Sequence[FieldSpec], kept: Mapping[str, object]) -> dict[str, Value]:
    """Return kept values as values; what the file has no such slot for any more is left out."""
    values: dict[str, Value] = {}
    for slot in slots:
        with suppress(ValueError, KeyError):
            values[slot.name] = from_json(slot, kept[slot.name])
    return values
