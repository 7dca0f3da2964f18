"""What dialogs and pages need of forms: the form itself, and what is wrong with what was written into it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bots.conversations.forms import access, questions, store, whole
from bots.conversations.forms.access import Open
from bots.conversations.forms.cleaning import Written, clean_values
from bots.conversations.forms.known import Known, Looks, thaw, without_lookups
from bots.conversations.forms.steps import Filling
from bots.conversations.forms.store import Draft
from bots.conversations.forms.texts import say
from bots.conversations.lookups.records import LookupFailed
from bots.conversations.people import store as people
from bots.conversations.routing import usable
from bots.messages import CUSTOMERS, FormView, Language, Place, Visitor
from bots.windows.model import Window
from bots.windows.modes.meaning import Context, PersonRef, Value, nobody
from rag_core.database import Database

_ACCOUNT = "web"


@dataclass(frozen=True, slots=True)
class _Who:
    """Whoever looks at a form, and what they may read."""

    account: tuple[str, str]
    reader: str
    groups: frozenset[str]
    person: str | None
    language: Language


def _clock() -> datetime:
    return datetime.now(UTC)


class Forms:
    """Implements ``ports.FormDesk``. ``served``: the windows of each account, by platform and name of the account."""

    def __init__(
        self,
        database: Database,
        windows: Sequence[Window],
        served: Mapping[tuple[str, str], Sequence[str]],
        looks: Looks,
        zone: ZoneInfo,
        now: Callable[[], datetime] = _clock,
    ) -> None:
        self._database, self._served, self._looks = database, served, looks
        self._windows = {window.name: window for window in windows}
        self._zone, self._now = zone, now

    def form(self, viewer: Place | Visitor, sender: str, name: str, language: Language) -> FormView | None:
        """Return the form with what is known filled in; None if there is none for this person, or not now."""
        who = self._who(viewer, sender, language)
        opened = self._find(who, name)
        if opened is None:
            return None
        context, known = self._context(who, language, opened), Known(self._looks, opened.window, who.person)
        try:
            form = known.form(opened.form)
            values: dict[str, Value | None] = dict(known.defaults(form, context))
        except LookupFailed:
            return None
        draft = self._draft(who, opened)
        filling = Filling(form, values | (thaw(form, draft.values) if draft else {}))
        return questions.view(opened.window.name, opened.name, filling, context)

    def problems(
        self,
        viewer: Place | Visitor,
        sender: str,
        name: str,
        values: Mapping[str, Written],
        language: Language | None = None,
    ) -> Mapping[str, str]:
        """Return what is wrong, a sentence a field. What takes a look-up is checked when it is taken in.

        ``language``: the dialog's; None: the one in which the form was begun, else the person's.
        """
        who = self._who(viewer, sender, "zh-TW")
        opened = self._find(who, name)
        if opened is None:
            return {"": say(language or who.language, "not_served")}
        draft = self._draft(who, opened)
        spoken = language or (draft.language if draft else who.language)
        form = without_lookups(opened.form)
        files = thaw(form, draft.values) if draft else {}
        _, wrong = whole.read(form, clean_values(values), files, self._context(who, spoken, opened))
        # A dialog's files are asked for afterwards.
        by_talk = {field.name for field in form.fields if field.type == "file"}
        return {field: sentence for field, sentence in wrong.items() if field not in by_talk}

    def _find(self, who: _Who, name: str) -> Open | None:
        windows = usable(self._windows, self._served.get(who.account, ()), who.groups, None)
        found = access.find(windows, who.groups, who.person, name)
        return found if isinstance(found, Open) else None

    def _draft(self, who: _Who, opened: Open) -> Draft | None:
        with self._database.viewer(who.groups, who.reader) as viewer:
            return store.of_form(viewer, opened.window.name, opened.name, who.reader)

    def _who(self, viewer: Place | Visitor, sender: str, language: Language) -> _Who:
        if isinstance(viewer, Visitor):
            return self._visiting(viewer, language)
        return self._at(viewer, sender, language)

    def _visiting(self, visitor: Visitor, language: Language) -> _Who:
        """Return a visitor of the web. A person's groups are those of people.csv now, whatever the session says."""
        account = ("web", _ACCOUNT)
        if not visitor.person:
            return _Who(account, f"web:{_ACCOUNT}:{visitor.id}", visitor.groups, None, language)
        with self._database.application() as connection:
            person = people.by_number(connection, visitor.person)
        groups = person.groups if person else frozenset[str]()
        return _Who(account, f"person:{visitor.person}", groups, person.employee_number if person else None, language)

    def _at(self, place: Place, sender: str, language: Language) -> _Who:
        """Return who stands behind an account, as we know it: nobody can wait for the platform here."""
        with self._database.application() as connection:
            known = people.identity(connection, place.platform, place.account, sender)
        account = (place.platform, place.account)
        if known is None or known.person is None:
            return _Who(account, f"{place.platform}:{place.account}:{sender}", CUSTOMERS, None, language)
        person, spoken = known.person, known.language or language
        return _Who(account, f"person:{person.employee_number}", person.groups, person.employee_number, spoken)

    def _context(self, who: _Who, language: Language, opened: Open) -> Context:
        now, named = self._now().astimezone(self._zone), self._people if who.person else nobody
        return Context(now, language, named, calendar=opened.window.calendar)

    def _people(self, text: str) -> Sequence[PersonRef]:
        with self._database.application() as connection:
            return [PersonRef(number, name) for number, name in store.find_people(connection, text)]
