"""conversations.*, users.*, team.info: who is where, and what was said."""

import base64
import re
from collections.abc import Iterable
from typing import Any

from .chat import Answer, Method, Request
from .descriptions import truth
from .records import Channel, Message, SlackError
from .shown import shown_channel, shown_message, shown_user

KINDS = {"channel": "public_channel", "group": "private_channel", "im": "im", "mpim": "mpim"}


def replies(request: Request) -> Answer:
    """Return a thread, root first; the ts of a reply returns that reply alone."""
    channel, ts = _readable(request), request.args["ts"]
    root = request.state.messages.get((channel.team, channel.id, ts))
    if root is None:
        raise SlackError("thread_not_found")
    below = [] if root.thread_ts and root.thread_ts != ts else request.state.replies(channel.team, channel.id, ts)
    return _messages_page(request, [root, *_between(request, below)])


def history(request: Request) -> Answer:
    """Return a channel's messages, newest first, without those inside threads."""
    channel = _readable(request)
    shown = [m for m in request.state.timeline(channel.team, channel.id) if not m.thread_ts or m.thread_ts == m.ts]
    return _messages_page(request, list(_between(request, reversed(shown))))


def open_conversation(request: Request) -> Answer:
    state, team = request.state, request.caller.team
    if request.args.get("channel"):
        return {"channel": {"id": state.channel(team, request.args["channel"]).id}}
    users = [user for user in (request.args.get("users") or "").split(",") if user]
    if not users:
        raise SlackError("users_list_not_supplied", violation=True)
    for user in users:
        if state.user(team, user).deleted:
            raise SlackError("user_disabled")
    channel = state.open_im(team, users[0]) if len(users) == 1 else _group(request, users)
    detailed = truth(request.args.get("return_im"))
    return {"channel": shown_channel(channel, request.caller.bot_user) if detailed else {"id": channel.id}}


def info(request: Request) -> Answer:
    channel = _visible(request)
    shown = shown_channel(channel, request.caller.bot_user)
    if not truth(request.args.get("include_num_members")):
        shown.pop("num_members", None)
    return {"channel": shown}


def members(request: Request) -> Answer:
    page, more = _page(request, list(_visible(request).members))
    return {"members": page, **more}


def list_conversations(request: Request) -> Answer:
    kinds = re.split(r"\s*,\s*", request.args.get("types") or "public_channel")
    hidden = truth(request.args.get("exclude_archived"))
    bot = request.caller.bot_user
    found = [
        shown_channel(channel, bot)
        for channel in request.state.channels.values()
        if channel.team == request.caller.team and KINDS[channel.kind] in kinds and not (hidden and channel.archived)
        if channel.kind == "channel" or bot in channel.members
    ]
    page, more = _page(request, found)
    return {"channels": page, **more}


def user_info(request: Request) -> Answer:
    user = request.state.user(request.caller.team, request.args["user"])
    return {"user": shown_user(user, email=_sees_email(request), locale=truth(request.args.get("include_locale")))}


def list_users(request: Request) -> Answer:
    locale = truth(request.args.get("include_locale"))
    users = [user for user in request.state.users.values() if user.team == request.caller.team]
    page, more = _page(request, [shown_user(user, email=_sees_email(request), locale=locale) for user in users])
    return {"members": page, "cache_ts": int(request.state.clock()), **more}


def user_by_email(request: Request) -> Answer:
    for user in request.state.users.values():
        if user.team == request.caller.team and user.email == request.args["email"] and not user.deleted:
            return {"user": shown_user(user)}
    raise SlackError("users_not_found")


def team_info(request: Request) -> Answer:
    caller = request.caller
    return {"team": {"id": caller.team, "name": caller.name, "domain": caller.domain, "email_domain": "", "icon": {}}}


METHODS: dict[str, Method] = {
    "conversations.replies": replies,
    "conversations.history": history,
    "conversations.open": open_conversation,
    "conversations.info": info,
    "conversations.members": members,
    "conversations.list": list_conversations,
    "users.info": user_info,
    "users.list": list_users,
    "users.lookupByEmail": user_by_email,
    "team.info": team_info,
}


def _visible(request: Request) -> Channel:
    channel = request.state.channel(request.caller.team, request.args["channel"])
    if channel.kind != "channel" and request.caller.bot_user not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def _readable(request: Request) -> Channel:
    channel = _visible(request)
    if request.caller.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _sees_email(request: Request) -> bool:
    return request.caller.scopes is None or "users:read.email" in request.caller.scopes


def _group(request: Request, users: list[str]) -> Channel:
    state, caller = request.state, request.caller
    people = (caller.bot_user, *users)
    for channel in state.channels.values():
        if channel.team == caller.team and channel.kind == "mpim" and set(channel.members) == set(people):
            return channel
    channel = Channel(caller.team, state.new_id("G"), "mpdm", "mpim", people)
    state.channels[caller.team, channel.id] = channel
    return channel


def _between(request: Request, messages: Iterable[Message]) -> list[Message]:
    oldest, latest = request.args.get("oldest") or "0", request.args.get("latest") or "9999999999.999999"
    edges = truth(request.args.get("inclusive"))
    return [m for m in messages if float(oldest) < float(m.ts) < float(latest) or (edges and m.ts in (oldest, latest))]


def _messages_page(request: Request, messages: list[Message]) -> Answer:
    page, more = _page(request, messages)
    metadata = truth(request.args.get("include_all_metadata"))
    shown = [shown_message(request.state, message, metadata=metadata) for message in page]
    return {"messages": shown, "has_more": bool(more["response_metadata"]["next_cursor"]), **more}


def _page(request: Request, found: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    try:
        start = int(base64.b64decode(request.args.get("cursor") or "MA==", validate=True))
    except ValueError:
        raise SlackError("invalid_cursor", violation=True) from None
    end = start + (int(request.args.get("limit") or 0) or 100)
    cursor = base64.b64encode(str(end).encode()).decode() if end < len(found) else ""
    return found[start:end], {"response_metadata": {"next_cursor": cursor}}
