"""Walks a body along LINE's OpenAPI and follows ``type`` where a schema has several shapes; openapi-core does not."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fakes.line.records import Problem

Schema = Mapping[str, Any]
Limits = Callable[[str, dict[str, Any], str, str], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """An object's properties and required names, with those of everything it extends."""

    properties: Mapping[str, Schema]
    required: tuple[str, ...]
    values: Schema | None  # of properties without a name of their own


class Walker:
    """``limits(name, value, path, owner)`` adds the documented limits of the object named ``name`` inside ``owner``."""

    def __init__(self, schemas: Mapping[str, Schema], limits: Limits) -> None:
        self._schemas = schemas
        self._limits = limits
        self._shapes: dict[str, _Shape] = {}
        self._type_of = {
            _name(ref): key
            for schema in schemas.values()
            for key, ref in schema.get("discriminator", {}).get("mapping", {}).items()
        }

    def walk(self, value: Any, schema: Schema, path: str = "", owner: str = "") -> Iterator[Problem]:
        """Yield what is wrong with ``value``; a property is written as LINE writes it: ``messages[0].text``."""
        name, schema = self._resolved(schema)
        if "discriminator" in schema:
            kinds = schema["discriminator"]["mapping"]
            kind = value.get("type") if isinstance(value, dict) else None
            if not isinstance(kind, str) or kind not in kinds:
                yield Problem(f"Must be one of the following values: {sorted(kinds)}", f"{path}.type")
                return
            name, schema = self._resolved({"$ref": kinds[kind]})
        if "properties" in schema or "allOf" in schema or schema.get("type") == "object":
            yield from self._object(value, name, schema, path, owner)
        elif schema.get("type") == "array":
            yield from self._array(value, schema, path, owner)
        else:
            yield from _scalar(value, schema, path)

    def _object(self, value: Any, name: str, schema: Schema, path: str, owner: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("Must be an object", path)
            return
        shape = self._shape(name, schema)
        if name in self._type_of and value.get("type") != self._type_of[name]:
            yield Problem(f"Must be {self._type_of[name]!r}", f"{path}.type")
        for missing in shape.required:
            if missing not in value:
                yield Problem("May not be null", _below(path, missing))
        for key, inner in value.items():
            if key in shape.properties:
                yield from self.walk(inner, shape.properties[key], _below(path, key), name or owner)
            elif shape.values is not None:
                yield from self.walk(inner, shape.values, _below(path, key), name or owner)
            elif shape.properties:
                yield Problem("Unknown field", _below(path, key))
        yield from self._limits(name, value, path, owner)

    def _array(self, value: Any, schema: Schema, path: str, owner: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("Must be an array", path)
            return
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield Problem(f"Size must be between {schema.get('minItems', 0)} and {schema.get('maxItems')}", path)
        for number, item in enumerate(value):
            yield from self.walk(item, schema["items"], f"{path}[{number}]", owner)

    def _resolved(self, schema: Schema) -> tuple[str, Schema]:
        name = _name(schema["$ref"]) if "$ref" in schema else ""
        return name, self._schemas[name] if name else schema

    def _shape(self, name: str, schema: Schema) -> _Shape:
        if name in self._shapes:
            return self._shapes[name]
        parts = [self._shape(*self._resolved(part)) for part in schema.get("allOf", ())]
        properties: dict[str, Schema] = {}
        for part in parts:
            properties.update(part.properties)
        properties.update(schema.get("properties", {}))
        required = [*schema.get("required", ()), *(key for part in parts for key in part.required)]
        shape = _Shape(properties, tuple(dict.fromkeys(required)), schema.get("additionalProperties"))
        if name:
            self._shapes[name] = shape
        return shape


def units(text: str) -> int:
    """Return the length in UTF-16 code units, by which LINE counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def _scalar(value: Any, schema: Schema, path: str) -> Iterator[Problem]:
    kind = schema.get("type")
    if kind is None:
        return
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield Problem(f"Must be a {kind}", path)
        return
    if "enum" in schema and value not in schema["enum"]:
        yield Problem(f"Must be one of the following values: {schema['enum']}", path)
    if isinstance(value, str):
        yield from _string(value, schema, path)
    elif not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield Problem(f"Must be between {schema.get('minimum')} and {schema.get('maximum')}", path)


def _string(value: str, schema: Schema, path: str) -> Iterator[Problem]:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if units(value) < least or (most is not None and units(value) > most):
        yield Problem(f"Length must be between {least} and {most}", path)
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        yield Problem(f"Must match {schema['pattern']}", path)


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
