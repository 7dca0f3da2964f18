"""How often the window that is picked for a question is the one that has the answer.

The sample company's golden questions, asked by somebody who may use all six windows; and questions of the Taipei FAQ to
windows that hold the answers alone, one a department. Beside it: the window of the best passage.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.table import Table

from benchmarks import corpora
from benchmarks.report import percent, show, tracked
from benchmarks.workplace import AUDIENCE, company, database, sync
from bots.conversations.answering import heaviest
from bots.windows.knowledge import collection_of
from bots.windows.load import load_windows
from rag_core.database import Database
from rag_core.search.search import Searcher
from rag_core.types import Collection, Scope

_SAMPLE = Path(__file__).parents[1] / "company"
_EVERYBODY = frozenset({"customers", "employees", "managers", "hr"})
_DEPARTMENTS = 12
_PASSAGES = 10

Asked = Sequence[tuple[str, str]]  # question, window


def main(*, quick: bool = False) -> None:
    """Print the table."""
    table = Table("windows", "questions", "the best passage's window", "as Transom picks it", title="Routing")
    with database() as opened:
        windows = load_windows(_SAMPLE)
        sync(opened, [collection_of(window, _SAMPLE) for window in windows])
        names = [window.name for window in windows]
        table.add_row("the sample company's six", *_measured(opened, names, _golden(), _EVERYBODY))
    with _departments() as (collections, asked), database() as opened:
        sync(opened, collections)
        names = [collection.name for collection in collections]
        table.add_row("Taipei, twelve departments", *_measured(opened, names, asked[: 100 if quick else 400], AUDIENCE))
    show(table)


def _measured(opened: Database, windows: Sequence[str], asked: Asked, groups: frozenset[str]) -> tuple[str, str, str]:
    searcher, scope = Searcher(opened), Scope(tuple(windows), groups)
    best = picked = 0
    for question, window in tracked(asked, "routing"):
        passages = searcher.search(question, scope, limit=_PASSAGES).passages
        best += bool(passages) and passages[0].collection == window
        picked += heaviest(passages) == window
    return str(len(asked)), percent(best / len(asked)), percent(picked / len(asked))


def _golden() -> Asked:
    rows = [json.loads(line) for line in (_SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(row["question"], row["window"]) for row in rows if row.get("answerable", True)]


@contextmanager
def _departments() -> Iterator[tuple[list[Collection], Asked]]:
    path = corpora.folder() / "taipei_faq" / "faq.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if len(row["answer"]) > 20]
    names = {dept: f"w{n}" for n, (dept, _) in enumerate(Counter(r["dept"] for r in rows).most_common(_DEPARTMENTS))}
    rows = [row for row in rows if row["dept"] in names]
    files: dict[str, dict[str, str]] = {name: {} for name in names.values()}
    for row in rows:
        files[names[row["dept"]]][f"{row['id']}.md"] = row["answer"]
    with company([(name, corpora.Corpus(name, {}, (), contents)) for name, contents in files.items()]) as collections:
        yield collections, [(row["question"], names[row["dept"]]) for row in rows]
