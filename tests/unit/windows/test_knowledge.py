"""Which files a window knows, and that a file never has two audiences."""

import os
from pathlib import Path

import pytest

from bots.windows.knowledge import collection_of
from bots.windows.load import load_windows
from rag_core.errors import AudienceConflict
from rag_core.types import Collection

HEAD = "name: hr\ndepartment: 人\ntitle: 人資\nserves: [employees, hr]\n"


@pytest.fixture
def know(company, write):
    """Write a window with these knowledge entries and return its collection."""

    def _know(*entries: str, head: str = HEAD) -> Collection:
        write("windows/hr.yaml", head + "knowledge:\n" + "".join(f"  - {entry}\n" for entry in entries))
        (window,) = load_windows(company)
        return collection_of(window, company)

    return _know


def names(collection: Collection) -> list[str]:
    return [source.name for source in collection.sources]


def test_a_pattern_gives_files_with_the_windows_audience(know, write):
    """Sorted, named by their path below the company, readable by whom the window serves."""
    for name in ("b.pdf", "a.pdf", "c.docx"):
        write(f"documents/hr/{name}")
    collection = know("{path: ../documents/hr/*.pdf}")
    assert collection.name == "hr"
    assert names(collection) == ["documents/hr/a.pdf", "documents/hr/b.pdf"]
    assert {source.audience for source in collection.sources} == {frozenset({"employees", "hr"})}
    assert all(source.path.is_file() for source in collection.sources)


def test_an_entrys_audience_stands_before_the_windows(know, write):
    """A managers' file is for managers only, not for all the window serves."""
    write("documents/m.md")
    (source,) = know("{path: ../documents/*.md, audience: [managers]}").sources
    assert source.audience == frozenset({"managers"})


def test_two_stars_reach_every_depth(know, write):
    """** stands for no folder, one, or many; at the end it means all files."""
    for name in ("d/a.md", "d/x/b.md", "d/x/y/c.md", "d/x/y/c.txt"):
        write(name)
    assert names(know("{path: ../d/**/*.md}")) == ["d/a.md", "d/x/b.md", "d/x/y/c.md"]
    assert len(know("{path: ../d/**}").sources) == 4
    assert names(know('{path: "../d/**/y/*"}')) == ["d/x/y/c.md", "d/x/y/c.txt"]


def test_what_is_no_document_is_left_out(know, write, company):
    """Hidden files and folders, Office's lock files, folders and dead links are not documents."""
    for name in ("d/a.docx", "d/~$a.docx", "d/.a.docx", "d/.git/b.docx", "d/Thumbs.db", "d/sub.docx/inner.txt"):
        write(name)
    (company / "d" / "dead.docx").symlink_to("nowhere")
    os.mkfifo(company / "d" / "pipe.docx")
    assert names(know("{path: ../d/**/*}")) == ["d/a.docx", "d/sub.docx/inner.txt"]


def test_capitals_in_a_files_name_do_not_hide_it(know, write):
    """Scanners write .PDF; *.pdf means those too."""
    write("d/SCAN.PDF")
    assert names(know("{path: ../d/*.pdf}")) == ["d/SCAN.PDF"]


def test_brackets_may_be_part_of_a_name(know, write):
    """A folder that is really called [機密] is found as it is written."""
    write("d/[機密]/a.md")
    assert names(know('{path: "../d/[機密]/*.md"}')) == ["d/[機密]/a.md"]


def test_one_file_by_its_name(know, write):
    """A path without any star names one file; one that is not there gives none."""
    write("d/a.md")
    assert names(know("{path: ../d/a.md}", "{path: ../d/b.md}", "{path: ../nowhere/**/*}")) == ["d/a.md"]


def test_files_outside_the_company_have_names_of_their_own(know, company, tmp_path):
    """An absolute pattern gives absolute names, a relative one names with .. in front."""
    (tmp_path / "nas").mkdir()
    (tmp_path / "nas" / "a.md").touch()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.md").touch()
    collection = know(
        f"{{path: {tmp_path}/nas/*.md}}", "{path: ../../other/*.md}", f"{{path: {company}/windows/*.yaml}}"
    )
    assert names(collection) == ["../other/b.md", f"{tmp_path}/nas/a.md", "windows/hr.yaml"]


def test_links_are_followed_and_loops_end(know, write, company, tmp_path):
    """A linked folder's files are found; a link to a folder above ends there; a file is read once."""
    (tmp_path / "nas").mkdir()
    (tmp_path / "nas" / "a.md").touch()
    write("d/b.md")
    (company / "d" / "nas").symlink_to(tmp_path / "nas")
    (company / "d" / "loop").symlink_to(company / "d")
    (tmp_path / "nas" / "back").symlink_to(company / "d")
    (company / "d" / "again.md").symlink_to(company / "d" / "b.md")
    assert names(know("{path: ../d/**/*.md}")) == ["d/again.md", "d/nas/a.md"]


def test_the_same_audience_twice_is_no_conflict(know, write):
    """In another order and with a repeat it is still the same audience, and the file is there once."""
    write("d/a.md")
    collection = know("{path: ../d/*.md}", "{path: ../d/a.md, audience: [hr, employees, hr]}")
    assert names(collection) == ["d/a.md"]


def test_two_audiences_for_one_file_are_refused_by_name(know, write):
    """The refusal names the file, both entries with their lines, and nothing of the window is read."""
    write("d/a.md")
    with pytest.raises(AudienceConflict) as raised:
        know("{path: ../d/*.md}", "{path: ../d/a.md, audience: [managers]}")
    said = str(raised.value)
    assert said.startswith("d/a.md is given different audiences")
    assert "windows/hr.yaml:6 (../d/*.md)" in said
    assert "[managers] by windows/hr.yaml:7 (../d/a.md)" in said


def test_a_link_does_not_open_a_file_to_others(know, write, company):
    """A link to a managers' file from an open folder is a conflict, not a way around."""
    secret = write("managers/secret.md")
    (company / "d").mkdir()
    (company / "d" / "open.md").symlink_to(secret)
    with pytest.raises(AudienceConflict):
        know("{path: ../d/*.md}", "{path: ../managers/*.md, audience: [managers]}")


@pytest.mark.parametrize(
    ("head", "entry", "leaves"),
    [
        (HEAD, "{path: a}", False),
        (HEAD + "may_leave_company: true\n", "{path: a}", True),
        (HEAD + "may_leave_company: true\n", "{path: a, may_leave_company: false}", False),
    ],
)
def test_passages_stay_unless_the_window_lets_all_of_them_go(know, head, entry, leaves):
    """The window says so at the top, and one entry's no keeps everything here."""
    assert know(entry, head=head).may_leave_company is leaves


def test_names_in_an_old_encoding_become_readable(know, company):
    """A name whose bytes are Big5 is shown in characters, and the file can still be opened."""
    (company / "d").mkdir()
    Path(os.fsdecode(os.fsencode(company / "d") + b"/" + "請假.md".encode("cp950"))).touch()
    (source,) = know("{path: ../d/*.md}").sources
    assert source.name == "d/請假.md"
    assert source.path.is_file()


def test_a_relative_company_folder_gives_the_same_names(know, write, company):
    """The same files with the same names, however the company folder was written."""
    write("d/a.md")
    relative = Path(os.path.relpath(company))
    assert names(know("{path: ../d/*.md}")) == ["d/a.md"]
    (window,) = load_windows(relative)
    assert names(collection_of(window, relative)) == ["d/a.md"]
