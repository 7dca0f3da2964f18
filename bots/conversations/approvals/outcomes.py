"""Tells what came of a request: the requester, whoever else is to hear of it, and who looks after a stuck one."""

from collections.abc import Mapping, Sequence

from bots.conversations.approvals import store
from bots.conversations.approvals.case import Case, case_of
from bots.conversations.approvals.store import Task
from bots.conversations.approvals.texts import say
from bots.conversations.handled import Handled, Here
from bots.conversations.submissions import store as submissions
from bots.conversations.submissions.store import Entry
from bots.messages import Choice, Language, Reply
from bots.windows.model import Window
from rag_core.database import Database, scoped

_OUTCOMES = ("approved", "rejected", "done")
_DECISIONS = ("approved", "rejected", "closed")


class Outcomes:
    """Renders what is due to be told, as it is by then."""

    def __init__(self, database: Database, windows: Mapping[str, Window]) -> None:
        self._database, self._windows = database, windows

    def tell(self, here: Here, reference: str) -> Handled:
        """Tell what "SUBMISSION/approved", "…/rejected", "…/done" or "…/stuck/TASK" says."""
        number, _, rest = reference.partition("/")
        what, _, task_id = rest.partition("/")
        with self._database.viewer(here.viewer.groups, here.viewer.reader) as viewer:
            found = submissions.by_id(viewer, int(number))
            case = case_of(self._windows, found) if found else None
            if case is None:
                return Handled(here.viewer)
            task = store.task(scoped(viewer), int(task_id)) if task_id else None
            decided = _decision(submissions.history(viewer, case.submission.id))
            people = [decided.actor] if decided else []
            names = store.names(scoped(viewer), [*people, case.submission.employee_number or ""])
        if what == "stuck":
            return self._nobody(here, case, task)
        if what not in _OUTCOMES:
            return Handled(here.viewer)
        return _told(here, case, what, decided, names)

    def tell_stuck(self, here: Here, reference: str) -> Handled:
        """Tell whoever looks after the window that a task finds nobody; nothing of what the request says."""
        person = here.viewer.person
        with self._database.application() as connection:
            task = store.task(connection, int(reference))
        window = self._windows.get(task.window_name) if task else None
        email = window.contact.email if window and window.contact else None
        if task is None or task.state != "stuck" or person is None or not email or person.email != email.lower():
            return Handled(here.viewer)
        kind, _, name = task.rule.partition(":")
        rule = say(here.language, f"rule_{kind}", name=name)
        sentence = say(here.language, "nobody", number=task.number, rule=rule)
        return Handled(here.viewer, Reply(sentence, language=here.language), window=task.window_name)

    def _nobody(self, here: Here, case: Case, task: Task | None) -> Handled:
        if task is None or task.state != "stuck" or case.submission.reader != here.viewer.reader:
            return Handled(here.viewer)
        contact = case.window.card(here.language).contact or say(here.language, "someone")
        values = {"form": case.form.title_in(here.language), "number": case.submission.number, "contact": contact}
        reply = Reply(say(here.language, "out_stuck", **values), language=here.language)
        return Handled(here.viewer, reply, window=case.window.name)


def _told(here: Here, case: Case, what: str, decided: Entry | None, names: Mapping[str, str]) -> Handled:
    submission, language = case.submission, here.language
    mine = submission.reader == here.viewer.reader
    requester = submission.employee_number
    key = f"{'out' if mine else 'hear'}_{what}"
    if key == "out_approved" and case.form.assign and submission.state != "approved":  # which is its end
        key = "out_approved_work"
    lines = [
        say(
            language,
            key,
            form=case.form.title_in(language),
            number=submission.number,
            name=names.get(decided.actor, decided.actor) if decided else "",
            requester=names.get(requester, requester) if requester else say(language, "customer"),
        )
    ]
    if decided and decided.comment:
        lines.append(say(language, "comment", comment=decided.comment))
    choices = (Choice(say(language, "details"), data=f"request={submission.id}"),) if mine else ()
    return Handled(here.viewer, _reply("\n".join(lines), choices, case, language), window=case.window.name)


def _reply(text: str, choices: tuple[Choice, ...], case: Case, language: Language) -> Reply:
    return Reply(text, choices=choices, window=case.window.title_in(language), language=language)


def _decision(history: Sequence[Entry]) -> Entry | None:
    """Return the last decision that counted."""
    return next((one for one in reversed(history) if one.action in _DECISIONS), None)
