"""A model's file comes whole or not at all, from a hub that has bad days; what cannot be had is said in a sentence."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.hub import COMMIT, GATED_TOKEN, FakeHub, served
from huggingface_hub import constants

from rag_core.errors import ConfigurationError
from rag_core.models import pull
from rag_core.models.catalogue import named

BREEZE = named("breeze-7b").file
TAIDE = named("taide-7b").file
CONTENT = bytes(range(256)) * 40
REPOSITORY, FILE = BREEZE.repository, BREEZE.name


@pytest.fixture
def hub(monkeypatch, tmp_path) -> Iterator[FakeHub]:
    """A hub that has Breeze's file and TAIDE's, the second for those who agreed only; the real library asks it."""
    files = {f"{REPOSITORY}/{FILE}": CONTENT, f"{TAIDE.repository}/{TAIDE.name}": CONTENT}
    with served(FakeHub(files, gated={TAIDE.repository})) as fake:
        at(monkeypatch, fake.url)
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1024)  # what it loses of a cut connection: 10 MB else
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield fake


def at(monkeypatch, url: str) -> None:
    """Point the library there, as HF_ENDPOINT does before it is imported."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")


def pulled(text: str, data: Path, revision: str | None = None, waits: list[float] | None = None) -> Path:
    pause = (waits if waits is not None else []).append
    return pull.fetch(pull.find(pull.wanted(text), revision, pause=pause), data, pause=pause)


def trouble(text: str, data: Path, revision: str | None = None) -> str:
    with pytest.raises(pull.PullFailed) as raised:
        pulled(text, data, revision)
    return str(raised.value)


def left(data: Path) -> list[str]:
    return sorted(path.name for path in pull.folder(data).iterdir())


def test_file_is_fetched_and_found_by_its_key(hub, tmp_path):
    """The whole file lies under its own name, nothing else beside it, and its key resolves to it."""
    path = pulled("breeze-7b", tmp_path)
    assert (path.read_bytes(), left(tmp_path)) == (CONTENT, [FILE])
    assert pull.resolve("breeze-7b", tmp_path) == path
    assert hub.ranges == [None]


def test_file_that_is_there_is_not_fetched_again(hub, tmp_path):
    """A second pull only checks; a spoilt file is replaced."""
    path = pulled("breeze-7b", tmp_path)
    pulled("breeze-7b", tmp_path)
    assert len(hub.ranges) == 1
    path.write_bytes(CONTENT[::-1])
    assert pulled("breeze-7b", tmp_path).read_bytes() == CONTENT


def test_any_file_of_the_hub(hub, tmp_path):
    """A file inside a folder of any repository comes by its path, at the revision's commit."""
    hub.files["someone/thing/deep/Thing-Q8_0.gguf"] = b"GGUF"
    path = pulled("hf:someone/thing/deep/Thing-Q8_0.gguf", tmp_path, "main")
    assert (path.name, path.read_bytes()) == ("Thing-Q8_0.gguf", b"GGUF")
    assert any(f"/resolve/{COMMIT}/" in one.path for one in hub.asked)
    assert pull.resolve(str(path), tmp_path) == path


def test_cut_connection_is_resumed(hub, tmp_path):
    """After a broken connection only the rest is asked for."""
    hub.faults = ["cut"]
    assert pulled("breeze-7b", tmp_path).read_bytes() == CONTENT
    assert hub.ranges == [None, f"bytes={len(CONTENT) // 2}-"]


def test_later_pull_goes_on_where_a_killed_one_stopped(hub, tmp_path):
    """What an earlier process left is kept, and the file is still checked as a whole."""
    found = pull.find(pull.wanted("breeze-7b"))
    pull.folder(tmp_path).mkdir()
    part = pull.folder(tmp_path) / f".{FILE}.{found.sha256[:12]}.part"
    part.write_bytes(CONTENT[:1000])
    assert pull.fetch(found, tmp_path).read_bytes() == CONTENT
    assert (hub.ranges, left(tmp_path)) == (["bytes=1000-"], [FILE])


def test_part_longer_than_the_file_is_begun_anew(hub, tmp_path):
    """A part that cannot be right is thrown away."""
    found = pull.find(pull.wanted("breeze-7b"))
    pull.folder(tmp_path).mkdir()
    (pull.folder(tmp_path) / f".{FILE}.{found.sha256[:12]}.part").write_bytes(CONTENT + b"x")
    assert pull.fetch(found, tmp_path).read_bytes() == CONTENT


def test_wrong_bytes_are_removed(hub, tmp_path):
    """A file with another checksum never gets its name, and nothing of it stays."""
    hub.faults = ["wrong"]
    assert "SHA-256 differs" in trouble("breeze-7b", tmp_path)
    assert left(tmp_path) == []
    assert pulled("breeze-7b", tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("fault", ["429", "500"])
def test_passing_trouble_is_waited_for(hub, tmp_path, fault):
    """A hub that is busy or broken for a moment is asked again, about the file and for its bytes."""
    hub.info_faults, hub.faults, waits = [int(fault)], [fault], []
    assert pulled("breeze-7b", tmp_path, waits=waits).read_bytes() == CONTENT
    assert waits[0] == 1


def test_lasting_trouble_is_said(hub, tmp_path):
    """A hub that stays broken is given up on after a few tries, with what to do."""
    hub.info_faults = [503] * 9
    assert "does not work right now (503)" in trouble("breeze-7b", tmp_path)
    assert len(hub.info_faults) == 5


def test_gated_model_needs_consent(hub, tmp_path, monkeypatch):
    """Without a token, and with one of somebody who did not agree, the way to get one is told; with it, it works."""
    said = trouble("taide-7b", tmp_path)
    assert "is gated (401)" in said
    assert f"{hub.url}/{TAIDE.repository}" in said
    monkeypatch.setenv("HF_TOKEN", "hf_of_another")
    said = trouble("taide-7b", tmp_path)
    assert "may not read" in said
    assert "hf_of_another" not in said
    monkeypatch.setenv("HF_TOKEN", GATED_TOKEN)
    assert pulled("taide-7b", tmp_path).read_bytes() == CONTENT


def test_what_the_hub_does_not_have(hub, tmp_path):
    """A repository, revision or file that is not there is named, with what there is instead."""
    assert "no repository no/body (401)" in trouble("hf:no/body/x.gguf", tmp_path)
    assert "no revision v9" in trouble("breeze-7b", tmp_path, "v9")
    assert f"no file x.gguf. Its GGUF files: {FILE}." in trouble(f"hf:{REPOSITORY}/x.gguf", tmp_path)
    hub.faults = ["gone"]
    assert "any more" in trouble("breeze-7b", tmp_path)
    hub.without_checksums = True
    assert "no checksum" in trouble("breeze-7b", tmp_path)


def test_no_hub(hub, tmp_path, monkeypatch):
    """Where no hub is reached, or asking is forbidden, the way by hand is told."""
    with served(FakeHub()) as gone:
        pass
    at(monkeypatch, gone.url)
    said = trouble("breeze-7b", tmp_path)
    assert "cannot be reached" in said
    assert f"TRANSOM_LLAMA__MODEL=/path/to/{FILE}" in said


def test_full_disk(hub, tmp_path, monkeypatch):
    """Nothing is asked for that has no room."""
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "has room for 0.0 GB" in trouble("breeze-7b", tmp_path)
    assert hub.ranges == []


def test_two_pulls_of_one_file(hub, tmp_path):
    """While one fetches a file, another does not write into it."""
    found = pull.find(pull.wanted("breeze-7b"))
    pull.folder(tmp_path).mkdir()
    part = pull.folder(tmp_path) / f".{FILE}.{found.sha256[:12]}.part"
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(pull.PullFailed, match="by another command"):
            pull.fetch(found, tmp_path)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("text", ["hf:a/b", "hf:a/b/model.bin", "hf:x.gguf", "hf:", "no-such-key"])
def test_what_names_no_file(text):
    """A name that cannot be meant is answered with how to write it."""
    with pytest.raises(ConfigurationError, match="hf:OWNER/REPO/FILE"):
        pull.wanted(text)


def test_unpublished_model_says_how_to_convert():
    """Where no file is published, the conversion is told instead."""
    with pytest.raises(ConfigurationError, match=r"convert_hf_to_gguf\.py bloom-1b1-zh --outtype q8_0"):
        pull.wanted("bloom-1b1-zh")


def test_resolve_says_what_to_do(tmp_path):
    """A path that is no file, and a key not pulled yet, are told apart."""
    with pytest.raises(ConfigurationError, match="transom models pull breeze-7b"):
        pull.resolve("breeze-7b", tmp_path)
    with pytest.raises(ConfigurationError, match="there is no such file"):
        pull.resolve(str(tmp_path / "x.gguf"), tmp_path)
    with pytest.raises(ConfigurationError, match="There is no model breze-7b"):
        pull.resolve("breze-7b", tmp_path)
