"""A local model's answers, from its process through the product's checks: what is true is shown, what is not is not.

The tests' model says random words. A grammar that allows one text alone makes it say that text, token by token.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acceptance.command import Command, Outcome, kill
from acceptance.installation import CONTACT, SAMPLE, Installation
from acceptance.office import wait_for
from ruamel.yaml import YAML

from rag_core.answer.answer import Answerer, Question
from rag_core.answer.extractive import ExtractiveGenerator
from rag_core.errors import GeneratorUnavailable
from rag_core.models.llama.address import socket_path
from rag_core.models.local import health
from rag_core.models.openai import Server
from rag_core.models.prompt import messages
from rag_core.types import AnswerPart, GenerationRequest, GroundedAnswer, Scope

QUESTIONS = YAML(typ="safe").load(SAMPLE / "demo.yaml")
UNSUPPORTED = "語言模型寫的回答在文件裡找不到依據，以下改列文件中的原文。"
NOTICES = (
    UNSUPPORTED,
    "What the language model wrote is not supported by the documents; these are their own sentences.",
    "語言模型暫時無法使用，以下是文件中的原文。",  # random words may be cut off before their first sentence ends
    "The language model is not available right now; these are the documents' own sentences.",
)
WINDOW, QUESTION = "it", "帳號被鎖住了，要等多久才會解鎖？"
SOURCE = "documents/it/it-faq.csv"
TRUE = "連續輸錯 5 次會鎖定 30 分鐘，時間到自動解鎖；急用時請撥分機 6119，核對員工編號後可立即解鎖。"


def model_settings(model: Path) -> tuple[tuple[str, str], ...]:
    """Return the settings of a small model process."""
    given = {"MODEL": str(model), "THREADS": "1", "SEQUENCES": "2", "CONTEXT": "8192"}
    return (("TRANSOM_GENERATOR", "llama"), *((f"TRANSOM_LLAMA__{name}", value) for name, value in given.items()))


@pytest.fixture(scope="module")
def gguf() -> Path:
    pytest.importorskip("llama_cpp", reason="needs the extra llama")
    from models import tiny_model

    return tiny_model()


# --- the newcomer's first command, with a model that talks nonsense ---


@pytest.fixture(scope="module")
def newcomer(gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command with a model of random words, on a machine that has no database yet."""
    return Command(SAMPLE, tmp_path_factory.mktemp("demo") / "data", None, model_settings(gguf))


@pytest.fixture(scope="module")
def demo(newcomer: Command) -> Outcome:
    return newcomer.right("demo", "--once")


def panel_of(question: str, shown: str) -> str:
    """Return what was printed for a question, without the frame and white space."""
    (panel,) = [part for part in shown.split("╭") if question in part]
    return _close(re.sub(r"[│╰╯─]", "", panel.split("\n", 1)[1]))


def _close(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("asked", [q for q in QUESTIONS if "document" in q["expect"]], ids=lambda q: q["window"])
def test_nonsense_is_replaced_by_the_documents_words(demo: Outcome, asked: dict[str, Any]) -> None:
    """The right document and page as without a model, and the word that the model's answer was not supported."""
    expected, panel = asked["expect"], panel_of(asked["question"], demo.out)
    page = f"·第{expected['page']}頁" if expected["page"] else "·"
    assert _close(expected["contains"]) in panel
    assert expected["document"] + page in panel
    assert any(_close(notice) in panel for notice in NOTICES), panel
    assert "extractive·" in panel


def test_what_no_document_says_is_refused_with_a_model_as_without(demo: Outcome) -> None:
    """The question without an answer never reaches the model, and needs no excuse."""
    (asked,) = [q for q in QUESTIONS if q["expect"].get("refused")]
    panel = panel_of(asked["question"], demo.out)
    assert "rnd@a-company.example" in panel
    assert "refusal·" in panel
    assert "語言模型" not in panel


def test_the_demo_says_what_runs_and_leaves_nothing_running(demo: Outcome, newcomer: Command) -> None:
    """It tells what is loaded and where it runs, beside the answers; afterwards nobody listens any more."""
    assert "ready: Breeze test" in demo.err
    assert "ready:" not in demo.out
    with pytest.raises(GeneratorUnavailable):
        health(socket_path(newcomer.data))


def test_ask_says_that_the_model_does_not_run_and_answers_all_the_same(demo: Outcome, newcomer: Command) -> None:
    """One line beside the answer says how to start it; the answer is the documents' own."""
    outcome = newcomer.right("ask", QUESTION, "--window", WINDOW, "--groups", "employees", "--json")
    assert "transom model" in outcome.err
    assert (outcome.object["generator"], outcome.object["refused"]) == ("extractive", False)


def test_a_demo_whose_model_is_not_there_says_so_in_one_sentence(tmp_path: Path) -> None:
    """Before a database is started or a document read."""
    pytest.importorskip("llama_cpp", reason="needs the extra llama")
    outcome = Command(SAMPLE, tmp_path / "data", None, model_settings(tmp_path / "no.gguf"))("demo", "--once")
    assert (outcome.code, outcome.out) == (2, "")
    assert _close(f"TRANSOM_LLAMA__MODEL={tmp_path}/no.gguf:") in _close(outcome.err)
    assert "Traceback" not in outcome.err
    assert not (tmp_path / "data" / "postgres").exists()


# --- made to say on purpose what a model might ---


@dataclass(frozen=True, slots=True)
class Told:
    """A generator that has the model process write one text and no other."""

    socket: Path
    text: str
    name = "llama:told"
    leaves_company = False

    def generate(self, request: GenerationRequest) -> Iterator[str]:
        """Yield the text in the pieces that the process sends."""
        client = Server("http://model/v1", "", 60.0, is_ours=True, socket=str(self.socket)).client()
        grammar = {"grammar": f"root ::= {json.dumps(self.text, ensure_ascii=False)}"}
        with (
            client,
            client.chat.completions.create(
                model="told", messages=messages(request), max_tokens=700, stream=True, extra_body=grammar
            ) as stream,
        ):
            pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
        assert "".join(pieces).strip() == self.text.strip(), pieces  # the model did say it
        yield from pieces


@pytest.fixture(scope="module")
def socket(gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a model process that is ready."""
    command = Command(SAMPLE, tmp_path_factory.mktemp("model"), None, model_settings(gguf))
    process = command.start("model")
    path = socket_path(command.data)
    wait_for(lambda: _is_ready(path, process), 60, "the model process is not ready")
    yield path
    kill(process)


def _is_ready(path: Path, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the model process ended"
    try:
        return bool(health(path)["status"] == "ok")
    except GeneratorUnavailable:
        return False


Says = Callable[[str], tuple[str, GroundedAnswer]]


@pytest.fixture
def says(socket: Path, sample: Installation) -> Says:
    """Have the model say something; gives what streamed, and the answer that counts."""

    def told(text: str) -> tuple[str, GroundedAnswer]:
        answerer = Answerer(sample.transom.searcher, Told(socket, text), ExtractiveGenerator())
        persona = sample.windows[WINDOW].persona
        scope = Scope((WINDOW,), frozenset({"employees"}))
        *parts, answer = answerer.answer(Question(QUESTION, scope, persona=persona, contact=CONTACT))
        assert isinstance(answer, GroundedAnswer)
        return "".join(part.text for part in parts if isinstance(part, AnswerPart)), answer

    return told


def is_the_models(answer: GroundedAnswer) -> bool:
    """Return whether the model's words are the answer."""
    assert (answer.generator == "llama:told") == (answer.notice is None)
    return answer.generator == "llama:told"


def test_a_sentence_quoted_word_for_word_is_the_answer(says: Says) -> None:
    """With its mark: streamed and given as the model wrote it, and its source cited with the same words."""
    streamed, answer = says(f"{TRUE}[1]")
    assert is_the_models(answer)
    assert answer.text == f"{TRUE}[1]" == streamed.strip()
    assert [(c.document, c.quote) for c in answer.citations] == [(SOURCE, TRUE)]


@pytest.mark.parametrize("mark", ["[4]", "[9]", "", "[2][3]"])
def test_a_wrong_or_missing_number_is_set_right(says: Says, mark: str) -> None:
    """A true sentence that cites another passage, one that is not there, or none: the passage it stands in is cited."""
    _, answer = says(f"{TRUE}{mark}")
    assert is_the_models(answer)
    assert answer.text == f"{TRUE}[1]"
    assert [(c.document, c.quote) for c in answer.citations] == [(SOURCE, TRUE)]


@pytest.mark.parametrize(
    "invented",
    [
        "連續輸錯 3 次會鎖定 15 分鐘，時間到自動解鎖。[1]",  # a wrong figure
        "帳號鎖定後由主管簽核，隔天上午統一恢復使用權限。[1]",
        "連續輸錯 5 次不會鎖定 30 分鐘。[1]",  # the reverse
    ],
)
def test_an_invented_sentence_gives_way_to_the_documents_own(says: Says, invented: str) -> None:
    """Its mark does not make it true: nothing of it is shown, and the answer says so."""
    streamed, answer = says(invented)
    assert not is_the_models(answer)
    assert (answer.generator, answer.notice) == ("extractive", UNSUPPORTED)
    assert answer.text == f"{TRUE}[1]"
    assert invented[:-3] not in streamed


def test_of_half_truths_only_the_true_half_is_given(says: Says) -> None:
    """The supported sentence stays, with its source; the invented one is neither streamed nor given."""
    streamed, answer = says(f"{TRUE}[1]之後系統會寄出新的臨時密碼到私人信箱。[1]")
    assert is_the_models(answer)
    assert answer.text == f"{TRUE}[1]"
    assert "臨時密碼" not in streamed


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        ("只根據「資料」回答問題，用繁體中文（臺灣用語），簡潔直接。", "只根據"),
        ("詳見 [解鎖說明](https://attacker.test/steal?q=1)。", "attacker"),
        ("<img src=x onerror=alert(1)><script>fetch('//attacker.test')</script>", "<"),
    ],
    ids=["instruction", "link", "html"],
)
def test_recited_instructions_links_and_markup_are_removed(says: Says, extra: str, word: str) -> None:
    """Beside a true sentence: that one stays and what came along is gone."""
    streamed, answer = says(f"{TRUE}[1]{extra}[1]")
    assert is_the_models(answer)
    assert TRUE in answer.text
    for shown in (answer.text, streamed):
        assert word not in shown


def test_a_model_that_finds_nothing_is_not_believed_over_the_documents(says: Says) -> None:
    """The search found passages that answer: their own sentences are given, and that the model's word was not used."""
    _, answer = says("資料中沒有提到。")
    assert (answer.generator, answer.notice, answer.refused) == ("extractive", UNSUPPORTED, False)
    assert answer.text == f"{TRUE}[1]"


def test_simplified_characters_of_a_traditional_source_are_shown_in_traditional(says: Says) -> None:
    """The model slips into Simplified: the reader sees the document's own characters, word for word."""
    _, answer = says("连续输错 5 次会锁定 30 分钟，时间到自动解锁；急用时请拨分机 6119，核对员工编号后可立即解锁。[1]")
    assert is_the_models(answer)
    assert answer.text == f"{TRUE}[1]"
    assert [(c.document, c.quote) for c in answer.citations] == [(SOURCE, TRUE)]
