"""Where the model process listens: a Unix socket, which only this machine's user can open."""

import hashlib
import os
import tempfile
from pathlib import Path

_LONGEST = 100  # bytes; the kernel takes 107


def socket_path(data: Path) -> Path:
    """Return the socket of the installation that keeps its state in ``data``, on a short path if that one is long."""
    path = data.resolve() / "model.sock"
    if len(os.fsencode(path)) <= _LONGEST:
        return path
    unique = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"transom-{os.getuid()}" / f"{unique}.sock"
