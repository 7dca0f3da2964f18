"""The small company with forms, approvals and calls of its own system, through the real clerk.

A form is handed in by a tap "file=FORM/JSON", as the forms' own mode would end.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from integration.talking import SERVED, Talk, event

from bots.conversations.answering import Asker
from bots.conversations.approvals.case import typed
from bots.conversations.approvals.mode import ApprovalMode
from bots.conversations.approvals.steps import Approvals
from bots.conversations.approvals.sweep import ApprovalSweeper
from bots.conversations.clerk import Clerk
from bots.conversations.forms.handing_in import first_state
from bots.conversations.forms.who import Filed
from bots.conversations.handled import Handled, Here
from bots.conversations.handler import Handler
from bots.conversations.modes import Modes
from bots.conversations.submissions import store as submissions
from bots.conversations.submissions.store import NewSubmission
from bots.messages import InboundEvent, Kind, Place, Reply
from bots.windows.model import Contact
from bots.windows.modes.form import Form
from rag_core.database import scoped
from rag_core.search.search import Searcher

ZONE = ZoneInfo("Asia/Taipei")
BOSS, CLERK_OF_HR, FANG, SECOND_OF_HR, OUTSIDER = "A1", "A2", "A3", "A4", "A5"
NAMES = {BOSS: "沈若蘭", CLERK_OF_HR: "葉佳蓉", FANG: "方思齊", SECOND_OF_HR: "林書豪", OUTSIDER: "賴怡君"}
FIELDS = [
    {"name": "days", "type": "number", "label": "天數"},
    {"name": "reason", "label": "事由", "optional": True},
    {"name": "lead", "type": "person", "label": "負責人", "optional": True},
]
FORMS: Mapping[str, Mapping[str, Any]] = {
    "leave": {"approval": ["manager", {"group": "hr", "when": "days > 3"}]},
    "hr": {"approval": [{"group": "hr"}]},
    "both": {"approval": [{"together": ["manager", {"group": "hr"}]}]},
    "either": {"approval": [{"together": ["manager", {"group": "hr"}], "need": "any"}]},
    "named": {"approval": [{"field": "lead"}]},
    "long": {"approval": [{"group": "hr", "when": "days > 3"}]},
    "twice": {"approval": ["manager", {"group": "managers"}]},
    "late": {"approval": ["manager"], "due_hours": 10, "escalate": {"group": "hr"}},
    "nobody": {"approval": [{"group": "legal"}]},
    "repair": {"assign": {"group": "hr"}, "anonymous": True},
    "checked_repair": {"approval": ["manager"], "assign": {"group": "hr"}},
    "long_repair": {"assign": {"group": "hr", "when": "days > 3"}, "tell": [{"group": "managers"}]},
    "checked_long_repair": {"approval": ["manager"], "assign": {"group": "hr", "when": "days > 3"}},
    "told": {"approval": ["manager"], "tell": [{"group": "hr"}]},
    "called": {"approval": ["manager"], "on_approved": {"http": "http://hris.test/leaves", "secret": "${HRIS_SECRET}"}},
    "plain": {"on_approved": {"http": "http://hris.test/leaves"}},
}


_ATTACH = """
insert into submission_files (id, submission, reader, field, name, media_type, content)
values (%s, %s, %s, %s, %s, %s, %s)
"""


@dataclass
class Company:
    """The company as people use it. Everybody speaks on Slack, directly, unless told otherwise."""

    talk: Talk
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: FORMS)
    attached: dict[str, bytes] = field(default_factory=dict)  # files of what is handed in next, by name

    def __post_init__(self) -> None:
        forms = {
            name: Form.model_validate({"title": f"表單{name}", "fields": FIELDS, **form})
            for name, form in self.forms.items()
        }
        hr, *others = self.talk.windows
        assert hr.name == "hr"
        contact = Contact(name="人資部", email="boss@a.example")
        hr = hr.model_copy(update={"forms": forms, "contact": contact})
        self.windows = (hr, *others)
        self.approvals = Approvals(self.talk.queue, self.windows, ZONE)
        self.mode = ApprovalMode(self.talk.database, self.windows, self.approvals, ZONE)
        self.sweeper = ApprovalSweeper(self.talk.database, self.approvals)
        self._staff()
        self.handler = self._handler()
        self.talk.handler = self.handler
        self.talk.clerk = self.talk.another_clerk()

    def _staff(self) -> None:
        for number, groups in ((SECOND_OF_HR, "{employees,hr}"), (OUTSIDER, "{employees}")):
            new = (number, NAMES[number], f"{number}@a.example", BOSS, groups)
            self.talk.change("insert into people values (%s, %s, %s, %s, %s)", *new)
        for number in NAMES:
            self.talk.bind(self.at(number), number)

    def _handler(self) -> Handler:
        modes = self.mode.modes()
        modes = Modes(
            taps={**modes.taps, "file": self._file},
            words=modes.words,
            in_progress=modes.in_progress,
            notices=modes.notices,
            after=modes.after,
        )
        searcher = Searcher(self.talk.database, embedder=None, reranker=None)
        asker = Asker(self.talk.answers, searcher)  # type: ignore[arg-type]
        return Handler(
            self.talk.database, self.windows, SERVED, self.talk.viewers, asker, lambda _: None, "A公司", modes
        )

    def _file(self, here: Here, value: str) -> Handled:
        name, _, values = value.partition("/")
        [window] = [one for one in self.windows if one.name == "hr"]
        form, person = window.forms[name], here.viewer.person
        number = person.employee_number if person else None
        filed = Filed(number, typed(form, json.loads(values)), self.now().date(), here.language)
        new = NewSubmission(
            window="hr",
            form=name,
            reader=here.viewer.reader,
            employee_number=number,
            values=json.loads(values),
            computed={},
            summary=name,
            state=first_state(form, filed),
            place=here.event.place,
            language=here.language,
        )

        def hands_in(viewer: Any) -> None:
            submission = submissions.insert(viewer, new, here.event.id, 2026)
            for name, content in self.attached.items():
                kept = (uuid4(), submission.id, new.reader, "proof", name, "image/jpeg", content)
                scoped(viewer).execute(_ATTACH, kept)
            self.approvals.begin(viewer, submission, form, window)

        return Handled(here.viewer, Reply("已送出。"), effects=(hands_in,))

    # --- people ---

    def at(self, number: str) -> Place:
        """Where a person is spoken to."""
        return Place("slack", "main", f"U{number}", direct=True)

    def hand_in(self, form: str, who: str | Place = FANG, **values: Any) -> int:
        """Hand a form in and tell whoever is asked; return the submission's id."""
        place = self.at(who) if isinstance(who, str) else who
        self.tap(place, f"file={form}/{json.dumps({'days': '1', **values})}")
        return int(self.talk.value("select max(id) from submissions"))

    def tap(self, who: str | Place, data: str, **more: Any) -> str:
        """Tap, and return what was answered."""
        return self._said(who, Kind.POSTBACK, data=data, **more)

    def write(self, who: str | Place, text: str) -> str:
        """Write, and return what was answered."""
        return self._said(who, Kind.MESSAGE, text=text)

    def _said(self, who: str | Place, kind: Kind, **more: Any) -> str:
        place = self.at(who) if isinstance(who, str) else who
        courier = self.talk.couriers[place.platform]
        told = self.talk.say(place, kind=kind, **more)
        delivery = self.talk.rows(
            "select o.id::text from outbox o join inbox i on i.id = o.event where i.event_id = %s", told.id
        )
        return next((one.reply.text for one in courier.arrived if (one.id,) in delivery), "")

    def heard(self, number: str) -> list[Reply]:
        """Everything a person was told or answered, in order."""
        return [one.reply for one in self.talk.slack.arrived if one.place.channel == f"U{number}"]

    def data(self, number: str, label: str = "核准") -> str:
        """What the newest card with this tap carries."""
        choices = [choice for reply in self.heard(number) for card in reply.cards for choice in card.choices]
        return [choice.data for choice in choices if choice.label == label][-1]

    def at_once(self, *taps: tuple[str, str]) -> list[str]:
        """Tap at the same time: all have seen the same before any of them is written down."""
        from concurrent.futures import ThreadPoolExecutor

        barrier = Barrier(len(taps))
        clerk = Clerk(self.talk.database, self.talk.queue, self.talk.readers, Waiting(self.handler, barrier), {})  # type: ignore[arg-type]
        told = [event(self.at(who), kind=Kind.POSTBACK, data=data) for who, data in taps]
        self.talk.take_in(*told)
        with ThreadPoolExecutor(len(taps)) as pool:
            list(pool.map(lambda one: clerk.handle_next(one.place.conversation), told))
        self.talk.lose_jobs()
        query = "select o.reply->>'text' from outbox o join inbox i on i.id = o.event where i.event_id = %s"
        return [self.talk.value(query, one.id) for one in told]

    # --- what is there ---

    def task(self, submission: int) -> int:
        """The id of a submission's first task."""
        return int(self.talk.value("select min(id) from approval_tasks where submission = %s", submission))

    def state(self, submission: int) -> str:
        """A submission's state."""
        return str(self.talk.value("select state from submissions where id = %s", submission))

    def tasks(self, submission: int) -> list[tuple[Any, ...]]:
        """A submission's tasks: rule, state, who decided."""
        query = "select rule, state, decided_by from approval_tasks where submission = %s order by id"
        return self.talk.rows(query, submission)

    def log(self, submission: int) -> list[tuple[str, str]]:
        """What was done, by whom."""
        return self.talk.rows("select action, actor from audit_log where submission = %s order by id", submission)

    def notices(self, kind: str) -> int:
        """How many notices of a kind were taken in."""
        return int(self.talk.value("select count(*) from inbox where event_id like %s", f"notice:{kind}:%"))

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    def hours_pass(self, hours: float) -> None:
        """Everything was asked so many hours sooner."""
        self.talk.change(
            "update approval_tasks set asked_at = asked_at - make_interval(secs => %s),"
            " due_at = due_at - make_interval(secs => %s)",
            hours * 3600,
            hours * 3600,
        )


class Waiting:
    """A handler whose first answers all wait for each other before they are written down."""

    def __init__(self, handler: Handler, barrier: Barrier) -> None:
        self._handler, self._barrier = handler, barrier

    def handle(self, event: InboundEvent, show: Callable[[str], None]) -> Handled:
        handled = self._handler.handle(event, show)
        if not self._barrier.broken:
            with suppress(BrokenBarrierError):
                self._barrier.wait(2)
        return handled
