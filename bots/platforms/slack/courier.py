"""Brings deliveries to Slack, so that each arrives once.

Slack has no idempotency key for messages. So every message carries its delivery's id, and an attempt that follows
another looks for it before it posts (``search.py``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog

from bots.accounts import SlackWorkspace
from bots.messages import Again, Delivery, InboundEvent, Outcome, Profile, Quota, Rejected, Sent
from bots.platforms.slack.calls import SLACK, Api, CallFailed
from bots.platforms.slack.download import download
from bots.platforms.slack.people import profile_of
from bots.platforms.slack.plain import string
from bots.platforms.slack.receive import wall_clock
from bots.platforms.slack.render import render, render_home, render_plainly
from bots.platforms.slack.search import Found, look_for, mark
from bots.platforms.slack.stream import SlackStream
from bots.ports import LiveReply

DELIVER_WITHIN_S = 14
STATUS_WITHIN_S = 1
LONGEST_BACKOFF_S = 60.0

log = structlog.get_logger()

_TOO_MUCH = (
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_blocks_too_many",
    "msg_too_long",
    "invalid_attachments",  # what Slack calls a second table
    "block_mismatch",
    "invalid_arguments",
    "no_text",
)
_STREAM_OVER = ("message_not_in_streaming_state", "message_not_found", "stopped_by_user")
_CANNOT_CHANGE = ("message_not_found", "cant_update_message", "edit_window_closed", "message_not_owned_by_app")
_STATUS = {"zh-TW": "正在翻閱文件…", "en": "is looking through the documents…"}


@dataclass(slots=True)
class SlackCourier:
    """Delivers to the given workspaces. ``api_base`` ends in /api/; ``call_s`` is the time for one call."""

    workspaces: Sequence[SlackWorkspace]
    api_base: str | None = None
    clock: Callable[[], datetime] = wall_clock
    call_s: int = 4
    _bots: dict[str, str] = field(default_factory=dict)
    _no_streams_before: dict[str, datetime] = field(default_factory=dict)
    _begun_unheard: set[str] = field(default_factory=set)  # deliveries whose stream Slack may have begun

    def deliver(self, delivery: Delivery) -> Outcome:
        """Try once. A 429 and whatever may pass is Again; what Slack refuses for good is Rejected."""
        api, backoff = self._api(delivery.place.account), min(2.0 ** min(delivery.attempt, 10), LONGEST_BACKOFF_S)
        if api is None:
            return Rejected("unknown_account")
        api = replace(api, until=monotonic() + DELIVER_WITHIN_S)
        try:
            outcome: Outcome = self._home(api, delivery) if delivery.home else self._message(api, delivery)
        except CallFailed as failed:
            outcome = failed.outcome(doubtful=delivery.doubtful and not delivery.home, after_s=backoff)
        except Exception as error:  # the port promises that nothing is raised, whatever Slack may answer one day
            log.warning("slack.courier", delivery=delivery.id, error=type(error).__name__)
            outcome = Again(backoff, type(error).__name__, doubtful=True)
        if not isinstance(outcome, Again):
            self._begun_unheard.discard(delivery.id)
        told = {"outcome": type(outcome).__name__, "reason": getattr(outcome, "reason", "")}
        log.info("slack.delivery", delivery=delivery.id, attempt=delivery.attempt, **told)
        return outcome

    def working(self, event: InboundEvent) -> None:
        """Say that we are at it, where Slack shows it: in the threads of direct messages."""
        place, api = event.place, self._api(event.place.account, STATUS_WITHIN_S)
        if api is None or not (place.direct and place.thread and place.channel.startswith("D")):
            return
        status = _STATUS[event.language or "zh-TW"]
        try:
            api.write("assistant.threads.setStatus", channel_id=place.channel, thread_ts=place.thread, status=status)
        except CallFailed as failed:
            log.debug("slack.status", account=place.account, reason=failed.reason)

    def live(self, delivery: Delivery) -> LiveReply | None:
        """Return a stream; None for a home tab, a person's id as the channel, and whatever was begun before."""
        place, workspace = delivery.place, self._workspace(delivery.place.account)
        begun = delivery.progress or delivery.attempt > 1 or delivery.doubtful
        if workspace is None or delivery.home or begun or place.channel.startswith(("U", "W")):
            return None
        silent_until = self._no_streams_before.get(place.account)
        if silent_until and self.clock() < silent_until:
            return None
        api = Api(workspace.bot_token, self.api_base or SLACK, self.call_s)
        return SlackStream(api, place, delivery.sender, workspace.team, self.clock, self._not_begun(delivery))

    def profile(self, account: str, user: str) -> Profile | None:
        """Return e-mail and language; the e-mail of full, confirmed members of this very workspace only."""
        workspace, api = self._workspace(account), self._api(account)
        if workspace is None or api is None:
            return None
        try:
            told = api.read("users.info", user=user.rpartition("/")[2], include_locale=True)
        except CallFailed as failed:
            log.info("slack.profile", account=account, reason=failed.reason)
            return None
        profile = profile_of(told.get("user"), workspace.team)
        return Profile("", profile.language) if "/" in user else profile

    def fetch(self, event: InboundEvent) -> bytes | None:
        """Return the file, at most 20 MB. Our token goes to Slack's own hosts only."""
        api = self._api(event.place.account)
        if api is None or event.file is None:
            return None
        try:
            file = api.read("files.info", file=event.file.id).get("file")
        except CallFailed as failed:
            log.info("slack.file", account=event.place.account, reason=failed.reason)
            return None
        return download(file, api.token, api.base)

    def quota(self, account: str) -> Quota | None:  # noqa: ARG002 the port's argument; Slack counts nothing
        """Return None: Slack counts no messages."""
        return None

    def _home(self, api: Api, delivery: Delivery) -> Sent:
        api.write("views.publish", user_id=delivery.sender, view=render_home(delivery))
        return Sent()

    def _message(self, api: Api, delivery: Delivery) -> Sent:
        channel = delivery.place.channel
        if delivery.progress and self._finish(api, delivery, Found(channel, delivery.progress, complete=False)):
            return Sent((delivery.progress,))
        repeated = delivery.doubtful or delivery.attempt > 1 or delivery.id in self._begun_unheard
        found = self._earlier(api, delivery) if repeated else None
        if found and (found.complete or self._finish(api, delivery, found)):
            return Sent((found.ts,))
        return Sent((self._post(api, delivery),))

    def _earlier(self, api: Api, delivery: Delivery) -> Found | None:
        try:
            return look_for(api, self._bot(api, delivery.place.account), delivery)
        except CallFailed as failed:
            if failed.wait_s is None and not delivery.doubtful:  # we may not look, and no attempt is in doubt
                return None
            raise CallFailed(failed.reason, failed.wait_s, doubtful=delivery.doubtful) from None

    def _finish(self, api: Api, delivery: Delivery, begun: Found) -> bool:
        """Make a begun message the whole one; say whether that could be done."""
        place = {"channel": begun.channel, "ts": begun.ts}
        try:
            api.write("chat.stopStream", **place, metadata=mark(delivery.id, complete=False))
        except CallFailed as failed:
            if failed.wait_s is not None or failed.reason not in _STREAM_OVER:
                log.info("slack.stop", delivery=delivery.id, reason=failed.reason)
            if failed.wait_s is not None:
                raise
        try:
            self._write(api, "chat.update", delivery, **place)
        except CallFailed as failed:
            if failed.reason == "streaming_state_conflict":  # it could not be stopped: it dies within five minutes
                raise CallFailed(failed.reason, 5.0, doubtful=True) from None
            if failed.reason not in _CANNOT_CHANGE:
                raise
            return False
        return True

    def _post(self, api: Api, delivery: Delivery) -> str:
        place = delivery.place
        return self._write(
            api,
            "chat.postMessage",
            delivery,
            channel=place.channel,
            thread_ts=place.thread or None,
            unfurl_links=False,
            unfurl_media=False,
        )

    def _write(self, api: Api, method: str, delivery: Delivery, **where: Any) -> str:
        """Post or change a message; where Slack refuses its blocks, in one plain paragraph, at last as mere text."""
        metadata, plainly = mark(delivery.id, complete=True), render_plainly(delivery)
        for message in (render(delivery), plainly, replace(plainly, blocks=[])):
            try:
                told = api.write(method, **where, text=message.text, blocks=message.blocks or None, metadata=metadata)
                return string(told, "ts")
            except CallFailed as failed:
                if failed.reason not in _TOO_MUCH or not message.blocks:
                    raise
                log.warning("slack.refused_blocks", delivery=delivery.id, reason=failed.reason)
        raise AssertionError("mere text is the last try")

    def _bot(self, api: Api, account: str) -> str:
        if account not in self._bots:
            self._bots[account] = string(api.read("auth.test"), "bot_id")
        return self._bots[account]

    def _not_begun(self, delivery: Delivery) -> Callable[[CallFailed], None]:
        def remember(failed: CallFailed) -> None:
            if failed.wait_s is not None:  # Slack asks for less, or is in trouble
                self._no_streams_before[delivery.place.account] = self.clock() + timedelta(seconds=failed.wait_s)
            if failed.doubtful:
                self._begun_unheard.add(delivery.id)

        return remember

    def _api(self, account: str, within_s: int | None = None) -> Api | None:
        workspace = self._workspace(account)
        return Api(workspace.bot_token, self.api_base or SLACK, within_s or self.call_s) if workspace else None

    def _workspace(self, account: str) -> SlackWorkspace | None:
        return next((known for known in self.workspaces if known.name == account), None)
