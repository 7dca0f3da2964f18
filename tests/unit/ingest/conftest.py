"""Files made on the spot, so that every test says what it reads."""

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from rag_core.ingest.read import Reading, read_file

FONT = "china-t"


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str, str | bytes], Reading]:
    """Write a file of this name and content, and read it."""

    def read_content(name: str, content: str | bytes) -> Reading:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_file(path)

    return read_content


@pytest.fixture
def pdf(tmp_path: Path) -> Callable[[Callable[[pymupdf.Document], None]], Path]:
    """Let a function draw a document, and return the file."""

    def made(draw: Callable[[pymupdf.Document], None]) -> Path:
        document = pymupdf.open()
        draw(document)
        path = tmp_path / "drawn.pdf"
        document.save(path)
        document.close()
        return path

    return made


def write(page: pymupdf.Page, x: float, y: float, text: str, size: float = 11) -> None:
    """Write one line whose base line begins at this point."""
    page.insert_text((x, y), text, fontname=FONT, fontsize=size)
