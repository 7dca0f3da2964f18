"""What people see of a request they are asked about. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bots.conversations.approvals.case import Case, typed
from bots.conversations.approvals.store import Task
from bots.conversations.approvals.texts import say
from bots.conversations.submissions.store import Attachment, Entry
from bots.messages import AttachedFile, Card, Choice, Language, Reply
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.values import Value, shown

_FIELDS = 6  # on a card; the rest is shown with everything
_LONGEST = 120  # characters of a value on a card
_HAPPENED = {"approved": "was_approved", "rejected": "was_rejected", "done": "was_done", "withdrawn": "was_withdrawn"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A task as somebody may see it. ``names``: of the people it mentions, by employee number."""

    task: Task
    case: Case
    names: Mapping[str, str]
    files: Sequence[Attachment] = ()
    history: Sequence[Entry] = ()

    def name(self, number: str | None, language: Language) -> str:
        """Return a person's name; their number where they are gone, and a customer's kind."""
        return self.names.get(number, number) if number else say(language, "customer")


def ask(seen: Seen, key: str, language: Language, zone: tzinfo) -> Reply:
    """Return the question that a task is, with what to tap."""
    title = seen.case.window.title_in(language)
    return Reply(say(language, key), cards=(card(seen, language, zone),), window=title, language=language)


def card(seen: Seen, language: Language, zone: tzinfo) -> Card:
    """Return a task in short."""
    number, form = seen.case.submission.number, seen.case.form.title_in(language)
    lines = _values(seen, language)
    short = [f"{line[:_LONGEST]}…" if len(line) > _LONGEST else line for line in lines[:_FIELDS]]
    more = [say(language, "more_fields")] if len(lines) > _FIELDS else []
    text = "\n".join([*_head(seen, language, zone), *short, *more])
    details = Choice(say(language, "details"), data=f"task={seen.task.id}")
    choices = (*taps(seen.task, language), details)
    return Card(say(language, "title", form=form, number=number), text, choices, _attached(seen))


def everything(seen: Seen, language: Language, zone: tzinfo, *, may_decide: bool) -> Reply:
    """Return a task with all that was written, and what was decided so far."""
    number, form = seen.case.submission.number, seen.case.form.title_in(language)
    lines = [say(language, "title", form=form, number=number), *_head(seen, language, zone), *_values(seen, language)]
    lines += [
        say(language, f"was_{_verb(one)}", number=number, name=seen.name(one.actor, language), at=at(one.at, zone))
        + (f"\n{say(language, 'comment', comment=one.comment)}" if one.comment else "")
        for one in seen.history
        if _verb(one)
    ]
    choices = taps(seen.task, language) if may_decide else ()
    title = seen.case.window.title_in(language)
    files = (Card(say(language, "files"), attachments=_attached(seen)),) if seen.files else ()
    return Reply("\n".join(lines), choices=choices, cards=files, window=title, language=language)


def taps(task: Task, language: Language) -> tuple[Choice, ...]:
    """Return what somebody who may decide, or work on it, can do."""
    if task.kind == "work":
        close = Choice(say(language, "close"), data=f"task={task.id}/close", style="primary" if task.taken_by else "")
        take = Choice(say(language, "take"), data=f"task={task.id}/take", style="primary")
        return (close,) if task.taken_by else (take, close)
    return (
        Choice(say(language, "approve"), data=f"decide={task.id}/approve", style="primary"),
        Choice(say(language, "reject"), data=f"decide={task.id}/reject", style="danger"),
    )


def comment_asked(task: Task, language: Language) -> Reply:
    """Return the question why it is rejected, or what was done."""
    work = task.kind == "work"
    skip = (
        Choice(say(language, "skip_close"), data=f"task={task.id}/skip")
        if work
        else Choice(say(language, "skip_reject"), data=f"decide={task.id}/skip", style="danger")
    )
    keep = Choice(say(language, "keep"), data=f"task={task.id}/keep")
    sentence = say(language, "what" if work else "why", number=task.number)
    return Reply(sentence, choices=(skip, keep), language=language)


def happened(tasks: Sequence[Task], seen: Seen, language: Language, zone: tzinfo) -> str:
    """Return what became of a task that cannot be decided any more: who decided what, and when."""
    submission, task = seen.case.submission, seen.task
    same = [one for one in tasks if (one.kind, one.step, one.slot) == (task.kind, task.step, task.slot)]
    decided = next((one for one in [task, *same] if one.decided_at), None) or _last(tasks)
    if submission.state == "withdrawn":
        return say(language, "was_withdrawn", number=task.number, at=at(submission.touched_at, zone))
    if decided and decided.decided_at and decided.state in _HAPPENED:
        name = seen.name(decided.decided_by, language)
        return say(language, _HAPPENED[decided.state], number=task.number, name=name, at=at(decided.decided_at, zone))
    if task.state == "waiting" and task.taken_by:
        return say(language, "taken_by", number=task.number, name=seen.name(task.taken_by, language))
    return say(language, "was_stuck" if task.state == "stuck" else "was_cancelled", number=task.number)


def mentioned(case: Case, tasks: Sequence[Task], history: Sequence[Entry] = ()) -> list[str]:
    """Return the employee numbers of those whose names are shown with a task."""
    people = [field.name for field in case.form.fields if field.type == "person"]
    numbers = [case.submission.employee_number, *(case.submission.values.get(name) for name in people)]
    numbers += [number for one in tasks for number in (one.decided_by, one.taken_by)]
    numbers += [one.actor for one in history]
    return sorted({str(number) for number in numbers if number})


def at(moment: datetime, zone: tzinfo) -> str:
    """Return a moment in the company's time."""
    return f"{moment.astimezone(zone):%Y/%m/%d %H:%M}"


def _last(tasks: Sequence[Task]) -> Task | None:
    decided = [one for one in tasks if one.decided_at]
    return max(decided, key=lambda one: one.decided_at or one.asked_at, default=None)


def _verb(entry: Entry) -> str:
    """Return what a decision is called in our sentences, empty for what is none."""
    verbs = {"approved": "approved", "rejected": "rejected", "closed": "done"}
    return verbs.get(entry.action, "") if entry.actor else ""


def _head(seen: Seen, language: Language, zone: tzinfo) -> list[str]:
    lines = [say(language, "from", name=seen.name(seen.case.submission.employee_number, language))]
    if seen.task.state == "waiting" and seen.task.due_at:
        lines.append(say(language, "due", at=at(seen.task.due_at, zone)))
    return lines


def _attached(seen: Seen) -> tuple[AttachedFile, ...]:
    return tuple(one.shown for one in seen.files)


def _values(seen: Seen, language: Language) -> list[str]:
    """Return a line a field that was filled in. Files are shown apart."""
    values = typed(seen.case.form, seen.case.submission.values)
    return [
        f"{field.label_in(language)}：{_value(field, values[field.name], seen, language)}"
        for field in seen.case.form.fields
        if field.name in values and field.type != "file"
    ]


def _value(field: FieldSpec, value: Value, seen: Seen, language: Language) -> str:
    return seen.name(str(value), language) if field.type == "person" else shown(field, value, language)
