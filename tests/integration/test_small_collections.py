"""A collection of a handful of chunks answers what it can and refuses what it cannot, as a large one does."""

import pytest
from integration.reading import LineReader, collection

from rag_core.answer.answer import Answerer, Question
from rag_core.answer.calibrate import Calibrator
from rag_core.answer.extractive import ExtractiveGenerator
from rag_core.ingest.sync import Syncer
from rag_core.search.search import Searcher
from rag_core.types import Scope

ENGLISH = {
    "leave.txt": "Sick leave is thirty days a year at half pay.\nAnnual leave is seven days after one year.\n"
    "Overtime has to be approved by your manager."
}
CHINESE = {
    "rules.txt": "病假一年內合計不得超過三十日，工資折半發給。\n特休滿一年給七日。\n加班須經主管核准。\n"
    "停車位每半年抽籤一次。"
}


@pytest.fixture
def ask(database, tmp_path):
    """Ask a collection of these files."""

    def asked(texts, question):
        Syncer(database, read_all=LineReader(), calibrate=Calibrator()).sync([collection(tmp_path, texts)])
        answerer = Answerer(Searcher(database), ExtractiveGenerator(), ExtractiveGenerator())
        return answerer.answer_at_once(Question(question, Scope(("hr",), frozenset({"employees"}))))

    return asked


@pytest.mark.parametrize(
    ("texts", "question", "holds"),
    [
        (ENGLISH, "How many days is sick leave?", "thirty days"),
        (ENGLISH, "Who approves overtime?", "your manager"),
        (CHINESE, "病假有幾天？", "三十日"),
        (CHINESE, "停車位多久抽籤一次？", "每半年"),
    ],
)
def test_three_lines_answer_what_they_say(ask, texts, question, holds):
    """A word that is in none of three chunks does not outweigh those that are."""
    answer = ask(texts, question)
    assert not answer.refused
    assert holds in answer.text


@pytest.mark.parametrize(("texts", "question"), [(ENGLISH, "When is the summer party?"), (CHINESE, "尾牙在哪裡辦？")])
def test_three_lines_refuse_what_they_do_not_say(ask, texts, question):
    """A small collection is no reason to answer anything."""
    assert ask(texts, question).refused
