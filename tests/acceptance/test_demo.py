"""The newcomer's first command: the sample company's five questions, answered with the right page."""

import re
from pathlib import Path
from typing import Any

import pytest
from acceptance.command import Command, Outcome
from acceptance.installation import SAMPLE
from ruamel.yaml import YAML

QUESTIONS = YAML(typ="safe").load(SAMPLE / "demo.yaml")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """``transom demo --once`` on a machine that has no database yet."""
    return Command(SAMPLE, tmp_path_factory.mktemp("demo") / "data").right("demo", "--once")


def panel_of(question: str, shown: str) -> str:
    """What was printed for a question, without the frame and white space."""
    (panel,) = [part for part in shown.split("╭") if question in part]
    return re.sub(r"[\s│╰╯─]", "", panel.split("\n", 1)[1])


@pytest.mark.parametrize("asked", [q for q in QUESTIONS if "document" in q["expect"]], ids=lambda q: q["window"])
def test_the_demo_answers_with_the_right_document_and_page(demo: Outcome, asked: dict[str, Any]) -> None:
    """The answer holds what people need, and a source names the document and the page it stands on."""
    expected = asked["expect"]
    panel = panel_of(asked["question"], demo.out)
    answer, *_ = panel.partition(f"[1]{Path(expected['document']).parts[0]}/")
    page = f"·第{expected['page']}頁" if expected["page"] else "·"
    assert "".join(expected["contains"].split()) in answer
    assert expected["document"] + page in panel


def test_the_demo_refuses_what_no_document_says(demo: Outcome) -> None:
    """One of the five has no answer: it is refused, cites nothing, and names whom to ask."""
    (asked,) = [q for q in QUESTIONS if q["expect"].get("refused")]
    panel = panel_of(asked["question"], demo.out)
    assert "rnd@a-company.example" in panel
    assert "[1]" not in panel
    assert "refusal" in panel


def test_the_demo_reads_every_document_of_the_sample_company(demo: Outcome) -> None:
    """No file of the sample company is reported as unreadable, and no window file has a fault."""
    assert "✗" not in demo.err
    files = sum(1 for path in (SAMPLE / "documents").rglob("*") if path.is_file())
    rows = re.findall(r"│ \w+ +│ (\d+) +│ 0 +│ 0 +│ 0 +│ 0 +│", demo.err)
    assert sum(map(int, rows)) == files


def test_after_the_demo_every_look_up_of_the_sample_company_can_be_made(demo: Outcome) -> None:
    """The tables of data/ are there, too: what the page offers to look up works."""
    tables = len(list((SAMPLE / "data").glob("*.csv")))
    assert f"資料表 tables: {tables}" in demo.err
