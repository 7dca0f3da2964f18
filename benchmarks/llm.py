"""Tokens a second of our model engine, beside llama-cpp-python's ``Llama`` and a llama-server on the same file.

All get the same prompts, greedy and without an end, in rounds: within a round one after the other, each being first in
turn. What counts is the ratio within a round. Other work on few cores still bends it (a batch waits for its slowest
thread), so its share is said below the tables: quote only a run where it is small. No prompt is asked
twice of anybody, and no two begin alike, beyond what the chat template itself puts first, unless a prefix is measured.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.llm_clients import (
    Ask,
    Contestant,
    Served,
    Setup,
    cpu_s,
    engine,
    llama,
    llama_server,
    machine_cpu_s,
    peak_mb,
    server_command,
)
from benchmarks.report import say, show, tracked

_MARGIN = 160  # tokens: the template's marks, and what a text is longer than it was meant to be
_QUESTION = 40  # tokens after a prefix
_SENTENCES = (
    "員工請特別休假應於三日前向直屬主管提出申請。",
    "出差旅費應於返回後十日內檢附單據報支。",
    "採購金額超過十萬元者，應取得三家以上廠商的報價。",
    "客戶收到商品七日內可以退貨，運費由本公司負擔。",
    "會議室請於前一日下午五時前在系統登記。",
    "資料庫的備份每天凌晨兩點執行，保存三十天。",
    "新進人員到職當日應完成勞工保險與健康保險的加保。",
    "門禁卡遺失應立即通知總務部，補發費用為兩百元。",
    "機房溫度應維持在攝氏二十四度以下，濕度不超過六成。",
    "付款日為每月二十五日，遇假日順延至次一工作日。",
    "The warranty covers parts and labour for twelve months.",
    "Contracts above one million need the signature of two directors.",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the four tables for the model that the arguments (the command line's, if None) name."""
    given = _given(arguments)
    longest = max(given.prompt, given.prefix + _QUESTION) + given.max_tokens + _MARGIN
    setup = Setup(given.model, given.concurrency, longest, given.threads, given.gpu_layers)
    with ExitStack() as stack:
        base = stack.enter_context(llama(setup))
        contestants: list[Contestant] = [] if given.without_engine else [stack.enter_context(engine(setup))]
        contestants.append(base)
        if given.llama_server:
            contestants.append(stack.enter_context(llama_server(given.llama_server, setup)))
        bench = _Bench(contestants, _Texts(base.count), given)
        bench.warm_up()
        fresh = bench.alone()
        together, prompts = bench.together()
        shared, own = bench.prefixes()
        kept = bench.alone()
        _show_alone(contestants, fresh, "with an empty cache")
        _show_together(contestants, together, prompts, fresh, given)
        _show_prefixes(contestants, shared, own, given)
        _show_alone(contestants, kept, "with a cache full of what was asked before")
    if ";" in _lengths(together):
        say("The ratios compare different work: the file has no chat template, and each builds prompts in its own way.")
        say("Take one that has (python -m tests.models --chat-format makes such files).")
    say(f"{os.cpu_count()} cores, {given.threads} threads each. {_noise(together)}")


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    shown = Setup(Path("MODEL"), 8, 600 + _QUESTION + 64 + _MARGIN, os.cpu_count() or 1, None)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.llm",
        description="Measure our model engine beside llama-cpp-python's Llama and a llama-server.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="A llama-server that is as well off as the others, for eight at once and the default lengths:\n\n"
        f"  {' '.join(server_command('llama-server', shown, 8080))}\n\n"
        "-c is the concurrency times (the longer of --prompt and --prefix + 40, plus --max-tokens, plus 160).\n"
        "Given the path of the executable instead of a URL, the benchmark starts it so itself.",
    )
    parser.add_argument("--model", type=Path, required=True, metavar="PATH", help="the model's GGUF file")
    parser.add_argument("--requests", type=int, default=64, metavar="N", help="requests a table (default 64)")
    parser.add_argument("--concurrency", type=int, default=8, metavar="C", help="requests at once (default 8)")
    parser.add_argument("--rounds", type=int, default=4, metavar="N", help="rounds they are dealt into (default 4)")
    parser.add_argument("--llama-server", metavar="URL|PATH", help="a llama-server that runs, or its executable")
    parser.add_argument("--prompt", type=int, default=200, metavar="TOKENS", help="a prompt's length (default 200)")
    parser.add_argument("--prefix", type=int, default=600, metavar="TOKENS", help="a prefix' length (default 600)")
    parser.add_argument("--max-tokens", type=int, default=64, metavar="N", help="tokens an answer (default 64)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), metavar="N", help="threads (default: all cores)")
    parser.add_argument("--gpu-layers", type=int, metavar="N", help="layers on the GPU (default: all the build can)")
    parser.add_argument("--without-engine", action="store_true", help="leave our own engine out")
    return parser.parse_args(arguments)


# --- what is measured ---


@dataclass(frozen=True, slots=True)
class _Run:
    """What one contestant made of one batch in how many seconds, and the CPU seconds of asking and of all others."""

    served: tuple[Served, ...]
    seconds: float
    asking: float
    others: float

    @property
    def generated_a_second(self) -> float:
        """Generated tokens a second."""
        return sum(one.generated for one in self.served) / self.seconds

    @property
    def prompts_a_second(self) -> float:
        """Prompt tokens a second."""
        return sum(one.prompt_tokens for one in self.served) / self.seconds


_Runs = dict[str, list[_Run]]  # contestant → one a round


class _Texts:
    """Texts of a wanted length, of which no two begin alike."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self._sentences = [(sentence, count(sentence)) for sentence in _SENTENCES]
        self._random, self._number = random.Random(4), 0

    def text(self, tokens: int) -> str:
        """Return a text of about so many tokens."""
        self._number += 1
        parts, length = [f"{self._number}："], 4
        while length < tokens:
            sentence, its = self._random.choice(self._sentences)
            parts.append(sentence)
            length += its
        return "".join(parts)


class _Bench:
    """Deals the requests into rounds and asks everybody in turn."""

    def __init__(self, contestants: Sequence[Contestant], texts: _Texts, given: argparse.Namespace) -> None:
        self._contestants, self._texts, self._given = contestants, texts, given
        self._a_round = max(1, round(given.requests / given.rounds))

    def warm_up(self) -> None:
        """Let everybody answer as many requests at once as will come, so that all memory is there."""
        asks = [Ask(self._texts.text(self._given.prompt), 8) for _ in range(self._given.concurrency)]
        for one in self._contestants:
            _run(one, asks, self._given.concurrency)

    def together(self) -> tuple[_Runs, _Runs]:
        """Return the runs of whole answers, and those of prompts alone: one token each."""
        given = self._given
        answers, prompts = self._empty(), self._empty()
        for turn in tracked(range(given.rounds), "together"):
            whole = [Ask(self._texts.text(given.prompt), given.max_tokens) for _ in range(self._a_round)]
            brief = [Ask(self._texts.text(given.prompt), 1) for _ in range(self._a_round)]
            for one in self._in_turn(turn):
                answers[one.name].append(_run(one, whole, given.concurrency))
                prompts[one.name].append(_run(one, brief, given.concurrency))
        return answers, prompts

    def prefixes(self) -> tuple[_Runs, _Runs]:
        """Return the runs with one prefix for all, which one request brought before, and with one for each."""
        given = self._given
        shared, own = self._empty(), self._empty()
        for turn in tracked(range(given.rounds), "prefixes"):
            prefix = self._texts.text(given.prefix)
            first, *alike = [self._after(prefix) for _ in range(self._a_round + 1)]
            unlike = [self._after(self._texts.text(given.prefix)) for _ in range(self._a_round)]
            for one in self._in_turn(turn):
                _run(one, [first], 1)
                shared[one.name].append(_run(one, alike, given.concurrency))
                own[one.name].append(_run(one, unlike, given.concurrency))
        return shared, own

    def alone(self) -> _Runs:
        """Return the runs of answers asked for one at a time: a quarter of the requests."""
        given, runs = self._given, self._empty()
        for turn in tracked(range(given.rounds), "alone"):
            asks = [
                Ask(self._texts.text(given.prompt), given.max_tokens) for _ in range(max(1, round(self._a_round / 4)))
            ]
            for one in self._in_turn(turn):
                runs[one.name].append(_run(one, asks, 1))
        return runs

    def _after(self, prefix: str) -> Ask:
        return Ask(f"{prefix}\n\n{self._texts.text(_QUESTION)}", self._given.max_tokens)

    def _in_turn(self, turn: int) -> list[Contestant]:
        first = turn % len(self._contestants)
        return [*self._contestants[first:], *self._contestants[:first]]

    def _empty(self) -> _Runs:
        return {one.name: [] for one in self._contestants}


def _run(contestant: Contestant, asks: Sequence[Ask], at_once: int) -> _Run:
    began, asking, own, all_of_it = time.monotonic(), time.process_time(), cpu_s(contestant.pid), machine_cpu_s()
    with ThreadPoolExecutor(at_once) as pool:
        served = tuple(pool.map(contestant.serve, asks))
    seconds, asking = time.monotonic() - began, time.process_time() - asking
    others = machine_cpu_s() - all_of_it - asking - (cpu_s(contestant.pid) - own)
    return _Run(served, seconds, asking, max(others, 0.0))


# --- the tables ---


def _show_together(
    contestants: Sequence[Contestant], runs: _Runs, prompts: _Runs, alone: _Runs, given: argparse.Namespace
) -> None:
    columns = (
        "",
        "tokens/s",
        "/ one at a time",
        "prompt tokens/s",
        "first token p50 ms",
        "p95 ms",
        "between pieces p95 ms",
        "memory MB",
    )
    table = Table(
        *columns,
        *_ratio_columns(contestants),
        title=f"{_asked(runs)} requests, {given.concurrency} at once: {_lengths(runs)}",
        caption="tokens/s: generated tokens by the time of the whole batch, prompts included; prompt tokens/s: in "
        "batches of one token an answer. Llama answers one request after the other; the first token's time holds the "
        "waiting for one's turn. A piece is a token, or several that make a character. Memory: the process' highest "
        "resident set in the whole run, the mapped model included. "
        f"Ratios of tokens/s: median of {given.rounds} rounds (least–greatest).",
    )
    for one in contestants:
        served = [answer for run in runs[one.name] for answer in run.served]
        first, gaps = [answer.first_ms for answer in served], [gap for answer in served for gap in answer.gaps_ms]
        memory = peak_mb(one.pid)
        table.add_row(
            one.name,
            f"{_rate(runs[one.name]):.1f}",
            f"{_rate(runs[one.name]) / _rate(alone[one.name]):.2f}",
            f"{_median([run.prompts_a_second for run in prompts[one.name]]):.0f}",
            *(f"{_at(times, share):.0f}" for times, share in ((first, 0.5), (first, 0.95), (gaps, 0.95))),
            f"{memory:.0f}" if memory is not None else "–",
            *_ratios(one, contestants, runs),
        )
    show(table)


def _show_prefixes(contestants: Sequence[Contestant], shared: _Runs, own: _Runs, given: argparse.Namespace) -> None:
    table = Table(
        "",
        "own prefix: first token p50 ms",
        "shared prefix: first token p50 ms",
        "shared / own",
        "tokens/s, own",
        "tokens/s, shared",
        title=f"{_asked(shared)} requests, {given.concurrency} at once, after a prefix of about {given.prefix} tokens: "
        f"{_lengths(shared)}",
        caption="Shared: all requests of a round begin with the same prefix, which one request has brought before. "
        f"Own: each has a prefix of its own, as long. The ratio: median of {given.rounds} rounds (least–greatest).",
    )
    for one in contestants:
        alike, unlike = shared[one.name], own[one.name]
        pairs = [_first(a) / _first(b) for a, b in zip(alike, unlike, strict=True)]
        times = (f"{_at([s.first_ms for run in runs for s in run.served], 0.5):.0f}" for runs in (unlike, alike))
        table.add_row(one.name, *times, _spread(pairs), f"{_rate(unlike):.1f}", f"{_rate(alike):.1f}")
    show(table)


def _show_alone(contestants: Sequence[Contestant], runs: _Runs, when: str) -> None:
    table = Table(
        "",
        "tokens/s",
        "first token p50 ms",
        "between pieces p50 ms",
        *_ratio_columns(contestants),
        title=f"{_asked(runs)} requests, one at a time, {when}: {_lengths(runs)}",
    )
    for one in contestants:
        served = [answer for run in runs[one.name] for answer in run.served]
        gaps = [gap for answer in served for gap in answer.gaps_ms]
        table.add_row(
            one.name,
            f"{_rate(runs[one.name]):.1f}",
            f"{_at([answer.first_ms for answer in served], 0.5):.0f}",
            f"{_at(gaps, 0.5):.1f}",
            *_ratios(one, contestants, runs),
        )
    show(table)


def _ratio_columns(contestants: Sequence[Contestant]) -> list[str]:
    return [f"/ {one.name}" for one in contestants if one.name != "Transom"]


def _ratios(one: Contestant, contestants: Sequence[Contestant], runs: _Runs) -> list[str]:
    """Return what a contestant's tokens a second are of the others', round by round."""
    return [
        "" if other is one else _spread([a / b for a, b in zip(_rates(runs, one), _rates(runs, other), strict=True)])
        for other in contestants
        if other.name != "Transom"
    ]


def _rates(runs: _Runs, one: Contestant) -> list[float]:
    return [run.generated_a_second for run in runs[one.name]]


def _rate(runs: Sequence[_Run]) -> float:
    return sum(one.generated for run in runs for one in run.served) / sum(run.seconds for run in runs)


def _first(run: _Run) -> float:
    return _median([one.first_ms for one in run.served])


def _spread(values: Sequence[float]) -> str:
    return f"{_median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def _asked(runs: _Runs) -> int:
    return sum(len(run.served) for run in next(iter(runs.values())))


def _lengths(runs: _Runs) -> str:
    """Say how long prompts and answers were; for each, where the contestants do not agree."""
    means = {name: _means(own) for name, own in runs.items()}
    said = [f"{prompt:.0f} + {generated:.0f} tokens" for prompt, generated in means.values()]
    if len(set(said)) == 1:
        return said[0]
    return "; ".join(f"{name} {words}" for name, words in zip(means, said, strict=True))


def _means(runs: Sequence[_Run]) -> tuple[float, float]:
    served = [one for run in runs for one in run.served]
    return statistics.mean(one.prompt_tokens for one in served), statistics.mean(one.generated for one in served)


def _noise(runs: _Runs) -> str:
    """Say what share of a core went to asking and to work that has nothing to do with this."""
    asking = (f"{_share(own, [run.asking for run in own]):.1%} beside {name}" for name, own in runs.items())
    others = (f"{_share(own, [run.others for run in own]):.0%} beside {name}" for name, own in runs.items())
    return f"Of one core, asking took {', '.join(asking)}; other work on the machine {', '.join(others)}."


def _share(runs: Sequence[_Run], seconds: Sequence[float]) -> float:
    return sum(seconds) / sum(run.seconds for run in runs)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:  # a contestant that did not come or answer; the sentence says which
        sys.exit(str(error))
