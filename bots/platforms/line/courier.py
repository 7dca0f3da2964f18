"""Brings replies to LINE. What to do is decided in ``ladder``; this calls LINE and says what came of it."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import structlog
from urllib3.exceptions import HTTPError

from bots.accounts import LineAccount
from bots.messages import Delivery, InboundEvent, Language, Outcome, Profile, Quota, Rejected
from bots.platforms.line.actions import lost
from bots.platforms.line.client import SEND_S, LineApi, NotToldError
from bots.platforms.line.ladder import Rung, next_step, outcome_of
from bots.platforms.line.render import render
from bots.ports import LiveReply

LOADING_S: Final = 60  # the longest; it goes with our first message
_PREPARING_WAITS_S: Final = (0.5, 1.0, 1.5, 2.0)

_log = structlog.get_logger()


class LineCourier:
    """Delivers to the company's LINE accounts. ``api_base`` stands in for LINE's own hosts, for tests and proxies."""

    def __init__(
        self,
        accounts: Iterable[LineAccount],
        api_base: str | None = None,
        *,
        timeout_s: float = SEND_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        # All at once, so that threads share them without a lock. Nothing connects before it is used.
        self._apis = {account.name: LineApi(account, api_base, timeout_s) for account in accounts}
        self._sleep = sleep

    def deliver(self, delivery: Delivery) -> Outcome:
        """Try once, by the ladder's next rung."""
        api = self._apis.get(delivery.place.account)
        outcome = _climb(api, delivery) if api else Rejected("unknown account")
        _log.info(
            "line.deliver",
            delivery=delivery.id,
            account=delivery.place.account,
            attempt=delivery.attempt,
            outcome=type(outcome).__name__,
            reason=getattr(outcome, "reason", ""),
        )
        return outcome

    def working(self, event: InboundEvent) -> None:
        """Show the loading animation, which LINE has in one-to-one chats only."""
        api = self._apis.get(event.place.account)
        if api and event.place.direct and event.place.channel:
            api.show_loading(event.place.channel, LOADING_S)

    def live(self, delivery: Delivery) -> LiveReply | None:  # noqa: ARG002 the port's signature
        """Return None: LINE cannot change a message that was sent."""
        return None

    def profile(self, account: str, user: str) -> Profile | None:
        """Return the language of the person's LINE; None for who is no friend of the account. There is no e-mail."""
        told = self._told(account, "get_profile", user)
        return None if told is None else Profile(language=_language(str(told.get("language", ""))))

    def fetch(self, event: InboundEvent) -> bytes | None:
        """Return what was sent; waits some seconds while LINE prepares it. None if unsent, gone or over 20 MB."""
        api = self._apis.get(event.place.account)
        if api is None or event.file is None:
            return None
        for wait in (*_PREPARING_WAITS_S, 0.0):
            try:
                status, content = api.content(event.file.id)
            except (HTTPError, OSError) as error:
                status, content = 0, b""
                _log.warning("line.fetch", account=event.place.account, error=type(error).__name__)
            if status != 202:
                return content if status == 200 else None
            self._sleep(wait)
        return None

    def quota(self, account: str) -> Quota | None:
        """Return this month's limit and use as LINE counts them; both can be some minutes old."""
        limit = self._told(account, "get_message_quota") or {}
        used = (self._told(account, "get_message_quota_consumption") or {}).get("totalUsage")
        most = limit.get("value") if limit.get("type") == "limited" else None
        if not limit or not isinstance(used, int) or not isinstance(most, int | None):
            return None
        return Quota(most, used)

    def _told(self, account: str, name: str, *arguments: Any) -> dict[str, Any] | None:
        api = self._apis.get(account)
        try:
            return api.told(name, *arguments) if api else None
        except NotToldError as error:
            _log.info("line.not_told", account=account, call=name, status=error.answer.status)
            return None


def _climb(api: LineApi, delivery: Delivery) -> Outcome:
    rung = next_step(delivery)
    if not isinstance(rung, Rung):
        return rung
    try:
        messages = render(delivery.reply, delivery.links, delivery.id)
        _log_lost_taps(delivery)
        if rung is Rung.REPLY:
            answer = api.reply(delivery.token, messages)
        else:
            answer = api.push(delivery.place.channel, messages, delivery.id)
    except Exception as error:
        # Nothing was sent: the calls themselves raise nothing. The same reply would fail the same way again.
        _log.error("line.not_rendered", delivery=delivery.id, error=type(error).__name__)
        return Rejected(type(error).__name__, uncertain=delivery.doubtful)
    return outcome_of(rung, answer, delivery)


def _log_lost_taps(delivery: Delivery) -> None:
    choices = [*delivery.reply.choices, *(choice for card in delivery.reply.cards for choice in card.choices)]
    if kinds := lost(choices):
        _log.warning("line.taps_left_out", delivery=delivery.id, kinds=kinds)


def _language(tag: str) -> Language | None:
    primary = tag.split("-", maxsplit=1)[0].lower()
    return "zh-TW" if primary == "zh" else "en" if primary == "en" else None
