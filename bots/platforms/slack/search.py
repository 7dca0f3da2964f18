"""Looking for what an earlier attempt may have left in a conversation: Slack has no key that makes a post happen once.

Every message of ours carries its delivery's id in metadata. A stream cannot (chat.startStream takes none), so one that
a crash left behind is known by what it lacks: ours, without a delivery's id, written after the question and before
the next thing a person says. A later one may be another answer's and is left alone: better a torso than a lost answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bots.messages import Delivery
from bots.platforms.slack.calls import Api, CallFailed
from bots.platforms.slack.plain import string

EVENT_TYPE = "transom_delivery"
_PAGES = 3
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A message of this delivery: where, and whether it is complete."""

    channel: str
    ts: str
    complete: bool


def mark(delivery: str, *, complete: bool) -> dict[str, Any]:
    """Return the metadata by which a message of a delivery is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery": delivery, "complete": complete}}


def look_for(api: Api, bot: str, delivery: Delivery) -> Found | None:
    """Return the delivery's message, complete or begun; None if there is none. Raises CallFailed.

    ``bot`` is our bot id in the workspace, without which a stream that was left behind cannot be told from others'.
    """
    channel = dm_channel(api, delivery.place.channel)
    messages = sorted(_messages(api, channel, delivery), key=lambda message: float(string(message, "ts") or 0))
    for message in messages:
        payload = _payload(message)
        if payload.get("delivery") == delivery.id:
            return Found(channel, string(message, "ts"), payload.get("complete") is True)
    ts = _left_behind(messages, bot, delivery.message_id)
    return Found(channel, ts, complete=False) if ts else None


def dm_channel(api: Api, channel: str) -> str:
    """Return the direct-message channel where a person's id stands for it; any other channel as it is.

    Raises CallFailed.
    """
    if not channel.startswith(("U", "W")):
        return channel
    return string(api.write("conversations.open", users=channel), "channel", "id")


def _messages(api: Api, channel: str, delivery: Delivery) -> Iterable[Mapping[str, Any]]:
    oldest = delivery.message_id if _is_ts(delivery.message_id) else None
    if delivery.place.thread:
        try:
            return list(_paged(api, "conversations.replies", channel=channel, ts=delivery.place.thread, oldest=oldest))
        except CallFailed as failed:
            if failed.reason != "thread_not_found":  # then Slack has put our reply beside the thread that is gone
                raise
    return list(_paged(api, "conversations.history", channel=channel, oldest=oldest))


def _paged(api: Api, method: str, **arguments: Any) -> Iterable[Mapping[str, Any]]:
    cursor: str | None = None
    for _ in range(_PAGES):
        page = api.read(method, include_all_metadata=True, limit=_PAGE, cursor=cursor, **arguments)
        messages = page.get("messages")
        yield from (one for one in (messages if isinstance(messages, list) else ()) if isinstance(one, dict))
        cursor = string(page, "response_metadata", "next_cursor") or None
        if cursor is None:
            return


def _left_behind(messages: Iterable[Mapping[str, Any]], bot: str, question: str) -> str:
    if not bot or not _is_ts(question):
        return ""
    for message in messages:
        ts = string(message, "ts")
        if float(ts or 0) <= float(question):
            continue
        if string(message, "bot_id") != bot:
            if string(message, "bot_id"):
                continue
            return ""  # a person has spoken
        if "delivery" not in _payload(message):
            return ts
    return ""


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any]:
    if string(message, "metadata", "event_type") != EVENT_TYPE:
        return {}
    payload = message["metadata"].get("event_payload")
    return payload if isinstance(payload, dict) else {}


def _is_ts(text: str) -> bool:
    whole, _, part = text.partition(".")
    return text.isascii() and whole.isdecimal() and part.isdecimal()
