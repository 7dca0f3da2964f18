import pytest

from rag_core.answer.probes import probes
from rag_core.answer.refuse import UNCALIBRATED, Reason, RefusalThreshold, calibrate, combine, decide

RULES = "員工到職滿一年有特休七日，應於年度終結前休畢。婚假為八日。請病假須附診斷證明。出差住宿費上限為每日三千元。"


@pytest.fixture
def rules(passage):
    return passage(RULES, heading=["工作規則"])


@pytest.mark.parametrize(
    "question", ["婚假有幾日？", "出差住宿費的上限是多少", "病假要附診斷證明嗎", "特休應於何時休畢"]
)
def test_what_the_passage_says_is_answered(search, rules, question):
    """A question in the words of a passage is answered without any calibration."""
    assert decide(search(question, rules), UNCALIBRATED).answer


@pytest.mark.parametrize(
    "question", ["月球繞地球一圈要多久", "怎麼讓仙人掌開花", "How long does the moon take?", "誰發明了電燈泡"]
)
def test_what_the_passage_does_not_say_is_refused(search, rules, question):
    """A question about something else is refused for lack of support."""
    decision = decide(search(question, rules), UNCALIBRATED)
    assert not decision.answer
    assert decision.reason is Reason.TOO_LITTLE_SUPPORT


@pytest.mark.parametrize("question", ["", "  ", "？？！", "你好", "怎麼辦？", "what is it?", "😀"])
def test_a_message_that_asks_nothing_is_refused_as_such(search, rules, question):
    """Greetings, symbols and question words alone are told apart from questions without an answer."""
    assert decide(search(question, rules), UNCALIBRATED).reason is Reason.NOTHING_ASKED


def test_no_passage_is_no_answer(search):
    """An empty search is refused."""
    assert decide(search("婚假有幾日？"), UNCALIBRATED).reason is Reason.NOTHING_FOUND


def test_a_very_long_question_is_not_answered_for_its_length(search, rules):
    """Ten thousand characters of something else gain no support from their number."""
    assert not decide(search("月球繞著地球的軌道運行" * 1000, rules), UNCALIBRATED).answer


def test_a_collection_that_touches_every_question_gets_a_higher_threshold(search, passage):
    """Where probes find much by chance, more support is asked for."""
    poor = [search(question, passage("婚假為八日。")) for question in probes("zh")]
    rich = [search(question, passage(question[:-2])) for question in probes("zh")]
    low = calibrate(poor, chunks=10, mean_terms=40)
    high = calibrate(rich, chunks=10, mean_terms=40)
    assert low.value < high.value


def test_without_probes_the_usual_threshold_holds():
    """Calibrating on nothing gives the prior."""
    assert calibrate([], chunks=0, mean_terms=300).value == UNCALIBRATED.value


def test_audiences_count_by_their_chunks():
    """Nine hundred chunks outweigh a hundred; unmeasured cosines do not count."""
    both = combine([RefusalThreshold(8.0, 100, 100, 0.2, 0.8), RefusalThreshold(10.0, 200, 900)])
    assert both.value == pytest.approx(9.8)
    assert both.mean_terms == pytest.approx(190)
    assert (both.probe_cosine, both.own_cosine, both.chunks) == (0.2, 0.8, 1000)


def test_nothing_to_combine_is_the_prior():
    """A viewer who sees no calibrated collection is held to the prior."""
    assert combine([]) == UNCALIBRATED
    assert combine([RefusalThreshold(99.0, 1, 0)]) == UNCALIBRATED


@pytest.mark.parametrize("threshold", [RefusalThreshold(9, 300, 5), RefusalThreshold(9, 300, 5, 0.1, 0.6)])
def test_figures_survive_being_stored(threshold):
    """What is stored is read back, with or without an embedder's figures."""
    assert RefusalThreshold.from_figures(threshold.chunks, threshold.figures()) == threshold


@pytest.mark.parametrize(
    ("cosine", "low", "high", "helped"),
    [
        (0.8, 0.2, 0.8, True),
        (0.2, 0.2, 0.8, False),
        (0.8, 0.78, 0.82, False),
        (None, 0.2, 0.8, False),
        (0.8, None, None, False),
    ],
)
def test_a_cosine_helps_only_where_the_embedder_tells_questions_from_probes(search, rules, cosine, low, high, helped):
    """A near vector adds support if the embedder separates; it never takes any away."""
    threshold = RefusalThreshold(9.0, 100, 10, low, high)
    without = decide(search("結婚可以休息多久", rules), threshold).support
    support = decide(search("結婚可以休息多久", rules, cosine=cosine), threshold).support
    assert (support > without) is helped


def test_probes_are_asked_in_both_languages():
    """Each language has enough probes for a median, and none twice."""
    for language in ("zh", "en"):
        assert len(set(probes(language))) == len(probes(language)) >= 40
