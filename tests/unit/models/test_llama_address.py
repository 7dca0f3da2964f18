"""The model's socket: beside the installation's data, or on a path short enough for the kernel."""

import os
import socket
import stat

import pytest

from rag_core.models.llama.address import socket_path


def test_it_lies_in_the_data(tmp_path, monkeypatch):
    """A relative folder names the same socket from wherever it is asked for."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(tmp_path)
    assert socket_path(tmp_path.relative_to(tmp_path)) == tmp_path / "model.sock"
    assert socket_path(tmp_path / "data") == tmp_path / "model.sock"


@pytest.mark.parametrize("letter", ["a", "資"])  # the kernel counts bytes
def test_a_long_path_becomes_a_short_one_that_can_be_bound(tmp_path, letter):
    """It is the same each time, another for another installation, and in a folder of this user's own."""
    long = [tmp_path / (letter * 60) / name / (letter * 20) for name in ("one", "other")]
    one, other = map(socket_path, long)
    assert one == socket_path(long[0]) != other
    assert len(os.fsencode(one)) <= 100
    assert str(os.getuid()) in one.parent.name
    one.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(one))
        assert stat.S_ISSOCK(one.stat().st_mode)
    one.unlink()


def test_the_longest_path_that_fits_stays(tmp_path):
    """A hundred bytes are a path as given; a hundred and one are not."""
    room = 100 - len(os.fsencode(tmp_path / "x" / "model.sock")) + 1
    if room < 1:
        pytest.skip("the temporary folder's own path is too long")
    assert socket_path(tmp_path / ("x" * room)) == tmp_path / ("x" * room) / "model.sock"
    assert socket_path(tmp_path / ("x" * (room + 1))).parent != tmp_path / ("x" * (room + 1))
