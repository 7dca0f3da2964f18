import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.messages import Kind
from bots.platforms.line import LineReader

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
USER = "U206d25c2ea6bd87c17655609a1c37cb8"
GROUP = "Ca56f94637cc4347f90a25382909b24b9"


def read(**changes):
    body = {
        "type": "message",
        "mode": "active",
        "timestamp": 1795424400000 - 1000,
        "source": {"type": "user", "userId": USER},
        "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "token",
        "message": {"id": "325708", "type": "text", "text": "可以退貨嗎？"},
    }
    return LineReader(lambda: NOW).read("shop", {**body, **changes})


def say(text, *mentionees, **more):
    message = {"id": "1", "type": "text", "text": text, "mention": {"mentionees": list(mentionees)}}
    return read(message=message, **more)


def us(index, length):
    return {"type": "user", "index": index, "length": length, "userId": "Ubot", "isSelf": True}


SAMPLES = "message 5, file 5, sticker 1, follow 1, unfollow 1, join 1, leave 1, postback 4, unsend 1, ignored 7"


@pytest.mark.parametrize(("name", "kinds"), [("webhook_v2.json", SAMPLES), ("webhook_v3.json", SAMPLES + ", edit 1")])
def test_every_sample_event_of_lines_sdk_is_read(public_data, name, kinds):
    """LINE's own samples all become events of the kinds we act on; what we do not act on is IGNORED."""
    events = json.loads((public_data / "line" / name).read_text())["events"]
    read_kinds = Counter(LineReader(lambda: NOW).read("shop", event).kind.value for event in events)
    expected = {kind: int(count) for kind, count in (one.split() for one in kinds.split(", "))}
    assert {kind: read_kinds[kind] for kind in expected} == expected
    assert sum(read_kinds.values()) == len(events)


def test_a_question_in_a_one_to_one_chat():
    """Text, sender, place and times come over; the reader is always addressed."""
    event = read()
    assert (event.kind, event.text, event.addressed) == (Kind.MESSAGE, "可以退貨嗎？", True)
    assert (event.sender, event.message_id, event.id) == (USER, "325708", "01FZ74A0TDDPYRVKNK77XKC3ZR")
    assert (event.place.conversation, event.place.direct) == (f"line:shop:{USER}", True)
    assert event.sent_at == NOW - timedelta(seconds=1)


@pytest.mark.parametrize(("kind", "key"), [("group", "groupId"), ("room", "roomId")])
def test_in_a_group_or_room_we_are_meant_only_when_mentioned(kind, key):
    """What people say to each other is stored as not addressed to us; a mention of all is not one of us."""
    source = {"type": kind, key: GROUP, "userId": USER}
    assert read(source=source).addressed is False
    assert say("@All 開會", {"type": "all", "index": 0, "length": 4}, source=source).addressed is False
    event = say("@窗口 可以退嗎？", us(0, 3), source=source)
    assert (event.addressed, event.text) == (True, "可以退嗎？")
    assert (event.place.channel, event.place.direct, event.sender) == (GROUP, False, USER)


def test_a_mention_is_cut_out_by_utf16_positions():
    """An emoji before the mention counts two, as LINE counts; several mentions all go."""
    assert say("👍🏽 @窗口 退貨 @窗口", us(5, 3), us(12, 3)).text == "👍🏽  退貨"


@pytest.mark.parametrize(
    "mention",
    [None, [], {"mentionees": 1}, {"mentionees": [None, {"isSelf": True, "index": -1, "length": "x"}]}],
)
def test_a_mention_that_makes_no_sense_costs_nothing_of_the_text(mention):
    """The text stays whole."""
    assert read(message={"id": "1", "type": "text", "text": "可以退嗎？", "mention": mention}).text == "可以退嗎？"


def test_a_mention_that_cuts_an_emoji_in_two_leaves_no_half():
    """Wrong positions never leave a lone surrogate, which no database takes."""
    say("👍退貨", us(1, 1)).text.encode()


def test_characters_no_database_takes_are_replaced():
    """NUL and lone surrogates become U+FFFD in every string; positions behind them stay true."""
    event = say("\x00\ud83d@窗口退", us(2, 3), webhookEventId="a\x00b", replyToken="t\ud800")
    assert (event.text, event.id, event.token) == ("\ufffd\ufffd退", "a\ufffdb", "t\ufffd")


@pytest.mark.parametrize(
    ("message", "name", "media_type", "size"),
    [
        ({"type": "image"}, "9.jpg", "image/jpeg", None),
        ({"type": "video", "duration": 60000}, "9.mp4", "video/mp4", None),
        ({"type": "audio"}, "9.m4a", "audio/mp4", None),
        ({"type": "file", "fileName": "報價.pdf", "fileSize": 2138}, "報價.pdf", "application/pdf", 2138),
        ({"type": "file", "fileName": "x.unheard-of"}, "x.unheard-of", "application/octet-stream", None),
    ],
)
def test_what_is_sent_as_a_file_is_an_offer_to_fetch(message, name, media_type, size):
    """The message's id fetches it; name and type are LINE's or what its kind of message implies."""
    event = read(message={"id": "9", **message})
    assert event.kind is Kind.FILE
    assert (event.file.id, event.file.name, event.file.media_type, event.file.bytes) == ("9", name, media_type, size)


def test_a_location_is_its_address():
    """A place somebody sends reads as text, which a form can take."""
    message = {"id": "9", "type": "location", "title": "公司", "address": "台北市信義路五段", "latitude": 25.0}
    assert read(message=message).text == "公司\n台北市信義路五段"
    assert read(message={"id": "9", "type": "location", "latitude": 25.0}).kind is Kind.IGNORED


@pytest.mark.parametrize(
    ("postback", "kind", "data"),
    [
        ({"data": "window=hr"}, Kind.POSTBACK, "window=hr"),
        ({"data": "menu", "params": {"newRichMenuAliasId": "b", "status": "SUCCESS"}}, Kind.POSTBACK, "menu"),
        ({"data": "up:3f1"}, Kind.FEEDBACK, "up:3f1"),
        ({"data": "down:3f1"}, Kind.FEEDBACK, "down:3f1"),
        ({"data": "up:"}, Kind.POSTBACK, "up:"),
        ({"data": "", "params": {"date": "2026-12-25"}}, Kind.IGNORED, ""),
        ({}, Kind.IGNORED, ""),
    ],
)
def test_a_tap_carries_its_data(postback, kind, data):
    """A thumb up or down is feedback; a tap without data is none of ours."""
    event = read(type="postback", postback=postback)
    assert (event.kind, event.data, event.picked, event.addressed) == (kind, data, "", True)


@pytest.mark.parametrize(
    ("params", "picked"),
    [
        ({"date": "2026-12-25"}, "2026-12-25"),
        ({"time": "08:05"}, "08:05"),
        ({"datetime": "2026-12-25T01:00"}, "2026-12-25T01:00"),
        ({"datetime": "2026-12-25t01:00"}, "2026-12-25T01:00"),
        ({"date": "tomorrow"}, ""),
        ({"time": "08:05:00"}, ""),
        ({"datetime": 20261225}, ""),
        ("2026-12-25", ""),
    ],
)
def test_what_was_picked_stands_beside_the_data(params, picked):
    """As ISO 8601 without a zone, which LINE's picker does not have; whatever else stands there is nothing."""
    event = read(type="postback", postback={"data": "fill=starts", "params": params})
    assert (event.kind, event.data, event.picked) == (Kind.POSTBACK, "fill=starts", picked)


def test_what_is_taken_back_or_edited_names_its_message():
    """Unsend has the message's id; an edit has the new text too, without the mention of us."""
    unsent = read(type="unsend", unsend={"messageId": "325708"})
    assert (unsent.kind, unsent.message_id) == (Kind.UNSEND, "325708")
    edited = read(type="messageEdited", message={"id": "7", "type": "text", "text": "改了"})
    assert (edited.kind, edited.message_id, edited.text) == (Kind.EDIT, "7", "改了")


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "standby"},
        {"mode": "something new"},
        {"mode": None},
        {"type": "somethingNew"},
        {"type": ["message"]},
        {"type": "accountLink"},
        {"type": "memberJoined"},
        {"message": {"id": "1", "type": "somethingNew"}},
        {"message": {"type": {}}},
        {"message": "text"},
        {"message": None},
        {"type": "unsend", "unsend": {}},
        {"source": None},
        {"source": {"type": "somethingNew"}},
        {"source": {"type": ["user"]}},
        {"source": {"type": "user"}},
        {"type": "messageEdited", "message": {"type": "text", "text": "no id"}},
    ],
)
def test_what_we_cannot_use_is_ignored_and_brings_no_token(changes):
    """Standby, unknown kinds and broken events are stored as IGNORED; nobody answers them."""
    event = read(**changes)
    assert (event.kind, event.token, event.token_until) == (Kind.IGNORED, "", None)


def test_in_standby_what_is_taken_back_is_forgotten_all_the_same():
    """Another bot answers then, but the person's wish holds for us too."""
    assert read(mode="standby", type="unsend", unsend={"messageId": "1"}).kind is Kind.UNSEND


def test_an_event_without_an_id_gets_the_same_one_each_time():
    """The id is a hash of the event without its delivery context, so that a redelivery is known again."""
    first = read(webhookEventId=None)
    again = read(webhookEventId=None, deliveryContext={"isRedelivery": True})
    other = read(webhookEventId=None, timestamp=1795424400001)
    assert first.id == again.id != other.id
    assert first.id.startswith("sha256:")


@pytest.mark.parametrize(
    ("sent_before", "life"),
    [
        (timedelta(seconds=1), timedelta(seconds=50)),
        (timedelta(minutes=10), timedelta(seconds=50)),
        (timedelta(minutes=19, seconds=40), timedelta(seconds=20)),
        (timedelta(minutes=30), timedelta(minutes=-10)),
    ],
)
def test_a_reply_token_lives_from_receipt_and_never_past_twenty_minutes(sent_before, life):
    """About a minute from receipt, less a margin, also for a redelivered event, until 20 minutes after the event."""
    event = read(timestamp=int((NOW - sent_before).timestamp() * 1000))
    assert event.token == "token"
    assert event.token_until - NOW == life


@pytest.mark.parametrize("timestamp", [None, "soon", True, -1, 10**30, 1.5])
def test_a_time_that_is_none_is_the_time_of_receipt(timestamp):
    """An event always has a time."""
    assert read(timestamp=timestamp).sent_at == NOW


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SHAPE = st.fixed_dictionaries(
    {},
    optional={
        "type": JSON | st.sampled_from(["message", "postback", "unsend", "messageEdited", "follow"]),
        "mode": JSON | st.just("active"),
        "timestamp": JSON,
        "source": JSON | st.just({"type": "user", "userId": USER}),
        "webhookEventId": JSON,
        "replyToken": JSON,
        "message": JSON
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["text", "image", "file", "sticker", "location"])},
            optional=dict.fromkeys(("id", "text", "mention", "fileName", "fileSize", "address"), JSON),
        ),
        "postback": JSON | st.fixed_dictionaries({"data": JSON, "params": JSON}),
        "unsend": JSON,
    },
)


@given(SHAPE)
def test_nothing_that_is_json_makes_the_reader_raise(body):
    """Whatever an event holds, it is read, has an id, and can be stored."""
    event = LineReader(lambda: NOW).read("shop", body)
    assert event.id
    for text in (event.id, event.text, event.data, event.sender, event.token, event.message_id, event.place.channel):
        assert "\x00" not in text
        text.encode()
