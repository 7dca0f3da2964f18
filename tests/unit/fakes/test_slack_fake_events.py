"""What the fake Slack sends is what slack-bolt accepts from Slack: over HTTP, signed, and through Socket Mode."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakes.slack import Delivery, SlackServer, signed, slack_server
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Fifteen days."}}
FIELD = {
    "type": "input",
    "block_id": "days",
    "label": {"type": "plain_text", "text": "Days"},
    "element": {"type": "plain_text_input", "action_id": "n"},
}
MODAL = {
    "type": "modal",
    "callback_id": "leave",
    "title": {"type": "plain_text", "text": "Leave"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [FIELD],
}


@pytest.fixture
def methods(public_data: Path) -> Path:
    return public_data / "slack" / "methods"


@pytest.fixture
def slack(methods: Path) -> Iterator[SlackServer]:
    with slack_server(methods) as server:
        server.add_workspace("T1")
        server.add_user("T1", "U1", email="mei@acme.example")
        server.add_channel("T1", "D1", members=["U1"], is_im=True)
        server.add_channel("T1", "C1", "general", members=["U1"])
        yield server


@pytest.fixture
def web(slack: SlackServer) -> WebClient:
    return WebClient("xoxb-T1", base_url=slack.api_url, retry_handlers=[])


@contextmanager
def product(answer: bytes = b"", status: int = 200) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Yield the address of a webhook that answers always the same, and what it received."""
    received: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def bolt_takes(slack: SlackServer, delivery: Delivery, listen: Any) -> int:
    """Return the status with which a bolt app answers the delivery; ``listen`` registers its listeners."""
    workspace = slack.state.workspaces["T1"]
    client = WebClient("xoxb-T1", base_url=slack.api_url)
    app = App(client=client, signing_secret=workspace.signing_secret, process_before_response=True)
    listen(app)
    headers: dict[str, Any] = {"content-type": delivery.content_type, **signed(delivery.secret, delivery.body)}
    return app.dispatch(BoltRequest(body=delivery.body.decode(), headers=headers)).status


def test_signatures_are_slacks(slack: SlackServer) -> None:
    """A delivery's signature passes Slack's own verifier, and no other body or old time does."""
    body = slack.events.message("T1", "D1", "U1", "天數？").body
    verifier = SignatureVerifier("secret-of-T1")
    assert verifier.is_valid_request(body, signed("secret-of-T1", body))
    assert not verifier.is_valid_request(body + b" ", signed("secret-of-T1", body))
    assert not verifier.is_valid_request(body, signed("secret-of-T1", body, timestamp=1))


def test_bolt_recognises_every_delivery(slack: SlackServer, web: WebClient) -> None:
    """A bolt app routes messages, mentions, commands, clicks, shortcuts and submissions to their listeners."""
    heard: list[str] = []

    def listen(app: App) -> None:
        def hear(kind: str) -> Any:
            return lambda ack: (ack(), heard.append(kind))

        app.event("message")(lambda event: heard.append(event.get("subtype", "message")))
        app.event("app_mention")(lambda event: heard.append("mention"))
        app.event("app_home_opened")(lambda event: heard.append("home"))
        app.command("/ask")(hear("command"))
        app.action("go")(hear("click"))
        app.view("leave")(hear("submission"))
        app.view_closed("leave")(hear("closed"))
        app.shortcut("ask")(hear("shortcut"))

    click_me = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    web.chat_postMessage(channel="C1", text="x", blocks=[{"type": "actions", "elements": [click_me]}])
    posted = slack.messages[0]
    trigger = slack.interactions.shortcut("T1", "U1", "ask").payload["trigger_id"]
    view = web.views_open(trigger_id=trigger, view=MODAL)["view"]["id"]
    first = slack.events.message("T1", "D1", "U1", "Hi")
    deliveries = [
        first,
        slack.events.edited("T1", "D1", first.ts, "Hello"),
        slack.events.deleted("T1", "D1", first.ts),
        slack.events.mention("T1", "C1", "U1", "Hi")[0],
        slack.events.home_opened("T1", "U1", "messages"),
        slack.interactions.slash_command("T1", "C1", "U1", "/ask", "days"),
        slack.interactions.click(posted, "U1", "go"),
        slack.interactions.submit(view, {"days": {"n": {"type": "plain_text_input", "value": "3"}}}),
        slack.interactions.close(view),
        slack.interactions.shortcut("T1", "U1", "ask"),
        slack.interactions.message_shortcut(posted, "U1", "ask"),
    ]
    assert [bolt_takes(slack, delivery, listen) for delivery in deliveries] == [200] * len(deliveries)
    said = ["message", "message_changed", "message_deleted", "mention", "home", "command", "click", "submission"]
    assert heard == [*said, "closed", "shortcut", "shortcut"]


def test_a_mention_comes_as_two_events(slack: SlackServer) -> None:
    """One mention is two events with one ts and different ids, and one message in the channel."""
    mention, message = slack.events.mention("T1", "C1", "U1", "days?")
    assert mention.event_id != message.event_id
    assert mention.payload["event"]["ts"] == message.payload["event"]["ts"] == slack.messages[0].ts
    assert "<@UBOT1>" in slack.messages[0].text
    assert len(slack.messages) == 1


def test_a_gesture_can_come_twice(slack: SlackServer) -> None:
    """Two events of one gesture differ in id and ts, and share the client_msg_id."""
    first, second = (delivery.payload for delivery in slack.events.twice("T1", "D1", "U1", "days?"))
    assert first["event_id"] != second["event_id"]
    assert first["event"]["ts"] != second["event"]["ts"]
    assert first["event"]["client_msg_id"] == second["event"]["client_msg_id"]


def test_events_name_whom_they_are_for(slack: SlackServer) -> None:
    """An event_callback has an id, a time, the bot's authorization and the kind of channel, whatever its type."""
    payload = slack.events.message("T1", "D1", "U1", "x", thread_ts="1700000000.000001").payload
    assert payload["authorizations"][0]["user_id"] == "UBOT1"
    assert payload["event_id"].startswith("Ev")
    assert (payload["event"]["channel_type"], payload["event"]["thread_ts"]) == ("im", "1700000000.000001")
    assert slack.events.unknown("T1", color="red").payload["event"]["color"] == "red"


def test_own_messages_come_back_as_events(slack: SlackServer, web: WebClient) -> None:
    """The event of the app's own message carries its bot_id, by which it knows itself."""
    web.chat_postMessage(channel="C1", text="Fifteen")
    assert slack.events.echo(slack.messages[0]).payload["event"]["bot_id"] == "B1"
    assert slack.events.bot_message("T1", "C1", "beep").payload["event"]["bot_id"] == "BOTHER"


def test_retries_say_that_they_are(slack: SlackServer) -> None:
    """A retry has Slack's headers and the same body as the first attempt; the product's answer is returned."""
    delivery = slack.events.message("T1", "D1", "U1", "Hi")
    with product(b"busy", 503) as (url, received):
        answer = slack.send(url, delivery)
        slack.send(url, delivery, retry_num=1, retry_reason="http_error")
    assert (answer.status, answer.body) == (503, b"busy")
    (first, body), (second, same) = received
    assert "x-slack-retry-num" not in first
    assert (second["x-slack-retry-num"], second["x-slack-retry-reason"], same) == ("1", "http_error", body)


def test_the_challenge_is_signed(slack: SlackServer) -> None:
    """url_verification carries a challenge, which bolt answers."""
    with product(json.dumps({"challenge": "c"}).encode()) as (url, received):
        assert slack.send(url, slack.interactions.url_verification("T1", "c")).json() == {"challenge": "c"}
    assert json.loads(received[0][1])["type"] == "url_verification"


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ({}, 0),
        ({"response_action": "clear"}, 0),
        ({"response_action": "errors", "errors": {"days": "a number"}}, 1),
        ({"response_action": "push", "view": {**MODAL, "blocks": [SECTION]}}, 2),
    ],
)
def test_the_answer_to_a_submission_acts(slack: SlackServer, web: WebClient, answer: dict[str, Any], left: int) -> None:
    """The product's answer to a view_submission closes the view, keeps it with errors, or puts another on it."""
    trigger = slack.interactions.shortcut("T1", "U1", "ask").payload["trigger_id"]
    view = web.views_open(trigger_id=trigger, view=MODAL)["view"]["id"]
    with product(json.dumps(answer).encode()) as (url, _):
        slack.send(url, slack.interactions.submit(view))
    assert len(slack.views) == left


def test_socket_mode_delivers_and_takes_acknowledgements(slack: SlackServer) -> None:
    """Slack's own Socket Mode client connects, gets events and commands, and its answers arrive."""
    seen: list[dict[str, Any]] = []

    def answer(client: Any, request: SocketModeRequest) -> None:
        seen.append(request.payload)
        payload = {"text": "soon"} if request.type == "slash_commands" else None
        client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))

    client = SocketModeClient("xapp-1-T1", web_client=WebClient(base_url=slack.api_url), auto_reconnect_enabled=False)
    client.socket_mode_request_listeners.append(answer)
    client.connect()
    try:
        assert slack.sockets.wait_for_links("xapp-1-T1")
        event = slack.send_by_socket(slack.events.message("T1", "D1", "U1", "x" * 70_000))
        command = slack.send_by_socket(slack.interactions.slash_command("T1", "C1", "U1", "/ask"))
        assert slack.sockets.wait_for_ack(event) is None
        assert slack.sockets.wait_for_ack(command) == {"text": "soon"}
    finally:
        client.close()
    assert (len(seen[0]["event"]["text"]), seen[1]["command"]) == (70_000, "/ask")


def test_an_unacknowledged_envelope_is_known(slack: SlackServer) -> None:
    """Without a socket nothing can be sent, and waiting for what never comes ends."""
    with pytest.raises(ConnectionError):
        slack.send_by_socket(slack.events.message("T1", "D1", "U1", "Hi"))
    with pytest.raises(TimeoutError):
        slack.sockets.wait_for_ack("none", timeout_s=0.01)
