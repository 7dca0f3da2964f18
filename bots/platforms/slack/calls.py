"""One workspace's Web API, each call tried once, and what its failures mean.

slack_sdk's own retrying is off: after a dropped connection it posts a message a second time. Its logger is silent:
it writes answers and their texts into the log.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from socket import gaierror
from time import monotonic
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bots.messages import Again, Rejected

SLACK = "https://slack.com/api/"

_LIMITED = ("ratelimited", "rate_limited", "message_limit_exceeded")
# "It's possible some aspect of the operation succeeded before the error was raised", says Slack of fatal_error.
_UNCERTAIN = ("fatal_error", "internal_error", "service_unavailable", "request_timeout", "unreadable_answer")
_CODE = re.compile(r"[a-z0-9_]{2,80}")
_LONGEST_WAIT_S = 3_600.0


class CallFailed(Exception):
    """A call that brought nothing: why (a code), and what may be done about it.

    ``wait_s`` is None where trying again never helps; ``doubtful``: Slack may have done it all the same.
    """

    def __init__(self, reason: str, wait_s: float | None = None, *, doubtful: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_s = wait_s
        self.doubtful = doubtful

    def outcome(self, *, doubtful: bool, after_s: float) -> Again | Rejected:
        """Return what became of a delivery; ``doubtful`` says that an earlier attempt may have arrived."""
        if self.wait_s is None:
            return Rejected(self.reason, uncertain=self.doubtful)
        return Again(max(self.wait_s, after_s), self.reason, doubtful or self.doubtful)


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one token may use it. ``timeout_s`` is for one call, ``until`` (monotonic) for all of them."""

    token: str
    base: str = SLACK
    timeout_s: int = 4
    until: float | None = None

    def write(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that takes JSON. Raises CallFailed."""
        return _data(self._call(method, json=_given(arguments)))

    def read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that takes a form. Raises CallFailed."""
        return _data(self._call(method, params=_given(arguments)))

    def scopes(self, method: str = "auth.test") -> tuple[Mapping[str, Any], frozenset[str]]:
        """Call a method and return its answer with the scopes of the token. Raises CallFailed."""
        response = self._call(method, params={})
        held = next((value for name, value in response.headers.items() if name.lower() == "x-oauth-scopes"), "")
        return _data(response), frozenset(scope.strip() for scope in held.split(",") if scope.strip())

    def _call(self, method: str, **how: Any) -> SlackResponse:
        within_s = self.timeout_s if self.until is None else min(self.timeout_s, int(self.until - monotonic()))
        if within_s < 1:
            raise CallFailed("out_of_time", 1.0)
        try:
            return web_client(self.token, self.base, within_s).api_call(method, **how)
        except SlackApiError as error:
            raise _refused(error.response) from None
        except (OSError, HTTPException) as error:
            raise _broken(error) from None
        except (SlackClientError, ValueError) as error:
            raise CallFailed(type(error).__name__, 1.0, doubtful=True) from None


def web_client(token: str, base: str, timeout_s: int) -> WebClient:
    """Return slack_sdk's client, which neither tries again nor logs."""
    return WebClient(token, base, timeout_s, logger=silent_logger(), retry_handlers=[])


def silent_logger() -> logging.Logger:
    """Return a logger of nobody's, which writes nothing."""
    return logging.Logger("transom.slack.sdk", logging.CRITICAL + 1)  # noqa: LOG001 getLogger's would be everyone's


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def _data(response: SlackResponse) -> Mapping[str, Any]:
    return response.data if isinstance(response.data, dict) else {}


def _refused(response: SlackResponse) -> CallFailed:
    code = str(_data(response).get("error", ""))
    code = code if _CODE.fullmatch(code) else "unreadable_answer"
    if response.status_code == 429 or code in _LIMITED:
        return CallFailed("rate_limited", _retry_after(response.headers))
    if response.status_code >= 500 or code in _UNCERTAIN:
        return CallFailed(f"status_{response.status_code}" if response.status_code >= 500 else code, 1.0, doubtful=True)
    return CallFailed(code)


def _retry_after(headers: Mapping[str, str]) -> float:
    told = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return min(float(told), _LONGEST_WAIT_S) if told.isascii() and told.isdecimal() else 1.0


def _broken(error: Exception) -> CallFailed:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ConnectionRefusedError | gaierror):  # nobody has heard it
        return CallFailed("unreachable", 1.0)
    return CallFailed("timeout" if isinstance(cause, TimeoutError) else "connection_broken", 1.0, doubtful=True)
