"""``transom models``: which models there are and which fit this machine, fetching one, and trying it."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from bots import terminal
from bots.cli.company import read_settings
from bots.compose import engine_options
from bots.errors import SettingError
from rag_core.answer.ground import ground
from rag_core.models import catalogue, pull
from rag_core.models.catalogue import ENTRIES, Entry
from rag_core.models.llama.trial import Trial, try_model
from rag_core.models.machine import Machine, this_machine
from rag_core.types import ChunkKind, Evidence, GenerationRequest, Passage

app = typer.Typer(help="本機模型 Local models: list, fetch, try.", no_args_is_help=True)

SAMPLE = GenerationRequest(
    question="任職滿一年，特別休假有幾天？",
    language="zh",
    persona="你是公司的人資窗口。",
    passages=[
        Passage(
            0,
            "hr",
            "hr/leave.md",
            "休假辦法",
            1,
            ("特別休假",),
            "任職滿一年者，每年特別休假七日。",
            ChunkKind.PROSE,
            1.0,
        )
    ],
    evidence=Evidence({}, {}),
)
"""What ``check`` asks: a question that its one passage answers."""

_WIDE = 118  # columns from which maker and licence get columns of their own
_PLACES = {"gpu": ("GPU", "green"), "memory": ("慢 slow", "yellow"), "no": ("否 no", "red")}


@app.command("list")
def models_list(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a model.")] = False,
) -> None:
    """List the models we know, what they need, and whether they fit this machine now. 列出模型與所需記憶體。"""
    context = read_settings().llama.context
    machine = this_machine()
    if as_json:
        for entry in ENTRIES:
            typer.echo(json.dumps(_fields(entry, machine, context), ensure_ascii=False))
        return
    show_models(ENTRIES, machine, context)


@app.command("pull")
def models_pull(
    model: Annotated[str, typer.Argument(help="A key of the list, or hf:OWNER/REPO/FILE.gguf.")],
    revision: Annotated[str | None, typer.Option(help="A branch, tag or commit; left out: the newest.")] = None,
) -> None:
    """Fetch a model's file from the hub, and check it. Safe to stop and to repeat. 下載模型檔並核對。"""
    settings = read_settings()
    what = pull.wanted(model)
    _say_licence(what)
    found = pull.find(what, revision)
    terminal.err.print(f"下載 {found.repository}/{found.path}  {pull.gigabytes(found.bytes)} GB", markup=False)
    path = pull.fetch(found, settings.data)
    name = what.entry.key if what.entry else str(path)
    typer.echo(f"模型在這裡 The model is here: {path}  (SHA-256 {found.sha256[:12]}… ✓)")
    typer.echo(f"接下來 Next, in .env: TRANSOM_GENERATOR=llama TRANSOM_LLAMA__MODEL={name}")


@app.command("check")
def models_check(
    model: Annotated[str, typer.Argument(help="A key of the list, or a GGUF file's path.")] = "",
) -> None:
    """Load a model, let it answer one question, and say how fast it was. 載入模型、試答一題、量速度與記憶體。

    Without an argument: TRANSOM_LLAMA__MODEL. Other settings (context, GPU layers, adapter) are those of .env.
    """
    settings = read_settings()
    llama = settings.llama.model_copy(update={"model": model or settings.llama.model})
    if not llama.model:
        raise SettingError("Say which model: transom models check breeze-7b, or the path of a GGUF file.")
    options = engine_options(settings.model_copy(update={"llama": llama}))
    with terminal.err.status(f"載入 loading {options.model.name} …"):
        trial = try_model(options, SAMPLE, llama.max_tokens, adapter=llama.adapter)
    show_trial(trial, SAMPLE)


def show_trial(trial: Trial, asked: GenerationRequest) -> None:
    """Print an answer and its figures, and what the check on every answer makes of it."""
    grounded = ground(trial.answer, asked.question, asked.passages)
    verdict = "會採用 it is used: each of these sentences stands on the passage"
    if grounded is None:
        verdict = "不採用 it is not used: no sentence stands on the passage; people get the document's own"
    rate = f"{trial.answer_rate:.1f}/s" if trial.answer_rate else "–"
    memory = f"{pull.gigabytes(trial.memory_bytes)} GB" + (
        f", GPU {pull.gigabytes(trial.gpu_bytes)} GB" if trial.gpu_bytes else ""
    )
    lines = (
        (trial.start_up, ""),
        (f"\n資料 passage: {asked.passages[0].text}", "dim"),
        (f"問題 question: {asked.question}", "dim"),
        (f"回答 answer: {trial.answer.strip()}", ""),
        (f"檢查 check: {verdict}\n", "green" if grounded else "yellow"),
        (f"載入 loading   {trial.load_s:.1f} s", ""),
        (f"讀題 reading   {trial.prompt_tokens} tokens in {trial.first_s:.1f} s, {trial.prompt_rate:.0f}/s", ""),
        (f"寫答 writing   {trial.answer_tokens} tokens, {rate}", ""),
        (f"記憶體 memory  {memory}", ""),
    )
    for line, style in lines:
        terminal.out.print(line, style=style, markup=False)


def _say_licence(what: pull.Wanted) -> None:
    entry = what.entry
    if entry is None or entry.file is None:
        licence = f"see https://huggingface.co/{what.repository}"
    else:
        licence = f"{entry.licence} ({entry.source}); the file was made by {entry.file.by}"
    terminal.err.print(f"授權 licence: {licence}", markup=False)
    if entry and entry.gated:
        terminal.err.print(f"需先同意授權 gated: {pull.consent(what)}", style="yellow", markup=False)


def show_models(entries: Sequence[Entry], machine: Machine, context: int) -> None:
    """Print the models as a table, then what this machine has and how the memory was counted."""
    wide = terminal.out.width >= _WIDE
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True)
    table.add_column("key", no_wrap=True)
    table.add_column("model")
    for name in ("maker", "licence") if wide else ():
        table.add_column(name)
    for name in ("10⁹", "ctx"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("file", no_wrap=True)
    table.add_column("GB", justify="right", no_wrap=True)
    table.add_column("這台", no_wrap=True)
    for entry in entries:
        table.add_row(*_row(entry, machine, context, wide=wide))
    terminal.out.print(table)
    for line in _legend(machine, context):
        terminal.out.print(line, markup=False, style="dim")


def _row(entry: Entry, machine: Machine, context: int, *, wide: bool) -> list[Text]:
    place, style = _PLACES[catalogue.fits(entry, machine, context)]
    gated = " *" if entry.gated else ""
    model = Text(entry.name)
    if not wide:
        model = Text.assemble(entry.name, "\n", (f"{entry.maker}, {entry.licence}{gated}", "dim"))
    return [
        Text(entry.key, style="bold" if entry.key == catalogue.DEFAULT else ""),
        model,
        *((Text(entry.maker), Text(entry.licence + gated)) if wide else ()),
        Text(f"{entry.parameters:.1f}"),
        Text(f"{entry.context // 1024}k"),
        Text(entry.quantisation if entry.file else f"{entry.quantisation} †"),
        Text(pull.gigabytes(catalogue.memory_needed(entry, context))),
        Text(place, style=style),
    ]


def _legend(machine: Machine, context: int) -> list[str]:
    """Say what this machine has, and what the figures mean."""
    cards = [f"{gpu.name}, {_free(gpu.free_bytes, gpu.total_bytes)}" for gpu in machine.gpus] or ["none"]
    lines = ["這台機器 this machine:", f"  RAM: {_free(machine.ram_free_bytes, machine.ram_bytes)}"]
    lines += [f"  GPU: {card}" for card in cards]
    if machine.gpus and not machine.gpus_used:
        lines.append("  The GPU is not used: install llama-cpp-python built for it (docs/models.md).")
    spare = pull.gigabytes(catalogue.OVERHEAD_BYTES)
    return [
        *lines,
        "10⁹: parameters. ctx: tokens the model was made for. slow: in RAM.",
        f"GB: the file, a cache of {context} tokens (f16), and {spare} for the rest.",
        "*: agree to the licence first. †: no GGUF published; pull says how to convert.",
        f"下載 fetch: transom models pull {catalogue.DEFAULT}",
    ]


def _free(free: int, total: int) -> str:
    return f"{pull.gigabytes(free)} of {pull.gigabytes(total)} GB free"


def _fields(entry: Entry, machine: Machine, context: int) -> dict[str, Any]:
    return {
        "key": entry.key,
        "name": entry.name,
        "maker": entry.maker,
        "licence": entry.licence,
        "gated": entry.gated,
        "parameters_billion": entry.parameters,
        "context_tokens": entry.context,
        "quantisation": entry.quantisation,
        "published": entry.file is not None,
        "memory_needed_bytes": catalogue.memory_needed(entry, context),
        "fits": catalogue.fits(entry, machine, context),
        "remark": entry.remark,
        "source": entry.source,
    }
