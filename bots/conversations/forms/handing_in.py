"""Hands a form in: one transaction for the number, the submission, its files, its draft, and whatever follows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from bots.conversations.forms import store, who
from bots.conversations.forms.access import Open
from bots.conversations.forms.known import freeze
from bots.conversations.forms.questions import shown_value
from bots.conversations.forms.steps import Filling
from bots.conversations.forms.store import Draft
from bots.conversations.forms.texts import say
from bots.conversations.forms.who import Filed
from bots.conversations.handled import Handled, Here, Overtaken
from bots.conversations.submissions import store as submissions
from bots.conversations.submissions.store import NewSubmission, State, Submission
from bots.messages import Choice, Language, Reply
from bots.windows.model import Window
from bots.windows.modes import values
from bots.windows.modes.form import Form
from bots.windows.modes.meaning import Context, Value
from bots.windows.modes.template import fill_in
from rag_core.database import ViewerConnection, scoped

Begin = Callable[[ViewerConnection, Submission, Form, Window], None]
"""What follows a submission, in the same transaction: approvals, assignment, calls."""

_SUMMARY = 200
_IN_SUMMARY = 3  # fields, where the file says nothing


@dataclass(frozen=True, slots=True)
class Ready:
    """A form that is whole and right. ``draft``: what it was filled in as, if it was kept."""

    open: Open
    filling: Filling
    context: Context
    draft: Draft | None = None

    @property
    def language(self) -> Language:
        """Return the language it was filled in in."""
        return self.context.language


@dataclass(frozen=True, slots=True)
class _Written:
    """What is written down and said: worked out before the transaction, so that it holds no other connection."""

    new: NewSubmission
    filed: Filed
    note: str


def hand_in(here: Here, ready: Ready, begin: Begin) -> Handled:
    """Return what hands the form in. The reply is written where the number is counted."""
    written = _written(here, ready)
    effect = partial(_hand_in, here, ready, written, begin)
    return Handled(here.viewer, window=ready.open.window.name, effects=(effect,))


def summary(form: Form, said: Mapping[str, str], language: Language) -> str:
    """Return the form in one line: as the file says it, or its first fields."""
    first = [said[field.name] for field in form.fields if field.name in said][:_IN_SUMMARY]
    text = fill_in(form.summary, said) if form.summary else say(language, "comma").join(first)
    text = " ".join(text.split())
    return text if len(text) <= _SUMMARY else text[: _SUMMARY - 1] + "…"


def first_state(form: Form, filed: Filed) -> State:
    """Return the state in which a form is handed in."""
    if form.approval:
        return "waiting"
    return "open" if form.assign and who.holds(form.assign.when, filed) else "done"


def _written(here: Here, ready: Ready) -> _Written:
    form, given, person = ready.filling.form, ready.filling.given, here.viewer.person
    computed = values.computed(form, given, ready.context)
    said = {one.name: shown_value(one, given[one.name], ready.context) for one in form.fields if one.name in given}
    said |= {name: _plain(value, ready.language) for name, value in computed.items()}
    number = person.employee_number if person else None
    today, calendar = ready.context.now.date(), ready.context.calendar
    filed = Filed(number, {**given, **computed}, today, ready.language, calendar)
    new = NewSubmission(
        window=ready.open.window.name,
        form=ready.open.name,
        reader=here.viewer.reader,
        employee_number=number,
        values=freeze(given),
        computed=freeze(computed),
        summary=summary(form, said, ready.language),
        state=first_state(form, filed),
        place=here.event.place,
        language=ready.language,
        draft=ready.draft.id if ready.draft else None,
    )
    return _Written(new, filed, fill_in(form.note, said))


def _hand_in(here: Here, ready: Ready, written: _Written, begin: Begin, viewer: ViewerConnection) -> Reply:
    draft = ready.draft
    if draft is not None and not store.take(viewer, draft.id, draft.revision):
        raise Overtaken
    handed_in = submissions.insert(viewer, written.new, here.event.id, ready.context.now.year)
    if draft is not None:
        store.move_files(viewer, draft.id, handed_in.id, list(ready.filling.given))
        store.remove(viewer, draft.id)
    begin(viewer, handed_in, ready.open.form, ready.open.window)
    now = submissions.by_id(viewer, handed_in.id) or handed_in  # nobody may have had to approve it
    return _told(viewer, now, ready, written)


def _told(viewer: ViewerConnection, now: Submission, ready: Ready, written: _Written) -> Reply:
    form, language = ready.open.form, ready.language
    number = say(language, "handed_in", title=form.title_in(language), number=now.number)
    lines = [number, now.summary, _next(viewer, now, ready, written), written.note]
    taps = (Choice(say(language, "view"), data=f"request={now.id}"),)
    title = ready.open.window.title_in(language)
    return Reply("\n".join(line for line in lines if line), choices=taps, window=title, language=language)


def _next(viewer: ViewerConnection, now: Submission, ready: Ready, written: _Written) -> str:
    form, language, filed = ready.open.form, ready.language, written.filed
    if now.state == "waiting":
        name = who.decides(scoped(viewer), form, filed)
        return say(language, "waits_for", who=name) if name else say(language, "waits")
    if now.state == "open" and form.assign:
        name = who.named_in(scoped(viewer), form.assign, filed)
        return say(language, "assigned_to", who=name) if name else ""
    return ""


def _plain(value: Value, language: Language) -> str:
    """Return a value that was worked out, for people."""
    if isinstance(value, bool):
        return say(language, "yes" if value else "no")
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return str(value)
