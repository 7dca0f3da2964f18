"""What somebody handed in lately, and what became of it."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import psycopg

from bots.conversations.forms.bench import said
from bots.conversations.forms.known import thaw
from bots.conversations.forms.questions import shown_value
from bots.conversations.forms.texts import knows, say
from bots.conversations.handled import Handled, Here
from bots.conversations.people import store as people
from bots.conversations.submissions import store as submissions
from bots.conversations.submissions.store import Attachment, Entry, Submission
from bots.messages import Card, Choice, Language, Reply
from bots.windows.modes.form import Form
from bots.windows.modes.meaning import Context, PersonRef
from rag_core.database import Database, ViewerConnection, scoped

_LISTED = 10
_LINE = 120  # characters of a summary in the list
_TO_WITHDRAW = ("waiting", "open")


class Requests:
    """Shows submissions to whoever handed them in; ``zone`` is the company's time zone."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database, self._zone = database, zone

    def newest(self, here: Here) -> Handled:
        """Return the last ten, newest first, each with a tap."""
        if not here.event.place.direct:
            return said(here, say(here.language, "not_here"))
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            found = submissions.of_reader(viewer, here.viewer.reader, _LISTED)
        if not found:
            return said(here, say(here.language, "no_requests"))
        cards = tuple(_card(here, one) for one in found)
        return Handled(here.viewer, Reply(say(here.language, "requests"), cards=cards, language=here.language))

    def one(self, here: Here, value: str) -> Handled:
        """Return one with everything in it and its history; to others than its reader there is none."""
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
        if number is None or not here.event.place.direct:
            return said(here, say(here.language, "request_gone"))
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            found = submissions.by_id(viewer, number)
            if found is None or found.reader != here.viewer.reader:
                return said(here, say(here.language, "request_gone"))
            text = "\n".join(self._lines(viewer, here, found))
            files = submissions.attachments(viewer, found.id)
        cards = _files(files, here.language)
        return Handled(here.viewer, Reply(text, choices=_taps(here, found), cards=cards, language=here.language))

    def _lines(self, viewer: ViewerConnection, here: Here, found: Submission) -> Sequence[str]:
        language = here.language
        history = submissions.history(viewer, found.id)
        names = _names(scoped(viewer), [entry.actor for entry in history])
        form = _form(here, found)
        return [
            _title(here, found),
            say(language, "state", state=say(language, f"state_{found.state}")),
            "",
            *(self._values(viewer, form, found, language) if form else [found.summary]),
            "",
            say(language, "history"),
            *(line for entry in history for line in self._entry(entry, found, names, language)),
        ]

    def _values(self, viewer: ViewerConnection, form: Form, found: Submission, language: Language) -> list[str]:
        connection = scoped(viewer)

        def named(number: str) -> Sequence[PersonRef]:
            person = people.by_number(connection, number)
            return [PersonRef(person.employee_number, person.name)] if person else []

        context = Context(found.created_at.astimezone(self._zone), language, named)
        given = {name: value for name, value in thaw(form, found.values).items() if value is not None}
        return [
            f"{field.label_in(language)}{say(language, 'colon')}{shown_value(field, given[field.name], context)}"
            for field in form.fields
            if field.name in given and field.type != "file"
        ]

    def _entry(self, entry: Entry, found: Submission, names: Mapping[str, str], language: Language) -> list[str]:
        key = f"did_{entry.action}"
        what = say(language, key if knows(key) else f"state_{entry.state}")
        at = f"{entry.at.astimezone(self._zone):%Y-%m-%d %H:%M}"
        mine = entry.actor in (found.employee_number, found.reader)
        who = say(language, "you") if mine else names.get(entry.actor, "")
        line = (
            say(language, "entry", at=at, what=what, who=who) if who else say(language, "entry_ours", at=at, what=what)
        )
        return [line, *([say(language, "comment", comment=entry.comment)] if entry.comment else [])]


def _card(here: Here, found: Submission) -> Card:
    language = here.language
    state = say(language, "state", state=say(language, f"state_{found.state}"))
    summary = found.summary if len(found.summary) <= _LINE else found.summary[: _LINE - 1] + "…"
    tap = Choice(say(language, "view"), data=f"request={found.id}")
    return Card(_title(here, found), "\n".join(part for part in (state, summary) if part), (tap,))


def _taps(here: Here, found: Submission) -> tuple[Choice, ...]:
    back = Choice(say(here.language, "my_requests"), data="requests")
    if found.state not in _TO_WITHDRAW:
        return (back,)
    return (Choice(say(here.language, "withdraw"), data=f"task=withdraw/{found.id}", style="danger"), back)


def _title(here: Here, found: Submission) -> str:
    form = _form(here, found)
    title = form.title_in(here.language) if form else ""
    return say(here.language, "submission", number=found.number, title=title).strip()


def _form(here: Here, found: Submission) -> Form | None:
    """Return the form as its file has it now; None if it is not offered here any more."""
    window = next((one for one in here.windows if one.name == found.window), None)
    return window.forms.get(found.form) if window else None


def _names(connection: psycopg.Connection, actors: Sequence[str]) -> Mapping[str, str]:
    found = (people.by_number(connection, actor) for actor in set(actors) if actor)
    return {person.employee_number: person.name for person in found if person}


def _files(files: Sequence[Attachment], language: Language) -> tuple[Card, ...]:
    return (Card(say(language, "files"), attachments=tuple(file.shown for file in files)),) if files else ()
