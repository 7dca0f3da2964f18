from threading import Event, Thread

import pytest

from bots.messages import Kind
from bots.platforms.slack import run_socket_mode

from .conftest import CHANNEL, PERSON, TEAM


@pytest.fixture
def connected(slack, workspace, receiver):
    """Our side of Socket Mode, running until the test ends."""
    stop = Event()
    thread = Thread(target=run_socket_mode, args=(workspace, receiver.take, stop, slack.api_url, 0.5), daemon=True)
    thread.start()
    assert slack.sockets.wait_for_links(workspace.app_token)
    yield
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_an_envelope_is_acknowledged_when_it_is_stored(slack, connected, inbox):
    """Events with nothing, commands with what the person is to see."""
    event = slack.send_by_socket(slack.events.mention(TEAM, CHANNEL, PERSON, "特休有幾天？")[0])
    assert slack.sockets.wait_for_ack(event) is None
    command = slack.send_by_socket(slack.interactions.slash_command(TEAM, CHANNEL, PERSON, "/transom", "特休？"))
    assert slack.sockets.wait_for_ack(command)["text"] == "收到，回答會送到您和我的私訊裡。"
    assert [event.text for event in inbox.events] == ["特休有幾天？", "特休？"]


def test_a_form_opens_and_closes_through_the_socket(slack, connected, inbox):
    """The tap is acknowledged with nothing, what was handed in with the modal's end."""
    slack.events.message(TEAM, CHANNEL, PERSON, "hi")
    button = {"type": "button", "action_id": "form-0", "value": "form=hr/leave", "text": {"text": "填寫表單"}}
    message = slack.state.change(slack.messages[0], blocks=({"type": "actions", "elements": [button]},))
    tap = slack.send_by_socket(slack.interactions.click(message, PERSON, "form-0"))
    assert slack.sockets.wait_for_ack(tap) is None
    filled = slack.send_by_socket(slack.interactions.fill_in(slack.views[0].id, kind="特休"))
    assert slack.sockets.wait_for_ack(filled) == {"response_action": "clear"}
    assert [event.kind for event in inbox.events] == [Kind.IGNORED, Kind.SUBMIT]


def test_an_envelope_that_cannot_be_stored_is_not_acknowledged(slack, connected, inbox):
    """Slack sends it again, and then it is stored."""
    request = slack.events.mention(TEAM, CHANNEL, PERSON, "特休有幾天？")[0]
    inbox.broken = True
    lost = slack.send_by_socket(request)
    with pytest.raises(TimeoutError):
        slack.sockets.wait_for_ack(lost, 0.5)
    inbox.broken = False
    slack.sockets.wait_for_ack(slack.send_by_socket(request, retry_num=1, retry_reason="timeout"))
    assert len(inbox.events) == 1


def test_a_connection_that_slack_renews_is_made_anew(slack, connected, inbox, workspace):
    """Slack closes every link after some hours."""
    slack.sockets.disconnect(workspace.app_token)
    assert slack.sockets.wait_for_links(workspace.app_token)
    for _ in range(50):
        opened = slack.calls_of("apps.connections.open")
        if len(opened) > 1 and slack.sockets.wait_for_links(workspace.app_token):
            break
        Event().wait(0.1)
    slack.sockets.wait_for_ack(slack.send_by_socket(slack.events.message(TEAM, CHANNEL, PERSON, "hi")))
    assert len(inbox.events) == 1


def test_slack_out_of_reach_is_tried_again(slack, workspace, receiver, inbox):
    """A service that starts before the network does comes up by itself."""
    slack.faults.add("apps.connections.open", "error_before", 1)
    stop = Event()
    thread = Thread(target=run_socket_mode, args=(workspace, receiver.take, stop, slack.api_url), daemon=True)
    thread.start()
    assert slack.sockets.wait_for_links(workspace.app_token)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
