"""What is wrong in a window file, told to the person who wrote it: where, what, and how to write it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bots.windows.model import DEPARTMENTS, Channels, Contact, KnowledgeEntry, SlackChannel, WindowFile

_GROUPS = "[employees]"
_EXAMPLES = {
    "name": "name: hr",
    "department": "department: 人",
    "title": "title: {zh-TW: 人資窗口, en: HR desk}",
    "serves": f"serves: {_GROUPS}",
    "persona": "persona: 你是 A 公司的人資窗口，語氣親切。",
    "contact": "contact: {name: 人資部, email: hr@a-company.example}",
    "knowledge": "knowledge:  and below it  - {path: ../documents/hr/*.pdf}",
    "knowledge.path": "- {path: ../documents/hr/*.pdf}",
    "knowledge.audience": "- {path: ../documents/hr/managers/*.md, audience: [managers, hr]}",
    "knowledge.may_leave_company": "may_leave_company: true",
    "may_leave_company": "may_leave_company: true",
    "lookups": "lookups: {leave_balance: {sql: leave_balance.sql}}",
    "forms": "forms: {leave: {title: 請假單}}",
    "notifications": "notifications: {clock_in: {text: 記得打卡。}}",
    "questions": "questions: [特休有幾天？, 加班費怎麼算？]",
    "channels": 'channels: {slack: [{channel: "#ask-hr", groups: [employees]}], line: [a-company-staff]}',
}
_MODELS: dict[str, type[BaseModel]] = {
    "": WindowFile,
    "contact": Contact,
    "knowledge": KnowledgeEntry,
    "channels": Channels,
    "channels.slack": SlackChannel,
}
_SLUG_RULE = "must be lower-case letters, digits, - and _, starting with a letter"
_SENTENCES = {
    "missing": "is missing",
    "too_short": "must not be empty",
    "string_pattern_mismatch": f'is "{{input}}", but {_SLUG_RULE}',
    "string_type": "must be a text (a number or yes/no needs quotes)",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "mapping_type": "must have keys of its own",
    "dict_type": "must have keys of its own",
    "model_type": "must have keys of its own",
    "model_attributes_type": "must have keys of its own",
    "bool_parsing": 'is "{input}", but must be true or false',
    "bool_type": "must be true or false",
    "value_error": "{error}",
    "invalid_key": "is not a key of a window file",
    "recursion_loop": "refers to itself",
}
_SYNTAX = (
    (
        r"found character '\\t'",
        "a tab stands where YAML allows only spaces; use two spaces for each step of indentation",
    ),
    (
        r"found character '[@`%]'|found '%'",
        'a text begins with a character that YAML reserves; put it in quotes, like  slack: "@hr-duty"',
    ),
    (
        r"alias|while scanning an? anchor",
        'a text begins with * or &, which YAML reserves; put it in quotes, like  path: "*.pdf"',
    ),
    (
        r"mapping values are not allowed",
        "there is a : where none fits, or the line is indented unlike its neighbours; put a text with ': ' in quotes",
    ),
    (
        r"while scanning a quoted scalar|unexpected end of stream",
        'a quotation mark is not closed; close it, like  email: "hr@a-company.example"',
    ),
    (
        r"expected ',' or '[\]}]'|while parsing a flow",
        f"a [list] or {{group}} is not closed; close it, like  serves: {_GROUPS}",
    ),
    (
        r"could not find expected ':'",
        f"a key stands there without : and a value; write a half-width : and a space, like  serves: {_GROUPS}",
    ),
    (
        r"expected <block end>|expected the node content|block entries|did not find expected",
        "the indentation does not match the lines above; indent keys of one level with the same number of spaces",
    ),
    (r"expected a single document", "a second document begins (---); keep one window in one file"),
    (
        r"special characters are not allowed",
        "there is a character that cannot be shown; remove it, it often comes with copied text",
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``line`` is 1-based, or None where the file as a whole is meant."""

    file: str
    line: int | None
    trouble: str

    def __str__(self) -> str:
        """Return the line that people see."""
        return f"{self.file}:{self.line}: {self.trouble}" if self.line else f"{self.file}: {self.trouble}"


def syntax_fault(file: str, error: YAMLError, text: str) -> Fault:
    """Tell in plain words what the YAML reader stumbled over."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')} {error}"
    line = mark.line + 1 if mark else None
    if isinstance(error, MarkedYAMLError) and (key := re.search(r'found duplicate key "([^"]*)"', problem)):
        return Fault(file, line, f"{key[1]}: is written twice; keep one of them")
    if mark and re.search(r"found character '[@`%]'", problem) and _after_quote(text, mark.line, mark.column):
        return Fault(file, line, "a quotation mark above this line is not closed; close it")
    if full_width := _full_width_colon(text, line):
        return Fault(file, full_width, f"the colon is full-width (：); write it like  serves: {_GROUPS}")
    for pattern, trouble in _SYNTAX:
        if re.search(pattern, problem):
            return Fault(file, line, trouble)
    return Fault(file, line, "this is not valid YAML; compare it with a window file that works")


def _after_quote(text: str, line: int, column: int) -> bool:
    lines = text.splitlines()
    return line < len(lines) and lines[line][:column].endswith(('"', "'"))


def _full_width_colon(text: str, line: int | None) -> int | None:
    """Return the line, the given one or the one before it, whose key ends with a full-width colon."""
    lines = text.splitlines()
    for number in (line, line and line - 1):
        if number and number <= len(lines) and re.match(r"\s*(- )?[a-z_]+\s*：", lines[number - 1]):
            return number
    return None


def model_faults(file: str, details: Sequence[ErrorDetails], content: CommentedMap) -> list[Fault]:
    """Tell in plain words what the model did not accept, in the order of the file, each thing once."""
    inner = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    # pydantic also calls a list too short when its only items are the wrong ones
    real = [detail for detail in details if not (detail["type"] == "too_short" and detail["loc"] in inner)]
    faults = dict.fromkeys(_model_fault(file, detail, content) for detail in real)
    return sorted(faults, key=lambda fault: fault.line or 0)


def _model_fault(file: str, detail: ErrorDetails, content: CommentedMap) -> Fault:
    where = _without_marks(detail["loc"])
    key = _dotted(where)
    if detail["type"] == "extra_forbidden":
        return Fault(file, line_of(content, where), _unknown_key(where))
    trouble = _trouble(detail, where)
    example = _EXAMPLES.get(key) or _EXAMPLES.get(str(where[0]), "")
    if key == "knowledge" and len(where) > 1:  # an entry that is a plain text
        example = _EXAMPLES["knowledge.path"]
    return Fault(
        file, line_of(content, where), f"{key}: {trouble}" + (f"; write it like  {example}" if example else "")
    )


def line_of(content: CommentedMap, where: Iterable[str | int]) -> int:
    """Return the 1-based line of a key or item, or of the nearest thing around it that the file has."""
    node: Any = content
    line: int = content.lc.line + 1
    for part in where:
        try:
            spot = node.lc.key(part) if isinstance(node, CommentedMap) else node.lc.item(part)
            line, node = spot[0] + 1, node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break  # the file ends here: what is meant is missing, or is a plain value
    return line


def _without_marks(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Drop pydantic's "[key]", which says that a mapping's key, not its value, is meant."""
    return tuple(part for part in loc if part != "[key]")


def _dotted(where: Iterable[str | int]) -> str:
    return ".".join(str(part) for part in where if not isinstance(part, int))


def _trouble(detail: ErrorDetails, where: tuple[int | str, ...]) -> str:
    given = str(detail["input"])
    if where == ("department",) and detail["type"] == "literal_error":
        return f'is "{given}", but must be one of {" ".join(DEPARTMENTS)}'
    if where[0] == "title" and detail["type"] == "literal_error":
        return f'has the language "{given}", but the languages are zh-TW and en'
    if detail["input"] is None and detail["type"] != "invalid_key":
        return "has no value"
    sentence = _SENTENCES.get(detail["type"], "cannot be read").format(input=given, **_context(detail))
    if detail["type"] == "string_pattern_mismatch" and (slug := _as_slug(given)):
        sentence += f" (for example {slug})"
    return sentence


def _context(detail: ErrorDetails) -> dict[str, object]:
    return {"error": detail.get("ctx", {}).get("error", "")}


def _as_slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-0123456789_")


def _unknown_key(where: tuple[int | str, ...]) -> str:
    *outer, name = where
    model = _MODELS.get(_dotted(outer), WindowFile)
    keys = list(model.model_fields)
    near = get_close_matches(str(name).lower(), keys, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(keys)}"
    return f"{_dotted(where)}: is not a key of a window file; {hint}"
