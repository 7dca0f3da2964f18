"""What LINE documents about rich menus and their images."""

import io
from collections.abc import Callable, Iterator
from typing import Any

from fakes.line.records import Problem
from PIL import Image, UnidentifiedImageError

IMAGE_BYTES = 1_000_000
_MEDIA = {"image/png": "PNG", "image/jpeg": "JPEG"}


def _menu(menu: dict[str, Any], path: str) -> Iterator[Problem]:
    size = menu.get("size")
    if not isinstance(size, dict) or not _are_numbers(size, ("width", "height")):
        return
    yield from size_problems(size["width"], size["height"])
    for number, area in enumerate(menu.get("areas") or ()):
        bounds = area.get("bounds") if isinstance(area, dict) else None
        if not isinstance(bounds, dict) or not _are_numbers(bounds, ("x", "y", "width", "height")):
            continue
        if bounds["x"] + bounds["width"] > size["width"] or bounds["y"] + bounds["height"] > size["height"]:
            yield Problem("Must lie within the rich menu", f"areas[{number}].bounds")


def size_problems(width: int, height: int) -> Iterator[Problem]:
    """Yield what is wrong with a rich menu of so many pixels."""
    if not 800 <= width <= 2500:
        yield Problem("Must be between 800 and 2500", "size.width")
    if height < 250:
        yield Problem("Must be 250 or more", "size.height")
    if height > 0 and width / height < 1.45:
        yield Problem("The aspect ratio (width / height) must be 1.45 or more", "size")


def image_problem(content: bytes, content_type: str, size: dict[str, int]) -> str | None:
    """Return why LINE refuses this image for a menu of this size, or nothing."""
    if content_type not in _MEDIA:
        return "The content type must be image/png or image/jpeg"
    if len(content) > IMAGE_BYTES:
        return "The image must be at most 1 MB"
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind, width, height = image.format, image.width, image.height
    except (UnidentifiedImageError, OSError):
        return "The image can't be read"
    if kind != _MEDIA[content_type]:
        return "The image is not what its content type says"
    if (width, height) != (size["width"], size["height"]):
        return f"The image is {width} x {height}, the rich menu {size['width']} x {size['height']}"
    return None


def _are_numbers(value: dict[str, Any], keys: tuple[str, ...]) -> bool:
    return all(isinstance(value.get(key), int) for key in keys)


RICH_MENU_CHECKS: dict[str, Callable[[dict[str, Any], str], Iterator[Problem]]] = {"RichMenuRequest": _menu}
