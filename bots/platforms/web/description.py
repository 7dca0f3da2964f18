"""The API's description (OpenAPI 3.1), as it stands beside this file, and the page for people made from it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import render_template
from ruamel.yaml import YAML

from bots.platforms.web.api_requests import SLUGS


@cache
def described() -> dict[str, Any]:
    """Return the description in plain values."""
    with Path(__file__).with_name("openapi.yaml").open(encoding="utf-8") as file:
        description: dict[str, Any] = YAML(typ="safe").load(file)
    return description


def docs_page(base: str) -> str:
    """Return the page that explains the API; ``base`` is the address of this installation, with a slash."""
    components = described()["components"]
    return render_template(
        "api_docs.html",
        schemas=components["schemas"],
        examples=_examples(components, base),
        slugs=SLUGS,
        needed=components["schemas"]["Question"]["required"],
    )


def _examples(components: Mapping[str, Any], base: str) -> dict[str, str]:
    responses, values = components["responses"], components["examples"]
    working = responses["Working"]["content"]["application/json"]["example"]
    confirming = responses["Confirming"]["content"]["application/json"]["example"]
    header = '-H "Authorization: Bearer $TOKEN"'

    def post(path: str, example: str, *headers: str) -> str:
        head = (f"curl -i {base}api/v1/{path}", header, '-H "Content-Type: application/json"', *headers)
        return " \\\n  ".join((*head, f"-d '{json.dumps(values[example]['value'], ensure_ascii=False)}'"))

    return {
        "ask": post("ask", "Question", f'-H "Idempotency-Key: {working["id"]}"'),
        "notify": post("notify", "Notify"),
        "confirm": post("confirmations", "Confirm"),
        "confirmed": f"curl {header} \\\n  {base}api/v1/confirmations/{confirming['id']}",
        "answer": _readable(values["Answer"]["value"]),
        "working": f"Location: /api/v1/answers/WyJl…\nRetry-After: 1\n\n{_readable(working)}",
        "fetch": f"curl {header} \\\n  '{base}api/v1/answers/WyJl…?wait_s=20'",
        "problem": _readable(responses["WrongField"]["content"]["application/problem+json"]["example"]),
    }


def _readable(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
