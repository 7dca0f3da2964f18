"""Forms in modals: what a tap opens, and what is wrong with what was handed in. The desk knows; this waits briefly.

A trigger_id is good for three seconds and a submission wants an answer within three, so nothing here may take long,
and nothing may fail: without an answer in time the conversation asks for the form, or takes it and checks it then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from threading import Thread
from typing import Any, Generic, TypeVar

import structlog

from bots.messages import InboundEvent, Kind
from bots.platforms.slack.envelope import TAIPEI
from bots.platforms.slack.form_view import form_view, input_blocks
from bots.platforms.slack.gestures import FORM_TAP
from bots.platforms.slack.parts import Block, shortened
from bots.platforms.slack.plain import clean, string
from bots.platforms.slack.texts import language_of
from bots.ports import FormDesk

WITHIN_S = 1.5  # for the desk; what is left of the three seconds is for Slack and for storing
PROBLEM = 300  # characters below a field

log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Forms:
    """What the desk says about forms. Without a desk there are none. ``zone`` is the company's."""

    desk: FormDesk | None = None
    zone: tzinfo = TAIPEI

    def view(self, event: InboundEvent, body: Mapping[str, Any]) -> Block | None:
        """Return the modal that a tap opens; None if it opens none, or none for this person, or not now."""
        desk = self.desk
        name = _named(event)
        if desk is None or not name or not event.trigger:
            return None
        language = language_of(_label(body))
        form = within(WITHIN_S, lambda: desk.form(event.place, event.sender, name, language))
        return form_view(form, event.place, self.zone) if form else None

    def problems(self, event: InboundEvent, body: Mapping[str, Any]) -> dict[str, str]:
        """Return what is wrong with a form that was handed in, by the block it is shown below."""
        desk, blocks = self.desk, input_blocks(body.get("view"))
        if desk is None or event.kind is not Kind.SUBMIT or not blocks:
            return {}
        asked = (event.place, event.sender, event.data, event.values, event.language)
        found = within(WITHIN_S, lambda: desk.problems(*asked))
        return _by_block(found or {}, blocks)


def within(seconds: float, ask: Callable[[], T]) -> T | None:
    """Return the answer; None if there is none in so many seconds, or the asking fails. It goes on in its thread."""
    asking = _Asking(ask)
    thread = Thread(target=asking, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        log.warning("slack.form_desk", reason="too slow")
    return asking.answer


class _Asking(Generic[T]):
    """A question in a thread of its own."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self.answer: T | None = None

    def __call__(self) -> None:
        try:
            self.answer = self._ask()
        except Exception as error:  # whatever it is, Slack must be answered now; the worker meets it again
            log.warning("slack.form_desk", reason=type(error).__name__)


def _named(event: InboundEvent) -> str:
    """Return the form that a tap is for. One that says more than its name is for the conversation."""
    name = event.data.removeprefix(FORM_TAP) if event.data.startswith(FORM_TAP) else ""
    return name if event.kind is Kind.POSTBACK and name.count("/") == 1 else ""


def _label(body: Mapping[str, Any]) -> str:
    actions = body.get("actions")
    return string(actions[0], "text", "text") if isinstance(actions, list) and actions else ""


def _by_block(problems: Mapping[str, str], blocks: list[str]) -> dict[str, str]:
    """Return the sentences by block; what concerns none of them stands below the last."""
    found: dict[str, str] = {}
    for name, sentence in problems.items():
        block = name if name in blocks else blocks[-1]
        said = clean(sentence).strip()
        found[block] = shortened(" ".join(filter(None, (found.get(block, ""), said))), PROBLEM)
    return {block: said for block, said in found.items() if said}
