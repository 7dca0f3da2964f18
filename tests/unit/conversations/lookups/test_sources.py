"""The data sources of company.yaml."""

from pathlib import Path

import pytest

from bots.windows.sources import OWN, Source, load_sources

URL = "postgresql://reader:hunter2secret@hris.example/hris"


def company(tmp_path: Path, text: str) -> Path:
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_our_own_database_is_always_a_source(tmp_path):
    """Without a file, and beside others."""
    assert load_sources(tmp_path, {}).sources == {OWN: Source(OWN)}
    assert load_sources(company(tmp_path, "name: A公司\n"), {}).sources == {OWN: Source(OWN)}


def test_a_source_is_a_reference_to_its_address(tmp_path):
    """The address comes from the environment; time-out and limit are the file's."""
    text = "name: A公司\nsources:\n  hris: {url: '${HRIS_URL}', timeout_s: 2, rows: 50}\n  company: {rows: 20}\n"
    loaded = load_sources(company(tmp_path, text), {"HRIS_URL": URL})
    assert loaded.sources == {OWN: Source(OWN, rows=20), "hris": Source("hris", URL, 2.0, 50)}
    assert (loaded.faults, loaded.notes) == ((), ())
    assert "hunter2secret" not in repr(loaded)


def test_a_source_without_its_variable_is_not_connected(tmp_path):
    """That is a note: the rest works."""
    loaded = load_sources(company(tmp_path, "sources:\n  hris: {url: '${HRIS_URL}'}\n"), {})
    assert set(loaded.sources) == {OWN}
    (note,) = loaded.notes
    assert str(note).startswith("company.yaml:2: sources.hris: not connected: HRIS_URL is not set; to connect it")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sources: 3", "1: sources: must have keys of its own"),
        ("sources:\n  HR!: {url: '${A}'}", "2: sources.HR!: must be lower-case"),
        (f"sources:\n  hris: {{url: '{URL}'}}", "2: sources.hris.url: is written out here"),
        ("sources:\n  hris: {url: '${DATABASE_URL}'}", "2: sources.hris.url: refers to DATABASE_URL"),
        ("sources:\n  hris:\n    rows: 5", "2: sources.hris.url: is missing"),
        ("sources:\n  hris:\n    url: ${A}\n    rows: 0", "4: sources.hris.rows: must be 1 or more"),
        ("sources:\n  hris:\n    url: ${A}\n    timeout: 3", "4: sources.hris.timeout: is not a key"),
        ("sources:\n  hris:\n    url: ${HTTP}", "3: sources.hris.url: HTTP is not the address of a Postgres"),
        ("sources:\n  company:\n    url: ${A}", "3: sources.company.url: is our own database"),
        ("sources: [", "company.yaml:2: "),
    ],
)
def test_a_fault_names_the_line_and_never_the_address(tmp_path, text, says):
    """One wrong source does not silence the others, and no message holds a password."""
    good = "\n  good: {url: '${A}'}" if "\n" in text else ""
    loaded = load_sources(company(tmp_path, text + good + "\n"), {"A": URL, "HTTP": "https://user:hunter2secret@x"})
    assert [says in str(fault) for fault in loaded.faults] == [True]
    assert "hunter2secret" not in str(loaded.faults)
    assert ("good" in loaded.sources) == bool(good)
