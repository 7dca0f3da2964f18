"""Webhook events as LINE makes them, with tokens that the fake will honour."""

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fakes.line.ids import ulid
from fakes.line.records import Channel
from fakes.line.state import TOKEN_LIFE_S, next_id
from fakes.line.walker import units

if TYPE_CHECKING:
    from fakes.line.accounts import Accounts

Source = Mapping[str, str]
Event = dict[str, Any]


def of_user(user: str) -> Source:
    """Return the source of a one-to-one chat."""
    return {"type": "user", "userId": user}


def in_group(group: str, user: str | None = None) -> Source:
    """Return the source of a group chat; without a user as from old versions of LINE."""
    return {"type": "group", "groupId": group, **({"userId": user} if user else {})}


def in_room(room: str, user: str | None = None) -> Source:
    """Return the source of a multi-person chat."""
    return {"type": "room", "roomId": room, **({"userId": user} if user else {})}


def mention(text: str, name: str, user: str | None = None, *, is_self: bool = False) -> dict[str, Any]:
    """Return the mentionee for ``name``, written as ``@name`` in the text; index and length are UTF-16 units."""
    about = {"index": units(text[: text.index(name)]), "length": units(name), "type": "user", "isSelf": is_self}
    return {**about, "userId": user} if user else about


def chat_of(source: Source) -> str:
    """Return the id of the chat: the group's, the room's, or the user's."""
    return source.get("groupId") or source.get("roomId") or source["userId"]


class Events:
    """Makes events of one channel. Every method takes ``source`` and, by name, what ``event`` takes."""

    def __init__(self, server: "Accounts", channel: Channel) -> None:
        self._server = server
        self._channel = channel

    def event(
        self,
        kind: str,
        source: Source,
        fields: Mapping[str, Any] | None = None,
        *,
        reply: bool = True,
        life_s: float = TOKEN_LIFE_S,
        at_ms: int | None = None,
        event_id: str | None = None,
        mode: str = "active",
    ) -> Event:
        """Return an event of any type; ``reply`` gives it a token that lives ``life_s`` seconds from now."""
        self._enter(source)
        at_ms = int(self._server.clock() * 1000) if at_ms is None else at_ms
        token = {}
        if reply and mode == "active":  # a channel on standby may not answer
            token["replyToken"] = self._server.new_reply_token(self._channel, life_s, to=chat_of(source))
        return {
            "type": kind,
            **token,
            "source": dict(source),
            "timestamp": at_ms,
            "mode": mode,
            "webhookEventId": event_id or ulid(at_ms),
            "deliveryContext": {"isRedelivery": False},
            **(fields or {}),
        }

    def message(self, source: Source, message: Mapping[str, Any], **how: Any) -> Event:
        """Return a message event; an id and, where LINE gives one, a quote token are added."""
        quotable = message["type"] in {"text", "sticker", "image", "video"}
        quote = {"quoteToken": self._server.new_quote_token(self._channel, chat_of(source))} if quotable else {}
        return self.event("message", source, {"message": {"id": next_id(), **quote, **message}}, **how)

    def text(
        self,
        source: Source,
        text: str,
        *,
        mentions: Sequence[Mapping[str, Any]] = (),
        quoted_message: str | None = None,
        **how: Any,
    ) -> Event:
        """Return a text message; ``mentions`` are made by ``mention``."""
        fields: dict[str, Any] = {"type": "text", "text": text}
        if mentions:
            fields["mention"] = {"mentionees": list(mentions)}
        if quoted_message is not None:
            fields["quotedMessageId"] = quoted_message
        return self.message(source, fields, **how)

    def sticker(self, source: Source, **how: Any) -> Event:
        """Return a sticker."""
        fields = {"packageId": "446", "stickerId": "1988", "stickerResourceType": "STATIC", "keywords": ["hello"]}
        return self.message(source, {"type": "sticker", **fields}, **how)

    def image(self, source: Source, data: bytes = b"", content_type: str = "image/jpeg", **how: Any) -> Event:
        """Return an image, whose bytes can be fetched."""
        message = {"type": "image", "id": self._server.add_content(self._channel, data, content_type)}
        return self.message(source, {**message, "contentProvider": {"type": "line"}}, **how)

    def file(self, source: Source, name: str, data: bytes, content_type: str = "application/pdf", **how: Any) -> Event:
        """Return a file, whose bytes can be fetched."""
        message = {"type": "file", "id": self._server.add_content(self._channel, data, content_type)}
        return self.message(source, {**message, "fileName": name, "fileSize": len(data)}, **how)

    def postback(self, source: Source, data: str, params: Mapping[str, str] | None = None, **how: Any) -> Event:
        """Return a tap on a postback button; ``params`` come from a picker of dates."""
        picked = {"params": dict(params)} if params is not None else {}
        return self.event("postback", _without_user(source), {"postback": {"data": data, **picked}}, **how)

    def follow(self, source: Source, *, unblocked: bool = False, **how: Any) -> Event:
        """Return that a person added us, or unblocked us; messages reach them from now on."""
        self._server.blocked.discard(source["userId"])
        return self.event("follow", source, {"follow": {"isUnblocked": unblocked}}, **how)

    def unfollow(self, source: Source, **how: Any) -> Event:
        """Return that a person blocked us; messages no longer reach them."""
        self._server.blocked.add(source["userId"])
        return self.event("unfollow", source, reply=False, **how)

    def join(self, source: Source, **how: Any) -> Event:
        """Return that we were invited to a group or room."""
        return self.event("join", _without_user(source), **how)

    def leave(self, source: Source, **how: Any) -> Event:
        """Return that we were removed from a group or room."""
        event = self.event("leave", _without_user(source), reply=False, **how)
        self._server.remove_group(self._channel, chat_of(source))
        return event

    def member_joined(self, source: Source, users: Sequence[str], **how: Any) -> Event:
        """Return that people joined a group or room."""
        for user in users:
            self._enter({**source, "userId": user})
        joined = {"members": [dict(of_user(user)) for user in users]}
        return self.event("memberJoined", _without_user(source), {"joined": joined}, **how)

    def unsend(self, source: Source, message_id: str, **how: Any) -> Event:
        """Return that a person took a message back; its content is gone."""
        self._server.set_content_state(self._channel, message_id, "unsent")
        return self.event("unsend", source, {"unsend": {"messageId": message_id}}, reply=False, **how)

    def edited(self, source: Source, message_id: str, text: str, **how: Any) -> Event:
        """Return that a person changed a text message."""
        quote = self._server.new_quote_token(self._channel, chat_of(source))
        message = {"id": message_id, "type": "text", "text": text, "quoteToken": quote}
        return self.event("messageEdited", source, {"message": message}, **how)

    def unknown(self, source: Source, kind: str = "undefined", **how: Any) -> Event:
        """Return an event of a type that nobody knows yet."""
        return self.event(kind, source, {"undefinedField": {"1": secrets.randbelow(9)}}, reply=False, **how)

    def _enter(self, source: Source) -> None:
        if source["type"] != "user":
            people = (source["userId"],) if "userId" in source else ()
            self._server.add_group(self._channel, chat_of(source), members=people)


def redelivered(server: "Accounts", channel: Channel, event: Mapping[str, Any]) -> Event:
    """Return the event as LINE sends it again: the same but for the flag, its reply token alive again if not used."""
    if "replyToken" in event:
        server.renew_reply_token(channel, event["replyToken"])
    return {**event, "deliveryContext": {"isRedelivery": True}}


def _without_user(source: Source) -> Source:
    """Return the source without the person: in groups LINE names them on message events only."""
    return source if source["type"] == "user" else {key: value for key, value in source.items() if key != "userId"}
