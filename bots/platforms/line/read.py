"""Reading one webhook event of LINE. Whatever it looks like, it becomes an InboundEvent; nothing is raised.

What decides is LINE's webhook.openapi.yml. New event types and fields come without notice, so nothing is required.
"""

import json
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from bots.messages import FileOffer, InboundEvent, Kind, Place
from bots.platforms.line.splitting import clean

Clock = Callable[[], datetime]

TOKEN_LIFE: Final = timedelta(seconds=50)  # "about a minute" of LINE's, less a margin for the way there
TOKEN_END: Final = timedelta(minutes=20)  # after the event, however often it is redelivered

_LAST_MS: Final = 4_102_444_800_000  # the year 2100: what is later is no time
_FEEDBACK: Final = re.compile(r"(?:up|down):.+")
_PICKED: Final = {  # what a datetime picker adds to its data
    "date": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "time": re.compile(r"\d\d:\d\d", re.ASCII),
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII),
}
_MEDIA: Final = {
    "image": ("image/jpeg", ".jpg"),
    "video": ("video/mp4", ".mp4"),
    "audio": ("audio/mp4", ".m4a"),
}
_SIMPLE: Final = {
    "follow": Kind.FOLLOW,
    "unfollow": Kind.UNFOLLOW,
    "join": Kind.JOIN,
    "leave": Kind.LEAVE,
}


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads events of any LINE account. ``clock`` says when an event was received (UTC).

    A reply token's life begins when its event is received. Whoever reads a stored event again gives a clock that
    shows that moment, or keeps ``token_until`` of the first reading.
    """

    clock: Clock

    def read(self, account: str, body: Mapping[str, Any]) -> InboundEvent:
        """Return the event; IGNORED if it is of no use to us. ``body`` is one element of a webhook's ``events``."""
        received = self.clock()
        sent_at = _time(body.get("timestamp")) or received
        ignored = InboundEvent(
            id=_string(body, "webhookEventId") or _fingerprint(body),
            place=_place(account, _part(body, "source")),
            kind=Kind.IGNORED,
            sender=_string(_part(body, "source"), "userId"),
            sent_at=sent_at,
        )
        if not ignored.place.channel or not _concerns_us(body):
            return ignored
        event = _understood(ignored, body)
        token = _string(body, "replyToken")
        if event.kind is Kind.IGNORED or not token:
            return event
        return replace(event, token=token, token_until=min(received + TOKEN_LIFE, sent_at + TOKEN_END))


def _concerns_us(body: Mapping[str, Any]) -> bool:
    # In standby another bot of the account answers. What a person takes back is to be forgotten all the same.
    return body.get("mode") == "active" or body.get("type") == "unsend"


def _understood(event: InboundEvent, body: Mapping[str, Any]) -> InboundEvent:
    kind = body.get("type")
    if kind == "message":
        return _message(event, _part(body, "message"))
    if kind == "postback":
        return _postback(event, _part(body, "postback"))
    if kind == "messageEdited":
        return _edit(event, _part(body, "message"))
    if kind == "unsend":
        message_id = _string(_part(body, "unsend"), "messageId")
        return replace(event, kind=Kind.UNSEND, message_id=message_id) if message_id else event
    return replace(event, kind=_SIMPLE[kind]) if isinstance(kind, str) and kind in _SIMPLE else event


def _message(event: InboundEvent, message: Mapping[str, Any]) -> InboundEvent:
    event = replace(event, message_id=_string(message, "id"), addressed=event.place.direct)
    match message.get("type"):
        case "text":
            return replace(event, kind=Kind.MESSAGE, **_said(event, message))
        case "sticker":
            return replace(event, kind=Kind.STICKER, text=_string(message, "text"))
        case "location":
            place = "\n".join(filter(None, (_string(message, "title"), _string(message, "address"))))
            return replace(event, kind=Kind.MESSAGE, text=place) if place else event
        case "image" | "video" | "audio" | "file":
            return replace(event, kind=Kind.FILE, file=_file(message)) if event.message_id else event
    return event


def _edit(event: InboundEvent, message: Mapping[str, Any]) -> InboundEvent:
    message_id = _string(message, "id")
    if message.get("type") != "text" or not message_id:
        return event
    return replace(event, kind=Kind.EDIT, message_id=message_id, **_said(event, message))


def _said(event: InboundEvent, message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the text without the mention of us, and whether we are meant."""
    text, spans = _string(message, "text"), _mentions_of_us(message)
    return {"text": _without(text, spans) if spans else text, "addressed": event.place.direct or bool(spans)}


def _mentions_of_us(message: Mapping[str, Any]) -> list[tuple[int, int]]:
    mentionees = _part(message, "mention").get("mentionees")
    found = []
    for mentionee in mentionees if isinstance(mentionees, list) else ():
        if not isinstance(mentionee, Mapping) or mentionee.get("isSelf") is not True:
            continue
        index, length = _number(mentionee.get("index")), _number(mentionee.get("length"))
        found.append((index or 0, length or 0))
    return found


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """Cut spans out of the text; index and length count UTF-16 units, as LINE does."""
    raw = text.encode("utf-16-le")
    for index, length in sorted(spans, reverse=True):
        raw = raw[: 2 * index] + raw[2 * (index + length) :]
    return clean(raw.decode("utf-16-le", "replace")).strip()


def _file(message: Mapping[str, Any]) -> FileOffer:
    message_id, size = _string(message, "id"), _number(message.get("fileSize"))
    if message.get("type") == "file":
        name = _string(message, "fileName") or message_id
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return FileOffer(message_id, name, media_type, size)
    media_type, ending = _MEDIA[message["type"]]
    return FileOffer(message_id, message_id + ending, media_type, size)


def _postback(event: InboundEvent, postback: Mapping[str, Any]) -> InboundEvent:
    data = _string(postback, "data")
    if not data:
        return event
    kind = Kind.FEEDBACK if _FEEDBACK.fullmatch(data) else Kind.POSTBACK
    return replace(event, kind=kind, data=data, picked=_picked(_part(postback, "params")))


def _picked(params: Mapping[str, Any]) -> str:
    """Return the date or time that was picked. LINE's documentation writes the T of a datetime in either case."""
    given = ((written, _string(params, key).upper()) for key, written in _PICKED.items())
    return next((value for written, value in given if written.fullmatch(value)), "")


def _place(account: str, source: Mapping[str, Any]) -> Place:
    kind = source.get("type")
    key = {"user": "userId", "group": "groupId", "room": "roomId"}.get(kind if isinstance(kind, str) else "", "")
    return Place("line", account, _string(source, key), direct=kind == "user")


def _fingerprint(body: Mapping[str, Any]) -> str:
    """Return an id for an event that has none: the same for the same event, also when it is delivered again."""
    told = {key: value for key, value in body.items() if key != "deliveryContext"}
    try:
        canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
    except (RecursionError, TypeError, ValueError):
        canonical = ",".join(sorted(map(str, told)))
    return "sha256:" + sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _time(value: object) -> datetime | None:
    milliseconds = _number(value)
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds and milliseconds < _LAST_MS else None


def _number(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return int(value) if is_count and isinstance(value, int) else None


def _part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = body.get(key)
    return part if isinstance(part, Mapping) else {}


def _string(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return clean(value) if isinstance(value, str) else ""
