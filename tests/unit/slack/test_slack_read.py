import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.accounts import SlackWorkspace
from bots.messages import FileOffer, InboundEvent, Kind, Place
from bots.platforms.slack import SlackReader
from bots.platforms.slack.plain import plain_text

WORKSPACE = SlackWorkspace("a-company", "T111", "secret", "xoxb", "", ("hr",), "hr")
READER = SlackReader([WORKSPACE])


@pytest.fixture(scope="module")
def bodies(public_data):
    return json.loads((public_data / "slack" / "bolt_python_test_bodies.json").read_text(encoding="utf-8"))


def read(body) -> InboundEvent:
    return READER.read("a-company", body)


def callback(event, **more):
    us = [{"team_id": "T111", "user_id": "UBOT", "is_bot": True}]
    return {"type": "event_callback", "team_id": "T111", "event_id": "Ev1", "event": event, "authorizations": us} | more


def said(text, **more):
    event = {"type": "message", "user": "U1", "text": text, "ts": "1595926230.009600", "channel": "C1", "team": "T111"}
    return callback(event | {"channel_type": "channel"} | more)


def test_every_body_of_bolts_own_tests_is_read(bodies):
    """No body that bolt-python is tested with is too odd, and each has an id that it has again."""
    for name, body in bodies.items():
        event = read(body)
        assert event.id, name
        assert read(json.loads(json.dumps(body))) == event


def test_every_recorded_sample_is_read(public_data):
    """Slack's samples of every event and interaction, all fields empty, are read without trouble."""
    samples = sorted((public_data / "slack" / "json-logs").rglob("*.json"))
    assert len(samples) > 80
    for sample in samples:
        assert read(json.loads(sample.read_text(encoding="utf-8"))).id


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["event", "type", "user", "ts", "channel", "actions", "view", "team", "text", "message"]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    )
)
def test_nothing_is_raised_whatever_comes(value):
    """Any JSON below the fields we read becomes an event."""
    for kind in ("message", "app_mention", "app_home_opened", "member_joined_channel"):
        assert read(callback({"type": kind, "subtype": "message_changed", "message": value, "user": value})).id
    for kind in ("block_actions", "view_submission", "shortcut"):
        assert read({"type": kind, "actions": [value], "view": value, "user": value, "team": value}).id


def test_a_mention_is_one_event_whichever_of_its_two_events_comes_first(bodies):
    """app_mention and message of one gesture have different event ids, and the same id with us."""
    mention = bodies["test_app.app_mention_event_body"]
    message = {
        **mention,
        "event_id": "Ev999",
        "event": {**mention["event"], "type": "message"},
        "authed_users": ["W111"],
    }
    first, second = read(mention), read(message)
    assert first.id == second.id == "msg:C111:1595926230.009600"
    for event in (first, second):
        assert (event.kind, event.text, event.addressed) == (Kind.MESSAGE, "Hi there!", True)
        assert event.place == Place("slack", "a-company", "C111", direct=False, thread="1595926230.009600")
    assert first.sent_at == datetime(2020, 7, 28, 8, 50, 30, 9600, tzinfo=UTC)


def test_talk_in_a_channel_that_does_not_mention_us_is_not_addressed_to_us():
    """Neither at the top of a channel nor in a thread; in a thread the conversation decides."""
    assert read(said("午餐吃什麼？")).addressed is False
    below = read(said("那特休呢？", thread_ts="1595926000.000100"))
    assert (below.addressed, below.place.thread) == (False, "1595926000.000100")


def test_a_direct_message_is_addressed_and_answered_beside_it():
    """Its place has no thread, unless the person writes inside one."""
    event = read(said("特休有幾天？", channel="D1", channel_type="im"))
    assert (event.addressed, event.place) == (True, Place("slack", "a-company", "D1", direct=True))
    inside = read(said("那病假？", channel="D1", channel_type="im", thread_ts="1595926000.000100"))
    assert inside.place.thread == "1595926000.000100"


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B1"},
        {"user": "UBOT"},
        {"user": "USLACKBOT"},
        {"subtype": "channel_join"},
        {"hidden": True},
        {"subtype": "bot_message", "user": ""},
        {"ts": ""},
    ],
)
def test_what_no_person_said_is_ignored(event):
    """Bots, ourselves, and Slack's own notes of a channel are stored and not answered."""
    assert read(said("<@UBOT> hi", **event)).kind == Kind.IGNORED


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("<@UBOT> 特休有幾天？", "特休有幾天？"),
        ("請問 <@UBOT>, 特休", "請問 特休"),
        ("問 <@U2|阿明> 或 <@U3>", "問 @阿明 或 @U3"),
        ("在 <#C9|general> 和 <#C8>", "在 #general 和 #C8"),
        ("<!here> <!subteam^S1|@hr> <!date^1^{date}|昨天>", "@here @hr 昨天"),
        (
            "<https://a.example/x> <https://a.example|A> <mailto:a@b.example|a@b.example>",
            "https://a.example/x A (https://a.example) a@b.example",
        ),
        ("1 &lt; 2 &amp;amp; 3 &gt; 2", "1 < 2 &amp; 3 > 2"),
        ("a\x00b\ud800c", "abc"),
    ],
)
def test_slacks_markup_becomes_what_people_read(sent, shown):
    """Mentions, channels, links and escapes are plain text, and we are not in it."""
    assert plain_text(sent, {"UBOT"}) == shown


def test_a_shared_file_comes_with_its_text():
    """The first file, with the words beside it."""
    files = [{"id": "F1", "name": "scan.png", "mimetype": "image/png", "size": 42706}, {"id": "F2"}]
    event = read(said("這張 <@UBOT>", subtype="file_share", files=files))
    assert (event.kind, event.text, event.addressed) == (Kind.FILE, "這張", True)
    assert event.file == FileOffer("F1", "scan.png", "image/png", 42706)


def test_an_edit_has_the_new_words_and_the_same_message(bodies):
    """Only a person's other words are an edit: links that unfold and new replies change a message too."""
    event = read(bodies["test_message_changed.event_payload"])
    assert (event.kind, event.text, event.message_id) == (Kind.EDIT, "updated message", "1665102338.901939")
    now = {"type": "message", "user": "U1", "text": "same", "ts": "1.1", "edited": {"user": "U1", "ts": "2.2"}}
    unfolded = said("", subtype="message_changed", message={**now, "attachments": [{}]}, previous_message=now)
    assert read(unfolded).kind == Kind.IGNORED


def test_a_message_taken_back_is_named(bodies):
    """Also if it had replies, of which Slack tells by a tombstone; our own are no matter."""
    event = read(bodies["test_message_deleted.event_payload"])
    assert (event.kind, event.message_id, event.place.channel) == (Kind.UNSEND, "1665368619.804829", "C111")
    mine = {"type": "message", "user": "U1", "text": "oops", "ts": "1.1", "thread_ts": "1.1"}
    grave = {"type": "message", "user": "USLACKBOT", "subtype": "tombstone", "ts": "1.1", "thread_ts": "1.1"}
    event = read(said("", subtype="message_changed", message=grave, previous_message=mine))
    assert (event.kind, event.message_id, event.place.thread) == (Kind.UNSEND, "1.1", "1.1")
    ours = said("", subtype="message_deleted", deleted_ts="1.1", previous_message={**mine, "bot_id": "B1"})
    assert read(ours).kind == Kind.IGNORED


def test_a_person_of_another_company_has_the_company_in_their_id():
    """So that no identity of ours matches: in shared channels, and when they tap."""
    assert read(said("<@UBOT> hi", user_team="T999", team="T999")).sender == "T999/U1"
    tap = {
        "type": "block_actions",
        "team": {"id": "T111"},
        "user": {"id": "U1", "team_id": "T999"},
        "channel": {"id": "C1"},
        "actions": [{"action_id": "x", "value": "say:hi", "action_ts": "1.1"}],
    }
    assert read(tap).sender == "T999/U1"
    assert read(said("<@UBOT> hi")).sender == "U1"


def test_our_coming_and_going_is_told_and_others_is_not(bodies):
    """JOIN and LEAVE are about us."""
    us = {"type": "member_joined_channel", "user": "UBOT", "channel": "C1", "inviter": "U1"}
    assert (read(callback(us)).kind, read(callback(us)).sender) == (Kind.JOIN, "U1")
    assert read(callback({**us, "type": "member_left_channel"})).kind == Kind.LEAVE
    assert read(callback({"type": "channel_left", "channel": "C1"})).kind == Kind.LEAVE
    assert read(bodies["test_events.join_event_body"]).kind == Kind.IGNORED
    assert read(bodies["test_events.app_uninstalled_body"]).kind == Kind.IGNORED


def test_the_app_home_and_the_first_talk_are_told_apart():
    """The home tab is HOME; the messages tab is how a talk begins."""
    event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    assert (read(callback(event)).kind, read(callback(event)).sender) == (Kind.HOME, "U1")
    assert read(callback({**event, "tab": "messages"})).kind == Kind.FOLLOW
    assert read(callback({**event, "tab": "about"})).kind == Kind.IGNORED


def tap(value, **more):
    action = {"action_id": "choice-0", "type": "button", "value": value, "action_ts": "1596530385.194939"}
    container = {"type": "message", "message_ts": "1.2", "channel_id": "C1", "thread_ts": "1.1"}
    who = {"type": "block_actions", "team": {"id": "T111"}, "user": {"id": "U1", "team_id": "T111"}}
    return who | {"container": container, "channel": {"id": "C1"}, "trigger_id": "9.9", "actions": [action]} | more


def test_a_tap_says_its_words_or_sends_its_data():
    """say: is a message, up: and down: are feedback, all else is data; the id is the same when Slack sends it again."""
    event = read(tap("say:運費怎麼算？"))
    assert (event.kind, event.text, event.data, event.trigger) == (Kind.MESSAGE, "運費怎麼算？", "", "9.9")
    assert event.id == "act:1596530385.194939:U1:choice-0"
    assert event.place == Place("slack", "a-company", "C1", direct=False, thread="1.1")
    assert (read(tap("late:7")).kind, read(tap("late:7")).data) == (Kind.POSTBACK, "late:7")
    assert (read(tap("down:d-1")).kind, read(tap("down:d-1")).data) == (Kind.FEEDBACK, "down:d-1")
    assert read(tap("")).kind == Kind.IGNORED  # a button that opens an address


def test_a_tap_in_the_app_home_is_answered_by_direct_message():
    """There the place is the person."""
    event = read(tap("say:特休？", container={"type": "view", "view_id": "V1"}, channel=None))
    assert event.place == Place("slack", "a-company", "U1", direct=True)


def test_a_slash_command_is_a_message_in_the_persons_direct_messages():
    """With nothing after it there is nothing to answer."""
    command = {
        "command": "/transom",
        "text": "特休有幾天？",
        "user_id": "U1",
        "team_id": "T111",
        "trigger_id": "1.2.3",
        "channel_id": "C1",
        "transom_received": 1595926230,
    }
    event = read(command)
    assert (event.id, event.kind, event.text) == ("cmd:1.2.3", Kind.MESSAGE, "特休有幾天？")
    assert (event.place.channel, event.place.direct, event.sender) == ("U1", True, "U1")
    assert event.sent_at == datetime(2020, 7, 28, 8, 50, 30, tzinfo=UTC)
    assert read({**command, "text": " "}).kind == Kind.IGNORED


def pick(kind, data="fill=starts", **picked):
    return tap("", actions=[{"action_id": f"pick:{data}", "type": kind, "action_ts": "1.5", **picked}])


@pytest.mark.parametrize(
    ("kind", "given", "picked"),
    [
        ("datepicker", {"selected_date": "2026-05-12"}, "2026-05-12"),
        ("timepicker", {"selected_time": "09:30"}, "09:30"),
        ("datetimepicker", {"selected_date_time": 1778547600}, "2026-05-12T09:00"),
    ],
)
def test_what_was_picked_stands_beside_the_data(kind, given, picked):
    """A moment as the time of day it is in the company's zone."""
    event = read(pick(kind, **given))
    assert (event.kind, event.data, event.picked) == (Kind.POSTBACK, "fill=starts", picked)
    assert event.id == "act:1.5:U1:pick:fill=starts"


def test_a_moment_is_one_of_the_companys_zone():
    """Wherever the person's Slack is."""
    reader = SlackReader([WORKSPACE], zone=ZoneInfo("Europe/Vienna"))
    event = reader.read("a-company", pick("datetimepicker", selected_date_time=1778547600))
    assert event.picked == "2026-05-12T03:00"


@pytest.mark.parametrize(
    "given",
    [
        {"selected_date": None},
        {"selected_time": 9},
        {"selected_date_time": True},
        {"selected_date_time": 10**30},
        {"selected_date_time": "1778547600"},
        {"value": "fill=starts"},
    ],
)
def test_a_picker_that_was_cleared_says_nothing(given):
    """Nor does one that tells no date or time."""
    assert read(pick("datepicker", **given)).kind == Kind.IGNORED


def test_a_tap_that_has_opened_a_form_is_followed_by_nothing():
    """The same event, so that it is known again; only our own mark makes it so."""
    body = tap("form=hr/leave")
    opened = read({**body, "transom_opened": True})
    assert (opened.kind, opened.id) == (Kind.IGNORED, read(body).id)
    assert read({**body, "transom_opened": "yes"}).kind == Kind.POSTBACK


def handed_in(values, metadata='{"form": "hr/leave", "channel": "D1", "language": "en"}', **view):
    state = {name: {name: element} for name, element in values.items()}
    about = {"id": "V1", "callback_id": "form", "private_metadata": metadata, "state": {"values": state}} | view
    return {"type": "view_submission", "team": {"id": "T111"}, "user": {"id": "U1", "team_id": "T111"}, "view": about}


FILLED = {
    "reason": {"type": "plain_text_input", "value": " 回南部\n探親 "},
    "days": {"type": "number_input", "value": "2.5"},
    "kind": {"type": "static_select", "selected_option": {"text": {}, "value": "特休"}},
    "half": {"type": "radio_buttons", "selected_option": {"value": "上午"}},
    "with": {"type": "checkboxes", "selected_options": [{"value": "A0101"}, {"value": "A0102"}]},
    "on": {"type": "datepicker", "selected_date": "2026-05-12"},
    "at": {"type": "timepicker", "selected_time": "09:30"},
    "starts": {"type": "datetimepicker", "selected_date_time": 1778547600},
    "proof": {"type": "file_input", "files": [{"id": "F1"}]},  # none of our modals has one
    "none": {"type": "plain_text_input", "value": None},
    "nobody": {"type": "multi_static_select", "selected_options": []},
    "odd": {"type": "of tomorrow", "value": ["x"]},
}


def test_a_form_that_is_handed_in_is_one_event_with_its_values():
    """Every kind of element as text, dates as ISO 8601; what was left out is not there."""
    event = read(handed_in(FILLED))
    assert (event.kind, event.data, event.sender, event.language) == (Kind.SUBMIT, "hr/leave", "U1", "en")
    assert event.values == {
        "reason": "回南部\n探親",
        "days": "2.5",
        "kind": "特休",
        "half": "上午",
        "with": ("A0101", "A0102"),
        "on": "2026-05-12",
        "at": "09:30",
        "starts": "2026-05-12T09:00",
    }
    assert event.place == Place("slack", "a-company", "D1", direct=True)


def test_the_same_form_handed_in_again_is_the_same_event():
    """Whenever it comes; corrected it is another, and so is that of another modal."""
    first = read(handed_in(FILLED))
    again = read({**handed_in(FILLED, hash="2.2"), "transom_received": 1595926230, "trigger_id": "1.2"})
    assert again.id == first.id
    corrected = {**FILLED, "days": {"type": "number_input", "value": "3"}}
    assert read(handed_in(corrected)).id != first.id
    assert read(handed_in(FILLED, id="V2")).id != first.id


@pytest.mark.parametrize(
    ("metadata", "place"),
    [
        ('{"form": "hr/leave"}', Place("slack", "a-company", "U1", direct=True)),
        ('{"form": "hr/leave", "thread": "1.1"}', Place("slack", "a-company", "U1", direct=True)),
        ('{"form": "x", "channel": "D1", "thread": "1.1"}', Place("slack", "a-company", "D1", True, "1.1")),
        ("{", None),
        ("[]", None),
        ('{"channel": "D1"}', None),
        ("", None),
    ],
)
def test_a_form_is_answered_where_it_was_opened_or_in_private(metadata, place):
    """A modal that remembers no form is none of ours."""
    event = read(handed_in(FILLED, metadata))
    assert (event.kind, event.place) == ((Kind.SUBMIT, place) if place else (Kind.IGNORED, event.place))
