"""The content of a message that an app sends: checked against Slack's limits, and put into the record's fields."""

from collections.abc import Mapping
from typing import Any

from .blocks import MARKDOWN_CHARACTERS, MOST_CHARACTERS, characters_of, problems_of_blocks
from .descriptions import Descriptions
from .records import SlackError
from .state import State

TEXT_CHARACTERS = {"chat.update": 4_000}  # its description says so; elsewhere it is 40,000
CHUNKS = ("markdown_text", "task_update", "plan_update", "blocks")


def content_of(state: State, described: Descriptions, method: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return text, blocks, attachments and metadata as fields of a message, those that were sent."""
    if state.strict:
        _check_text(described, method, args)
        _check_blocks(described, method, args)
        check_metadata(args)
    if not any(args.get(name) for name in ("text", "blocks", "attachments", "markdown_text")):
        raise SlackError("no_text", violation=True)
    fields: dict[str, Any] = {"text": args.get("markdown_text") or args.get("text") or ""}
    if isinstance(args.get("blocks"), list):
        fields["blocks"] = with_ids(state, args["blocks"])
    if isinstance(args.get("attachments"), list):
        fields["attachments"] = tuple(args["attachments"])
    if args.get("metadata") is not None:
        fields["metadata"] = args["metadata"] or None
    return fields


def streamed_text(state: State, args: Mapping[str, Any]) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Return the text a call adds to a stream, and its chunks that are no text."""
    text, chunks = args.get("markdown_text") or "", args.get("chunks") or ()
    if not isinstance(chunks, list | tuple) or any(
        not isinstance(chunk, dict) or chunk.get("type") not in CHUNKS for chunk in chunks
    ):
        raise SlackError("invalid_chunks", violation=True)
    pieces = [text, *(chunk.get("text", "") for chunk in chunks if chunk["type"] == "markdown_text")]
    if state.strict and any(len(piece) > MARKDOWN_CHARACTERS for piece in pieces):
        raise SlackError(
            "msg_too_long", f"markdown_text is limited to {MARKDOWN_CHARACTERS} characters", violation=True
        )
    return "".join(pieces), tuple(chunk for chunk in chunks if chunk["type"] != "markdown_text")


def check_metadata(args: Mapping[str, Any]) -> None:
    """Refuse metadata that is not {event_type, event_payload}; an empty object takes metadata away."""
    metadata = args.get("metadata")
    if metadata is None or metadata == {}:
        return
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format", violation=True)
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema", violation=True)


def with_ids(state: State, blocks: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return the blocks, each with the block_id that Slack gives to those without."""
    return tuple(block if block.get("block_id") else {**block, "block_id": state.new_id("b")} for block in blocks)


def invalid_blocks(code: str, problems: list[Any]) -> SlackError:
    said = [str(problem) for problem in problems]
    return SlackError(code, *(f"[ERROR] {problem}" for problem in said), violation=True, errors=said)


def _check_text(described: Descriptions, method: str, args: Mapping[str, Any]) -> None:
    if len(args.get("text") or "") > TEXT_CHARACTERS.get(method, 40_000):
        raise SlackError("msg_too_long", violation=True)
    markdown = args.get("markdown_text")
    if markdown and (args.get("text") or args.get("blocks")):
        raise SlackError("markdown_text_conflict", violation=True)
    if markdown and len(markdown) > MARKDOWN_CHARACTERS:
        raise SlackError("msg_too_long", violation=True)


def _check_blocks(described: Descriptions, method: str, args: Mapping[str, Any]) -> None:
    blocks = args.get("blocks")
    if blocks is None or blocks == "":
        return
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format", violation=True)
    if len(blocks) > 50:
        code = described.error_of(method, "msg_blocks_too_many", "invalid_blocks")
        raise invalid_blocks(code, ["no more than 50 items allowed [json-pointer:/blocks]"])
    problems = problems_of_blocks(blocks)
    if problems:
        raise invalid_blocks("invalid_blocks", problems)
    if characters_of(blocks) > MOST_CHARACTERS:
        raise SlackError(described.error_of(method, "msg_blocks_too_long", "msg_too_long"), violation=True)
