"""The fake Slack keeps what it is told, refuses what Slack refuses, and fails where a test wants it to."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
from fakes.slack import SlackServer, slack_server
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

QUESTION = "How many days of leave do I have?"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Fifteen days."}}
METADATA = {"event_type": "transom_delivery", "event_payload": {"delivery": "d-1"}}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Leave"}, "blocks": [SECTION]}
HOME = {"type": "home", "blocks": [SECTION]}


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def methods(public_data: Path) -> Path:
    return public_data / "slack" / "methods"


@pytest.fixture
def slack(methods: Path, clock: Clock) -> Iterator[SlackServer]:
    """A workspace with Mei, her talk with the bot (D1), and a channel (C1) with Mei and Bo."""
    with slack_server(methods, clock=clock) as server:
        fill(server)
        yield server


def fill(server: SlackServer) -> None:
    server.add_workspace("T1")
    server.add_user("T1", "U1", email="mei@acme.example")
    server.add_user("T1", "U2", email="bo@acme.example")
    server.add_channel("T1", "D1", members=["U1"], is_im=True)
    server.add_channel("T1", "C1", "general", members=["U1", "U2"])


@pytest.fixture
def web(slack: SlackServer) -> WebClient:
    return WebClient("xoxb-T1", base_url=slack.api_url, retry_handlers=[])


def refusal(method: Any, **args: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        method(**args)
    return str(refused.value.response["error"])


def get(url: str, token: str = "") -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:
        return answer.status, answer.read()


def post(url: str, **fields: Any) -> tuple[int, bytes]:
    body = json.dumps(fields).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_posted_message_is_kept_once_and_returned(slack: SlackServer, web: WebClient) -> None:
    """A posted message stands in ``messages`` exactly once, with its blocks and metadata."""
    answer = web.chat_postMessage(channel="C1", text="Fifteen", blocks=[SECTION], metadata=METADATA)
    (message,) = slack.messages
    assert (message.ts, message.channel, message.text) == (answer["ts"], "C1", "Fifteen")
    assert message.metadata == METADATA
    assert message.blocks[0]["text"] == SECTION["text"]
    assert answer["message"]["bot_id"] == "B1"
    assert slack.violations == []


def test_a_wrong_token_is_refused(slack: SlackServer) -> None:
    """An unknown token gets invalid_auth, none at all not_authed; nothing is posted."""
    assert (
        refusal(WebClient("xoxb-x", base_url=slack.api_url).chat_postMessage, channel="C1", text="x") == "invalid_auth"
    )
    assert refusal(WebClient(base_url=slack.api_url).auth_test) == "not_authed"
    assert slack.messages == ()


def test_workspaces_are_apart(slack: SlackServer, web: WebClient) -> None:
    """A token sees its own team's channels and people only."""
    slack.add_workspace("T2")
    slack.add_channel("T2", "C2")
    assert refusal(web.chat_postMessage, channel="C2", text="x") == "channel_not_found"
    assert WebClient("xoxb-T2", base_url=slack.api_url).auth_test()["team_id"] == "T2"
    assert refusal(web.users_info, user="UBOT2") == "user_not_found"


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([{**SECTION, "text": {"type": "mrkdwn", "text": "x" * 3001}}], "less than 3001"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "less than 151"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type"),
        ([{"type": "section", "fields": [SECTION["text"]] * 11}], "no more than 10"),
        ([{"type": "section"}], "text or fields"),
        ([{"type": "context", "elements": [SECTION["text"]] * 11}], "no more than 10"),
        ([SECTION] * 51, "no more than 50"),
        ([{"type": "markdown", "text": "x" * 6001}] * 2, "12001 characters together"),
        ([{**SECTION, "colour": "red"}], "invalid additional property"),
        ([{"type": "wall"}], "unsupported type"),
        ([{**SECTION, "block_id": "same"}] * 2, "already exists"),
    ],
)
def test_blocks_beyond_the_limits_are_refused(
    slack: SlackServer, web: WebClient, blocks: list[dict[str, Any]], said: str
) -> None:
    """Blocks that Slack refuses get invalid_blocks, are not posted, and are recorded as a violation."""
    assert refusal(web.chat_postMessage, channel="C1", text="x", blocks=blocks) == "invalid_blocks"
    assert slack.messages == ()
    (violation,) = slack.violations
    assert said in violation.details[0]


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, **fields}


@pytest.mark.parametrize(
    "elements",
    [
        [button(action_id=str(number)) for number in range(26)],
        [button(text={"type": "plain_text", "text": "x" * 76})],
        [button(value="x" * 2001)],
        [button(action_id="x" * 256)],
        [button(), button()],
        [button(style="loud")],
        [{"type": "static_select", "options": [{"text": {"type": "plain_text", "text": "x" * 76}, "value": "x"}]}],
        [{"type": "static_select"}],
        [{"type": "plain_text_input"}],
    ],
)
def test_actions_beyond_the_limits_are_refused(web: WebClient, elements: list[dict[str, Any]]) -> None:
    """Too many, too long, repeated or misplaced elements get invalid_blocks."""
    blocks = [{"type": "actions", "elements": elements}]
    assert refusal(web.chat_postMessage, channel="C1", text="x", blocks=blocks) == "invalid_blocks"


def test_blocks_within_the_limits_pass(slack: SlackServer, web: WebClient) -> None:
    """Every limit can be reached."""
    option = {"text": {"type": "plain_text", "text": "x" * 75}, "value": "v" * 150}
    feedback = {"text": {"type": "plain_text", "text": "Good"}, "value": "good"}
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}, "accessory": button(value="v" * 2000)},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150, "emoji": True}},
        {"type": "actions", "elements": [button(action_id=str(number)) for number in range(25)]},
        {"type": "actions", "elements": [{"type": "static_select", "options": [option], "action_id": "s"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10},
        {
            "type": "context_actions",
            "elements": [
                {"type": "feedback_buttons", "action_id": "f", "positive_button": feedback, "negative_button": feedback}
            ],
        },
        {"type": "divider"},
        {"type": "markdown", "text": "**x**"},
    ]
    web.chat_postMessage(channel="C1", text="x" * 40_000, blocks=blocks)
    assert slack.violations == []


def test_a_message_too_long_altogether_is_refused(web: WebClient) -> None:
    """Blocks that each pass can be too long together, and text and updates have limits of their own."""
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    assert refusal(web.chat_postMessage, channel="C1", text="x", blocks=[long] * 5) == "msg_blocks_too_long"
    assert refusal(web.chat_postMessage, channel="C1", text="x" * 40_001) == "msg_too_long"
    ts = web.chat_postMessage(channel="C1", text="x")["ts"]
    assert refusal(web.chat_update, channel="C1", ts=ts, text="x" * 4001) == "msg_too_long"


def test_arguments_are_held_to_their_description(slack: SlackServer, web: WebClient) -> None:
    """A missing or mistyped argument is refused; one that Slack does not know passes and is recorded."""
    assert refusal(web.api_call, api_method="chat.postMessage", json={"text": "x"}) == "invalid_arguments"
    assert refusal(web.api_call, api_method="chat.postMessage", json={"channel": 1, "text": "x"}) == "invalid_arguments"
    assert refusal(web.api_call, api_method="chat.postMessage", json={"channel": "C1"}) == "no_text"
    assert refusal(web.api_call, api_method="chat.postMassage") == "unknown_method"
    slack.violations.clear()
    web.api_call("chat.postMessage", json={"channel": "C1", "text": "x", "client_msg_id": "1"})
    assert [(v.error, v.details) for v in slack.violations] == [("unknown_argument", ("client_msg_id",))]


def test_metadata_needs_its_two_fields(web: WebClient) -> None:
    """Metadata without event_payload is refused."""
    wrong = {"event_type": "x"}
    answer = refusal(
        web.api_call, api_method="chat.postMessage", json={"channel": "C1", "text": "x", "metadata": wrong}
    )
    assert answer == "invalid_metadata_schema"


def test_forms_and_json_say_the_same(slack: SlackServer, web: WebClient) -> None:
    """Arguments in a form, with JSON inside, are read like those in a JSON body."""
    args = {"channel": "C1", "text": "x", "blocks": json.dumps([SECTION]), "unfurl_links": "false"}
    web.api_call("chat.postMessage", data=args)
    web.api_call("chat.postMessage", json={**args, "blocks": [SECTION], "unfurl_links": False})
    first, second = slack.messages
    assert first.blocks[0]["text"] == second.blocks[0]["text"] == SECTION["text"]


def test_a_thread_shows_question_and_answer(slack: SlackServer, web: WebClient) -> None:
    """What a person writes and the app answers stands in conversations.replies; metadata only if asked for."""
    ts = slack.events.message("T1", "C1", "U1", QUESTION).ts
    web.chat_postMessage(channel="C1", text="Fifteen", thread_ts=ts, metadata=METADATA)
    root, reply = web.conversations_replies(channel="C1", ts=ts, include_all_metadata=True)["messages"]
    assert (root["user"], root["text"], root["reply_count"]) == ("U1", QUESTION, 1)
    assert (reply["bot_id"], reply["thread_ts"], reply["metadata"]) == ("B1", ts, METADATA)
    assert "metadata" not in web.conversations_replies(channel="C1", ts=ts)["messages"][1]
    assert [m["ts"] for m in web.conversations_history(channel="C1")["messages"]] == [ts]
    assert refusal(web.conversations_replies, channel="C1", ts="1.000001") == "thread_not_found"


def test_pages_lead_to_the_end(slack: SlackServer, web: WebClient) -> None:
    """With a limit, cursors lead through all messages once."""
    sent = [slack.events.message("T1", "C1", "U1", str(number)).ts for number in range(5)]
    pages = web.conversations_history(channel="C1", limit=2)
    assert [message["ts"] for page in pages for message in page["messages"]] == sent[::-1]


def test_an_update_changes_own_messages_only(slack: SlackServer, web: WebClient) -> None:
    """Text takes old blocks away, metadata stays, and others' or lost messages are refused."""
    ts = web.chat_postMessage(channel="C1", text="…", blocks=[SECTION], metadata=METADATA)["ts"]
    web.chat_update(channel="C1", ts=ts, text="Done")
    (message,) = slack.messages
    assert (message.text, message.blocks, message.metadata) == ("Done", (), METADATA)
    assert message.edited
    theirs = slack.events.message("T1", "C1", "U1", "mine").ts
    assert refusal(web.chat_update, channel="C1", ts=theirs, text="x") == "cant_update_message"
    assert refusal(web.chat_update, channel="C1", ts="1.000001", text="x") == "message_not_found"


def test_a_deleted_root_leaves_a_tombstone(slack: SlackServer, web: WebClient) -> None:
    """A deleted message is gone, a root with replies is a tombstone; a reply to what is gone stands in no thread."""
    lonely, root = (slack.events.message("T1", "C1", "U1", text).ts for text in ("a", "b"))
    web.chat_postMessage(channel="C1", text="x", thread_ts=root)
    assert slack.events.deleted("T1", "C1", lonely).payload["event"]["subtype"] == "message_deleted"
    assert slack.events.deleted("T1", "C1", root).payload["event"]["message"]["subtype"] == "tombstone"
    assert "thread_ts" not in web.chat_postMessage(channel="C1", text="late", thread_ts=lonely)["message"]
    assert slack.violations == []


def test_channels_have_doors(slack: SlackServer, web: WebClient) -> None:
    """Where the bot is no member, where the channel is private or archived, nothing is posted."""
    slack.add_channel("T1", "C2", bot=False)
    slack.add_channel("T1", "G2", is_private=True, bot=False)
    slack.add_channel("T1", "C3", archived=True)
    refusals = [refusal(web.chat_postMessage, channel=channel, text="x") for channel in ("C2", "G2", "C3")]
    assert refusals == ["not_in_channel", "channel_not_found", "is_archived"]
    listed = web.conversations_list(types="public_channel,private_channel", exclude_archived=True)["channels"]
    assert {channel["id"] for channel in listed} == {"C1", "C2"}


def test_ephemeral_messages_are_seen_by_one(slack: SlackServer, web: WebClient) -> None:
    """An ephemeral message is in no conversation, and needs its reader in the channel."""
    web.chat_postEphemeral(channel="C1", user="U1", text="psst")
    assert ([m.ephemeral_for for m in slack.ephemerals], slack.messages) == (["U1"], ())
    slack.add_user("T1", "U9")
    assert refusal(web.chat_postEphemeral, channel="C1", user="U9", text="psst") == "user_not_in_channel"


def test_a_stream_grows_and_ends(slack: SlackServer, web: WebClient) -> None:
    """Pieces add up to one message, which takes blocks and metadata when it is stopped, and no more pieces after."""
    ts = slack.events.message("T1", "D1", "U1", QUESTION).ts
    stream = web.chat_startStream(channel="D1", thread_ts=ts, markdown_text="Fif")["ts"]
    assert refusal(web.chat_update, channel="D1", ts=stream, text="x") == "streaming_state_conflict"
    web.chat_appendStream(channel="D1", ts=stream, markdown_text="teen")
    web.chat_appendStream(channel="D1", ts=stream, chunks=[{"type": "markdown_text", "text": " days"}])
    web.chat_stopStream(channel="D1", ts=stream, blocks=[SECTION], metadata=METADATA)
    (message,) = slack.messages_of_bot()
    assert (message.text, message.streamed, message.streaming) == ("Fifteen days", True, False)
    assert (message.thread_ts, message.metadata, len(message.blocks)) == (ts, METADATA, 1)
    assert (
        refusal(web.chat_appendStream, channel="D1", ts=stream, markdown_text="!") == "message_not_in_streaming_state"
    )


def test_a_stream_dies_of_age(slack: SlackServer, web: WebClient, clock: Clock) -> None:
    """After its time a stream takes nothing more, and can be finished with an update."""
    ts = slack.events.message("T1", "D1", "U1", QUESTION).ts
    stream = web.chat_startStream(channel="D1", thread_ts=ts, markdown_text="Fif")["ts"]
    clock.now += 301
    assert refusal(web.chat_stopStream, channel="D1", ts=stream) == "message_not_in_streaming_state"
    web.chat_update(channel="D1", ts=stream, text="Fifteen")
    assert slack.messages_of_bot()[0].text == "Fifteen"


def test_a_stream_in_a_channel_names_its_reader(slack: SlackServer, web: WebClient) -> None:
    """In a channel, who receives the stream must be named; a piece has 12,000 characters at most."""
    ts = slack.events.message("T1", "C1", "U1", QUESTION).ts
    assert refusal(web.chat_startStream, channel="C1", thread_ts=ts) == "missing_recipient_user_id"
    who = {"recipient_user_id": "U1", "recipient_team_id": "T1"}
    stream = web.chat_startStream(channel="C1", thread_ts=ts, **who)["ts"]
    assert refusal(web.chat_appendStream, channel="C1", ts=stream, markdown_text="x" * 12_001) == "msg_too_long"


def test_people_are_shown_as_slack_shows_them(slack: SlackServer, web: WebClient) -> None:
    """users.info tells guests, strangers, leavers and unconfirmed addresses apart."""
    slack.add_user("T1", "U3", email="g@x.example", guest="single", confirmed=False)
    slack.add_user("T1", "U4", stranger=True, home_team="T9")
    slack.add_user("T1", "U5", deleted=True)
    mei, guest, stranger, gone = (web.users_info(user=f"U{n}", include_locale=True)["user"] for n in (1, 3, 4, 5))
    assert (mei["profile"]["email"], mei["is_email_confirmed"], mei["locale"]) == ("mei@acme.example", True, "zh-TW")
    assert (guest["is_restricted"], guest["is_ultra_restricted"], guest["is_email_confirmed"]) == (True, True, False)
    assert (stranger["is_stranger"], stranger["team_id"]) == (True, "T9")
    assert gone["deleted"]
    assert set(web.conversations_members(channel="C1")["members"]) == {"U1", "U2", "UBOT1"}


def test_scopes_that_were_not_granted_are_missed(slack: SlackServer, web: WebClient) -> None:
    """An app installed with few scopes is refused the rest, and sees no addresses without users:read.email."""
    slack.add_workspace("T1", scopes=["chat:write", "users:read"])
    assert refusal(web.conversations_info, channel="C1") == "missing_scope"
    assert "email" not in web.users_info(user="U1")["user"]["profile"]


def test_a_trigger_opens_one_modal_in_time(slack: SlackServer, web: WebClient, clock: Clock) -> None:
    """A trigger works once and for three seconds; an unknown one never."""
    first, second = (slack.interactions.slash_command("T1", "C1", "U1", "/ask").payload["trigger_id"] for _ in range(2))
    view = web.views_open(trigger_id=first, view=MODAL)["view"]
    assert refusal(web.views_open, trigger_id=first, view=MODAL) == "exchanged_trigger_id"
    clock.now += 3.5
    assert refusal(web.views_open, trigger_id=second, view=MODAL) == "expired_trigger_id"
    assert refusal(web.views_open, trigger_id="1.2.x", view=MODAL) == "invalid_trigger_id"
    assert [(v.id, v.user) for v in slack.views] == [(view["id"], "U1")]


def test_views_stack_three_high(slack: SlackServer, web: WebClient) -> None:
    """A fourth view on one stack is refused, as is a change against an old hash."""
    modal = {**MODAL, "blocks": [{"type": "actions", "block_id": "b", "elements": [button()]}]}
    trigger = slack.interactions.shortcut("T1", "U1", "ask").payload["trigger_id"]
    view = root = web.views_open(trigger_id=trigger, view=modal)["view"]
    for _ in range(2):
        trigger = slack.interactions.click_in_view(view["id"], "U1", "go").payload["trigger_id"]
        view = web.views_push(trigger_id=trigger, view=modal)["view"]
    assert (view["root_view_id"], len(slack.views)) == (root["id"], 3)
    trigger = slack.interactions.click_in_view(view["id"], "U1", "go").payload["trigger_id"]
    assert refusal(web.views_push, trigger_id=trigger, view=modal) == "push_limit_reached"
    web.views_update(view_id=root["id"], hash=root["hash"], view=MODAL)
    assert refusal(web.views_update, view_id=root["id"], hash=root["hash"], view=MODAL) == "hash_conflict"


def test_views_are_checked(web: WebClient, slack: SlackServer) -> None:
    """A long title, inputs without a submit button and a view beyond 250 KB are refused."""
    field = {"type": "input", "label": {"type": "plain_text", "text": "x"}, "element": {"type": "plain_text_input"}}
    huge = [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2000}] * 10}] * 13
    title = {"type": "plain_text", "text": "x" * 25}
    for change in ({"title": title}, {"blocks": [field]}, {"blocks": [SECTION] * 101}):
        assert refusal(web.views_open, trigger_id="x", view={**MODAL, **change}) == "invalid_arguments"
    assert refusal(web.views_publish, user_id="U1", view={**HOME, "blocks": huge}) == "view_too_large"
    web.views_publish(user_id="U1", view=HOME)
    web.views_publish(user_id="U1", view={**HOME, "callback_id": "second"})
    assert [(v.kind, v.payload["callback_id"]) for v in slack.views] == [("home", "second")]


def test_status_reactions_and_sessions_are_kept(slack: SlackServer, web: WebClient) -> None:
    """An assistant's status lasts until the next message; a reaction counts once; a session needs its thread."""
    ts = slack.events.message("T1", "D1", "U1", QUESTION).ts
    web.assistant_threads_setStatus(channel_id="D1", thread_ts=ts, status="is reading…")
    web.assistant_threads_setTitle(channel_id="D1", thread_ts=ts, title="Leave")
    prompts = [{"title": "Leave", "message": "How many days?"}]
    web.assistant_threads_setSuggestedPrompts(channel_id="D1", thread_ts=ts, prompts=prompts)
    assert slack.state.assistant_threads["T1", "D1", ts].status == "is reading…"
    web.chat_postMessage(channel="D1", thread_ts=ts, text="Fifteen")
    assert slack.state.assistant_threads["T1", "D1", ts].status == ""
    web.reactions_add(channel="D1", timestamp=ts, name="eyes")
    assert refusal(web.reactions_add, channel="D1", timestamp=ts, name="eyes") == "already_reacted"
    session = web.agents_sessions_setStatus(channel_id="D1", thread_ts=ts, status="active", title="Leave")
    assert (session["status"], session["title"]) == ("active", "Leave")
    assert refusal(web.agents_sessions_setStatus, channel_id="D1", status="active") == "thread_ts_required"


def test_files_need_the_token(slack: SlackServer, web: WebClient) -> None:
    """A download with the bot token gives the bytes; without it, Slack's sign-in page with status 200."""
    file = slack.add_file("T1", "leave.pdf", b"%PDF-1.7", "U1", "application/pdf")
    shared = slack.events.file_share("T1", "D1", "U1", [file.id], "read this").payload["event"]
    url = web.files_info(file=file.id)["file"]["url_private_download"]
    assert shared["files"][0]["url_private_download"] == url
    assert get(url, "xoxb-T1") == (200, b"%PDF-1.7")
    assert b"Sign in" in get(url)[1]


def test_a_response_url_serves_five_times(slack: SlackServer, clock: Clock) -> None:
    """Five answers are taken: for one person, for all, or in place of the message; a sixth or a late one is refused."""
    url = slack.interactions.slash_command("T1", "C1", "U1", "/ask").payload["response_url"]
    assert post(url, text="psst")[0] == 200
    assert post(url, text="all", response_type="in_channel") == (200, b"ok")
    assert ([m.text for m in slack.ephemerals], [m.text for m in slack.messages]) == (["psst"], ["all"])
    assert [post(url, text="x")[0] for _ in range(4)] == [200, 200, 200, 404]
    late = slack.interactions.slash_command("T1", "C1", "U1", "/ask").payload["response_url"]
    clock.now += 1801
    assert post(late, text="x")[0] == 404


def test_a_click_carries_the_button_and_may_replace_its_message(slack: SlackServer, web: WebClient) -> None:
    """block_actions holds the element's own value, and its response_url can change the message."""
    blocks = [{"type": "actions", "block_id": "b", "elements": [button(value="7")]}]
    web.chat_postMessage(channel="C1", text="Approve?", blocks=blocks)
    click = slack.interactions.click(slack.messages[0], "U1", "go").payload
    assert (click["actions"][0]["value"], click["actions"][0]["block_id"]) == ("7", "b")
    post(click["response_url"], text="Approved", replace_original=True)
    assert [(m.text, m.blocks) for m in slack.messages] == [("Approved", ())]


def test_blocks_can_be_validated(web: WebClient) -> None:
    """blocks.validate points at what is wrong, and takes exactly one of its arguments."""
    web.blocks_validate(blocks=[SECTION])
    with pytest.raises(SlackApiError) as refused:
        web.blocks_validate(blocks=[{"type": "section", "text": {"type": "invalid", "text": "x"}}])
    assert refused.value.response["error"] == "invalid_blocks"
    assert refused.value.response["errors"][0]["pointer"] == "/0/text/type"
    assert refusal(web.blocks_validate) == "invalid_arguments"


def test_one_message_a_second_a_channel(methods: Path, clock: Clock) -> None:
    """With the limit on, the second message within a second gets 429 with Retry-After; other channels are free."""
    with slack_server(methods, clock=clock, message_every_s=1.0) as slack:
        fill(slack)
        web = WebClient("xoxb-T1", base_url=slack.api_url, retry_handlers=[])
        web.chat_postMessage(channel="C1", text="1")
        with pytest.raises(SlackApiError) as refused:
            web.chat_postMessage(channel="C1", text="2")
        assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "1")
        web.chat_postMessage(channel="D1", text="3")
        clock.now += 1
        web.chat_postMessage(channel="C1", text="4")
        assert [m.text for m in slack.messages] == ["1", "3", "4"]


def test_ordered_429s_end(slack: SlackServer, web: WebClient) -> None:
    """Exactly the ordered number of calls meets 429."""
    slack.rate_limit(2, retry_after=7, method="chat.*")
    for _ in range(2):
        assert refusal(web.chat_postMessage, channel="C1", text="x") == "ratelimited"
    web.auth_test()
    web.chat_postMessage(channel="C1", text="x")
    assert len(slack.messages) == 1


def test_faults_before_and_after_acting(slack: SlackServer, web: WebClient) -> None:
    """A fault before acting leaves nothing, one after acting leaves the message though the caller sees a failure."""
    for kind in ("drop_before", "drop_after", "error_before", "error_after"):
        slack.faults.add("chat.postMessage", kind)
        with pytest.raises((RemoteDisconnected, SlackApiError)):
            web.chat_postMessage(channel="C1", text=kind)
    assert [m.text for m in slack.messages] == ["drop_after", "error_after"]
    web.chat_postMessage(channel="C1", text="well")
    assert len(slack.calls_of("chat.postMessage")) == 5


def test_the_sdks_own_retries_post_twice(slack: SlackServer) -> None:
    """With its default retry handler WebClient repeats a dropped call, and the message stands there twice."""
    slack.faults.add("chat.postMessage", "drop_after")
    WebClient("xoxb-T1", base_url=slack.api_url).chat_postMessage(channel="C1", text="x")
    assert len(slack.messages) == 2


def test_chaos_is_repeatable(slack: SlackServer, web: WebClient) -> None:
    """The same seed brings the same faults; rate 0 ends them."""

    def storm() -> list[str]:
        slack.faults.happened.clear()
        slack.chaos(0.5, seed=7, kinds=("error_before", "rate_limited"))
        for _ in range(12):
            try:
                web.auth_test()
            except SlackApiError:
                continue
        slack.chaos(0, seed=7)
        return [kind for _, kind in slack.faults.happened]

    first = storm()
    assert first == storm()
    assert 0 < len(first) < 12
    web.auth_test()


def test_a_hook_sees_each_call_before_and_after(slack: SlackServer, web: WebClient) -> None:
    """``on_call`` runs before the message stands and after it does, before the caller hears of it."""
    seen: list[tuple[str, str, int]] = []
    slack.on_call = lambda method, args, phase: seen.append((args["text"], phase, len(slack.messages)))
    web.chat_postMessage(channel="C1", text="x")
    assert seen == [("x", "before", 0), ("x", "after", 1)]


def test_many_callers_at_once_lose_nothing(methods: Path) -> None:
    """Messages from many threads all arrive once, each with a timestamp of its own."""
    with slack_server(methods, strict=False) as slack, ThreadPoolExecutor(8) as pool:
        fill(slack)
        web = WebClient("xoxb-T1", base_url=slack.api_url, retry_handlers=[])
        list(pool.map(lambda number: web.chat_postMessage(channel="C1", text=str(number)), range(200)))
        assert sorted(int(m.text) for m in slack.messages) == list(range(200))
        assert len({m.ts for m in slack.messages}) == 200


def test_a_download_can_fail(slack: SlackServer) -> None:
    """Faults reach downloads, which are recorded as calls to ``files.download``."""
    file = slack.add_file("T1", "a.txt", b"a", "U1")
    slack.events.file_share("T1", "C1", "U1", [file.id])
    url = slack.api_url.replace("/api/", f"/files-pri/T1-{file.id}/download/a.txt")
    slack.faults.add("files.download", "drop_before")
    with pytest.raises(RemoteDisconnected):
        get(url, "xoxb-T1")
    assert get(url, "xoxb-T1") == (200, b"a")
    assert [(call.args["file"], call.team) for call in slack.calls_of("files.download")] == [(file.id, "T1")] * 2
    assert slack.state.files[file.id].channels == ("C1",)


def test_json_counts_only_where_slack_reads_it(slack: SlackServer, web: WebClient) -> None:
    """A method that reads forms only takes no arguments from JSON, and a body that is no JSON is refused."""
    assert refusal(web.api_call, api_method="users.info", json={"user": "U1"}) == "invalid_arguments"
    assert web.api_call("users.info", http_verb="GET", params={"user": "U1"})["ok"]
    assert "json_not_supported" in [violation.error for violation in slack.violations]


def test_without_strictness_limits_are_not_looked_at(methods: Path) -> None:
    """``strict=False`` takes blocks beyond the limits, and still knows who may post where."""
    with slack_server(methods, strict=False) as slack:
        fill(slack)
        web = WebClient("xoxb-T1", base_url=slack.api_url, retry_handlers=[])
        web.chat_postMessage(channel="C1", text="x", blocks=[SECTION] * 60)
        assert refusal(web.chat_postMessage, channel="C9", text="x") == "channel_not_found"
        assert (len(slack.messages), slack.violations) == (1, [])
