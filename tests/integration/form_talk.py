"""A company whose windows have forms, talked with as ``talking`` does. The approvals are a list of what was begun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration.talking import SERVED, PlainReader, Talk, arrival, event

from bots.conversations.forms.desk import Forms
from bots.conversations.forms.mode import FormMode
from bots.conversations.handler import Handler
from bots.conversations.lookups.records import LookupFailed
from bots.conversations.modes import Intent, Modes, Recognised
from bots.conversations.reading import own_arrival
from bots.conversations.submissions.store import Submission
from bots.messages import Arrival, Choice, InboundEvent, Kind, Place, Reply
from bots.windows.model import Window
from bots.windows.modes.form import Form
from rag_core.database import ViewerConnection

TAIPEI = ZoneInfo("Asia/Taipei")
SUNDAY_EVENING = datetime(2026, 11, 29, 20, 0, tzinfo=TAIPEI)

_KINDS = [
    {"value": "特休", "label": {"zh-TW": "特休", "en": "annual leave"}},
    {"value": "病假", "label": {"zh-TW": "病假", "en": "sick leave"}},
]
HR: Mapping[str, Any] = {
    "leave": {
        "title": {"zh-TW": "請假單", "en": "Leave request"},
        "fields": [
            {"name": "kind", "type": "choice", "label": {"zh-TW": "假別", "en": "Kind"}, "choices": _KINDS},
            {"name": "starts", "type": "datetime", "label": {"zh-TW": "開始", "en": "Begins"}},
            {"name": "ends", "type": "datetime", "label": {"zh-TW": "結束", "en": "Ends"}, "after": "starts"},
            {"name": "reason", "label": {"zh-TW": "事由", "en": "Reason"}, "optional": True, "longest": 200},
        ],
        "computed": {"days": "workdays(starts, ends)"},
        "summary": "{kind}，{days} 天：{reason}",
        "approval": ["manager", {"group": "hr", "when": "days > 3"}],
        "note": "請記得交接。",
    },
    "repair": {
        "title": "報修單",
        "fields": [
            {"name": "what", "label": "哪裡壞了"},
            {"name": "photo", "type": "file", "label": "照片", "optional": True},
        ],
        "assign": {"group": "hr"},
    },
    "purchase": {
        "title": "請購單",
        "fields": [{"name": "amount", "type": "money", "label": "金額"}],
        "assign": {"group": "hr", "when": "amount > 5000"},
    },
    "training": {
        "title": "訓練報名",
        "fields": [
            {"name": "course", "type": "choice", "label": "課程", "choices_from": "courses"},
            {"name": "phone", "label": "分機", "defaults_from": "me", "default": "{extension}"},
        ],
    },
    "review": {
        "title": "考核單",
        "serves": ["managers"],
        "fields": [{"name": "whom", "type": "person", "label": "同仁"}],
    },
}
SALES: Mapping[str, Any] = {
    "complaint": {
        "title": {"zh-TW": "客訴單", "en": "Complaint"},
        "anonymous": True,
        "kind": "complaint",
        "fields": [{"name": "what", "label": {"zh-TW": "事情經過", "en": "What happened"}, "longest": 100}],
    }
}


@dataclass
class SomeLooks:
    """Implements ``known.Looks`` on a table of courses. ``down``: nothing can be looked up."""

    courses: Sequence[tuple[str, str]] = (("C1", "消防講習"), ("C2", "急救訓練"))
    down: bool = False

    def options(self, window: Window, name: str, person: str | None) -> Sequence[tuple[str, str]]:
        if self.down:
            raise LookupFailed("down", "ConnectionError", again=True)
        return self.courses

    def defaults(self, window: Window, name: str, person: str | None) -> Mapping[str, str]:
        if self.down:
            raise LookupFailed("down", "ConnectionError", again=True)
        return {"extension": "1234"} if person else {}


class FormReader(PlainReader):
    """Reads what ``FormTalk`` takes in: what pickers chose, and whole forms."""

    def read(self, account: str, body: Mapping[str, Any]) -> InboundEvent:
        values = {name: one if isinstance(one, str) else tuple(one) for name, one in body.get("values", {}).items()}
        return replace(super().read(account, body), picked=body.get("picked", ""), values=values)


@dataclass
class FormTalk(Talk):
    """Talks with a company that has forms. ``begun``: what approvals would have begun; ``trouble`` is raised there."""

    reader: PlainReader = field(default_factory=FormReader)
    looks: SomeLooks = field(default_factory=SomeLooks)
    begun: list[Submission] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    now: datetime = SUNDAY_EVENING

    def __post_init__(self) -> None:
        super().__post_init__()
        forms = {"hr": HR, "sales": SALES}
        self.windows = tuple(
            one.model_copy(
                update={"forms": {name: Form.model_validate(form) for name, form in forms[one.name].items()}}
            )
            for one in self.windows
        )
        self.mode = FormMode(self.database, self.looks, TAIPEI, self._fetched, self._begin, lambda: self.now)
        served = {account: windows.names for account, windows in SERVED.items()}
        self.forms = Forms(self.database, self.windows, served, self.looks, TAIPEI, lambda: self.now)
        self._handles()

    def _handles(self) -> None:
        old, talks = self.handler, (self._fetched, "A公司")
        self.handler = Handler(
            self.database, self.windows, SERVED, self.viewers, old._asker, *talks, modes=self.modes()
        )
        self.clerk = self.another_clerk()

    def change_windows(self, **changed: Any) -> None:
        """Write this into the file of hr, and start anew."""
        self.windows = tuple(one.model_copy(update=changed) if one.name == "hr" else one for one in self.windows)
        served = {account: windows.names for account, windows in SERVED.items()}
        self.forms = Forms(self.database, self.windows, served, self.looks, TAIPEI, lambda: self.now)
        self._handles()

    def modes(self) -> Modes:
        mode = self.mode
        return Modes(
            taps={"form": mode.tap_form, "fill": mode.fill, "requests": mode.requests, "request": mode.request},
            words={"requests": mode.requests},
            cancels=[mode.cancel],
            in_progress=[mode.in_progress],
            recognise=_recognise,
            begins={"form": mode.begin},
            submit=mode.submit,
            files=[mode.file],
            reminders=[mode.reminders],
        )

    def _fetched(self, of: InboundEvent) -> bytes | None:
        return self.couriers[of.place.platform].fetch(of)

    def _begin(self, viewer: ViewerConnection, submission: Submission, form: Form, window: Window) -> None:
        if self.trouble:
            raise self.trouble.pop()
        assert window.forms[submission.form] is form
        self.begun.append(submission)

    # --- what happens ---

    def take_in(self, *events: InboundEvent) -> int:
        return self.intake.take_in([_arrival(one) for one in events])

    def tap(self, place: Place, data: str, **more: Any) -> Reply:
        """Tap a choice, and return what is said to it."""
        return self.ask(place, kind=Kind.POSTBACK, data=data, **more)

    def hand_over(self, place: Place, name: str, **values: Any) -> Reply:
        """Hand a whole form in, as a dialog does."""
        return self.ask(place, kind=Kind.SUBMIT, data=name, values=values)

    def on_page(self, kind: Kind = Kind.MESSAGE, person: str = "", **more: Any) -> Reply | None:
        """Take in what somebody does on the web page of hr or sales, and return the reply."""
        place = Place("web", "web", "visitor", direct=True, thread=more.pop("window", "hr"))
        groups = frozenset({"employees"}) if person else frozenset({"customers"})
        told = event(place, kind=kind, groups=groups, person=person, window=place.thread, language="zh-TW", **more)
        self.intake.take_in([own_arrival(told)])
        self.work()
        rows = self.rows(
            "select reply from outbox o join inbox i on i.id = o.event where i.event_id = %s and o.ordinal = 0", told.id
        )
        from bots.conversations.outbox.written import read_reply

        return read_reply(rows[0][0]) if rows and rows[0][0] else None

    # --- what is there ---

    def drafts(self) -> list[tuple[Any, ...]]:
        return self.rows('select form_name, "values", asked from drafts order by id')

    def submitted(self) -> list[tuple[Any, ...]]:
        return self.rows('select number, employee_number, "values", state from submissions order by id')

    def wait(self, days: float) -> None:
        """Let days go by."""
        self.change("update drafts set touched_at = touched_at - make_interval(secs => %s)", days * 86_400)


def tap_of(reply: Reply, label: str) -> str:
    """Return what a tap with this label carries."""
    found: list[Choice] = [*reply.choices, *(one for card in reply.cards for one in card.choices)]
    named = [one for one in found if label in one.label]
    assert named, f"no tap {label} among {[one.label for one in found]}"
    return named[0].data


def shown(reply: Reply) -> str:
    """Return everything the reply shows."""
    return "\n".join([reply.text, *(f"{card.title}\n{card.text}" for card in reply.cards)])


def _with_forms(window: Window) -> Window:
    written = {"hr": HR, "sales": SALES}[window.name]
    return window.model_copy(update={"forms": {name: Form.model_validate(form) for name, form in written.items()}})


def _recognise(here: Any) -> Recognised:
    text = here.event.text.lower()
    if text.startswith(("幫我請", "我要請", "i want to take")):
        return Recognised(Intent("form", "hr", "leave"))
    return Recognised(Intent("form", "hr", "repair")) if text.startswith("報修") else Recognised()


def _arrival(of: InboundEvent) -> Arrival:
    import json

    kept = arrival(of)
    return replace(kept, body=json.dumps({**json.loads(kept.body), "picked": of.picked, "values": dict(of.values)}))


__all__ = ["HR", "SUNDAY_EVENING", "TAIPEI", "FormTalk", "SomeLooks", "shown", "tap_of"]
