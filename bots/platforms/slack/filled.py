"""What was written and picked in Slack, as values free of Slack: dates as ISO 8601, moments in the company's zone."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from bots.messages import Language, Place
from bots.platforms.slack.plain import string

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a form's modal remembers: the form's name, the direct messages it was opened in, its language."""

    form: str = ""
    channel: str = ""
    thread: str = ""
    language: Language | None = None


def origin(form: str, place: Place, language: Language) -> str:
    """Return the modal's ``private_metadata``. What is handed in from a channel is answered in private."""
    direct = place.direct and place.channel.startswith("D")
    where = {"channel": place.channel, "thread": place.thread} if direct else {}
    return json.dumps({"form": form, "language": language, **where}, ensure_ascii=False)


def origin_of(view: Any) -> Origin:
    """Return what a modal remembers; a form of no name where that cannot be read."""
    try:
        kept = json.loads(string(view, "private_metadata"))
    except (ValueError, RecursionError):
        return Origin()
    languages: Mapping[str, Language] = {"zh-TW": "zh-TW", "en": "en"}
    channel = string(kept, "channel")
    thread = string(kept, "thread") if channel else ""
    return Origin(string(kept, "form"), channel, thread, languages.get(string(kept, "language")))


def values_of(view: Any, zone: tzinfo) -> dict[str, Value]:
    """Return what was filled in, by block; what was left out is not in it."""
    blocks = _blocks(view)
    found = {name: _value(element, zone) for name, element in blocks.items()}
    return {name: value for name, value in found.items() if value}


def picked_of(element: Any, zone: tzinfo) -> str:
    """Return the date or time that was picked, empty if none is."""
    moment = element.get("selected_date_time") if isinstance(element, dict) else None
    return string(element, "selected_date") or string(element, "selected_time") or _local(moment, zone)


def digest(values: Mapping[str, Value]) -> str:
    """Return a short name of the values, which the same values have again."""
    return hashlib.sha256(json.dumps(sorted(values.items())).encode()).hexdigest()[:24]


def _blocks(view: Any) -> dict[str, dict[str, Any]]:
    """Return the one element of each block that can be filled in."""
    state = view.get("state") if isinstance(view, dict) else None
    values = state.get("values") if isinstance(state, dict) else None
    inner = {name: _first(block) for name, block in values.items()} if isinstance(values, dict) else {}
    return {name: element for name, element in inner.items() if element is not None}


def _first(block: Any) -> dict[str, Any] | None:
    elements = block.values() if isinstance(block, dict) else ()
    return next((element for element in elements if isinstance(element, dict)), None)


def _value(element: dict[str, Any], zone: tzinfo) -> Value:
    read = _READ.get(string(element, "type"))
    return read(element) if read else picked_of(element, zone) or _written(element)


def _written(element: dict[str, Any]) -> str:
    return string(element, "value").strip()


def _chosen(element: dict[str, Any]) -> str:
    return string(element, "selected_option", "value")


def _all_chosen(element: dict[str, Any]) -> tuple[str, ...]:
    options = element.get("selected_options")
    chosen = (string(option, "value") for option in (options if isinstance(options, list) else ()))
    return tuple(value for value in chosen if value)


def _local(moment: Any, zone: tzinfo) -> str:
    """Return a Unix time in seconds as a time of day in the zone."""
    if not isinstance(moment, int) or isinstance(moment, bool):
        return ""
    try:
        return datetime.fromtimestamp(moment, zone).strftime("%Y-%m-%dT%H:%M")
    except (ValueError, OverflowError, OSError):
        return ""


_READ: Mapping[str, Callable[[dict[str, Any]], Value]] = {
    "static_select": _chosen,
    "radio_buttons": _chosen,
    "multi_static_select": _all_chosen,
    "checkboxes": _all_chosen,
}
