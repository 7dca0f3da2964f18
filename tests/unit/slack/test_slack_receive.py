import io
import json
from dataclasses import replace

import pytest
from fakes.slack import signed
from flask import Flask

from bots.messages import Kind
from bots.platforms.slack import SlackEvents, SlackReader

from .conftest import CHANNEL, PERSON, TEAM, Door


def test_a_signed_event_is_stored_and_acknowledged(slack, post, inbox):
    """200 with an empty body, and the event is in the inbox with the JSON it was read from."""
    request = slack.events.mention(TEAM, CHANNEL, PERSON, "特休有幾天？")[0]
    answer = post(request)
    assert (answer.status_code, answer.data) == (200, b"")
    (arrival,) = inbox.kept.values()
    assert (arrival.event.kind, arrival.event.text) == (Kind.MESSAGE, "特休有幾天？")
    assert json.loads(arrival.body)["event"] == request.payload["event"]
    assert "verification-token" not in arrival.body


def test_both_events_of_a_mention_and_every_redelivery_are_one(slack, post, inbox):
    """A header that says it is a retry changes nothing: the first may have been lost."""
    for request in slack.events.mention(TEAM, CHANNEL, PERSON, "特休有幾天？"):
        for number in range(3):
            assert post(request, X_Slack_Retry_Num=str(number), X_Slack_Retry_Reason="http_timeout").status_code == 200
    assert len(inbox.events) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Slack_Signature": "v0=" + "0" * 64},
        {"X_Slack_Signature": ""},
        {"X_Slack_Signature": "v0=café"},
        {"X_Slack_Request_Timestamp": ""},
        {"X_Slack_Request_Timestamp": "yesterday"},
        {"X_Slack_Request_Timestamp": "１２３"},
        {"X_Slack_Request_Timestamp": "9" * 30},
        {"X_Slack_Request_Timestamp": "-5"},
    ],
)
def test_what_is_not_signed_is_refused(slack, post, inbox, headers):
    """A signature that is wrong or missing, and a time that is none."""
    request = slack.events.message(TEAM, CHANNEL, PERSON, "hi")
    assert post(request, **headers).status_code == 401
    assert inbox.kept == {}


def test_a_request_without_any_signature_is_refused(client, inbox):
    """As strangers send it."""
    assert client.post("/slack/events", json={"type": "event_callback"}).status_code == 401
    assert inbox.kept == {}


@pytest.mark.parametrize(("age", "status"), [(299, 200), (301, 401), (-299, 200), (-301, 401)])
def test_a_signature_is_good_for_five_minutes(slack, client, clock, age, status):
    """An older one may be a recording; one from the future is none of Slack's."""
    request = slack.events.message(TEAM, CHANNEL, PERSON, "hi")
    proof = signed(request.secret, request.body, clock().timestamp() - age)
    answer = client.post("/slack/events", data=request.body, content_type=request.content_type, headers=proof)
    assert answer.status_code == status


def test_one_workspaces_secret_is_no_key_to_another(slack, post, workspace, receiver, inbox):
    """The team that the body names must be one whose secret has signed it."""
    request = slack.events.message(TEAM, CHANNEL, PERSON, "hi")
    foreign = json.dumps({**request.payload, "team_id": "T0002", "authorizations": []}).encode()
    assert post.raw(foreign, request.secret).status_code == 401
    assert inbox.kept == {}


def test_a_workspace_without_a_signing_secret_is_signed_for_by_nobody(slack, workspace, inbox, clock):
    """It uses Socket Mode; the others beside it are received as ever."""
    without = replace(workspace, name="b-company", team="T0002", signing_secret="")
    app = Flask(__name__)
    app.register_blueprint(SlackEvents([without, workspace], inbox, SlackReader([workspace]), clock=clock).blueprint())
    door = Door(app.test_client(), clock)
    assert door(slack.events.message(TEAM, CHANNEL, PERSON, "hi")).status_code == 200
    assert door.raw(b'{"team_id": "T0002"}', "").status_code == 401


def test_slacks_first_question_about_an_address_is_answered(slack, post, inbox):
    """The challenge comes back, but only if the request is signed; nothing is stored."""
    request = slack.interactions.url_verification(TEAM, "abc")
    assert post(request).json == {"challenge": "abc"}
    assert post(request, X_Slack_Signature="v0=0").status_code == 401
    assert inbox.kept == {}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"",
        b"null",
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
)
def test_a_body_that_is_no_object_is_refused(post, slack, inbox, body):
    """400, also for JSON nested without end."""
    assert post.raw(body, f"secret-of-{TEAM}").status_code == 400
    assert inbox.kept == {}


def test_bytes_that_are_no_text_are_refused(post, inbox, slack):
    """Slack signs text."""
    assert post.raw(b"{}", f"secret-of-{TEAM}", X_Slack_Signature="v0=" + "é").status_code == 401
    assert inbox.kept == {}


def test_a_body_beyond_ten_megabytes_is_not_read(client, inbox):
    """Its length is enough to refuse it: the stream is never touched."""

    class Untouchable:
        def read(self, *_):
            raise AssertionError("the body was read")

    told = {"wsgi.input": Untouchable(), "CONTENT_LENGTH": str(11 * 1024 * 1024)}
    assert client.post("/slack/events", environ_overrides=told).status_code == 413
    assert inbox.kept == {}


def test_a_body_of_unknown_length_is_read_to_ten_megabytes(client, inbox):
    """Sent in pieces, without a Content-Length."""
    stream = io.BytesIO(b" " * (11 * 1024 * 1024))
    told = {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert client.post("/slack/events", environ_overrides=told).status_code == 413
    assert stream.tell() <= 10 * 1024 * 1024 + 1


def test_an_event_nobody_knows_is_stored_and_acknowledged(slack, post, inbox):
    """404 would invite Slack to send it again."""
    assert post(slack.events.unknown(TEAM)).status_code == 200
    assert inbox.events[0].kind == Kind.IGNORED


def test_what_cannot_be_stored_is_not_acknowledged(slack, post, inbox):
    """503, so that Slack sends it again; then it is stored."""
    request = slack.events.message(TEAM, CHANNEL, PERSON, "hi")
    inbox.broken = True
    assert post(request).status_code == 503
    inbox.broken = False
    assert post(request).status_code == 200
    assert len(inbox.events) == 1


def test_characters_no_database_takes_are_not_in_what_is_kept(post, inbox, slack):
    """NUL and half a surrogate pair; a backslash before u0000 that is text stays."""
    request = slack.events.message(TEAM, CHANNEL, PERSON, "hi").changed(note="a\x00b\\u0000 c")
    assert post.raw(json.dumps({**request.payload, "odd": "x\ud800"}).encode(), request.secret).status_code == 200
    (arrival,) = inbox.kept.values()
    kept = json.loads(arrival.body)
    assert (kept["note"], kept["odd"]) == ("ab\\u0000 c", "x\ufffd")


def test_a_slash_command_is_acknowledged_to_the_person_alone(slack, post, inbox):
    """In the language of the question; without one, with how to write it."""
    ask = slack.interactions.slash_command
    answer = post(ask(TEAM, CHANNEL, PERSON, "/transom", "特休有幾天？"))
    assert answer.json == {"response_type": "ephemeral", "text": "收到，回答會送到您和我的私訊裡。"}
    assert post(ask(TEAM, CHANNEL, PERSON, "/transom", "leave days?")).json["text"].startswith("Got it.")
    assert "/transom 特休有幾天？" in post(ask(TEAM, CHANNEL, PERSON, "/transom")).json["text"]
    assert [event.kind for event in inbox.events] == [Kind.MESSAGE, Kind.MESSAGE, Kind.IGNORED]
    assert inbox.events[0].sent_at.timestamp() == 1763888400 + 365 * 86400


def test_a_shortcut_opens_the_modal_at_once_and_its_submission_is_a_message(slack, post, inbox):
    """The modal asks for a question and, if one likes, a window; it closes when the question is stored."""
    request = slack.interactions.shortcut(TEAM, PERSON, "ask")
    assert post(request).data == b""
    post(request)  # sent again: one modal
    (view,) = slack.views
    assert len(slack.calls_of("views.open")) == 1
    options = view.payload["blocks"][1]["element"]["options"]
    assert [(option["text"]["text"], option["value"]) for option in options] == [("人資窗口", "hr"), ("it", "it")]
    values = {
        "question": {"question": {"type": "plain_text_input", "value": "特休有幾天？"}},
        "window": {"window": {"type": "static_select", "selected_option": {"value": "it"}}},
    }
    submitted = slack.interactions.submit(view.id, values)
    assert post(submitted).data == b""
    asked = inbox.events[-1]
    assert (asked.kind, asked.text, asked.window, asked.place.channel) == (Kind.MESSAGE, "特休有幾天？", "it", PERSON)
    assert asked.id == f"view:{view.id}:{view.hash}"


def test_an_empty_question_keeps_the_modal_open(slack, post, inbox):
    """The person is told what is missing."""
    post(slack.interactions.shortcut(TEAM, PERSON, "ask"))
    values = {"question": {"question": {"value": "  "}}}
    answer = post(slack.interactions.submit(slack.views[0].id, values))
    assert answer.json == {"response_action": "errors", "errors": {"question": "請先寫下問題。"}}
    assert inbox.events[-1].kind == Kind.IGNORED


def test_a_message_shortcut_takes_the_message_along(slack, post):
    """The modal begins with its words."""
    slack.events.message(TEAM, CHANNEL, PERSON, "請問 &lt;特休&gt;")
    post(slack.interactions.message_shortcut(slack.messages[0], PERSON, "ask_about"))
    assert slack.views[0].payload["blocks"][0]["element"]["initial_value"] == "請問 <特休>"


@pytest.mark.parametrize("kind", ["drop_before", "error_before", "rate_limited"])
def test_trouble_with_the_modal_does_not_fail_the_acknowledgement(slack, post, inbox, kind):
    """What Slack hears does not depend on what Slack can do."""
    slack.faults.add("views.open", kind)
    assert post(slack.interactions.shortcut(TEAM, PERSON, "ask")).status_code == 200
    assert len(inbox.events) == 1


def test_a_tap_is_acknowledged_with_nothing(slack, post, inbox):
    """A body would replace the message."""
    slack.events.message(TEAM, CHANNEL, PERSON, "hi")
    message = slack.state.change(
        slack.messages[0],
        blocks=({"type": "actions", "elements": [{"type": "button", "action_id": "choice-0", "value": "late:7"}]},),
    )
    assert post(slack.interactions.click(message, PERSON, "choice-0")).data == b""
    assert (inbox.events[0].kind, inbox.events[0].data) == (Kind.POSTBACK, "late:7")


def test_workspaces_that_share_an_app_are_told_apart(slack, workspace, inbox, clock):
    """One socket and one secret for both: the team decides, and a third one is nobody's."""
    other = replace(workspace, name="b-company", team="T0002", bot_token="xoxb-T0002")
    both = SlackEvents([workspace, other], inbox, SlackReader([workspace, other]), slack.api_url, clock)
    slack.add_workspace("T0002")
    slack.add_user("T0002", "U0002")
    slack.add_channel("T0002", "C0002", members=["U0002"])
    request = slack.events.message("T0002", "C0002", "U0002", "hi")
    assert both.take(workspace, request.payload).status == 200
    assert inbox.events[0].place.account == "b-company"
    stranger = {**request.payload, "team_id": "T0003", "authorizations": []}
    assert both.take(workspace, stranger).status == 401
    alone = replace(workspace, app_token="")
    assert SlackEvents([alone, other], inbox, SlackReader([alone, other])).take(alone, request.payload).status == 401
