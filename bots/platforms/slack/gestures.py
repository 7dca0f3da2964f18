"""What people do with our things, read as events: taps, pickers, the modals, shortcuts and the slash command."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bots.messages import InboundEvent, Kind, Place
from bots.platforms.slack.envelope import Where, actor, fallback_id, sent_at
from bots.platforms.slack.filled import digest, origin_of, picked_of, values_of
from bots.platforms.slack.plain import plain_text, string

ASK = "ask"  # the global shortcut, and the modal's callback_id
ASK_ABOUT = "ask_about"  # the message shortcut
FORM = "form"  # the callback_id of a form's modal
FORM_TAP = "form="  # how the data of a button begins that opens one
QUESTION, WINDOW = "question", "window"  # the modal's blocks and their elements
SAY = "say:"
PICK = "pick:"  # how the action id of a picker begins; its data follows
FEEDBACK = ("up:", "down:")
OPENED = "transom_opened"  # our mark on a tap that has opened a modal: nothing else follows of it

Gesture = Callable[[Where, dict[str, Any]], InboundEvent | None]


def read_tap(where: Where, body: dict[str, Any]) -> InboundEvent | None:
    """A tapped button, or a picked date. It has no message of its own, so ``message_id`` is its moment as a ts."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    when, user = string(action, "action_ts"), actor(where.team, body)
    meant = _meant(action, where)
    if meant is None or not user:
        return None
    identity = f"act:{when}:{user}:{string(action, 'action_id')}" if when else fallback_id(body)
    event = InboundEvent(
        id=identity,
        place=_place_of_tap(where.account, body),
        sender=user,
        sent_at=sent_at(body, when),
        message_id=when,
        trigger=string(body, "trigger_id"),
        **meant,
    )
    return replace(event, kind=Kind.IGNORED) if body.get(OPENED) is True else event


def read_submission(where: Where, body: dict[str, Any]) -> InboundEvent | None:
    """A modal, filled in: a question, perhaps to a chosen window, or a form."""
    if string(body, "view", "callback_id") == FORM:
        return _read_form(where, body)
    view, user = body.get("view"), actor(where.team, body)
    question = question_of(body)
    if string(view, "callback_id") != ASK or not question or not user:
        return None
    window = string(view, "state", "values", WINDOW, WINDOW, "selected_option", "value")
    return InboundEvent(
        f"view:{string(view, 'id')}:{string(view, 'hash')}",
        _with(where.account, user),
        Kind.MESSAGE,
        user,
        sent_at(body),
        question,
        window=window,
        trigger=string(body, "trigger_id"),
    )


def read_command(where: Where, body: dict[str, Any]) -> InboundEvent | None:
    """A slash command with words after it. The reply goes to the person's direct messages."""
    user, text, trigger = actor(where.team, body), plain_text(string(body, "text")), string(body, "trigger_id")
    if not text or not user:
        return None
    identity = f"cmd:{trigger}" if trigger else fallback_id(body)
    place = _with(where.account, user)
    return InboundEvent(identity, place, Kind.MESSAGE, user, sent_at(body), text, trigger=trigger)


def read_shortcut(where: Where, body: dict[str, Any]) -> InboundEvent | None:
    """A shortcut: the webhook has opened the modal, so nothing follows."""
    trigger, when, user = string(body, "trigger_id"), string(body, "action_ts"), actor(where.team, body)
    identity = f"cut:{trigger or when}" if trigger or when else fallback_id(body)
    return InboundEvent(identity, _with(where.account, user), Kind.IGNORED, user, sent_at(body, when), trigger=trigger)


def question_of(body: Mapping[str, Any]) -> str:
    """Return what was written into the modal."""
    return string(body, "view", "state", "values", QUESTION, QUESTION, "value").strip()


GESTURES: Mapping[str, Gesture] = {
    "block_actions": read_tap,
    "view_submission": read_submission,
    "shortcut": read_shortcut,
    "message_action": read_shortcut,
}


def _read_form(where: Where, body: dict[str, Any]) -> InboundEvent | None:
    """A form, handed in. Whether this person may do so is decided where it is taken in, not by what the modal says.

    The same values of the same modal are one event, however often they come; other values are another: Slack shows a
    modal that seemed to fail again, and people correct what they wrote.
    """
    view, user = body.get("view"), actor(where.team, body)
    origin = origin_of(view)
    if not origin.form or not user:
        return None
    values = values_of(view, where.zone)
    here = Place("slack", where.account, origin.channel, direct=True, thread=origin.thread)
    name = string(view, "id")
    return InboundEvent(
        f"view:{name}:{digest(values)}" if name else fallback_id(body),
        here if origin.channel else _with(where.account, user),
        Kind.SUBMIT,
        user,
        sent_at(body),
        data=origin.form,
        values=values,
        language=origin.language,
        trigger=string(body, "trigger_id"),
    )


def _meant(action: Any, where: Where) -> dict[str, Any] | None:
    """Return what a tap means: kind, words, data, and what was picked; None if that is nothing."""
    name = string(action, "action_id")
    if name.startswith(PICK):
        data, picked = name.removeprefix(PICK), picked_of(action, where.zone)
        return {"kind": Kind.POSTBACK, "data": data, "picked": picked} if data and picked else None
    data = string(action, "value") or string(action, "selected_option", "value")
    if data.startswith(SAY):
        return {"kind": Kind.MESSAGE, "text": data.removeprefix(SAY)}
    kind = Kind.FEEDBACK if data.startswith(FEEDBACK) else Kind.POSTBACK
    return {"kind": kind, "data": data} if data else None


def _place_of_tap(account: str, body: dict[str, Any]) -> Place:
    channel = string(body, "channel", "id") or string(body, "container", "channel_id")
    if not channel:  # in the App Home
        return _with(account, string(body, "user", "id"))
    direct = channel.startswith("D")
    thread = string(body, "container", "thread_ts") or string(body, "message", "thread_ts")
    if not thread and not direct:
        thread = string(body, "container", "message_ts") or string(body, "message", "ts")
    return Place("slack", account, channel, direct, thread)


def _with(account: str, user: str) -> Place:
    return Place("slack", account, user.rpartition("/")[2], direct=True)
