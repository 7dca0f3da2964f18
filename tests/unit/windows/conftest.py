"""A company folder to write window files and documents into."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A company folder with a folder for windows, and the SQL files that ``hr.yaml`` names."""
    folder = tmp_path / "company"
    for name in ("windows", "lookups"):
        (folder / name).mkdir(parents=True)
    (folder / "lookups" / "leave_balance.sql").write_text("select remaining from leave where employee = :person\n")
    (folder / "lookups" / "not_clocked_in.sql").write_text("select employee as person from absent\n")
    return folder


@pytest.fixture
def write(company: Path) -> Callable[..., Path]:
    """Write a file of the company; the text may be bytes."""

    def _write(name: str, text: str | bytes = "x") -> Path:
        path = company / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write
