"""Reading in processes that are killed when they hang, crash or take too much memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag_core.errors import UnreadableDocument
from rag_core.ingest.pool import read_all
from rag_core.ingest.read import Reading, read_file
from rag_core.types import Chunk


def misbehaving(path: Path) -> Reading:
    """Do what the file's name says; the pool imports this function in its own processes."""
    if path.stem == "hang":
        time.sleep(600)
    if path.stem == "crash":
        os.abort()
    if path.stem == "memory":
        return Reading(str(len(bytearray(3_000_000_000))), None, (), ())
    if path.stem == "error":
        raise ZeroDivisionError("nought")
    return Reading(path.stem, None, (Chunk("text"),), ())


def test_what_hangs_crashes_or_swells_is_named_and_stops_nothing():
    """Each bad file is reported once with its reason; the others are read."""
    names = ["a", "hang", "b", "crash", "c", "memory", "error", "d"]
    paths = [Path(f"{name}.x") for name in names]
    start = time.monotonic()
    found = dict(read_all(paths, workers=2, limit_s=6, memory_mb=800, reader=misbehaving))
    assert time.monotonic() - start < 60
    assert {path.stem for path, result in found.items() if isinstance(result, Reading)} == {"a", "b", "c", "d"}
    assert set(found) == set(paths)
    assert "longer than 6 seconds" in str(found[Path("hang.x")])
    assert "died" in str(found[Path("crash.x")])
    assert "memory" in str(found[Path("memory.x")])
    assert "nought" in str(found[Path("error.x")])


def test_texts_and_pdfs_together(tmp_path: Path):
    """Small texts and other files are all yielded once, with what read_file gives."""
    import pymupdf

    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Parental leave lasts two years at most, says the rule.")
        document.save(tmp_path / "b.pdf")
    (tmp_path / "a.txt").write_text("特休七日。")
    (tmp_path / "c.xyz").write_text("x")
    paths = [tmp_path / name for name in ("a.txt", "b.pdf", "c.xyz", "gone.txt")]
    found = dict(read_all(paths, workers=4, limit_s=60, memory_mb=1024))
    assert found[paths[0]] == read_file(paths[0])
    assert found[paths[1]] == read_file(paths[1])
    assert isinstance(found[paths[2]], UnreadableDocument)
    assert isinstance(found[paths[3]], UnreadableDocument)


def test_no_files_start_nothing():
    """Nothing to read is no reading."""
    assert list(read_all([], workers=2, limit_s=5, memory_mb=500)) == []


def test_an_abandoned_reading_ends_its_processes():
    """Closing the iterator in the middle kills what still runs, at once."""
    results = read_all([Path("a.x"), Path("hang.x")], workers=2, limit_s=300, memory_mb=800, reader=misbehaving)
    next(results)
    start = time.monotonic()
    results.close()
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("names", ["a.x b.x", "hang.x a.x"])
def test_a_program_that_reads_leaves_nothing_behind(names: str, tmp_path: Path):
    """As a program of its own it ends cleanly: no leaked semaphores, no process left, no words of libraries."""
    program = tmp_path / "program.py"
    program.write_text(
        "from pathlib import Path\n"
        "from rag_core.ingest.pool import read_all\n"
        "from tests.unit.ingest.test_pool import misbehaving\n"
        "if __name__ == '__main__':\n"
        f"    for path, result in read_all([Path(n) for n in {names.split()!r}], workers=2, limit_s=4, memory_mb=800,\n"
        "                                 reader=misbehaving):\n"
        "        print(path, type(result).__name__)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        cwd=root,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.split("\n"))[1:] == sorted(
        f"{n} {'UnreadableDocument' if n == 'hang.x' else 'Reading'}" for n in names.split()
    )


def test_a_text_needs_no_heavy_library(tmp_path: Path):
    """Reading a text file imports neither PyMuPDF nor the OCR engine."""
    (tmp_path / "a.txt").write_text("特休七日。")
    code = (
        "import sys; from pathlib import Path; from rag_core.ingest.read import read_file; "
        f"read_file(Path({str(tmp_path / 'a.txt')!r})); "
        "print([m for m in ('pymupdf', 'onnxruntime', 'rapidocr', 'numpy', 'openpyxl', 'bs4') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
