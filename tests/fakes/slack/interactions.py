"""What people do with the app's own things: buttons, modals, shortcuts, slash commands; with the leaves each brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .blocks import elements_of
from .filling import Filled, state_of
from .records import Channel, Message
from .sending import Delivery
from .shown import shown_message, shown_view
from .state import State


@dataclass(frozen=True)
class Interactions:
    """Builders of signed deliveries, each with a fresh trigger_id and, where Slack gives one, a response_url."""

    state: State

    def url_verification(
        self, team: str, challenge: str = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
    ) -> Delivery:
        secret = self.state.workspaces[team].signing_secret
        return Delivery(
            team, secret, {"token": "verification-token", "challenge": challenge, "type": "url_verification"}
        )

    def slash_command(self, team: str, channel: str, user: str, command: str, text: str = "") -> Delivery:
        workspace, place = self.state.workspaces[team], self.state.channel(team, channel)
        fields = {
            "token": "verification-token",
            "team_id": team,
            "team_domain": workspace.domain,
            "channel_id": channel,
            "channel_name": _name(place),
            "user_id": user,
            "user_name": self._user_name(team, user),
            "command": command,
            "text": text,
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self.state.new_response_url(team, channel, user),
            "trigger_id": self.state.new_trigger(team, user),
        }
        return Delivery(team, workspace.signing_secret, fields, "form")

    def click(self, message: Message, user: str, action_id: str, **action: Any) -> Delivery:
        """A person uses an element of a message: its own value and type are filled in; ``action`` adds or replaces."""
        fields = self._base(message.team, user, "block_actions") | {
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": message.ephemeral_for is not None,
                **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
            },
            "channel": {"id": message.channel, "name": _name(self.state.channel(message.team, message.channel))},
            "message": shown_message(self.state, message),
            "response_url": self.state.new_response_url(message.team, message.channel, user, message.ts),
            "state": {"values": {}},
            "actions": [self._action(message.blocks, action_id, action)],
        }
        return self._payload(message.team, fields)

    def click_in_view(
        self, view_id: str, user: str, action_id: str, values: Mapping[str, Any] | None = None, **action: Any
    ) -> Delivery:
        """A person uses an element of a modal or home tab; the trigger then may push onto a modal's stack."""
        view = self.state.views[view_id]
        shown = {**shown_view(self.state, view), "state": {"values": dict(values or {})}}
        fields = self._base(view.team, user, "block_actions", view_id) | {
            "container": {"type": "view", "view_id": view_id},
            "view": shown,
            "actions": [self._action(view.payload["blocks"], action_id, action)],
        }
        return self._payload(view.team, fields)

    def submit(self, view_id: str, values: Mapping[str, Mapping[str, Any]] | None = None) -> Delivery:
        """A person submits a modal; ``values`` maps block_id to action_id to the element's state.

        Sent with ``SlackServer.send``, the product's answer closes, changes or stacks views as in Slack.
        """
        view = self.state.views[view_id]
        shown = {**shown_view(self.state, view), "state": {"values": dict(values or {})}}
        fields = self._base(view.team, view.user, "view_submission", view_id) | {"view": shown, "response_urls": []}
        return self._payload(view.team, fields, view_id)

    def fill_in(self, view_id: str, **values: Filled) -> Delivery:
        """A person fills a modal in, by block, and submits it; what Slack's clients would not let through raises.

        A choice is its option's value, several are a tuple, a moment its Unix time, a file its id; what is not named
        stays as the modal shows it at first.
        """
        view = self.state.views[view_id]
        return self.submit(view_id, state_of(self.state, view.payload["blocks"], values))

    def close(self, view_id: str) -> Delivery:
        """A person closes a modal, of which Slack tells only apps that set notify_on_close."""
        with self.state.lock:
            view = self.state.views.pop(view_id)
        shown = {**shown_view(self.state, view), "state": {"values": {}}}
        fields = self._base(view.team, view.user, "view_closed") | {"view": shown, "is_cleared": False}
        del fields["trigger_id"]
        return self._payload(view.team, fields)

    def shortcut(self, team: str, user: str, callback_id: str) -> Delivery:
        fields = self._base(team, user, "shortcut") | {"callback_id": callback_id, "action_ts": self.state.ts()}
        return self._payload(team, fields)

    def message_shortcut(self, message: Message, user: str, callback_id: str) -> Delivery:
        place = self.state.channel(message.team, message.channel)
        fields = self._base(message.team, user, "message_action") | {
            "callback_id": callback_id,
            "action_ts": self.state.ts(),
            "message_ts": message.ts,
            "channel": {"id": message.channel, "name": _name(place)},
            "message": shown_message(self.state, message),
            "response_url": self.state.new_response_url(message.team, message.channel, user, message.ts),
        }
        return self._payload(message.team, fields)

    def _base(self, team: str, user: str, kind: str, view: str | None = None) -> dict[str, Any]:
        workspace, name = self.state.workspaces[team], self._user_name(team, user)
        return {
            "type": kind,
            "token": "verification-token",
            "api_app_id": workspace.app_id,
            "enterprise": None,
            "team": {"id": team, "domain": workspace.domain},
            "is_enterprise_install": False,
            "user": {"id": user, "username": name, "name": name, "team_id": team},
            "trigger_id": self.state.new_trigger(team, user, view),
        }

    def _payload(self, team: str, fields: Mapping[str, Any], view: str = "") -> Delivery:
        return Delivery(team, self.state.workspaces[team].signing_secret, fields, "payload", view)

    def _action(self, blocks: Any, action_id: str, action: Mapping[str, Any]) -> dict[str, Any]:
        """Return what Slack reports of an element; one that the blocks do not have raises KeyError."""
        for block in blocks:
            for element in elements_of(block):
                found = _part(element, action_id)
                if found:
                    return {"block_id": block.get("block_id"), "action_ts": self.state.ts(), **found, **action}
        raise KeyError(f"no element has the action_id {action_id!r}")

    def _user_name(self, team: str, user: str) -> str:
        found = self.state.users.get((team, user))
        return found.name if found else user.lower()


def _part(element: Mapping[str, Any], action_id: str) -> dict[str, Any] | None:
    if element.get("action_id") != action_id:
        return None
    return {name: element[name] for name in ("type", "action_id", "text", "value") if name in element}


def _name(channel: Channel) -> str:
    return "directmessage" if channel.kind == "im" else channel.name
