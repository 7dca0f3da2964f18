"""How a reply reaches a person on LINE, and what LINE's answers mean. Pure: the courier does the calling.

The ladder, from free to dear: answer with the reply token while it lives; else push, where the window's budget has
room; else park it until the person's next tap or message brings a new token.

A token works once, so trying a *doubtful* reply again with the same token is safe: 200, it had not arrived; 400, it
had. A push in doubt is tried again under the same retry key, which LINE keeps for 24 hours. What the outbox keeps so
that this holds:

- while a reply is in doubt, ``token`` is the token of that try, and never a newer one; when it has run out, it is
  empty and ``may_push`` is false: a push could be the second copy;
- while a push is in doubt, ``may_push`` stays true, ``token`` stays empty and the reply and its links stay as they
  were: the budget was spent with the first try, and only the identical request may repeat a retry key.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bots.messages import Again, Delivery, Outcome, Parked, Rejected, Sent

RATE_WAIT_S: Final = 2.0
_REPLY_WAIT_S: Final = 8.0  # at most: a token lives for a minute
_PUSH_WAIT_S: Final = 60.0
_PROPERTY: Final = re.compile(r"[A-Za-z0-9_.\[\]/-]{1,80}")


class Rung(StrEnum):
    """A way to send."""

    REPLY = "reply"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Answer:
    """What LINE said to a request; ``status`` 0 is no answer. ``left``: the request may have reached LINE."""

    status: int
    ids: tuple[str, ...] = ()  # of the messages sent
    message: str = ""  # LINE's words about an error: to be understood, not logged
    fault: str = ""  # the property LINE complains of
    retry_after_s: float | None = None
    left: bool = True


def next_step(delivery: Delivery) -> Rung | Outcome:
    """Return the rung to take, or the outcome where there is none."""
    if delivery.token:
        return Rung.REPLY
    if delivery.may_push:
        return Rung.PUSH
    if delivery.doubtful:
        return Rejected("reply uncertain", uncertain=True)
    return Parked("no token")


def outcome_of(rung: Rung, answer: Answer, delivery: Delivery) -> Outcome:
    """Return what an answer to this rung means for the delivery."""
    if 200 <= answer.status < 300 or (rung is Rung.PUSH and answer.status == 409):
        return Sent(answer.ids, pushed=rung is Rung.PUSH)
    if answer.status == 0 or answer.status >= 500:
        return Again(_wait_s(rung, delivery.attempt), reason_of(answer), doubtful=delivery.doubtful or answer.left)
    if answer.status == 429:
        return _too_many(answer, delivery)
    if rung is Rung.REPLY and answer.status == 400 and "invalid reply token" in answer.message.casefold():
        return Sent() if delivery.doubtful else Parked("token dead")
    return Rejected(reason_of(answer), uncertain=delivery.doubtful)


def reason_of(answer: Answer) -> str:
    """Return status and kind of an error for the log: never LINE's sentence, which may quote what we sent."""
    if answer.status == 0:
        return "no answer" if answer.left else "no connection"
    kind = answer.fault if _PROPERTY.fullmatch(answer.fault) else ""
    return " ".join(filter(None, (str(answer.status), kind)))


def _too_many(answer: Answer, delivery: Delivery) -> Outcome:
    if "monthly limit" in answer.message.casefold():
        # Nothing was sent now; but what is in doubt must not wait for a tap that would send it a second time.
        return Rejected("quota", uncertain=True) if delivery.doubtful else Parked("quota")
    return Again(answer.retry_after_s or RATE_WAIT_S, "429 rate", doubtful=delivery.doubtful)


def _wait_s(rung: Rung, attempt: int) -> float:
    most = _REPLY_WAIT_S if rung is Rung.REPLY else _PUSH_WAIT_S
    return min(2.0 ** min(max(attempt, 1) - 1, 10), most)
