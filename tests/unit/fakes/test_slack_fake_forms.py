"""The fake Slack's tables, forms and direct messages: what Slack refuses, it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.slack import SlackServer, slack_server
from fakes.slack.blocks import problems_of_blocks, problems_of_view
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError


@pytest.fixture
def slack(public_data: Path) -> Iterator[SlackServer]:
    with slack_server(public_data / "slack" / "methods", message_every_s=1.0, clock=lambda: 1_700_000_000.0) as server:
        server.add_workspace("T1")
        server.add_user("T1", "U1", email="mei@acme.example")
        server.add_channel("T1", "D1", members=["U1"], is_im=True)
        yield server


@pytest.fixture
def web(slack: SlackServer) -> WebClient:
    return WebClient("xoxb-T1", base_url=slack.api_url, retry_handlers=[])


def cell(text: str) -> dict[str, str]:
    return {"type": "raw_text", "text": text}


def table(*rows: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    return {"type": "table", "rows": list(rows), **more}


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def modal(element: dict[str, Any], **block: Any) -> dict[str, Any]:
    asked = {"type": "input", "block_id": "f", "label": plain("F"), "element": {**element, "action_id": "f"}, **block}
    return {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": [asked]}


def test_a_table_as_slack_has_it_is_taken() -> None:
    """Rows of cells, with settings of its columns."""
    settings = [{"align": "right", "is_wrapped": True}]
    assert problems_of_blocks([table([cell("a")], [cell("b")], column_settings=settings)]) == []


@pytest.mark.parametrize(
    "blocks",
    [
        [table([cell("a")]), table([cell("b")])],
        [table([cell("")])],
        [table([cell("a")], [cell("b"), cell("c")])],
        [table(*[[cell("a")]] * 101)],
        [table([cell("a")] * 21)],
        [table([cell("a" * 5_001)], [cell("b" * 5_000)])],
        [table([plain("a")])],
        [table([cell("a")], column_settings=[{"align": "middle"}])],
        [table()],
    ],
)
def test_a_table_beyond_slacks_limits_is_refused(blocks: list[dict[str, Any]]) -> None:
    """One a message, 100 rows, 20 columns, 10,000 characters, no cell empty or of another kind."""
    assert problems_of_blocks(blocks)


OPTIONS = [{"text": plain("A"), "value": "a"}]
OTHER = {"text": plain("B"), "value": "b"}


@pytest.mark.parametrize(
    "element",
    [
        {"type": "static_select", "options": OPTIONS, "initial_option": OTHER},
        {
            "type": "multi_static_select",
            "option_groups": [{"label": plain("G"), "options": OPTIONS}],
            "initial_options": [OTHER],
        },
        {"type": "checkboxes", "options": OPTIONS, "initial_options": [OTHER]},
        {"type": "radio_buttons", "options": OPTIONS, "initial_option": OTHER},
        {"type": "number_input", "is_decimal_allowed": True, "initial_value": "a lot"},
        {"type": "datetimepicker", "initial_date_time": 99},
    ],
)
def test_what_is_filled_in_at_first_must_fit_the_element(element: dict[str, Any]) -> None:
    """An option that is offered, a number, a moment of ten digits."""
    assert problems_of_view(modal(element))
    without = {name: value for name, value in element.items() if not name.startswith("initial")}
    assert problems_of_view(modal(without)) == []


def opened(slack: SlackServer, web: WebClient, view: dict[str, Any]) -> str:
    web.views_open(trigger_id=slack.interactions.shortcut("T1", "U1", "x").payload["trigger_id"], view=view)
    return slack.views[-1].id


def test_a_person_fills_in_what_a_modal_offers(slack: SlackServer, web: WebClient) -> None:
    """Options come back as they stand there; what is not named stays as it was shown."""
    view = modal({"type": "static_select", "options": [*OPTIONS, OTHER], "initial_option": OTHER})
    name = opened(slack, web, view)
    first = slack.interactions.fill_in(name).payload["view"]["state"]["values"]
    changed = slack.interactions.fill_in(name, f="a").payload["view"]["state"]["values"]
    assert first == {"f": {"f": {"type": "static_select", "selected_option": OTHER}}}
    assert changed["f"]["f"]["selected_option"] == OPTIONS[0]


@pytest.mark.parametrize("values", [{"f": "c"}, {"g": "a"}, {}])
def test_slacks_clients_let_nothing_else_through(slack: SlackServer, web: WebClient, values: dict[str, str]) -> None:
    """No option that is not offered, no block that is not there, and nothing left out that must be filled in."""
    name = opened(slack, web, modal({"type": "static_select", "options": OPTIONS}))
    with pytest.raises(ValueError, match=r"option|modal|filled"):
        slack.interactions.fill_in(name, **values)


def test_a_persons_id_opens_their_direct_messages_and_names_no_conversation(slack: SlackServer, web: WebClient) -> None:
    """A message to it is answered with the conversation's own id, by which alone it is read and changed."""
    sent = web.chat_postMessage(channel="U1", text="hi")
    assert sent["channel"] == "D1"
    for call in (
        lambda: web.conversations_history(channel="U1"),
        lambda: web.chat_update(channel="U1", ts=sent["ts"], text="ho"),
    ):
        with pytest.raises(SlackApiError) as refused:
            call()
        assert refused.value.response["error"] == "channel_not_found"


def test_messages_to_a_person_count_as_messages_to_their_conversation(slack: SlackServer, web: WebClient) -> None:
    """About one a second, by whichever name."""
    web.chat_postMessage(channel="U1", text="one")
    with pytest.raises(SlackApiError) as refused:
        web.chat_postMessage(channel="D1", text="two")
    assert refused.value.response["error"] == "ratelimited"
