"""How Slack shows what it remembers: records as the JSON of answers and events."""

from typing import Any

from .records import Channel, File, Message, User, View, Workspace
from .state import State


def shown_message(state: State, message: Message, *, metadata: bool = True) -> dict[str, Any]:
    """Return a message as conversations.replies and events show it."""
    shown: dict[str, Any] = {"type": "message", "text": message.text, "ts": message.ts, "team": message.team}
    if message.subtype != "bot_message":
        shown["user"] = message.user
    if message.subtype:
        shown["subtype"] = message.subtype
    if message.bot_id:
        shown |= _shown_bot(state.workspaces[message.team], message.bot_id)
    elif not message.subtype:
        shown["client_msg_id"] = f"00000000-0000-4000-8000-{message.ts.replace('.', '')[-12:]}"
    shown |= _shown_content(state, message)
    if metadata and message.metadata:
        shown["metadata"] = dict(message.metadata)
    return shown | _shown_thread(state, message)


def shown_user(user: User, *, email: bool = True, locale: bool = False) -> dict[str, Any]:
    """Return a person as users.info shows them."""
    profile = {"real_name": user.real_name, "display_name": user.name, "team": user.home_team or user.team}
    if user.email and email and not user.bot:
        profile["email"] = user.email
    shown = {
        "id": user.id,
        "team_id": user.home_team or user.team,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "profile": profile,
        "is_bot": user.bot,
        "is_app_user": False,
        "updated": 0,
    }
    if not user.deleted:
        shown |= {
            "tz": user.tz,
            "tz_label": user.tz,
            "tz_offset": user.tz_offset,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": bool(user.guest),
            "is_ultra_restricted": user.guest == "single",
            "is_email_confirmed": user.confirmed,
        }
    if user.stranger:
        shown["is_stranger"] = True
    if locale:
        shown["locale"] = user.locale
    return shown


def shown_channel(channel: Channel, bot_user: str) -> dict[str, Any]:
    """Return a conversation as conversations.info shows it."""
    shown: dict[str, Any] = {
        "id": channel.id,
        "created": 0,
        "is_archived": channel.archived,
        "is_im": channel.kind == "im",
        "is_ext_shared": channel.shared,
        "is_org_shared": False,
        "context_team_id": channel.team,
    }
    if channel.kind == "im":
        return shown | {"user": next((user for user in channel.members if user != bot_user), ""), "is_open": True}
    return shown | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "is_shared": channel.shared,
        "is_general": False,
        "is_member": bot_user in channel.members,
        "num_members": len(channel.members),
    }


def shown_file(state: State, file: File) -> dict[str, Any]:
    """Return a file as files.info shows it; its download needs the bot token."""
    url = f"{state.base_url}/files-pri/{file.team}-{file.id}"
    return {
        "id": file.id,
        "created": 0,
        "timestamp": 0,
        "name": file.name,
        "title": file.name,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2],
        "pretty_type": file.name.rpartition(".")[2].upper(),
        "user": file.user,
        "user_team": file.team,
        "editable": False,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "url_private": f"{url}/{file.name}",
        "url_private_download": f"{url}/download/{file.name}",
        "channels": list(file.channels),
        "groups": [],
        "ims": [],
    }


def shown_view(state: State, view: View) -> dict[str, Any]:
    """Return a view as views.open answers it and view_submission sends it."""
    workspace = state.workspaces[view.team]
    empty = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "close": None,
        "submit": None,
    }
    return {
        **empty,
        **view.payload,
        "id": view.id,
        "team_id": view.team,
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "state": {"values": {}},
        "app_id": workspace.app_id,
        "app_installed_team_id": view.team,
        "bot_id": workspace.bot_id,
    }


def rich_text(text: str) -> dict[str, Any]:
    """Return the block that Slack makes of what a person types."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "block_id": "typed", "elements": [section]}


def _shown_bot(workspace: Workspace, bot_id: str) -> dict[str, Any]:
    profile = {"id": bot_id, "deleted": False, "name": workspace.name, "updated": 0, "team_id": workspace.team}
    if bot_id != workspace.bot_id:
        return {"bot_id": bot_id, "bot_profile": {**profile, "app_id": "AOTHER"}}
    return {"bot_id": bot_id, "app_id": workspace.app_id, "bot_profile": {**profile, "app_id": workspace.app_id}}


def _shown_content(state: State, message: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if message.blocks:
        shown["blocks"] = list(message.blocks)
    if message.attachments:
        shown["attachments"] = list(message.attachments)
    if message.files:
        shown["files"] = [shown_file(state, state.files[file]) for file in message.files]
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.edited}
    if message.streamed:
        shown["streaming_state"] = "in_progress" if message.streaming else "completed"
    if message.reactions:
        bot = state.workspaces[message.team].bot_user
        shown["reactions"] = [{"name": name, "count": 1, "users": [bot]} for name in message.reactions]
    return shown


def _shown_thread(state: State, message: Message) -> dict[str, Any]:
    replies = state.replies(message.team, message.channel, message.ts)
    if replies:
        users = list(dict.fromkeys(reply.user for reply in replies))
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": replies[-1].ts,
            "is_locked": False,
        }
    if not message.thread_ts:
        return {}
    root = state.messages.get((message.team, message.channel, message.thread_ts))
    return {"thread_ts": message.thread_ts, **({"parent_user_id": root.user} if root else {})}
