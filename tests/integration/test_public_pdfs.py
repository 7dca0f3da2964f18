"""Real PDFs, good and bad: each is read or refused with a reason, and what is read stands on its page."""

import re
from pathlib import Path

import pymupdf
import pytest

from rag_core.errors import UnreadableDocument
from rag_core.ingest.blocks import squeezed
from rag_core.ingest.pool import read_all
from rag_core.ingest.read import Reading, read_file
from rag_core.types import Chunk, ChunkKind

TEXT_LAYER = 60  # characters, from which a page is not read by OCR


def pieces(chunk: Chunk) -> list[str]:
    """Return what of a chunk must stand on the page in one go: a sentence, a cell, what is between two breaks."""
    lines = re.split("[\n¦]", chunk.text)
    if chunk.kind is ChunkKind.TABLE:
        return [cell for line in lines for cell in line.split(" | ")]
    return [sentence for line in lines for sentence in re.split(r"(?<=[。！？])|(?<=[.!?]) ", line)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("folder", ["py-pdf", "pdfplumber_usgov", "tw_gov"])
def test_what_is_read_stands_verbatim_on_its_page(public_data: Path, folder: str):
    """Everything read from a text layer is found on the page it names, white space aside."""
    checked, missing = 0, []
    for path in sorted((public_data / "pdf_samples" / folder).glob("*.pdf")):
        try:
            reading = read_file(path, scanning_s=-1)
        except UnreadableDocument:
            continue
        with pymupdf.open(path) as document:
            texts = [squeezed(page.get_text()) for page in document]
        for chunk in reading.chunks:
            assert chunk.page is not None
            for piece in pieces(chunk):
                checked += 1
                if len(texts[chunk.page - 1]) >= TEXT_LAYER and squeezed(piece) not in texts[chunk.page - 1]:
                    missing.append((path.name, chunk.page, piece))
    assert checked > 50
    assert missing == []


@pytest.mark.timeout(600)
def test_every_bad_pdf_is_read_or_refused_with_a_reason(public_data: Path):
    """The PDFs that break the standard neither crash nor hang a sync; each is accounted for once."""
    paths = sorted((public_data / "pdf_bad").rglob("*.pdf"))
    found = dict(read_all(paths, workers=2, limit_s=60, memory_mb=1536))
    assert set(found) == set(paths)
    for result in found.values():
        assert result.chunks if isinstance(result, Reading) else len(str(result)) > 10


@pytest.mark.timeout(600)
def test_scans_are_found_by_their_words(public_data: Path):
    """Scanned pages, a skewed one among them, and a locked file: read by words, or refused by reason."""
    folder = public_data / "pdf_samples"
    linn, skew = folder / "ocrmypdf" / "linn.pdf", folder / "ocrmypdf" / "skew.pdf"
    locked = next(folder.rglob("*password*.pdf"))
    found = dict(read_all([linn, skew, locked], workers=1, limit_s=300, memory_mb=1536))
    for path in (linn, skew):
        result = found[path]
        assert isinstance(result, Reading)
        assert "LinnSequencer" in squeezed("".join(chunk.text for chunk in result.chunks))
    assert "password" in str(found[locked])
