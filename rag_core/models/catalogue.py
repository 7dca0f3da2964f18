"""The models we know by name: what they are, what they need, and where a GGUF file of theirs is published."""

from dataclasses import dataclass
from typing import Literal

from rag_core.errors import ConfigurationError
from rag_core.models.machine import Machine

DEFAULT = "breeze-7b"
CONTEXT = 16384
"""Tokens of the KV cache that the memory needed counts, if nobody says otherwise."""
OVERHEAD_BYTES = 1_000_000_000
"""An allowance for the buffers of one step of 512 tokens and for the GPU's driver; an estimate, on the safe side."""

Place = Literal["gpu", "memory", "no"]

_CACHE_BYTES = 2  # an element of the cache, f16
_Q8_BYTES = 34 / 32  # a weight in Q8_0: 32 bytes and a 2-byte scale for each 32 (ggml-common.h, block_q8_0)


@dataclass(frozen=True, slots=True)
class Hosted:
    """A published GGUF file. ``name`` is matched without regard to case and may hold wildcards."""

    repository: str
    name: str
    quantisation: str
    bytes: int  # rounded, as the hub shows it
    by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. ``parameters`` in billions, ``context`` in tokens; ``file`` None: you have to convert it yourself.

    ``gated``: the file's page asks for consent to the licence. ``chat_format`` is for files without a template; None:
    the model only continues texts. ``repository`` holds the maker's own weights.
    """

    key: str
    name: str
    maker: str
    licence: str
    gated: bool
    parameters: float
    layers: int
    kv_heads: int
    head_dim: int
    context: int
    chat_format: str | None
    repository: str
    file: Hosted | None
    source: str
    remark: str = ""

    @property
    def weights_bytes(self) -> int:
        """The size of the file; without a published one, of our own conversion to Q8_0."""
        return self.file.bytes if self.file else int(self.parameters * 1e9 * _Q8_BYTES)

    @property
    def quantisation(self) -> str:
        """How the weights are stored in that file."""
        return self.file.quantisation if self.file else "Q8_0"


def cache_bytes(entry: Entry, context: int) -> int:
    """Return the size of a KV cache for ``context`` tokens in f16.

    A key and a value of head_dim numbers for each layer, KV head and token. For Gemma 3, whose local layers may keep
    less, this is the most.
    """
    return 2 * entry.layers * entry.kv_heads * entry.head_dim * _CACHE_BYTES * context


def memory_needed(entry: Entry, context: int = CONTEXT) -> int:
    """Return the bytes that the model takes with a cache for ``context`` tokens."""
    return entry.weights_bytes + cache_bytes(entry, context) + OVERHEAD_BYTES


def fits(entry: Entry, machine: Machine, context: int = CONTEXT) -> Place:
    """Return where the model can run now: on the GPUs together, in the machine's memory (slowly), or nowhere."""
    needed = memory_needed(entry, context)
    if machine.gpus_used and needed <= sum(gpu.free_bytes for gpu in machine.gpus):
        return "gpu"
    return "memory" if needed <= machine.ram_free_bytes else "no"


def named(key: str) -> Entry:
    """Return the entry of that key. Raises ConfigurationError."""
    for entry in ENTRIES:
        if entry.key == key.strip().lower():
            return entry
    raise ConfigurationError(
        f"There is no model {key} in the catalogue; it has {', '.join(one.key for one in ENTRIES)}."
        " Any other GGUF file of the hub: transom models pull hf:OWNER/REPO/FILE.gguf"
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        key="breeze-7b",
        name="Breeze 7B Instruct v1.0",
        maker="MediaTek Research",
        licence="Apache 2.0",
        gated=False,
        parameters=7.49,
        layers=32,
        kv_heads=8,
        head_dim=128,
        context=8192,
        chat_format="breeze",
        repository="MediaTek-Research/Breeze-7B-Instruct-v1_0",
        file=Hosted(
            repository="YC-Chen/Breeze-7B-Instruct-v1_0-GGUF",
            name="breeze-7b-instruct-v1_0-q4_k_m.gguf",
            quantisation="Q4_K_M",
            bytes=4_540_000_000,
            by="YC-Chen, who is one of the model's authors",
        ),
        source="https://huggingface.co/MediaTek-Research/Breeze-7B-Instruct-v1_0",
        remark="its tokens hold about twice as much Chinese as Llama's and Mistral's",
    ),
    Entry(
        key="breeze2-8b",
        name="Llama Breeze2 8B Instruct",
        maker="MediaTek Research",
        licence="Llama 3.2",
        gated=False,
        parameters=8.03,
        layers=32,
        kv_heads=8,
        head_dim=128,
        context=131072,
        chat_format="llama3",
        repository="MediaTek-Research/Llama-Breeze2-8B-Instruct",
        file=Hosted(
            repository="mradermacher/Llama-Breeze2-8B-Instruct-text-only-GGUF",
            name="Llama-Breeze2-8B-Instruct-text-only.Q4_K_M.gguf",
            quantisation="Q4_K_M",
            bytes=4_920_000_000,
            by="mradermacher, from the community",
        ),
        source="https://huggingface.co/MediaTek-Research/Llama-Breeze2-8B-Instruct",
        remark="the language part alone, without the pictures",
    ),
    Entry(
        key="taide-7b",
        name="TAIDE LX 7B Chat",
        maker="TAIDE",
        licence="TAIDE L",
        gated=True,
        parameters=6.94,
        layers=32,
        kv_heads=32,
        head_dim=128,
        context=4096,
        chat_format="taide",
        repository="taide/TAIDE-LX-7B-Chat",
        file=Hosted(
            repository="taide/TAIDE-LX-7B-Chat-4bit",
            name="taide-7b-a.2-q4_k_m.gguf",
            quantisation="Q4_K_M",
            bytes=4_220_000_000,
            by="TAIDE itself",
        ),
        source="https://huggingface.co/taide/TAIDE-LX-7B-Chat",
    ),
    Entry(
        key="taide-8b",
        name="Llama3 TAIDE LX 8B Alpha1",
        maker="TAIDE",
        licence="Llama 3 TAIDE",
        gated=True,
        parameters=8.03,
        layers=32,
        kv_heads=8,
        head_dim=128,
        context=8192,
        chat_format="llama3",
        repository="taide/Llama3-TAIDE-LX-8B-Chat-Alpha1",
        file=Hosted(
            repository="taide/Llama3-TAIDE-LX-8B-Chat-Alpha1-4bit",
            name="taide-8b-a.3-q4_k_m.gguf",
            quantisation="Q4_K_M",
            bytes=4_920_000_000,
            by="TAIDE itself",
        ),
        source="https://huggingface.co/taide/Llama3-TAIDE-LX-8B-Chat-Alpha1",
    ),
    Entry(
        key="taide-8b-3.1",
        name="Llama 3.1 TAIDE LX 8B Chat",
        maker="TAIDE",
        licence="Llama 3.1 TAIDE",
        gated=False,
        parameters=8.03,
        layers=32,
        kv_heads=8,
        head_dim=128,
        context=131072,
        chat_format="llama3",
        repository="taide/Llama-3.1-TAIDE-LX-8B-Chat",
        file=Hosted(
            repository="tetf/Llama-3.1-TAIDE-LX-8B-Chat-GGUF",
            name="Llama-3.1-TAIDE-LX-8B-Chat-Q4_K_M.gguf",
            quantisation="Q4_K_M",
            bytes=4_920_000_000,
            by="tetf, from the community",
        ),
        source="https://huggingface.co/taide/Llama-3.1-TAIDE-LX-8B-Chat",
    ),
    Entry(
        key="taide-12b",
        name="Gemma 3 TAIDE 12B 2602",
        maker="TAIDE",
        licence="Gemma",
        gated=False,
        parameters=11.8,
        layers=48,
        kv_heads=8,
        head_dim=256,
        context=131072,
        chat_format="gemma",
        repository="taide/Gemma-3-TAIDE-12b-Chat-2602",
        file=Hosted(
            repository="audreyt/Gemma-3-TAIDE-12b-Chat-2602-GGUF",
            name="Gemma-3-TAIDE-12b-Chat-2602-Q4_K_M.gguf",
            quantisation="Q4_K_M",
            bytes=7_300_000_000,
            by="audreyt, from the community",
        ),
        source="https://huggingface.co/taide/Gemma-3-TAIDE-12b-Chat-2602",
        remark="the newest made for Taiwan here",
    ),
    Entry(
        key="llama2-7b",
        name="Llama 2 7B Chat",
        maker="Meta",
        licence="Llama 2",
        gated=False,
        parameters=6.74,
        layers=32,
        kv_heads=32,
        head_dim=128,
        context=4096,
        chat_format="llama2",
        repository="meta-llama/Llama-2-7b-chat-hf",
        file=Hosted(
            repository="TheBloke/Llama-2-7B-Chat-GGUF",
            name="llama-2-7b-chat.Q4_K_M.gguf",
            quantisation="Q4_K_M",
            bytes=4_080_000_000,
            by="TheBloke, from the community",
        ),
        source="https://huggingface.co/TheBloke/Llama-2-7B-Chat-GGUF",
        remark="English above all; for comparison",
    ),
    Entry(
        key="llama2-13b",
        name="Llama 2 13B Chat",
        maker="Meta",
        licence="Llama 2",
        gated=False,
        parameters=13.0,
        layers=40,
        kv_heads=40,
        head_dim=128,
        context=4096,
        chat_format="llama2",
        repository="meta-llama/Llama-2-13b-chat-hf",
        file=Hosted(
            repository="TheBloke/Llama-2-13B-chat-GGUF",
            name="llama-2-13b-chat.Q4_K_M.gguf",
            quantisation="Q4_K_M",
            bytes=7_870_000_000,
            by="TheBloke, from the community",
        ),
        source="https://huggingface.co/TheBloke/Llama-2-13B-chat-GGUF",
        remark="English above all; for comparison",
    ),
    Entry(
        key="mistral-7b",
        name="Mistral 7B Instruct v0.3",
        maker="Mistral AI",
        licence="Apache 2.0",
        gated=False,
        parameters=7.25,
        layers=32,
        kv_heads=8,
        head_dim=128,
        context=32768,
        chat_format="mistral",
        repository="mistralai/Mistral-7B-Instruct-v0.3",
        file=Hosted(
            repository="bartowski/Mistral-7B-Instruct-v0.3-GGUF",
            name="Mistral-7B-Instruct-v0.3-Q4_K_M.gguf",
            quantisation="Q4_K_M",
            bytes=4_370_000_000,
            by="bartowski, from the community",
        ),
        source="https://huggingface.co/bartowski/Mistral-7B-Instruct-v0.3-GGUF",
        remark="English above all; Breeze 7B grew out of its elder",
    ),
    Entry(
        key="qwen2.5-7b",
        name="Qwen2.5 7B Instruct",
        maker="Alibaba Cloud",
        licence="Apache 2.0",
        gated=False,
        parameters=7.62,
        layers=28,
        kv_heads=4,
        head_dim=128,
        context=32768,
        chat_format="qwen2.5",
        repository="Qwen/Qwen2.5-7B-Instruct",
        file=Hosted(
            repository="bartowski/Qwen2.5-7B-Instruct-GGUF",
            name="Qwen2.5-7B-Instruct-Q4_K_M.gguf",
            quantisation="Q4_K_M",
            bytes=4_680_000_000,
            by="bartowski, from the community",
        ),
        source="https://huggingface.co/bartowski/Qwen2.5-7B-Instruct-GGUF",
        remark="follows instructions well; slips into Simplified now and then",
    ),
    Entry(
        key="qwen3-4b",
        name="Qwen3 4B Instruct 2507",
        maker="Alibaba Cloud",
        licence="Apache 2.0",
        gated=False,
        parameters=4.02,
        layers=36,
        kv_heads=8,
        head_dim=128,
        context=262144,
        chat_format="qwen2.5",
        repository="Qwen/Qwen3-4B-Instruct-2507",
        file=Hosted(
            repository="unsloth/Qwen3-4B-Instruct-2507-GGUF",
            name="Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            quantisation="Q4_K_M",
            bytes=2_500_000_000,
            by="unsloth, from the community",
        ),
        source="https://huggingface.co/unsloth/Qwen3-4B-Instruct-2507-GGUF",
        remark="for small GPUs; slips into Simplified now and then",
    ),
    Entry(
        key="bloom-1b1-zh",
        name="BLOOM 1B1 zh",
        maker="CKIP, MediaTek",
        licence="research only",
        gated=False,
        parameters=1.07,
        layers=24,
        kv_heads=16,
        head_dim=96,
        context=2048,
        chat_format=None,
        repository="ckip-joint/bloom-1b1-zh",
        file=None,
        source="https://huggingface.co/ckip-joint/bloom-1b1-zh",
        remark="continues texts, follows no instructions; BLOOM RAIL 1.0, and MediaTek's part for research only",
    ),
    Entry(
        key="bloom-3b-zh",
        name="BLOOM 3B zh",
        maker="CKIP, MediaTek",
        licence="research only",
        gated=False,
        parameters=3.0,
        layers=30,
        kv_heads=32,
        head_dim=80,
        context=2048,
        chat_format=None,
        repository="ckip-joint/bloom-3b-zh",
        file=None,
        source="https://huggingface.co/ckip-joint/bloom-3b-zh",
        remark="continues texts, follows no instructions; BLOOM RAIL 1.0, and MediaTek's part for research only",
    ),
)
