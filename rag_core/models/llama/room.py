"""What is said when a model does not fit: how much it wants, how much there was, and what would fit."""

from dataclasses import dataclass

from rag_core.models.catalogue import OVERHEAD_BYTES

_KV_BYTES = {"f16": 2.0, "f32": 4.0, "q8_0": 34 / 32}  # an element; block_q8_0 has 34 bytes for 32


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a model takes. ``layers``: without the output's; ``cache_width``: numbers of a token in a layer's cache."""

    weights_bytes: int
    layers: int
    cache_width: int

    def cache_bytes(self, context: int, kv_type: str) -> int:
        """Return the size of the cache for so many tokens."""
        return int(self.layers * self.cache_width * context * _KV_BYTES[kv_type])


def layers_that_fit(sizes: Sizes, context: int, kv_type: str, free_bytes: int) -> int:
    """Return how many layers, the output's counted as one, fit into so much memory with their part of the cache.

    Layers count as equally large; the output's, which is often larger than one, has the spare memory to fall back on.
    """
    layer = sizes.weights_bytes / (sizes.layers + 1) + sizes.cache_bytes(context, kv_type) / max(sizes.layers, 1)
    return max(0, min(sizes.layers + 1, int((free_bytes - OVERHEAD_BYTES) / layer)))


def context_that_fits(sizes: Sizes, kv_type: str, free_bytes: int) -> int:
    """Return for how many tokens there is a cache in so much memory, in whole blocks of 256."""
    block = sizes.cache_bytes(256, kv_type)
    return max(0, free_bytes - OVERHEAD_BYTES) // block * 256 if block else 0


def on_gpu(sizes: Sizes, layers: int, context: int, kv_type: str, free_bytes: int) -> str | None:
    """Return what to do where ``layers`` of the model were to go to GPUs with so much free; None if they fit there."""
    most = layers_that_fit(sizes, context, kv_type, free_bytes)
    if layers <= most:
        return None
    whole = sizes.weights_bytes + sizes.cache_bytes(context, kv_type) + OVERHEAD_BYTES
    have = f"With a cache of {context} tokens it takes about {_gb(whole)}; the GPU had {_gb(free_bytes)}."
    if most == 0:
        return f"{have} Not one layer fits: free the GPU, take a smaller model, or TRANSOM_LLAMA__GPU_LAYERS=0."
    return (
        f"{have} About {most} of {sizes.layers + 1} layers fit: set TRANSOM_LLAMA__GPU_LAYERS={most}, or a smaller"
        " TRANSOM_LLAMA__CONTEXT, or TRANSOM_LLAMA__KV_TYPE=q8_0."
    )


def in_memory(sizes: Sizes, context: int, kv_type: str, free_bytes: int) -> str | None:
    """Return what to do where the cache was to go to a memory with so much free; None if it fits there."""
    wanted = sizes.cache_bytes(context, kv_type)
    most = context_that_fits(sizes, kv_type, free_bytes)
    if context <= most:
        return None
    have = f"A cache of {context} tokens takes {_gb(wanted)}; {_gb(free_bytes)} of memory were free."
    if most == 0:
        return f"{have} Free some, or take a smaller model (transom models list)."
    return f"{have} About {most} tokens fit: set TRANSOM_LLAMA__CONTEXT={most}, or TRANSOM_LLAMA__KV_TYPE=q8_0."


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
