"""A file's content. The bot's token goes along, so it is sent to Slack's own hosts and followed nowhere else."""

from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog

from bots.messages import FILE_BYTES
from bots.platforms.slack.plain import string

WITHIN_S = 10

log = structlog.get_logger()


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: Slack sends whoever may not read a file to its sign-in page."""

    def redirect_request(self, *_: Any) -> None:
        return None


def download(file: Any, token: str, api_base: str) -> bytes | None:
    """Return the content; None if it is gone, larger than 20 MB, elsewhere, or not for us."""
    url = string(file, "url_private_download") or string(file, "url_private")
    size = file.get("size") if isinstance(file, dict) else None
    if not is_slacks(url, api_base) or (isinstance(size, int) and size > FILE_BYTES):
        return None
    ascii_url = quote(url, safe="%/:?&=#+,;@!$'()*~[]")  # a file's name may stand in it as it is
    asked = Request(ascii_url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 the host has been checked
    try:
        with build_opener(_Stay).open(asked, timeout=WITHIN_S) as response:
            page = response.headers.get_content_type() == "text/html" and string(file, "mimetype") != "text/html"
            content = b"" if page else response.read(FILE_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        log.info("slack.download", file=string(file, "id"), error=type(error).__name__)
        return None
    return None if page or len(content) > FILE_BYTES else content


def is_slacks(url: str, api_base: str) -> bool:
    """Say whether an address is on a host of Slack's, or on the very host that the API is at."""
    try:
        asked, api = urlsplit(url), urlsplit(api_base)
        host = asked.hostname or ""
    except ValueError:
        return False
    if (asked.scheme, asked.netloc) == (api.scheme, api.netloc):
        return True
    return asked.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
