"""Says in one sentence each what this machine lacks, before anything is installed.

Runs as ``python3 bots/preflight.py`` with the standard library alone, also under a Python too old for Transom
(3.6 and up can read this file). Exit status 2 if something is missing.
"""

import importlib.util
import os
import shutil
import socket
import sys
import tempfile

OLDEST, NEWEST = (3, 11), (3, 13)
BASE_BYTES = 1500 * 1000 * 1000
"""Room for the virtual environment of the base installation, the embedded database and the sample company."""
FIRST_PORT, LAST_PORT = 8000, 8019


def main() -> int:
    """Check the working directory's machine; print what is missing."""
    missing = missing_here(os.getcwd())  # noqa: PTH109 an old Python's pathlib is not needed for this
    for sentence in missing:
        sys.stderr.write("transom: " + sentence + "\n")
    return 2 if missing else 0


def missing_here(folder: str) -> "list[str]":
    """Return a sentence for everything that is missing to install and run Transom in the folder."""
    present = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name)]
    found = [
        wrong_system(sys.platform),
        wrong_python(sys.version_info[:2]),
        lacking_venv(present, sys.version_info[:2]),
        full_disk(shutil.disk_usage(folder).free, folder),
        read_only(folder),
        no_port(range(FIRST_PORT, LAST_PORT + 1)),
    ]
    return [sentence for sentence in found if sentence]


def wrong_system(system: str) -> str:
    """Transom runs where its embedded Postgres does."""
    if system != "win32":
        return ""
    return "Windows itself is not supported; install WSL (wsl --install) and run this inside it."


def wrong_python(version: "tuple[int, ...]") -> str:
    """Versions 3.11 to 3.13 have all the libraries."""
    if OLDEST <= tuple(version) <= NEWEST:
        return ""
    return (
        f"Python 3.11, 3.12 or 3.13 is needed and this is {version[0]}.{version[1]}; on Debian 12 or Ubuntu 24.04:"
        " sudo apt install python3 python3-venv; elsewhere: https://www.python.org/downloads/"
    )


def lacking_venv(present: "list[str]", version: "tuple[int, ...]") -> str:
    """Debian ships the two modules apart from Python."""
    lacking = [name for name in ("venv", "ensurepip") if name not in present]
    if not lacking:
        return ""
    modules = " and ".join(lacking)
    package = f"python{version[0]}.{version[1]}-venv"
    return f"Python's module {modules} is missing; on Debian or Ubuntu: sudo apt install {package}"


def full_disk(free: int, folder: str) -> str:
    """``free`` is in bytes."""
    if free >= BASE_BYTES:
        return ""
    needed, there = f"{BASE_BYTES / 1e9:.1f}", f"{free / 1e9:.1f}"
    return f"{needed} GB of disk are needed in {folder} and {there} GB are free; free some space, or clone elsewhere."


def read_only(folder: str) -> str:
    """Try it: permissions alone do not tell about read-only mounts."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError:
        return f"The folder {folder} cannot be written; clone Transom into a folder of your own."


def no_port(ports: "range") -> str:
    """Look for one port on which the web chat can be served."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return ""
    return f"The ports {ports[0]} to {ports[-1]} of 127.0.0.1 are all taken; stop a program that uses one."


if __name__ == "__main__":
    sys.exit(main())
