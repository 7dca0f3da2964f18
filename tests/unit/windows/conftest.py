"""A company folder to write window files and documents into."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """An empty company folder with a folder for windows."""
    folder = tmp_path / "company"
    (folder / "windows").mkdir(parents=True)
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
