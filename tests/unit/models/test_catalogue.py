"""The catalogue's figures add up, and a model is said to fit only where it does."""

import dataclasses
from fnmatch import fnmatch

import pytest

from rag_core.errors import ConfigurationError
from rag_core.models import catalogue
from rag_core.models.catalogue import ENTRIES, fits, memory_needed, named
from rag_core.models.llama.formats import FORMATS, guessed
from rag_core.models.llama.options import EngineOptions
from rag_core.models.machine import Gpu, Machine, container_share, parse_driver, this_machine

BREEZE = named("breeze-7b")
NEEDED = memory_needed(BREEZE, 8192)


def test_default_is_there_and_keys_are_unique():
    """Every key names one model, in upper case too, and the default is one of them."""
    keys = [entry.key for entry in ENTRIES]
    assert len(set(keys)) == len(keys)
    assert named(f" {catalogue.DEFAULT.upper()} ").key == catalogue.DEFAULT


def test_unknown_key_is_answered_with_the_known_ones():
    """Whoever misspells a key sees the keys, and how to fetch any other file."""
    with pytest.raises(ConfigurationError, match=r"no model breeze in .*breeze-7b.*hf:OWNER/REPO"):
        named("breeze")


def test_cache_is_the_known_formula():
    """Breeze 7B at 8,192 tokens: 32 layers, 8 KV heads of 128, key and value, two bytes: one GiB."""
    assert catalogue.cache_bytes(BREEZE, 8192) == 1024**3
    assert catalogue.cache_bytes(named("taide-7b"), 8192) == 4 * 1024**3


def test_memory_is_file_cache_and_allowance():
    """What is not published counts with the size of our own conversion."""
    assert NEEDED == 4_540_000_000 + 1024**3 + catalogue.OVERHEAD_BYTES
    assert named("bloom-3b-zh").weights_bytes == 3_187_500_000


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_entry_is_plausible(entry):
    """A file's size fits its parameters (4 to 6 bits each), its format is one of ours, its source an address."""
    if entry.file:
        assert 4.0 < entry.file.bytes * 8 / (entry.parameters * 1e9) < 6.0
        assert entry.file.name.endswith(".gguf")
        assert entry.file.quantisation.lower() in entry.file.name.lower()
        assert entry.file.repository.count("/") == 1
    assert entry.chat_format is None or entry.chat_format in FORMATS
    assert entry.source.startswith("https://")


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.file], ids=lambda entry: entry.key)
def test_format_by_name_is_the_catalogues(entry):
    """Where a file has no template, what its name and the model's point to is the format the catalogue states."""
    assert FORMATS[guessed([entry.name, entry.file.name]) or ""] == FORMATS[entry.chat_format]


def test_one_file_belongs_to_one_key():
    """No pattern fits another's file, so a pulled file is never taken for another model."""
    hosted = [entry.file for entry in ENTRIES if entry.file]
    assert [(a, b) for a in hosted for b in hosted if a is not b and fnmatch(a.name.lower(), b.name.lower())] == []


def test_memory_is_counted_for_the_engines_own_context():
    """Without a setting the table counts the cache that the engine makes."""
    default = {field.name: field.default for field in dataclasses.fields(EngineOptions)}["context"]
    assert default == catalogue.CONTEXT


@pytest.mark.parametrize(
    ("gpus", "ram_free", "used", "place"),
    [
        ([NEEDED], 0, True, "gpu"),
        ([NEEDED // 2, NEEDED - NEEDED // 2], 0, True, "gpu"),
        ([NEEDED - 1], NEEDED, True, "memory"),
        ([NEEDED], NEEDED, False, "memory"),
        ([], NEEDED, True, "memory"),
        ([NEEDED - 1], NEEDED - 1, True, "no"),
    ],
)
def test_where_a_model_fits(gpus, ram_free, used, place):
    """On the GPUs if the free memory of all is enough and the build uses them, else in memory, else nowhere."""
    cards = tuple(Gpu("card", 10 * NEEDED, free) for free in gpus)
    assert fits(BREEZE, Machine(10 * NEEDED, ram_free, cards, used), 8192) == place


def test_driver_list_is_read():
    """nvidia-smi's lines become GPUs in bytes, names with commas too; other lines are passed over."""
    said = "NVIDIA GeForce RTX 3060, 12288, 11000\nOdd, named card, 8192, 1\nNo devices were found\nA100, [N/A], 3\n\n"
    assert parse_driver(said) == (
        Gpu("NVIDIA GeForce RTX 3060", 12288 * 1024**2, 11000 * 1024**2),
        Gpu("Odd, named card", 8192 * 1024**2, 1024**2),
    )


def test_container_limit_counts(tmp_path):
    """In a container its limit is the memory; what the page cache holds can be had back."""
    for name, text in (("max", "1000"), ("current", "900"), ("stat", "anon 1\ninactive_file 300\nfile 400\n")):
        (tmp_path / f"memory.{name}").write_text(text)
    assert container_share(tmp_path) == (1000, 400)
    (tmp_path / "memory.max").write_text("max\n")
    assert container_share(tmp_path) == (None, None)
    assert container_share(tmp_path / "none") == (None, None)


def test_this_machine_has_memory():
    """The machine is asked without failing, with or without a GPU."""
    machine = this_machine()
    assert 0 < machine.ram_free_bytes <= machine.ram_bytes
    assert all(0 < gpu.free_bytes <= gpu.total_bytes for gpu in machine.gpus)
