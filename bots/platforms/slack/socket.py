"""Socket Mode: Slack's events through a connection that we open, for companies without a public address."""

import json
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import structlog
from slack_bolt import App, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.socket_mode.builtin import SocketModeClient

from bots.accounts import SlackWorkspace
from bots.platforms.slack.calls import SLACK, silent_logger, web_client
from bots.platforms.slack.receive import Answer

log = structlog.get_logger()
Handle = Callable[[SlackWorkspace, Mapping[str, Any]], Answer]

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_CALL_S = 10


def run_socket_mode(
    workspace: SlackWorkspace, handle: Handle, stop: Event, api_base: str | None = None, ping_s: float = 10.0
) -> None:
    """Receive until ``stop`` is set; ``handle`` is SlackEvents.take. Blocks, so it wants a thread of its own.

    An envelope is acknowledged when ``handle`` answers 200, which it does when the event is stored; Slack sends the
    others again. A lost connection is made anew, for as long as it takes. Needs the workspace's ``app_token``.
    """
    base = api_base or SLACK
    wait_s = _FIRST_WAIT_S
    while not stop.is_set():
        client = _client(workspace, handle, base, ping_s)
        try:
            client.connect()
        except Exception as error:  # no network, or a token that is not accepted (yet): neither ends the service
            log.warning("slack.socket.unreachable", account=workspace.name, error=type(error).__name__)
            client.close()
            stop.wait(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
            continue
        log.info("slack.socket.connected", account=workspace.name)
        stop.wait()
        client.close()


def _client(workspace: SlackWorkspace, handle: Handle, base: str, ping_s: float) -> SocketModeClient:
    api = web_client("", base, _CALL_S)
    handler = SocketModeHandler(
        _app(workspace, handle, base), workspace.app_token, silent_logger(), api, ping_interval=ping_s
    )
    handler.client.on_error_listeners.append(
        lambda error: log.warning("slack.socket.error", account=workspace.name, error=type(error).__name__)
    )
    return handler.client


def _app(workspace: SlackWorkspace, handle: Handle, base: str) -> App:
    """Return a bolt App that hands everything to ``handle`` before any middleware of bolt's decides about it."""

    def take(body: dict[str, Any]) -> BoltResponse:
        answer = handle(workspace, body)
        said = json.dumps(answer.payload) if answer.payload else ""
        return BoltResponse(status=answer.status, body=said, headers={"content-type": "application/json"})

    return App(
        logger=silent_logger(),
        client=web_client(workspace.bot_token, base, _CALL_S),
        process_before_response=True,
        before_authorize=take,
        authorize=_nobody,
        request_verification_enabled=False,  # nothing comes by HTTP here
        ssl_check_enabled=False,
        url_verification_enabled=False,
    )


def _nobody(**_: Any) -> AuthorizeResult:
    """Stand where bolt wants a function; ``before_authorize`` has answered by then."""
    return AuthorizeResult(enterprise_id=None, team_id=None)
