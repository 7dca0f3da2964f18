"""The command ``transom``. Bad use, a wrong setting or file: one clear sentence on standard error and exit 2."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bots import terminal
from bots.compose import Transom, opened, running, web_app
from bots.demo import demo_questions
from bots.errors import BotsError, SettingError
from bots.logs import set_up_logs
from bots.platforms.web import make_login_link
from bots.questions import asked_questions, golden_questions
from bots.serve import TRIED_PORTS, free_port, last_address, remember_address
from bots.serve import serve as run_server
from bots.settings import Settings, keep_secret_key, load_settings
from bots.windows.check import check_company
from bots.windows.draft import draft_window
from bots.windows.knowledge import collection_of
from bots.windows.load import Loaded, load_company, load_windows
from bots.windows.model import Window
from rag_core.answer.answer import Question
from rag_core.answer.quotable import as_read
from rag_core.database import migrate as apply_migrations
from rag_core.errors import RagError
from rag_core.evaluate import figures, judge
from rag_core.types import GroundedAnswer, Passage, Scope, SearchResult

app = typer.Typer(
    help="窗口 A window for every department: grounded answers with source and page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
windows_app = typer.Typer(help="List, check and draft window files.", no_args_is_help=True)
app.add_typer(windows_app, name="windows")

WindowName = Annotated[str, typer.Option("--window", "-w", help="The window's name, as in windows/NAME.yaml.")]
Groups = Annotated[str, typer.Option(help="The asker's groups, comma-separated. Left out: customers.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a question.")]
Batch = Annotated[
    Path | None, typer.Option(help='Ask every line of a JSONL file ({"question": …}); prints one JSON object a line.')
]


def main() -> None:
    """Run the command; every expected trouble ends as a sentence and exit 2."""
    try:
        app()
    except (RagError, BotsError) as error:
        terminal.err.print(str(error), style="red", markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # piped into head
        sys.exit(0)


@app.command()
def migrate() -> None:
    """Create or update the database's tables. (sync, serve and the rest do it by themselves.)"""
    with running(load_settings(), migrated=False) as url:
        applied = apply_migrations(url)
    typer.echo("\n".join(applied) if applied else "The database is up to date.")


@app.command()
def sync(
    window: Annotated[str | None, typer.Option("--window", "-w", help="Only this window.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try files again that could not be read before.")] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Forget a window's documents even if all its files are gone.")
    ] = False,
) -> None:
    """Read new and changed documents, forget removed ones. Safe to stop and to repeat."""
    settings = _settings()
    loaded = _loaded(settings)
    with opened(settings) as transom:
        windows = list(loaded.windows)
        chosen = [_named(windows, window)] if window else windows
        with terminal.sync_progress() as progress:
            report = transom.sync(
                chosen,
                all_windows=window is None and not loaded.faults,  # a broken file's documents are not forgotten
                progress=progress,
                retry_unreadable=retry,
                allow_empty=allow_empty,
            )
        terminal.show_report(report)


@app.command()
def ask(
    window: WindowName,
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    groups: Groups = "customers",
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Ask a window; prints the answer with document, page and quote."""
    with _installation() as (transom, windows):
        chosen = _named(windows, window)
        scope = _scope(chosen, _groups(groups))
        for one in asked_questions(question, batch):
            answer = transom.answerer.answer_at_once(_asked(chosen, one, scope))
            if as_json or batch:
                typer.echo(json.dumps(_answer_fields(answer), ensure_ascii=False))
            else:
                terminal.show_answer(answer, window=chosen.title_in("zh-TW"))


@app.command()
def search(
    window: WindowName,
    query: Annotated[str | None, typer.Argument(help="The question or words.")] = None,
    groups: Groups = "customers",
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Show the passages a question finds in a window."""
    with _installation() as (transom, windows):
        scope = _scope(_named(windows, window), _groups(groups))
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


def _groups(text: str) -> frozenset[str]:
    return frozenset(group.strip() for group in text.split(",") if group.strip())


@contextmanager
def _installation() -> Iterator[tuple[Transom, list[Window]]]:
    """Yield the installation and the windows that load; what is wrong with the others is said."""
    settings = _settings()
    loaded = _loaded(settings)
    with opened(settings) as transom:
        yield transom, list(loaded.windows)


def _loaded(settings: Settings) -> Loaded:
    loaded = load_company(settings.company)
    for fault in loaded.faults:
        terminal.err.print(str(fault), style="red", markup=False)
    return loaded


def _settings() -> Settings:
    settings = load_settings()
    set_up_logs(settings.log_level)
    return settings


def _named(windows: list[Window], name: str) -> Window:
    for window in windows:
        if window.name == name:
            return window
    names = ", ".join(window.name for window in windows) or "none"
    raise SettingError(f"There is no window {name}. The windows are: {names}.")


@app.command("eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help='JSONL: {"question", "document"?, "answer"?, "answerable"?} a line.')],
    window: WindowName,
    groups: Groups = "customers",
) -> None:
    """Measure a window on questions whose answers are known: the misses, hit@k, MRR, refusals, containment."""
    golden = golden_questions(file)
    with _installation() as (transom, windows):
        chosen = _named(windows, window)
        scope = _scope(chosen, _groups(groups))
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


@app.command()
def serve() -> None:
    """Serve the web chat until stopped; starts the embedded database if there is no DATABASE_URL."""
    settings = _settings()
    chosen = "port" in settings.model_fields_set  # a port somebody named is taken or refused, never swapped
    _serve(settings, free_port(settings.host, settings.port, tried=1 if chosen else TRIED_PORTS))


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop after the questions; do not serve.")] = False,
) -> None:
    """Sync the company, ask the five questions of its demo.yaml, then serve the web chat."""
    settings = _settings()
    asked = demo_questions(settings.company)
    with opened(settings) as transom:
        windows = list(load_windows(settings.company))
        with terminal.sync_progress() as progress:
            report = transom.sync(windows, all_windows=True, progress=progress)
        terminal.show_report(report)
        for one in asked:
            window = _named(windows, one.window)
            answer = transom.answerer.answer_at_once(_asked(window, one.question, _scope(window, one.groups)))
            terminal.show_answer(answer, window=window.title_in("zh-TW"))
    if not once:
        _serve(settings, free_port(settings.host, settings.port))


@app.command("login-link")
def login_link(
    groups: Annotated[str, typer.Option(help="The groups whoever opens it gets, comma-separated.")],
    url: Annotated[str | None, typer.Option(help="The page's address, if not the one last served at.")] = None,
) -> None:
    """Print a link that signs one browser in as these groups; it works once, for 15 minutes."""
    settings = _settings()
    address = url or last_address(settings.data) or f"http://{settings.host}:{settings.port}"
    key = keep_secret_key(settings).get_secret_value()
    typer.echo(make_login_link(key, address, _groups(groups)))


@windows_app.command("list")
def windows_list() -> None:
    """List the windows: name, department, whom they serve, how many documents they name."""
    settings = load_settings()
    rows = [
        (
            w.name,
            w.department,
            w.title_in("zh-TW"),
            ", ".join(w.serves),
            len(collection_of(w, settings.company).sources),
        )
        for w in load_windows(settings.company)
    ]
    terminal.show_windows(rows)


@windows_app.command("check")
def windows_check() -> None:
    """Check every window file; each fault with file, line, what is wrong and how to write it."""
    settings = load_settings()
    checked = check_company(settings.company)
    for fault in checked.faults:
        terminal.err.print(str(fault), style="red", markup=False)
    for note in checked.notes:
        typer.echo(str(note))
    if not checked.faults:
        typer.echo(f"{len(checked.windows)} windows, no faults.")
    if checked.faults:
        raise typer.Exit(2)


@windows_app.command("new")
def windows_new(
    name: Annotated[str, typer.Argument(help="The window's name: lower-case letters, digits, - and _.")],
    documents: Annotated[Path, typer.Option(help="The folder of its documents.")],
    department: Annotated[str | None, typer.Option(help="產, 銷, 人, 發, 財 or 資; guessed if left out.")] = None,
    serves: Annotated[str, typer.Option(help="The groups it serves, comma-separated.")] = "employees",
) -> None:
    """Draft a window file from a folder of documents, with comments that say what each key is for."""
    settings = load_settings()
    path = draft_window(name, documents, settings.company, department=department, serves=sorted(_groups(serves)))
    typer.echo(f"{path}\nLook it over, then run: transom sync --window {name}")


def _serve(settings: Settings, port: int) -> None:
    windows = load_company(settings.company).windows
    key = keep_secret_key(settings).get_secret_value()
    address = f"http://{settings.host}:{port}"
    remember_address(settings.data, address)
    typer.echo(f"窗口在這裡 The windows are open at {address}  (Ctrl-C to stop)")
    typer.echo(f"員工登入 For employees: {sys.argv[0]} login-link --groups employees")
    with running(settings) as url:
        run_server(partial(web_app, settings, url, windows, key), settings.host, port)
