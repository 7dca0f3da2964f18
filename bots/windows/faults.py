"""What is wrong in a file of the company, told to the person who wrote it: where, what, and how to write it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap

LONGEST_SHOWN = 20
"""Characters of a value or key that may be shown from a file of secrets: tokens of the platforms are longer."""

SLUG_RULE = "must be lower-case letters, digits, - and _, starting with a letter"
NAME_RULE = "must be lower-case letters, digits and _, starting with a letter"
"""What conditions and templates can refer to: there a - would be a minus."""

Where = tuple[int | str, ...]
"""The way to a place in a file: keys, and positions in lists."""

NO_TEXT = "must be a text (a number or yes/no needs quotes)"
BEGINS_WITH_BRACKET = "must be a text; one that begins with { or [ needs quotes"
_SENTENCES = {
    "missing": "is missing",
    "too_short": "must not be empty",
    "string_pattern_mismatch": 'is "{input}", but {rule}',
    "string_type": NO_TEXT,
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "mapping_type": "must have keys of its own",
    "dict_type": "must have keys of its own",
    "model_type": "must have keys of its own",
    "model_attributes_type": "must have keys of its own",
    "bool_parsing": 'is "{input}", but must be true or false',
    "bool_type": "must be true or false",
    "value_error": "{error}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "greater_than_equal": "must be {ge:g} or more",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be {le:g} or less",
    "too_long": "must not have more than {max_length}",
    "invalid_key": "is not a key of {noun}",
    "recursion_loop": "refers to itself",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``line`` is 1-based, or None where the file as a whole is meant."""

    file: str
    line: int | None
    trouble: str

    def __str__(self) -> str:
        """Return the line that people see."""
        return f"{self.file}:{self.line}: {self.trouble}" if self.line else f"{self.file}: {self.trouble}"


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of YAML file: what people call it, and what its keys look like when they are right.

    ``models``, ``examples`` and ``literals`` are found by the dotted path of the keys; names that people chose are left
    out of the path, and ``key[]`` is an item of the list below ``key``. ``named`` are the paths below which the next
    key is such a name.
    """

    noun: str  # "a window file"
    sample: str  # one right line of it
    outline: str  # what an empty file lacks; "" where it may be empty
    models: Mapping[str, type[BaseModel]]
    examples: Mapping[str, str]
    literals: Mapping[str, str] = field(default_factory=dict)  # what to say of a choice that is none
    named: frozenset[str] = frozenset()
    holds_secrets: bool = False

    def shown(self, text: str) -> str:
        """Return the text as a message may show it: a secret can stand where a name belongs."""
        return "…" if self.holds_secrets and len(text) > LONGEST_SHOWN else text


class Misfits(ValueError):
    """What does not fit together in one part of a file: each thing with its place below that part."""

    def __init__(self, found: Sequence[tuple[Where, str]]) -> None:
        super().__init__("; ".join(f"{dotted(at)}: {sentence}" if at else sentence for at, sentence in found))
        self.found = tuple(found)


def refuse(found: Iterable[tuple[Where, str]]) -> None:
    """Raise Misfits if anything was found: a model may say of several keys at once what is wrong with them."""
    if listed := list(found):
        raise Misfits(listed)


def model_faults(
    file: str,
    details: Sequence[ErrorDetails],
    content: CommentedMap,
    kind: FileKind,
    at: tuple[str, ...] = (),
) -> list[Fault]:
    """Tell in plain words what the model did not accept, in the order of the file, each thing once.

    ``at`` is where in the file the model's part stands: the section, and the name people gave the part.
    """
    inner = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    # pydantic also calls a list too short when its only items are the wrong ones
    real = [detail for detail in details if not (detail["type"] == "too_short" and detail["loc"] in inner)]
    single = chain.from_iterable(map(_one_by_one, real))
    faults = dict.fromkeys(_model_fault(file, detail, content, kind, at) for detail in single)
    return in_order(faults)


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults of a file as its lines go."""
    return sorted(faults, key=lambda fault: fault.line or 0)


def _one_by_one(detail: ErrorDetails) -> Iterator[ErrorDetails]:
    error = detail.get("ctx", {}).get("error")
    if not isinstance(error, Misfits):
        yield detail
        return
    for at, sentence in error.found:
        yield {**detail, "loc": (*detail["loc"], *at), "ctx": {"error": sentence}}


def _model_fault(file: str, detail: ErrorDetails, content: CommentedMap, kind: FileKind, at: tuple[str, ...]) -> Fault:
    where = _without_marks(detail["loc"])
    path, written = _unnamed((*at[:1], *where), kind), as_written(content, (*at, *where))
    line, own = line_of(content, written), written[len(at) :]
    shown = dotted((*at, *(part if isinstance(part, int) else kind.shown(str(part)) for part in own)))
    if detail["type"] == "extra_forbidden":
        return Fault(file, line, f"{shown}: {_unknown_key(path, kind)}")
    example = _example(path, kind)
    return Fault(
        file, line, f"{shown}: {_trouble(detail, path, kind)}" + (f"; write it like  {example}" if example else "")
    )


def _unnamed(where: Where, kind: FileKind) -> Where:
    """Leave out the names that people chose."""
    path: Where = ()
    chosen = False
    for part in where:
        if not chosen:
            path = (*path, part)
        chosen = not chosen and dotted(path) in kind.named and not isinstance(part, int)
    return path


def as_written(content: CommentedMap, where: Where) -> Where:
    """Leave out what a shorthand stands for: keys and positions that the model, not the file, has put there."""
    node: Any = content
    written: Where = ()
    for index, part in enumerate(where):
        is_there = part in node if isinstance(node, dict) else isinstance(node, list) and part in range(len(node))
        if is_there:
            node = node[part]
        if is_there or (isinstance(node, dict) and isinstance(part, str) and index == len(where) - 1):
            written = (*written, part)
    return written


def _example(path: Where, kind: FileKind) -> str:
    """Return the example of the key, or of the nearest around it that has one."""
    keys = [dotted(path[:depth]) for depth in range(len(path), 0, -1)]
    items = [f"{keys[0]}[]"] if keys and isinstance(path[-1], int) else []
    return next((kind.examples[key] for key in (*items, *keys) if key in kind.examples), "")


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


def _without_marks(loc: Where) -> Where:
    """Drop pydantic's "[key]", which says that a mapping's key, not its value, is meant."""
    return tuple(part for part in loc if part != "[key]")


def dotted(where: Iterable[str | int]) -> str:
    """Return the keys of a path as people read them, without the positions in lists."""
    return ".".join(str(part) for part in where if not isinstance(part, int))


def _trouble(detail: ErrorDetails, path: Where, kind: FileKind) -> str:
    given, sort = kind.shown(str(detail["input"])), detail["type"]
    if sort == "literal_error":
        return _no_choice(given, detail, path, kind)
    if detail["input"] is None and sort != "invalid_key":
        return "has no value"
    if sort == "string_type" and isinstance(detail["input"], dict | list):
        return BEGINS_WITH_BRACKET
    context = {"error": "", **detail.get("ctx", {}), "noun": kind.noun}
    may_have_dash = "_-]" in str(context.get("pattern", ""))
    context["rule"] = SLUG_RULE if may_have_dash else NAME_RULE
    sentence = _SENTENCES.get(sort, "cannot be read").format(input=given, **context)
    if sort == "string_pattern_mismatch" and (slug := _as_slug(given)):
        sentence += f" (for example {slug if may_have_dash else slug.replace('-', '_')})"
    return sentence


def _no_choice(given: str, detail: ErrorDetails, path: Where, kind: FileKind) -> str:
    for key in reversed([str(part) for part in path]):
        if key in kind.literals:
            return kind.literals[key].format(input=given)
    known = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    return f'is "{given}", but must be one of {", ".join(known)}'


def _as_slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-0123456789_")


def _unknown_key(path: Sequence[int | str], kind: FileKind) -> str:
    *outer, name = path
    model = kind.models.get(dotted(outer), kind.models[""])
    return f"is not a key of {kind.noun}; {meant(str(name), list(model.model_fields), 'the keys here are')}"


def meant(given: str, known: Sequence[str], else_say: str) -> str:
    """Ask for the likeliest of what is known, or list all of it."""
    near = get_close_matches(given.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"{else_say} {', '.join(known)}"
