"""The app's manifest: what a company pastes into Slack to create the app. Slack's schema of it is version 2."""

from typing import Any

from bots.platforms.slack.gestures import ASK, ASK_ABOUT

COMMAND = "/transom"
PATH = "/slack/events"

SCOPES = {  # why we ask for each
    "app_mentions:read": "hear a mention",
    "assistant:write": "be an agent: the split view, its suggestions and its status",
    "channels:history": "hear the answer to our answer in a public channel, and find what was sent already",
    "channels:read": "hear that we were invited or removed",
    "chat:write": "answer",
    "commands": f"{COMMAND} and the shortcuts",
    "files:read": "read a file that somebody sends us",
    "groups:history": "the same in private channels",
    "groups:read": "the same in private channels",
    "im:history": "hear direct messages",
    "im:write": "answer a command by direct message",
    "mpim:history": "hear group messages",
    "users:read": "know members from guests, and a person's language",
    "users:read.email": "know who somebody is, by the e-mail that Slack has verified",
}
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_left",
    "group_left",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "tokens_revoked",
)


def manifest(name: str, url: str, socket_mode: bool) -> dict[str, Any]:
    """Return the manifest. ``name`` is what people see (at most 35 characters); ``url`` is our public address, which
    Socket Mode does not use."""
    address = f"{url.rstrip('/')}{PATH}" if not socket_mode else ""
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name[:35],
            "description": "每個部門的窗口：依據文件回答，附上出處。A desk for every department, with sources.",
            "background_color": "#2f4f4f",
        },
        "features": _features(name, address),
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**({"request_url": address} if address else {}), "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **({"request_url": address} if address else {})},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def _features(name: str, address: str) -> dict[str, Any]:
    command = {
        "command": COMMAND,
        "description": "問一個問題，回答會送到私訊 · Ask a question, privately",
        "usage_hint": "特休有幾天？",
        "should_escape": True,
        **({"url": address} if address else {}),
    }
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": name[:80], "always_online": True},
        "slash_commands": [command],
        "shortcuts": [
            _shortcut(
                "問窗口 · Ask a window", "global", ASK, "寫一個問題，選一個窗口 · Write a question, choose a window"
            ),
            _shortcut(
                "拿這段話去問 · Ask this", "message", ASK_ABOUT, "把這則訊息當作問題 · Ask what this message says"
            ),
        ],
        "agent_view": {
            "agent_description": "依據公司文件回答，附上出處。Answers from the company's documents, with sources.",
            "suggested_prompts": [{"title": "你能幫什麼忙？", "message": "你能幫什麼忙？"}],
        },
    }


def _shortcut(name: str, kind: str, callback: str, description: str) -> dict[str, str]:
    return {"name": name, "type": kind, "callback_id": callback, "description": description}
