"""Forms in conversation: begun by a tap or a word, filled in step by step or as a whole, handed in once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bots.conversations.forms import steps, store, taps, whole
from bots.conversations.forms.bench import Bench, Lying, find, refused, said
from bots.conversations.forms.cleaning import clean, clean_values
from bots.conversations.forms.files import Fetch, attach
from bots.conversations.forms.handing_in import Begin, Ready, hand_in
from bots.conversations.forms.known import Looks
from bots.conversations.forms.requests import Requests
from bots.conversations.forms.steps import Filling, Step
from bots.conversations.forms.store import Draft
from bots.conversations.forms.texts import say
from bots.conversations.handled import Handled, Here
from bots.conversations.lookups.records import LookupFailed
from bots.conversations.modes import Intent
from bots.conversations.submissions.store import Submission
from bots.conversations.turns import store as turns
from bots.messages import Choice, Kind
from rag_core.database import Database, ViewerConnection

_FRESH = timedelta(hours=12)


def _clock() -> datetime:
    return datetime.now(UTC)


class FormMode:
    """What forms bring to a conversation. The methods are entries of ``bots.conversations.modes.Modes``.

    ``fetch`` gets the content of a file somebody sent; ``follow`` is what happens to a submission after it is written
    down, in the same transaction.
    """

    def __init__(
        self,
        database: Database,
        looks: Looks,
        zone: ZoneInfo,
        fetch: Fetch,
        follow: Begin,
        now: Callable[[], datetime] = _clock,
    ) -> None:
        self._database, self._fetch, self._follow = database, fetch, follow
        self._bench = Bench(database, looks, zone, now)
        self._requests = Requests(database, zone)

    # --- beginning ---

    def begin(self, here: Here, intent: Intent) -> Handled:
        """Begin the form that a message asks for, with what else it says."""
        return self._begin(here, f"{intent.window}/{intent.name}", clean(here.event.text))

    def tap_form(self, here: Here, value: str) -> Handled:
        """Begin the form "window/form"; "window/form/anew" drops what was begun before."""
        window, form, how = [*value.split("/"), "", ""][:3]
        return self._begin(here, f"{window}/{form}", "", anew=how == "anew")

    def _begin(self, here: Here, reference: str, text: str, *, anew: bool = False) -> Handled:
        if not here.event.place.direct:
            return refused(here, "not_here")
        opened = find(here, reference)
        if isinstance(opened, str):
            return refused(here, opened, reference)
        before = None if anew else self._bench.current(here)
        try:
            if before is not None and (before.window, before.form) == (opened.window.name, opened.name):
                return self._resume(here, before, text)
            if before is not None and (other := self._unfinished(here, before, reference)):
                return other
            lying, step = self._bench.begin(here, opened, text)
        except LookupFailed:
            return refused(here, "not_known", reference)
        handled = self._bench.go_on(here, lying, step, say(here.language, "begun", title=lying.title))
        return self._bench.as_whole(here, lying, handled)

    def _resume(self, here: Here, before: Draft, text: str) -> Handled:
        """Go on with a form that is begun again, and take what the message says besides."""
        lying = self._bench.lay_out(here, before)
        assert isinstance(lying, Lying)  # it was found open just now
        fields = lying.filling.form.fields
        taken = steps.take_from_text(lying.filling, fields, text, lying.context)
        step = taken or Step(replace(lying.filling, editing=False))
        handled = self._bench.go_on(here, lying, step, say(lying.language, "resumed", title=lying.title))
        handled = self._bench.as_whole(here, lying, handled, step.filling)
        assert handled.reply is not None
        anew = self._bench.asking(lying).tap("anew", "anew")
        return replace(handled, reply=replace(handled.reply, choices=(*handled.reply.choices, anew)))

    def _unfinished(self, here: Here, before: Draft, reference: str) -> Handled | None:
        """Ask before another form is dropped in which something is filled in; None if there is none."""
        lying = self._bench.lay_out(here, before)
        opened = find(here, reference)
        if isinstance(lying, str) or isinstance(opened, str) or not lying.filling.given:
            return None
        language = here.language
        titles = {"title": lying.open.form.title_in(language), "other": opened.form.title_in(language)}
        goes_on = Choice(say(language, "go_on", title=titles["title"]), data=f"fill={before.id}/go", style="primary")
        drops = Choice(say(language, "begin_other", title=titles["other"]), data=f"form={reference}/anew")
        return said(here, say(language, "unfinished", **titles), goes_on, drops)

    # --- going on ---

    def in_progress(self, here: Here) -> Handled | None:
        """Take a message for the form in progress; None if there is none, or it is a question of its own."""
        if not here.event.place.direct or (draft := self._bench.current(here)) is None:
            return None
        lying = self._laid_out(here, draft)
        if not isinstance(lying, Lying):
            return lying
        if here.event.kind is Kind.EDIT:
            step = Step(lying.filling, wrong=say(lying.language, "edit_message"))
            return self._bench.go_on(here, lying, step)
        if self._rests(lying):
            return None
        return self._after(here, lying, steps.answer(lying.filling, clean(here.event.text), lying.context))

    def fill(self, here: Here, value: str) -> Handled:
        """Take a tap on something a form in progress offered."""
        draft_id, _, path = value.partition("/")
        draft = self._bench.by_id(here, draft_id)
        if isinstance(draft, Submission):
            tap = Choice(say(here.language, "view"), data=f"request={draft.id}")
            return said(here, say(here.language, "already", number=draft.number), tap)
        if draft is None:
            return said(here, say(here.language, "stale"))
        lying = self._laid_out(here, draft, tapped=True)
        if not isinstance(lying, Lying):
            assert lying is not None
            return lying
        verb, _, rest = path.partition("/")
        if verb == "anew":
            return self._begin(here, f"{draft.window}/{draft.form}", "", anew=True)
        if verb == "last":
            return self._last(here, lying, rest)
        step = taps.step(lying.filling, draft.revision, path, here.event.picked, lying.context)
        return self._after(here, lying, step) or said(here, say(lying.language, "stale"))

    def cancel(self, here: Here) -> Handled | None:
        """Drop the form in progress; None if there is none."""
        draft = self._bench.current(here) if here.event.place.direct else None
        if draft is None:
            return None
        window = next((one for one in here.windows if one.name == draft.window), None)
        form = window.forms.get(draft.form) if window else None
        return self._cancelled(here, draft, form.title_in(draft.language) if form else "")

    def reminders(self, here: Here) -> tuple[Choice, ...]:
        """Return the taps that go below an answer to a question asked while a form is in progress."""
        if not here.event.place.direct or (draft := self._bench.current(here)) is None:
            return ()
        opened = find(here, f"{draft.window}/{draft.form}")
        if isinstance(opened, str):
            return ()
        title = opened.form.title_in(draft.language)
        goes_on = Choice(say(draft.language, "go_on", title=title), data=f"fill={draft.id}/go", style="primary")
        field = steps.field_of(opened.form, draft.asked)
        if field is None or field.type != "text" or draft.editing:
            return (goes_on,)
        label = field.label_in(draft.language)
        return (
            goes_on,
            Choice(say(draft.language, "use_last", label=label), data=f"fill={draft.id}/last/{field.name}"),
        )

    def file(self, here: Here) -> Handled | None:
        """Take a photo or file for the form in progress, or the one on the page it was chosen in; None: no form's."""
        if not here.event.place.direct:
            return None
        draft = self._bench.current(here)
        if here.event.draft:
            shown = self._shown_with_file(here)
            if not isinstance(shown, Draft):
                return shown
            draft = shown
        if draft is None:
            return self._begin_with_file(here) if here.event.data else None
        lying = self._laid_out(here, draft)
        if not isinstance(lying, Lying):
            return lying
        return attach(here, lying, self._bench, self._fetch)

    def _shown_with_file(self, here: Here) -> Draft | Handled | None:
        """Return the draft of the form on the page that a file was chosen in, or what is said where it is over."""
        reference = here.event.data.rpartition("/")[0]
        opened = find(here, reference)
        return refused(here, opened, reference) if isinstance(opened, str) else self._bench.shown(here, opened)

    def _begin_with_file(self, here: Here) -> Handled | None:
        """Begin the form on a page that does not know its draft with the file: it may stand there long after it."""
        reference = here.event.data.rpartition("/")[0]
        opened = find(here, reference)
        if isinstance(opened, str):
            return refused(here, opened, reference)
        try:
            lying, _ = self._bench.begin(here, opened, "")
        except LookupFailed:
            return refused(here, "not_known", reference)
        return attach(here, lying, self._bench, self._fetch)

    def _rests(self, lying: Lying) -> bool:
        """Return whether a text is asked for, but so long ago that a message is hardly meant as the answer."""
        field = lying.filling.field
        waits_for_text = field is not None and field.type == "text" and not lying.filling.editing
        return waits_for_text and lying.draft.rested > _FRESH

    def _last(self, here: Here, lying: Lying, name: str) -> Handled:
        """Take the question that was answered last for what the form asked for."""
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            last = turns.recall(viewer, here.event.place.conversation, 1)
        field = steps.field_of(lying.filling.form, name)
        if field is None or not last:
            return said(here, say(lying.language, "stale"))
        step = steps.read(lying.filling, field, clean(last[-1].question), lying.context)
        return self._bench.go_on(here, lying, step)

    # --- as a whole ---

    def submit(self, here: Here) -> Handled:
        """Take a form that was filled in at once. What is wrong is told, and can be put right in conversation."""
        reference = here.event.data
        if not here.event.place.direct:
            return refused(here, "not_here")
        opened = find(here, reference)
        if isinstance(opened, str):
            return refused(here, opened, reference)
        before = self._bench.shown(here, opened)
        if isinstance(before, Handled):
            return before
        try:
            known = self._bench.lay_out(here, before) if before is not None else None
            lying = known if isinstance(known, Lying) else self._bench.begin(here, opened, "")[0]
        except LookupFailed:
            return refused(here, "not_known", reference)
        files = lying.filling.values if lying is known else {}
        written = clean_values(here.event.values)
        filling, wrong = whole.read(lying.filling.form, written, files, lying.context)
        if not wrong:
            return self._hand_in(here, lying, Step(filling), whole=lying is not known)
        return self._problems(here, lying, filling, wrong)

    def _problems(self, here: Here, lying: Lying, filling: Filling, wrong: Mapping[str, str]) -> Handled:
        """Say what is wrong. What is right is kept as a draft, unless another form is in progress here."""
        language = lying.language
        labels = {field.name: field.label_in(language) for field in filling.form.fields}
        colon = say(language, "colon")
        sentences = [f"{labels[name]}{colon}{text}" if name in labels else text for name, text in wrong.items()]
        text = "\n".join([say(language, "problems"), *sentences])
        first = next((field.name for field in filling.form.fields if field.name in wrong), "")
        good = {name: value for name, value in filling.values.items() if name not in wrong}
        left = Filling(filling.form, good, first)
        other = self._bench.current(here)
        if other is not None and other.id != lying.draft.id:
            return self._bench.as_whole(here, lying, said(here, text, language=language), filling)
        told = f"{text}\n{say(language, 'go_on_here')}"
        return self._bench.as_whole(here, lying, self._bench.go_on(here, lying, Step(left), told), filling)

    # --- requests ---

    def requests(self, here: Here, _: str = "") -> Handled:
        """Return what the person handed in lately."""
        return self._requests.newest(here)

    def request(self, here: Here, value: str) -> Handled:
        """Return one of the person's submissions with its history."""
        return self._requests.one(here, value)

    # --- what a step does ---

    def _laid_out(self, here: Here, draft: Draft, *, tapped: bool = False) -> Lying | Handled | None:
        """Return the draft as it can be gone on with; else what is said instead, nothing if nobody tapped."""
        try:
            lying = self._bench.lay_out(here, draft)
        except LookupFailed:
            return refused(here, "not_known", f"{draft.window}/{draft.form}")
        if isinstance(lying, Lying):
            return lying
        return refused(here, lying, f"{draft.window}/{draft.form}") if tapped else None

    def _after(self, here: Here, lying: Lying, step: Step) -> Handled | None:
        match step.does:
            case "pass":
                return None
            case "cancel":
                return self._cancelled(here, lying.draft, lying.title)
            case "hand_in":
                return self._hand_in(here, lying, step)
        return self._bench.go_on(here, lying, step)

    def _cancelled(self, here: Here, draft: Draft, title: str) -> Handled:
        handled = said(here, say(draft.language, "cancelled", title=title), language=draft.language)
        return replace(handled, effects=(partial(_drop, draft.id),))

    def _hand_in(self, here: Here, lying: Lying, step: Step, *, whole: bool = False) -> Handled:
        draft = None if whole else lying.draft
        return hand_in(here, Ready(lying.open, step.filling, lying.context, draft), self._follow)


def _drop(draft: str, viewer: ViewerConnection) -> None:
    store.remove(viewer, draft)
