"""A file that the page sends: read strictly, and refused with the name of a sentence for people."""

import re

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from bots.messages import FILE_BYTES
from bots.platforms.web.questions import BODY_BYTES, DATA_LENGTH, Message, Unreadable, clean, read_draft, read_message
from bots.ports import Attached

KINDS = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".heif", ".bmp", ".tif", ".tiff"),
    *(".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".odp"),
    *(".txt", ".md", ".csv", ".tsv", ".html", ".htm", ".eml", ".log", ".zip"),
    *(".mp4", ".mov", ".m4a", ".mp3", ".wav"),
)
_NAME = 120  # characters
_PARTS = 8
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
# What breaks a line, or turns the direction of writing around, so that "exe.pdf" is read where "fdp.exe" is written.
_DECEIVING = re.compile("[\t\n\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def read_file(request: Request) -> tuple[Message, Attached]:
    """Return which message it is, and its file. Raises Unreadable."""
    request.max_content_length = FILE_BYTES + BODY_BYTES
    request.max_form_parts = _PARTS
    try:
        sent, told = request.files.get("file"), request.form
    except RequestEntityTooLarge:
        raise Unreadable("fault_file_large", 413) from None
    message = read_message(told.get("window", ""), told.get("message", ""))
    field, draft = told.get("field", ""), read_draft(told.get("draft", ""))
    if sent is None or not sent.filename or len(field) > DATA_LENGTH:
        raise Unreadable("fault_file_none")
    name = file_name(sent.filename)
    if not name.lower().endswith(KINDS):
        raise Unreadable("fault_file_kind", 415)
    content = sent.read(FILE_BYTES + 1)
    if not content:
        raise Unreadable("fault_file_empty")
    if len(content) > FILE_BYTES:
        raise Unreadable("fault_file_large", 413)
    return message, Attached(name, _media_type(sent.mimetype), content, clean(field), draft)


def file_name(sent: str) -> str:
    """Return a file's name as people may see it: in one line, without a path, its ending kept where it is long."""
    bare = _DECEIVING.sub("", clean(sent))
    name = " ".join(re.split(r"[/\\]", bare)[-1].split()).strip(" .")
    if len(name) <= _NAME:
        return name
    stem, _, ending = name.rpartition(".")
    return f"{stem[: _NAME - len(ending) - 1]}.{ending}" if stem and len(ending) <= 8 else name[:_NAME]


def _media_type(sent: str) -> str:
    return sent if _MEDIA_TYPE.fullmatch(sent) else "application/octet-stream"
