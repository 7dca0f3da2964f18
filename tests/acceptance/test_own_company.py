"""A company of one's own by the commands alone: a folder of documents nobody here wrote becomes a working window."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance.command import Command
from acceptance.installation import Server

# Written after reading the texts: question, document, what its heading ends with, words of the answer.
LAWS = [
    ("結婚可以請幾天婚假？", "labor_leave_rule.json", "第 2 條", "婚假八日"),
    ("祖父母過世，喪假給幾天？", "labor_leave_rule.json", "第 3 條", "喪假六日"),
    ("事假一年最多可以請幾天？", "labor_leave_rule.json", "第 7 條", "十四日"),
    ("雇主延長勞工工作時間，前兩小時的工資要加給多少？", "labor_standards_act.json", "第 24 條", "三分之一以上"),
    ("終止勞動契約，繼續工作三年以上要幾日前預告？", "labor_standards_act.json", "第 16 條", "三十日前預告"),
    ("幾歲的人算童工？", "labor_standards_act.json", "第 44 條", "十五歲以上未滿十六歲"),
    ("童工每日的工作時間不得超過幾小時？", "labor_standards_act.json", "第 47 條", "不得超過八小時"),
    ("勞資會議多久要舉辦一次？", "labor_mgmt_meeting_impl_measure.json", "第 18 條", "每三個月舉辦一次"),
    ("職業災害死亡，喪葬費給幾個月平均工資？", "labor_standards_act.json", "第 59 條", "五個月平均工資之喪葬費"),
]
HANDBOOK = [
    ("How many weeks of paid parental leave am I entitled to?", "paid-parental-leave.md", "About PPL", "12 weeks"),
    ("How much unpaid leave does FMLA give in a 12-month period?", "fmla.md", "About FMLA", "12 weeks"),
    (
        "How many hours of advanced sick leave can I request?",
        "advanced-sick-leave.md",
        "Advanced sick leave",
        "240 hours",
    ),
    (
        "What is the maximum salary at GSA as of 2024?",
        "overtime.md",
        "Overtime, depending on your salary level",
        "$191,900",
    ),
    ("What leave can I use for jury duty?", "leave.md", "", "jury duty"),
    ("Where is my laptop shipped before my first day?", "equipment.md", "Equipment", "home address"),
    ("Which days does GSA process new badges?", "piv.md", "Getting issued a card", "Wednesday"),
    (
        "Who is eligible for the Voluntary Leave Transfer Program?",
        "voluntary-leave-transfer-program.md",
        "Eligibility",
        "Exhausted",
    ),
]
FOREIGN = {
    "labor": ["公司的尾牙預算有多少？", "咖啡機的濾網多久要洗一次？", "How do I reset the purifier's filter timer?"],
    "handbook": ["What is the price of a Tesla Model 3 in Norway?", "機車失竊要去哪裡報案？"],
}


@pytest.fixture(scope="module")
def transom(public_data: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A company folder that did not exist, made and read by the commands that a newcomer is told."""
    folder = tmp_path_factory.mktemp("own")
    with server.database() as url:
        command = Command(folder / "company", folder / "data", url)
        for name, documents in (("labor", "labor_laws_2025"), ("handbook", "handbook_18f")):
            command.right("windows", "new", name, "--documents", public_data / documents)
        assert command.right("windows", "check").out
        command.right("sync")
        yield command


@pytest.fixture(scope="module")
def answers(transom: Command, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the two windows say to all questions."""
    told: dict[str, dict[str, Any]] = {}
    for window, known in (("labor", LAWS), ("handbook", HANDBOOK)):
        questions = [question for question, *_ in known] + FOREIGN[window]
        told |= ask_all(transom, window, questions, tmp_path_factory.mktemp("batch") / "q.jsonl")
    return told


def ask_all(transom: Command, window: str, questions: list[str], path: Path) -> dict[str, dict[str, Any]]:
    path.write_text("\n".join(json.dumps({"question": question}) for question in questions), encoding="utf-8")
    told = transom.right("ask", "--window", window, "--groups", "employees", "--batch", path).objects
    return {one["question"]: one for one in told}


@pytest.mark.parametrize(("question", "document", "heading", "words"), LAWS, ids=[q for q, *_ in LAWS])
def test_the_labour_laws_are_answered_with_the_article(answers, question, document, heading, words):
    """The answer holds the article's words and cites it by its number."""
    assert words in answers[question]["answer"], answers[question]["answer"]
    assert (document, True) in places(answers[question], heading)


@pytest.mark.parametrize(("question", "document", "heading", "words"), HANDBOOK, ids=[q for q, *_ in HANDBOOK])
def test_the_handbook_is_answered_in_its_language_with_the_section(answers, question, document, heading, words):
    """The answer holds the handbook's words and cites the page and section they stand in."""
    assert words in answers[question]["answer"], answers[question]["answer"]
    assert (document, True) in places(answers[question], heading)


def places(told: dict[str, Any], heading: str) -> set[tuple[str, bool]]:
    """Each cited file, and whether its heading ends with the wanted one."""
    return {(c["document"].rsplit("/", 1)[-1], c["heading"].endswith(heading)) for c in told["citations"]}


@pytest.mark.parametrize("question", [q for questions in FOREIGN.values() for q in questions])
def test_what_the_documents_do_not_say_is_refused(answers, question):
    """Nothing is made up out of the nearest paragraph."""
    assert answers[question]["refused"], answers[question]["answer"]


def test_a_file_that_is_added_changed_and_removed_is_followed(transom, tmp_path):
    """The window keeps in step with its folder by ``sync`` alone; only an emptied folder needs a word more."""
    own = Command(tmp_path / "company", tmp_path / "data", transom.database_url)
    documents = own.company / "documents" / "office"
    documents.mkdir(parents=True)
    (documents / "lift.txt").write_text("貨梯每月第一個週一保養。\n", encoding="utf-8")
    note = documents / "note.txt"
    note.write_text("茶水間的咖啡機每週五由行政組清洗。\n", encoding="big5")
    own.right("windows", "new", "office", "--documents", documents)
    for text, expected in (("每週五", "每週五"), ("每天早上", "每天早上")):
        note.write_text(f"茶水間的咖啡機{text}由行政組清洗。\n", encoding="big5")
        own.right("sync", "--window", "office")
        told = own.right("ask", "咖啡機什麼時候清洗？", "-w", "office", "--groups", "employees", "--json").object
        assert expected in told["answer"]
    note.unlink()
    own.right("sync", "--window", "office")
    told = own.right("search", "咖啡機什麼時候清洗？", "-w", "office", "--groups", "employees", "--json").object
    assert "清洗" not in str(told["passages"])
    (documents / "lift.txt").unlink()
    kept = own.right("sync", "--window", "office")
    assert "--allow-empty" in kept.err
    assert own.right("search", "貨梯保養", "-w", "office", "--groups", "employees", "--json").object["passages"]
    own.right("sync", "--window", "office", "--allow-empty")
    assert not own.right("search", "貨梯保養", "-w", "office", "--groups", "employees", "--json").object["passages"]
