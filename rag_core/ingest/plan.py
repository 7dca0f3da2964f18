"""What a sync has to do, decided from the files and what is published; nothing here changes anything."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag_core.ingest.read import READER_VERSION
from rag_core.ingest.store import FileKey, StoredDocument
from rag_core.types import Collection, Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is new or changed."""

    source: Source
    key: FileKey


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to happen to one collection."""

    collection: Collection
    wanted: tuple[Wanted, ...]
    moved: tuple[tuple[int, str], ...]  # unchanged documents that lie elsewhere: (document id, path)
    outdated: tuple[int, ...]  # documents to remove: changed or gone
    gone: int  # how many of those have no file any more
    unchanged: int
    unopened: tuple[tuple[str, str], ...]  # (name, reason)
    kept: str = ""  # why documents without a file are kept


Digest = Callable[[Path], bytes]


def digest(path: Path) -> bytes:
    """Return the SHA-256 of a file's content. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def plan(collection: Collection, published: Sequence[StoredDocument], digest: Digest = digest) -> Plan:
    """Compare the collection's files with the published documents. Reads every file once, to hash it."""
    known = {document.name: document for document in published}
    keys, unopened = _keys(collection.sources, digest)
    same = {source.name for source in collection.sources if _is_same(source, keys, known)}
    return Plan(
        collection,
        tuple(Wanted(s, keys[s.name]) for s in collection.sources if s.name in keys and s.name not in same),
        tuple((known[s.name].id, str(s.path)) for s in collection.sources if _moved(s, same, known)),
        tuple(document.id for document in published if document.name not in same),
        sum(name not in keys for name in known),
        len(same),
        tuple(unopened),
    )


def unmounted(collection: Collection, published: Sequence[StoredDocument]) -> Plan:
    """Return the plan that leaves a collection as it is because none of its files is there."""
    kept = f"None of its files is there any more; its {len(published)} documents were kept."
    return Plan(collection, (), (), (), 0, len(published), (), kept)


def _keys(sources: Iterable[Source], digest: Digest) -> tuple[dict[str, FileKey], list[tuple[str, str]]]:
    keys: dict[str, FileKey] = {}
    unopened: list[tuple[str, str]] = []
    for source in sources:
        try:
            keys[source.name] = FileKey(source.name, digest(source.path), READER_VERSION)
        except OSError as error:
            unopened.append((source.name, f"The file cannot be opened ({error.strerror}). Check its permissions."))
    return keys, unopened


def _is_same(source: Source, keys: dict[str, FileKey], known: dict[str, StoredDocument]) -> bool:
    document, key = known.get(source.name), keys.get(source.name)
    return (
        document is not None
        and key is not None
        and (document.sha256, document.reader_version) == (key.sha256, key.reader_version)
        and frozenset(document.groups) == source.audience
    )


def _moved(source: Source, same: set[str], known: dict[str, StoredDocument]) -> bool:
    return source.name in same and known[source.name].path != str(source.path)
