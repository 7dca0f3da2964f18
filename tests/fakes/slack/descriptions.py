"""Slack's own descriptions of its methods, and what they say about a call's arguments."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .records import SlackError

JSON_ARGUMENTS = frozenset(
    {"blocks", "attachments", "metadata", "view", "chunks", "prompts", "loading_messages", "file_ids"}
)
TEXT_OF_JSON = "blocks.validate"  # here the JSON is the argument, so it stays text
INSTEAD = {("chat.appendStream", "markdown_text"): "chunks"}  # described as required; Slack takes either
NOT_DESCRIBED = {
    "team.info": {"args": {"properties": {"token": {}, "team": {"type": "string"}, "domain": {"type": "string"}}}}
}
TRUE, FALSE = (True, 1, "1", "true", "True"), (False, 0, "0", "false", "False", "")


@dataclass(frozen=True)
class Descriptions:
    """The descriptions by method name, as Slack publishes them."""

    methods: Mapping[str, Mapping[str, Any]]

    def takes_json(self, method: str) -> bool:
        return bool(self.methods.get(method, {}).get("json_input_supported", method not in self.methods))

    def scopes(self, method: str) -> tuple[str, ...]:
        """Return the bot scopes of which one suffices."""
        return tuple((self.methods.get(method, {}).get("scope") or {}).get("bot", ()))

    def error_of(self, method: str, *candidates: str) -> str:
        """Return the first candidate that the method is described to answer, else the last."""
        known = self.methods.get(method, {}).get("errors") or {}
        return next((code for code in candidates if code in known), candidates[-1])

    def check(self, method: str, args: Mapping[str, Any]) -> list[str]:
        """Return the arguments that Slack does not know; what is missing or mistyped raises invalid_arguments."""
        described = self.methods.get(method, {}).get("args") or {}
        properties = described.get("properties", {})
        wrong = [
            f"missing required field: {name}"
            for name in described.get("required", ())
            if name != "token" and args.get(name) in (None, "") and args.get(INSTEAD.get((method, name), "")) is None
        ]
        for name, value in args.items():
            wrong.extend(
                f"{problem} [json-pointer:/{name}]" for problem in _mistyped(properties.get(name, {}), name, value)
            )
        if wrong:
            raise SlackError("invalid_arguments", *(f"[ERROR] {problem}" for problem in wrong), violation=True)
        return [name for name in args if name not in properties]


def read_descriptions(folder: Path) -> Descriptions:
    """Read every ``<method>.json`` in the folder."""
    methods = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    if not methods:
        raise FileNotFoundError(f"no descriptions of Slack's methods in {folder}")
    return Descriptions({**NOT_DESCRIBED, **methods})


def decoded(method: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with JSON that came as text parsed; JSON that cannot be parsed stays text."""
    if method == TEXT_OF_JSON:
        return dict(args)
    return {name: _parsed(value) if name in JSON_ARGUMENTS else value for name, value in args.items()}


def truth(value: Any) -> bool:
    """Return what Slack makes of a boolean argument, which forms send as text."""
    return value in TRUE


def _parsed(value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _mistyped(described: Mapping[str, Any], name: str, value: Any) -> Iterator[str]:
    if value is None or name in JSON_ARGUMENTS - {"loading_messages", "file_ids", "chunks"}:
        return
    problem = _TYPES.get(described.get("type", ""), _anything)(value)
    if problem:
        yield problem
    elif "enum" in described and value not in described["enum"]:
        yield f"must be one of {', '.join(described['enum'])}"
    else:
        yield from _beyond(described, value)


def _beyond(described: Mapping[str, Any], value: Any) -> Iterator[str]:
    if "maxLength" in described and len(value) > described["maxLength"]:
        yield f"must be less than {described['maxLength'] + 1} characters"
    if "maxItems" in described and len(value) > described["maxItems"]:
        yield f"no more than {described['maxItems']} items allowed"
    if "minItems" in described and len(value) < described["minItems"]:
        yield f"no fewer than {described['minItems']} items allowed"
    if "maximum" in described and float(value) > described["maximum"]:
        yield f"must be at most {described['maximum']}"
    if "minimum" in described and float(value) < described["minimum"]:
        yield f"must be at least {described['minimum']}"
    for item in value if isinstance(value, list) and "items" in described else ():
        yield from _beyond({"maxLength": described["items"].get("maxLength", 10**9)}, item)


def _number(value: Any) -> str:
    try:
        float(value)
    except (TypeError, ValueError):
        return "must be a number"
    return "" if not isinstance(value, bool) else "must be a number"


def _anything(value: Any) -> str:
    return ""


_TYPES = {
    "string": lambda value: "" if isinstance(value, str) else "must be a string",
    "boolean": lambda value: (
        "" if isinstance(value, bool | int | str) and value in TRUE + FALSE else "must be a boolean"
    ),
    "array": lambda value: "" if isinstance(value, list) else "must be an array",
    "number": _number,
    "integer": _number,
}
