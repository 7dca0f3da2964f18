"""Criterion 4: whatever is sent to the webhooks, only what is authentic is stored, nothing good is lost, nothing falls.

Real processes and a real Postgres. Every text carries a mark, so that one look at the logs shows whether any got there.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from acceptance.installation import Server
from acceptance.office import CHANNEL, EMPLOYEE, LEAVE, RETURNS, SECRETS, SHOP, TEAM, Office, office
from acceptance.samples import Seen, Watch
from fakes.line import group_id, in_group, of_user, redelivered, send_webhook, signed, user_id
from fakes.slack import signed as slack_signed

MARK = "密語甲乙丙"  # in every text that must not be in a log
MEGABYTES_10 = 10 * 1024 * 1024
ANSWER = "七日內可以退貨"
LINE_HOOK, SLACK_HOOK = f"/line/{SHOP}/webhook", "/slack/events"
SECRET = SECRETS["SLACK_SECRET"]
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    """One office for the module. In the end it runs as it did, and nothing is left undone."""
    with server.database() as url, office(url, tmp_path_factory.mktemp("bad")) as running:
        yield running
        assert [process.poll() for process in running.processes] == [None] * len(running.processes)
        assert running.count("inbox", "state not in ('done', 'ignored', 'withdrawn')") == 0
        assert running.count("outbox", "state not in ('sent', 'withdrawn')") == 0
        assert running.line.violations == []
        assert running.slack.violations == []
        assert told_too_much(running) == []


def told_too_much(running: Office) -> list[str]:
    """Return what stands in the logs and must not: errors in full, what people wrote, tokens and secrets."""
    tokens = [token for (token,) in running.query("select token from inbox where token is not null")]
    logs = running.logs()
    return [word for word in ("Traceback", MARK, RETURNS, LEAVE, *SECRETS.values(), *tokens) if word in logs]


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    chunked: bool = False


def status_of(running: Office, sent: Sent) -> int:
    """Send it and return the status; a server that answers before it has read everything is heard, too."""
    connection = HTTPConnection("127.0.0.1", running.port, timeout=20)
    try:
        body: Any = iter([sent.body[at : at + 65_536] for at in range(0, len(sent.body), 65_536)])
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(
                sent.method,
                sent.path,
                body if sent.chunked else sent.body,
                dict(sent.headers),
                encode_chunked=sent.chunked,
            )
        return connection.getresponse().status
    finally:
        connection.close()


def seen(running: Office, *requests: Sent) -> tuple[list[int], Seen]:
    """Send them one after the other; return their statuses and what came of them all."""
    watch = Watch(running)
    statuses = [status_of(running, sent) for sent in requests]
    return statuses, watch.seen(statuses[-1])


def chunked(headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "Transfer-Encoding": "chunked"}


# --- LINE ---


def line_body(running: Office, *events: Any) -> bytes:
    """Return a webhook's body; events that are strings stand in it as they are."""
    written = [one if isinstance(one, str) else json.dumps(one) for one in events]
    destination = running.channels[SHOP].destination
    return f'{{"destination":"{destination}","events":[{",".join(written)}]}}'.encode()


def from_line(running: Office, body: bytes, **more: str) -> Sent:
    """Return a body as LINE sends it, signed; ``more`` replaces headers."""
    return Sent(LINE_HOOK, body, {**signed(running.channels[SHOP].secret, body), **more})


def question(running: Office, text: str = RETURNS, who: str = "") -> dict[str, Any]:
    """Return a good event of somebody new."""
    events = running.line.events(running.channels[SHOP])
    return events.text(of_user(user_id(who or str(uuid4()))), text)


LINE_SIGNATURES: dict[str, Callable[[bytes, str], dict[str, str]]] = {
    "none": lambda body, secret: {},
    "empty": lambda body, secret: {"X-Line-Signature": ""},
    "of another account": lambda body, secret: signed(SECRETS["STAFF_SECRET"], body),
    "of another body": lambda body, secret: signed(secret, body + b" "),
    "cut short": lambda body, secret: {"X-Line-Signature": signed(secret, body)["x-line-signature"][:-4]},
    "with something behind it": lambda body, secret: {
        "X-Line-Signature": signed(secret, body)["x-line-signature"] + "A"
    },
    "no base64": lambda body, secret: {"X-Line-Signature": "%%%"},
    "not ASCII": lambda body, secret: {"X-Line-Signature": "sïgnature".encode().decode("latin-1")},
    "Slack's": lambda body, secret: slack_signed(secret, body),
}


@pytest.mark.parametrize("signature", LINE_SIGNATURES)
def test_line_without_its_signature_is_refused(running: Office, signature: str) -> None:
    """401, and nothing is stored: anybody can send this."""
    body = line_body(running, question(running, MARK))
    headers = LINE_SIGNATURES[signature](body, running.channels[SHOP].secret)
    statuses, came = seen(running, Sent(LINE_HOOK, body, headers))
    assert (statuses, came.stored, came.calls) == ([401], "", ())


@pytest.mark.parametrize("account", ["nobody", "SHOP", "%00", "..%2Fstaff", MARK])
def test_an_unknown_account_is_not_found(running: Office, account: str) -> None:
    """404, whatever the signature."""
    body = line_body(running, question(running, MARK))
    sent = Sent(f"/line/{quote(account, safe='%')}/webhook", body, signed(running.channels[SHOP].secret, body))
    statuses, came = seen(running, sent)
    assert (statuses, came.stored) == ([404], "")


LINE_BODIES = {
    "empty": (b"", 400),
    "no JSON": (f"events={MARK}".encode(), 400),
    "cut off": (b'{"events":[{"type":"message","message":{"text":"' + MARK.encode(), 400),
    "a list": (b"[]", 400),
    "null": (b"null", 400),
    "a number": (b"7", 400),
    "without events": (b"{}", 400),
    "events are no list": (b'{"events":{"type":"message"}}', 400),
    "events are null": (b'{"events":null}', 400),
    "brackets without end": (b'{"events":' + b"[" * 100_000, 400),
    "nested 100,000 deep": (b'{"events":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}", 400),
    "a byte order mark": (b'\xef\xbb\xbf{"events":[]}', 400),
    "the console's test": (b'{"destination":"U0","events":[]}', 200),
    "what is no event": (b'{"events":[null,7,"x",[],true]}', 200),
}


@pytest.mark.parametrize("body", LINE_BODIES)
def test_a_signed_body_of_line_without_events_stores_nothing(running: Office, body: str) -> None:
    """400 for what is no webhook, 200 for an empty batch."""
    raw, status = LINE_BODIES[body]
    statuses, came = seen(running, from_line(running, raw))
    assert (statuses, came.stored) == ([status], "")


def test_bytes_that_are_no_text_are_refused(running: Office) -> None:
    """LINE writes UTF-8."""
    body = line_body(running, question(running)).replace(RETURNS[:1].encode("unicode_escape"), b"\xff\xfe")
    statuses, came = seen(running, from_line(running, body))
    assert statuses[0] in (400, 401)
    assert came.stored == ""


@pytest.mark.parametrize("in_chunks", [False, True], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "unsigned"])
def test_ten_megabytes_are_too_many_for_line(running: Office, in_chunks: bool, is_signed: bool) -> None:
    """413 in both forms, signed or not."""
    body = line_body(running, question(running, MARK)) + b" " * MEGABYTES_10
    headers = signed(running.channels[SHOP].secret, body) if is_signed else {}
    sent = Sent(LINE_HOOK, body, chunked(headers) if in_chunks else headers, chunked=in_chunks)
    statuses, came = seen(running, sent)
    assert (statuses, came.stored) == ([413], "")


@pytest.mark.parametrize("in_chunks", [False, True], ids=["with its length", "in chunks"])
def test_a_large_batch_of_line_is_taken(running: Office, in_chunks: bool) -> None:
    """Half a megabyte is authentic still, and its question is answered."""
    body = line_body(running, question(running)) + b" " * 500_000
    headers = signed(running.channels[SHOP].secret, body)
    sent = Sent(LINE_HOOK, body, chunked(headers) if in_chunks else headers, chunked=in_chunks)
    statuses, came = seen(running, sent)
    assert (statuses, came.calls) == ([200], ("reply",))
    assert ANSWER in came.said


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_line_calls_its_body_does_not_matter(running: Office, content_type: str) -> None:
    """The signature counts: a good event of another content type is answered."""
    sent = from_line(running, line_body(running, question(running)), **{"content-type": content_type})
    statuses, came = seen(running, sent)
    assert (statuses, came.calls) == ([200], ("reply",))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [LINE_HOOK, SLACK_HOOK])
def test_only_posts_are_taken(running: Office, method: str, path: str) -> None:
    """405 to everything else."""
    assert status_of(running, Sent(path, b"{}", JSON, method)) == 405


IGNORED, MESSAGE = "ignored/ignored", "message/done"
# An event as LINE might come to send it, between two good questions. %s is its id and its sender.
ODD_FOR_LINE = {
    "nothing": "{}",
    "an unknown type": '{%s,"type":"hologram","mode":"active"}',
    "an unknown mode": '{%s,"type":"message","mode":"dreaming","message":{"type":"text","id":"1"}}',
    "on standby": '{%s,"type":"message","mode":"standby","message":{"type":"text","id":"2","text":"x"}}',
    "no mode": '{%s,"type":"message","message":{"type":"text","id":"3","text":"x"}}',
    "an unknown message": '{%s,"type":"message","mode":"active","message":{"type":"smell","id":"4"}}',
    "no message": '{%s,"type":"message","mode":"active"}',
    "a message that is a number": '{%s,"type":"message","mode":"active","message":7}',
    "a type that is an object": '{%s,"type":{"a":[]},"mode":"active"}',
    "a time that is no number": '{%s,"type":"hologram","mode":"active","timestamp":"yesterday"}',
    "a time of 400 digits": f'{{%s,"type":"hologram","mode":"active","timestamp":{"9" * 400}}}',
    "a time before all": '{%s,"type":"hologram","mode":"active","timestamp":-1}',
    "infinity": '{%s,"type":"hologram","mode":"active","timestamp":1e999,"x":-1e999}',
    "not a number": '{%s,"type":"hologram","mode":"active","timestamp":NaN,"x":Infinity}',
    "NUL and half characters": '{%s,"type":"hologram","mode":"active","\\u0000\\ud800":"\\udfff\\u0000"}',
    "a source that is a list": '{"source":["U1"],"type":"message","mode":"active","webhookEventId":"%s"}',
    "200 lists in each other": f'{{%s,"type":"hologram","mode":"active","x":{"[" * 200}{"]" * 200}}}',
    "the same key twice": '{%s,"type":"message","type":"hologram","mode":"active","mode":"active"}',
    "a postback without data": '{%s,"type":"postback","mode":"active","postback":{}}',
    "an unsend of nothing": '{%s,"type":"unsend","mode":"active","unsend":{"messageId":5}}',
    "a key of half a megabyte": f'{{%s,"type":"hologram","mode":"active","{"k" * 400_000}":1}}',
}


@pytest.mark.parametrize("odd", ODD_FOR_LINE)
def test_an_odd_event_of_line_takes_no_good_one_along(running: Office, odd: str) -> None:
    """Stored and ignored, 200, and the questions beside it are answered."""
    written, key = ODD_FOR_LINE[odd], str(uuid4())
    usual = f'"webhookEventId":"{key}","source":{{"type":"user","userId":"{user_id(key)}"}}'
    written = written.replace("%s", key if '"source":[' in written else usual)
    body = line_body(running, question(running), written, question(running))
    statuses, came = seen(running, from_line(running, body))
    assert statuses == [200]
    assert came.stored == f"{MESSAGE} {IGNORED} {MESSAGE}"
    assert came.calls == ("reply", "reply")
    assert came.said.count(ANSWER) >= 2


def test_an_event_of_line_without_an_id_is_known_again(running: Office) -> None:
    """It is answered, and once: the same event has the same key."""
    event = question(running)
    del event["webhookEventId"]
    again = redelivered(running.line, running.channels[SHOP], event)
    statuses, came = seen(
        running, from_line(running, line_body(running, event)), from_line(running, line_body(running, again))
    )
    assert (statuses, came.stored, came.calls) == ([200, 200], MESSAGE, ("reply",))


def test_an_old_event_of_line_with_a_dead_token_is_kept(running: Office) -> None:
    """Redelivered after hours, its token is dead: the answer waits for the person's next message and goes with it."""
    events, who = running.line.events(running.channels[SHOP]), of_user(user_id("late"))
    old = events.text(who, RETURNS, at_ms=int((time.time() - 7200) * 1000), life_s=-1)
    statuses, came = seen(running, from_line(running, line_body(running, old)))
    assert (statuses, came.stored) == ([200], MESSAGE)
    assert came.said == ""
    _, came = seen(running, from_line(running, line_body(running, events.sticker(who))))
    assert ANSWER in came.said


LONG = "這則訊息太長了"
TEXTS = {
    "5,001 units": ("長" * 5_001, LONG),
    "5,002 units of emoji": ("😀" * 2_501, LONG),
    "emoji of families and flags": ("👨‍👩‍👧‍👦🇹🇼👍🏽" + RETURNS, ANSWER),
    "combining characters": ("e\u0301\u0323" * 40 + RETURNS, ANSWER),
    "a thousand accents on one letter": ("e" + "\u0301" * 1_000 + RETURNS, ""),
    "NUL and half characters": ("\x00\ud83d" + RETURNS + "\udc00", ANSWER),
    "from right to left": ("\u202e\u2066" + RETURNS + "\u2069", ANSWER),
    "control characters": ("\x1b[31m\x07\x08" + RETURNS, ANSWER),
    "nothing but blanks": (" \u3000\n\t\u200b", ""),
    "nothing": ("", ""),
    "2,000 characters": (RETURNS + "長" * (2_000 - len(RETURNS)), ""),
    "markup": (f"<b>{RETURNS}</b> & <@U1> *x* `y` {{z}} %s", ""),
    "half a query": ("'; drop table inbox; --" + RETURNS, ""),
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("platform", ["line", "slack"])
def test_every_text_gets_a_reply(running: Office, platform: str, text: str) -> None:
    """Long, empty, broken or strange: one reply, within the platform's limits."""
    written, says = TEXTS[text]
    if platform == "line":
        sent = from_line(running, line_body(running, question(running, written)))
    else:
        sent = from_slack(callback(running, f"D{EMPLOYEE}", text=written))
    statuses, came = seen(running, sent)
    assert (statuses, came.stored, len(came.calls)) == ([200], MESSAGE, 1)
    assert says in came.said
    assert came.said


def test_odd_mentions_in_a_group_of_line(running: Office) -> None:
    """Positions that lie outside of the text, or are none, break nothing; an answer comes for the one that is us."""
    events, room = running.line.events(running.channels[SHOP]), in_group(group_id("odd"), user_id("odd"))
    for index, length in ((0, 10**9), (10**9, 1), (-5, 3), ("x", None), (1e9, 2.5)):
        mention = {"index": index, "length": length, "type": "user", "isSelf": True}
        event = events.text(room, f"@窗口 {RETURNS}", mentions=[mention, "x", None])
        statuses, came = seen(running, from_line(running, line_body(running, event)))
        assert (statuses, len(came.calls)) == ([200], 1)


# --- Slack ---


def callback(running: Office, channel: str = CHANNEL, **event: Any) -> dict[str, Any]:
    """Return the event_callback of a person's message, or of what ``event`` says; ids are new."""
    ts = running.slack.state.ts()
    usual = {
        "type": "message",
        "user": EMPLOYEE,
        "text": RETURNS,
        "ts": ts,
        "event_ts": ts,
        "channel": channel,
        "channel_type": "im" if channel.startswith("D") else "channel",
    }
    return running.slack.events.callback(TEAM, {**usual, **event}).payload | {"event_id": f"Ev{uuid4().hex}"}


def from_slack(body: Any, headers: Mapping[str, str] = JSON, secret: str = SECRET, stamp: Any = None) -> Sent:
    """Return a body as Slack sends it, signed."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Sent(SLACK_HOOK, raw, {**headers, **slack_signed(secret, raw, stamp)})


def now(seconds: float = 0) -> str:
    return str(int(time.time() + seconds))


SLACK_HEADERS: dict[str, Callable[[bytes], dict[str, str]]] = {
    "none": lambda body: {},
    "no time": lambda body: {"X-Slack-Signature": slack_signed(SECRET, body)["X-Slack-Signature"]},
    "no signature": lambda body: {"X-Slack-Request-Timestamp": now()},
    "an empty signature": lambda body: {**slack_signed(SECRET, body), "X-Slack-Signature": ""},
    "of another secret": lambda body: slack_signed("another", body),
    "of another body": lambda body: slack_signed(SECRET, body + b" "),
    "of another version": lambda body: {
        **(was := slack_signed(SECRET, body)),
        "X-Slack-Signature": was["X-Slack-Signature"].replace("v0=", "v1="),
    },
    "of an empty secret": lambda body: slack_signed("", body),
    "not ASCII": lambda body: {**slack_signed(SECRET, body), "X-Slack-Signature": "v0=\xe9\xe9"},
    "another time": lambda body: {**slack_signed(SECRET, body, now(-30)), "X-Slack-Request-Timestamp": now()},
    "ten minutes old": lambda body: slack_signed(SECRET, body, now(-600)),
    "ten minutes ahead": lambda body: slack_signed(SECRET, body, now(600)),
    **{
        f"the time {stamp!r}": lambda body, stamp=stamp: slack_signed(SECRET, body, stamp)  # type: ignore[misc]
        for stamp in ("", "abc", "-1", "1e9", "0x5f", "NaN", "9" * 400, "1.5", "\xb2")
    },
    "the time with a blank and a fraction": lambda body: slack_signed(SECRET, body, f" {int(time.time())}.0"),
    "LINE's": lambda body: {"X-Line-Signature": signed(SECRET, body)["x-line-signature"]},
}


@pytest.mark.parametrize("headers", SLACK_HEADERS)
def test_slack_without_its_signature_is_refused(running: Office, headers: str) -> None:
    """Wrong, missing, stale or with a time that is no number: 401, and nothing is stored."""
    body = json.dumps(callback(running, f"D{EMPLOYEE}", text=MARK)).encode()
    statuses, came = seen(running, Sent(SLACK_HOOK, body, {**JSON, **SLACK_HEADERS[headers](body)}))
    assert (statuses, came.stored, came.calls) == ([401], "", ())


def test_a_team_that_is_not_configured_is_refused(running: Office) -> None:
    """401, although our app's secret has signed it: nobody here answers for that company."""
    body = {**callback(running), "team_id": "T0STRANGER", "authorizations": [{"team_id": "T0STRANGER"}]}
    statuses, came = seen(running, from_slack(body))
    assert (statuses, came.stored) == ([401], "")


SLACK_BODIES = {
    "empty": (b"", JSON, 400),
    "no JSON": (MARK.encode(), JSON, 400),
    "cut off": (b'{"type":"event_callback","event":{"text":"' + MARK.encode(), JSON, 400),
    "a list": (b"[]", JSON, 400),
    "null": (b"null", JSON, 400),
    "brackets without end": (b"[" * 100_000, JSON, 400),
    "nested 100,000 deep": (b'{"event":' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON, 400),
    "no text": (b'{"team_id":"\xff\xfe"}', JSON, 401),
    "a payload that is no JSON": (urlencode({"payload": f"{{{MARK}"}).encode(), FORM, 400),
    "a payload that is a list": (b"payload=[]", FORM, 400),
    "a payload of half a character": (b"payload=%ff%fe", FORM, 400),
    "300 fields": (b"&".join(b"f%d=x" % n for n in range(300)), FORM, 400),
    "JSON called a form": (b'{"type":"event_callback","team_id":"T0COMPANY1"}', FORM, 200),
    "a form called JSON": (urlencode({"payload": "{}"}).encode(), JSON, 400),
    "a multipart form": (b"--x\r\n\r\n--x--", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
}


@pytest.mark.parametrize("body", SLACK_BODIES)
def test_a_signed_body_of_slack_that_is_none(running: Office, body: str) -> None:
    """400 for what cannot be read; what can be read, and says nothing, is kept and ignored."""
    raw, headers, status = SLACK_BODIES[body]
    statuses, came = seen(running, from_slack(raw, headers))
    assert (statuses, came.stored) == ([status], IGNORED if status == 200 else "")


@pytest.mark.parametrize("in_chunks", [False, True], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "unsigned"])
def test_ten_megabytes_are_too_many_for_slack(running: Office, in_chunks: bool, is_signed: bool) -> None:
    """413 in both forms, signed or not."""
    body = json.dumps(callback(running, f"D{EMPLOYEE}", text=MARK)).encode() + b" " * MEGABYTES_10
    headers = {**JSON, **(slack_signed(SECRET, body) if is_signed else {})}
    sent = Sent(SLACK_HOOK, body, chunked(headers) if in_chunks else headers, chunked=in_chunks)
    statuses, came = seen(running, sent)
    assert (statuses, came.stored) == ([413], "")


def test_a_question_in_chunks_is_taken_from_slack(running: Office) -> None:
    """A body without a length, of a size that is allowed, is as good."""
    body = json.dumps(callback(running, f"D{EMPLOYEE}")).encode() + b" " * 300_000
    sent = Sent(SLACK_HOOK, body, chunked({**JSON, **slack_signed(SECRET, body)}), chunked=True)
    statuses, came = seen(running, sent)
    assert (statuses, len(came.calls)) == ([200], 1)


KIND = '"type":"hologram"'
# The inner event as Slack might come to send it: stored and ignored, and the next question is answered.
ODD_FOR_SLACK = {
    "an unknown type": f'"event":{{{KIND}}}',
    "a type that is a number": '"event":{"type":7}',
    "no event": '"x":1',
    "an event that is a text": f'"event":"{MARK}"',
    "an event that is a list": '"event":[{"type":"message"}]',
    "an event that is null": '"event":null',
    "a message without anything": '"event":{"type":"message"}',
    "a message without a channel": f'"event":{{"type":"message","user":"U1","text":"{MARK}","ts":"1.1"}}',
    "a message that is all numbers": '"event":{"type":"message","user":1,"text":2,"ts":3,"channel":4,"thread_ts":5}',
    "an unknown subtype": f'"event":{{"type":"message","subtype":"telepathy","user":"UEMP","channel":"C0HR","ts":"1.2","text":"{MARK}"}}',  # noqa: E501
    "a change of nothing": '"event":{"type":"message","subtype":"message_changed","channel":"C0HR","message":7}',
    "a deletion of nothing": '"event":{"type":"message","subtype":"message_deleted","channel":"C0HR"}',
    "a home without a person": '"event":{"type":"app_home_opened","tab":"home"}',
    "an unknown tab": '"event":{"type":"app_home_opened","tab":"cellar","user":"UEMP","channel":"DUEMP"}',
    "infinity": f'"event_time":1e999,"event":{{{KIND},"x":-1e999}}',
    "not a number": f'"event_time":NaN,"event":{{{KIND},"x":Infinity}}',
    "a time of 400 digits": f'"event_time":{"9" * 400},"event":{{{KIND}}}',
    "a time that is no number": f'"event_time":"yesterday","event":{{{KIND},"event_ts":"abc"}}',
    "NUL and half characters": f'"event":{{{KIND},"\\u0000\\ud800":"\\udfff\\u0000"}}',
    "200 lists in each other": f'"event":{{{KIND},"x":{"[" * 200}{"]" * 200}}}',
    "the same key twice": f'"event":{{"type":"message"}},"event":{{{KIND},{KIND}}}',
    "authorizations that are none": f'"authorizations":[7,"x",null],"event":{{{KIND}}}',
}


@pytest.mark.parametrize("odd", ODD_FOR_SLACK)
def test_an_odd_event_of_slack_is_stored_and_ignored(running: Office, odd: str) -> None:
    """200, and the next question is answered."""
    head = f'{{"type":"event_callback","team_id":"{TEAM}","event_id":"Ev{uuid4().hex}",'
    body = (head + ODD_FOR_SLACK[odd] + "}").encode()
    statuses, came = seen(running, from_slack(body), from_slack(callback(running, f"D{EMPLOYEE}")))
    assert statuses == [200, 200]
    assert came.stored == f"{IGNORED} {MESSAGE}"
    assert ANSWER in came.said


ODD_GESTURES = {
    "an unknown type": {"type": "hologram"},
    "no actions": {"type": "block_actions", "user": {"id": EMPLOYEE}},
    "actions that are none": {"type": "block_actions", "user": {"id": EMPLOYEE}, "actions": [None, 7]},
    "actions that are an object": {"type": "block_actions", "user": {"id": EMPLOYEE}, "actions": {"a": 1}},
    "a tap of nobody": {"type": "block_actions", "actions": [{"action_id": "a", "value": MARK}]},
    "a view that is null": {"type": "view_submission", "user": {"id": EMPLOYEE}, "view": None},
    "a view that is not ours": {"type": "view_submission", "user": {"id": EMPLOYEE}, "view": {"callback_id": MARK}},
    "values that are a list": {
        "type": "view_submission",
        "user": {"id": EMPLOYEE},
        "view": {"callback_id": "x", "state": {"values": []}},
    },
    "a shortcut that is not ours": {"type": "shortcut", "user": {"id": EMPLOYEE}, "callback_id": MARK},
}


@pytest.mark.parametrize("odd", ODD_GESTURES)
def test_an_odd_gesture_is_stored_and_ignored(running: Office, odd: str) -> None:
    """200 without a word, for the person waits for Slack to go on."""
    payload = {"team": {"id": TEAM}, "n": uuid4().hex, **ODD_GESTURES[odd]}
    statuses, came = seen(running, from_slack(urlencode({"payload": json.dumps(payload)}).encode(), FORM))
    assert (statuses, came.stored, came.calls) == ([200], IGNORED, ())


@pytest.mark.parametrize("number", ["1", "99", "x", ""])
def test_a_replay_of_slack_is_answered_once(running: Office, number: str) -> None:
    """The header of a retry is never looked at: what is new is answered, what is known is not, both are 200."""
    headers = {**JSON, "X-Slack-Retry-Num": number, "X-Slack-Retry-Reason": "http_timeout"}
    body = callback(running, f"D{EMPLOYEE}")
    statuses, came = seen(running, from_slack(body, headers), from_slack(body, headers), from_slack(body))
    assert (statuses, came.stored, len(came.calls)) == ([200] * 3, MESSAGE, 1)


def test_a_replay_of_line_is_answered_once(running: Office) -> None:
    """The same signed bytes again, within one request and in the next: 200, and one answer."""
    event = question(running)
    sent = from_line(running, line_body(running, event, event))
    statuses, came = seen(running, sent, sent)
    assert (statuses, came.stored, came.calls) == ([200, 200], MESSAGE, ("reply",))


# --- the page and the API ---


def web(running: Office, path: str, body: bytes, **headers: str) -> Sent:
    """Return a request of our own page, or of an API client."""
    return Sent(
        path, body, {**JSON, "Origin": running.url, "Authorization": f"Bearer {SECRETS['ERP_TOKEN']}", **headers}
    )


@pytest.mark.parametrize("path", ["/chat/ask", "/api/v1/ask"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 50_000, 400),
        (b'{"question":7}', 4),
        (b'{"question":"' + b"x" * 3_000 + b'"}', 4),
        (b"x" * MEGABYTES_10, 413),
    ],
    ids=["empty", "cut off", "brackets without end", "a number", "too long", "ten megabytes"],
)
def test_the_page_and_the_api_refuse_what_is_no_question(running: Office, path: str, body: bytes, status: int) -> None:
    """A 4xx with a reason, and nothing is stored."""
    statuses, came = seen(running, web(running, path, body))
    assert statuses[0] == status or (status == 4 and 400 <= statuses[0] < 500)
    assert came.stored == ""


def test_a_question_with_half_a_character_is_answered_by_the_api(running: Office) -> None:
    """What no database takes is left out, and the rest is a question."""
    body = json.dumps({"question": "\x00\ud800" + RETURNS}).encode()
    statuses, came = seen(running, web(running, "/api/v1/ask", body))
    assert (statuses, came.stored) == ([200], MESSAGE)


# --- and then ---


def test_a_normal_question_is_answered_after_all_that(running: Office) -> None:
    """On LINE and on Slack, with the source; the logs tell nothing they must not."""
    watch = Watch(running)
    assert send_webhook(running.hook(SHOP), running.channels[SHOP], [question(running)]) == 200
    assert status_of(running, from_slack(callback(running, f"D{EMPLOYEE}", text=LEAVE))) == 200
    said = watch.seen(200).said
    assert ANSWER in said
    assert "特別休假為十四日" in said
    assert running.count("inbox", "state = 'failed'") == 0
    assert told_too_much(running) == []
