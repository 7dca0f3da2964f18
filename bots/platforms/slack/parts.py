"""Pieces of Block Kit. A document's words go into plain_text and rich_text only, where no character is markup: they
can neither mention nor link nor format, nor turn into an emoji. Nothing here makes mrkdwn."""

from collections.abc import Iterable, Sequence
from typing import Any

from bots.messages import Choice
from bots.platforms.slack.gestures import PICK, SAY
from bots.platforms.slack.plain import clean

Block = dict[str, Any]

SECTION = 3000  # characters of a section's text
BUTTON = 75
VALUE = 2000
URL = 3000
ACTION_ID = 255
ACTIONS = 25  # buttons in one block
_PICKERS = {"date": "datepicker", "time": "timepicker", "datetime": "datetimepicker"}


def shortened(text: str, most: int) -> str:
    """Return the text in at most so many characters, with … where something is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def plain(text: str, most: int) -> Block:
    """Return a text object that shows every character as it is."""
    return {"type": "plain_text", "text": shortened(clean(text), most) or "…", "emoji": False}


def section(text: str) -> Block:
    """Return a paragraph."""
    return {"type": "section", "text": plain(text, SECTION)}


def context(text: str) -> Block:
    """Return a small grey line."""
    return {"type": "context", "elements": [plain(text, 300)]}


def linked_lines(title: str, lines: Iterable[Sequence[tuple[str, str]]]) -> Block:
    """Return a bold title and lines below it; a line is pieces of (text, address or "")."""
    block = lines_of(lines)
    head = {"type": "text", "text": title, "style": {"bold": True}}
    return {**block, "elements": [{"type": "rich_text_section", "elements": [head]}, *block["elements"]]}


def lines_of(lines: Iterable[Sequence[tuple[str, str]]]) -> Block:
    """Return lines as ``linked_lines`` has them, without a title."""
    rows = [[_piece(text, address) for text, address in line] for line in lines]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": row} for row in rows]}


def buttons(choices: Iterable[Choice], name: str) -> list[Block]:
    """Return blocks of buttons and pickers, 25 each; a choice that Slack would not take is left out.

    ``name`` makes the action ids unique within a message; those of pickers are by their data.
    """
    elements = (_element(choice, f"{name}-{number}") for number, choice in enumerate(choices))
    made = list({element["action_id"]: element for element in elements if element}.values())
    return [{"type": "actions", "elements": made[at : at + ACTIONS]} for at in range(0, len(made), ACTIONS)]


def cost(block: Any) -> int:
    """Return how many characters a block adds to a message: texts, values and addresses, to be on the safe side."""
    if isinstance(block, dict):
        counted = (value for name, value in block.items() if name not in ("type", "style", "emoji"))
        return sum(cost(value) for value in counted)
    if isinstance(block, list):
        return sum(map(cost, block))
    return len(block) if isinstance(block, str) else 0


def is_web_address(url: str) -> bool:
    """Say whether Slack takes it as an address to open."""
    return url.startswith(("https://", "http://")) and len(url) <= URL and url.isprintable() and " " not in url


def _piece(text: str, address: str) -> Block:
    shown = clean(text) or "…"
    return {"type": "link", "url": address, "text": shown} if address else {"type": "text", "text": shown}


def _element(choice: Choice, action_id: str) -> Block | None:
    if not choice.label.strip():
        return None
    return _picker(choice) if choice.picker and choice.data else _button(choice, action_id)


def _picker(choice: Choice) -> Block | None:
    """Return an element to pick with. It carries no value of ours, so the data is in its action id."""
    element: Block = {"type": _PICKERS[choice.picker], "action_id": f"{PICK}{choice.data}"}
    if choice.picker != "datetime":  # which has no place for a label
        element["placeholder"] = plain(choice.label, 150)
    return element if len(element["action_id"]) <= ACTION_ID else None


def _button(choice: Choice, action_id: str) -> Block | None:
    button: Block = {"type": "button", "text": plain(choice.label, BUTTON), "action_id": action_id}
    if choice.style:
        button["style"] = choice.style
    if choice.url:
        return {**button, "url": choice.url} if is_web_address(choice.url) else None
    value = f"{SAY}{choice.say}" if choice.say else choice.data
    return {**button, "value": value} if 0 < len(value) <= VALUE else None
