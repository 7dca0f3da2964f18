"""What the commands show in a terminal: progress bars, answers, passages, reports."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, track
from rich.table import Column, Table
from rich.text import Text

from rag_core.evaluate import Figures, Judged
from rag_core.ingest.sync import Progress as OnProgress
from rag_core.ingest.sync import SyncReport
from rag_core.types import Citation, GroundedAnswer, Passage

T = TypeVar("T")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_PHASES = {"read": "讀取文件 reading", "embed": "計算向量 embedding", "publish": "更新索引 indexing"}


@contextmanager
def sync_progress() -> Iterator[OnProgress]:
    """Yield a function that draws one bar a phase on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[name]}"),
    )
    with Progress(*columns, console=err, transient=not err.is_terminal) as progress:
        bars = {}

        def advance(phase: str, done: int, total: int, name: str) -> None:
            if phase not in bars:
                bars[phase] = progress.add_task(_PHASES.get(phase, phase), total=total, name="")
            progress.update(bars[phase], completed=done, total=total, name=name)

        yield advance


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, or that there is nothing to show."""
    if not rows:
        out.print("沒有資料。Nothing to show.")
        return
    table = Table(*(Column(name, overflow="fold") for name in columns))  # a name that is cut cannot be typed again
    for row in rows:
        table.add_row(*map(Text, row))
    out.print(table)


def show_finding(part: str, what: str, fix: str) -> None:
    """Print one line of an examination; with a fix, it is one to act on."""
    mark, style = ("✗", "red") if fix else ("✓", "green")
    out.print(Text.assemble((f"{mark} ", style), (f"{part}: ", "bold"), what))
    if fix:
        out.print(Text(f"  → {fix}", style="yellow"))


def show_report(report: SyncReport) -> None:
    """Print what a sync did, and every file it could not read with the reason."""
    table = Table("window", "new", "changed", "removed", "unchanged", "not read", title=None)
    for one in report.collections:
        counts = (one.added, one.changed, one.removed, one.unchanged, len(one.unreadable))
        table.add_row(one.collection, *map(str, counts))
    err.print(table)
    for one in report.collections:
        for name, reason in one.unreadable:
            err.print(Text(f"✗ {one.collection}: {name}: {reason}", style="red"))
        for name, warning in one.warnings:
            err.print(Text(f"! {one.collection}: {name or 'window'}: {warning}", style="yellow"))
    for name in report.dropped:
        err.print(f"– {name}: no window has it any more; its documents are gone from the index")


def show_answer(answer: GroundedAnswer, *, window: str) -> None:
    """Print an answer with document, page and quote."""
    body: list[Text] = [Text(answer.text, style="yellow" if answer.refused else "")]
    if answer.notice:
        body.append(Text(answer.notice, style="italic"))
    body.extend(_source(number, citation) for number, citation in enumerate(answer.citations, 1))
    title = Text.assemble((f"{window} ", "bold cyan"), (answer.question, "bold"))
    footer = f"{answer.generator} · {answer.milliseconds:.0f} ms"
    out.print(Panel(Group(*body), title=title, title_align="left", subtitle=footer, subtitle_align="right"))


def show_passages(passages: Sequence[Passage]) -> None:
    """Print passages, best first."""
    if not passages:
        out.print("沒有找到相關段落。 No passage found.")
    for number, passage in enumerate(passages, 1):
        where = _where(passage.document, passage.page, passage.heading)
        out.print(Text.assemble((f"{number}. ", "bold"), (where, "cyan"), (f"  {passage.score:.3f}", "dim")))
        out.print(Text(passage.text[:300] + ("…" if len(passage.text) > 300 else ""), style=""), "")


def counting(things: Sequence[T], what: str) -> Iterator[T]:
    """Go through ``things`` under a progress bar on standard error."""
    return iter(track(things, what, console=err, transient=not err.is_terminal))


def show_figures(measured: Figures, *, window: str) -> None:
    """Print what an evaluation found."""
    table = Table("figure", "value", title=f"{window}: {measured.questions} questions")
    for depth, share in measured.hit.items():
        table.add_row(f"hit@{depth}", _share(share))
    table.add_row("MRR", _share(measured.mrr))
    table.add_row("refused, answerable", _share(measured.refused_answerable))
    table.add_row("refused, not answerable", _share(measured.refused_unanswerable))
    table.add_row("answer contains the known one", _share(measured.containment))
    table.add_row("characters an answer", "–" if measured.characters is None else f"{measured.characters:.0f}")
    table.add_row("milliseconds an answer", f"{measured.milliseconds:.1f}")
    out.print(table)


def show_misses(judged: Sequence[Judged]) -> None:
    """Print the questions that went wrong, and how."""
    for one in judged:
        wrong = _wrong(one)
        if wrong:
            out.print(Text.assemble((f"{wrong}: ", "yellow"), one.golden.question))


def _wrong(one: Judged) -> str:
    if not one.golden.answerable:
        return "" if one.refused else "answered, though it cannot be"
    if one.refused:
        return "refused"
    if one.contains is False:
        return "answer lacks the known one"
    return "document not found" if one.golden.document and one.rank is None else ""


def show_windows(rows: Sequence[tuple[str, str, str, str, int]]) -> None:
    """Print the windows: name, department, title, whom they serve, number of documents."""
    table = Table("name", "部門", "title", "serves", "documents")
    for name, department, title, serves, documents in rows:
        table.add_row(name, department, title, serves, str(documents))
    out.print(table)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _source(number: int, citation: Citation) -> Text:
    where = _where(citation.document, citation.page, citation.heading)
    return Text.assemble((f"[{number}] {where}\n", "cyan"), (f"    「{citation.quote}」", "dim"))


def _where(document: str, page: int | None, heading: Sequence[str]) -> str:
    parts = [document, f"第 {page} 頁 p. {page}" if page else "", " › ".join(heading)]
    return " · ".join(part for part in parts if part)
