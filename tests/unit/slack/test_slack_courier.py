import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bots.messages import (
    Again,
    Card,
    Choice,
    FileOffer,
    InboundEvent,
    Kind,
    Place,
    Profile,
    Rejected,
    Reply,
    Sent,
    SourceCard,
)
from bots.platforms.slack.channels import ChannelNames
from bots.platforms.slack.download import download, is_slacks

from .conftest import ACCOUNT, CHANNEL, PERSON, TEAM, Asked


def texts(message):
    return [block["text"]["text"] for block in message.blocks if block["type"] == "section"]


def again(delivery, **changes):
    """The delivery as the outbox tries it next."""
    return replace(delivery, attempt=delivery.attempt + 1, **changes)


def until_sent(courier, delivery, tries=6):
    """Try as the outbox does until something final comes of it."""
    for _ in range(tries):
        outcome = courier.deliver(delivery)
        if not isinstance(outcome, Again):
            return outcome
        delivery = again(delivery, doubtful=delivery.doubtful or outcome.doubtful)
    raise AssertionError("never sent")


def test_a_reply_goes_into_the_thread_of_its_question(slack, courier, in_thread):
    """With the delivery's id in its metadata, and no preview of links."""
    outcome = courier.deliver(in_thread.delivery())
    (message,) = slack.messages_of_bot()
    assert outcome == Sent((message.ts,))
    assert (message.thread_ts, texts(message)) == (in_thread.ts, ["特休有 7 天。[1]"])
    assert message.metadata["event_payload"]["delivery"] == "d-1"
    assert slack.calls_of("chat.postMessage")[0].args["unfurl_links"] is False


def test_a_direct_message_is_answered_beside_it(slack, courier, in_dm):
    """Without a thread."""
    assert isinstance(courier.deliver(in_dm.delivery()), Sent)
    (message,) = slack.messages_of_bot()
    assert (message.channel, message.thread_ts) == (in_dm.place.channel, None)


def test_a_person_stands_for_their_direct_messages(slack, courier):
    """So a command is answered, and found again after a doubt."""
    place = Place("slack", ACCOUNT, PERSON, direct=True)
    asked = Asked(place, "")
    slack.faults.add("chat.postMessage", "drop_after")
    assert isinstance(until_sent(courier, asked.delivery()), Sent)
    (message,) = slack.messages_of_bot()
    assert message.channel == slack.state.open_im(TEAM, PERSON).id


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before", "error_after"])
def test_a_notice_to_a_person_arrives_once(slack, courier, in_dm, kind):
    """Told by the person's id, and looked for in the direct messages that Slack opens for it, whatever stands there."""
    dm = in_dm.place.channel
    courier.deliver(in_dm.delivery("前一題的回答。", id="d-0"))
    notice = Asked(Place("slack", ACCOUNT, PERSON, direct=True), "").delivery("請記得打卡。", id="d-1", message_id="")
    slack.faults.add("chat.postMessage", kind)
    first = courier.deliver(notice)
    assert (type(first), first.doubtful) == (Again, True)
    assert isinstance(courier.deliver(again(notice, doubtful=True)), Sent)
    assert [call.args["channel"] for call in slack.calls_of("conversations.history")] == [dm]
    assert [texts(message) for message in slack.messages_of_bot(dm)] == [["前一題的回答。"], ["請記得打卡。"]]
    assert len(slack.messages_of_bot()) == 2


def test_who_has_left_gets_no_notice(slack, courier):
    """Slack says so, and it is not tried for ever."""
    place = Place("slack", ACCOUNT, "U0099", direct=True)
    assert courier.deliver(Asked(place, "").delivery(message_id="")) == Rejected("channel_not_found")
    doubtful = Asked(place, "").delivery(message_id="", doubtful=True)
    assert courier.deliver(doubtful) == Rejected("user_not_found", uncertain=True)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before", "error_after"])
@pytest.mark.parametrize("where", ["in_thread", "in_dm"])
def test_a_broken_connection_never_doubles_a_message(slack, courier, request, kind, where):
    """Whether Slack had posted it or not, one message stands there in the end."""
    asked = request.getfixturevalue(where)
    slack.faults.add("chat.postMessage", kind)
    first = courier.deliver(asked.delivery())
    assert isinstance(first, Again)
    assert first.doubtful
    assert isinstance(courier.deliver(again(asked.delivery(), doubtful=True)), Sent)
    assert len(slack.messages_of_bot()) == 1


def test_a_request_that_takes_too_long_is_doubtful(slack, courier, in_dm):
    """It may yet arrive."""
    slack.faults.add("chat.postMessage", "delay", seconds=3)
    outcome = courier.deliver(in_dm.delivery())
    assert (outcome.reason, outcome.doubtful) == ("timeout", True)


@pytest.mark.parametrize("seed", range(8))
def test_in_any_weather_a_delivery_arrives_once(slack, courier, in_thread, seed):
    """Half of all requests meet a fault, those that look and those that stop a stream included."""
    slack.chaos(0.5, seed)
    for number in range(4):
        assert isinstance(until_sent(courier, in_thread.delivery(id=f"d-{number}"), tries=60), Sent)
    assert len(slack.messages_of_bot()) == 4


def test_when_slack_asks_to_wait_it_says_how_long(slack, courier, in_dm):
    """429: nothing was posted, so nothing is in doubt."""
    slack.rate_limit(1, retry_after=30, method="chat.postMessage")
    assert courier.deliver(in_dm.delivery()) == Again(30.0, "rate_limited")
    slack.rate_limit(1, retry_after=30, method="conversations.history")
    assert courier.deliver(again(in_dm.delivery(), doubtful=True)) == Again(30.0, "rate_limited", doubtful=True)


def test_what_slack_will_never_take_is_rejected_by_name(slack, courier, in_thread, workspace):
    """We were removed, the channel is gone, the token is no longer good, or the account is nobody's."""
    slack.set_members(TEAM, CHANNEL, [PERSON])
    assert courier.deliver(in_thread.delivery()) == Rejected("not_in_channel")
    nowhere = replace(in_thread.delivery(), place=Place("slack", ACCOUNT, "C9", direct=False, thread="1.1"))
    assert courier.deliver(nowhere) == Rejected("channel_not_found")
    assert courier.deliver(again(nowhere, doubtful=True)) == Rejected("channel_not_found", uncertain=True)
    courier.workspaces = [replace(workspace, bot_token="xoxb-old")]
    assert courier.deliver(in_thread.delivery()) == Rejected("invalid_auth")
    assert courier.deliver(replace(nowhere, place=Place("slack", "b", "C1", direct=True))) == Rejected(
        "unknown_account"
    )


def test_slack_out_of_reach_leaves_no_doubt(courier, in_dm):
    """A refused connection has carried nothing."""
    courier.api_base = "http://127.0.0.1:9/api/"
    outcome = courier.deliver(in_dm.delivery())
    assert (outcome.reason, outcome.doubtful) == ("unreachable", False)


def stream(courier, clock, delivery):
    """Let a reply grow: the first sentence waits, the second is shown with it."""
    live = courier.live(delivery)
    assert live.add("特休有 ") == ""
    clock.forward(1)
    return live, live.add("7 天。")


@pytest.mark.parametrize("where", ["in_thread", "in_dm"])
def test_a_stream_becomes_the_reply(slack, courier, clock, request, where):
    """Sentences are shown as they come; the delivery turns the same message into the whole reply."""
    asked = request.getfixturevalue(where)
    live, ts = stream(courier, clock, asked.delivery())
    clock.forward(0.5)
    assert live.add("滿三年 14 天。") == ts
    assert slack.messages_of_bot()[0].text == "特休有 7 天。"
    clock.forward(1)
    live.add("請洽人資。")
    assert slack.messages_of_bot()[0].text == "特休有 7 天。滿三年 14 天。請洽人資。"
    assert courier.deliver(asked.delivery(progress=ts)) == Sent((ts,))
    (message,) = slack.messages_of_bot()
    assert (message.ts, texts(message), message.streaming) == (ts, ["特休有 7 天。[1]"], False)
    assert message.metadata["event_payload"] == {"delivery": "d-1", "complete": True}


def test_a_reply_that_is_ready_at_once_is_not_streamed(slack, courier, in_dm):
    """Sentences within 0.8 seconds wait for the whole."""
    live = courier.live(in_dm.delivery())
    for _ in range(5):
        assert live.add("一。") == ""
    assert slack.calls_of("chat.startStream") == []


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before", "rate_limited"])
def test_a_stream_in_trouble_falls_silent_and_the_reply_arrives(slack, courier, clock, in_thread, kind):
    """Once, also where Slack began the stream and did not say so."""
    slack.faults.add("chat.startStream", kind)
    _, ts = stream(courier, clock, in_thread.delivery())
    assert ts == ""
    assert isinstance(courier.deliver(in_thread.delivery()), Sent)
    (message,) = slack.messages_of_bot()
    assert texts(message) == ["特休有 7 天。[1]"]


def test_a_limit_on_streams_is_kept(slack, courier, clock, in_thread):
    """After a 429 no stream is begun until Slack takes one again."""
    slack.rate_limit(1, retry_after=20, method="chat.startStream")
    stream(courier, clock, in_thread.delivery())
    assert courier.live(in_thread.delivery()) is None
    clock.forward(20)
    assert courier.live(in_thread.delivery()) is not None


def test_a_stream_that_died_is_finished_all_the_same(slack, courier, clock, in_thread):
    """Slack ends streams after about five minutes without a word."""
    _, ts = stream(courier, clock, in_thread.delivery())
    slack.state.stream_life_s = 0
    assert courier.deliver(in_thread.delivery(progress=ts)) == Sent((ts,))
    assert texts(slack.messages_of_bot()[0]) == ["特休有 7 天。[1]"]


@pytest.mark.parametrize("method", ["chat.stopStream", "chat.update"])
@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_after", "rate_limited"])
def test_trouble_at_the_end_of_a_stream_leaves_one_reply(slack, courier, clock, in_thread, method, kind):
    """The same message is finished by the next attempt."""
    _, ts = stream(courier, clock, in_thread.delivery())
    slack.faults.add(method, kind)
    assert until_sent(courier, in_thread.delivery(progress=ts)) == Sent((ts,))
    (message,) = slack.messages_of_bot()
    assert texts(message) == ["特休有 7 天。[1]"]


@pytest.mark.parametrize("where", ["in_thread", "in_dm"])
def test_a_stream_that_a_crash_left_behind_becomes_the_reply(slack, courier, clock, request, where):
    """Nobody remembers its ts: it is ours, without a delivery's id, and follows the question."""
    asked = request.getfixturevalue(where)
    courier.deliver(asked.delivery("前一題的回答。", id="d-0"))
    stream(courier, clock, asked.delivery())
    assert isinstance(courier.deliver(asked.delivery(attempt=2)), Sent)
    assert [texts(message) for message in slack.messages_of_bot()] == [["前一題的回答。"], ["特休有 7 天。[1]"]]


def test_another_questions_stream_is_left_alone(slack, courier, clock, in_dm):
    """What follows the next thing a person says may be the answer to that."""
    slack.events.message(TEAM, in_dm.place.channel, PERSON, "那病假呢？")
    stream(courier, clock, in_dm.delivery(id="d-2"))
    assert isinstance(courier.deliver(in_dm.delivery(attempt=2)), Sent)
    assert len(slack.messages_of_bot()) == 2


def test_a_stream_that_was_deleted_is_said_anew(slack, courier, clock, in_thread):
    """An administrator may delete it."""
    _, ts = stream(courier, clock, in_thread.delivery())
    slack.state.delete(slack.messages_of_bot()[0])
    outcome = courier.deliver(in_thread.delivery(progress=ts))
    assert outcome.ids != (ts,)
    assert len(slack.messages_of_bot()) == 1


def test_a_message_that_was_half_made_is_completed(slack, courier, clock, in_thread):
    """Stopped and marked, but not yet changed, when the process died."""
    _, ts = stream(courier, clock, in_thread.delivery())
    slack.faults.add("chat.update", "drop_before")
    courier.deliver(in_thread.delivery(progress=ts))
    assert courier.deliver(in_thread.delivery(attempt=2, doubtful=True)) == Sent((ts,))
    assert texts(slack.messages_of_bot()[0]) == ["特休有 7 天。[1]"]


def test_no_stream_for_a_home_tab_a_command_or_a_second_try(courier, in_dm):
    """There is nothing to stream into, or it may be there already."""
    place = Place("slack", ACCOUNT, PERSON, direct=True)
    assert courier.live(in_dm.delivery(home=True)) is None
    assert courier.live(replace(in_dm.delivery(), place=place)) is None
    assert courier.live(in_dm.delivery(attempt=2)) is None


def test_the_app_home_shows_the_windows(slack, courier, in_dm):
    """As cards with things to tap; published again it is the same page."""
    reply = Reply(
        "您可以問這些窗口：", cards=(Card("人資窗口", "休假、薪資", (Choice("特休有幾天？", say="特休有幾天？"),)),)
    )
    for _ in range(2):
        assert courier.deliver(in_dm.delivery(reply=reply, home=True)) == Sent()
    (view,) = slack.views
    assert [block["type"] for block in view.payload["blocks"]] == ["section", "section", "actions"]


@pytest.mark.parametrize("refusal", ["msg_blocks_too_long", "invalid_blocks"])
def test_what_slack_finds_too_much_is_said_plainly(scripted, courier, in_thread, refusal):
    """An answer in one paragraph is better than none."""
    scripted.say({"ok": False, "error": refusal})
    scripted.say({"ok": True, "ts": "1.5"})
    courier.api_base = scripted.url
    source = SourceCard(1, 7, "Leave", "hr/leave.pdf", 3, "", "", has_image=False)
    assert courier.deliver(in_thread.delivery(reply=Reply("Seven days.", sources=(source,)))) == Sent(("1.5",))
    blocks = json.loads(scripted.sent[1])["blocks"]
    assert [block["text"]["text"] for block in blocks] == ["Seven days.\n[1] Leave"]


def test_blocks_that_slack_will_not_have_at_all_are_left_out(scripted, courier, in_thread):
    """Some messages cannot get other blocks: then the text alone, with nothing in it that mentions or links."""
    for answer in ({"ok": False, "error": "block_mismatch"}, {"ok": False, "error": "block_mismatch"}, {"ok": True}):
        scripted.say(answer)
    courier.api_base = scripted.url
    assert isinstance(courier.deliver(in_thread.delivery("<!here> 特休有 7 天。")), Sent)
    last = json.loads(scripted.sent[2])
    assert "blocks" not in last
    assert last["text"] == "&lt;!here&gt; 特休有 7 天。"


def test_an_answer_that_is_no_answer_is_doubtful_and_not_quoted(scripted, courier, in_thread):
    """Whatever stands in it may hold people's words, so only its kind is told."""
    scripted.say({"ok": False, "error": "特休有 7 天 <html>"})
    courier.api_base = scripted.url
    assert courier.deliver(in_thread.delivery()) == Again(2.0, "unreadable_answer", doubtful=True)


def event_in(place, **more):
    return InboundEvent("e", place, Kind.MESSAGE, PERSON, datetime.now(UTC), "hi", **more)


def test_that_we_are_at_it_is_shown_where_slack_can(slack, courier, in_dm, in_thread):
    """In a thread of direct messages; elsewhere, and when Slack is in trouble, nothing happens."""
    courier.working(event_in(replace(in_dm.place, thread=in_dm.ts)))
    courier.working(event_in(in_dm.place))
    courier.working(event_in(in_thread.place))
    assert [call.args["status"] for call in slack.calls_of("assistant.threads.setStatus")] == ["正在翻閱文件…"]
    slack.faults.add("assistant.threads.setStatus", "error_before")
    courier.working(event_in(replace(in_dm.place, thread=in_dm.ts)))


@pytest.mark.parametrize(
    "given",
    [
        {"confirmed": False},
        {"guest": True},
        {"guest": "single"},
        {"stranger": True},
        {"deleted": True},
        {"bot": True},
        {"home_team": "T9999"},
    ],
)
def test_only_a_full_member_has_an_email(slack, courier, given):
    """An unconfirmed address, a guest, a stranger, somebody who left: none of them is identified."""
    slack.add_user(TEAM, "U0002", email="x@a-company.example", **given)
    assert courier.profile(ACCOUNT, "U0002").email == ""


def test_a_member_is_known_by_the_email_slack_confirmed(slack, courier):
    """With the language of their Slack."""
    assert courier.profile(ACCOUNT, PERSON) == Profile("mei@a-company.example", "zh-TW")
    slack.add_user(TEAM, PERSON, email="mei@a-company.example", locale="en-GB")
    assert courier.profile(ACCOUNT, PERSON).language == "en"
    assert courier.profile(ACCOUNT, f"T9999/{PERSON}").email == ""
    assert courier.profile(ACCOUNT, "U9999") is None
    slack.faults.add("users.info", "drop_before")
    assert courier.profile(ACCOUNT, PERSON) is None


def test_a_file_is_fetched_with_our_token(slack, courier, in_dm, workspace):
    """Whole; None where it is gone or we may not read it."""
    file = slack.add_file(TEAM, "scan.png", b"bytes of a scan", PERSON, "image/png")
    event = event_in(in_dm.place, file=FileOffer(file.id, "scan.png", "image/png"))
    assert courier.fetch(event) == b"bytes of a scan"
    assert courier.fetch(replace(event, file=FileOffer("F9", "x", "x"))) is None
    slack.add_workspace(TEAM, scopes=["chat:write"])
    assert courier.fetch(event) is None


def test_our_token_goes_to_slack_only():
    """Whatever address a file claims to be at."""
    api = "https://slack.com/api/"
    assert is_slacks("https://files.slack.com/files-pri/T-F/x.png", api)
    for url in (
        "https://slack.com.evil.example/x",
        "http://files.slack.com/x",
        "https://evilslack.com/x",
        "file:///x",
        "https://files.slack.com@evil.example/x",
        "//evil.example",
        "",
        "https://[x",
    ):
        assert not is_slacks(url, api)
        assert download({"url_private_download": url}, "xoxb", api) is None
    large = {"url_private_download": "https://files.slack.com/x", "size": 21 * 1024 * 1024}
    assert download(large, "xoxb", api) is None


def test_neither_a_sign_in_page_nor_too_much_is_taken_for_a_file(slack):
    """Slack answers 200 with a page where a token no longer reads; and what it says of a size is not believed."""
    page = slack.add_file(TEAM, "scan.png", b"<html>Sign in", PERSON, "text/html")
    large = slack.add_file(TEAM, "scan.png", b"x" * (20 * 1024 * 1024 + 1), PERSON, "image/png")
    for file in (page, large):
        url = f"{slack.state.base_url}/files-pri/{TEAM}-{file.id}/download/scan.png"
        told = {"url_private_download": url, "mimetype": "image/png"}
        assert download(told, f"xoxb-{TEAM}", slack.api_url) is None
    whole = {**told, "url_private_download": url.replace(large.id, page.id), "mimetype": "text/html"}
    assert download(whole, f"xoxb-{TEAM}", slack.api_url) == b"<html>Sign in"


def test_slack_counts_no_messages(courier):
    """There is no quota."""
    assert courier.quota(ACCOUNT) is None


def test_a_channels_name_is_told_without_its_sign(slack, workspace):
    """Window files may call a channel by its name."""
    names = ChannelNames([workspace], slack.api_url)
    assert names(ACCOUNT, CHANNEL) == "ask-hr"
    assert names(ACCOUNT, "C9") is None
    assert names("nobody", CHANNEL) is None
