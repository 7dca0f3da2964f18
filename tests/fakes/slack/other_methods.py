"""auth, assistant, agents, reactions, files, apps and blocks: the methods that need little of the state."""

import json
import secrets
from dataclasses import replace
from typing import Any

from .blocks import problems_of_blocks, problems_of_view
from .chat import Answer, Method, Request
from .records import Session, SlackError
from .shown import shown_file


def auth_test(request: Request) -> Answer:
    caller = request.caller
    user = request.state.users[caller.team, caller.bot_user]
    return {
        "url": f"https://{caller.domain}.slack.com/",
        "team": caller.name,
        "team_id": caller.team,
        "user": user.name,
        "user_id": caller.bot_user,
        "bot_id": caller.bot_id,
        "is_enterprise_install": False,
    }


def auth_teams(request: Request) -> Answer:
    token = request.caller.bot_token
    teams = [w for w in request.state.workspaces.values() if w.bot_token == token]
    shown = [{"id": workspace.team, "name": workspace.name} for workspace in teams]
    return {"teams": shown, "response_metadata": {"next_cursor": ""}}


def bot_info(request: Request) -> Answer:
    caller = request.caller
    if request.args.get("bot") not in (None, caller.bot_id):
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": caller.bot_id,
            "deleted": False,
            "name": caller.name,
            "updated": 0,
            "app_id": caller.app_id,
            "user_id": caller.bot_user,
            "icons": {},
        }
    }


def thread_status(request: Request) -> Answer:
    _change_thread(request, status=request.args["status"])
    return {}


def thread_title(request: Request) -> Answer:
    _change_thread(request, title=request.args["title"])
    return {}


def thread_prompts(request: Request) -> Answer:
    prompts = request.args["prompts"]
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4 or not all(map(_is_prompt, prompts)):
        raise SlackError("invalid_arguments", "[ERROR] 1 to 4 prompts, each with title and message", violation=True)
    _change_thread(request, prompts=tuple(prompts))
    return {}


def session_status(request: Request) -> Answer:
    """Set an agent session's status; its title is taken only when the session is new."""
    args, state, team = request.args, request.state, request.caller.team
    state.channel(team, args["channel_id"])
    if not args.get("thread_ts"):
        raise SlackError("thread_ts_required", violation=True)
    key = (team, args["channel_id"], args["thread_ts"])
    before = state.agent_sessions.get(key, Session(title=args.get("title") or ""))
    now = state.agent_sessions[key] = replace(before, status=args["status"])
    return {"status": now.status, "agent_status": now.status, "title": now.title}


def add_reaction(request: Request) -> Answer:
    args, state, team = request.args, request.state, request.caller.team
    state.channel(team, args["channel"])
    message = state.message(team, args["channel"], args["timestamp"])
    if args["name"] in message.reactions:
        raise SlackError("already_reacted")
    if ":" in args["name"]:
        raise SlackError("invalid_name", violation=True)
    state.change(message, reactions=(*message.reactions, args["name"]))
    return {}


def file_info(request: Request) -> Answer:
    file = request.state.files.get(request.args["file"])
    if file is None or file.team != request.caller.team:
        raise SlackError("file_not_found")
    return {"file": shown_file(request.state, file), "comments": [], "response_metadata": {"next_cursor": ""}}


def open_connection(request: Request) -> Answer:
    host = request.state.base_url.removeprefix("http://")
    return {"url": f"ws://{host}/link/?ticket={secrets.token_hex(8)}&app_token={request.caller.app_token}"}


def validate_blocks(request: Request) -> Answer:
    given = {name: request.args[name] for name in ("blocks", "view", "message") if request.args.get(name)}
    if len(given) != 1:
        raise SlackError(
            "invalid_arguments", "must provide exactly one of `blocks`, `view`, or `message`", violation=True
        )
    ((name, value),) = given.items()
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        raise SlackError("invalid_arguments", f"`{name}` is not JSON", violation=True) from None
    problems = {"blocks": _of_blocks, "view": _of_view, "message": _of_message}[name](parsed)
    if problems:
        shown = [{"code": "failed_constraint", "message": p.message, "pointer": p.pointer} for p in problems]
        raise SlackError(f"invalid_{name}", errors=shown)
    return {}


METHODS: dict[str, Method] = {
    "auth.test": auth_test,
    "auth.teams.list": auth_teams,
    "bots.info": bot_info,
    "assistant.threads.setStatus": thread_status,
    "assistant.threads.setTitle": thread_title,
    "assistant.threads.setSuggestedPrompts": thread_prompts,
    "agents.sessions.setStatus": session_status,
    "reactions.add": add_reaction,
    "files.info": file_info,
    "apps.connections.open": open_connection,
    "blocks.validate": validate_blocks,
}


def _change_thread(request: Request, **changes: Any) -> None:
    args, state, team = request.args, request.state, request.caller.team
    state.channel(team, args["channel_id"])
    thread_ts = args.get("thread_ts") or ""
    if thread_ts and (team, args["channel_id"], thread_ts) not in state.messages:
        raise SlackError("invalid_thread_ts", detail="Thread not found")
    key = (team, args["channel_id"], thread_ts)
    state.assistant_threads[key] = replace(state.assistant_threads.get(key, Session()), **changes)


def _is_prompt(prompt: Any) -> bool:
    return isinstance(prompt, dict) and bool(prompt.get("title")) and bool(prompt.get("message"))


def _of_blocks(value: Any) -> list[Any]:
    return problems_of_blocks(value, "")


def _of_view(value: Any) -> list[Any]:
    return problems_of_view(value, "")


def _of_message(value: Any) -> list[Any]:
    return problems_of_blocks(value.get("blocks", []), "/blocks")
