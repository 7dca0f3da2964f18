"""What all of Slack's bodies share: whose they are, who acted, when, and an id where Slack gives none."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from bots.platforms.slack.plain import string

TAIPEI = ZoneInfo("Asia/Taipei")  # the company's time zone unless it says otherwise
RECEIVED = "transom_received"  # seconds: our mark on bodies in which Slack gives no time


@dataclass(frozen=True, slots=True)
class Where:
    """For whom a body is read: our account, its team, and the company's time zone."""

    account: str
    team: str
    zone: tzinfo = TAIPEI


def team_of(body: Mapping[str, Any]) -> str:
    """Return the workspace a body was sent for.

    In a channel shared with another company ``team_id`` may name theirs, so the installation that entitles us to the
    event comes first, as in bolt-python.
    """
    named = [
        *(string(one, "team_id") for one in _authorizations(body)[:1]),
        string(body, "view", "app_installed_team_id"),
        string(body, "team_id"),
        string(body, "team", "id"),
        string(body, "user", "team_id"),
    ]
    return next((team for team in named if team), "")


def our_users(body: Mapping[str, Any]) -> frozenset[str]:
    """Return the user ids that are ours, as far as the body says."""
    ours = {string(one, "user_id") for one in _authorizations(body) if one.get("is_bot")}
    authed = body.get("authed_users")
    if not ours and isinstance(authed, list):  # the older form of authorizations
        ours = {user for user in authed if isinstance(user, str)}
    return frozenset(ours - {""})


def person(team: str, message: Any) -> str:
    """Return whoever wrote a message: their user id, or ``TEAM/USER`` if they belong elsewhere."""
    user = string(message, "user")
    home = string(message, "user_team") or string(message, "source_team") or string(message, "team")
    return f"{home}/{user}" if user and home and home != team else user


def actor(team: str, body: Mapping[str, Any]) -> str:
    """Return whoever tapped, submitted or commanded, as ``person`` does."""
    user = string(body, "user", "id") or string(body, "user_id")
    home = string(body, "user", "team_id") or string(body, "team_id")
    return f"{home}/{user}" if user and home and home != team else user


def sent_at(body: Mapping[str, Any], *stamps: str) -> datetime:
    """Return when it happened, in UTC: the first time that can be read, the epoch if there is none."""
    event = body.get("event")
    times = (*stamps, string(event, "event_ts"), string(event, "ts"), body.get("event_time"), body.get(RECEIVED))
    for time in times:
        try:
            return datetime.fromtimestamp(float(time or "none"), UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            continue
    return datetime.fromtimestamp(0, UTC)


def fallback_id(body: Mapping[str, Any]) -> str:
    """Return an id that the same body has again, whenever it was received."""
    told = {name: value for name, value in body.items() if name != RECEIVED}
    try:
        told_json = json.dumps(told, sort_keys=True, default=str)
    except (ValueError, RecursionError):
        told_json = str(sorted(told))
    return f"sha:{hashlib.sha256(told_json.encode()).hexdigest()[:40]}"


def _authorizations(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = body.get("authorizations")
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
