"""What people say and tap about approvals and assigned work, and what they are told.

Who decides is the verified person behind the event, checked against the lists of people at that moment. What a tap
carries names a task and nothing else: whoever may not decide it is refused, learns nothing of it, and is written into
the log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Literal

from bots.conversations.approvals import delegating, outcomes, show, store
from bots.conversations.approvals.case import case_of
from bots.conversations.approvals.show import Seen
from bots.conversations.approvals.steps import Approvals, is_open
from bots.conversations.approvals.store import Awaited, Task
from bots.conversations.approvals.texts import say
from bots.conversations.handled import Effect, Handled, Here
from bots.conversations.modes import Modes
from bots.conversations.people.store import Person
from bots.conversations.submissions import store as submissions
from bots.messages import Choice, Kind, Reply
from bots.windows.model import Window
from rag_core.database import Database, ViewerConnection, scoped

_PAGE = 6
_LONGEST_COMMENT = 1000

Why = Literal["in a group", "nobody we know", "no such task", "not an approver", "gone"]

_SENTENCES: Mapping[Why, str] = {
    "in a group": "in_group",
    "nobody we know": "unbound",
    "no such task": "refused",
    "not an approver": "refused",
    "gone": "gone",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A task as the viewer may see it now. ``open``: it waits, and is theirs to decide or work on."""

    seen: Seen
    tasks: Sequence[Task]
    open: bool

    @property
    def task(self) -> Task:
        """The task itself."""
        return self.seen.task


class ApprovalMode:
    """Brings approvals into the conversation. ``zone``: the company's."""

    def __init__(self, database: Database, windows: Sequence[Window], approvals: Approvals, zone: tzinfo) -> None:
        self._database, self._approvals, self._zone = database, approvals, zone
        self._windows: Mapping[str, Window] = {window.name: window for window in windows}
        self._outcomes = outcomes.Outcomes(database, self._windows)
        self._delegating = delegating.Delegating(database, approvals, zone)

    def modes(self) -> Modes:
        """Return what this mode brings; ``bots.compose`` puts it together with the others'."""
        return Modes(
            taps={"decide": self.decide, "task": self.tap},
            words={"tasks": self.tasks},
            in_progress=(self.comment, self._delegating.take),
            notices={
                "task": partial(self.ask, key="ask"),
                "remind": partial(self.ask, key="remind"),
                "outcome": self._outcomes.tell,
                "stuck": self._outcomes.tell_stuck,
            },
            after=(self.moved_on,),
        )

    # --- notices ---

    def ask(self, here: Here, reference: str, *, key: str) -> Handled:
        """Ask whoever this is for a decision, if it still waits for one and is still theirs."""
        found = self._find(here, reference) if here.viewer.person else None
        if not isinstance(found, Found) or not found.open:
            return Handled(here.viewer)
        if key == "ask":
            key = (
                "ask_work" if found.task.kind == "work" else "ask_escalated" if found.task.escalates else "ask_approve"
            )
        reply = show.ask(found.seen, key, here.language, self._zone)
        return Handled(here.viewer, reply, window=found.task.window_name)

    # --- taps ---

    def decide(self, here: Here, value: str) -> Handled:
        """Take "TASK/approve", "TASK/reject" or "TASK/skip" (reject without a reason)."""
        return self._acted(here, value, "approve", {"approve": self._approve, "reject": self._why, "skip": self._skip})

    def tap(self, here: Here, value: str) -> Handled:
        """Take "TASK" (show all of it), "TASK/take", "TASK/close", "TASK/skip" (close without a comment), "TASK/keep",
        "more/N" (tasks after the N-th) or "withdraw/SUBMISSION"."""
        reference, _, verb = value.partition("/")
        if reference == "more":
            return self.tasks(here, int(verb) if _is_id(verb) else 0)
        if reference == "withdraw":
            return self.withdraw(here, verb)
        if verb == "keep":
            return self._forgotten(here)
        if not verb:
            return self._details(here, reference)
        return self._acted(here, value, "work", {"take": self._take, "close": self._why, "skip": self._skip})

    def _acted(
        self, here: Here, value: str, kind: str, verbs: Mapping[str, Callable[[Here, Found, Person], Handled]]
    ) -> Handled:
        reference, _, verb = value.partition("/")
        found = self._find(here, reference)
        person = here.viewer.person
        if not isinstance(found, Found) or person is None:
            return self._refused(here, reference, found if isinstance(found, str) else "nobody we know")
        if found.task.kind != kind or verb not in verbs:
            return self._refused(here, reference, "no such task")
        if not found.open:
            return self._too_late(here, found)
        return verbs[verb](here, found, person)

    def _approve(self, here: Here, found: Found, person: Person) -> Handled:
        decides = partial(
            self._approvals.decide,
            task_id=found.task.id,
            person=person.employee_number,
            verdict="approved",
            event=event_key(here),
        )
        return self._said(here, found, "approved_you", decides)

    def _take(self, here: Here, found: Found, person: Person) -> Handled:
        takes = partial(
            self._approvals.take, task_id=found.task.id, person=person.employee_number, event=event_key(here)
        )
        close = Choice(say(here.language, "close"), data=f"task={found.task.id}/close", style="primary")
        return self._said(here, found, "taken_you", takes, (close,))

    def _why(self, here: Here, found: Found, person: Person) -> Handled:
        """Ask for the comment first: with it, or without one, the decision is taken once."""
        awaited = Awaited(found.task.id, "close" if found.task.kind == "work" else "reject", person.employee_number)

        def waits(viewer: ViewerConnection) -> None:
            store.await_comment(scoped(viewer), here.event.place.conversation, awaited)

        reply = show.comment_asked(found.task, here.language)
        return Handled(here.viewer, reply, window=found.task.window_name, effects=(waits,))

    def _skip(self, here: Here, found: Found, person: Person) -> Handled:
        return self._commented(here, found, person, "")

    def _details(self, here: Here, reference: str) -> Handled:
        found = self._find(here, reference, whole=True)
        if not isinstance(found, Found):
            return self._refused(here, reference, found)
        reply = show.everything(found.seen, here.language, self._zone, may_decide=found.open)
        return Handled(here.viewer, reply, window=found.task.window_name)

    # --- what people write ---

    def tasks(self, here: Here, after: int = 0) -> Handled:
        """Return what waits for this person."""
        person = here.viewer.person
        if (why := self._nobody(here)) or person is None:
            return Handled(
                here.viewer, Reply(say(here.language, _SENTENCES[why or "nobody we know"]), language=here.language)
            )
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            found = store.open_for(scoped(viewer), person.employee_number, _PAGE + 1, after)
            seen = [one for task in found[:_PAGE] if (one := self._seen(viewer, task))]
        if not seen:
            return Handled(here.viewer, Reply(say(here.language, "no_tasks"), language=here.language))
        cards = tuple(show.card(one, here.language, self._zone) for one in seen)
        more = (Choice(say(here.language, "more"), data=f"task=more/{after + _PAGE}"),) if len(found) > _PAGE else ()
        sentence = say(here.language, "tasks")
        return Handled(here.viewer, Reply(sentence, cards=cards, choices=more, language=here.language))

    def comment(self, here: Here) -> Handled | None:
        """Take a message for the comment that was asked for a moment ago; None: none was, or the task is gone."""
        person, text = here.viewer.person, here.event.text.strip()
        if person is None or not here.event.place.direct or not text:
            return None
        with self._database.application() as connection:
            awaited = store.awaited(connection, here.event.place.conversation)
        if awaited is None or awaited.person != person.employee_number:
            return None
        found = self._find(here, str(awaited.task))
        if not isinstance(found, Found):
            return self._refused(here, str(awaited.task), found, (self._forget(here),))
        if not found.open:
            return self._too_late(here, found, (self._forget(here),))
        return self._commented(here, found, person, text[:_LONGEST_COMMENT])

    def cancel(self, here: Here) -> Handled | None:
        """Ask for no comment any more; None: none was asked for. For the word "cancel"."""
        with self._database.application() as connection:
            awaited = store.awaited(connection, here.event.place.conversation)
        return self._forgotten(here) if awaited else None

    def moved_on(self, here: Here) -> tuple[Effect, ...]:
        """Return what forgets that a comment was asked for, once something else is tapped: what is written after that
        answers that."""
        event = here.event
        asked = event.data.startswith(("decide=", "task=")) and event.data.endswith(("/reject", "/close"))
        if asked or event.kind not in (Kind.POSTBACK, Kind.SUBMIT) or here.viewer.person is None:
            return ()
        with self._database.application() as connection:
            awaited = store.awaited(connection, event.place.conversation)
        return (self._forget(here),) if awaited else ()

    def withdraw(self, here: Here, reference: str) -> Handled:
        """Take back the request whose id this is, if it is the viewer's and not decided yet."""
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            found = submissions.by_id(viewer, int(reference)) if _is_id(reference) else None
        if found is None or found.reader != here.viewer.reader or not here.event.place.direct:
            return Handled(here.viewer, Reply(say(here.language, "not_yours"), language=here.language))
        if found.state not in ("waiting", "open"):
            sentence = say(here.language, "cannot_withdraw", number=found.number)
            return Handled(here.viewer, Reply(sentence, language=here.language), window=found.window)
        takes_back = partial(
            self._approvals.withdraw, submission=found.id, reader=here.viewer.reader, event=event_key(here)
        )
        sentence = say(here.language, "withdrawn_you", number=found.number)
        reply = Reply(sentence, language=here.language)
        return Handled(here.viewer, reply, window=found.window, effects=(takes_back,))

    def _commented(self, here: Here, found: Found, person: Person, comment: str) -> Handled:
        """Decide, with the comment."""
        task, number, event = found.task.id, person.employee_number, event_key(here)

        def decides(viewer: ViewerConnection) -> None:
            if found.task.kind == "work":
                self._approvals.close(viewer, task, number, comment, event)
            else:
                self._approvals.decide(viewer, task, number, "rejected", comment, event)

        key = "closed_you" if found.task.kind == "work" else "rejected_you"
        return self._said(here, found, key, decides, forget=True)

    # --- what is said ---

    def _said(
        self,
        here: Here,
        found: Found,
        key: str,
        effect: Effect,
        choices: tuple[Choice, ...] = (),
        *,
        forget: bool = False,
    ) -> Handled:
        reply = Reply(say(here.language, key, number=found.task.number), choices=choices, language=here.language)
        effects = (effect, self._forget(here)) if forget else (effect,)
        return Handled(here.viewer, reply, window=found.task.window_name, effects=effects)

    def _too_late(self, here: Here, found: Found, effects: tuple[Effect, ...] = ()) -> Handled:
        """Say what happened instead."""
        sentence = show.happened(found.tasks, found.seen, here.language, self._zone)
        noted = self._noted(here, "too_late", found.task)
        reply = Reply(sentence, language=here.language)
        return Handled(here.viewer, reply, window=found.task.window_name, effects=(*effects, noted))

    def _refused(self, here: Here, reference: str, why: Why, effects: tuple[Effect, ...] = ()) -> Handled:
        """Say no, nothing of what it is about, and write it down."""
        with self._database.application() as connection:
            task = store.task(connection, int(reference)) if _is_id(reference) else None
        noted = self._noted(here, "refused", task, why)
        reply = Reply(say(here.language, _SENTENCES[why]), language=here.language)
        return Handled(here.viewer, reply, effects=(*effects, noted))

    def _forgotten(self, here: Here) -> Handled:
        reply = Reply(say(here.language, "kept"), language=here.language)
        return Handled(here.viewer, reply, effects=(self._forget(here),))

    def _forget(self, here: Here) -> Effect:
        def forgets(viewer: ViewerConnection) -> None:
            store.forget_comment(scoped(viewer), here.event.place.conversation)

        return forgets

    def _noted(self, here: Here, action: str, task: Task | None, note: str = "") -> Effect:
        def notes(viewer: ViewerConnection) -> None:
            about = {"submission": task.submission, "task": task.id} if task else {}
            store.audit(scoped(viewer), actor(here), action, **about, event=event_key(here), note=note)

        return notes

    # --- what there is ---

    def _nobody(self, here: Here) -> Why | None:
        """Return why nobody here may decide anything; None: a verified person speaks to us alone."""
        if not here.event.place.direct:
            return "in a group"
        return None if here.viewer.person else "nobody we know"

    def _find(self, here: Here, reference: str, *, whole: bool = False) -> Found | Why:
        """Return the task, or why it is none of the viewer's business."""
        if (why := self._nobody(here)) or not _is_id(reference):
            return why or "no such task"
        person = here.viewer.person
        assert person is not None
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            connection = scoped(viewer)
            task = store.task(connection, int(reference))
            if task is None or task.kind == "hear":
                return "no such task"
            if person.employee_number not in store.entitled(connection, task.rule, task.requester):
                return "not an approver"
            seen = self._seen(viewer, task, whole=whole)
            if seen is None:
                return "gone"
            tasks = store.of_submission(connection, task.submission)
            return Found(seen, tasks, is_open(connection, task, person.employee_number))

    def _seen(self, viewer: ViewerConnection, task: Task, *, whole: bool = False) -> Seen | None:
        """Return what the viewer sees of a task; None if its form is gone from the file."""
        found = submissions.by_id(viewer, task.submission)
        case = case_of(self._windows, found) if found else None
        if found is None or case is None:
            return None
        history = submissions.history(viewer, found.id) if whole else []
        files = submissions.attachments(viewer, found.id)
        tasks = store.of_submission(scoped(viewer), found.id)
        numbers = show.mentioned(case, tasks, history)
        return Seen(task, case, store.names(scoped(viewer), numbers), files, history)


def actor(here: Here) -> str:
    """Return who did it, for the log: the person, or the account of somebody we do not know."""
    person, place = here.viewer.person, here.event.place
    return person.employee_number if person else f"{place.platform}:{place.account}:{here.event.sender}"


def event_key(here: Here) -> str:
    """Return the event's key in the inbox, for the log."""
    place = here.event.place
    return f"{place.platform}:{place.account}:{here.event.id}"


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
