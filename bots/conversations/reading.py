"""From what the inbox keeps back to an event: the platforms' readers, and our own for the page and the API."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from bots.conversations.notices import read_notice
from bots.messages import Arrival, FileOffer, InboundEvent, Kind, Place
from bots.ports import EventReader

_NO_TIME = datetime.fromtimestamp(0, UTC)


class Readers:
    """Reads kept bodies by platform."""

    def __init__(self, readers: Mapping[str, EventReader]) -> None:
        self._readers = {"web": OwnReader("web"), "api": OwnReader("api"), **readers}

    def read(self, platform: str, account: str, body: str) -> InboundEvent:
        """Return the event. An account or platform that is no longer configured gives an ignored one."""
        kept = json.loads(body)
        if notice := read_notice(kept):
            return notice
        reader = self._readers.get(platform)
        if reader is None:
            place = Place("web", account, "", direct=True)
            return InboundEvent("", replace(place), Kind.IGNORED, "", _NO_TIME)
        return reader.read(account, kept)


class OwnReader:
    """Implements ``ports.EventReader`` for what our own page and API take in: ``own_arrival`` wrote it."""

    def __init__(self, platform: Any) -> None:
        self._platform = platform

    def read(self, account: str, body: Mapping[str, Any]) -> InboundEvent:
        """Return the event."""
        place = Place(self._platform, account, body["channel"], direct=True, thread=body["thread"])
        return InboundEvent(
            body["id"],
            place,
            Kind(body.get("kind", Kind.MESSAGE)),
            body["sender"],
            datetime.fromtimestamp(body["at"], UTC),
            text=body["text"],
            window=body["window"],
            groups=frozenset(body["groups"]),
            language=body["language"],
            data=body.get("data", ""),
            values={name: _value(value) for name, value in body.get("values", {}).items()},
            person=body.get("person", ""),
            draft=body.get("draft", ""),
            file=FileOffer(**body["file"]) if body.get("file") else None,
        )


def _value(kept: str | list[str]) -> str | tuple[str, ...]:
    return kept if isinstance(kept, str) else tuple(kept)


def own_arrival(event: InboundEvent) -> Arrival:
    """Return a message of the page or the API as the inbox keeps it, with the groups it was let in with."""
    assert event.groups is not None
    body = {
        "id": event.id,
        "channel": event.place.channel,
        "thread": event.place.thread,
        "sender": event.sender,
        "at": event.sent_at.timestamp(),
        "text": event.text,
        "window": event.window,
        "groups": sorted(event.groups),
        "language": event.language,
        "kind": event.kind.value,
        "data": event.data,
        "values": dict(event.values),
        "person": event.person,
        "draft": event.draft,
        "file": asdict(event.file) if event.file else None,
    }
    return Arrival(event, json.dumps(body))
