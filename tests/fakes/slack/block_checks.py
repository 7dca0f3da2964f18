"""Checks of one value inside a block: each takes a value and its JSON pointer and yields the problems found."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PLAIN, MARKED = ("plain_text",), ("plain_text", "mrkdwn")


@dataclass(frozen=True)
class Problem:
    """What is wrong and where, as a JSON pointer."""

    message: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Check = Callable[[Any, str], Iterator[Problem]]


@dataclass(frozen=True)
class Shape:
    """An object's fields: those it needs and those it may have; any other is refused."""

    needs: Mapping[str, Check]
    may: Mapping[str, Check]

    def __call__(self, value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must be an object", pointer)
            return
        for name in self.needs:
            if value.get(name) is None:
                yield Problem(f"missing required field: {name}", pointer)
        for name, inner in value.items():
            check = self.needs.get(name) or self.may.get(name)
            if name == "type":
                continue
            if check is None:
                yield Problem(f"invalid additional property: {name}", pointer)
            elif inner is not None:
                yield from check(inner, f"{pointer}/{name}")


def shape(needs: Mapping[str, Check] | None = None, **may: Check) -> Shape:
    return Shape(needs or {}, may)


def string(most: int, least: int = 0, like: str = "") -> Check:
    """A string of ``least`` to ``most`` characters that matches ``like`` from end to end."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("must be a string", pointer)
        elif len(value) > most:
            yield Problem(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            yield Problem(f"must be more than {least - 1} characters", pointer)
        elif like and not re.fullmatch(like, value):
            yield Problem("does not match the expected format", pointer)

    return check


def text(most: int, kinds: tuple[str, ...] = PLAIN) -> Check:
    """A text object of one of the kinds with 1 to ``most`` characters."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, dict) or value.get("type") not in kinds:
            yield Problem(f"unsupported type: expected {' or '.join(kinds)}", f"{pointer}/type")
            return
        only = {"emoji"} if value["type"] == "plain_text" else {"verbatim"}
        for name in value.keys() - {"type", "text"} - only:
            yield Problem(f"invalid additional property: {name}", pointer)
        yield from string(most, least=1)(value.get("text"), f"{pointer}/text")

    return check


def items(inner: Check, most: int, least: int = 1) -> Check:
    """A list of ``least`` to ``most`` values that each pass ``inner``."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("must be an array", pointer)
            return
        if len(value) > most:
            yield Problem(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            yield Problem(f"no fewer than {least} items allowed", pointer)
        for number, item in enumerate(value):
            yield from inner(item, f"{pointer}/{number}")

    return check


def one_of(*values: str) -> Check:
    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if value not in values:
            yield Problem(f"must be one of {', '.join(values)}", pointer)

    return check


def boolean(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem("must be a boolean", pointer)


def whole(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield Problem("must be an integer", pointer)


def anything(value: Any, pointer: str) -> Iterator[Problem]:
    return iter(())


def typed(shapes: Mapping[str, Check], allowed: tuple[str, ...] | None = None) -> Check:
    """An object whose ``type`` picks its shape; only ``allowed`` types may stand here."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes or (allowed is not None and kind not in allowed):
            yield Problem(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            yield from shapes[kind](value, pointer)

    return check
