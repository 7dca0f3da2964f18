"""What a person writes and picks in a modal, as the state that view_submission reports of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from .shown import shown_file
from .state import State

Filled = str | int | tuple[str, ...]
WRITTEN = ("plain_text_input", "number_input", "email_text_input", "url_text_input")
PICKED = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}


def state_of(
    state: State, blocks: Sequence[Mapping[str, Any]], values: Mapping[str, Filled]
) -> dict[str, dict[str, Any]]:
    """Return block_id to action_id to the element's state. ValueError: a client would not have let it through."""
    inputs = {block["block_id"]: block for block in blocks if block["type"] == "input"}
    if values.keys() - inputs.keys():
        raise ValueError(f"the modal has no {sorted(values.keys() - inputs.keys())}")
    found = {}
    for name, block in inputs.items():
        element = block["element"]
        filled = _reported(state, element, values[name]) if name in values else _at_first(element)
        if not block.get("optional") and not any(value for key, value in filled.items() if key != "type"):
            raise ValueError(f"{name} must be filled in")
        found[name] = {element["action_id"]: filled}
    return found


def _reported(state: State, element: Mapping[str, Any], value: Filled) -> dict[str, Any]:
    kind = element["type"]
    if kind in PICKED:
        return {"type": kind, PICKED[kind][0]: value}
    if kind in WRITTEN:
        if len(str(value)) > element.get("max_length", 3000):
            raise ValueError("too long")
        return {"type": kind, "value": str(value) or None}
    if kind == "file_input":
        return {"type": kind, "files": [shown_file(state, state.files[str(value)])]}
    chosen = [_option(element, one) for one in (value if isinstance(value, tuple) else (str(value),))]
    many = kind in ("checkboxes", "multi_static_select")
    return {"type": kind, **({"selected_options": chosen} if many else {"selected_option": chosen[0]})}


def _at_first(element: Mapping[str, Any]) -> dict[str, Any]:
    kind = element["type"]
    if kind in PICKED:
        return {"type": kind, PICKED[kind][0]: element.get(PICKED[kind][1])}
    if kind in WRITTEN:
        return {"type": kind, "value": element.get("initial_value")}
    if kind == "file_input":
        return {"type": kind, "files": []}
    if kind in ("checkboxes", "multi_static_select"):
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    return {"type": kind, "selected_option": element.get("initial_option")}


def _option(element: Mapping[str, Any], value: str) -> Mapping[str, Any]:
    groups = [group["options"] for group in element.get("option_groups", ())]
    for options in (element.get("options", ()), *groups):
        for option in options:
            if option["value"] == value:
                return option
    raise ValueError(f"there is no option {value!r}")
