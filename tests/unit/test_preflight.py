"""What a machine lacks is named before anything is installed."""

import ast
import socket
from pathlib import Path

import pytest

from bots import preflight

SOURCE = Path(preflight.__file__).read_text(encoding="utf-8")


def test_an_old_python_can_read_it():
    """The file that tells about an old Python must itself run there."""
    ast.parse(SOURCE, feature_version=(3, 6))


def test_it_needs_nothing_installed():
    """It imports the standard library alone."""
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert imported <= {"importlib", "os", "shutil", "socket", "sys", "tempfile"}
    assert "\nfrom " not in SOURCE


def test_this_machine_is_fit(tmp_path):
    """Where the tests run nothing is missing."""
    assert preflight.missing_here(str(tmp_path)) == []


@pytest.mark.parametrize(("version", "fits"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_only_versions_with_all_libraries_fit(version, fits):
    """3.11 to 3.13; the sentence says which it is and how to get one."""
    said = preflight.wrong_python(version)
    assert (said == "") is fits
    assert fits or ("apt install" in said and f"{version[0]}.{version[1]};" in said)


def test_debians_missing_package_is_named():
    """Debian's python3 comes without venv."""
    assert preflight.lacking_venv(["venv"], (3, 11)).endswith("sudo apt install python3.11-venv")
    assert preflight.lacking_venv(["venv", "ensurepip"], (3, 11)) == ""


def test_a_full_disk_is_told_in_gigabytes():
    """Both what is needed and what is there."""
    said = preflight.full_disk(400_000_000, "/x")
    assert "1.5 GB" in said
    assert "0.4 GB" in said
    assert preflight.full_disk(preflight.BASE_BYTES, "/x") == ""


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    """Tried, not read from permissions."""
    assert preflight.read_only(str(tmp_path)) == ""
    assert "cannot be written" in preflight.read_only(str(tmp_path / "absent"))


def test_taken_ports_are_told():
    """One free port of the range is enough."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "all taken" in preflight.no_port(range(port, port + 1))
    assert preflight.no_port(range(port, port + 1)) == ""


def test_windows_itself_is_sent_to_wsl():
    """The embedded Postgres needs Linux or macOS."""
    assert "WSL" in preflight.wrong_system("win32")
    assert preflight.wrong_system("linux") == preflight.wrong_system("darwin") == ""
