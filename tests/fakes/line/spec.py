"""LINE's OpenAPI, read once a process: which paths there are, and what is wrong with a request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from fakes.line.limits import limits
from fakes.line.records import Call, Problem
from fakes.line.walker import Walker
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers

API = "https://api.line.me"


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and path of the OpenAPI, as ``/v2/bot/profile/{userId}``, and what a request matched."""

    method: str
    template: str
    arguments: tuple[str, ...]


class LineSpec:
    """Answers questions about requests; it keeps nothing of them."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths = document["paths"]
        self._openapi = OpenAPI.from_dict(document)
        self._walker = Walker(document["components"]["schemas"], limits)
        # names before placeholders: /richmenu/list is no rich menu id
        self._templates = [
            (re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(template))), template)
            for template in sorted(self._paths, key=lambda template: template.count("{"))
        ]

    def operation(self, method: str, path: str) -> Operation | None:
        """Return LINE's operation for this request, or nothing if LINE has none."""
        for pattern, template in self._templates:
            match = pattern.fullmatch(path)
            if match and method.lower() in self._paths[template]:
                return Operation(method, template, match.groups())
        return None

    def problems(self, call: Call, operation: Operation) -> list[Problem]:
        """Return what the schemas, followed by ``type``, and the documented limits say against the body."""
        wanted = self._about(operation).get("requestBody", {})
        content = wanted.get("content", {})
        if "application/json" not in content or not (call.raw or wanted.get("required")):
            return []
        if call.json is None:
            return [Problem("The request body could not be parsed as JSON", "")]
        return list(self._walker.walk(call.json, content["application/json"]["schema"]))

    def openapi_problems(self, call: Call, operation: Operation) -> list[Problem]:
        """Return what openapi-core says against the request: parameters, media type, body."""
        about = self._about(operation)
        host = about.get("servers", [{"url": API}])[0]["url"]
        try:
            self._openapi.validate_request(_CoreRequest(host, call))
        except OpenAPIError as error:
            return [Problem(text, "") for text in _texts(error)]
        return []

    def _about(self, operation: Operation) -> dict[str, Any]:
        about: dict[str, Any] = self._paths[operation.template][operation.method.lower()]
        return about


@lru_cache(maxsize=4)
def line_spec(path: Path) -> LineSpec:
    """Read LINE's ``messaging-api.openapi.yml``, once a process."""
    return LineSpec(yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


class _CoreRequest:
    """A call in the shape openapi-core asks for."""

    def __init__(self, host: str, call: Call) -> None:
        self.host_url = host
        self.path = call.path
        self.method = call.method.lower()
        self.body = call.raw or None
        self.content_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.parameters = RequestParameters(query=dict(call.query), header=Headers(call.headers), cookie={}, path={})


def _texts(error: OpenAPIError) -> Iterator[str]:
    inner = getattr(error.__cause__, "schema_errors", None)
    if inner:
        yield from (f"{cause.json_path}: {cause.message}"[:300] for cause in inner)
    else:
        yield str(error)[:300]
