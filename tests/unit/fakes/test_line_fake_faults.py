"""The fake LINE fails on demand: before the act, after it, late, or not at all."""

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
from fakes.line import (
    DROP_AFTER,
    DROP_BEFORE,
    FAIL_AFTER,
    FAIL_BEFORE,
    RATE_LIMITED,
    Channel,
    LineServer,
    answers_late,
    delayed,
    line_server,
    user_id,
)
from fakes.line.client import push, reply
from linebot.v3.messaging import ApiClient, ApiException, Configuration, MessagingApi
from linebot.v3.messaging import models as sdk
from urllib3.exceptions import ProtocolError

AMY = user_id("amy")


@pytest.fixture
def spec_path(public_data: Path) -> Path:
    return public_data / "line" / "messaging-api.openapi.yml"


@pytest.fixture
def line(spec_path: Path) -> Iterator[LineServer]:
    with line_server(spec_path) as server:
        yield server


@pytest.fixture
def hr(line: LineServer) -> Channel:
    return line.add_channel("hr", "hr-token", "hr-secret")


@pytest.fixture
def api(line: LineServer, hr: Channel) -> Iterator[ApiClient]:
    with ApiClient(Configuration(host=line.base_url, access_token=hr.token)) as client:
        yield client
        client.rest_client.pool_manager.clear()


class TestFaults:
    def test_a_connection_dropped_before_acting_leaves_nothing(self, line, hr):
        """The client sees a broken connection, nothing was delivered, and the next request is served."""
        line.faults.next(DROP_BEFORE)
        with pytest.raises((OSError, HTTPException)):
            push(line, hr)
        assert line.delivered == []
        assert line.requests[0].fault == "drop before acting"
        assert push(line, hr).status == 200

    def test_a_connection_dropped_after_acting_has_delivered(self, line, hr, api):
        """The SDK raises ProtocolError though the reply went out; sent again, the token is spent."""
        line.faults.next(DROP_AFTER)
        token = line.new_reply_token(hr)
        request = sdk.ReplyMessageRequest(reply_token=token, messages=[sdk.TextMessage(text="hello")])
        with pytest.raises(ProtocolError):
            MessagingApi(api).reply_message(request)
        with pytest.raises(ApiException, match="Invalid reply token"):
            MessagingApi(api).reply_message(request)
        assert len(line.delivered) == 1

    def test_a_500_may_have_acted_or_not(self, line, hr):
        """Both kinds of 500 look alike; under a retry key the repeat delivers exactly once."""
        for fault, status in ((FAIL_BEFORE, 200), (FAIL_AFTER, 409)):
            line.delivered.clear()
            line.faults.next(fault, path="/push")
            key = str(uuid.uuid4())
            assert push(line, hr, key=key).status == 500
            assert push(line, hr, key=key).status == status
            assert len(line.delivered) == 1

    def test_faults_keep_to_their_path_and_number(self, line, hr):
        """Two faults for pushes meet two pushes, and no reply."""
        line.faults.next(RATE_LIMITED, times=2, path=lambda path: path.endswith("/push"))
        assert reply(line, hr, line.new_reply_token(hr)).status == 200
        assert [push(line, hr).status for _ in range(3)] == [429, 429, 200]
        assert line.faults.left == 0

    def test_delays_come_before_or_after_the_act(self, line, hr):
        """After a late answer the message is there when the client gives up; after a delay it is not."""
        for fault, count in ((delayed(0.5), 0), (answers_late(0.5), 1)):
            line.delivered.clear()
            line.faults.next(fault)
            with pytest.raises(TimeoutError):
                reply(line, hr, line.new_reply_token(hr), timeout_s=0.2)
            assert len(line.delivered) == count
            assert line.wait_for(lambda it: len(it.delivered) == 1)

    def test_a_hook_sees_both_sides_of_the_act(self, line, hr):
        """Before the act nothing is delivered, after it everything, and the client has no answer yet."""
        seen = []
        line.on_request = lambda path, body, phase: seen.append((path, body["to"], phase, len(line.delivered)))
        push(line, hr)
        path = "/v2/bot/message/push"
        assert seen == [(path, AMY, "before", 0), (path, AMY, "after", 1)]

    def test_chaos_is_repeatable(self, line, hr):
        """The same seed breaks the same requests; a rate of 0 ends it."""

        def run(seed: int) -> list[str | None]:
            line.requests.clear()
            line.chaos(0.5, seed, kinds=[FAIL_BEFORE, RATE_LIMITED])
            for _ in range(12):
                push(line, hr)
            return [request.fault for request in line.requests]

        first = run(7)
        assert first == run(7)
        assert first != run(8)
        assert None in first
        assert "500 before acting" in first
        line.chaos(0, 7)
        assert push(line, hr).status == 200

    def test_a_crash_of_the_fake_is_not_silent(self, spec_path):
        """A hook that raises ends the test that used it, however the product took the 500."""

        def broken(path: str, body: object, phase: str) -> None:
            raise ZeroDivisionError

        def run() -> None:
            with line_server(spec_path) as line:
                line.on_request = broken
                assert push(line, line.add_channel("hr", "t", "s")).status == 500

        with pytest.raises(ExceptionGroup, match="crashed"):
            run()

    def test_closing_does_not_wait_for_delays(self, spec_path):
        """A server with an answer an hour away closes at once."""
        began, arrived = time.monotonic(), Event()
        with ThreadPoolExecutor(1) as pool:
            with line_server(spec_path) as line:
                hr = line.add_channel("hr", "t", "s")
                line.on_request = lambda path, body, phase: arrived.set()
                line.faults.next(answers_late(3600))
                waiting = pool.submit(push, line, hr)
                assert arrived.wait(5)
            waiting.exception(timeout=5)
        assert time.monotonic() - began < 5

    def test_connections_are_kept_and_served_at_once(self, spec_path):
        """Four clients, each on one connection, send at the same time; every message is delivered once."""
        with line_server(spec_path, strict=False) as line:
            hr = line.add_channel("hr", "t", "s")
            line.set_quota(hr, None)
            with ThreadPoolExecutor(4) as pool:
                kept = list(pool.map(lambda n: send_on_one_connection(line, hr, n), range(4)))
            assert all(kept)
            texts = sorted(one.messages[0]["text"] for one in line.delivered)
            assert texts == sorted(f"{client}-{number}" for client in range(4) for number in range(25))


def send_on_one_connection(line: LineServer, channel: Channel, client: int) -> bool:
    """Push 25 messages; say whether the connection's socket stayed the same."""
    headers = {"authorization": f"Bearer {channel.token}", "content-type": "application/json"}
    with closing(HTTPConnection(urlsplit(line.base_url).netloc, timeout=10)) as connection:
        connection.connect()
        first = connection.sock
        for number in range(25):
            body = {"to": AMY, "messages": [{"type": "text", "text": f"{client}-{number}"}]}
            connection.request("POST", "/v2/bot/message/push", json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        return connection.sock is first
