"""STUB by the lead until helper INGEST writes the real one: overwrite this file."""
from dataclasses import dataclass
from rag_core.types import Chunk
READER_VERSION = 1
@dataclass(frozen=True, slots=True)
class Reading:
    """What was read."""
    title: str
    pages: int | None
    chunks: tuple[Chunk, ...]
    warnings: tuple[str, ...]
