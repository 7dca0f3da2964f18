"""The names of Slack's channels, for window files that say ``#ask-hr`` rather than ``C0123ABCD``."""

from collections.abc import Iterable

from bots.accounts import SlackWorkspace
from bots.platforms.slack.calls import SLACK, Api, CallFailed
from bots.platforms.slack.plain import string


class ChannelNames:
    """Asks Slack for a channel's name."""

    def __init__(self, workspaces: Iterable[SlackWorkspace], api_base: str | None = None) -> None:
        self._apis = {one.name: Api(one.bot_token, api_base or SLACK) for one in workspaces}

    def __call__(self, account: str, channel: str) -> str | None:
        """Return the channel's name without #; None if Slack does not tell."""
        api = self._apis.get(account)
        if api is None:
            return None
        try:
            return string(api.read("conversations.info", channel=channel), "channel", "name") or None
        except CallFailed:
            return None
