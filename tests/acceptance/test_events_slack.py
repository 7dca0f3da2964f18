"""Criterion 1 on Slack: every kind of event, gesture and command gets what a person would expect."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from acceptance.installation import Server
from acceptance.office import CHANNEL, CUSTOMER_ON_SLACK, EMPLOYEE, LEAVE, RETURNS, TEAM, Office, office
from acceptance.samples import PRIVATE, Outcome, Seen, Watch, slack_delivery, slack_samples, words
from conftest import PUBLIC_DATA
from fakes.slack import Delivery, Message

BOSS, BOT, OTHER = "UBOSS", f"UBOT{TEAM.removeprefix('T')}", "C0OTHER"
POST = ("chat.postMessage",)
REFUSED = Outcome("message/done", POST, "I could not find an answer")
STALE = Outcome("postback/done", POST, "這個按鈕已經失效")
AMONG_PEOPLE = Outcome("message/done")
FILE_AMONG_PEOPLE, EDIT_AMONG_PEOPLE = Outcome("file/done"), Outcome("edit/done")
DELETED = Outcome("unsend/done")
LEFT = Outcome("leave/done")

# What somebody in the listed channel says to us, or does; all other samples are stored and ignored.
TABLE = {
    "test_app.app_mention_event_body": REFUSED,
    "test_app_bot_only.app_mention_request_body": REFUSED,
    "test_app_custom_authorize.app_mention_request_body": REFUSED,
    "test_authorize.block_actions_body": STALE,
    "test_block_actions.body": STALE,
    "test_error_handler.body": STALE,
    "test_events.valid_event_body": REFUSED,
    "test_events.message_file_share_body": FILE_AMONG_PEOPLE,
    "test_events_org_apps.event_payload": Outcome("message/done", POST, "請用文字寫下想問的事"),  # only our name
    "test_events_say_stream.org_app_mention_event_body": REFUSED,
    "test_events_shared_channels.valid_event_body": REFUSED,
    "test_events_socket_mode.valid_event_body": REFUSED,
    "test_installation_store_authorize.body": STALE,
    "test_lazy.body": STALE,
    "test_message.message_body": AMONG_PEOPLE,
    "test_message.message_body2": AMONG_PEOPLE,
    "test_message.message_body3": AMONG_PEOPLE,
    "test_message_bot.user_message_event_payload": AMONG_PEOPLE,
    "test_message_changed.event_payload": EDIT_AMONG_PEOPLE,
    "test_message_deleted.event_payload": DELETED,
    "test_message_file_share.event_payload": FILE_AMONG_PEOPLE,
    "test_message_thread_broadcast.event_payload": AMONG_PEOPLE,
    "test_web_client_customization.block_actions_body": STALE,
    "slash-commands/SlashCommandPayload": Outcome(says="請把問題寫在指令後面，例如：/transom"),
    "events/AppHomeOpenedPayload": Outcome("home/done", ("views.publish",), "A公司的窗口"),
    "events/AppMentionPayload": Outcome("message/done", POST, "特別休假為十四日"),
    "events/ChannelLeftPayload": LEFT,
    "events/GroupLeftPayload": LEFT,
    "events/MessageChangedPayload": EDIT_AMONG_PEOPLE,
    "events/MessageDeletedPayload": DELETED,
    "events/MessageFileSharePayload": FILE_AMONG_PEOPLE,
    "events/MessageMePayload": AMONG_PEOPLE,
    "events/MessagePayload": AMONG_PEOPLE,
    "events/MessageThreadBroadcastPayload": AMONG_PEOPLE,
}
IGNORED = """
test_app_using_methods_in_class.payload test_attachment_actions.body test_block_suggestion.body
test_dialogs.suggestion_body test_dialogs.submission_body test_dialogs.cancellation_body
test_events.valid_reaction_added_body test_events.join_event_body test_events.left_event_body
test_events.app_uninstalled_body test_events.tokens_revoked_body test_events.body
test_events_ignore_self.event_body test_events_ignore_self.response_url_message_event
test_events_ignore_self.different_app_response_url_message_event test_events_request_verification.event_body
test_events_shared_channels.valid_reaction_added_body test_events_shared_channels.event_body
test_events_shared_channels.join_event_body test_events_shared_channels.left_event_body
test_events_shared_channels.app_uninstalled_body test_events_shared_channels.tokens_revoked_body
test_events_socket_mode.valid_reaction_added_body test_events_socket_mode.event_body
test_events_socket_mode.join_event_body test_events_socket_mode.left_event_body
test_events_socket_mode.app_uninstalled_body test_events_socket_mode.tokens_revoked_body
test_events_token_revocations.event_payload test_function.function_body test_function.wrong_id_function_body
test_listener_middleware.body test_message_bot.bot_message_event_payload
test_message_bot.classic_bot_message_event_payload test_middleware.body test_shortcut.global_shortcut_body
test_shortcut.message_shortcut_body test_view_closed.body test_view_submission.body
test_view_submission.response_url_payload_body test_view_submission.connect_channel_payload
test_workflow_steps.edit_payload test_workflow_steps.save_payload test_workflow_steps.execute_payload
test_workflow_steps_decorator_simple.edit_payload test_workflow_steps_decorator_simple.save_payload
test_workflow_steps_decorator_simple.execute_payload test_workflow_steps_decorator_with_args.edit_payload
test_workflow_steps_decorator_with_args.save_payload test_workflow_steps_decorator_with_args.execute_payload
dialogs/DialogCancellationPayload dialogs/DialogSubmissionPayload dialogs/DialogSuggestionPayload
interactive-components/AttachmentActionPayload interactive-components/BlockActionPayload
interactive-components/MessageShortcutPayload views/ViewClosedPayload views/ViewSubmissionPayload
"""
IGNORED_EVENTS = """
AppRateLimited AppRequested AppUninstalled CallRejected ChannelArchive ChannelCreated ChannelDeleted
ChannelHistoryChanged ChannelIdChanged ChannelRename ChannelShared ChannelUnarchive ChannelUnshared DndUpdated
DndUpdatedUser EmailDomainChanged EmojiChanged FileChange FileCreated FileDeleted FilePublic FileShared FileUnshared
Goodbye GridMigrationFinished GridMigrationStarted GroupArchive GroupClose GroupDeleted GroupHistoryChanged GroupOpen
GroupRename GroupUnarchive ImClose ImCreated ImHistoryChanged ImOpen InviteRequested LinkShared MemberJoinedChannel
MemberLeftChannel MessageBot MessageChannelArchive MessageChannelJoin MessageChannelLeave MessageChannelName
MessageChannelPostingPermissions MessageChannelPurpose MessageChannelTopic MessageChannelUnarchive
MessageEkmAccessDenied MessageGroupTopic MessageReplied PinAdded PinRemoved ReactionAdded ReactionRemoved
ResourcesAdded ResourcesRemoved ScopeDenied ScopeGranted StarAdded StarRemoved SubteamCreated SubteamMembersChanged
SubteamSelfAdded SubteamSelfRemoved SubteamUpdated TeamAccessGranted TeamAccessRevoked TeamDomainChange TeamJoin
TeamRename TokensRevoked UserChange UserHuddleChanged UserProfileChanged UserResourceDenied UserResourceGranted
UserResourceRemoved UserStatusChanged WorkflowDeleted WorkflowPublished WorkflowStepDeleted WorkflowStepExecute
WorkflowUnpublished
"""
TABLE |= dict.fromkeys([*IGNORED.split(), *(f"events/{name}Payload" for name in IGNORED_EVENTS.split())], Outcome())


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    """One office for the module; in the end nobody has broken a rule of Slack, and the logs are clean."""
    with server.database() as url, office(url, tmp_path_factory.mktemp("slack")) as running:
        running.slack.add_channel(TEAM, PRIVATE, "private", [EMPLOYEE], is_private=True)
        yield running
        assert running.slack.violations == []
        assert running.count("inbox", "state = 'failed'") == 0
        assert "Traceback" not in running.logs()


def send(running: Office, *deliveries: Delivery) -> Seen:
    """Send the requests one after the other and return what came of them, with the last one's status."""
    watch = Watch(running)
    answers = [running.slack.send(running.events_url, delivery) for delivery in deliveries]
    return watch.seen(answers[-1].status, answers[-1].body)


def dm(running: Office, text: str, user: str = EMPLOYEE) -> Delivery:
    """Somebody writes to us directly."""
    return running.slack.events.message(TEAM, f"D{user}", user, text)


def newest(running: Office, channel: str) -> Message:
    """Return our newest message in a channel."""
    return running.slack.messages_of_bot(channel)[-1]


def elements(value: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in blocks that has an action id."""
    if isinstance(value, dict):
        if "action_id" in value:
            yield value
        for inner in value.values():
            yield from elements(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from elements(inner)


def element(value: Any, label: str) -> str:
    """Return the action id of the button that bears the label."""
    return str(next(one["action_id"] for one in elements(value) if label in words(one)))


# --- the table ---


def test_the_table_names_every_sample(public_data: Path) -> None:
    """A sample that is new in the data has no row yet, and this fails."""
    assert set(slack_samples(public_data)) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_sample_has_its_outcome(running: Office, name: str) -> None:
    """Sent signed, the sample is answered 200, stored, and followed by its call and no other."""
    seen = send(running, slack_delivery(running.slack, name, slack_samples(PUBLIC_DATA)[name]))
    assert seen.differs_from(TABLE[name]) == ""


# --- direct messages ---


def test_a_question_is_answered_beside_it_with_its_source(running: Office) -> None:
    """The answer comes to the same direct messages, cites and shows the source."""
    seen = send(running, dm(running, LEAVE))
    assert (seen.stored, seen.calls) == ("message/done", POST)
    assert "特別休假為十四日。[1]" in seen.said
    assert "出處" in seen.said
    assert newest(running, f"D{EMPLOYEE}").thread_ts is None


def test_a_retry_is_answered_once_and_never_dropped(running: Office) -> None:
    """With the header of a retry: the first to arrive is answered, the second is known."""
    question = dm(running, LEAVE)
    watch = Watch(running)
    first = running.slack.send(running.events_url, question, retry_num=1, retry_reason="http_timeout")
    again = running.slack.send(running.events_url, question, retry_num=2)
    assert (first.status, again.status) == (200, 200)
    assert watch.seen(200).calls == POST


def test_one_gesture_that_slack_reports_twice_is_answered_once(running: Office) -> None:
    """Two message events with different ts and one client_msg_id are one question."""
    assert send(running, *running.slack.events.twice(TEAM, f"D{EMPLOYEE}", EMPLOYEE, LEAVE)).calls == POST


def test_a_manager_reads_in_private_what_the_channel_does_not(running: Office) -> None:
    """What only managers may read is answered in their direct messages, not where employees read along."""
    asked = "主管職調薪幅度上限是多少？"
    assert "百分之八" in send(running, dm(running, asked, BOSS)).said
    assert "百分之八" not in send(running, dm(running, asked)).said
    assert "百分之八" not in send(running, *running.slack.events.mention(TEAM, CHANNEL, BOSS, asked)).said


def test_a_guest_reads_what_customers_read(running: Office) -> None:
    """A guest of the workspace with an employee's address is no employee."""
    assert "十四日" not in send(running, dm(running, LEAVE, CUSTOMER_ON_SLACK)).said
    assert "七日" in send(running, dm(running, RETURNS, CUSTOMER_ON_SLACK)).said


def test_a_message_deleted_after_its_answer_is_forgotten(running: Office) -> None:
    """Nothing of it remains but its key."""
    question = dm(running, LEAVE)
    send(running, question)
    key = f"msg:D{EMPLOYEE}:{question.ts}"
    kept = "select i.id from inbox i join turns t on t.event = i.id where i.event_id = %s"
    assert len(running.query(kept, [key])) == 1
    seen = send(running, running.slack.events.deleted(TEAM, f"D{EMPLOYEE}", question.ts))
    assert (seen.stored, seen.calls) == ("unsend/done", ())
    assert running.query(kept, [key]) == []
    assert running.query("select body from inbox where event_id = %s", [key]) == [(None,)]


def test_an_edited_question_is_answered_as_it_reads_now(running: Office) -> None:
    """The new words get an answer."""
    question = dm(running, "病假一年最多幾日？")
    assert "三十日" in send(running, question).said
    seen = send(running, running.slack.events.edited(TEAM, f"D{EMPLOYEE}", question.ts, RETURNS))
    assert seen.stored == "edit/done"
    assert "七日內可以退貨" in seen.said


def test_bots_and_our_own_words_are_not_answered(running: Office) -> None:
    """What a bot writes, or we ourselves, is ignored: two bots would never end."""
    send(running, dm(running, LEAVE))
    ours = running.slack.events.echo(newest(running, f"D{EMPLOYEE}"))
    seen = send(running, ours, running.slack.events.bot_message(TEAM, CHANNEL, f"<@{BOT}> {LEAVE}"))
    assert (seen.stored, seen.calls) == ("ignored/ignored ignored/ignored", ())


# --- channels and threads ---


def test_a_mention_in_a_listed_channel_is_answered_once_in_a_thread(running: Office) -> None:
    """app_mention and message tell of one gesture; the answer goes below it."""
    asked = running.slack.events.mention(TEAM, CHANNEL, EMPLOYEE, LEAVE)
    seen = send(running, *asked)
    assert (seen.stored, seen.calls) == ("message/done", POST)
    assert "十四日" in seen.said
    assert newest(running, CHANNEL).thread_ts == asked[0].ts


def test_a_mention_in_an_unlisted_channel_says_so(running: Office) -> None:
    """Nobody has said what the channel may read, so the question is not answered, and the reply says what to do."""
    seen = send(running, *running.slack.events.mention(TEAM, OTHER, EMPLOYEE, LEAVE))
    assert "這個頻道還沒有設定窗口" in seen.said
    assert "十四日" not in seen.said


def test_without_a_mention_we_keep_out(running: Office) -> None:
    """Talk among people is none of our business, in a thread neither."""
    root = running.slack.events.message(TEAM, CHANNEL, EMPLOYEE, LEAVE)
    below = running.slack.events.message(TEAM, CHANNEL, BOSS, LEAVE, root.ts)
    assert send(running, root, below).calls == ()


def test_an_edit_among_people_is_not_answered(running: Office) -> None:
    """Whoever corrects their words to others gets no answer from us."""
    said = running.slack.events.message(TEAM, CHANNEL, EMPLOYEE, LEAVE)
    send(running, said)
    assert send(running, running.slack.events.edited(TEAM, CHANNEL, said.ts, LEAVE + "！")).calls == ()


def test_a_follow_up_stays_in_the_thread_and_keeps_its_history(running: Office) -> None:
    """Below our answer nobody needs to mention us, and what the question leaves out is taken from before."""
    asked = running.slack.events.mention(TEAM, CHANNEL, EMPLOYEE, "病假一年最多幾日？")
    assert "三十日" in send(running, *asked).said
    seen = send(running, running.slack.events.message(TEAM, CHANNEL, BOSS, "那薪水呢？", asked[0].ts))
    assert seen.calls == POST
    assert "減半" in seen.said
    assert newest(running, CHANNEL).thread_ts == asked[0].ts


def test_our_joining_is_greeted_and_that_of_others_is_not(running: Office) -> None:
    """In a channel that takes us in we say how to ask."""
    assert "大家好" in send(running, running.slack.events.joined(TEAM, CHANNEL, BOT)).said
    assert send(running, running.slack.events.joined(TEAM, CHANNEL, EMPLOYEE)).calls == ()
    assert send(running, running.slack.events.left(TEAM, CHANNEL, BOT)).stored == "leave/done"


# --- commands, home, shortcuts, taps ---


def test_a_slash_command_is_acknowledged_and_answered_directly(running: Office) -> None:
    """Only the person sees the acknowledgement; the answer comes to their direct messages."""
    command = running.slack.interactions.slash_command(TEAM, OTHER, EMPLOYEE, "/transom", LEAVE)
    answer = running.slack.send(running.events_url, command)
    assert answer.json() == {"response_type": "ephemeral", "text": "收到，回答會送到您和我的私訊裡。"}
    running.settled()
    assert "十四日" in newest(running, f"D{EMPLOYEE}").text


def test_the_home_shows_the_windows_of_the_person(running: Office) -> None:
    """An employee sees both windows, a guest the customers' one; a question there is answered directly."""
    assert send(running, running.slack.events.home_opened(TEAM, EMPLOYEE)).calls == ("views.publish",)
    assert send(running, running.slack.events.home_opened(TEAM, CUSTOMER_ON_SLACK)).calls == ("views.publish",)
    homes = {view.user: view for view in running.slack.views if view.kind == "home"}
    assert "hr" in words(homes[EMPLOYEE].payload).splitlines()
    assert "hr" not in words(homes[CUSTOMER_ON_SLACK].payload).splitlines()
    asks = element(homes[EMPLOYEE].payload, RETURNS[:10])
    seen = send(running, running.slack.interactions.click_in_view(homes[EMPLOYEE].id, EMPLOYEE, asks))
    assert "七日內可以退貨" in seen.said


def test_the_messages_tab_greets_once(running: Office) -> None:
    """The first time it is opened we show what there is; it is opened often."""
    opened = [running.slack.events.home_opened(TEAM, BOSS, "messages") for _ in range(2)]
    first, second = (send(running, one) for one in opened)
    assert "您好，我是A公司的窗口" in first.said
    assert second.calls == ()


def test_a_shortcut_opens_the_question_and_its_submission_is_answered(running: Office) -> None:
    """The modal opens at once, an empty one is refused in place, a question is answered directly."""
    opened = send(running, running.slack.interactions.shortcut(TEAM, EMPLOYEE, "ask"))
    assert opened.calls == ("views.open",)
    view = next(view for view in running.slack.views if view.kind == "modal")
    answer = running.slack.send(running.events_url, running.slack.interactions.submit(view.id))
    assert answer.json()["response_action"] == "errors"
    filled = {
        "question": {"question": {"type": "plain_text_input", "value": LEAVE}},
        "window": {"window": {"type": "static_select", "selected_option": {"value": "hr"}}},
    }
    seen = send(running, running.slack.interactions.submit(view.id, filled))
    assert seen.stored == "message/done"
    assert "十四日" in seen.said
    assert all(view.kind != "modal" for view in running.slack.views)


def test_a_message_shortcut_takes_the_message_for_the_question(running: Office) -> None:
    """What somebody wrote stands in the modal already."""
    send(running, dm(running, LEAVE))
    about = next(m for m in running.slack.messages if m.channel == f"D{EMPLOYEE}" and m.text == LEAVE)
    seen = send(running, running.slack.interactions.message_shortcut(about, EMPLOYEE, "ask_about"))
    assert seen.calls == ("views.open",)
    view = next(view for view in running.slack.views if view.kind == "modal")
    assert LEAVE in str(view.payload)
    send(running, running.slack.interactions.close(view.id))


@pytest.mark.parametrize("rating", ["up", "down"])
def test_a_rating_is_kept_with_its_turn(running: Office, rating: str) -> None:
    """👍 and 👎 are stored."""
    send(running, dm(running, LEAVE))
    message = newest(running, f"D{EMPLOYEE}")
    buttons = next(one for one in elements(message.blocks) if one["action_id"] == "feedback")
    value = buttons[f"{'positive' if rating == 'up' else 'negative'}_button"]["value"]
    tapped = running.slack.interactions.click(message, EMPLOYEE, "feedback", value=value)
    assert send(running, tapped).stored == "feedback/done"
    assert running.query("select feedback from turns where delivery = %s", [value.partition(":")[2]]) == [(rating,)]


def test_a_tap_asks_the_same_in_another_window(running: Office) -> None:
    """改問 below an answer asks the last question there."""
    send(running, dm(running, RETURNS), running.slack.events.home_opened(TEAM, EMPLOYEE))
    message = newest(running, f"D{EMPLOYEE}")
    tapped = running.slack.interactions.click(message, EMPLOYEE, element(message.blocks, "改問hr"))
    seen = send(running, tapped)
    assert (seen.stored, seen.calls) == ("postback/done", POST)
    assert "七日內可以退貨" not in seen.said


# --- files ---


def test_a_file_from_someone_allowed_to_is_offered_to_the_window(running: Office) -> None:
    """Of a person in hr it is kept for review with its bytes; of others it is declined, and not even fetched."""
    pdf, before = b"%PDF-1.4 " + bytes(range(256)), running.count("offers")

    def shares(user: str) -> Seen:
        file = running.slack.add_file(TEAM, "規章.pdf", pdf, user, "application/pdf")
        return send(running, running.slack.events.file_share(TEAM, f"D{user}", user, [file.id]))

    assert "謝謝您的檔案" in shares(BOSS).said
    assert "只收文字問題" in shares(CUSTOMER_ON_SLACK).said
    assert running.slack.calls_of("files.download") == []
    assert running.count("offers") == before
    assert "已收下「規章.pdf」" in shares(EMPLOYEE).said
    offered = running.query("select employee_number, window_name, content from offers order by id desc limit 1")
    assert offered == [("A2", "hr", pdf)]


def test_slack_is_told_its_challenge(running: Office) -> None:
    """The address is verified by Slack's challenge, and nothing is stored for it."""
    watch = Watch(running)
    answer = running.slack.send(running.events_url, running.slack.interactions.url_verification(TEAM, "sesame"))
    assert answer.json() == {"challenge": "sesame"}
    assert watch.seen(200).stored == ""
