"""What Slack would refuse about blocks and views: pure functions that return problems."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .block_checks import Check, Problem, Shape, anything, boolean, items, string, text, typed
from .block_shapes import BLOCKS, ONLY_IN_MESSAGES

MOST_CHARACTERS = 13_200  # of all texts in a message's blocks; measured by others, Slack only names the error
TABLE_CHARACTERS = 10_000  # of all cells of a message's table together
MARKDOWN_CHARACTERS = 12_000  # of all markdown blocks of a message together
VIEW_BYTES = 250_000
TITLE = text(24)
VIEW_MAY: dict[str, Check] = {
    "blocks": anything,
    "callback_id": string(255),
    "private_metadata": string(3000),
    "external_id": string(255),
}
VIEWS: dict[str, Check] = {
    "home": Shape({"blocks": anything}, VIEW_MAY),
    "modal": Shape(
        {"blocks": anything, "title": TITLE},
        {
            **VIEW_MAY,
            "submit": TITLE,
            "close": TITLE,
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
}


def problems_of_blocks(blocks: Any, pointer: str = "/blocks", where: str = "message") -> list[Problem]:
    """Return what Slack would refuse about blocks in a message, modal or home."""
    known = tuple(kind for kind in BLOCKS if where == "message" or kind not in ONLY_IN_MESSAGES)
    most = 50 if where == "message" else 100
    found = list(items(typed(BLOCKS, known), most, least=0)(blocks, pointer))
    if not found:
        found = [
            *_section_problems(blocks, pointer),
            *_repeated(blocks, pointer),
            *_long_markdown(blocks, pointer),
            *_table_problems(blocks, pointer),
        ]
    return found


def problems_of_view(view: Any, pointer: str = "/view") -> list[Problem]:
    """Return what Slack would refuse about a modal or home tab, its size apart."""
    found = list(typed(VIEWS)(view, pointer))
    if found:
        return found
    found = problems_of_blocks(view["blocks"], f"{pointer}/blocks", view["type"])
    if view["type"] == "modal" and not view.get("submit") and any(b.get("type") == "input" for b in view["blocks"]):
        found.append(Problem("missing required field: submit", pointer))
    return found


def view_too_large(view: Any) -> bool:
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def characters_of(blocks: Any) -> int:
    """Return how many characters of text stand anywhere in the blocks."""
    if isinstance(blocks, Mapping):
        here = len(blocks["text"]) if isinstance(blocks.get("text"), str) else 0
        return here + sum(characters_of(inner) for inner in blocks.values())
    return sum(map(characters_of, blocks)) if isinstance(blocks, list | tuple) else 0


def elements_of(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the interactive elements that stand directly in a block."""
    single = [block[name] for name in ("accessory", "element") if isinstance(block.get(name), dict)]
    return single + [element for element in block.get("elements", ()) if isinstance(element, dict)]


def _section_problems(blocks: Sequence[Mapping[str, Any]], pointer: str) -> Iterator[Problem]:
    for number, block in enumerate(blocks):
        if block["type"] == "section" and not (block.get("text") or block.get("fields")):
            yield Problem("missing required field: text or fields", f"{pointer}/{number}")


def _repeated(blocks: Sequence[Mapping[str, Any]], pointer: str) -> Iterator[Problem]:
    ids = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    yield from (Problem(f"block_id {name!r} already exists", pointer) for name, times in ids.items() if times > 1)
    for number, block in enumerate(blocks):
        actions = Counter(element["action_id"] for element in elements_of(block) if element.get("action_id"))
        for name, times in actions.items():
            if times > 1:
                yield Problem(f"action_id {name!r} already exists", f"{pointer}/{number}")


def _long_markdown(blocks: Sequence[Mapping[str, Any]], pointer: str) -> Iterator[Problem]:
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MARKDOWN_CHARACTERS:
        yield Problem(f"markdown blocks must be less than {MARKDOWN_CHARACTERS + 1} characters together", pointer)


def _table_problems(blocks: Sequence[Mapping[str, Any]], pointer: str) -> Iterator[Problem]:
    tables = [block for block in blocks if block["type"] == "table"]
    if len(tables) > 1:
        yield Problem("only_one_table_allowed", pointer)
    if characters_of([table["rows"] for table in tables]) > TABLE_CHARACTERS:
        yield Problem(f"cells must be less than {TABLE_CHARACTERS + 1} characters together", pointer)
    for table in tables:
        if len({len(row) for row in table["rows"]}) > 1:
            yield Problem("all rows must have the same number of cells", pointer)
