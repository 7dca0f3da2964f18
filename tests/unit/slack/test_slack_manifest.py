import json
from dataclasses import replace

import jsonschema
import pytest

from bots.platforms.slack import check, manifest
from bots.platforms.slack.manifest import SCOPES

from .conftest import TEAM


@pytest.mark.parametrize("socket_mode", [True, False])
def test_the_manifest_is_as_slack_describes_it(public_data, socket_mode):
    """Slack's own JSON schema takes it, with request URLs only where there is a public address."""
    schema = json.loads((public_data / "slack" / "manifest.schema.2.0.0.json").read_text(encoding="utf-8"))
    made = manifest("A公司窗口", "https://transom.a-company.example/", socket_mode)
    jsonschema.validate(made, schema)
    address = None if socket_mode else "https://transom.a-company.example/slack/events"
    assert made["settings"]["event_subscriptions"].get("request_url") == address
    assert made["settings"]["interactivity"].get("request_url") == address
    assert made["features"]["slash_commands"][0].get("url") == address


def test_a_long_name_is_shortened(public_data):
    """Slack takes 35 characters."""
    assert len(manifest("長" * 90, "", socket_mode=True)["display_information"]["name"]) == 35


def test_the_manifest_asks_for_every_scope_that_our_calls_need(public_data):
    """Each method we call is described to need one of the scopes."""
    for method in (
        "chat.postMessage",
        "chat.update",
        "chat.startStream",
        "chat.stopStream",
        "conversations.replies",
        "conversations.history",
        "conversations.open",
        "users.info",
        "files.info",
        "assistant.threads.setStatus",
    ):
        described = json.loads((public_data / "slack" / "methods" / f"{method}.json").read_text(encoding="utf-8"))
        assert set(described["scope"]["bot"]) & SCOPES.keys(), method


def test_a_workspace_that_is_well_connected_has_no_findings(slack, workspace):
    """Nothing to do, nothing said."""
    assert check(workspace, slack.api_url) == []


def test_what_is_wrong_is_named_with_what_to_do(slack, workspace):
    """The wrong team, an unknown token, no way in, Slack out of reach."""

    def problems(**changes):
        return [finding.problem for finding in check(replace(workspace, **changes), slack.api_url)]

    assert problems(team="T0002") == [f"The bot_token belongs to {TEAM}, and channels.yaml says team: T0002."]
    assert problems(bot_token="xoxb-nobody") == ["Slack does not accept the bot_token (invalid_auth)."]
    assert problems(app_token="", signing_secret="")[0].startswith("It has neither")
    assert check(workspace, "http://127.0.0.1:9/api/")[0].problem == "Slack did not answer (unreachable)."


def test_scopes_that_are_missing_are_named(scripted, workspace):
    """Slack tells a token's scopes in a header of every answer."""
    scripted.say({"ok": True, "team_id": TEAM}, X_OAuth_Scopes=", ".join([*SCOPES][:-1]))
    found = check(replace(workspace, app_token=""), scripted.url)
    assert [finding.problem for finding in found] == ["The app lacks users:read.email."]
