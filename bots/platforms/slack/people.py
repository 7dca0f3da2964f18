"""What users.info says of a person, and whether their e-mail may identify them."""

from typing import Any

from bots.messages import Language, Profile
from bots.platforms.slack.plain import string

_NOT_A_MEMBER = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_workflow_bot")


def profile_of(user: Any, team: str) -> Profile:
    """Return the profile; without an e-mail unless Slack confirmed it and the person is a full member of the team."""
    member = isinstance(user, dict) and not any(user.get(flag) for flag in _NOT_A_MEMBER)
    confirmed = member and user.get("is_email_confirmed") is True and string(user, "team_id") == team
    email = string(user, "profile", "email") if confirmed else ""
    return Profile(email, _language(string(user, "locale")))


def _language(locale: str) -> Language | None:
    if locale.startswith("zh"):
        return "zh-TW"
    return "en" if locale.startswith("en") else None
