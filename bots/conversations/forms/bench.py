"""Where a form lies while it is filled in: opening drafts and keeping them, with all that steps need to know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from secrets import token_hex
from zoneinfo import ZoneInfo

from bots.conversations.forms import access, questions, steps, store
from bots.conversations.forms.access import Open
from bots.conversations.forms.known import Known, Looks, freeze, thaw
from bots.conversations.forms.questions import Asking
from bots.conversations.forms.steps import Filling, Step
from bots.conversations.forms.store import Draft
from bots.conversations.forms.texts import say
from bots.conversations.handled import Effect, Handled, Here, Overtaken
from bots.conversations.submissions import store as submissions
from bots.conversations.submissions.store import Submission
from bots.messages import Choice, Language, Reply
from bots.windows.modes.meaning import Context, PersonRef, nobody
from bots.windows.modes.workdays import Calendar
from rag_core.database import Database, ViewerConnection

_SHOWS_WHOLE_FORMS = ("slack", "web")


@dataclass(frozen=True, slots=True)
class Lying:
    """A draft that may be gone on with."""

    open: Open
    draft: Draft
    filling: Filling
    context: Context

    @property
    def language(self) -> Language:
        """Return the language it was begun in."""
        return self.draft.language

    @property
    def title(self) -> str:
        """Return the form's title."""
        return self.open.form.title_in(self.language)


class Bench:
    """Opens drafts, keeps them, and says what is asked next. ``now`` is the clock, with any time zone."""

    def __init__(self, database: Database, looks: Looks, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        self._database, self._looks, self._zone, self._now = database, looks, zone, now

    def context(self, here: Here, language: Language, calendar: Calendar) -> Context:
        """Return what reading values needs to know. A customer finds no employees by trying names."""
        people = self._people if here.viewer.person else nobody
        return Context(self._now().astimezone(self._zone), language, people, calendar=calendar)

    # --- drafts ---

    def current(self, here: Here) -> Draft | None:
        """Return the draft of whoever speaks here."""
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            return store.current(viewer, talk_of(here), here.viewer.reader)

    def of_form(self, here: Here, opened: Open) -> Draft | None:
        """Return the draft of this form of whoever speaks here, wherever it was begun: a dialog opens from anywhere."""
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            return store.of_form(viewer, opened.window.name, opened.name, here.viewer.reader)

    def by_id(self, here: Here, draft: str) -> Draft | Submission | None:
        """Return a draft by its id, or what it was handed in as; None if it is neither, or somebody else's."""
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            return store.by_id(viewer, draft) or submissions.of_draft(viewer, draft)

    def shown(self, here: Here, opened: Open) -> Draft | Handled | None:
        """Return the draft of a form that comes as a whole, None if it has none; else what is said instead.

        A page names the draft that it shows: one that is gone makes no other. A dialog names none.
        """
        if not here.event.draft:
            return self.of_form(here, opened)
        found = self.by_id(here, here.event.draft)
        if isinstance(found, Draft) and (found.window, found.form) == (opened.window.name, opened.name):
            return found
        return over(here, opened, found if isinstance(found, Submission) else None)

    def known(self, here: Here, opened: Open) -> Known:
        """Return what looks up choices and defaults for whoever speaks here."""
        person = here.viewer.person
        return Known(self._looks, opened.window, person.employee_number if person else None)

    def lay_out(self, here: Here, draft: Draft) -> Lying | str:
        """Return the draft as it can be gone on with, or the key of the sentence that says why not.

        Raises LookupFailed.
        """
        opened = find(here, f"{draft.window}/{draft.form}")
        if isinstance(opened, str):
            return opened
        form = self.known(here, opened).form(opened.form)
        context = self.context(here, draft.language, opened.window.calendar)
        asked = draft.asked if steps.field_of(form, draft.asked) else ""
        filling = Filling(form, thaw(form, draft.values), asked, draft.editing)
        if not asked and filling.open and not draft.editing:  # the form was changed meanwhile
            filling = steps.settle(filling, context).filling
        return Lying(opened, draft, filling, context)

    def begin(self, here: Here, opened: Open, text: str) -> tuple[Lying, Step]:
        """Return a new draft of a form, with defaults and what the text says. Raises LookupFailed."""
        known = self.known(here, opened)
        form, context = known.form(opened.form), self.context(here, here.language, opened.window.calendar)
        step = steps.begin(form, known.defaults(form, context), text, context)
        draft = Draft(
            token_hex(6), opened.window.name, opened.name, {}, "", editing=False, language=here.language, revision=0
        )
        return Lying(opened, draft, step.filling, context), step

    # --- going on ---

    def go_on(self, here: Here, lying: Lying, step: Step, before: str = "", more: Sequence[Effect] = ()) -> Handled:
        """Keep the draft as the step leaves it, and ask what comes next. ``more`` happens after that."""
        draft = kept(lying.draft, step.filling, here.event.id)
        reply = questions.reply(step, self.asking(lying, draft), before)
        save = partial(_save, talk_of(here), here.viewer.reader, draft)
        return Handled(here.viewer, reply, window=lying.open.window.name, effects=(save, *more))

    def asking(self, lying: Lying, draft: Draft | None = None) -> Asking:
        """Return in which words and with which taps something is asked."""
        draft = draft or lying.draft
        return Asking(draft.id, draft.revision, lying.context, lying.open.window.title_in(lying.language))

    def as_whole(self, here: Here, lying: Lying, handled: Handled, filling: Filling | None = None) -> Handled:
        """Have the reply bring the whole form, too, where the platform can show one."""
        if handled.reply is None or here.event.place.platform not in _SHOWS_WHOLE_FORMS:
            return handled
        window, name = lying.open.window.name, lying.open.name
        view = questions.view(window, name, filling or lying.filling, lying.context, lying.draft.id)
        return replace(handled, reply=replace(handled.reply, form=view))

    def _people(self, text: str) -> Sequence[PersonRef]:
        with self._database.application() as connection:
            return [PersonRef(number, name) for number, name in store.find_people(connection, text)]


def find(here: Here, reference: str) -> Open | str:
    """Return the form, or the key of the sentence that says why it is not open to whoever speaks here."""
    person = here.viewer.person
    found = access.find(here.windows, here.viewer.groups, person.employee_number if person else None, reference)
    by_session = {"bind_first": "sign_in", "not_served_bind": "not_served_sign_in"}
    return by_session.get(found, found) if isinstance(found, str) and here.event.place.platform == "web" else found


def talk_of(here: Here) -> str:
    """Return the conversation that a draft belongs to.

    On Slack a slash command, a dialog and a notice know the person's id only, messages the channel's: all of them are
    the direct messages with us. A thread is a talk of its own.
    """
    place = here.event.place
    if place.platform == "slack" and place.direct and here.event.sender:
        return replace(place, channel=here.event.sender).conversation
    return place.conversation


def kept(draft: Draft, filling: Filling, event: str) -> Draft:
    """Return the draft as it is kept after a change that this event made."""
    values = freeze(filling.values)
    same = {name for name, value in values.items() if name in draft.values and draft.values[name] == value}
    return replace(
        draft,
        values=values,
        origins={name: draft.origins.get(name, "") if name in same else event for name in values},
        asked=filling.asked,
        editing=filling.editing,
        revision=draft.revision + 1,
    )


def _save(conversation: str, reader: str, draft: Draft, viewer: ViewerConnection) -> None:
    if not store.save(viewer, conversation, reader, draft):
        raise Overtaken


def refused(here: Here, key: str, reference: str = "") -> Handled:
    """Return the sentence that says why a form is not filled in."""
    window_name, _, name = reference.partition("/")
    form = next((one.forms.get(name) for one in here.windows if one.name == window_name), None)
    title = form.title_in(here.language) if form else ""
    return Handled(here.viewer, Reply(say(here.language, key, title=title), language=here.language))


def over(here: Here, opened: Open, submission: Submission | None) -> Handled:
    """Say that the form on the page is over, as a notice: by it the page knows that nothing was taken."""
    language = here.language
    title = opened.form.title_in(language)
    text = say(language, "over", title=title)
    taps = [Choice(say(language, "begin_again", title=title), data=f"form={opened.window.name}/{opened.name}")]
    if submission is not None:
        text = say(language, "over_handed_in", title=title, number=submission.number)
        taps.insert(0, Choice(say(language, "view"), data=f"request={submission.id}"))
    return Handled(here.viewer, Reply("", notice=text, choices=tuple(taps), language=language))


def said(here: Here, text: str, *taps: Choice, language: Language | None = None) -> Handled:
    """Return a reply of one sentence."""
    return Handled(here.viewer, Reply(text, choices=taps, language=language or here.language))
