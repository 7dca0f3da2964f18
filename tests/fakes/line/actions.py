"""What LINE documents about actions: labels, which action belongs where, URIs, and pickers of dates and times."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from fakes.line.records import Problem
from fakes.line.walker import units

LABEL_NEEDED = {
    "QuickReplyItem": 20,
    "ButtonsTemplate": 20,
    "ConfirmTemplate": 20,
    "CarouselColumn": 20,
    "FlexButton": 20,
}
LABEL_ALLOWED = {"ImageCarouselColumn": 12, "RichMenuArea": 20}
ONLY_IN = {
    "CameraAction": "QuickReplyItem",
    "CameraRollAction": "QuickReplyItem",
    "LocationAction": "QuickReplyItem",
    "RichMenuSwitchAction": "RichMenuArea",
}
_FORMATS = {"date": ("%Y-%m-%d",), "time": ("%H:%M",), "datetime": ("%Y-%m-%dT%H:%M", "%Y-%m-%dt%H:%M")}


def label_problems(name: str, action: dict[str, Any], path: str, owner: str) -> Iterator[Problem]:
    """Yield what is wrong with an action's label and place; ``owner`` is the schema it lies in."""
    if name in ONLY_IN and owner != ONLY_IN[name]:
        yield Problem(f"This action works only in a {ONLY_IN[name]}", f"{path}.type")
    label = action.get("label")
    if path.endswith("defaultAction") or (label is not None and not isinstance(label, str)):
        return
    if owner in LABEL_NEEDED and not label:
        yield Problem("May not be empty", f"{path}.label")
    most = {**LABEL_NEEDED, **LABEL_ALLOWED}.get(owner)
    if most is not None and label is not None and units(label) > most:
        yield Problem(f"Length must be between 0 and {most}", f"{path}.label")


def _uri(action: dict[str, Any], path: str) -> Iterator[Problem]:
    uri = action.get("uri")
    if not isinstance(uri, str) or not uri:
        return
    try:
        parts = urlsplit(uri)
    except ValueError:
        yield Problem("Invalid URI", f"{path}.uri")
        return
    if parts.scheme not in {"http", "https", "line", "tel"}:
        yield Problem("Invalid action URI scheme", f"{path}.uri")
    elif not uri.isascii() or any(c.isspace() for c in uri) or (parts.scheme.startswith("http") and not parts.netloc):
        yield Problem("Invalid URI", f"{path}.uri")


def _postback(action: dict[str, Any], path: str) -> Iterator[Problem]:
    if "displayText" in action and "text" in action:
        yield Problem("displayText and text can't be used together", path)
    if "fillInText" in action and action.get("inputOption") != "openKeyboard":
        yield Problem("fillInText needs inputOption openKeyboard", path)


def _datetime_picker(action: dict[str, Any], path: str) -> Iterator[Problem]:
    formats = _FORMATS.get(str(action.get("mode")), ())
    times: dict[str, datetime] = {}
    for key in ("initial", "min", "max"):
        if key in action:
            time = _time(action[key], formats)
            if time is None:
                yield Problem(f"Must be written as mode {action.get('mode')} asks", f"{path}.{key}")
            else:
                times[key] = time
    in_order = [times[key] for key in ("min", "initial", "max") if key in times]
    if in_order != sorted(in_order) or ("min" in times and times["min"] == times.get("max")):
        yield Problem("min, initial and max must be in this order, and min before max", path)


def _time(text: Any, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(str(text), form)  # noqa: DTZ007 - LINE's picker has no time zone
        except ValueError:
            continue
    return None


ACTION_CHECKS: dict[str, Callable[[dict[str, Any], str], Iterator[Problem]]] = {
    "URIAction": _uri,
    "PostbackAction": _postback,
    "DatetimePickerAction": _datetime_picker,
}
