"""The engine on the tests' tiny model, exact: F32 throughout, no flash attention, one thread."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def runtime() -> Iterator["Runtime"]:  # noqa: F821 it is imported where llama-cpp-python is there
    """A loaded tiny model with 24 sequences in 2,048 tokens."""
    pytest.importorskip("llama_cpp", reason="needs the extra llama")
    from rag_core.models.llama.runtime import Runtime

    loaded = Runtime(exact())
    yield loaded
    loaded.close()


def exact(**changes: object) -> "EngineOptions":  # noqa: F821
    """Return options under which the engine computes what ``Llama`` does, and hands over each token's text."""
    from models import tiny_model

    from rag_core.models.llama.options import EngineOptions

    given = {"context": 2048, "sequences": 8, "kept": 12, "threads": 1, "flash_attention": "off", "kv_type": "f32"}
    given["hand_over_s"] = 0.0
    return EngineOptions(model=tiny_model(), **(given | changes))
