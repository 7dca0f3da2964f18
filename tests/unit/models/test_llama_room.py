"""What fits where, and what is said of a model that does not: the advice fits."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.models.conftest import exact

from rag_core.models.catalogue import OVERHEAD_BYTES, cache_bytes, named
from rag_core.models.llama import room, runtime
from rag_core.models.llama.request import Broken
from rag_core.models.llama.room import Sizes
from rag_core.models.machine import Gpu, Machine

BREEZE = Sizes(weights_bytes=7_960_000_000, layers=32, cache_width=2 * 8 * 128)
GB = 10**9


def test_the_cache_is_counted_as_in_the_catalogue():
    """Both say one gigabyte for 8,192 tokens of Breeze in f16."""
    assert BREEZE.cache_bytes(8192, "f16") == cache_bytes(named("breeze-7b"), 8192) == 2**30


@pytest.mark.parametrize(
    ("free_gb", "layers"), [(0.5, 0), (1.2, 0), (2.0, 3), (8.0, 22), (11.1, 32), (11.2, 33), (80, 33)]
)
def test_layers_that_fit(free_gb, layers):
    """A gigabyte is left for buffers; the rest is filled with layers, each with its part of the cache."""
    assert room.layers_that_fit(BREEZE, 16384, "f16", int(free_gb * GB)) == layers


sizes = st.builds(Sizes, st.integers(10**6, 10**11), st.integers(1, 120), st.integers(64, 20_000))
kv_types = st.sampled_from(["f16", "f32", "q8_0"])


@given(sizes, st.integers(512, 1 << 18), kv_types, st.integers(0, 10**11))
def test_what_is_advised_for_a_gpu_fits_and_one_more_would_not(sizes, context, kv_type, free):
    """The number named is the greatest of which the same rule says that it fits."""
    most = room.layers_that_fit(sizes, context, kv_type, free)
    assert room.on_gpu(sizes, most, context, kv_type, free) is None
    if most <= sizes.layers:
        said = room.on_gpu(sizes, most + 1, context, kv_type, free) or ""
        assert f"TRANSOM_LLAMA__GPU_LAYERS={most}" in said


@given(sizes, st.integers(512, 1 << 18), kv_types, st.integers(0, 10**11))
def test_what_is_advised_for_memory_fits(sizes, context, kv_type, free):
    """The context named fits, and 256 tokens more would not."""
    most = room.context_that_fits(sizes, kv_type, free)
    assert most == 0 or sizes.cache_bytes(most, kv_type) + OVERHEAD_BYTES <= free
    assert sizes.cache_bytes(most + 256, kv_type) + OVERHEAD_BYTES > free
    said = room.in_memory(sizes, context, kv_type, free)
    assert (said is None) is (context <= most)
    assert not said or most == 0 or f"TRANSOM_LLAMA__CONTEXT={most}" in said


def test_the_sentences():
    """Each says what it takes, what there was, and what to do."""
    assert room.on_gpu(BREEZE, 33, 16384, "f16", 8 * GB) == (
        "With a cache of 16384 tokens it takes about 11.1 GB; the GPU had 8.0 GB. About 22 of 33 layers fit: set"
        " TRANSOM_LLAMA__GPU_LAYERS=22, or a smaller TRANSOM_LLAMA__CONTEXT, or TRANSOM_LLAMA__KV_TYPE=q8_0."
    )
    assert "Not one layer fits" in (room.on_gpu(BREEZE, 33, 16384, "f16", GB) or "")
    assert room.in_memory(BREEZE, 1 << 20, "f16", 5 * GB) == (
        "A cache of 1048576 tokens takes 137.4 GB; 5.0 GB of memory were free. About 30464 tokens fit: set"
        " TRANSOM_LLAMA__CONTEXT=30464, or TRANSOM_LLAMA__KV_TYPE=q8_0."
    )
    assert "transom models list" in (room.in_memory(BREEZE, 512, "f16", GB) or "")


@pytest.fixture
def no_memory(monkeypatch):
    """llama.cpp finds no memory for anything but a file's header; how much the machine has is said by the test."""
    api = pytest.importorskip("llama_cpp", reason="needs the extra llama")
    really = api.llama_model_load_from_file

    def loads(path, parameters):
        return really(path, parameters) if parameters.vocab_only else None

    def machine(*gpus: int, ram: int = 64 * GB) -> None:
        monkeypatch.setattr(api, "llama_supports_gpu_offload", lambda: bool(gpus))
        found = Machine(ram, ram, tuple(Gpu("GPU", size, size) for size in gpus))
        monkeypatch.setattr(runtime, "this_machine", lambda: found)
        if gpus:
            monkeypatch.setattr(api, "llama_model_load_from_file", loads)

    return machine


def test_a_model_too_large_for_the_gpu_says_how_many_layers_fit(no_memory):
    """The weights did not load: the file's header tells how many layers it has, and the two GPUs' memory counts."""
    no_memory(OVERHEAD_BYTES // 2, OVERHEAD_BYTES // 2 + 800_000)
    with pytest.raises(Broken, match=r"tiny.gguf could not be loaded\. With .* About 1 of 3 layers fit: set TRANSOM"):
        runtime.Runtime(exact(context=512))


def test_a_file_that_is_damaged_says_nothing_of_room(no_memory, tmp_path):
    """What llama.cpp complained about is said instead."""
    no_memory(64 * GB)
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"GGUF and no more")
    with pytest.raises(Broken, match=r"^damaged.gguf could not be loaded\.") as raised:
        runtime.Runtime(replace(exact(), model=damaged))
    assert "layers fit" not in str(raised.value)


def test_a_cache_too_large_for_the_memory_is_not_begun(no_memory):
    """Without a GPU the kernel would end the process while the cache is filled: it is refused before."""
    no_memory(ram=1_000_000)
    with pytest.raises(Broken, match=r"A cache of 2048 tokens takes 0\.0 GB; 0\.0 GB of memory"):
        runtime.Runtime(exact())
