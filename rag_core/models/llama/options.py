"""What an engine is told when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

FlashAttention = Literal["auto", "on", "off"]
KVType = Literal["f16", "f32", "q8_0"]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """One model and the room it gets.

    ``context`` is the number of tokens that all sequences hold together, and the most that one of them may.
    ``gpu_layers`` -1: all, where the build has a GPU. ``prompt_chunk``: how many tokens of prompts one step may carry
    while others wait for their next word. ``kept_cells``: what may stay in the cache of sequences nobody writes on
    (None: 1,024 on a GPU, and none on the processor, which looks past each cell at every step); the others go to at
    most ``shelf_bytes`` of the machine's memory (None: as much as the cache takes, and no more than a quarter of what
    is free). ``hand_over_s``: how often readers get what was written, in larger pieces where steps are quicker: each
    piece wakes threads on the cores that compute. ``adapters`` are LoRA files by name, each for all layers.
    """

    model: Path
    context: int = 16384  # tokens
    sequences: int = 8  # written at once
    threads: int | None = None  # None: one a core
    gpu_layers: int = -1
    flash_attention: FlashAttention = "auto"
    kv_type: KVType = "f16"
    batch: int = 512  # tokens a step may carry
    prompt_chunk: int = 128  # tokens
    waiting: int = 64  # requests
    kept: int = 32  # sequences that may stay in the cache
    kept_cells: int | None = None  # tokens
    shelf_bytes: int | None = None
    hand_over_s: float = 0.1
    adapters: Mapping[str, Path] = field(default_factory=dict)
    chat_format: str | None = None
