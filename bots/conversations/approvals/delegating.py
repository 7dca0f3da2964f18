"""Who stands in for whom: "代理 葉佳蓉 到 12/31", and "取消代理"."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, tzinfo

from bots.conversations.approvals import store
from bots.conversations.approvals.steps import Approvals
from bots.conversations.approvals.texts import say
from bots.conversations.handled import Effect, Handled, Here
from bots.conversations.people import store as people
from bots.conversations.people.store import Person
from bots.messages import Reply
from bots.windows.modes import values
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.values import Context, NotUnderstood
from rag_core.database import Database, ViewerConnection, scoped

_SET = re.compile(
    r"(?:設定)?代理(?:人)?[\s:：]+(?P<name>.+?)\s*(?:到|至)\s*(?P<until>.+)|delegate\s+(?:to\s+)?(?P<en>.+?)\s+until\s+(?P<by>.+)",
    re.IGNORECASE,
)
_END = ("取消代理", "結束代理", "end delegation")
_LONGEST = 80
_UNTIL = FieldSpec.model_validate({"name": "until", "type": "date", "label": "until"})


def _now() -> datetime:
    return datetime.now(UTC)


class Delegating:
    """Takes the words that name a deputy. Anything else is none of its business."""

    def __init__(
        self, database: Database, approvals: Approvals, zone: tzinfo, now: Callable[[], datetime] = _now
    ) -> None:
        self._database, self._approvals, self._zone, self._now = database, approvals, zone, now

    def take(self, here: Here) -> Handled | None:
        """Name or end a deputy, if that is what a verified person says to us alone; None: it is something else."""
        person, text = here.viewer.person, here.event.text.strip()
        if person is None or not here.event.place.direct or len(text) > _LONGEST:
            return None
        if text.lower().rstrip("。.!！") in _END:
            return self._ended(here, person)
        found = _SET.fullmatch(text)
        return self._named(here, person, found["name"] or found["en"], found["until"] or found["by"]) if found else None

    def _named(self, here: Here, person: Person, name: str, written: str) -> Handled:
        with self._database.application() as connection:
            by_number = people.by_number(connection, name.strip().upper())
            found = [by_number] if by_number else people.by_name(connection, name)
        if len(found) != 1:
            return self._said(here, "deputy_several" if found else "deputy_unknown", name=name)
        deputy, until = found[0], self._end_of(written, here)
        if deputy.employee_number == person.employee_number:
            return self._said(here, "deputy_self")
        if until is None:
            return self._said(here, "deputy_until")

        def names(viewer: ViewerConnection) -> None:
            connection = scoped(viewer)
            store.delegate(connection, person.employee_number, deputy.employee_number, until)
            store.audit(
                connection, person.employee_number, "delegated", event=_event(here), note=deputy.employee_number
            )
            self._approvals.ask_deputy(connection, deputy.employee_number)

        shown = f"{until.astimezone(self._zone):%Y/%m/%d}"
        return self._said(here, "deputy_set", names, name=deputy.name, until=shown)

    def _ended(self, here: Here, person: Person) -> Handled:
        with self._database.application() as connection:
            there = any(one.principal == person.employee_number for one in store.delegations(connection))

        def ends(viewer: ViewerConnection) -> None:
            if store.end_delegation(scoped(viewer), person.employee_number):
                store.audit(scoped(viewer), person.employee_number, "delegation_ended", event=_event(here))

        return self._said(here, "deputy_ended" if there else "deputy_none", ends)

    def _end_of(self, written: str, here: Here) -> datetime | None:
        """Return the end of the day that is written; None if it is not understood or over."""
        now = self._now().astimezone(self._zone)
        try:
            day = values.parse(_UNTIL, written, Context(now, here.language, lambda _: ()))
        except NotUnderstood:
            return None
        until = datetime.combine(day, time.max, self._zone)  # type: ignore[arg-type]  # a date field's
        return until if until > now else None

    def _said(self, here: Here, key: str, effect: Effect | None = None, **told: object) -> Handled:
        reply = Reply(say(here.language, key, **told), language=here.language)
        return Handled(here.viewer, reply, effects=(effect,) if effect else ())


def _event(here: Here) -> str:
    place = here.event.place
    return f"{place.platform}:{place.account}:{here.event.id}"
