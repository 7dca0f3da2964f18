"""The limits LINE documents and its OpenAPI leaves out, by the schema's name.

Lengths are counted in UTF-16 code units throughout. LINE counts labels and template texts in grapheme clusters, which
are never more, so what passes here passes there. A KB is 1,000 bytes, the smaller of the two readings.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from fakes.line.actions import ACTION_CHECKS, label_problems
from fakes.line.flex import FLEX_CHECKS, flex_problems
from fakes.line.records import Problem
from fakes.line.richmenus import RICH_MENU_CHECKS
from fakes.line.templates import TEMPLATE_CHECKS
from fakes.line.walker import units

Check = Callable[[dict[str, Any], str], Iterator[Problem]]

REQUIRED: dict[str, tuple[str, ...]] = {
    "MessageAction": ("text",),
    "PostbackAction": ("data",),
    "URIAction": ("uri",),
    "DatetimePickerAction": ("data", "mode"),
    "RichMenuSwitchAction": ("data", "richMenuAliasId"),
    "QuickReply": ("items",),
    "QuickReplyItem": ("type", "action"),
    "RichMenuRequest": ("size", "selected", "name", "chatBarText", "areas"),
    "RichMenuSize": ("width", "height"),
    "RichMenuArea": ("bounds", "action"),
    "RichMenuBounds": ("x", "y", "width", "height"),
    "Emoji": ("index", "productId", "emojiId"),
}

LENGTHS: dict[str, dict[str, tuple[int, int]]] = {
    "TextMessage": {"text": (1, 5000)},
    "TextMessageV2": {"text": (1, 5000)},
    "FlexMessage": {"altText": (1, 1500)},
    "TemplateMessage": {"altText": (1, 1500)},
    "ImagemapMessage": {"altText": (1, 1500)},
    "LocationMessage": {"title": (1, 100), "address": (1, 100)},
    "StickerMessage": {"packageId": (1, 100), "stickerId": (1, 100)},
    "Sender": {"name": (1, 20)},
    "MessageAction": {"text": (1, 300)},
    "PostbackAction": {"data": (1, 300), "displayText": (1, 300), "text": (1, 300), "fillInText": (1, 300)},
    "URIAction": {"uri": (1, 1000)},
    "DatetimePickerAction": {"data": (1, 300)},
    "RichMenuSwitchAction": {"data": (1, 300), "richMenuAliasId": (1, 32)},
    "ButtonsTemplate": {"title": (1, 40), "text": (1, 160)},
    "ConfirmTemplate": {"text": (1, 240)},
    "CarouselColumn": {"title": (1, 40), "text": (1, 120)},
    "RichMenuRequest": {"name": (1, 300), "chatBarText": (1, 14)},
    "FlexText": {"text": (1, 30_000)},
    "SetWebhookEndpointRequest": {"endpoint": (1, 500)},
}

COUNTS: dict[str, dict[str, tuple[int, int]]] = {
    "QuickReply": {"items": (1, 13)},
    "ButtonsTemplate": {"actions": (1, 4)},
    "ConfirmTemplate": {"actions": (2, 2)},
    "CarouselTemplate": {"columns": (1, 10)},
    "CarouselColumn": {"actions": (1, 3)},
    "ImageCarouselTemplate": {"columns": (1, 10)},
    "FlexCarousel": {"contents": (1, 12)},
    "RichMenuRequest": {"areas": (0, 20)},
    "ImagemapMessage": {"actions": (0, 50)},
}

HTTPS_URLS: dict[str, tuple[str, ...]] = {
    "ImageMessage": ("originalContentUrl", "previewImageUrl"),
    "VideoMessage": ("originalContentUrl", "previewImageUrl"),
    "AudioMessage": ("originalContentUrl",),
    "ImagemapMessage": ("baseUrl",),
    "Sender": ("iconUrl",),
    "QuickReplyItem": ("imageUrl",),
    "ButtonsTemplate": ("thumbnailImageUrl",),
    "CarouselColumn": ("thumbnailImageUrl",),
    "ImageCarouselColumn": ("imageUrl",),
    "FlexImage": ("url",),
    "FlexIcon": ("url",),
    "FlexVideo": ("url", "previewUrl"),
}


def _loading(value: dict[str, Any], path: str) -> Iterator[Problem]:
    seconds = value.get("loadingSeconds", 20)
    if isinstance(seconds, int) and (not 5 <= seconds <= 60 or seconds % 5):
        yield Problem("Must be a multiple of 5 between 5 and 60", "loadingSeconds")


CHECKS: dict[str, Check] = {
    **ACTION_CHECKS,
    **FLEX_CHECKS,
    **TEMPLATE_CHECKS,
    **RICH_MENU_CHECKS,
    "ShowLoadingAnimationRequest": _loading,
}


def limits(name: str, value: dict[str, Any], path: str, owner: str) -> Iterator[Problem]:
    """Yield what LINE would refuse about the object named ``name`` that lies inside ``owner``."""
    yield from _properties(name, value, path)
    if name.endswith("Action"):
        yield from label_problems(name, value, path, owner)
    if name.startswith("Flex"):
        yield from flex_problems(name, value, path)
    if name in CHECKS:
        yield from CHECKS[name](value, path)


def _properties(name: str, value: dict[str, Any], path: str) -> Iterator[Problem]:
    for key in REQUIRED.get(name, ()):
        if key not in value:
            yield Problem("May not be null", _below(path, key))
    for key, (least, most) in LENGTHS.get(name, {}).items():
        yield from _length(value.get(key), least, most, _below(path, key))
    for key, (least, most) in COUNTS.get(name, {}).items():
        if isinstance(value.get(key), list) and not least <= len(value[key]) <= most:
            yield Problem(f"Size must be between {least} and {most}", _below(path, key))
    for key in HTTPS_URLS.get(name, ()):
        if isinstance(value.get(key), str) and not is_https(value[key], 2000):
            yield Problem("Must be an https URL of at most 2000 characters", _below(path, key))


def is_https(url: str, most: int) -> bool:
    """Say whether this is an https URL with a host, of at most so many characters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.netloc) and len(url) <= most and " " not in url


def _length(text: Any, least: int, most: int, path: str) -> Iterator[Problem]:
    if not isinstance(text, str):
        return
    if not text and least:
        yield Problem("May not be empty", path)
    elif units(text) > most:
        yield Problem(f"Length must be between {least} and {most}", path)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
