"""What LINE documents about Flex Messages: sizes in bytes, which component may lie where, colours, keywords."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from fakes.line.records import Problem

BUBBLE_BYTES, CAROUSEL_BYTES = 30_000, 50_000

_COLOUR = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_MEASURE = re.compile(r"-?\d+(\.\d+)?(px|%)")
_SPACES = frozenset(["none", "xs", "sm", "md", "lg", "xl", "xxl"])
_SIZES = frozenset(["xxs", "xs", "sm", "md", "lg", "xl", "xxl", "3xl", "4xl", "5xl"])
_COLOURS = ("color", "backgroundColor", "borderColor", "separatorColor", "startColor", "endColor", "centerColor")
_SPACED = [
    "margin",
    "spacing",
    "paddingAll",
    "paddingTop",
    "paddingBottom",
    "paddingStart",
    "paddingEnd",
    "cornerRadius",
    "offsetTop",
    "offsetBottom",
    "offsetStart",
    "offsetEnd",
]
_SIZED = {"FlexText": _SIZES, "FlexSpan": _SIZES, "FlexIcon": _SIZES, "FlexImage": _SIZES | {"full"}}


def flex_problems(name: str, value: dict[str, Any], path: str) -> Iterator[Problem]:
    """Yield colours and measures of any Flex object that LINE would not read."""
    for key in _COLOURS:
        if isinstance(value.get(key), str) and not _COLOUR.fullmatch(value[key]):
            yield Problem("Invalid color", f"{path}.{key}")
    for key in _SPACED:
        if not _is_measure(value.get(key), _SPACES):
            yield Problem("Invalid property", f"{path}.{key}")
    if name in _SIZED and not _is_measure(value.get("size"), _SIZED[name]):
        yield Problem("Invalid property", f"{path}.size")


def _is_measure(value: Any, words: frozenset[str]) -> bool:
    return not isinstance(value, str) or value in words or _MEASURE.fullmatch(value) is not None


def _bubble(bubble: dict[str, Any], path: str) -> Iterator[Problem]:
    yield from _bytes(bubble, BUBBLE_BYTES, path)
    if not {"header", "hero", "body", "footer"} & set(bubble):
        yield Problem("At least one block must be specified", path)
    hero = bubble.get("hero")
    if isinstance(hero, dict) and hero.get("type") not in {"image", "box", "video"}:
        yield Problem("The hero block must be an image, a box or a video", f"{path}.hero.type")


def _carousel(carousel: dict[str, Any], path: str) -> Iterator[Problem]:
    yield from _bytes(carousel, CAROUSEL_BYTES, path)
    bubbles = carousel.get("contents")
    if isinstance(bubbles, list) and len({b.get("size", "mega") for b in bubbles if isinstance(b, dict)}) > 1:
        yield Problem("All bubbles of a carousel must have the same size", f"{path}.contents")


def _bytes(value: dict[str, Any], most: int, path: str) -> Iterator[Problem]:
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    if size > most:
        yield Problem(f"The size of the JSON must be at most {most} bytes; it is {size}", path)


def _box(box: dict[str, Any], path: str) -> Iterator[Problem]:
    in_baseline = {"icon", "text", "filler"}
    for number, child in enumerate(box["contents"] if isinstance(box.get("contents"), list) else ()):
        kind = child.get("type") if isinstance(child, dict) else None
        is_baseline = box.get("layout") == "baseline"
        if (
            kind in {"span", "video"}
            or (kind == "icon" and not is_baseline)
            or (is_baseline and kind not in in_baseline)
        ):
            yield Problem(f"A {box.get('layout')} box can't contain {kind}", f"{path}.contents[{number}]")


def _text(text: dict[str, Any], path: str) -> Iterator[Problem]:
    if "text" not in text and not text.get("contents"):
        yield Problem("Must be specified: text or contents", path)


FLEX_CHECKS: dict[str, Callable[[dict[str, Any], str], Iterator[Problem]]] = {
    "FlexBubble": _bubble,
    "FlexCarousel": _carousel,
    "FlexBox": _box,
    "FlexText": _text,
}
