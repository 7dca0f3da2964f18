"""The fake LINE makes events as LINE does, signs them, and posts them."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from fakes.line import (
    Channel,
    LineServer,
    ask,
    group_id,
    in_group,
    in_room,
    line_server,
    mention,
    of_user,
    redelivered,
    room_id,
    send_webhook,
    signed,
    user_id,
    webhook_body,
)
from fakes.line.walker import Walker
from linebot.v3 import SignatureValidator, WebhookParser
from linebot.v3.models import UnknownEvent

AMY, BEN, LUNCH = user_id("amy"), user_id("ben"), group_id("lunch")


class Clock:
    """Tells the time a test wants."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(public_data: Path, clock: Clock) -> Iterator[LineServer]:
    with line_server(public_data / "line" / "messaging-api.openapi.yml", clock=clock) as server:
        yield server


@pytest.fixture
def hr(line: LineServer) -> Channel:
    return line.add_channel("hr", "hr-token", "hr-secret")


def every_event(line: LineServer, channel: Channel) -> list[dict]:
    """Return one event of each kind, in a one-to-one chat, a group and a room."""
    make, amy, lunch = line.events(channel), of_user(AMY), in_group(LUNCH, AMY)
    at_bot = "@hr how many days?"
    return [
        make.text(amy, "hello"),
        make.text(lunch, at_bot, mentions=[mention(at_bot, "@hr", channel.destination, is_self=True)]),
        make.text(in_room(room_id("r"), AMY), "hello", quoted_message="1"),
        make.sticker(amy),
        make.image(amy, b"jpeg"),
        make.file(amy, "leave.pdf", b"%PDF"),
        make.postback(amy, "yes"),
        make.postback(lunch, "when", {"date": "2026-11-02"}),
        make.follow(amy, unblocked=True),
        make.join(lunch),
        make.member_joined(lunch, [BEN]),
        make.unsend(amy, "1"),
        make.edited(amy, "1", "hello again"),
        make.leave(lunch),
        make.unfollow(amy),
    ]


class Received(BaseHTTPRequestHandler):
    """A webhook that keeps what it gets and answers what its server says."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["X-Line-Signature"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *said: object) -> None:
        pass


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Received)
    server.received, server.status = [], status
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/line/hr", server.received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply_status(line: LineServer, channel: Channel, event: dict) -> int:
    body = {"replyToken": event["replyToken"], "messages": [{"type": "text", "text": "hi"}]}
    return ask(line.base_url, "POST", "/v2/bot/message/reply", body, token=channel.token).status


class TestEvents:
    def test_events_are_as_line_s_openapi_says(self, line, hr, public_data):
        """Every event that LINE's OpenAPI knows has its shape, and only what LINE documents."""
        text = (public_data / "line" / "webhook.openapi.yml").read_text("utf-8")
        schemas = yaml.safe_load(text)["components"]["schemas"]
        walker = Walker(schemas, lambda *_: iter(()))
        events = [event for event in every_event(line, hr) if event["type"] != "messageEdited"]
        whole = {"destination": hr.destination, "events": events}
        assert list(walker.walk(whole, {"$ref": "#/components/schemas/CallbackRequest"})) == []

    def test_the_sdk_reads_them(self, line, hr):
        """The SDK accepts the signature and knows each event; an unknown type becomes an UnknownEvent."""
        events = [*every_event(line, hr), line.events(hr).unknown(of_user(AMY))]
        body = webhook_body(hr, events)
        signature = signed(hr.secret, body)["x-line-signature"]
        parsed = WebhookParser(hr.secret).parse(body.decode(), signature)
        unknown = [event.type for event in parsed if isinstance(event, UnknownEvent)]
        assert len(parsed) == len(events)
        assert set(unknown) - {"messageEdited"} == {"undefined"}  # older SDKs do not know the former

    def test_a_signature_is_of_these_bytes(self):
        """One changed byte makes the signature false."""
        signature = signed("secret", b"body")["x-line-signature"]
        assert SignatureValidator("secret").validate("body", signature)
        assert not SignatureValidator("secret").validate("bodz", signature)

    def test_a_token_answers_the_event_s_chat(self, line, hr):
        """The reply to a group's message is delivered to the group."""
        assert reply_status(line, hr, line.events(hr).text(in_group(LUNCH, AMY), "hello")) == 200
        assert line.delivered[0].to == LUNCH

    def test_a_redelivery_is_the_same_event_with_a_token_that_lives(self, line, hr, clock):
        """Only the flag differs; the token is good a minute longer, but never past 20 minutes after the event."""
        event = line.events(hr).text(of_user(AMY), "hello")
        late = line.events(hr).text(of_user(AMY), "hello")
        clock.now += 90
        assert reply_status(line, hr, event) == 400
        again = redelivered(line, hr, event)
        assert {**again, "deliveryContext": {"isRedelivery": False}} == event
        assert again["deliveryContext"] == {"isRedelivery": True}
        assert reply_status(line, hr, again) == 200
        clock.now += 20 * 60
        assert reply_status(line, hr, redelivered(line, hr, late)) == 400

    def test_a_spent_token_stays_spent_when_redelivered(self, line, hr):
        """Redelivery does not make a used token good again."""
        event = line.events(hr).text(of_user(AMY), "hello")
        assert reply_status(line, hr, event) == 200
        assert reply_status(line, hr, redelivered(line, hr, event)) == 400

    def test_people_are_named_in_groups_on_messages_only(self, line, hr):
        """A tap in a group does not say who tapped; an unfollow or a channel on standby has no reply token."""
        make = line.events(hr)
        assert "userId" not in make.postback(in_group(LUNCH, AMY), "yes")["source"]
        assert make.text(in_group(LUNCH, AMY), "hi")["source"]["userId"] == AMY
        assert "replyToken" not in make.unfollow(of_user(AMY))
        assert "replyToken" not in make.text(of_user(AMY), "hi", mode="standby")

    def test_what_people_do_changes_what_line_knows(self, line, hr):
        """Unfollow blocks and follow unblocks; a group is known from its first event until we leave it."""
        make = line.events(hr)
        make.unfollow(of_user(AMY))
        assert AMY in line.blocked
        make.follow(of_user(AMY))
        assert AMY not in line.blocked
        make.member_joined(in_group(LUNCH), [AMY, BEN])
        assert line.account(hr).groups[LUNCH].members == (AMY, BEN)
        make.leave(in_group(LUNCH))
        assert LUNCH not in line.account(hr).groups

    def test_a_mention_counts_utf16_units(self):
        """Index and length are counted as LINE counts them."""
        assert mention("🍎 @hr", "@hr", is_self=True) == {"index": 3, "length": 3, "type": "user", "isSelf": True}


class TestSending:
    def test_a_webhook_is_posted_signed(self, line, hr):
        """The body that arrives is the one that was signed; the status comes back."""
        with webhook(503) as (url, received):
            assert send_webhook(url, hr, [line.events(hr).text(of_user(AMY), "安安")]) == 503
        [(body, signature)] = received
        assert SignatureValidator(hr.secret).validate(body.decode(), signature)

    def test_a_forged_signature_can_be_sent(self, line, hr):
        """Signed with another secret, the body does not validate."""
        with webhook() as (url, received):
            send_webhook(url, hr, [], secret="guessed")
        [(body, signature)] = received
        assert not SignatureValidator(hr.secret).validate(body.decode(), signature)

    def test_line_tests_the_webhook_it_was_given(self, line, hr):
        """PUT keeps the address, GET tells it, and the test posts no events and reports the status."""
        path = "/v2/bot/channel/webhook/endpoint"
        assert ask(line.base_url, "GET", path, token=hr.token).status == 404
        with webhook() as (url, received):
            assert ask(line.base_url, "PUT", path, {"endpoint": url}, token=hr.token).status == 200
            assert ask(line.base_url, "GET", path, token=hr.token).body == {"endpoint": url, "active": True}
            tested = ask(line.base_url, "POST", "/v2/bot/channel/webhook/test", {}, token=hr.token).body
        assert (tested["success"], tested["statusCode"]) == (True, 200)
        assert received[0][0] == webhook_body(hr, [])
        gone = ask(line.base_url, "POST", "/v2/bot/channel/webhook/test", {}, token=hr.token).body
        assert (gone["success"], gone["reason"]) == (False, "COULD_NOT_CONNECT")

    def test_a_webhook_needs_https(self, line, hr):
        """An http address of another machine is refused."""
        body = {"endpoint": "http://example.com/line"}
        assert ask(line.base_url, "PUT", "/v2/bot/channel/webhook/endpoint", body, token=hr.token).status == 400
