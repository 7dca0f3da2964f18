"""Broken, odd and scanned PDFs through ``transom sync``: each is read or named with a reason, within bounds.

The usual suite takes a few of every kind; TRANSOM_SOAK=1 takes all of them, which on two cores is five minutes.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from acceptance.command import Command, write_window
from acceptance.installation import Server
from acceptance.memory import peak_memory
from acceptance.verbatim import text_layer

SOAK = os.environ.get("TRANSOM_SOAK") == "1"
MEMORY = 2 * 1024**3  # bytes
PATIENCE = 1_500 if SOAK else 240  # seconds

A_FEW_SAMPLES = (
    "ocrmypdf/skew.pdf",
    "ocrmypdf/ccitt.pdf",
    "ocrmypdf/graph_ocred.pdf",
    "ocrmypdf/toc.pdf",
    "pdfplumber_usgov/nics-background-checks-2015-11-rotated.pdf",
    "pdfplumber_usgov/senate-expenditures.pdf",
    "py-pdf/005-libreoffice-writer-password_libreoffice-writer-password.pdf",
    "py-pdf/010-pdflatex-forms_pdflatex-forms.pdf",
    "py-pdf/015-arabic_habibi-rotated.pdf",
    "py-pdf/017-unreadable-meta-data_unreadablemetadata.pdf",
    "py-pdf/026-latex-multicolumn_multicolumn.pdf",
    "tw_gov/taipei_orgchart_zh.pdf",
)


@dataclass(frozen=True, slots=True)
class Synced:
    """What came of it: every file, those in the index, what was printed, how much memory it took."""

    files: frozenset[str]
    published: frozenset[str]
    printed: str
    peak: int
    code: int
    command: Command


@pytest.fixture(scope="module")
def synced(public_data: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synced]:
    company = tmp_path_factory.mktemp("difficult")
    chosen = list(chosen_files(public_data))
    for file in chosen:
        place = company / "documents" / file.relative_to(public_data)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(file)
    write_window(company, "odd", ["{path: ../documents/**/*.pdf}"])
    with server.database() as url:
        command = Command(company, tmp_path_factory.mktemp("data"), url)
        with (company / "printed").open("wb") as printed:
            process = command.start("sync", output=printed)
            peak = peak_memory(process, PATIENCE)
        with psycopg.connect(url) as connection:
            published = frozenset(row[0] for row in connection.execute("select name from documents"))
        names = frozenset(f"documents/{file.relative_to(public_data)}" for file in chosen)
        yield Synced(names, published, (company / "printed").read_text(), peak, process.returncode, command)


def chosen_files(public_data: Path) -> Iterator[Path]:
    bad = sorted((public_data / "pdf_bad").rglob("*.pdf"))
    samples = public_data / "pdf_samples"
    yield from bad if SOAK else bad[::7]
    yield from sorted(samples.rglob("*.pdf")) if SOAK else (samples / name for name in A_FEW_SAMPLES)


def reasons(synced: Synced) -> dict[str, str]:
    """Each file that was named as unreadable, with the reason."""
    told = "".join(
        line.strip() if not line.startswith(("✗", "!")) else "\n" + line for line in synced.printed.split("\n")
    )
    lines = [line.removeprefix("✗ odd: ") for line in told.splitlines() if line.startswith("✗ odd: ")]
    return dict(line.split(": ", 1) for line in lines)


def test_every_file_is_read_or_named_with_a_reason(synced: Synced) -> None:
    """The command ends well, and no file is lost or both read and refused."""
    named = reasons(synced)
    assert synced.code == 0, synced.printed
    assert synced.published | named.keys() == synced.files
    assert not synced.published & named.keys()
    assert all(len(reason) > 10 and reason.endswith(".") for reason in named.values()), named


def test_reasons_are_sentences_for_people(synced: Synced) -> None:
    """No traceback, no path of a library and no unforeseen error stands in a reason or a warning."""
    for word in ("Traceback", "site-packages", "not foreseen", "exit code", 'File "'):
        assert word not in synced.printed, synced.printed


def test_a_locked_and_a_torn_file_say_so(synced: Synced) -> None:
    """Whoever looks after the documents learns what to do."""
    named = reasons(synced)
    by_end = {name.rsplit("/", 1)[-1]: reason for name, reason in named.items()}
    assert "password" in by_end["005-libreoffice-writer-password_libreoffice-writer-password.pdf"]
    assert "damaged" in by_end["017-unreadable-meta-data_unreadablemetadata.pdf"]


def test_reading_stays_within_two_gigabytes(synced: Synced) -> None:
    """The command and its reading processes together, at their peak."""
    assert synced.peak < MEMORY, f"{synced.peak / 1e6:.0f} MB"


def test_most_difficult_files_are_read_all_the_same(synced: Synced) -> None:
    """Of the samples that have any text nearly all are read, whatever is odd about them."""
    samples = {name for name in synced.files if "/pdf_samples/" in name}
    assert len(samples & synced.published) >= 0.8 * len(samples)


def test_a_scanned_page_is_found_by_its_words(synced: Synced, public_data: Path) -> None:
    """Words that stand only in the picture of a crooked page find it, by what was read from the picture."""
    arguments = ("search", "Oxnard Street Tarzana", "-w", "odd", "--groups", "employees", "--json", "-k", "20")
    passages = synced.command.right(*arguments).object["passages"]
    scan = next(passage for passage in passages if passage["document"].endswith("ocrmypdf/skew.pdf"))
    assert "Linn Electronics" in scan["text"]
    assert scan["page"] == 1
    assert text_layer(public_data / "pdf_samples" / "ocrmypdf" / "skew.pdf", 1) == ""


def test_a_second_sync_reads_nothing_again(synced: Synced) -> None:
    """Files that could not be read are named again, at no cost, and nothing else changes."""
    began = time.monotonic()
    outcome = synced.command.right("sync")
    assert time.monotonic() - began < 30
    assert outcome.err.count("✗") == len(reasons(synced))
    assert f"│ {len(synced.published)} " in outcome.err
