"""Slack without a public address: the worker receives by Socket Mode, and no web process is needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.installation import Server
from acceptance.office import EMPLOYEE, LEAVE, TEAM, Office, office, wait_for, write_company

APP_TOKEN = f"xapp-1-{TEAM}"


def with_app_token(company: Path) -> None:
    write_company(company)
    path = company / "channels.yaml"
    bot = "    bot_token: ${SLACK_BOT}\n"
    path.write_text(path.read_text().replace(bot, f"{bot}    app_token: ${{SLACK_APP}}\n"))


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("socket")
    more = {"SLACK_APP": APP_TOKEN}
    with (
        server.database() as url,
        office(url, folder, web=0, workers=1, more=more, write=with_app_token) as running,
    ):
        yield running


def test_a_message_is_answered_without_a_web_process(running: Office) -> None:
    """Acknowledged when it is stored, answered in the direct message; sent again, it is answered no second time."""
    assert running.slack.sockets.wait_for_links(APP_TOKEN, timeout_s=30)
    asked = running.slack.events.message(TEAM, f"D{EMPLOYEE}", EMPLOYEE, LEAVE)
    for number in (None, 1):
        envelope = running.slack.send_by_socket(asked, retry_num=number)
        running.slack.sockets.wait_for_ack(envelope)
        assert envelope in running.slack.sockets.acks
    wait_for(lambda: running.count("inbox") == 1, 20, "nothing was stored")
    running.settled()
    [answer] = running.slack.messages_of_bot()
    assert "十四日" in answer.text
    assert running.slack.violations == []
