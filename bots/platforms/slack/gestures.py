"""What people do with our things, read as events: taps, the modal, shortcuts and the slash command."""

from collections.abc import Callable, Mapping
from typing import Any

from bots.messages import InboundEvent, Kind, Place
from bots.platforms.slack.envelope import actor, fallback_id, sent_at
from bots.platforms.slack.plain import plain_text, string

ASK = "ask"  # the global shortcut, and the modal's callback_id
ASK_ABOUT = "ask_about"  # the message shortcut
QUESTION, WINDOW = "question", "window"  # the modal's blocks and their elements
SAY = "say:"
FEEDBACK = ("up:", "down:")

Gesture = Callable[[str, str, dict[str, Any]], InboundEvent | None]


def read_tap(account: str, team: str, body: dict[str, Any]) -> InboundEvent | None:
    """A tapped button. It has no message of its own, so ``message_id`` is the moment of the tap as a ts."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    data, when, user = _value(action), string(action, "action_ts"), actor(team, body)
    if not data or not user:
        return None
    kind, text = Kind.POSTBACK, ""
    if data.startswith(SAY):
        kind, text, data = Kind.MESSAGE, data.removeprefix(SAY), ""
    elif data.startswith(FEEDBACK):
        kind = Kind.FEEDBACK
    identity = f"act:{when}:{user}:{string(action, 'action_id')}" if when else fallback_id(body)
    return InboundEvent(
        identity,
        _place_of_tap(account, body),
        kind,
        user,
        sent_at(body, when),
        text,
        message_id=when,
        data=data,
        trigger=string(body, "trigger_id"),
    )


def read_submission(account: str, team: str, body: dict[str, Any]) -> InboundEvent | None:
    """The modal, filled in: a question, perhaps to a chosen window."""
    view, user = body.get("view"), actor(team, body)
    question = question_of(body)
    if string(view, "callback_id") != ASK or not question or not user:
        return None
    window = string(view, "state", "values", WINDOW, WINDOW, "selected_option", "value")
    return InboundEvent(
        f"view:{string(view, 'id')}:{string(view, 'hash')}",
        _with(account, user),
        Kind.MESSAGE,
        user,
        sent_at(body),
        question,
        window=window,
        trigger=string(body, "trigger_id"),
    )


def read_command(account: str, team: str, body: dict[str, Any]) -> InboundEvent | None:
    """A slash command with words after it. The reply goes to the person's direct messages."""
    user, text, trigger = actor(team, body), plain_text(string(body, "text")), string(body, "trigger_id")
    if not text or not user:
        return None
    identity = f"cmd:{trigger}" if trigger else fallback_id(body)
    return InboundEvent(identity, _with(account, user), Kind.MESSAGE, user, sent_at(body), text, trigger=trigger)


def read_shortcut(account: str, team: str, body: dict[str, Any]) -> InboundEvent | None:
    """A shortcut: the webhook has opened the modal, so nothing follows."""
    trigger, when, user = string(body, "trigger_id"), string(body, "action_ts"), actor(team, body)
    identity = f"cut:{trigger or when}" if trigger or when else fallback_id(body)
    return InboundEvent(identity, _with(account, user), Kind.IGNORED, user, sent_at(body, when), trigger=trigger)


def question_of(body: Mapping[str, Any]) -> str:
    """Return what was written into the modal."""
    return string(body, "view", "state", "values", QUESTION, QUESTION, "value").strip()


GESTURES: Mapping[str, Gesture] = {
    "block_actions": read_tap,
    "view_submission": read_submission,
    "shortcut": read_shortcut,
    "message_action": read_shortcut,
}


def _value(action: Any) -> str:
    return string(action, "value") or string(action, "selected_option", "value")


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
