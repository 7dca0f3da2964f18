"""What Slack tells the app of people's doings: event_callback requests. What a person writes is also remembered."""

from dataclasses import dataclass
from typing import Any

from .records import Message
from .sending import Delivery
from .shown import rich_text, shown_message, shown_view
from .state import State


@dataclass(frozen=True)
class Events:
    """Builders of signed deliveries. ``text`` is as Slack sends it: &amp;, &lt; and &gt; escaped, mentions as <@U…>."""

    state: State

    def callback(self, team: str, event: dict[str, Any], ts: str = "") -> Delivery:
        """Wrap any event, known or not, in an event_callback with an id of its own."""
        workspace = self.state.workspaces[team]
        authorization = {
            "enterprise_id": None,
            "team_id": team,
            "user_id": workspace.bot_user,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        event = {**event, "event_ts": event.get("event_ts") or ts or self.state.ts()}
        payload = {
            "token": "verification-token",
            "team_id": team,
            "context_team_id": team,
            "context_enterprise_id": None,
            "api_app_id": workspace.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self.state.new_id("Ev"),
            "event_time": int(self.state.clock()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": "4-context",
        }
        return Delivery(team, workspace.signing_secret, payload, ts=ts)

    def message(self, team: str, channel: str, user: str, text: str, thread_ts: str | None = None) -> Delivery:
        """A person writes a message, in a thread if ``thread_ts`` is given."""
        return self._message_event(self._write(team, channel, user, text, thread_ts))

    def mention(self, team: str, channel: str, user: str, text: str, thread_ts: str | None = None) -> list[Delivery]:
        """A person mentions the app: Slack sends ``app_mention`` and ``message``, with one ts and two event ids."""
        bot = f"<@{self.state.workspaces[team].bot_user}>"
        message = self._write(team, channel, user, text if bot in text else f"{bot} {text}", thread_ts)
        shown = {**shown_message(self.state, message), "type": "app_mention", "channel": channel}
        return [self.callback(team, shown, message.ts), self._message_event(message)]

    def twice(self, team: str, channel: str, user: str, text: str, thread_ts: str | None = None) -> list[Delivery]:
        """One gesture that Slack reports as two messages with different ts and the same client_msg_id."""
        first, second = (self.message(team, channel, user, text, thread_ts) for _ in range(2))
        same = {**second.payload["event"], "client_msg_id": first.payload["event"]["client_msg_id"]}
        return [first, second.changed(event=same)]

    def file_share(
        self, team: str, channel: str, user: str, files: list[str], text: str = "", thread_ts: str | None = None
    ) -> Delivery:
        """A person shares files (ids from add_file), with a text or without."""
        self.state.share(files, channel)
        message = self._write(team, channel, user, text, thread_ts, files=tuple(files), subtype="file_share")
        return self._message_event(message)

    def file_shared(self, team: str, channel: str, user: str, file: str) -> Delivery:
        """The other event of a shared file, which carries its id only."""
        return self.callback(
            team, {"type": "file_shared", "file_id": file, "user_id": user, "file": {"id": file}, "channel_id": channel}
        )

    def edited(self, team: str, channel: str, ts: str, text: str) -> Delivery:
        """A person changes their message."""
        with self.state.lock:
            before = self.state.message(team, channel, ts)
            now = self.state.ts()
            after = self.state.change(before, text=text, blocks=(rich_text(text),), edited=now)
        event = self._about(
            after,
            now,
            subtype="message_changed",
            message=shown_message(self.state, after),
            previous_message=shown_message(self.state, before),
        )
        return self.callback(team, event, now)

    def deleted(self, team: str, channel: str, ts: str) -> Delivery:
        """A person takes their message back; of a root with replies Slack reports a change to a tombstone."""
        with self.state.lock:
            before = self.state.message(team, channel, ts)
            self.state.delete(before)
            left = self.state.messages.get((team, channel, ts))
            now = self.state.ts()
        previous = shown_message(self.state, before)
        if left:
            event = self._about(
                before,
                now,
                subtype="message_changed",
                message=shown_message(self.state, left),
                previous_message=previous,
            )
        else:
            event = self._about(before, now, subtype="message_deleted", deleted_ts=ts, previous_message=previous)
        return self.callback(team, event, now)

    def bot_message(
        self, team: str, channel: str, text: str, *, bot_id: str | None = None, thread_ts: str | None = None
    ) -> Delivery:
        """Another app's bot writes (or the app's own, with its bot_id), which the app must not answer."""
        workspace = self.state.workspaces[team]
        own = bot_id == workspace.bot_id
        user = workspace.bot_user if own else "UOTHERBOT"
        return self._message_event(self._write(team, channel, user, text, thread_ts, bot_id=bot_id or "BOTHER"))

    def echo(self, message: Message) -> Delivery:
        """The event that Slack sends of a message already written, such as the app's own."""
        return self._message_event(message)

    def home_opened(self, team: str, user: str, tab: str = "home") -> Delivery:
        """A person opens the app's page: its tab ``home`` or, as the start of a talk, ``messages``."""
        channel = self.state.open_im(team, user)
        event: dict[str, Any] = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab}
        view = next(
            (v for v in list(self.state.views.values()) if (v.team, v.user, v.kind) == (team, user, "home")), None
        )
        if tab == "home" and view:
            event["view"] = shown_view(self.state, view)
        return self.callback(team, event)

    def uninstalled(self, team: str) -> Delivery:
        return self.callback(team, {"type": "app_uninstalled"})

    def tokens_revoked(self, team: str) -> Delivery:
        bot = self.state.workspaces[team].bot_user
        return self.callback(team, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot]}})

    def joined(self, team: str, channel: str, user: str) -> Delivery:
        """A person, or the bot, joins a channel. The fake's members change with ``set_members``, not here."""
        return self._membership("member_joined_channel", team, channel, user)

    def left(self, team: str, channel: str, user: str) -> Delivery:
        return self._membership("member_left_channel", team, channel, user)

    def unknown(self, team: str, kind: str = "thing_from_the_future", **fields: Any) -> Delivery:
        """An event of a type that nobody has heard of."""
        return self.callback(team, {"type": kind, **fields})

    def _membership(self, kind: str, team: str, channel: str, user: str) -> Delivery:
        letter = "C" if self.state.channel(team, channel).kind == "channel" else "G"
        return self.callback(
            team, {"type": kind, "user": user, "channel": channel, "channel_type": letter, "team": team}
        )

    def _write(self, team: str, channel: str, user: str, text: str, thread_ts: str | None, **fields: Any) -> Message:
        self.state.channel(team, channel)
        blocks = (rich_text(text),) if text else ()
        message = Message(team, channel, self.state.ts(), user, text, thread_ts, blocks, **fields)
        return self.state.add_message(message)

    def _message_event(self, message: Message) -> Delivery:
        shown = shown_message(self.state, message)
        kind = self.state.channel(message.team, message.channel).kind
        return self.callback(message.team, {**shown, "channel": message.channel, "channel_type": kind}, message.ts)

    def _about(self, about: Message, now: str, **fields: Any) -> dict[str, Any]:
        kind = self.state.channel(about.team, about.channel).kind
        return {
            "type": "message",
            "channel": about.channel,
            "hidden": True,
            "ts": now,
            "channel_type": kind,
            **fields,
        }
