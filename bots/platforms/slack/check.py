"""Looks at a workspace's connection with Slack, for ``transom doctor``: what is wrong, and what to do about it."""

from dataclasses import dataclass

from bots.accounts import SlackWorkspace
from bots.platforms.slack.calls import SLACK, Api, CallFailed
from bots.platforms.slack.manifest import SCOPES
from bots.platforms.slack.plain import string


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a workspace, as a sentence, and a sentence that says what to do."""

    account: str
    problem: str
    fix: str


def check(workspace: SlackWorkspace, api_base: str | None = None) -> list[Finding]:
    """Return what is wrong, nothing if all is well. Asks Slack two questions and changes nothing."""
    base = api_base or SLACK
    found = [_written(workspace), *_bot_token(workspace, base), _app_token(workspace, base)]
    return [finding for finding in found if finding]


def _written(workspace: SlackWorkspace) -> Finding | None:
    if workspace.signing_secret or workspace.app_token:
        return None
    return Finding(
        workspace.name,
        "It has neither a signing_secret nor an app_token, so nothing can come in.",
        "Copy the signing secret (Basic Information) into channels.yaml, or an app-level token for Socket Mode.",
    )


def _bot_token(workspace: SlackWorkspace, base: str) -> list[Finding | None]:
    try:
        told, scopes = Api(workspace.bot_token, base).scopes()
    except CallFailed as failed:
        return [_unanswered(workspace, "bot_token", failed, "Bot User OAuth Token (OAuth & Permissions, xoxb-…)")]
    return [_team(workspace, string(told, "team_id")), _scopes(workspace, scopes)]


def _team(workspace: SlackWorkspace, team: str) -> Finding | None:
    if team == workspace.team:
        return None
    return Finding(
        workspace.name,
        f"The bot_token belongs to {team}, and channels.yaml says team: {workspace.team}.",
        f"Write team: {team} if this is the right workspace, else copy the token of {workspace.team}.",
    )


def _scopes(workspace: SlackWorkspace, held: frozenset[str]) -> Finding | None:
    missing = [scope for scope in SCOPES if scope not in held]
    if not missing or not held:  # without the header Slack has not said
        return None
    return Finding(
        workspace.name,
        f"The app lacks {', '.join(missing)}.",
        "Paste the output of `transom slack manifest` into the app's manifest again, then reinstall the app.",
    )


def _app_token(workspace: SlackWorkspace, base: str) -> Finding | None:
    if not workspace.app_token:
        return None
    try:
        Api(workspace.app_token, base).write("apps.connections.open")
    except CallFailed as failed:
        return _unanswered(workspace, "app_token", failed, "app-level token with connections:write (Basic Information)")
    return None


def _unanswered(workspace: SlackWorkspace, what: str, failed: CallFailed, source: str) -> Finding:
    if failed.wait_s is not None:
        return Finding(
            workspace.name,
            f"Slack did not answer ({failed.reason}).",
            "See that this machine reaches https://slack.com, through its proxy if it has one, and try again.",
        )
    return Finding(
        workspace.name,
        f"Slack does not accept the {what} ({failed.reason}).",
        f"Copy the {source} into the environment again; reinstall the app if it was removed.",
    )
