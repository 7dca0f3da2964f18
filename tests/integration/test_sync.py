"""The index follows the files: unchanged costs nothing, changed is replaced, removed goes away."""

import psycopg
import pytest
from integration.reading import LengthEmbedder, LineReader, collection

from rag_core.database import Database
from rag_core.ingest.sync import Syncer
from rag_core.search.search import Searcher
from rag_core.types import Collection, Scope

EVERYONE = Scope(("hr",), frozenset({"employees"}))
TEXTS = {"leave.txt": "特休滿一年七天\n病假三十天半薪", "pay.txt": "加班費前兩小時一又三分之一"}


def syncer(database: Database, reader: LineReader | None = None, **options) -> Syncer:
    """A syncer with stand-ins for everything the test does not name."""
    return Syncer(database, read_all=reader or LineReader(), calibrate=lambda *_: [], **options)


def found(database: Database, question: str) -> list[str]:
    """The texts a question finds."""
    return [passage.text for passage in Searcher(database).search(question, EVERYONE).passages]


def index_of(database: Database) -> list[tuple]:
    """Everything that is searched, free of ids: documents, chunks and the scores of some questions."""
    with database.owner() as connection:
        rows = connection.execute("""
            select d.name, d.title, d.sha256, k.ordinal, k.page, k.heading, k.text, s.chunks, s.terms
            from chunks k join documents d on d.id = k.document_id join shards s on s.id = k.shard_id
            order by d.name, k.ordinal""").fetchall()
    scores = [
        [(p.text, round(p.score, 6)) for p in Searcher(database).search(question, EVERYONE).passages]
        for question in ("特休幾天", "加班費", "病假半薪")
    ]
    return [*rows, *scores]


def test_an_unchanged_file_is_not_read_again(database, tmp_path):
    """The second sync of the same content reads and embeds nothing."""
    reader, embedder, files = LineReader(), LengthEmbedder(), collection(tmp_path, TEXTS)
    syncer(database, reader, embedder=embedder).sync([files])
    reader.read.clear()
    embedder.embedded.clear()
    report = syncer(database, reader, embedder=embedder).sync([files]).collections[0]
    assert (reader.read, embedder.embedded) == ([], [])
    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 2)


def test_a_changed_file_replaces_its_chunks(database, tmp_path):
    """What the file no longer says is no longer found, and the rest stays."""
    syncer(database).sync([collection(tmp_path, TEXTS)])
    report = syncer(database).sync([collection(tmp_path, {**TEXTS, "leave.txt": "特休滿半年三天"})]).collections[0]
    assert found(database, "特休")[0] == "特休滿半年三天"
    assert "特休滿一年七天" not in found(database, "特休滿一年")
    assert found(database, "加班費") == [TEXTS["pay.txt"]]
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)


def test_a_removed_file_goes_away(database, tmp_path):
    """Neither chunks nor postings nor the empty shard of the removed file stay behind."""
    syncer(database).sync([collection(tmp_path, TEXTS)])
    report = syncer(database).sync([Collection("hr", ())], allow_empty=True).collections[0]
    assert (report.removed, found(database, "特休")) == (2, [])
    with database.owner() as connection:
        for table in ("chunks", "postings", "shards", "documents", "vectors"):
            assert connection.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_a_folder_that_is_not_mounted_empties_no_window(database, tmp_path):
    """A window all of whose files are gone keeps its documents, and the report says what to do if that is meant."""
    syncer(database).sync([collection(tmp_path, TEXTS)])
    report = syncer(database).sync([Collection("hr", ())]).collections[0]
    assert (report.removed, report.unchanged) == (0, 2)
    assert "2 documents were kept" in report.warnings[0][1]
    assert "--allow-empty" in report.warnings[0][1]
    assert found(database, "特休")


def test_any_order_of_edits_ends_in_the_same_index(database, tmp_path, template_url):
    """An index that was edited equals one built from the final files."""
    with psycopg.connect(template_url.replace("/transom?", "/postgres?"), autocommit=True) as connection:
        connection.execute("create database other template transom")
    other = Database(template_url.replace("/transom?", "/other?"))
    syncer(database).sync([collection(tmp_path, {**TEXTS, "old.txt": "舊制退休金"})])
    syncer(database).sync([collection(tmp_path, {"pay.txt": "暫時的內容"})])
    syncer(database).sync([collection(tmp_path, TEXTS)])
    syncer(other).sync([collection(tmp_path, TEXTS)])
    assert index_of(database) == index_of(other)
    other.close()


def test_a_bad_file_is_named_and_stops_nothing(database, tmp_path):
    """The others are published; the bad one is reported each time but read only once."""
    reader, files = LineReader(), collection(tmp_path, {**TEXTS, "bad.txt": "BROKEN"})
    assert syncer(database, reader).sync([files]).collections[0].unreadable == (("bad.txt", "It is broken."),)
    again = syncer(database, reader).sync([files]).collections[0]
    assert again.unreadable == (("bad.txt", "It is broken."),)
    assert reader.read.count("bad.txt") == 1
    syncer(database, reader).sync([files], retry_unreadable=True)
    assert reader.read.count("bad.txt") == 2
    assert found(database, "病假")[0] == "病假三十天半薪"


def test_a_file_without_permission_or_gone_is_named(database, tmp_path):
    """A file that cannot even be opened is reported by name."""
    files = collection(tmp_path, TEXTS)
    (tmp_path / "pay.txt").unlink()
    [(name, reason)] = syncer(database).sync([files]).collections[0].unreadable
    assert name == "pay.txt"
    assert "cannot be opened" in reason


def test_what_was_read_before_a_crash_is_not_read_again(database, tmp_path):
    """A sync that dies while publishing leaves the old index whole, and the next one goes on from its readings."""
    syncer(database).sync([collection(tmp_path, TEXTS)])
    before = index_of(database)
    changed = collection(tmp_path, {**TEXTS, "new.txt": "育嬰留職停薪兩年"})

    def crash(*_):
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        Syncer(database, read_all=LineReader(), calibrate=crash).sync([changed])
    assert index_of(database) == before
    reader = LineReader()
    syncer(database, reader).sync([changed])
    assert reader.read == []
    assert found(database, "育嬰")[0] == "育嬰留職停薪兩年"


def test_a_file_changes_its_audience_without_changing_itself(database, tmp_path):
    """Giving a document to managers takes it from employees at the next sync."""
    syncer(database).sync([collection(tmp_path, TEXTS)])
    syncer(database).sync([collection(tmp_path, TEXTS, audience=["managers"])])
    assert found(database, "特休") == []
    managers = Scope(("hr",), frozenset({"managers"}))
    assert Searcher(database).search("特休", managers).passages


def test_a_new_embedder_is_built_beside_the_old_and_switched(database, tmp_path):
    """After the switch every chunk has a vector of the new set, and the old set's are gone."""
    files = collection(tmp_path, TEXTS)
    syncer(database, embedder=LengthEmbedder("old")).sync([files])
    syncer(database, embedder=LengthEmbedder("new")).sync([files])
    with database.owner() as connection:
        sets = connection.execute(
            "select e.name, count(*) from vectors v join embedding_sets e on e.id = v.embedding_set_id group by 1"
        ).fetchall()
        used = connection.execute(
            "select e.name from collections c join embedding_sets e on e.id = c.embedding_set_id"
        ).fetchall()
    assert (sets, used) == ([("new", 3)], [("new",)])


def test_texts_that_may_not_leave_are_not_sent_to_an_embedder_outside(database, tmp_path):
    """The collection is searched by words alone, and the report says so."""
    embedder = LengthEmbedder(leaves_company=True)
    report = syncer(database, embedder=embedder).sync([collection(tmp_path, TEXTS)]).collections[0]
    assert embedder.embedded == []
    assert "words alone" in report.warnings[0][1]


def test_a_window_that_is_gone_takes_its_collection_along(database, tmp_path):
    """Only a sync of all windows removes the others' collections."""
    hr, it = collection(tmp_path, TEXTS), collection(tmp_path, {"vpn.txt": "VPN 設定"}, name="it")
    syncer(database).sync([hr, it], drop_others=True)
    assert syncer(database).sync([hr]).dropped == ()
    assert syncer(database).sync([hr], drop_others=True).dropped == ("it",)


def test_text_that_postgres_cannot_keep_is_cleaned(database, tmp_path):
    """NUL characters and lone surrogates do not stop a file."""
    syncer(database).sync([collection(tmp_path, {"odd.txt": "特休\0七天"})])
    assert found(database, "特休") == ["特休七天"]
