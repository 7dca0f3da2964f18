"""Questions from a command line or a file of JSON lines."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bots.errors import SettingError
from rag_core.evaluate import Golden

_LINE = 'write a line like {"question": "特休有幾天？"}'


def asked_questions(question: str | None, batch: Path | None) -> list[str]:
    """Return the one question, or those of the file. Raises SettingError for both, neither, or a bad line."""
    if (question is None) == (batch is None):
        raise SettingError("Give a question, or a file of questions with --batch, not both.")
    if batch is None:
        return [str(question)]
    return [_question(batch, number, fields) for number, fields in _objects(batch)]


def golden_questions(path: Path) -> list[Golden]:
    """Return the file's questions with what is known of their answers. Raises SettingError for a bad line."""
    return [
        Golden(
            _question(path, number, fields),
            fields.get("document"),
            fields.get("answer"),
            bool(fields.get("answerable", True)),
        )
        for number, fields in _objects(path)
    ]


def _question(path: Path, number: int, fields: dict[str, Any]) -> str:
    question = fields.get("question")
    if not isinstance(question, str):
        raise SettingError(f'{path}:{number}: there is no "question"; {_LINE}')
    return question


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) for each line that is not blank."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read as UTF-8 text ({error}).") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except json.JSONDecodeError as error:
            raise SettingError(f"{path}:{number}: is not JSON ({error.msg}); {_LINE}") from error
        if not isinstance(fields, dict):
            raise SettingError(f"{path}:{number}: is not a JSON object; {_LINE}")
        yield number, fields
