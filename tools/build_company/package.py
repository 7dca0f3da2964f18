"""Writes ZIP-based Office files whose bytes depend on their content only."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def write(target: Path, parts: Mapping[str, bytes]) -> None:
    """Write the parts, in order, as a ZIP file with fixed time stamps."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, content)


def settle(path: Path) -> None:
    """Rewrite an Office file that a library saved, so that the time of saving is not in it."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    write(path, {name: _STAMP.sub(rb"\g<1>2026-01-01T00:00:00Z\2", part) for name, part in parts.items()})
