"""A sync that is killed, at whatever moment, does no harm: the next one ends in the index of an undisturbed run."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from acceptance.command import Command, kill, write_window
from acceptance.index_of import Index, index_of, staged
from acceptance.installation import SAMPLE, Server

DOCUMENTS = (
    "hr/leave-rules.pdf",
    "hr/handbook-summary-en.md",
    "hr/managers/appraisal.md",
    "hr/managers/salary-adjustment.md",
    "it/it-faq.csv",
    "it/security-vpn-guide.md",
)
_LAW_ARTICLES = 400  # that publishing takes long enough to be hit


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two windows with a few documents of the sample company, a long one, and one that cannot be read."""
    folder = tmp_path_factory.mktemp("company")
    for name in DOCUMENTS:
        (folder / "documents" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLE / "documents" / name, folder / "documents" / name)
    (folder / "documents" / "hr" / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    articles = "".join(
        f"## 第 {n} 條\n\n員工編號 {n} 之特別休假為 {n % 30} 日，分機 {n * 7}。\n\n" for n in range(_LAW_ARTICLES)
    )
    (folder / "documents" / "it" / "long.md").write_text(articles, encoding="utf-8")
    managers = "{path: ../documents/hr/managers/*.md, audience: [managers]}"
    write_window(folder, "hr", ["{path: ../documents/hr/*.*}", managers], serves="employees, managers")
    write_window(folder, "it", ["{path: ../documents/it/*.*}"])
    return folder


@pytest.fixture(scope="module")
def undisturbed(company: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The index of a run that nobody killed."""
    with server.database() as url:
        Command(company, tmp_path_factory.mktemp("data"), url).right("sync")
        return index_of(url)


def reading(url: str) -> bool:
    """Whether the first readings lie in the database."""
    return staged(url)["staged_readings"] >= 2


def publishing(url: str) -> bool:
    """Whether a transaction holds rows of chunks that nobody else can see yet."""
    query = (
        "select 1 from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'chunks'"
        " and l.mode = 'RowExclusiveLock' and l.granted"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchone() is not None


def half_published(url: str) -> bool:
    """Whether the first of the two windows is in the index."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("select 1 from documents").fetchone() is not None


def wait_until(happens: Callable[[str], bool], url: str, process: subprocess.Popen[bytes]) -> bool:
    """Watch closely; return whether it happened while the process lived."""
    while process.poll() is None:
        if happens(url):
            return True
        time.sleep(0.005)
    return False


@pytest.mark.parametrize("moment", [reading, publishing, half_published])
def test_killed_at_a_moment_of_its_work_a_sync_is_made_good_by_the_next(
    moment: Callable[[str], bool], new_command: Callable[..., Command], company: Path, undisturbed: Index
) -> None:
    """While it reads, in the middle of a publishing transaction, between two windows."""
    transom = new_command(company)
    assert transom.database_url
    process = transom.start("sync")
    happened = wait_until(moment, transom.database_url, process)
    kill(process)
    assert happened
    assert index_of(transom.database_url) != undisturbed
    transom.right("sync")
    assert index_of(transom.database_url) == undisturbed
    assert set(staged(transom.database_url).values()) == {0}


def test_killed_again_and_again_a_sync_gets_there(
    new_command: Callable[..., Command], company: Path, undisturbed: Index
) -> None:
    """However often and early it is killed, nothing is lost or doubled, and what was staged goes away."""
    transom = new_command(company)
    assert transom.database_url
    for seconds in (0.3, 0.8, 1.5, 2.5):
        process = transom.start("sync")
        time.sleep(seconds)
        kill(process)
    transom.right("sync")
    assert index_of(transom.database_url) == undisturbed
    assert set(staged(transom.database_url).values()) == {0}


def test_what_was_staged_for_a_file_that_is_gone_goes_away_too(
    new_command: Callable[..., Command], company: Path, tmp_path: Path
) -> None:
    """A killed sync leaves readings behind; their files are deleted or emptied before the next: nothing stays."""
    own = tmp_path / "company"
    shutil.copytree(company, own)
    transom = new_command(own)
    assert transom.database_url
    process = transom.start("sync")
    assert wait_until(reading, transom.database_url, process)
    kill(process)
    for path in (*(own / "documents" / "it").iterdir(), *(own / "documents" / "hr").glob("*.*")):
        path.write_bytes(b"") if path.suffix == ".md" else path.unlink()
    transom.right("sync")
    assert set(staged(transom.database_url).values()) == {0}


def test_readers_see_the_old_index_until_the_new_one_is_whole(
    new_command: Callable[..., Command], company: Path, tmp_path: Path
) -> None:
    """A sync killed while it replaces every document leaves what was published before, to the last posting."""
    own = tmp_path / "company"
    shutil.copytree(company, own)
    transom = new_command(own)
    assert transom.database_url
    transom.right("sync", "--window", "it")
    before = index_of(transom.database_url)
    long = own / "documents" / "it" / "long.md"
    long.write_text(long.read_text(encoding="utf-8").replace("分機", "內線"), encoding="utf-8")
    process = transom.start("sync", "--window", "it")
    happened = wait_until(publishing, transom.database_url, process)
    kill(process)
    assert happened
    assert index_of(transom.database_url) == before


def test_two_syncs_at_once_end_as_one(new_command: Callable[..., Command], company: Path, undisturbed: Index) -> None:
    """The second waits for the first and finds nothing left to do."""
    transom = new_command(company)
    assert transom.database_url
    both = [transom.start("sync"), transom.start("sync")]
    assert [process.wait(120) for process in both] == [0, 0]
    assert index_of(transom.database_url) == undisturbed
