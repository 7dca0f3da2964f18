"""The public corpora as plain values, read from the folder of public data (never copied into the project)."""

import json
import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the key of the text that answers it, and the answer's words where the corpus marks them."""

    question: str
    key: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts by key and the questions asked of them. ``faq`` maps a key to (question, answer) where texts are pairs."""

    name: str
    language: str
    texts: dict[str, str]
    asked: tuple[Asked, ...]
    faq: dict[str, tuple[str, str]] | None = None


def folder() -> Path:
    """Return where the public data is, or stop with how to get it."""
    path = Path(os.environ.get("TRANSOM_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not path.is_dir():
        sys.exit(f"The benchmarks need the public data at {path}; name its folder in TRANSOM_TEST_DATA.")
    return path


@cache
def drcd() -> Corpus:
    """Delta Reading Comprehension Dataset, dev: Wikipedia paragraphs, questions with answer spans."""
    data = json.loads((folder() / "drcd" / "DRCD_dev.json").read_text(encoding="utf-8"))["data"]
    paragraphs = [paragraph for article in data for paragraph in article["paragraphs"]]
    asked = [
        Asked(qa["question"], paragraph["id"], qa["answers"][0]["text"])
        for paragraph in paragraphs
        for qa in paragraph["qas"]
    ]
    return Corpus("DRCD dev", "zh", {p["id"]: p["context"] for p in paragraphs}, tuple(asked))


@cache
def taipei() -> Corpus:
    """Taipei City FAQ: the question asks, the answer's body alone is searched. Short answers and repeats left out."""
    rows = [json.loads(line) for line in (folder() / "taipei_faq" / "faq.jsonl").read_text("utf-8").splitlines()]
    texts: dict[str, str] = {}
    asked = []
    for row in rows:
        body = row["answer"].strip()
        if len(body) < 20 or body in texts.values():
            continue
        texts[row["id"]] = body
        asked.append(Asked(row["question"], row["id"]))
    return Corpus("Taipei FAQ", "zh", texts, tuple(asked))


@cache
def stack() -> Corpus:
    """StackFAQ: question and answers are indexed as a pair, people's rephrasings ask."""
    rows = [json.loads(line) for line in (folder() / "stack_faq" / "faq.jsonl").read_text("utf-8").splitlines()]
    faq = {str(row["id"]): (row["question"], "\n".join(row["answers"])) for row in rows}
    asked = [Asked(words, str(row["id"])) for row in rows for words in row["rephrasings"]]
    return Corpus("StackFAQ", "en", {k: f"{q}\n{a}" for k, (q, a) in faq.items()}, tuple(asked), faq)


@cache
def sentences() -> tuple[str, ...]:
    """All sentences of DRCD, the FAQ and the laws, to build larger collections from."""
    laws = [json.loads(p.read_text("utf-8")) for p in sorted((folder() / "tw_laws" / "zh").glob("*.json"))]
    articles = [a["條文內容"] for law in laws for a in law["法規內容"] if "條文內容" in a]
    texts = [*drcd().texts.values(), *taipei().texts.values(), *articles]
    return tuple(s for text in texts for s in re.findall(r"[^。！？\n]{8,200}[。！？]?", text))
