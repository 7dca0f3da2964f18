"""views.*: modals on a stack of three, home tabs, and what the answer to a submission does to them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .blocks import problems_of_view, view_too_large
from .chat import Answer, Method, Request
from .content import invalid_blocks, with_ids
from .records import SlackError, View
from .shown import shown_view
from .state import State

STACK = 3


def open_view(request: Request) -> Answer:
    payload = _payload(request, "modal")
    trigger = request.state.spend_trigger(request.caller.team, request.args.get("trigger_id"))
    return _shown(request, put_view(request.state, request.caller.team, trigger.user, payload))


def push(request: Request) -> Answer:
    payload = _payload(request, "modal")
    trigger = request.state.spend_trigger(request.caller.team, request.args.get("trigger_id"))
    below = request.state.views.get(trigger.view or "")
    if below is None:
        raise SlackError("not_found", "the gesture did not happen in a modal", violation=True)
    return _shown(request, put_view(request.state, below.team, below.user, payload, below))


def update(request: Request) -> Answer:
    payload = _payload(request)
    view = _found(request)
    _check_hash(request, view)
    return _shown(request, replace_view(request.state, view, payload))


def publish(request: Request) -> Answer:
    payload = _payload(request, "home")
    state, team, user = request.state, request.caller.team, request.args["user_id"]
    state.user(team, user)
    view = next((v for v in state.views.values() if (v.team, v.user, v.kind) == (team, user, "home")), None)
    if view is None:
        return _shown(request, put_view(state, team, user, payload))
    _check_hash(request, view)
    return _shown(request, replace_view(state, view, payload))


METHODS: dict[str, Method] = {
    "views.open": open_view,
    "views.push": push,
    "views.update": update,
    "views.publish": publish,
}


def put_view(state: State, team: str, user: str, payload: Mapping[str, Any], below: View | None = None) -> View:
    """Open a view, on top of ``below`` if given; a fourth on one stack is refused."""
    _check_external_id(state, team, payload)
    if below and sum(view.root == below.root for view in state.views.values()) >= STACK:
        raise SlackError("push_limit_reached", violation=True)
    name = state.new_id("V")
    view = View(
        team, name, user, _kept(state, payload), state.ts(), below.root if below else name, below.id if below else None
    )
    state.views[name] = view
    return view


def replace_view(state: State, view: View, payload: Mapping[str, Any]) -> View:
    changed = replace(view, payload=_kept(state, payload), hash=state.ts())
    state.views[view.id] = changed
    return changed


def close_view(state: State, view: View, *, all_of_them: bool = False) -> None:
    """Close a view and those above it, or its whole stack."""
    stack = sorted((v for v in state.views.values() if v.root == view.root), key=lambda v: v.id)
    for other in stack if all_of_them else stack[stack.index(view) :]:
        del state.views[other.id]


def apply_answer(state: State, view: View, body: bytes) -> None:
    """Do to the stack what the app's answer to a view_submission says; an answer Slack would refuse raises."""
    answer = json.loads(body) if body.strip() else {}
    action = answer.get("response_action")
    if action == "errors":
        known = {block.get("block_id") for block in view.payload["blocks"] if block.get("type") == "input"}
        if not answer.get("errors") or answer["errors"].keys() - known:
            raise SlackError("invalid_arguments", "errors must name input blocks", violation=True)
    elif action in ("update", "push"):
        problems = problems_of_view(answer.get("view"))
        if problems:
            raise invalid_blocks("invalid_arguments", problems)
        if action == "update":
            replace_view(state, view, answer["view"])
        else:
            put_view(state, view.team, view.user, answer["view"], view)
    elif action in (None, "clear"):
        close_view(state, view, all_of_them=action == "clear")
    else:
        raise SlackError("invalid_arguments", f"unknown response_action {action}", violation=True)


def _payload(request: Request, kind: str | None = None) -> Mapping[str, Any]:
    view = request.args["view"]
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", "[ERROR] view must be an object", violation=True)
    if not request.state.strict:
        return view
    if view_too_large(view):
        raise SlackError("view_too_large", violation=True)
    problems = problems_of_view(view)
    if problems:
        raise invalid_blocks("invalid_arguments", problems)
    if kind and view["type"] != kind:
        raise SlackError("invalid_arguments", f"[ERROR] must be {kind} [json-pointer:/view/type]", violation=True)
    return view


def _kept(state: State, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**payload, "blocks": list(with_ids(state, payload["blocks"]))}


def _found(request: Request) -> View:
    name, external = request.args.get("view_id"), request.args.get("external_id")
    if not name and not external:
        raise SlackError("invalid_arguments", "[ERROR] view_id or external_id is needed", violation=True)
    for view in request.state.views.values():
        if view.team == request.caller.team and (
            view.id == name or (external and view.payload.get("external_id") == external)
        ):
            return view
    raise SlackError("not_found")


def _check_hash(request: Request, view: View) -> None:
    if request.args.get("hash") and request.args["hash"] != view.hash:
        raise SlackError("hash_conflict")


def _check_external_id(state: State, team: str, payload: Mapping[str, Any]) -> None:
    external = payload.get("external_id")
    if external and any(v.team == team and v.payload.get("external_id") == external for v in state.views.values()):
        raise SlackError("duplicate_external_id", violation=True)


def _shown(request: Request, view: View) -> Answer:
    return {"view": shown_view(request.state, view)}
