"""Block Kit as Slack's reference describes it: the fields of each element and block, and their limits."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .block_checks import (
    MARKED,
    PLAIN,
    Check,
    Problem,
    Shape,
    anything,
    boolean,
    items,
    one_of,
    shape,
    string,
    text,
    typed,
    whole,
)

STYLE = one_of("primary", "danger")
URL = string(3000, least=1)
ACTION_ID = string(255)
CONFIRM = shape({"title": text(100), "text": text(300, MARKED), "confirm": text(30), "deny": text(30)}, style=STYLE)
OPTION = shape({"text": text(75), "value": string(150, least=1)}, description=text(75), url=URL)
MARKED_OPTION = shape({"text": text(75, MARKED), "value": string(150, least=1)}, description=text(75, MARKED))
OPTIONS, MARKED_OPTIONS = items(OPTION, 100), items(MARKED_OPTION, 10)
GROUPS = items(shape({"label": text(75), "options": OPTIONS}), 100)
PLACE: dict[str, Check] = {"placeholder": text(150), "focus_on_load": boolean}
COMMON: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM}
BUTTON: dict[str, Check] = {
    **COMMON,
    "value": string(2000),
    "url": URL,
    "style": STYLE,
    "accessibility_label": string(75),
    "alt_text": string(2000),
    "agent_prompt": anything,
    "agent_prompt_display": anything,
    "visible_to_user_ids": anything,
}
FEEDBACK = shape({"text": text(75), "value": string(2000)}, accessibility_label=string(75))
IMAGE: dict[str, Check] = {"image_url": URL, "slack_file": anything}


def _of_button(*names: str) -> dict[str, Check]:
    return {name: BUTTON[name] for name in names}


def _exactly_one(inner: Check, *names: str) -> Check:
    def check(value: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
        yield from inner(value, pointer)
        if sum(value.get(name) is not None for name in names) != 1:
            yield Problem(f"exactly one of {', '.join(names)} is needed", pointer)

    return check


def _among_its_own(inner: Check) -> Check:
    """What is chosen at first must be one of the options, as it stands there."""

    def check(value: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
        yield from inner(value, pointer)
        groups = [group.get("options", ()) for group in value.get("option_groups") or ()]
        offered = [option for options in (value.get("options") or (), *groups) for option in options]
        chosen = [value["initial_option"]] if value.get("initial_option") else value.get("initial_options") or ()
        if any(option not in offered for option in chosen):
            yield Problem("must be one of the provided options", pointer)

    return check


def _seconds(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, int) or isinstance(value, bool) or len(str(value)) != 10:
        yield Problem("must be a Unix time of ten digits", pointer)


def _number(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        yield Problem("must be a number in a string", pointer)


def _select(most: Mapping[str, Check], *, many: bool) -> Shape:
    several: dict[str, Check] = {"max_selected_items": whole} if many else {}
    return Shape({}, {**COMMON, **PLACE, **most, **several})


def _selects() -> dict[str, Check]:
    static = {"options": OPTIONS, "option_groups": GROUPS}
    talk = {"default_to_current_conversation": boolean, "filter": anything}
    urls = {"response_url_enabled": boolean}
    found: dict[str, Check] = {}
    for kind, one, several, more, single in (
        ("static_select", "initial_option", "initial_options", static, {}),
        ("external_select", "initial_option", "initial_options", {"min_query_length": whole}, {}),
        ("users_select", "initial_user", "initial_users", {}, {}),
        ("conversations_select", "initial_conversation", "initial_conversations", talk, urls),
        ("channels_select", "initial_channel", "initial_channels", {}, urls),
    ):
        found[kind] = _select({**more, **single, one: anything}, many=False)
        found[f"multi_{kind}"] = _select({**more, several: anything}, many=True)
    for kind in ("static_select", "multi_static_select"):
        found[kind] = _among_its_own(_exactly_one(found[kind], "options", "option_groups"))
    return found


def _inputs() -> dict[str, Check]:
    typing = {**PLACE, "action_id": ACTION_ID, "dispatch_action_config": anything, "initial_value": string(3000)}
    number = {**typing, "initial_value": _number, "min_value": _number, "max_value": _number}
    return {
        "plain_text_input": Shape({}, {**typing, "multiline": boolean, "min_length": whole, "max_length": whole}),
        "email_text_input": Shape({}, typing),
        "url_text_input": Shape({}, typing),
        "number_input": Shape({"is_decimal_allowed": boolean}, number),
        "rich_text_input": Shape({}, {**typing, "initial_value": anything, "min_lines": whole, "max_lines": whole}),
        "file_input": shape(action_id=ACTION_ID, filetypes=anything, max_files=whole),
    }


SELECTS, INPUTS = _selects(), _inputs()
PICKERS: dict[str, Check] = {
    "datepicker": Shape({}, {**COMMON, **PLACE, "initial_date": string(10, like=r"\d{4}-\d\d-\d\d")}),
    "timepicker": Shape({}, {**COMMON, **PLACE, "initial_time": string(5, like=r"\d\d:\d\d"), "timezone": string(100)}),
    "datetimepicker": Shape({}, {**COMMON, "focus_on_load": boolean, "initial_date_time": _seconds}),
    "checkboxes": _among_its_own(
        Shape({"options": MARKED_OPTIONS}, {**COMMON, "focus_on_load": boolean, "initial_options": anything})
    ),
    "radio_buttons": _among_its_own(
        Shape({"options": MARKED_OPTIONS}, {**COMMON, "focus_on_load": boolean, "initial_option": anything})
    ),
}
ELEMENTS: dict[str, Check] = {
    **SELECTS,
    **INPUTS,
    **PICKERS,
    "button": Shape({"text": text(75)}, BUTTON),
    "overflow": Shape({"options": items(OPTION, 5)}, {**COMMON, "alt_text": string(2000)}),
    "workflow_button": Shape(
        {"text": text(75), "workflow": anything},
        _of_button("action_id", "style", "accessibility_label", "alt_text"),
    ),
    "image": _exactly_one(Shape({"alt_text": string(2000)}, IMAGE), *IMAGE),
    "feedback_buttons": shape(
        {"positive_button": FEEDBACK, "negative_button": FEEDBACK},
        action_id=ACTION_ID,
        alt_text=string(2000),
    ),
    "icon_button": Shape(
        {"icon": one_of("trash"), "text": text(75)},
        _of_button("action_id", "confirm", "value", "accessibility_label", "alt_text", "visible_to_user_ids"),
    ),
}
CLICKED = ("button", "overflow", "workflow_button", *PICKERS, *SELECTS)
FILLED = (*INPUTS, *PICKERS, *SELECTS)
IN_CONTEXT: dict[str, Check] = {"image": ELEMENTS["image"], **{kind: text(3000, MARKED) for kind in MARKED}}
ID: dict[str, Check] = {"block_id": string(255)}
CELLS: dict[str, Check] = {
    "raw_text": shape({"text": string(10_000, least=1)}),
    "raw_number": shape({"value": anything}, text=string(10_000, least=1)),
    "rich_text": shape({"elements": items(anything, 1000)}),
}
COLUMN = shape(align=one_of("left", "center", "right"), is_wrapped=boolean)
CHECKED_BLOCKS: dict[str, Check] = {
    "section": Shape(
        {},
        {
            **ID,
            "text": text(3000, MARKED),
            "fields": items(text(2000, MARKED), 10),
            "expand": boolean,
            "accessory": typed(ELEMENTS, (*CLICKED, "image")),
        },
    ),
    "header": Shape({"text": text(150)}, ID),
    "divider": Shape({}, ID),
    "image": _exactly_one(Shape({"alt_text": string(2000)}, {**ID, **IMAGE, "title": text(2000, PLAIN)}), *IMAGE),
    "actions": Shape({"elements": items(typed(ELEMENTS, CLICKED), 25)}, ID),
    "context": Shape({"elements": items(typed(IN_CONTEXT), 10)}, ID),
    "context_actions": Shape({"elements": items(typed(ELEMENTS, ("feedback_buttons", "icon_button")), 5)}, ID),
    "input": Shape(
        {"label": text(2000), "element": typed(ELEMENTS, FILLED)},
        {**ID, "hint": text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "markdown": Shape({"text": string(12_000, least=1)}, ID),
    "rich_text": Shape({"elements": items(anything, 1000, least=0)}, ID),
    "table": Shape(
        {"rows": items(items(typed(CELLS), 20), 100)}, {**ID, "column_settings": items(COLUMN, 20, least=0)}
    ),
}
TAKEN_AS_THEY_COME = (  # their reference is too young, or they are too far from our use, to check their insides
    "file",
    "call",
    "video",
    "task_card",
    "plan",
    "alert",
    "card",
    "container",
    "carousel",
    "auth_provider",
)
BLOCKS: dict[str, Check] = {**CHECKED_BLOCKS, **dict.fromkeys(TAKEN_AS_THEY_COME, anything)}
ONLY_IN_MESSAGES = (
    "markdown",
    "context_actions",
    "file",
    "table",
    "task_card",
    "plan",
    "card",
    "carousel",
    "container",
)
