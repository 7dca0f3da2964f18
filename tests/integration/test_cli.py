"""The contract of the command: what ``ask`` and ``search`` print for programs, and how bad use ends."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from acceptance.command import Command, Outcome, write_window

LEAVE = "# 請假辦法\n\n## 特別休假\n\n到職滿一年，特別休假為七日。\n\n## 病假\n\n普通病假一年三十日，工資減半發給。\n"
PAY = "# 調薪辦法\n\n## 幅度\n\n經理調薪幅度上限為百分之八。\n"

ASKED = ["question", "answer", "refused", "citations", "generator", "milliseconds"]
CITED = ["document", "page", "heading", "quote"]
FOUND = ["document", "page", "heading", "text", "score"]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of one window whose file is right, and one whose file is broken."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "documents").mkdir()
    (folder / "documents" / "leave.md").write_text(LEAVE, encoding="utf-8")
    (folder / "documents" / "pay.md").write_text(PAY, encoding="utf-8")
    entries = ["{path: ../documents/leave.md}", "{path: ../documents/pay.md, audience: [managers]}"]
    write_window(folder, "hr", entries, serves="employees, managers")
    (folder / "windows" / "broken.yaml").write_text("name: broken\nserves: employees\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def transom(company: Path, template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The command for that company, synced; its database is shared by the tests of this file."""
    admin = template_url.replace("/transom?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("create database test_cli template transom")
    command = Command(company, tmp_path_factory.mktemp("data"), template_url.replace("/transom?", "/test_cli?"))
    command.right("sync")
    yield command
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("drop database test_cli with (force)")


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """Three questions, one without an answer, and a blank line."""
    path = tmp_path / "questions.jsonl"
    lines = ['{"question": "病假一年幾日？"}', "", '{"question": "火星殖民地何時完工？", "id": 7}', '{"question": ""}']
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def refused_with(outcome: Outcome, *words: str) -> None:
    """Bad use ends with exit 2, nothing on standard output, and a sentence that says what is wrong."""
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    said = " ".join(outcome.err.replace("│", " ").split())
    for word in words:
        assert word in said


def test_ask_prints_one_object_with_the_promised_fields(transom):
    """Question, answer, refused, citations with document, page, heading and quote, generator, milliseconds."""
    told = transom.right("ask", "滿一年特別休假幾日？", "--window", "hr", "--groups", "employees", "--json").object
    assert list(told) == ASKED
    assert (told["question"], told["refused"], told["generator"]) == ("滿一年特別休假幾日？", False, "extractive")
    assert "七日" in told["answer"]
    assert told["milliseconds"] > 0
    cited, *_ = told["citations"]
    assert list(cited) == CITED
    assert (cited["document"], cited["page"], cited["heading"]) == ("documents/leave.md", None, "請假辦法 › 特別休假")
    assert cited["quote"] in LEAVE


def test_a_batch_prints_an_object_a_line_in_order(transom, batch):
    """Every line of the file gets its answer, in its order; blank lines none; an empty question is refused."""
    told = transom.right("ask", "--window", "hr", "--groups", "employees", "--batch", batch).objects
    assert [one["question"] for one in told] == ["病假一年幾日？", "火星殖民地何時完工？", ""]
    assert [one["refused"] for one in told] == [False, True, True]
    assert all(list(one) == ASKED for one in told)


def test_search_prints_passages_with_the_promised_fields(transom):
    """Best first, each with document, page, heading, text and score."""
    arguments = ("search", "特別休假", "--window", "hr", "--groups", "employees", "--json")
    told = transom.right(*arguments).object
    assert list(told) == ["question", "passages"]
    assert all(list(passage) == FOUND for passage in told["passages"])
    assert told["passages"][0]["text"] == "到職滿一年，特別休假為七日。"
    scores = [passage["score"] for passage in told["passages"]]
    assert scores == sorted(scores, reverse=True)
    assert len(transom.right(*arguments, "-k", "1").object["passages"]) == 1


def test_a_batch_of_searches_prints_an_object_a_line(transom, batch):
    """In the file's order; what finds nothing has no passages."""
    told = transom.right("search", "--window", "hr", "--groups", "employees", "--batch", batch).objects
    assert [one["question"] for one in told] == ["病假一年幾日？", "火星殖民地何時完工？", ""]
    assert told[0]["passages"][0]["heading"] == "請假辦法 › 病假"
    assert told[2]["passages"] == []


def test_groups_left_out_are_customers(transom):
    """A window that does not serve customers shows them nothing, and says on standard error whom it serves."""
    outcome = transom.right("search", "特別休假", "--window", "hr", "--json")
    assert outcome.object["passages"] == []
    assert "serves employees, managers" in " ".join(outcome.err.split())
    assert transom.right("ask", "特別休假幾日？", "--window", "hr", "--json").object["refused"] is True


def test_a_broken_window_file_is_named_and_stops_no_other(transom):
    """Its fault is told with the file and the line, while the other window answers."""
    outcome = transom.right("search", "病假", "--window", "hr", "--groups", "employees", "--json")
    assert outcome.object["passages"]
    assert "windows/broken.yaml" in outcome.err
    refused_with(transom("ask", "病假", "--window", "broken"), "no window broken", "hr")
    checked = transom("windows", "check")
    assert checked.code == 2
    assert "windows/broken.yaml:2" in checked.err


def test_eval_prints_the_figures(transom, tmp_path):
    """Hit rates, refusals and containment of known questions; a document may be named without its folders."""
    golden = tmp_path / "golden.jsonl"
    golden.write_text(
        '{"question": "病假一年幾日？", "document": "leave.md", "answer": "三十日"}\n'
        '{"question": "火星殖民地何時完工？", "answerable": false}\n',
        encoding="utf-8",
    )
    shown = transom.right("eval", golden, "--window", "hr", "--groups", "employees").out
    assert "hit@1" in shown
    assert "MRR" in shown


BAD_USE = {
    "an unknown window": (["ask", "病假", "--window", "nowhere"], ["no window nowhere", "hr"]),
    "neither question nor batch": (["ask", "--window", "hr"], ["question", "--batch"]),
    "a batch that is not there": (["ask", "--window", "hr", "--batch", "/nonexistent.jsonl"], ["/nonexistent.jsonl"]),
    "no window named": (["ask", "病假"], ["--window"]),
    "a k of nought": (["search", "病假", "--window", "hr", "-k", "0"], ["-k", "Invalid value"]),
    "a k that is no number": (["search", "病假", "--window", "hr", "-k", "many"], ["-k", "Invalid value"]),
    "an unknown command": (["answer"], ["answer"]),
    "an unknown option": (["sync", "--fast"], ["--fast"]),
    "an unknown window to sync": (["sync", "--window", "nowhere"], ["no window nowhere"]),
    "a login link for nobody": (["login-link", "--groups", " , "], ["at least one group"]),
}


@pytest.mark.parametrize("case", BAD_USE)
def test_bad_use_ends_with_a_sentence(transom, case):
    """Exit 2, nothing on standard output, no traceback."""
    arguments, words = BAD_USE[case]
    refused_with(transom(*arguments), *words)


def test_a_question_and_a_batch_together_are_refused(transom, batch):
    """Which of the two is meant cannot be known."""
    refused_with(transom("search", "病假", "--window", "hr", "--batch", batch), "not both")


@pytest.mark.parametrize(
    "line", ['{"question": ', '["病假"]', '{"query": "病假"}', '{"question": 7}'], ids=["cut", "list", "key", "number"]
)
def test_a_bad_line_of_a_batch_is_named(transom, tmp_path, line):
    """With the file and the line's number, before anything is asked."""
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "病假"}\n' + line, encoding="utf-8")
    refused_with(transom("ask", "--window", "hr", "--batch", path), "bad.jsonl:2")


BAD_SETTINGS = {
    "a setting that is none": ({"TRANSOM_EMBEDER": "none"}, ["TRANSOM_EMBEDER", "TRANSOM_EMBEDDER"]),
    "a company that is not there": ({"TRANSOM_COMPANY": "/nonexistent"}, ["/nonexistent", "TRANSOM_COMPANY"]),
    "a database that does not answer": (
        {"DATABASE_URL": "postgresql://someone:s3cret@127.0.0.1:9/transom"},
        ["cannot be reached", "DATABASE_URL"],
    ),
    "a database that is none": ({"DATABASE_URL": "mysql://localhost/transom"}, ["DATABASE_URL", "Postgres"]),
    "a generator that is none": ({"TRANSOM_GENERATOR": "magic"}, ["TRANSOM_GENERATOR", "extractive"]),
    "a server without an address": ({"TRANSOM_GENERATOR": "openai"}, ["TRANSOM_OPENAI__BASE_URL"]),
}


@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_a_bad_setting_ends_with_a_sentence(transom, case):
    """It names the setting and how to write it, and never shows a password."""
    environment, words = BAD_SETTINGS[case]
    outcome = transom("search", "病假", "--window", "hr", environment=environment)
    refused_with(outcome, *words)
    assert "s3cret" not in outcome.err


def test_every_command_and_option_is_explained(transom):
    """``--help`` of each command has a text for every option and argument."""
    from typer.main import get_command

    from bots.cli import app

    unexplained = []
    todo = [("transom", get_command(app))]
    while todo:
        name, command = todo.pop()
        if not command.help:
            unexplained.append(name)
        unexplained += [f"{name} {one.name}" for one in command.params if not getattr(one, "help", None)]
        todo.extend((f"{name} {key}", value) for key, value in getattr(command, "commands", {}).items())
    assert unexplained == []


def test_help_is_printed_without_a_company_or_database(transom):
    """A newcomer's first look needs nothing to be set up."""
    outcome = transom("--help", environment={"TRANSOM_COMPANY": "/nonexistent", "DATABASE_URL": "nonsense"})
    assert outcome.code == 0
    for name in ("sync", "serve", "migrate", "windows", "ask", "search", "eval", "login-link", "demo"):
        assert name in outcome.out
