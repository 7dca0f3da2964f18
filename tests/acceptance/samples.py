"""The platforms' own samples as authentic events of the test's accounts, and what came of sending one.

Samples carry placeholders (the same event id everywhere, a team T111, empty strings). Ids, tokens and times are given
values of the test's accounts, the same for the same sample; the shape stays what the platform published.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from acceptance.office import CHANNEL, EMPLOYEE, LEAVE, TEAM, Office
from fakes.line import Channel, LineServer, group_id, room_id, user_id
from fakes.slack import Delivery, Message, SlackServer

PRIVATE = "G0PRIVATE"
TOKEN_LIFE_S = 60.0

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is expected of one request: the answer's status, what the inbox holds, what was called and said.

    ``stored`` is "kind/state", empty if nothing is kept. ``says`` is a part of what people read, empty if nothing is
    said.
    """

    stored: str = "ignored/ignored"
    calls: tuple[str, ...] = ()
    says: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one request."""

    status: int
    stored: str
    calls: tuple[str, ...]
    said: str

    def differs_from(self, expected: Outcome) -> str:
        """Return what is not as expected, empty if everything is."""
        wrong = [
            f"{name}: {seen!r}, expected {wanted!r}"
            for name, seen, wanted in (
                ("status", self.status, expected.status),
                ("stored", self.stored, expected.stored),
                ("calls", self.calls, expected.calls),
            )
            if seen != wanted
        ]
        if expected.says not in self.said or bool(self.said) != bool(expected.says):
            wrong.append(f"said: {self.said[:300]!r}, expected {expected.says!r}")
        return "; ".join(wrong)


class Watch:
    """Looks at an office from now on."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._inbox = int(office.query("select coalesce(max(id), 0) from inbox")[0][0])
        self._requests, self._delivered = len(office.line.requests), len(office.line.delivered)
        self._calls = len(office.slack.calls)

    def seen(self, status: int, answer: bytes = b"") -> Seen:
        """Wait until everything is handled, and return what came of it. ``answer`` is the body of our answer."""
        self._office.settled()
        rows = self._office.query("select kind, state from inbox where id > %s order by id", [self._inbox])
        stored = " ".join(f"{kind}/{state}" for kind, state in rows)
        line = [request.path for request in self._office.line.requests[self._requests :]]
        slack = [
            call for call in self._office.slack.calls[self._calls :] if call.method.startswith(("chat.", "views."))
        ]
        calls = [path.rpartition("/")[2] for path in line if path.startswith("/v2/bot/message/")]
        said = [words(one.messages) for one in self._office.line.delivered[self._delivered :]]
        said += [words(call.args) for call in slack] + ([words(json.loads(answer))] if answer else [])
        return Seen(status, stored, (*calls, *(call.method for call in slack)), "\n".join(said))


def words(value: Any, key: str = "") -> str:
    """Return everything in a message that a person reads, a piece a line."""
    if isinstance(value, str):
        return value if key in ("text", "altText", "label") else ""
    inner = value.items() if isinstance(value, Mapping) else (("", one) for one in value) if _is_list(value) else ()
    return "\n".join(filter(None, (words(one, name) for name, one in inner)))


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


# --- LINE ---


def line_samples(data: Path) -> dict[str, Json]:
    """Return LINE's sample events by a name made of file, position, type and source."""
    return {
        f"{version} {number:02d} {_line_name(event)}": event
        for version in ("v2", "v3")
        for number, event in enumerate(_read(data / "line" / f"webhook_{version}.json")["events"])
    }


def _line_name(event: Json) -> str:
    kind, inner = event["type"], event.get("message", {}).get("type", "")
    return " ".join(filter(None, (kind, inner if inner and kind == "message" else "", event["source"]["type"])))


def line_event(line: LineServer, channel: Channel, name: str, sample: Json) -> Json:
    """Return the sample as an event of this account, in a chat of its own."""
    ids = {"userId": user_id(name), "groupId": group_id(name), "roomId": room_id(name)}
    number = str(600_000_000_000_000_000 + int(_digest(name)[:12], 16))
    event = _walked(sample, ids | {"webhookEventId": f"01{_digest(name)[:24].upper()}"})
    event["timestamp"] = int(line.clock() * 1000)
    for part, key in (("message", "id"), ("unsend", "messageId")):
        if part in event:
            event[part][key] = number
    source = event["source"]
    chat = source.get("groupId") or source.get("roomId") or source["userId"]
    if source["type"] != "user":
        line.add_group(channel, chat, members=[ids["userId"]])
    if "replyToken" in event:
        event["replyToken"] = line.new_reply_token(channel, TOKEN_LIFE_S, to=chat)
    return event


def _walked(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: ids.get(key) or _walked(one, ids) for key, one in value.items()}
    return [_walked(one, ids) for one in value] if isinstance(value, list) else value


# --- Slack ---


def slack_samples(data: Path) -> dict[str, Json]:
    """Return the bodies of bolt-python's tests and Slack's shapes of events and interactions, by name."""
    bodies = _read(data / "slack" / "bolt_python_test_bodies.json")
    shapes = sorted((data / "slack" / "json-logs" / "samples").rglob("*.json"))
    return {**bodies, **{f"{path.parent.name}/{path.stem}": _read(path) for path in shapes}}


def slack_delivery(slack: SlackServer, name: str, sample: Json) -> Delivery:
    """Return the sample as a signed request for the test's workspace."""
    adapted = _Adapted(slack, name, _entitled(sample))
    body = adapted.of(sample)
    for stamp in adapted.stamps.values():  # whatever the sample names is there: a thread's root, a tapped message
        slack.state.add_message(Message(TEAM, _channel(body), stamp, EMPLOYEE, "Hello World!"))
    if "event" in body and not body.get("type"):
        body["type"] = "event_callback"
    encoding: Any = "json" if "event" in body else "form" if "command" in body else "payload"
    if encoding == "form":
        body = {key: str(value) for key, value in body.items()}
    return Delivery(TEAM, slack.state.workspaces[TEAM].signing_secret, body, encoding)


def _channel(body: Json) -> str:
    """Return the channel that a body tells of."""
    holder = body.get("event", body)
    channel = holder.get("channel") or holder.get("container", {}).get("channel_id")
    channel = channel.get("id") if isinstance(channel, dict) else channel
    return channel or CHANNEL


def _entitled(body: Json) -> str:
    """Return the placeholder of the team that has installed the app, which is to be ours."""
    authorized = (body.get("authorizations") or [{}])[0].get("team_id")
    in_view = body.get("view", {}).get("app_installed_team_id")
    team = body.get("team")
    return authorized or in_view or body.get("team_id") or (team.get("id") if isinstance(team, dict) else "") or ""


_USER, _STAMP = re.compile(r"[UW][A-Z]?\d+|UXXXXXXXX|U-auth"), re.compile(r"\d{3,10}\.\d{3,6}")
_CHANNELS = {"C111": CHANNEL, "C222": "C0OTHER", "G111": PRIVATE}
_STAMPS = ("ts", "event_ts", "message_ts", "action_ts", "deleted_ts")
_EMPTY = {  # what Slack puts where its shapes have an empty string; all else stays empty
    **dict.fromkeys(("team_id", "team"), TEAM),
    **dict.fromkeys(("user", "user_id", "actor_id", "inviter"), EMPLOYEE),
    **dict.fromkeys(("channel", "channel_id"), CHANNEL),
    "channel_type": "channel",
    "text": "Hello World!",
    "tab": "home",
    "command": "/transom",
}
_HOLDERS = {"user": EMPLOYEE, "team": TEAM, "channel": CHANNEL}  # objects whose "id" is empty in the shapes


@dataclass
class _Adapted:
    """One body on its way to being ours."""

    slack: SlackServer
    name: str
    team: str
    stamps: dict[str, str] = field(default_factory=dict)

    def of(self, body: Json) -> Json:
        """Return the whole body with ids, times and tokens of ours."""
        return {key: self._value(value, (key,)) for key, value in body.items()}

    def _value(self, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {key: self._value(one, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self._value(one, path) for one in value]
        if path[-1] == "event_time":
            return int(self.slack.state.clock())
        if path == ("authorizations", "is_bot"):
            return True
        return self._text(value, path) if isinstance(value, str) else value

    def _text(self, text: str, path: tuple[str, ...]) -> str:
        key, bot = path[-1], self.slack.state.workspaces[TEAM].bot_user
        if path in (("authed_users",), ("authorizations", "user_id")):
            return bot
        if key in _STAMPS or _STAMP.fullmatch(text):
            return self._stamp(text)
        if key == "client_msg_id" and text:
            return str(UUID(_digest(self.name + text)[:32]))
        if not text or key in ("event_id", "trigger_id"):
            return self._filled(path)
        known = {self.team: TEAM, **_CHANNELS}.get(text) or (EMPLOYEE if _USER.fullmatch(text) else "")
        return known or re.sub(r"<@W\d+>", f"<@{bot}>", text)

    def _filled(self, path: tuple[str, ...]) -> str:
        """Return what stands where the sample has nothing, or has to differ from every other sample."""
        key, bot = path[-1], self.slack.state.workspaces[TEAM].bot_user
        if key == "trigger_id":
            return self.slack.state.new_trigger(TEAM, EMPLOYEE)
        if key == "id" and len(path) == 2:
            return _HOLDERS.get(path[0], "")
        special = {
            ("event_id",): f"Ev{_digest(self.name)[:10].upper()}",
            ("event", "previous_message", "text"): "Hello Wrold!",
            ("event", "files", "id"): "F0000000001",
            ("text",): "",  # a command without words
        }
        if self.name.endswith("AppMentionPayload"):
            special["event", "text"] = f"<@{bot}> {LEAVE}"
        return special.get(path, _EMPTY.get(key, ""))

    def _stamp(self, text: str) -> str:
        """Return a moment of now: the same for the same placeholder; an empty one is the event's own."""
        if text not in self.stamps:
            self.stamps[text] = self.slack.state.ts()
        return self.stamps[text]


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _read(path: Path) -> Json:
    read: Json = json.loads(path.read_text(encoding="utf-8"))
    return read
