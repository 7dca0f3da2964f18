"""The commands that know documents: migrate, sync, ask, search, eval, demo."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bots import terminal
from bots.cli import serving
from bots.cli.company import groups_of, installation, named, read_settings, read_windows
from bots.compose import Transom, opened, running
from bots.conversations.lookups.load import load_data
from bots.conversations.people.store import Person, replace_people
from bots.demo import DemoModel, DemoQuestion, demo_model, demo_questions, model_runs
from bots.questions import asked_questions, golden_questions
from bots.serve import free_port
from bots.settings import Settings, load_settings
from bots.windows.load import load_windows
from bots.windows.model import Window
from bots.windows.people import load_people
from rag_core.answer.answer import Question
from rag_core.answer.quotable import as_read
from rag_core.database import Database
from rag_core.database import migrate as apply_migrations
from rag_core.evaluate import figures, judge
from rag_core.types import GroundedAnswer, Passage, Scope, SearchResult

WindowName = Annotated[str, typer.Option("--window", "-w", help="The window's name, as in windows/NAME.yaml.")]
Groups = Annotated[str, typer.Option(help="The asker's groups, comma-separated. Left out: customers.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a question.")]
Batch = Annotated[
    Path | None, typer.Option(help='Ask every line of a JSONL file ({"question": …}); prints one JSON object a line.')
]


def migrate() -> None:
    """Create or update the database's tables. (sync, serve and the rest do it by themselves.)"""
    with running(load_settings(), migrated=False) as url:
        applied = apply_migrations(url)
    typer.echo("\n".join(applied) if applied else "The database is up to date.")


def sync(
    window: Annotated[str | None, typer.Option("--window", "-w", help="Only this window.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try files again that could not be read before.")] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Forget a window's documents even if all its files are gone.")
    ] = False,
) -> None:
    """Read new and changed documents, forget removed ones. Safe to stop and to repeat."""
    settings = read_settings()
    loaded = read_windows(settings)
    with opened(settings) as transom:
        windows = list(loaded.windows)
        chosen = [named(windows, window)] if window else windows
        with terminal.sync_progress() as progress:
            report = transom.sync(
                chosen,
                all_windows=window is None and not loaded.faults,  # a broken file's documents are not forgotten
                progress=progress,
                retry_unreadable=retry,
                allow_empty=allow_empty,
            )
        terminal.show_report(report)
        if window is None:
            taken_over = [_sync_people(settings, transom.database), _sync_data(settings, transom.database)]
            if not all(taken_over):
                raise typer.Exit(2)


def _sync_people(settings: Settings, database: Database) -> bool:
    """Take over people.csv as a whole, or, if a line of it is wrong, nothing of it; return which."""
    rows, faults = load_people(settings.company)
    for fault in faults:
        terminal.err.print(str(fault), style="red", markup=False)
    if faults:
        terminal.err.print("people.csv: nothing was changed; set these lines right and sync again.", style="yellow")
        return False
    people = [Person(row.employee_number, row.name, row.email, row.manager or None, row.groups) for row in rows]
    with database.owner() as connection:
        count, left = replace_people(connection, people)
    if count or left:
        gone = f", {left} removed" if left else ""
        terminal.err.print(f"人員 people: {count}{gone}")
    return True


def _sync_data(settings: Settings, database: Database) -> bool:
    """Take over the tables of the folder data/ and return whether all are right; a wrong file leaves its old table."""
    with database.owner() as connection:
        report = load_data(connection, settings.company)
    for fault in report.faults:
        terminal.err.print(str(fault), style="red", markup=False)
    if report.tables or report.dropped:
        gone = f", {len(report.dropped)} removed" if report.dropped else ""
        terminal.err.print(f"資料表 tables: {report.tables}, {len(report.changed)} new or changed{gone}")
    return not report.faults


def ask(
    window: WindowName,
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    groups: Groups = "customers",
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Ask a window; prints the answer with document, page and quote. A local model has to run already."""
    with installation() as (transom, windows):
        _say_if_no_model(transom.settings)
        chosen = named(windows, window)
        scope = _scope(chosen, groups_of(groups))
        for one in asked_questions(question, batch):
            answer = transom.answerer.answer_at_once(_asked(chosen, one, scope))
            if as_json or batch:
                typer.echo(json.dumps(_answer_fields(answer), ensure_ascii=False))
            else:
                terminal.show_answer(answer, window=chosen.title_in("zh-TW"))


def _say_if_no_model(settings: Settings) -> None:
    if settings.generator == "llama" and not model_runs(settings):
        terminal.err.print(
            "The model process does not run, so these are the documents' own sentences. Start it with: transom model",
            style="yellow",
        )


def search(
    window: WindowName,
    query: Annotated[str | None, typer.Argument(help="The question or words.")] = None,
    groups: Groups = "customers",
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Show the passages a question finds in a window."""
    with installation() as (transom, windows):
        scope = _scope(named(windows, window), groups_of(groups))
        for one in asked_questions(query, batch):
            result = transom.searcher.search(one, scope, limit=k)
            if as_json or batch:
                typer.echo(json.dumps(_search_fields(one, result), ensure_ascii=False))
            else:
                terminal.show_passages(result.passages)


def _asked(window: Window, question: str, scope: Scope) -> Question:
    return Question(question, scope, persona=window.persona, contact=window.card("zh-TW").contact)


def _scope(window: Window, groups: frozenset[str]) -> Scope:
    """Return what these groups may read through the window: nothing, if it does not serve them."""
    if not window.audience & groups:
        terminal.err.print(
            f"The window {window.name} serves {', '.join(window.serves)}, and shows nothing to"
            f" {', '.join(sorted(groups)) or 'nobody'}. Say who asks with --groups.",
            style="yellow",
        )
        return Scope((window.name,), frozenset())
    return Scope((window.name,), groups)


def _answer_fields(answer: GroundedAnswer) -> dict[str, Any]:
    citations = [
        {"document": c.document, "page": c.page, "heading": " › ".join(c.heading), "quote": c.quote}
        for c in answer.citations
    ]
    return {
        "question": answer.question,
        "answer": answer.text,
        "refused": answer.refused,
        "citations": citations,
        "generator": answer.generator,
        "milliseconds": round(answer.milliseconds, 1),
    }


def _search_fields(question: str, result: SearchResult) -> dict[str, Any]:
    return {"question": question, "passages": [_passage_fields(p) for p in result.passages]}


def _passage_fields(passage: Passage) -> dict[str, Any]:
    return {
        "document": passage.document,
        "page": passage.page,
        "heading": " › ".join(passage.heading),
        "text": as_read(passage.text, passage),
        "score": round(passage.score, 4),
    }


def evaluate(
    file: Annotated[Path, typer.Argument(help='JSONL: {"question", "document"?, "answer"?, "answerable"?} a line.')],
    window: WindowName,
    groups: Groups = "customers",
) -> None:
    """Measure a window on questions whose answers are known: the misses, hit@k, MRR, refusals, containment."""
    golden = golden_questions(file)
    with installation() as (transom, windows):
        chosen = named(windows, window)
        scope = _scope(chosen, groups_of(groups))
        judged = [
            judge(
                one,
                transom.searcher.search(one.question, scope).passages,
                transom.answerer.answer_at_once(_asked(chosen, one.question, scope)),
            )
            for one in terminal.counting(golden, "提問 asking")
        ]
        terminal.show_misses(judged)
        terminal.show_figures(figures(judged), window=window)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop after the questions; do not serve.")] = False,
) -> None:
    """Sync the company, ask the five questions of its demo.yaml, then serve the web chat."""
    settings = read_settings()
    asked = demo_questions(settings.company)
    with demo_model(settings) as model, opened(settings) as transom:
        windows = list(load_windows(settings.company))
        with terminal.sync_progress() as progress:
            report = transom.sync(windows, all_windows=True, progress=progress)
        terminal.show_report(report)
        _sync_people(settings, transom.database)
        _sync_data(settings, transom.database)
        _wait_for(model)
        _ask_all(transom, windows, asked)
    if not once:
        serving.run(settings, free_port(settings.host, settings.port))


def _wait_for(model: DemoModel) -> None:
    if model.loads:
        terminal.err.print("正在載入語言模型，大的模型要幾分鐘。 Loading the model; a large one takes minutes …")
        model.wait()


def _ask_all(transom: Transom, windows: list[Window], asked: Sequence[DemoQuestion]) -> None:
    for one in asked:
        window = named(windows, one.window)
        answer = transom.answerer.answer_at_once(_asked(window, one.question, _scope(window, one.groups)))
        terminal.show_answer(answer, window=window.title_in("zh-TW"))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (migrate, sync, ask, search, demo):
        app.command()(command)
    app.command("eval")(evaluate)
