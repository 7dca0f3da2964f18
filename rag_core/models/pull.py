"""Fetches a model's GGUF file from the hub into ``<data>/models``, and finds it there again.

A file gets its name only when its SHA-256 is the one the hub states; until then it is a hidden ``….part``, which the
next try goes on with. The library's own way to fetch throws away what came when it gives up, so only its lower half
is used, which asks for a range. The hub's address and token are the library's: HF_ENDPOINT, HF_TOKEN.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeVar

from rag_core.errors import ConfigurationError, RagError
from rag_core.models import catalogue

T = TypeVar("T")

SETTING = "TRANSOM_LLAMA__MODEL"

_HUB = "hf:"
_SPARE_BYTES = 200_000_000  # what a fetched file leaves on the disk
_PAUSES_S = (1, 2, 4)
_BLOCK = 1024 * 1024
_BUSY, _SERVER = 429, 500  # HTTP statuses that pass
_NOT_SHOWN = frozenset({401, 403, 404})
_SHOWN = 8
_HOW = "Install it in Transom's folder with: .venv/bin/pip install -c constraints.txt -e '.[llama]'"


class PullFailed(RagError):
    """A file could not be fetched from the hub. ``retryable``: the same command may succeed later."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for: a file of a repository, by name or wildcard, and its entry if it came by a key."""

    repository: str
    name: str
    entry: catalogue.Entry | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the hub describes it. ``path`` is inside the repository at ``commit``; ``sha256`` in hex."""

    repository: str
    path: str
    commit: str
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The name it gets here."""
        return PurePosixPath(self.path).name


def folder(data: Path) -> Path:
    """Return where models lie."""
    return data / "models"


def resolve(model: str, data: Path) -> Path:
    """Return the model's file: ``model`` is a path, or a catalogue key whose file was pulled into ``data``.

    Raises ConfigurationError with what to do.
    """
    path = Path(model).expanduser()
    if path.is_file():
        return path
    if model.endswith(".gguf") or "/" in model:
        raise ConfigurationError(f"{SETTING}={model}: there is no such file. Give the path of a GGUF file.")
    entry = catalogue.named(model)
    here = _pulled(entry, data)
    if here is None:
        raise ConfigurationError(
            f"{SETTING}={model}: the model has not been fetched into {folder(data)}."
            f" Fetch it with: transom models pull {entry.key}"
        )
    return here


def wanted(text: str) -> Wanted:
    """Read a catalogue key, or ``hf:OWNER/REPO/FILE.gguf``. Raises ConfigurationError, with how to convert."""
    if text.startswith(_HUB):
        owner, _, rest = text.removeprefix(_HUB).strip("/").partition("/")
        repository, _, name = rest.partition("/")
        if not (owner and repository and name.lower().endswith(".gguf")):
            raise ConfigurationError(f"{text} names no GGUF file of the hub; write it like hf:OWNER/REPO/FILE.gguf")
        return Wanted(f"{owner}/{repository}", name)
    entry = catalogue.named(text)
    if entry.file is None:
        raise ConfigurationError(_conversion(entry))
    return Wanted(entry.file.repository, entry.file.name, entry)


def find(what: Wanted, revision: str | None = None, *, pause: Callable[[float], None] = time.sleep) -> Found:
    """Ask the hub for the file's size and checksum. Raises PullFailed, or ConfigurationError without the library."""
    hub = _library()
    try:
        info = _patiently(
            lambda: hub.HfApi().model_info(what.repository, revision=revision, files_metadata=True), pause
        )
    except Exception as error:
        raise _failure(error, what, revision) from error
    sibling = _matching(what, info.siblings or [])
    if sibling.lfs is None:
        raise PullFailed(f"The hub states no checksum for {what.repository}/{sibling.rfilename}. {_by_hand(what)}")
    return Found(what.repository, sibling.rfilename, info.sha, sibling.lfs.size, sibling.lfs.sha256)


def fetch(found: Found, data: Path, *, pause: Callable[[float], None] = time.sleep) -> Path:
    """Fetch the file, check it, and return where it lies; one that is there already is only checked.

    A bar is drawn on standard error. Raises PullFailed.
    """
    final = folder(data) / found.name
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        if final.is_file() and final.stat().st_size == found.bytes and _sha256(final) == found.sha256:
            return final
        with _part(final, found) as (file, part):
            _download(found, file, pause)
            _check(found, file, part)
            part.replace(final)
    except PullFailed:
        raise
    except Exception as error:
        raise _failure(error, Wanted(found.repository, found.path), found.commit) from error
    return final


@contextmanager
def _part(final: Path, found: Found) -> Iterator[tuple[BinaryIO, Path]]:
    """Yield the unfinished file, at its end; nobody else fetches it meanwhile."""
    part = final.with_name(f".{found.name}.{found.sha256[:12]}.part")
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PullFailed(f"{found.name} is being fetched by another command; wait for that one.") from None
        if file.seek(0, os.SEEK_END) > found.bytes:
            file.truncate(0)
            file.seek(0)
        _room(final.parent, found.bytes - file.tell())
        yield file, part


def _room(where: Path, needed: int) -> None:
    free = shutil.disk_usage(where).free
    if needed + _SPARE_BYTES > free:
        raise PullFailed(
            f"{where} has room for {gigabytes(free)} GB, and {gigabytes(needed + _SPARE_BYTES)} GB are needed."
            " Free some, or set TRANSOM_DATA to a folder on a larger disk."
        )


def _download(found: Found, file: BinaryIO, pause: Callable[[float], None]) -> None:
    hub = _library()
    from huggingface_hub.file_download import http_get

    url = hub.hf_hub_url(found.repository, found.path, revision=found.commit)
    headers = {**hub.utils.build_hf_headers(), "Accept-Encoding": "identity"}  # a range of a packed file is of no use

    def go_on() -> None:
        http_get(
            url,
            file,
            resume_size=file.seek(0, os.SEEK_END),
            headers=dict(headers),
            expected_size=found.bytes,
            displayed_filename=found.name,
        )

    _patiently(go_on, pause)


def _check(found: Found, file: BinaryIO, part: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    if _sha256(part) != found.sha256:
        raise _wrong(found.name, part)


def _wrong(name: str, part: Path) -> PullFailed:
    part.unlink(missing_ok=True)
    return PullFailed(
        f"What came is not the {name} that the hub describes (its SHA-256 differs), so it was removed. Pull again; if"
        " that does not help, something between here and the hub changes files.",
        retryable=True,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _matching(what: Wanted, siblings: list[Any]) -> Any:
    """Return the one file of the repository that is wanted."""
    name = what.name.lower()
    for sibling in sorted(siblings, key=lambda one: str(one.rfilename)):
        if fnmatch(sibling.rfilename.lower(), name) or fnmatch(PurePosixPath(sibling.rfilename).name.lower(), name):
            return sibling
    others = [one.rfilename for one in siblings if one.rfilename.lower().endswith(".gguf")]
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    raise PullFailed(
        f"{what.repository} has no file {what.name}. Its GGUF files: {', '.join(others[:_SHOWN]) or 'none'}{more}."
        f" Name one: transom models pull hf:{what.repository}/FILE.gguf"
    )


def _pulled(entry: catalogue.Entry, data: Path) -> Path | None:
    if entry.file is None or not folder(data).is_dir():
        return None
    name = entry.file.name.lower()
    found = [path for path in folder(data).iterdir() if path.is_file() and fnmatch(path.name.lower(), name)]
    return min(found, default=None)


def _patiently(work: Callable[[], T], pause: Callable[[float], None]) -> T:
    """Do it, and again after a pause if what went wrong passes by itself."""
    for seconds in _PAUSES_S:
        try:
            return work()
        except Exception as error:
            if not _passes(error):
                raise
        pause(seconds)
    return work()


def _passes(error: Exception) -> bool:
    import httpx2

    status = _status(error)
    if status:
        return status == _BUSY or status >= _SERVER
    return isinstance(error, httpx2.TransportError) and not isinstance(error, (httpx2.ConnectError, httpx2.ProxyError))


def _status(error: Exception) -> int:
    """Return the HTTP status the hub answered with, or 0."""
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)


def _failure(error: Exception, what: Wanted, revision: str | None) -> PullFailed:
    """Say in a sentence what went wrong and what to do."""
    import httpx2
    from huggingface_hub import errors

    if isinstance(error, errors.HfHubHTTPError):
        return _refusal(error, what, revision)
    if isinstance(error, httpx2.HTTPError):
        return _unreachable(error, what)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return PullFailed(f"HF_HUB_OFFLINE forbids to ask the hub. Unset it, or: {_by_hand(what)}")
    if isinstance(error, errors.HFValidationError):
        return PullFailed(f"{what.repository} cannot be a repository; write it like hf:OWNER/REPO/FILE.gguf")
    if isinstance(error, OSError):
        # Without a number it is http_get's own, about the size.
        why = f"cannot be written ({error.strerror})" if error.errno else "came in another size than the hub states"
        return PullFailed(f"{what.name} {why}. Look after the folder in TRANSOM_DATA, and pull again.", retryable=True)
    kind = type(error).__name__
    return PullFailed(f"The hub's answer about {what.repository} cannot be used ({kind}). {_by_hand(what)}")


def _unreachable(error: Exception, what: Wanted) -> PullFailed:
    return PullFailed(
        f"The hub at {_endpoint()} cannot be reached, or the connection broke again and again ({type(error).__name__})."
        f" Pull again to go on with what came. If this machine reaches no hub: {_by_hand(what)} HF_ENDPOINT names"
        " another hub.",
        retryable=True,
    )


def _refusal(error: Exception, what: Wanted, revision: str | None) -> PullFailed:
    """Say why the hub answered with an error."""
    from huggingface_hub import errors

    if isinstance(error, errors.RevisionNotFoundError):
        return PullFailed(f"{what.repository} has no revision {revision}. Leave it out, or look at {_page(what)}")
    if isinstance(error, errors.EntryNotFoundError):
        return PullFailed(f"{what.repository} has no file {what.name} any more. Look at {_page(what)}")
    status = _status(error)
    if status in _NOT_SHOWN:
        return PullFailed(_not_shown(error, what, status))
    why = "asks us to wait" if status == _BUSY else "does not work right now" if status >= _SERVER else "refuses"
    return PullFailed(f"The hub {why} ({status}). Pull again later to go on with what came.", retryable=True)


def _not_shown(error: Exception, what: Wanted, status: int) -> str:
    from huggingface_hub import errors

    gated = isinstance(error, errors.GatedRepoError) or (what.entry is not None and what.entry.gated)
    token = _library().get_token() is not None
    if gated and token:
        return f"The account of the token in HF_TOKEN may not read {what.repository} ({status}): {consent(what)}"
    if gated:
        return f"{what.repository} is gated ({status}): {consent(what)}"
    if token and not isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"The hub does not accept the token in HF_TOKEN ({status}). Make another at {_endpoint()}/settings/tokens"
        )
    return (
        f"The hub shows no repository {what.repository} ({status}). Look at its spelling; if it is private or gated,"
        f" sign in at {_page(what)} and set HF_TOKEN."
    )


def consent(what: Wanted) -> str:
    """Say how to get at a gated file."""
    return (
        f"its makers want you to agree to their licence. Sign in and agree at {_page(what)}, make a token that may read"
        f" at {_endpoint()}/settings/tokens, and pull with HF_TOKEN=hf_… in the environment."
    )


def _page(what: Wanted) -> str:
    return f"{_endpoint()}/{what.repository}"


def _endpoint() -> str:
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def _by_hand(what: Wanted) -> str:
    name = PurePosixPath(what.name).name
    return f"Fetch {_page(what)}/resolve/main/{what.name} on another machine and set {SETTING}=/path/to/{name}."


def _conversion(entry: catalogue.Entry) -> str:
    return (
        f"No GGUF file of {entry.name} that we would trust is published. Convert its weights with llama.cpp's"
        f" convert_hf_to_gguf.py: hf download {entry.repository} --local-dir {entry.key}, then"
        f" python convert_hf_to_gguf.py {entry.key} --outtype q8_0 --outfile {entry.key}-q8_0.gguf, then set"
        f" {SETTING}=/path/to/{entry.key}-q8_0.gguf."
    )


def gigabytes(size: int) -> str:
    """Write bytes as GB of 10⁹."""
    return f"{size / 1e9:.1f}"


def _library() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise ConfigurationError(f"Fetching models needs the extra `llama`. {_HOW}") from error
    return huggingface_hub
