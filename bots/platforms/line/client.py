"""LINE's SDK, wrapped once: every call has a time-out, is made once, and ends as an Answer instead of an exception."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from urllib3 import Timeout
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from bots.accounts import LineAccount
from bots.messages import FILE_BYTES
from bots.platforms.line.ladder import Answer

SEND_S: Final = 10.0
SHOW_S: Final = 1.8
_UPLOAD_S: Final = 60.0

_DATA_HOST: Final = "https://api-data.line.me"
_CONNECTIONS: Final = 32  # kept open to one host; more are opened and thrown away
_CHUNK: Final = 64 * 1024
_NOT_MADE: Final = (NewConnectionError, ConnectTimeoutError, ProxyError)


def _sdk() -> Any:
    """Return LINE's SDK, imported when it is first needed: its hundreds of modules take longer than all of ours."""
    from linebot.v3 import messaging

    return messaging


def is_signed(secret: str, body: str, signature: str) -> bool:
    """Whether this is the signature of the body (compared in constant time). Without a secret nothing is signed."""
    if not secret or not signature or not signature.isascii():
        return False
    from linebot.v3.webhook import SignatureValidator

    return bool(SignatureValidator(secret).validate(body, signature))


class LineApi:
    """The Messaging API for one account, for many threads at once. No method but ``content`` and ``told`` raises."""

    def __init__(self, account: LineAccount, api_base: str | None = None, timeout_s: float = SEND_S) -> None:
        self._host = api_base.rstrip("/") if api_base else None
        self._token = account.token.strip()
        self._data_host = self._host or _DATA_HOST
        self._timeout_s = timeout_s

    @cached_property
    def _client(self) -> Any:
        configuration = _sdk().Configuration(host=self._host, access_token=self._token)
        configuration.retries = False  # urllib3's own would send a second time what may have arrived
        configuration.connection_pool_maxsize = _CONNECTIONS
        return _sdk().ApiClient(configuration)

    @cached_property
    def _messaging(self) -> Any:
        return _sdk().MessagingApi(self._client)

    @cached_property
    def _blob(self) -> Any:
        return _sdk().MessagingApiBlob(self._client)

    def reply(self, token: str, messages: Sequence[Mapping[str, Any]]) -> Answer:
        """Send with a reply token."""
        request = _sdk().ReplyMessageRequest.from_dict({"replyToken": token, "messages": list(messages)})
        return self._sent(lambda: self._messaging.reply_message_with_http_info(request, **self._how()))

    def push(self, to: str, messages: Sequence[Mapping[str, Any]], retry_key: str) -> Answer:
        """Send to a user, group or room. ``retry_key`` is a UUID."""
        request = _sdk().PushMessageRequest.from_dict({"to": to, "messages": list(messages)})
        return self._sent(
            lambda: self._messaging.push_message_with_http_info(request, x_line_retry_key=retry_key, **self._how())
        )

    def show_loading(self, user: str, seconds: int) -> Answer:
        """Show the loading animation in a one-to-one chat."""
        request = _sdk().ShowLoadingAnimationRequest.from_dict({"chatId": user, "loadingSeconds": seconds})
        return self._sent(lambda: self._messaging.show_loading_animation_with_http_info(request, **self._how(SHOW_S)))

    def told(self, name: str, *arguments: Any, **more: Any) -> dict[str, Any]:
        """Return what LINE tells in JSON when the SDK's method of this name is called. Raises NotToldError."""
        try:
            method = getattr(self._messaging, name + "_with_http_info")
            raw = method(*arguments, **more, **self._how()).raw_data
        except Exception as error:
            raise NotToldError(_answer_to(error)) from error
        return _json(raw)

    def create_rich_menu(self, menu: Mapping[str, Any]) -> str:
        """Create a rich menu; return its id. Raises NotToldError."""
        return str(self.told("create_rich_menu", _sdk().RichMenuRequest.from_dict(dict(menu))).get("richMenuId", ""))

    def set_webhook(self, endpoint: str) -> None:
        """Set the webhook's address. Raises NotToldError."""
        self.told("set_webhook_endpoint", _sdk().SetWebhookEndpointRequest.from_dict({"endpoint": endpoint}))

    def test_webhook(self, endpoint: str) -> dict[str, Any]:
        """Let LINE call the address and return what it found. Raises NotToldError."""
        return self.told("test_webhook_endpoint", _sdk().TestWebhookEndpointRequest.from_dict({"endpoint": endpoint}))

    def upload_menu_image(self, menu_id: str, png: bytes) -> None:
        """Upload a rich menu's picture. Raises NotToldError."""
        try:
            self._blob.set_rich_menu_image_with_http_info(
                menu_id, png, _headers={"Content-Type": "image/png"}, **self._how(_UPLOAD_S)
            )
        except Exception as error:
            raise NotToldError(_answer_to(error)) from error

    def content(self, message_id: str) -> tuple[int, bytes]:
        """Return status and content of what a person sent; status 413 if it is over 20 MB. Raises urllib3's HTTPError.

        The SDK would read a video of any size into memory, so this goes to its connection pool directly.
        """
        response = self._client.rest_client.pool_manager.request(
            "GET",
            f"{self._data_host}/v2/bot/message/{_path(message_id)}/content",
            headers=dict(self._client.default_headers),
            preload_content=False,
            timeout=Timeout(total=self._timeout_s),
        )
        try:
            return _read(response)
        finally:
            response.close()

    def _how(self, timeout_s: float = 0.0) -> dict[str, Any]:
        # We read answers ourselves: what the SDK's models do not know yet would raise after LINE has acted.
        return {"_request_timeout": timeout_s or self._timeout_s, "_preload_content": False}

    def _sent(self, call: Callable[[], Any]) -> Answer:
        try:
            response = call()
        except Exception as error:
            return _answer_to(error)
        return Answer(response.status_code, _ids(response.raw_data))


class NotToldError(Exception):
    """LINE did not tell. ``answer`` is what it said instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"LINE answered {answer.status}")
        self.answer = answer


def _answer_to(error: Exception) -> Answer:
    refusal = _refusal(error)
    if refusal is not None:
        return _refused(refusal)
    return Answer(0, left=not isinstance(error, _NOT_MADE))


def _refusal(error: BaseException) -> Any:
    """Return the ApiException behind an error.

    The SDK decodes an error's body as UTF-8 while it handles the exception; a proxy's page that is something else
    raises in its place, with the true one as context.
    """
    for candidate in (error, error.__context__):
        if isinstance(candidate, _sdk().ApiException):
            return candidate
    return None


def _refused(refusal: Any) -> Answer:
    status = refusal.status or 0
    if not status:  # the SDK's wrapping of a TLS error, which may also strike after the request
        return Answer(0)
    body = _json(refusal.body)
    details = body.get("details")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    return Answer(
        status,
        _ids(refusal.body),
        str(body.get("message", "")),
        str(first.get("property", "")),
        _seconds((refusal.headers or {}).get("Retry-After", "")),
    )


def _ids(raw: Any) -> tuple[str, ...]:
    sent = _json(raw).get("sentMessages")
    return tuple(
        str(one["id"]) for one in (sent if isinstance(sent, list) else ()) if isinstance(one, dict) and "id" in one
    )


def _json(raw: Any) -> dict[str, Any]:
    try:
        read = json.loads(raw or "{}")
    except (ValueError, TypeError):
        return {}
    return read if isinstance(read, dict) else {}


def _seconds(header: str) -> float | None:
    return float(header) if re.fullmatch(r"\d{1,5}", header) else None


def _path(message_id: str) -> str:
    return re.sub(r"[^0-9A-Za-z_-]", "", message_id)


def _read(response: Any) -> tuple[int, bytes]:
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > FILE_BYTES:
        return 413, b""
    read = bytearray()
    for chunk in response.stream(_CHUNK):
        read += chunk
        if len(read) > FILE_BYTES:
            return 413, b""
    return response.status, bytes(read)
