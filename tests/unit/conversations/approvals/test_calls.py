"""What is sent to the company's system, what its answers mean, and where it may be."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from bots.conversations.calls.http import Again, Done, Poster, Refused, answer_of
from bots.conversations.calls.payload import body_of, headers_of
from bots.conversations.calls.sender import pause
from bots.conversations.submissions.store import Submission
from bots.messages import Place

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
SUBMISSION = Submission(
    7,
    "HR-LEAVE-2026-0001",
    "hr",
    "leave",
    "person:A3",
    "A3",
    {"days": "1", "reason": "搬家"},
    {},
    "1 天",
    "approved",
    Place("slack", "main", "D1", direct=True),
    "zh-TW",
    NOW,
    NOW,
)


def test_the_call_says_who_asked_for_what_and_who_decided():
    """The same bytes each time."""
    body = body_of(SUBMISSION, "A1", NOW)
    assert json.loads(body) == {
        "number": "HR-LEAVE-2026-0001",
        "window": "hr",
        "form": "leave",
        "employee_number": "A3",
        "values": {"days": "1", "reason": "搬家"},
        "computed": {},
        "decided_by": "A1",
        "decided_at": "2026-11-30T02:00:00+00:00",
    }
    assert body_of(SUBMISSION, "A1", NOW) == body


def test_the_signature_covers_the_time_and_the_body():
    """As the documentation tells a receiver to check it."""
    body = body_of(SUBMISSION, "A1", NOW)
    headers = headers_of(7, body, "s3cret", 1_796_000_000)
    right = hmac.new(b"s3cret", headers["X-Transom-Timestamp"].encode() + b"." + body, sha256).hexdigest()
    assert headers["X-Transom-Signature"] == right
    assert headers["Idempotency-Key"] == headers_of(7, body, "s3cret", 1_796_000_900)["Idempotency-Key"]


def test_without_a_secret_nothing_is_signed():
    """A signature with an empty secret would only look like one."""
    assert "X-Transom-Signature" not in headers_of(7, b"{}", "", 1)


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (200, Done()),
        (204, Done()),
        (302, Refused("status 302")),
        (400, Refused("status 400")),
        (404, Refused("status 404")),
        (429, Again("status 429")),
        (503, Again("status 503")),
    ],
)
def test_what_a_status_means(status, means):
    """A redirect is followed nowhere; who is busy or broken is asked again."""
    assert answer_of(status) == means


def test_a_server_may_say_when_to_come_back():
    """Within reason."""
    assert answer_of(429, "120") == Again("status 429", 120.0)
    assert answer_of(503, "999999") == Again("status 503", 3600.0)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fe80::1"])
def test_a_private_address_is_not_called(address):
    """However the name in the file leads there."""
    poster = Poster(frozenset(), lambda host, port: [address])
    assert poster.post("https://hris.example/leaves", b"{}", {}) == Refused("private address")


def test_a_host_that_is_not_found_is_looked_for_again():
    """The name server may be down."""

    def nowhere(host, port):
        raise OSError

    assert Poster(frozenset(), nowhere).post("https://hris.example/", b"{}", {}) == Again("host not found")


def test_what_is_no_address_is_not_called():
    """A file that is wrong is for people to correct."""
    assert Poster(frozenset()).post("ftp://hris.example/", b"{}", {}) == Refused("no address")


def test_the_pauses_get_longer():
    """Up to a quarter of an hour, a little by chance."""
    assert pause(1) < 7 < pause(2) < 13 < pause(3)
    assert 900 <= pause(20) <= 1125
