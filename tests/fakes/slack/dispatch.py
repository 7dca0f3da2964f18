"""From an HTTP request to a method's answer: who calls, whether they may, and what Slack says to it."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from . import chat, conversations, other_methods, views
from .chat import Method, Request
from .content import content_of
from .descriptions import Descriptions, decoded, truth
from .faults import Pace
from .records import Call, Message, ResponseUrl, SlackError, Violation, Workspace
from .state import State

METHODS: dict[str, Method] = {**chat.METHODS, **conversations.METHODS, **views.METHODS, **other_methods.METHODS}
PACED = ("chat.postMessage",)
RESPONSE_URL_USES = 5


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: status, body and further headers."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrived:
    """A request to a method as it came in: arguments decoded, its token apart."""

    call: Call
    token: str
    json_ignored: bool = False
    readable: bool = True


def arrive(
    state: State, described: Descriptions, method: str, query: str, content_type: str, auth: str, body: bytes
) -> Arrived:
    """Read the arguments from query, form or JSON, as Slack does; a JSON body counts only where it is supported."""
    args: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    is_json = content_type.startswith("application/json")
    readable = True
    ignored = is_json and body not in (b"", b"{}") and not described.takes_json(method)
    if is_json and not ignored and body:
        sent, readable = _from_json(body)
        args |= sent
    elif body and not is_json:
        args |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    token = auth.removeprefix("Bearer ").strip() or str(args.get("token", ""))
    args.pop("token", None)
    workspace = caller_of(state, token)
    call = Call(method, decoded(method, args), state.clock(), workspace.team if workspace else "")
    return Arrived(call, token, ignored, readable)


def caller_of(state: State, token: str) -> Workspace | None:
    return next((w for w in list(state.workspaces.values()) if token and token in (w.bot_token, w.app_token)), None)


def act(state: State, described: Descriptions, pace: Pace, arrived: Arrived) -> Reply:
    """Carry out a call, all of it or nothing."""
    method = arrived.call.method
    with state.lock:
        state.end_dead_streams()
        try:
            request = _request(state, described, arrived)
            wait = pace.wait_for(request.caller.team, _paced_channel(request), state.clock()) if method in PACED else 0
            if wait:
                return too_many(math.ceil(wait))
            answer = METHODS[method](request)
        except SlackError as error:
            return _refusal(state, method, error)
        except Exception as error:
            state.violations.append(Violation(method, "the_fake_failed", (repr(error),)))
            return in_json({"ok": False, "error": "internal_error"}, 500)
    return in_json({"ok": True, **answer})


def too_many(retry_after: int) -> Reply:
    return in_json({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(retry_after)})


def in_json(answer: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(
        status, json.dumps(answer).encode(), {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    )


def gesture_call(state: State, token: str, body: bytes) -> Call:
    """Return what was posted to a response_url as a call to ``response_url``."""
    leave = state.response_urls.get(token)
    args, _ = _from_json(body)
    return Call("response_url", decoded("response_url", args), state.clock(), leave.team if leave else "")


def answer_gesture(state: State, described: Descriptions, token: str, args: Mapping[str, Any]) -> Reply:
    """Take what the app posts to a response_url: a message for one or all, or a change of the one it is about."""
    with state.lock:
        leave = state.response_urls.get(token)
        if leave is None or state.clock() - leave.issued > state.response_url_life_s:
            return in_json({"ok": False, "error": "expired_url"}, 404)
        if leave.uses >= RESPONSE_URL_USES:
            return in_json({"ok": False, "error": "used_url"}, 404)
        state.response_urls[token] = replace(leave, uses=leave.uses + 1)
        try:
            _answer_gesture(state, described, state.response_urls[token], args)
        except SlackError as error:
            return replace(_refusal(state, "response_url", error), status=400)
    return Reply(200, b"ok", {"Content-Type": "text/plain"})


def _from_json(body: bytes) -> tuple[dict[str, Any], bool]:
    """Return the fields of a JSON object, and whether it was one."""
    try:
        sent = json.loads(body)
    except ValueError:
        return {}, False
    return (sent, True) if isinstance(sent, dict) else ({}, False)


def _answer_gesture(state: State, described: Descriptions, leave: ResponseUrl, args: Mapping[str, Any]) -> None:
    workspace = state.workspaces[leave.team]
    about = state.messages.get((leave.team, leave.channel, leave.message_ts or ""))
    if truth(args.get("delete_original")):
        if about:
            state.delete(about)
        return
    content = content_of(state, described, "response_url", args)
    if truth(args.get("replace_original")) and about:
        state.change(about, **{"blocks": (), **content}, edited=state.ts())
        return
    message = Message(
        leave.team,
        leave.channel,
        state.ts(),
        workspace.bot_user,
        thread_ts=args.get("thread_ts"),
        bot_id=workspace.bot_id,
        **content,
    )
    if args.get("response_type") == "in_channel":
        state.add_message(message)
    else:
        state.ephemerals.append(replace(message, ephemeral_for=leave.user))


def _request(state: State, described: Descriptions, arrived: Arrived) -> Request:
    method = arrived.call.method
    caller = _caller(state, arrived, method)
    if method not in METHODS:
        raise SlackError("unknown_method", f"the fake does not know {method}", violation=True)
    if not arrived.readable:
        raise SlackError("invalid_json", violation=True)
    _check_scope(caller, described, method)
    request = Request(state, described, method, caller, arrived.call.args)
    if arrived.json_ignored:
        request.break_rule("json_not_supported", "this method reads its arguments from a form or the query only")
    if state.strict:
        for name in described.check(method, arrived.call.args):
            request.break_rule("unknown_argument", name)
    return request


def _paced_channel(request: Request) -> str:
    """Return the conversation a message goes to; a person's id stands for their direct messages."""
    team, name = request.caller.team, str(request.args.get("channel"))
    return request.state.open_im(team, name).id if (team, name) in request.state.users else name


def _caller(state: State, arrived: Arrived, method: str) -> Workspace:
    if not arrived.token:
        raise SlackError("not_authed")
    caller = caller_of(state, arrived.token)
    if caller is None:
        raise SlackError("invalid_auth")
    if (arrived.token == caller.app_token) != (method == "apps.connections.open"):
        raise SlackError("not_allowed_token_type", violation=True)
    return caller


def _check_scope(caller: Workspace, described: Descriptions, method: str) -> None:
    needed = described.scopes(method)
    if caller.scopes is not None and needed and not caller.scopes & set(needed):
        raise SlackError("missing_scope", needed=",".join(needed), provided=",".join(sorted(caller.scopes)))


def _refusal(state: State, method: str, error: SlackError) -> Reply:
    if error.violation:
        state.violations.append(Violation(method, error.code, error.messages))
    said = {"response_metadata": {"messages": list(error.messages)}} if error.messages else {}
    return in_json({"ok": False, "error": error.code, **said, **error.fields})
