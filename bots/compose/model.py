"""Wires the local model: the process that runs it, and the generator that asks it."""

from pathlib import Path

from bots.settings import Settings
from rag_core.models.llama.address import socket_path
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.runtime import library
from rag_core.models.local import LocalGenerator
from rag_core.models.pull import resolve


def engine_options(settings: Settings) -> EngineOptions:
    """Return what the engine is told. Raises ConfigurationError if the model's file or the extra is not there."""
    library()
    given = settings.llama
    return EngineOptions(
        model=resolve(given.model, settings.data),
        context=given.context,
        sequences=given.sequences,
        threads=given.threads,
        gpu_layers=given.gpu_layers,
        flash_attention=given.flash_attention,
        kv_type=given.kv_type,
        waiting=given.waiting,
        adapters=given.adapters,
        chat_format=given.chat_format or None,
    )


def local_generator(settings: Settings) -> LocalGenerator:
    """Return the generator that asks this installation's model process."""
    given = settings.llama
    return LocalGenerator(
        socket_path(settings.data),
        served_name(settings),
        timeout_s=given.timeout_s,
        wait_s=given.wait_s,
        max_tokens=given.max_tokens,
    )


def served_name(settings: Settings) -> str:
    """Return the model's name, with the adapter that answers are written with."""
    given = settings.llama
    name = Path(given.model).stem if given.model.endswith(".gguf") else given.model
    return f"{name}:{given.adapter}" if given.adapter else name
