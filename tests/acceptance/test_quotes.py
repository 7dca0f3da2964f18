"""Every quote stands verbatim on the page it is cited from, over PDFs that nobody made for us.

The questions are words of the documents' own chunks. The usual suite takes some PDFs; TRANSOM_SOAK=1 takes all.
"""

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from acceptance.command import write_window
from acceptance.installation import Installation, Server, synced
from acceptance.verbatim import not_on_their_page

SOAK = os.environ.get("TRANSOM_SOAK") == "1"
QUESTIONS = 15  # a document

WITH_TEXT = (
    "pdfplumber_usgov/nics-background-checks-2015-11.pdf",
    "pdfplumber_usgov/nics-background-checks-2015-11-rotated.pdf",
    "pdfplumber_usgov/senate-expenditures.pdf",
    "pdfplumber_usgov/scotus-transcript-p1.pdf",
    "py-pdf/004-pdflatex-4-pages_pdflatex-4-pages.pdf",
    "py-pdf/009-pdflatex-geotopo_GeoTopo-komprimiert.pdf",
    "py-pdf/011-google-doc-document_google-doc-document.pdf",
    "py-pdf/013-reportlab-overlay_reportlab-overlay.pdf",
    "py-pdf/015-arabic_habibi-rotated.pdf",
    "py-pdf/026-latex-multicolumn_multicolumn.pdf",
    "tw_gov/taipei_orgchart_en.pdf",
    "tw_gov/taipei_orgchart_zh.pdf",
)


@pytest.fixture(scope="module")
def installed(public_data: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A window that knows the public samples."""
    company = tmp_path_factory.mktemp("samples")
    (company / "documents").mkdir()
    samples = public_data / "pdf_samples"
    for file in sorted(samples.rglob("*.pdf")) if SOAK else [samples / name for name in WITH_TEXT]:
        (company / "documents" / file.name).symlink_to(file)
    write_window(company, "samples", ["{path: ../documents/*.pdf}"])
    with server.database() as url, synced(company, url, tmp_path_factory.mktemp("data")) as installation:
        yield installation


@pytest.fixture(scope="module")
def questions(installed: Installation) -> list[str]:
    """A dozen words in a row of chunks drawn at random from each document, tables as well as prose."""
    with psycopg.connect(installed.database_url) as connection:
        rows = connection.execute(
            "select array_agg(text order by id) from chunks where length(text) > 20"
            " group by document_id order by document_id"
        ).fetchall()
    draw = random.Random(7)
    return [some_words(draw, text) for (texts,) in rows for text in draw.choices(texts, k=QUESTIONS)]


def some_words(draw: random.Random, text: str) -> str:
    words = re.sub("[|¦]", " ", text).split()
    start = draw.randrange(max(1, len(words) - 11))
    return " ".join(words[start : start + 12])[:300]


def test_every_quote_of_the_public_samples_stands_on_its_page(installed: Installation, questions: list[str]) -> None:
    """White space aside, each quote is verbatim in the text layer of the page it names."""
    answers = [installed.ask("samples", question) for question in questions]
    citations = [citation for answer in answers for citation in answer.citations]
    assert len({citation.document for citation in citations}) >= 8
    assert len(citations) >= len(questions) / 3
    assert not_on_their_page(installed.company, citations) == []


def test_every_chunk_of_a_sample_has_its_page(installed: Installation) -> None:
    """A chunk of a PDF names a page that the PDF has."""
    with psycopg.connect(installed.database_url) as connection:
        rows = connection.execute(
            "select d.name, k.page, d.pages from chunks k join documents d on d.id = k.document_id"
            " where k.page is null or k.page < 1 or k.page > d.pages"
        ).fetchall()
    assert rows == []
