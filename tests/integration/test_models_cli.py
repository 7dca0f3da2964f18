"""The contract of ``transom models``: what programs read, and how a pull ends, against a hub on this machine."""

import re

import pytest
from acceptance.command import Command
from fakes.hub import FakeHub, served
from models import tiny_model

from rag_core.models.catalogue import ENTRIES, named

BREEZE = named("breeze-7b").file
SMALL = {"TRANSOM_LLAMA__CONTEXT": "2048", "TRANSOM_LLAMA__THREADS": "1", "TRANSOM_LLAMA__MAX_TOKENS": "40"}


@pytest.fixture
def transom(tmp_path) -> Command:
    """The command with an empty data folder, of somebody who never signed in to a hub."""
    own = (("HF_HOME", str(tmp_path / "hf")), ("HF_TOKEN", ""), ("HF_HUB_DISABLE_TELEMETRY", "1"))
    return Command(tmp_path / "company", tmp_path / "data", more=own)


def test_list_for_programs(transom):
    """One object a model, in the catalogue's order; the memory follows the context that is set."""
    first = transom.right("models", "list", "--json").objects
    assert [one["key"] for one in first] == [entry.key for entry in ENTRIES]
    assert {one["fits"] for one in first} <= {"gpu", "memory", "no"}
    less = transom("models", "list", "--json", environment={"TRANSOM_LLAMA__CONTEXT": "8192"}).objects
    assert first[0]["memory_needed_bytes"] - less[0]["memory_needed_bytes"] == 1024**3


@pytest.mark.parametrize("columns", [80, 120])
def test_list_for_people(transom, columns):
    """On a narrow and on a wide terminal every key, name, maker and licence stands whole in one line."""
    shown = transom("models", "list", environment={"COLUMNS": str(columns)})
    assert shown.code == 0, shown.err
    for entry in ENTRIES:
        assert entry.key in shown.out
        assert entry.name in shown.out
        assert entry.maker in shown.out
        assert entry.licence in shown.out


def test_pull_ends_with_the_next_step(transom):
    """The file lies in the data folder, and the two settings to write are printed."""
    with served(FakeHub({f"{BREEZE.repository}/{BREEZE.name}": b"GGUF" * 1000})) as hub:
        done = transom("models", "pull", "breeze-7b", environment={"HF_ENDPOINT": hub.url})
    assert done.code == 0, done.err
    assert (transom.data / "models" / BREEZE.name).read_bytes() == b"GGUF" * 1000
    assert "TRANSOM_GENERATOR=llama TRANSOM_LLAMA__MODEL=breeze-7b" in done.out
    assert "Apache 2.0" in done.err


@pytest.mark.parametrize(
    ("model", "more", "words"),
    [
        ("taide-7b", {}, "is gated"),
        ("hf:no/body/x.gguf", {}, "no repository no/body"),
        ("bloom-1b1-zh", {}, "convert_hf_to_gguf.py"),
        ("breeze-7b", {"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE"),
        ("breeze-7b", {"HF_ENDPOINT": "http://127.0.0.1:9"}, "cannot be reached"),
    ],
)
def test_what_cannot_be_pulled_is_a_sentence(transom, model, more, words):
    """Exit 2, a sentence on standard error, no traceback, nothing on standard output."""
    with served(FakeHub()) as hub:
        done = transom("models", "pull", model, environment={"HF_ENDPOINT": hub.url, **more})
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert words in " ".join(done.err.split())


def test_check_answers_and_measures(transom):
    """A random model's answer is shown with its figures, and that no one would be sent it."""
    pytest.importorskip("llama_cpp", reason="needs the extra llama")
    shown = transom("models", "check", str(tiny_model()), environment=SMALL).out
    assert "ready: Breeze test" in shown
    assert "不採用 it is not used" in shown
    for figure in (
        r"載入 loading +\d+\.\d s",
        r"讀題 reading +\d+ tokens in \d+\.\d s, \d+/s",
        r"寫答 writing +40 tokens, \d+",
    ):
        assert re.search(figure, shown), shown
    assert re.search(r"記憶體 memory +0\.\d GB\n", shown)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say which model"),
        (["breeze-7b"], "transom models pull breeze-7b"),
        (["no.gguf"], "there is no such file"),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(transom, arguments, words):
    """No model, one that was not fetched, no file: what to do, and exit 2."""
    pytest.importorskip("llama_cpp", reason="needs the extra llama")
    outcome = transom("models", "check", *arguments)
    assert outcome.code == 2
    assert words in " ".join(outcome.err.split())
    assert "Traceback" not in outcome.err
