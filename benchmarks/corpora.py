"""The public corpora as plain values, read from the folder of public data (never copied into the project)."""

import csv
import io
import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from rag_core.types import Passage

_Articles = dict[str, str]  # 條號 → 條文內容


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the keys of the texts that answer it, and the answer's words where the corpus marks them."""

    question: str
    keys: frozenset[str]
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts by key, the questions asked of them, and the files (name → content) that bring them into a window.

    A key is the file's name without its ending; where a file holds many texts, that and the passage's last heading.
    """

    name: str
    texts: Mapping[str, str]
    asked: tuple[Asked, ...]
    files: Mapping[str, str]
    many_in_a_file: bool = False

    def key(self, passage: Passage) -> str:
        """Return the key of the text that a passage was taken from."""
        file = Path(passage.document).stem
        return f"{file}/{passage.heading[-1]}" if self.many_in_a_file and passage.heading else file

    def part(self, texts: int, questions: int) -> "Corpus":
        """Return the corpus with its first files and some of the questions they answer, for a quick run."""
        stems = {key.partition("/")[0] for key in list(self.texts)[:texts]}
        kept = {key: text for key, text in self.texts.items() if key.partition("/")[0] in stems}
        asked = [one for one in self.asked if one.keys & kept.keys()]
        files = {name: content for name, content in self.files.items() if Path(name).stem in stems}
        return replace(self, texts=kept, asked=tuple(asked[:: max(1, -(-len(asked) // questions))]), files=files)

    def without(self, keys: frozenset[str]) -> "Corpus":
        """Return a corpus of one text a file without these texts, asked the questions that only they answer."""
        return replace(
            self,
            texts={key: text for key, text in self.texts.items() if key not in keys},
            asked=tuple(one for one in self.asked if one.keys <= keys),
            files={name: text for name, text in self.files.items() if Path(name).stem not in keys},
        )


def folder() -> Path:
    """Return where the public data is, or stop with how to get it."""
    path = Path(os.environ.get("TRANSOM_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not path.is_dir():
        sys.exit(f"The benchmarks need the public data at {path}; name its folder in TRANSOM_TEST_DATA.")
    return path


@cache
def drcd() -> Corpus:
    """Delta Reading Comprehension Dataset, dev: Wikipedia paragraphs, questions with answer spans."""
    data = _json(folder() / "drcd" / "DRCD_dev.json")["data"]
    paragraphs = [paragraph for article in data for paragraph in article["paragraphs"]]
    asked = [
        Asked(qa["question"], frozenset({paragraph["id"]}), qa["answers"][0]["text"])
        for paragraph in paragraphs
        for qa in paragraph["qas"]
    ]
    return _one_a_file("DRCD dev", {p["id"]: p["context"] for p in paragraphs}, asked)


@cache
def taipei() -> Corpus:
    """Taipei City FAQ: the question asks, the answer's body alone is searched. Bodies under 20 characters left out."""
    bodies: dict[str, str] = {}
    asked = []
    for row in _json_lines(folder() / "taipei_faq" / "faq.jsonl"):
        body = row["answer"].strip()
        if len(body) >= 20:
            asked.append(Asked(row["question"], frozenset({bodies.setdefault(body, str(row["id"]))})))
    return _one_a_file("Taipei FAQ", {key: body for body, key in bodies.items()}, asked)


@cache
def stack() -> Corpus:
    """StackFAQ: question and answers are indexed as a pair, people's rephrasings ask."""
    rows = [(row, " ".join(row["question"].split())) for row in _json_lines(folder() / "stack_faq" / "faq.jsonl")]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerows([("question", "answer"), *((question, "\n".join(row["answers"])) for row, question in rows)])
    return Corpus(
        "StackFAQ",
        {f"faq/{question}": "\n".join((question, *row["answers"])) for row, question in rows},
        tuple(Asked(words, frozenset({f"faq/{question}"})) for row, question in rows for words in row["rephrasings"]),
        {"faq.csv": table.getvalue()},
        many_in_a_file=True,
    )


@cache
def laws() -> Corpus:
    """Taiwan's labour laws, an article a text, asked the questions that ``_law_questions`` makes by rule."""
    paths = sorted((folder() / "tw_laws" / "zh").glob("N*.json"))
    texts: dict[str, str] = {}
    asked: list[Asked] = []
    for path in paths:
        law = _json(path)
        articles: _Articles = {
            " ".join(one["條號"].split()): one["條文內容"] for one in law["法規內容"] if one.get("條文內容")
        }
        texts |= {f"{path.stem}/{number}": f"{law['法規名稱']} {number}\n{text}" for number, text in articles.items()}
        asked.extend(_law_questions(law["法規名稱"], path.stem, articles))
    files = {path.name: path.read_text(encoding="utf-8") for path in paths}
    return Corpus("labour laws", texts, tuple(asked), files, many_in_a_file=True)


@cache
def sentences() -> tuple[str, ...]:
    """All sentences of DRCD, the FAQ and the labour laws, to build larger collections from."""
    texts = [*drcd().texts.values(), *taipei().texts.values(), *laws().texts.values()]
    return tuple(s for text in texts for s in re.findall(r"[^。！？\n]{8,200}[。！？]?", text))


_DEFINED = re.compile(r"所稱([^，。、；（）]{2,15})，(?:係?指|謂)")
_PENALTY = re.compile(r"罰鍰|罰金|徒刑")
_CITED = re.compile(r"(?<!法)(?<!細則)第([一二三四五六七八九十百]+)條(?:之([一二三四五六七八九十]))?")
_EVERY = 5


def _law_questions(law: str, file: str, articles: _Articles) -> Iterator[Asked]:
    """Yield three sorts of question a law's own words answer for certain.

    What a term means, answered by every article of this law that defines it; what the penalty is for breaking an
    article, answered by every penalty article that cites it; what an article says, of every fifth article.
    """
    yield from _grouped(file, articles, _DEFINED, lambda found: f"{law}所稱的{found[1]}是什麼意思？")
    penalties = {number: text for number, text in articles.items() if _PENALTY.search(text)}
    yield from _grouped(file, penalties, _CITED, lambda found: f"違反{law}{found[0]}會被罰多少？")
    for number in list(articles)[::_EVERY]:
        yield Asked(f"{law}{number.replace(' ', '')}規定什麼？", frozenset({f"{file}/{number}"}))


def _grouped(
    file: str, articles: _Articles, sought: re.Pattern[str], question: Callable[[re.Match[str]], str]
) -> Iterator[Asked]:
    answering: dict[str, set[str]] = defaultdict(set)
    for number, text in articles.items():
        for found in sought.finditer(re.sub(r"\s", "", text)):
            answering[question(found)].add(f"{file}/{number}")
    for words, keys in answering.items():
        yield Asked(words, frozenset(keys))


def _one_a_file(name: str, texts: Mapping[str, str], asked: list[Asked]) -> Corpus:
    return Corpus(name, texts, tuple(asked), {f"{key}.txt": text for key, text in texts.items()})


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _json_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
