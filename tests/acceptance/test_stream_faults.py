"""A worker killed while a reply grows on Slack: the half-written message becomes the answer, and there is no second."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.command import kill
from acceptance.installation import Server
from acceptance.model_server import model_server
from acceptance.office import CHANNEL, EMPLOYEE, LEAVE, TEAM, Office, office, wait_for

SAYS = ("到職滿三年的員工，特別休假為十四日。[1]\n", "病假一年最多三十日，薪水減半發給。[2]\n") * 5


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    """An office with a model that takes its time between sentences."""
    with model_server() as model, server.database() as url:
        model.says, model.pause_s = SAYS, 0.6
        more = {
            "TRANSOM_GENERATOR": "openai",
            "TRANSOM_OPENAI__BASE_URL": model.base_url,
            "TRANSOM_OPENAI__MODEL": "parrot",
            "TRANSOM_SWEEP_S": "5",
        }
        with office(url, tmp_path_factory.mktemp("stream"), workers=0, more=more) as running:
            yield running


def answers(running: Office, thread: str) -> list[str]:
    return [message.text for message in running.slack.messages_of_bot() if message.thread_ts == thread]


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream"])
def test_a_worker_killed_while_it_streams_leaves_one_answer(running: Office, method: str) -> None:
    """Slack has acted and nobody noted it: the next worker finds what was begun, and finishes it."""
    worker = running.start_worker()
    killed: list[str] = []

    def on_call(called: str, arguments: object, phase: str) -> None:
        if called == method and phase == "after" and not killed:
            killed.append(called)
            kill(worker)

    running.slack.on_call = on_call
    asked, _ = running.slack.events.mention(TEAM, CHANNEL, EMPLOYEE, LEAVE)
    assert running.slack.send(running.events_url, asked).status == 200
    wait_for(lambda: bool(killed), 30, "nothing streamed")
    assert len(answers(running, asked.ts)) == 1
    second = running.start_worker()
    running.settled()
    [answer] = answers(running, asked.ts)
    assert "十四日" in answer
    assert running.slack.violations == []
    kill(second)


def test_a_reply_that_streams_in_peace_is_finished_with_its_sources(running: Office) -> None:
    """Sentence by sentence first; in the end one message, no stream any more, with feedback and sources."""
    running.slack.on_call = None
    worker = running.start_worker()
    asked, _ = running.slack.events.mention(TEAM, CHANNEL, EMPLOYEE, LEAVE)
    began = len(running.slack.calls_of("chat.startStream"))
    assert running.slack.send(running.events_url, asked).status == 200
    running.settled()
    assert len(running.slack.calls_of("chat.startStream")) == began + 1
    [answer] = [m for m in running.slack.messages_of_bot() if m.thread_ts == asked.ts]
    assert not answer.streaming
    assert "feedback_buttons" in str(answer.blocks)
    kill(worker)
