"""What Slack sends, read as events. Pure, tolerant, and the same at the webhook and in the worker.

- A message of a person has the id ``msg:CHANNEL:TS``, because one gesture comes as ``message`` and as ``app_mention``
  with different event ids, in any order: whichever comes first is kept, and both read the same.
- In a channel a message is addressed to us if it mentions us. **A message in a thread without a mention has
  ``addressed=False``; whoever knows the conversation's history treats it as addressed if we have taken part.**
- A channel message outside a thread is answered in a thread below it, so its own ts is the place's thread. A direct
  message is answered beside it, unless it is in a thread itself (the agent view's chats are).
- A slash command, the modals and the App Home name no direct-message channel, so their place's channel is the person's
  id (U…): chat.postMessage opens the direct messages by it. That conversation is another one than D….
- Who belongs to another company (Slack Connect) or another workspace of a grid is ``TEAM/USER``: no identity matches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Any

from bots.accounts import SlackWorkspace
from bots.messages import FileOffer, InboundEvent, Kind, Place
from bots.platforms.slack.envelope import (
    TAIPEI,
    Where,
    fallback_id,
    our_users,
    person,
    sent_at,
    team_of,
)
from bots.platforms.slack.gestures import GESTURES, read_command
from bots.platforms.slack.plain import mentions, plain_text, string, without_first_mention

_HUMAN = ("", "file_share", "me_message", "thread_broadcast")  # subtypes of what a person wrote
_MEMBERSHIP = {
    "member_joined_channel": Kind.JOIN,
    "member_left_channel": Kind.LEAVE,
    "channel_left": Kind.LEAVE,
    "group_left": Kind.LEAVE,
}
_OF_US_ONLY = ("channel_left", "group_left")  # their name says that it was we who left


@dataclass(frozen=True, slots=True)
class SlackReader:
    """Reads bodies of the named workspaces. ``bot_users`` maps an account to our user id there, where it is known.

    ``zone`` is the company's: Slack tells a picked date and time as a moment, which is a time of day only somewhere.
    """

    workspaces: Sequence[SlackWorkspace] = ()
    bot_users: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = TAIPEI

    def read(self, account: str, body: Mapping[str, Any]) -> InboundEvent:
        """Return the event; what is unknown or odd is IGNORED, with an id that a redelivery has too."""
        try:
            return self._read(account, dict(body))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            return ignored(account, dict(body))

    def _read(self, account: str, body: dict[str, Any]) -> InboundEvent:
        if isinstance(body.get("event"), dict):
            return self._callback(account, body)
        gesture = GESTURES.get(string(body, "type"))
        if gesture is None and string(body, "command"):
            gesture = read_command
        event = gesture(Where(account, self._team(account, body), self.zone), body) if gesture else None
        return event or ignored(account, body)

    def _callback(self, account: str, body: dict[str, Any]) -> InboundEvent:
        us = our_users(body) | ({self.bot_users[account]} if account in self.bot_users else frozenset())
        told = _Told(account, self._team(account, body), us, body, body["event"])
        kind = string(body["event"], "type")
        if kind in ("message", "app_mention"):
            return told.message() or ignored(account, body)
        if kind == "app_home_opened":
            return told.home() or ignored(account, body)
        if kind in _MEMBERSHIP and (kind in _OF_US_ONLY or string(body["event"], "user") in us):
            return told.about(_MEMBERSHIP[kind], string(body["event"], "inviter"))
        return ignored(account, body)

    def _team(self, account: str, body: Mapping[str, Any]) -> str:
        return next((known.team for known in self.workspaces if known.name == account), team_of(body))


def ignored(account: str, body: Mapping[str, Any]) -> InboundEvent:
    """Return an event of which nothing follows."""
    event = body.get("event")
    place = Place("slack", account, string(event, "channel") or string(body, "channel", "id"), direct=False)
    return InboundEvent(string(body, "event_id") or fallback_id(body), place, Kind.IGNORED, "", sent_at(body))


@dataclass(frozen=True, slots=True)
class _Told:
    """One event of the Events API: for which team, and which user ids are ours."""

    account: str
    team: str
    us: frozenset[str]
    body: dict[str, Any]
    event: dict[str, Any]

    def message(self) -> InboundEvent | None:
        """Return what a person wrote, changed or took back; None for all else."""
        subtype = string(self.event, "subtype")
        if subtype == "message_changed":
            return self._changed()
        if subtype == "message_deleted":
            previous = self.event.get("previous_message")
            return self._taken_back(string(self.event, "deleted_ts") or string(previous, "ts"), previous)
        if not self._is_human(self.event) or self.event.get("hidden"):
            return None
        return self._written()

    def home(self) -> InboundEvent | None:
        """Return the opening of our App Home: its home tab, or its messages as the start of a talk."""
        kind = {"home": Kind.HOME, "messages": Kind.FOLLOW}.get(string(self.event, "tab"))
        channel, user = string(self.event, "channel"), string(self.event, "user")
        if kind is None or not user:
            return None
        place = Place("slack", self.account, channel or user, direct=True)
        return self._event(kind, place, person(self.team, self.event))

    def about(self, kind: Kind, sender: str) -> InboundEvent:
        """Return what happened to us in a channel."""
        return self._event(kind, Place("slack", self.account, string(self.event, "channel"), direct=False), sender)

    def _written(self) -> InboundEvent | None:
        ts, channel, raw = string(self.event, "ts"), string(self.event, "channel"), string(self.event, "text")
        if not ts or not channel:
            return None
        asked = self._event(Kind.MESSAGE, self._place(self.event), person(self.team, self.event))
        text, file = self._plain(raw), _first_file(self.event.get("files"))
        if not text and not file and not self._addressed(raw):
            return None
        kind = Kind.FILE if file else Kind.MESSAGE
        identity = f"msg:{channel}:{ts}"
        return replace(
            asked,
            id=identity,
            kind=kind,
            text=text,
            addressed=self._addressed(raw),
            message_id=ts,
            file=file,
            gesture=string(self.event, "client_msg_id"),
        )

    def _changed(self) -> InboundEvent | None:
        now, before = self.event.get("message"), self.event.get("previous_message")
        ts = string(now, "ts") or string(before, "ts")
        if string(now, "subtype") == "tombstone":  # so Slack tells of a deleted message that has replies
            return self._taken_back(ts, before)
        # Unfurled links and new replies change a message too: only a person's other words are an edit.
        same = isinstance(before, dict) and string(before, "text") == string(now, "text")
        if same or not ts or not self._is_human(now) or not string(now, "edited", "ts"):
            return None
        raw = string(now, "text")
        return replace(
            self._event(Kind.EDIT, self._place({"ts": ts, **_threaded(now, before)}), person(self.team, now)),
            text=self._plain(raw),
            addressed=self._addressed(raw),
            message_id=ts,
        )

    def _taken_back(self, ts: str, before: Any) -> InboundEvent | None:
        if not ts or (isinstance(before, dict) and not self._is_human(before)):
            return None
        place = self._place({"ts": ts, **_threaded(before)})
        return replace(self._event(Kind.UNSEND, place, person(self.team, before)), message_id=ts)

    def _place(self, message: Mapping[str, Any]) -> Place:
        channel = string(self.event, "channel")
        direct = string(self.event, "channel_type") == "im" or channel.startswith("D")
        thread = string(message, "thread_ts") or ("" if direct else string(message, "ts"))
        return Place("slack", self.account, channel, direct, thread)

    def _event(self, kind: Kind, place: Place, sender: str) -> InboundEvent:
        return InboundEvent(
            string(self.body, "event_id") or fallback_id(self.body), place, kind, sender, sent_at(self.body)
        )

    def _is_human(self, message: Any) -> bool:
        user = string(message, "user")
        bot = string(message, "bot_id") or user == "USLACKBOT" or user in self.us
        return bool(user) and not bot and string(message, "subtype") in _HUMAN

    def _addressed(self, raw: str) -> bool:
        if string(self.event, "type") == "app_mention" or mentions(raw, self.us):
            return True
        return self._place(self.event).direct

    def _plain(self, raw: str) -> str:
        if string(self.event, "type") == "app_mention" and not mentions(raw, self.us):
            raw = without_first_mention(raw)
        return plain_text(raw, self.us)


def _threaded(*messages: Any) -> dict[str, str]:
    """Return the thread that one of the messages names."""
    named = next((thread for message in messages if (thread := string(message, "thread_ts"))), "")
    return {"thread_ts": named} if named else {}


def _first_file(files: Any) -> FileOffer | None:
    for file in files if isinstance(files, list) else ():
        if string(file, "id"):
            size = file.get("size")
            size = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None
            return FileOffer(string(file, "id"), string(file, "name"), string(file, "mimetype"), size)
    return None
