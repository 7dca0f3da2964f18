"""llama.cpp behind plain calls: with ``sampler``, all that touches llama-cpp-python's low-level API.

Source of the calls and their meaning: llama.h of llama.cpp, as llama-cpp-python 0.3.36 carries it.
"""

import ctypes
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from rag_core.errors import ConfigurationError
from rag_core.models.llama import room
from rag_core.models.llama.options import EngineOptions
from rag_core.models.llama.request import Broken, Sampling
from rag_core.models.llama.sampler import Sampler
from rag_core.models.llama.shelf import State
from rag_core.models.machine import this_machine

_HOW = "Install it in Transom's folder with: .venv/bin/pip install -c constraints.txt -e '.[llama]'"
_PIECE = 256  # bytes; no token is longer
_KEPT_LOGS = 20  # lines


@dataclass(frozen=True, slots=True)
class Row:
    """One token of a step: in which sequence, at which place, and whether the token after it is wanted."""

    token: int
    sequence: int
    position: int
    wanted: bool


class Runtime:
    """A loaded model with its context. One thread steps; ``tokens``, ``piece`` and the facts are free for all.

    ``spare_bytes``: memory that copies of the cache may take: as much as it does, and a quarter of what is free.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._api = api = library()
        free = _free_on_gpus(api)
        self._model = _loaded_model(api, options, free)
        self.vocabulary = api.llama_model_get_vocab(self._model)
        self._context = _context(api, self._model, options, free)
        self._memory = api.llama_get_memory(self._context)
        self._batch = _Batch(api, options.batch)
        self._adapters = {name: _adapter(api, self._model, name, str(path)) for name, path in options.adapters.items()}
        self._size = api.llama_vocab_n_tokens(self.vocabulary)
        self._ends = frozenset(n for n in range(self._size) if api.llama_vocab_is_eog(self.vocabulary, n))
        self.context = min(options.context, api.llama_n_ctx(self._context))
        self.pieces = cache(self._piece)
        sizes = _sizes(api, self._model, self.weights)
        self.spare_bytes = min(sizes.cache_bytes(options.context, options.kv_type), this_machine().ram_free_bytes // 4)

    def tokens(self, text: str, *, special: bool, begin: bool) -> list[int]:
        """Return the tokens of a text. ``special``: names of control tokens stand for them; ``begin``: add BOS."""
        raw = text.encode("utf-8", "replace")  # JSON can hold halves of surrogate pairs
        room = len(raw) + 8
        found = (self._api.llama_token * room)()
        count = self._api.llama_tokenize(self.vocabulary, raw, len(raw), found, room, begin, special)
        assert count >= 0, "a token has at least one byte"
        return list(found[:count])

    def ends(self, token: int) -> bool:
        """Whether the token ends an answer."""
        return token in self._ends

    def step(self, rows: Sequence[Row]) -> bool:
        """Compute the rows; False if the cache has no room for them. Raises Broken if the model failed."""
        self._batch.fill(rows)
        status = self._api.llama_decode(self._context, self._batch.struct)
        if status not in (0, 1):
            raise Broken(f"The model failed in a step (llama_decode gave {status}). {_last_log()}".strip())
        return bool(status == 0)

    def sampler(self, sampling: Sampling) -> Sampler:
        """Return what chooses the tokens of one answer. Raises BadRequest."""
        return Sampler(self._api, self._context, self.vocabulary, self._size, sampling, self._ends)

    def copy(self, source: int, target: int, length: int) -> None:
        """Let sequence ``target`` hold the first ``length`` tokens of ``source`` too; nothing is copied."""
        self._api.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def drop(self, sequence: int) -> None:
        """Let the sequence hold nothing."""
        self._api.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def save(self, sequence: int) -> State:
        """Return what the cache holds of the sequence, for ``load``."""
        size = self._api.llama_state_seq_get_size(self._context, sequence)
        state = np.empty(size, np.uint8)
        written = self._api.llama_state_seq_get_data(self._context, _bytes(state), size, sequence)
        assert written == size, "the buffer is as large as llama.cpp asked for"
        return state

    def load(self, sequence: int, state: State, length: int) -> bool:
        """Let an empty sequence hold the first ``length`` tokens of what was saved; False if there is no room."""
        if not self._api.llama_state_seq_set_data(self._context, _bytes(state), len(state), sequence):
            return False
        self._api.llama_memory_seq_rm(self._memory, sequence, length, -1)
        return True

    def highest_position(self, sequence: int) -> int:
        """Return the place of the sequence's last token in the cache, -1 if it holds none."""
        return int(self._api.llama_memory_seq_pos_max(self._memory, sequence))

    def use(self, adapter: str | None) -> None:
        """Let the steps from now on use this LoRA adapter, or none."""
        found = [self._adapters[adapter]] if adapter else []
        array = (self._api.llama_adapter_lora_p_ctypes * len(found))(*found)
        scales = (ctypes.c_float * len(found))(*[1.0] * len(found))
        if self._api.llama_set_adapters_lora(self._context, array, len(found), scales):
            raise Broken(f"The adapter {adapter} could not be used. {_last_log()}".strip())

    @property
    def reuses(self) -> bool:
        """Whether a sequence may begin as another does: models with a running state cannot."""
        api = self._api
        return not (api.llama_model_is_recurrent(self._model) or api.llama_model_is_hybrid(self._model))

    def meta(self, key: str) -> str | None:
        """Return a value of the file's header, None if it has none."""
        return _meta(self._api, self._model, key)

    def control_tokens(self) -> list[str]:
        """Return the texts of the tokens that steer a model, such as those that begin and end a turn."""
        api, vocabulary = self._api, self.vocabulary
        found = (n for n in range(self._size) if api.llama_vocab_is_control(vocabulary, n))
        return [api.llama_vocab_get_text(vocabulary, n).decode("utf-8", "replace") for n in found]

    def special(self, kind: str) -> str:
        """Return the text of the token ``bos`` or ``eos``, empty if the model has none."""
        number = getattr(self._api, f"llama_vocab_{kind}")(self.vocabulary)
        return self._api.llama_vocab_get_text(self.vocabulary, number).decode() if number >= 0 else ""

    @property
    def begins(self) -> bool:
        """Whether prompts of this model begin with BOS."""
        return bool(self._api.llama_vocab_get_add_bos(self.vocabulary))

    @property
    def trained_context(self) -> int:
        """The tokens that the model learnt to look back over."""
        return int(self._api.llama_model_n_ctx_train(self._model))

    @property
    def layers(self) -> int:
        """How many layers it has."""
        return int(self._api.llama_model_n_layer(self._model))

    @property
    def weights(self) -> int:
        """The bytes its weights take."""
        return int(self._api.llama_model_size(self._model))

    @property
    def parameters(self) -> int:
        """How many numbers it has learnt."""
        return int(self._api.llama_model_n_params(self._model))

    @property
    def description(self) -> str:
        """Kind, size and quantisation, in llama.cpp's words."""
        buffer = ctypes.create_string_buffer(256)
        self._api.llama_model_desc(self._model, buffer, 256)
        return buffer.value.decode()

    def close(self) -> None:
        """Give everything back."""
        self._batch.free()
        self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(_PIECE)
        length = self._api.llama_token_to_piece(self.vocabulary, token, buffer, _PIECE, 0, False)
        return buffer.raw[: max(length, 0)]


def _bytes(state: State) -> Any:
    return state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


class _Batch:
    """The rows of one step in the arrays that llama.cpp reads."""

    def __init__(self, api: Any, size: int) -> None:
        self._api, self._size = api, size
        self.struct = api.llama_batch_init(size, 0, 1)

        def array(pointer: Any) -> Any:
            return np.ctypeslib.as_array(pointer, (size,))

        self._tokens, self._places = array(self.struct.token), array(self.struct.pos)
        self._counts, self._wanted = array(self.struct.n_seq_id), array(self.struct.logits)
        self._counts[:] = 1

    def fill(self, rows: Sequence[Row]) -> None:
        count = len(rows)
        assert 0 < count <= self._size
        self.struct.n_tokens = count
        self._tokens[:count] = [row.token for row in rows]
        self._places[:count] = [row.position for row in rows]
        self._wanted[:count] = [row.wanted for row in rows]
        for number, row in enumerate(rows):
            self.struct.seq_id[number][0] = row.sequence

    def free(self) -> None:
        self._api.llama_batch_free(self.struct)


_logs: deque[str] = deque(maxlen=_KEPT_LOGS)
_callbacks: list[Any] = []  # llama.cpp keeps a bare pointer to it


@cache
def library() -> Any:
    """Return llama_cpp, made quiet: what it complains about is kept for our errors. Raises ConfigurationError."""
    try:
        import llama_cpp
    except ImportError as error:
        raise ConfigurationError(f"A local model needs the extra `llama`. {_HOW}") from error

    def keep(level: int, text: bytes, _: Any) -> None:
        if level >= 3:  # warnings and errors, as ggml_log_level counts
            _logs.append(text.decode("utf-8", "replace").strip())

    _callbacks.append(llama_cpp.llama_log_callback(keep))
    llama_cpp.llama_log_set(_callbacks[-1], ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    return llama_cpp


def _last_log() -> str:
    """Return what llama.cpp last complained about."""
    return next((line for line in reversed(_logs) if line.strip(" .")), "")


def offloads() -> bool:
    """Whether this build can use a GPU."""
    return bool(library().llama_supports_gpu_offload())


def _free_on_gpus(api: Any) -> int:
    """Return the bytes that are free on the GPUs this build can use."""
    return sum(gpu.free_bytes for gpu in this_machine().gpus) if api.llama_supports_gpu_offload() else 0


def _loaded_model(api: Any, options: EngineOptions, free: int) -> Any:
    if not options.model.is_file():
        raise ConfigurationError(f"TRANSOM_LLAMA__MODEL={options.model}: there is no such file.")
    parameters = api.llama_model_default_params()
    parameters.n_gpu_layers = options.gpu_layers if options.gpu_layers >= 0 else 999
    model = api.llama_model_load_from_file(os.fsencode(options.model), parameters)
    if model:
        return model
    why = _last_log()
    parameters.vocab_only = True  # its header tells what it would have taken
    header = api.llama_model_load_from_file(os.fsencode(options.model), parameters) if free else None
    fits = None
    if header:
        fits = _no_room(_sizes(api, header, options.model.stat().st_size), options, free)
        api.llama_model_free(header)
    raise Broken(" ".join(filter(None, [f"{options.model.name} could not be loaded.", fits or why])))


def _no_room(sizes: room.Sizes, options: EngineOptions, free: int) -> str | None:
    """Say what would fit, None where what was asked for does."""
    if free and options.gpu_layers:
        layers = options.gpu_layers if options.gpu_layers > 0 else sizes.layers + 1
        return room.on_gpu(sizes, layers, options.context, options.kv_type, free)
    return room.in_memory(sizes, options.context, options.kv_type, this_machine().ram_free_bytes)


def _sizes(api: Any, model: Any, weights: int) -> room.Sizes:
    """Read the sizes from the file's header, which is all there is of a model that did not load."""

    def number(key: str, otherwise: int) -> int:
        text = _meta(api, model, f"{kind}.{key}") or ""
        return int(text) if text.isdecimal() else otherwise  # some models have a number for each layer

    kind = _meta(api, model, "general.architecture")
    heads = number("attention.head_count", 1)
    size = number("attention.key_length", number("embedding_length", 0) // heads)
    return room.Sizes(weights, number("block_count", 1), 2 * number("attention.head_count_kv", heads) * size)


def _meta(api: Any, model: Any, key: str) -> str | None:
    for size in (256, 1 << 20):  # templates are long
        buffer = ctypes.create_string_buffer(size)
        length = api.llama_model_meta_val_str(model, key.encode(), buffer, size)
        if length < size:
            return buffer.value.decode("utf-8", "replace") if length >= 0 else None
    return None


def _context(api: Any, model: Any, options: EngineOptions, free: int) -> Any:
    parameters = api.llama_context_default_params()
    parameters.n_ctx = options.context
    parameters.n_batch = options.batch
    parameters.n_ubatch = options.batch
    parameters.n_seq_max = sequences(options)
    parameters.n_threads = parameters.n_threads_batch = options.threads or os.cpu_count() or 1
    parameters.flash_attn_type = {
        "auto": api.LLAMA_FLASH_ATTN_TYPE_AUTO,
        "on": api.LLAMA_FLASH_ATTN_TYPE_ENABLED,
        "off": api.LLAMA_FLASH_ATTN_TYPE_DISABLED,
    }[options.flash_attention]
    kind = {"f16": api.GGML_TYPE_F16, "f32": api.GGML_TYPE_F32, "q8_0": api.GGML_TYPE_Q8_0}[options.kv_type]
    parameters.type_k = parameters.type_v = kind
    parameters.kv_unified = True  # so that sequences share cells
    parameters.swa_full = True  # a sliding window that forgets could not be shared
    parameters.no_perf = True
    sizes = _sizes(api, model, api.llama_model_size(model))
    # Without a GPU more than there is would not be refused: the kernel would end this process as it is filled.
    too_much = not free and sizes.cache_bytes(options.context, options.kv_type) > this_machine().ram_free_bytes
    context = None if too_much else api.llama_init_from_model(model, parameters)
    if not context:
        fits = _no_room(sizes, options, free)
        api.llama_model_free(model)
        raise Broken(fits or f"There was no room for a context of {options.context} tokens. {_last_log()}".strip())
    return context


def sequences(options: EngineOptions) -> int:
    """Return how many sequences the context has: those being written, and those kept."""
    return int(min(options.sequences + options.kept + 1, library().llama_max_parallel_sequences()))


def _adapter(api: Any, model: Any, name: str, path: str) -> Any:
    found = api.llama_adapter_lora_init(model, os.fsencode(path))
    if not found:
        raise ConfigurationError(
            f"TRANSOM_LLAMA__ADAPTERS: {name}={path} could not be used. {_last_log()} It must be a LoRA adapter in"
            " GGUF, made for this model."
        )
    return found
