"""A file that somebody uploaded, on its way to somebody else: shown as a picture or saved, never run as our page."""

import re
from io import BytesIO

from flask import Response, send_file

from bots.platforms.web.files import file_name
from bots.ports import OpenedFile

HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
_PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
# What a telephone opens with another application; everything else is bytes to save.
_HARMLESS = re.compile(r"application/(pdf|zip|msword|vnd\.[\w.+-]+)|(audio|video)/[\w.+-]+", re.ASCII)
_BYTES = "application/octet-stream"


def as_response(file: OpenedFile) -> Response:
    """Return the file. A picture by its first bytes, whatever it was called, is shown; anything else is saved."""
    picture = next((kind for begins, kind in _PICTURES if begins.match(file.content)), "")
    response = send_file(
        BytesIO(file.content),
        mimetype=picture or _saved_as(file.media_type),
        as_attachment=not picture,
        download_name=file_name(file.name) or "file",
        conditional=False,
        etag=False,
    )
    response.headers.update(HEADERS)
    return response


def _saved_as(media_type: str) -> str:
    return media_type if _HARMLESS.fullmatch(media_type) else _BYTES
