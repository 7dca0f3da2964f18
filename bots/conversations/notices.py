"""What we say on our own account: an event of ours in the conversation it belongs to, taken in like everybody's.

So it is stored before it is sent, said once for ever under its key, in order with the rest of the conversation, and
written down afresh at the moment it is said: an approval that was withdrawn meanwhile is not asked for any more.

On the web a person has one conversation of this kind with each window, whatever browsers they sign in with: the page
shows it together with what that browser said (``desk``).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from bots.conversations.inbox import store as inbox
from bots.conversations.people import store as people
from bots.conversations.queue import Queue
from bots.messages import Arrival, InboundEvent, Kind, Place

_MARK = "transom_notice"
_WEB = "web"  # the platform and its account
PRESENT_DAYS = 30
"""Whoever used the page signed in within these is told things there."""


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who can be reached: the place to speak to them, and their id there.

    ``person``: the employee number where no account says who they are: on the page.
    """

    place: Place
    user: str
    person: str = ""


def reachable(
    connection: psycopg.Connection, employee_numbers: Sequence[str], window: str = ""
) -> Mapping[str, Target]:
    """Return where each of these people is reached now: on Slack, else on LINE, else on the page of this window.

    Left out is who has no account and has not used the page lately, or where no window is named.
    """
    found = people.accounts(connection, employee_numbers)
    targets = {one.employee_number: target(one.platform, one.account, one.user_id) for one in found}
    others = [number for number in employee_numbers if number not in targets] if window else []
    present = people.on_the_page(connection, others, PRESENT_DAYS) if others else []
    return targets | {number: target(_WEB, _WEB, number, window) for number in present}


def page_of(employee_number: str, window: str) -> Place:
    """Return where a person is told things on the page of a window. No visitor's id has a colon."""
    return Place("web", _WEB, f"person:{employee_number}", direct=True, thread=window)


def target(platform: str, account: str, user: str, window: str = "") -> Target:
    """Return where an account is spoken to alone: Slack opens the direct message by the person's id.

    On the web ``user`` is the employee number, and ``window`` the one whose page it is.
    """
    if platform == _WEB:
        return Target(page_of(user, window), user, user)
    return Target(Place(platform, account, user, direct=True), user)  # type: ignore[arg-type]  # ours, from the table


def tell(connection: psycopg.Connection, queue: Queue, targets: Iterable[Target], data: str, key: str) -> int:
    """Have ``data`` told to each of the targets, in this transaction; return how many had not been told yet.

    ``data`` is "kind=reference", for ``Modes.notices``. The same key is told to the same target once, for ever.
    """
    taken = inbox.take_in(connection, [_arrival(target, data, key) for target in targets])
    queue.handle(connection, [one.conversation for one in taken])
    return len(taken)


def event_id(key: str, user: str) -> str:
    """Return the inbox's id of what is told to somebody under a key."""
    return f"notice:{key}:{user}"


def read_notice(body: Mapping[str, Any]) -> InboundEvent | None:
    """Return the notice that a kept body is, None if it is a platform's."""
    kept = body.get(_MARK)
    if not isinstance(kept, dict):
        return None
    place = Place(**kept["place"])
    at = datetime.fromtimestamp(kept["at"], UTC)
    person = kept.get("person", "")
    return InboundEvent(kept["id"], place, Kind.NOTICE, kept["user"], at, data=kept["data"], person=person)


def _arrival(target: Target, data: str, key: str) -> Arrival:
    now = datetime.now(UTC)
    place = target.place
    person = target.person
    event = InboundEvent(event_id(key, target.user), place, Kind.NOTICE, target.user, now, data=data, person=person)
    where = {
        "platform": place.platform,
        "account": place.account,
        "channel": place.channel,
        "direct": place.direct,
        "thread": place.thread,
    }
    kept = {"id": event.id, "place": where, "user": target.user, "at": now.timestamp(), "data": data}
    kept |= {"person": person} if person else {}
    return Arrival(event, json.dumps({_MARK: kept}))
