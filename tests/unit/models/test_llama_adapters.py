"""A company's fine-tune: adapters by name, side by side on one model, and never one's cache for another."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("llama_cpp", reason="needs the extra llama")

from models import SHAPES, write_adapter
from unit.models.conftest import exact
from unit.models.test_engine import PERSONA, prompt

from rag_core.errors import ConfigurationError
from rag_core.models.llama.chat import Caller, Chat, read_request
from rag_core.models.llama.engine import Engine
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.request import BadRequest, Job
from rag_core.models.llama.runtime import Runtime


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> EngineOptions:
    """The tiny model with two adapters."""
    folder = tmp_path_factory.mktemp("adapters")
    files: Mapping[str, Path] = {name: folder / f"{name}.gguf" for name in ("hr", "it")}
    for seed, path in enumerate(files.values(), 1):
        write_adapter(path, SHAPES["tiny"], seed=seed)
    return replace(exact(sequences=3), adapters=files)


@pytest.fixture(scope="module")
def tuned(options: EngineOptions) -> Iterator[Runtime]:
    runtime = Runtime(options)
    yield runtime
    runtime.close()


@pytest.fixture
def engine(tuned: Runtime, options: EngineOptions) -> Iterator[Engine]:
    made = Engine(tuned, options)
    yield made
    made.stop()


def asked(runtime: Runtime, adapter: str | None, number: int = 0) -> Job:
    text = f"{PERSONA}第 {number} 題"
    return Job(prompt(runtime, text), 16, shared=len(prompt(runtime, PERSONA)), adapter=adapter)


def test_each_adapter_writes_its_own_answer(engine, tuned):
    """Asked mixed, each answers as it does alone; none answers as another."""
    alone = {name: engine.submit(asked(tuned, name)).result()[1].tokens for name in (None, "hr", "it")}
    assert len(set(alone.values())) == 3
    mixed = [(name, engine.submit(asked(tuned, name))) for _ in range(3) for name in (None, "hr", "it", "hr")]
    for name, ticket in mixed:
        assert ticket.result()[1].tokens == alone[name]


def test_an_adapter_begins_with_its_own_cache_only(engine, tuned):
    """What was computed with one is worth nothing to another, and is taken up by the next of its own."""
    assert engine.submit(asked(tuned, "hr", 1)).result()[1].reused_tokens == 0
    assert engine.submit(asked(tuned, "it", 1)).result()[1].reused_tokens == 0
    assert engine.submit(asked(tuned, None, 1)).result()[1].reused_tokens == 0
    for name in ("hr", "it", None):
        reused = engine.submit(asked(tuned, name, 2)).result()[1].reused_tokens
        assert reused >= len(prompt(tuned, PERSONA)) - 1


def test_a_models_name_asks_for_an_adapter(tuned, options):
    """``model:adapter`` or the adapter's name alone; one that is not there is an error, not the bare model."""
    chat, engine = Chat(tuned, options), Engine(tuned, options)

    def job(model: str) -> Job:
        body = {"model": model, "messages": [{"role": "user", "content": "特休？"}], "max_tokens": 2}
        return chat.job(read_request(body), Caller())

    names = ("tiny:hr", "it", "tiny", "", "gpt-4")
    try:
        assert [job(name).adapter for name in names] == ["hr", "it", None, None, None]
        with pytest.raises(BadRequest, match="no adapter legal; there are: hr, it"):
            engine.submit(job("tiny:legal"))
    finally:
        engine.stop()


def test_a_file_that_is_no_adapter_is_named(options, tmp_path):
    """The setting, the name and the file are said."""
    path = tmp_path / "other.gguf"
    path.write_bytes(b"GGUF and no more")
    with pytest.raises(ConfigurationError, match=r"TRANSOM_LLAMA__ADAPTERS: other=.*other\.gguf could not be used"):
        Runtime(replace(options, adapters={"other": path}))
