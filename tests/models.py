"""Random GGUF models for tests and benchmarks: true in shape and vocabulary, meaningless in what they say.

The vocabulary is trained with SentencePiece on the sample company's documents, with byte fallback, as those of Llama,
Breeze and TAIDE are: common Chinese characters are tokens, rare ones are spelt in bytes. So answers are random words,
but tokens, characters that span tokens, and speed are those of a real model.

    python -m tests.models --shape 240m /tmp/240m.gguf
"""

import argparse
import fcntl
import hashlib
import io
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import sentencepiece
from numpy.typing import NDArray

from rag_core.models.llama.formats import FORMATS

_ROOT = Path(__file__).parents[1]
_TEXTS = ("company/documents/**/*.md", "company/documents/**/*.csv", "company/documents/**/*.html", "README*.md")
_PIECES = 1600
_SEED = 7


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a Llama model. ``vocabulary`` beyond the trained pieces is filled with unused ones."""

    width: int
    layers: int
    heads: int
    kv_heads: int
    hidden: int
    vocabulary: int = _PIECES
    context: int = 4096
    kind: gguf.GGMLQuantizationType = gguf.GGMLQuantizationType.F32


SHAPES = {
    "tiny": Shape(64, 2, 4, 2, 128),
    "small": Shape(256, 4, 8, 4, 512),
    "240m": Shape(1024, 14, 16, 16, 2816, 32000, kind=gguf.GGMLQuantizationType.F16),
    "7b": Shape(4096, 32, 32, 8, 14336, 61952, 32768, gguf.GGMLQuantizationType.F16),  # Breeze-7B's sizes
}


def tiny_model() -> Path:
    """Return the path of the tests' model, made once a machine."""
    return made("tiny")


def made(shape: str) -> Path:
    """Return the path of a model of this shape, made when it is first asked for; this file's text names its version."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"transom-models-{version}"
    folder.mkdir(exist_ok=True)
    path = folder / f"{shape}.gguf"
    with (folder / f"{shape}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test runs side by side make it once
        if not path.exists():
            write_model(path.with_suffix(".part"), SHAPES[shape])
            path.with_suffix(".part").rename(path)
    return path


def write_model(path: Path, shape: Shape, *, chat_template: str | None = None, name: str = "Breeze test") -> None:
    """Write a random model. Without a template its file has none, as older Breeze files have none."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(name)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape.vocabulary)
    _add_vocabulary(writer, shape.vocabulary)
    if chat_template:
        writer.add_chat_template(chat_template)
    for tensor, values in _tensors(shape):
        data = values if values.ndim == 1 else gguf.quants.quantize(values, shape.kind)
        writer.add_tensor(tensor, data, raw_dtype=gguf.GGMLQuantizationType.F32 if values.ndim == 1 else shape.kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_adapter(path: Path, shape: Shape, *, strength: float = 1.0, seed: int = 1) -> None:
    """Write a random LoRA adapter of rank 4 on the queries and values of every layer."""
    random = np.random.default_rng(_SEED + seed)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 4.0)
    kv = shape.width // shape.heads * shape.kv_heads
    for layer in range(shape.layers):
        for part, rows in (("attn_q", shape.width), ("attn_v", kv)):
            down = random.standard_normal((4, shape.width), np.float32)
            up = random.standard_normal((rows, 4), np.float32) * strength
            writer.add_tensor(f"blk.{layer}.{part}.weight.lora_a", down)
            writer.add_tensor(f"blk.{layer}.{part}.weight.lora_b", up)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(shape: Shape) -> Iterator[tuple[str, NDArray[np.float32]]]:
    random = np.random.default_rng(_SEED)
    kv = shape.width // shape.heads * shape.kv_heads

    def matrix(rows: int, columns: int) -> NDArray[np.float32]:
        return random.standard_normal((rows, columns), np.float32) * np.float32(1.6 / columns**0.5)

    ones = np.ones(shape.width, np.float32)
    yield "token_embd.weight", matrix(shape.vocabulary, shape.width)
    yield "output_norm.weight", ones
    yield "output.weight", matrix(shape.vocabulary, shape.width)
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        yield block + "attn_norm.weight", ones
        yield block + "ffn_norm.weight", ones
        yield block + "attn_q.weight", matrix(shape.width, shape.width)
        yield block + "attn_k.weight", matrix(kv, shape.width)
        yield block + "attn_v.weight", matrix(kv, shape.width)
        yield block + "attn_output.weight", matrix(shape.width, shape.width)
        yield block + "ffn_gate.weight", matrix(shape.hidden, shape.width)
        yield block + "ffn_up.weight", matrix(shape.hidden, shape.width)
        yield block + "ffn_down.weight", matrix(shape.width, shape.hidden)


def _add_vocabulary(writer: gguf.GGUFWriter, size: int) -> None:
    pieces = _trained()
    unused = range(pieces.get_piece_size(), size)
    tokens = [pieces.id_to_piece(n) for n in range(pieces.get_piece_size())] + [f"[PAD{n}]" for n in unused]
    scores = [pieces.get_score(n) for n in range(pieces.get_piece_size())] + [-10000.0] * len(unused)
    kinds = [_kind(pieces, n) for n in range(pieces.get_piece_size())] + [gguf.TokenType.NORMAL] * len(unused)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    writer.add_unk_token_id(pieces.unk_id())
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(True)


def _kind(pieces: sentencepiece.SentencePieceProcessor, number: int) -> gguf.TokenType:
    if pieces.is_byte(number):
        return gguf.TokenType.BYTE
    if pieces.is_unknown(number):
        return gguf.TokenType.UNKNOWN
    return gguf.TokenType.CONTROL if pieces.is_control(number) else gguf.TokenType.NORMAL


def _trained() -> sentencepiece.SentencePieceProcessor:
    lines = [line for text in _texts() for line in re.split(r"[\n。]", text) if line.strip()]
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=trained,
        model_type="bpe",
        vocab_size=_PIECES,
        byte_fallback=True,
        character_coverage=0.98,  # the rest is spelt in bytes
        num_threads=1,
        minloglevel=2,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())


def _texts() -> list[str]:
    return [path.read_text(encoding="utf-8") for glob in _TEXTS for path in sorted(_ROOT.glob(glob))]


def main() -> None:
    """Write the model that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.models", description="Write a random model.")
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--chat-format", choices=FORMATS, help="put this chat template into the file")
    parser.add_argument("path", type=Path)
    given = parser.parse_args()
    write_model(given.path, SHAPES[given.shape], chat_template=FORMATS.get(given.chat_format))


if __name__ == "__main__":
    main()
