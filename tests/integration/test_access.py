"""The database keeps a viewer to what their groups may read, whatever the query says."""

from pathlib import Path

import psycopg
import pytest
from integration.reading import LengthEmbedder, LineReader

from rag_core.database import Database
from rag_core.errors import NoViewer
from rag_core.ingest.sync import Syncer
from rag_core.search import store
from rag_core.search.search import Searcher
from rag_core.types import Collection, Scope, Source

GUARDED = ("documents", "shards", "chunks", "postings", "vectors", "calibrations")


def publish(database: Database, folder: Path, texts: dict[str, tuple[str, set[str]]]) -> None:
    """Sync one collection, ``hr``, of the given files: name → (text, audience)."""
    sources = []
    for name, (text, audience) in texts.items():
        (folder / name).write_text(text)
        sources.append(Source(folder / name, name, frozenset(audience)))
    measured = [store.Calibration("refusal", "zh", 1, {"threshold": 0.5})]
    syncer = Syncer(database, read_all=LineReader(), calibrate=lambda *_: measured, embedder=LengthEmbedder())
    syncer.sync([Collection("hr", tuple(sources))], drop_others=True)


PUBLIC = {"leave.txt": ("特休滿一年七天\n病假三十天半薪", {"employees"})}
SECRET = {"pay.txt": ("經理薪資調整幅度百分之八\n特休未休折算工資", {"managers"})}


def test_selecting_everything_shows_only_what_the_groups_may_read(database, tmp_path):
    """The application role that forgets every filter still gets no row of another audience."""
    publish(database, tmp_path, {**PUBLIC, **SECRET})
    with database.viewer({"employees"}) as viewer:
        texts = [row[0] for row in viewer.connection.execute("select text from chunks")]
        documents = [row[0] for row in viewer.connection.execute("select name from documents")]
    assert sorted(texts) == sorted(PUBLIC["leave.txt"][0].splitlines())
    assert documents == ["leave.txt"]


@pytest.mark.parametrize("table", GUARDED)
def test_without_a_viewer_reading_is_an_error(database, tmp_path, table):
    """A connection of the application role on which nobody set a viewer cannot even count."""
    publish(database, tmp_path, PUBLIC)
    with database._application().connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"select count(*) from {table}")


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("groups", [set(), {"nobody"}])
def test_no_group_or_an_unknown_one_sees_nothing(database, tmp_path, table, groups):
    """It fails closed."""
    publish(database, tmp_path, {**PUBLIC, **SECRET})
    with database.viewer(groups) as viewer:
        assert viewer.connection.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_the_viewer_does_not_outlive_the_transaction(database, tmp_path):
    """The next user of a pooled connection starts as nobody."""
    publish(database, tmp_path, PUBLIC)
    with database.viewer({"employees"}) as viewer:
        viewer.connection.execute("select 1")
    with database._application().connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select count(*) from chunks")


@pytest.mark.parametrize("table", [*GUARDED, "audiences", "staged_readings", "collections"])
def test_the_application_role_writes_nothing_of_the_index(database, table):
    """Reading is all it may do, and who is in an audience is not even readable."""
    with database.viewer({"employees"}) as viewer, pytest.raises(psycopg.errors.InsufficientPrivilege):
        viewer.connection.execute(f"delete from {table}")


def test_stores_refuse_a_bare_connection(database):
    """A store that is handed a connection without a viewer says so."""
    with database.owner() as connection, pytest.raises(NoViewer):
        store.shards(connection, ["hr"])


def test_hidden_documents_change_no_score(database, tmp_path):
    """What an employee finds, and each score, is the same with and without the managers' documents."""
    searcher, scope = Searcher(database), Scope(("hr",), frozenset({"employees"}))
    publish(database, tmp_path, PUBLIC)
    before = searcher.search("特休幾天", scope)
    publish(database, tmp_path, {**PUBLIC, **SECRET})
    after = searcher.search("特休幾天", scope)
    assert [(p.text, p.score) for p in before.passages] == [(p.text, p.score) for p in after.passages]
    assert before.evidence == after.evidence
    both = searcher.search("特休幾天", Scope(("hr",), frozenset({"employees", "managers"})))
    assert len(both.passages) > len(after.passages)


def test_words_come_from_what_the_viewer_sees(database, tmp_path):
    """A chunk that others alone may read neither makes a phrase known nor offers an alternative."""
    hidden = {"b.txt": ("特休未休\n配偶補助", {"managers"})}
    publish(database, tmp_path, {"a.txt": ("特別休假滿一年七天", {"employees"}), **hidden})

    def reworded(question: str, *groups: str) -> str:
        return Searcher(database).search(question, Scope(("hr",), frozenset(groups))).question

    assert reworded("特休有幾天", "employees") == "特別休假有幾天"
    assert reworded("特休有幾天", "employees", "managers") == "特休有幾天"
    assert reworded("老婆補助", "employees") == "老婆補助"
    assert reworded("老婆補助", "managers") == "配偶補助"
