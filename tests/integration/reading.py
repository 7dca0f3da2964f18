"""Readers and embedders that stand in for the real ones where a test is about the index."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rag_core.errors import UnreadableDocument
from rag_core.ingest.read import Reading
from rag_core.types import Chunk, Collection, Source


class LineReader:
    """Makes each line of a file a chunk, and remembers which files it was asked for."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, paths: Sequence[Path]) -> Iterator[tuple[Path, Reading | UnreadableDocument]]:
        """Read like the real pool; a file that says BROKEN cannot be read."""
        for path in paths:
            self.read.append(path.name)
            lines = path.read_text().splitlines()
            if lines[:1] == ["BROKEN"]:
                yield path, UnreadableDocument("It is broken.")
            else:
                yield path, Reading(path.stem, None, tuple(Chunk(line) for line in lines), ())


class LengthEmbedder:
    """An embedder whose vectors are good for nothing but being there."""

    def __init__(self, name: str = "length", *, leaves_company: bool = False) -> None:
        self.name, self.dimension, self.leaves_company = name, 2, leaves_company
        self.embedded: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text."""
        self.embedded.extend(texts)
        angles = np.array([len(text) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    def embed_query(self, text: str) -> np.ndarray:
        """Return one unit vector."""
        return self.embed_documents([text])[0]


def collection(
    folder: Path, texts: dict[str, str], audience: Sequence[str] = ("employees",), name: str = "hr"
) -> Collection:
    """Write the files and return the collection of them."""
    for file, text in texts.items():
        (folder / file).write_text(text)
    return Collection(name, tuple(Source(folder / file, file, frozenset(audience)) for file in texts))
