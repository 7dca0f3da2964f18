"""How often a message reaches the look-up or form it is meant for, and how often a question is left a question.

``python -m benchmarks.intents`` measures on the half of tests/data/utterances.yaml that was there to tune on, and on
the sample company's golden questions. ``--frozen`` adds the half that nobody tunes on; it is for one scoring.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.table import Table
from ruamel.yaml import YAML

from benchmarks.report import percent, say, show
from bots.conversations.intents.recogniser import Recogniser
from bots.conversations.modes import Recognised
from bots.messages import CUSTOMERS
from bots.windows.load import load_company

_ROOT = Path(__file__).parents[1]
_SHOP = frozenset({"sales"})  # the one window that serves customers
_KINDS = ("form", "lookup", "ask")
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class _Utterance:
    text: str
    right: tuple[str, ...]
    """What it may be taken for, the expected first: "form hr/leave", "lookup …", "ask"."""
    customer: bool


def main(*, quick: bool = False, frozen: bool = False) -> None:
    """Print the tables. There is no quick way: it takes seconds."""
    del quick
    windows = load_company(_ROOT / "company").windows
    begun = time.perf_counter()
    recogniser = Recogniser(windows)
    everywhere = frozenset(window.name for window in windows)
    recogniser.among("準備好了", everywhere)
    built = time.perf_counter() - begun
    halves = ["dev", "frozen"] if frozen else ["dev"]
    for half in halves:
        _score(recogniser, everywhere, half)
    _questions(recogniser, everywhere, halves)
    _times(recogniser, everywhere, built)


def _score(recogniser: Recogniser, everywhere: frozenset[str], half: str) -> None:
    outcomes: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}
    for one in _utterances(half):
        outcomes[one.right[0].split()[0]][_outcome(_recognised(recogniser, everywhere, one), one.right)] += 1
    table = Table("meant", "utterances", "right", "asked back", "wrong", title=f"Intents without a model, {half} half")
    for kind, counts in (*outcomes.items(), ("all", sum(outcomes.values(), Counter()))):
        total = counts.total()
        shares = [percent(counts[outcome] / total) if total else "" for outcome in ("right", "asked back", "wrong")]
        table.add_row(kind, str(total), *shares)
    show(table)
    say(
        "right: begun at once, a question left a question. asked back: 'did you mean', with the right one first. "
        "wrong: begun or asked back something else, or searched for."
    )


def _outcome(found: Recognised, right: Sequence[str]) -> str:
    if _taken_for(found) in right:
        return "right"
    if found.near and f"{found.near[0].kind} {found.near[0].window}/{found.near[0].name}" in right:
        return "asked back"
    return "wrong"


def _questions(recogniser: Recogniser, everywhere: frozenset[str], halves: Sequence[str]) -> None:
    """Print what becomes of questions: those among the utterances, and the golden ones."""
    table = Table(
        "questions", "count", "kept", "asked back", "taken for a look-up", "taken for a form", title="Questions"
    )
    asks = [(f"utterances, {half}", [one for one in _utterances(half) if one.right == ("ask",)]) for half in halves]
    for name, questions in (*asks, ("golden questions", list(_golden()))):
        found = [_recognised(recogniser, everywhere, one) for one in questions]
        taken = Counter(one.sure.kind if one.sure else "near" if one.near else "ask" for one in found)
        shares = (percent(taken[outcome] / len(questions)) for outcome in ("ask", "near", "lookup", "form"))
        table.add_row(name, str(len(questions)), *shares)
    show(table)


def _times(recogniser: Recogniser, everywhere: frozenset[str], built: float) -> None:
    took = []
    for one in [*_utterances("dev"), *_golden()] * _ROUNDS:
        begun = time.perf_counter()
        recogniser.among(one.text, everywhere)
        took.append((time.perf_counter() - begun) * 1000)
    table = Table("messages", "p50", "p95", "to learn the examples", title="Time of recognising, all six windows")
    half, most = np.percentile(took, (50, 95))
    table.add_row(str(len(took)), f"{half:.1f} ms", f"{most:.1f} ms", f"{built:.2f} s")
    show(table)


def _recognised(recogniser: Recogniser, everywhere: frozenset[str], one: _Utterance) -> Recognised:
    if one.customer:
        return recogniser.among(one.text, _SHOP, CUSTOMERS)
    return recogniser.among(one.text, everywhere)


def _taken_for(found: Recognised) -> str:
    if found.sure:
        return f"{found.sure.kind} {found.sure.window}/{found.sure.name}"
    return "" if found.near else "ask"


def _utterances(half: str) -> Iterator[_Utterance]:
    rows = YAML(typ="safe").load(_ROOT / "tests" / "data" / "utterances.yaml")
    for row in rows:
        if row["half"] == half:
            right = (row["expect"], *row.get("also", ()))
            yield _Utterance(row["text"], right, row["who"] == "customer")


def _golden() -> Iterator[_Utterance]:
    for line in (_ROOT / "company" / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        yield _Utterance(json.loads(line)["question"], ("ask",), customer=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intents", description="Print the tables on intents.")
    parser.add_argument("--frozen", action="store_true", help="also score the half that is not for tuning")
    main(frozen=parser.parse_args().frozen)
