"""Finding, answering and refusing on parts of the public corpora: a guard. The whole of them is ``make bench``'s.

The floors lie a few points below what was measured when they were set.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from acceptance.command import write_window
from acceptance.installation import Installation, synced

from benchmarks import corpora
from benchmarks.corpora import Corpus

TEXTS, QUESTIONS = 300, 200
CORPORA = ("drcd", "taipei")


@pytest.fixture(scope="module")
def parts(public_data: Path) -> dict[str, Corpus]:
    """The first texts of each corpus and some of the questions they answer."""
    return {name: getattr(corpora, name)().part(TEXTS, QUESTIONS) for name in CORPORA}


@pytest.fixture(scope="module")
def installed(
    parts: dict[str, Corpus], template_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A company with a window for each corpus."""
    company = tmp_path_factory.mktemp("corpora")
    for name, corpus in parts.items():
        folder = company / "documents" / name
        folder.mkdir(parents=True)
        for file, content in corpus.files.items():
            (folder / file).write_text(content, encoding="utf-8")
        write_window(company, name, [f"{{path: ../documents/{name}/*}}"])
    with (
        own_database(template_url, "test_quality") as url,
        synced(company, url, tmp_path_factory.mktemp("data")) as installation,
    ):
        yield installation


@contextmanager
def own_database(template_url: str, name: str) -> Iterator[str]:
    admin = template_url.replace("/transom?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template transom")
    yield template_url.replace("/transom?", f"/{name}?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def ranks(installed: Installation, name: str, corpus: Corpus) -> list[int]:
    """At which place each question's text was found; 99 for not among ten."""
    found = []
    for asked in corpus.asked:
        keys = [corpus.key(passage) for passage in installed.search(name, asked.question)]
        found.append(next((n for n, key in enumerate(dict.fromkeys(keys), 1) if key in asked.keys), 99))
    return found


def share(holds: Sequence[bool]) -> float:
    return sum(holds) / len(holds)


@pytest.mark.parametrize(("name", "first", "among_five"), [("drcd", 0.92, 0.985), ("taipei", 0.62, 0.86)])
def test_the_text_that_answers_is_found(installed, parts, name, first, among_five):
    """First, or among the first five."""
    places = ranks(installed, name, parts[name])
    assert share([place == 1 for place in places]) >= first
    assert share([place <= 5 for place in places]) >= among_five


def test_a_short_answer_holds_the_words_asked_for(installed, parts):
    """Over Wikipedia paragraphs, without a model: the gold span stands in an answer of a line or three."""
    answers = [(asked, installed.ask("drcd", asked.question)) for asked in parts["drcd"].asked]
    assert share([plain(asked.answer) in plain(answer.text) for asked, answer in answers]) >= 0.89
    told = [len(answer.text) for _, answer in answers if not answer.refused]
    assert sum(told) / len(told) <= 130


def plain(text: str) -> str:
    return "".join(text.split()).casefold()


@pytest.mark.parametrize(("name", "other"), [("drcd", "taipei"), ("taipei", "drcd")])
def test_a_window_refuses_the_other_windows_questions_and_answers_its_own(installed, parts, name, other):
    """At the threshold the product set itself while it synced."""
    own = [installed.ask(name, asked.question).refused for asked in parts[name].asked]
    foreign = [installed.ask(name, asked.question).refused for asked in parts[other].asked]
    assert share(own) <= 0.08
    assert share(foreign) >= 0.93
