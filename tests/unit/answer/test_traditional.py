import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from rag_core.answer.ground import Grounder, ground
from rag_core.answer.sentences import sentences
from rag_core.answer.traditional import Traditional, is_simplified

RULES = (
    "員工到職滿一年有特休七日，應於年度終結前休畢。皇后對此沒有意見，臺北市的里長與余專員有公里補貼。"
    "軟體請在網路上下載，計畫書須經主管核准後送會簽。"
)
SIMPLIFIED = "员工请假须提前三日申请，由经理批准后生效。试用期间不得请长假，发现违规者应当处罚。"
BOTH = "皇后茶几公里里長台灣吃飯只剩干預准許批准余先生范姓面試雲林制度系統雇主計畫向來只有松樹山谷丑角斗六床位"


@pytest.fixture
def write():
    return Traditional([RULES]).write


@pytest.mark.parametrize(
    "sentence",
    [
        "皇后搭公里計費的車到台灣，茶几上吃飯只剩一碗。",
        "里長不得干預，余先生與范小姐准許後，于右任、岳飛、涂先生亦同。",
        "着裝、裏面、羣眾、臺北與台北",
        "日本国の首都は東京です。",
        "国会図書館で広告を読む",
        "See README.md [3] for the 5 GB limit.",
        "",
    ],
)
def test_what_is_not_simplified_stays(write, sentence):
    """Traditional Chinese, with characters that Simplified has as well, Japanese and English are left alone."""
    assert write(sentence) == sentence


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("头发与发展", "頭髮與發展"),
        ("皇后对此无意见", "皇后對此無意見"),
        ("公里数以里长发现的为准", "公里數以里長發現的為準"),
        ("只有這個关系很大，皇后與余先生都同意", "只有這個關係很大，皇后與余先生都同意"),
        ("余先生和姓于的请假，其余经理对于主管亦同", "余先生和姓于的請假，其餘經理對於主管亦同"),
        ("请会签后呈核，标签不用", "請會簽後呈核，標籤不用"),
        ("公布台湾的雇主", "公布台灣的雇主"),
        ("請到鮮の味餐厅订位", "請到鮮の味餐廳訂位"),
        ("这是 Microsoft 软件", "這是 Microsoft 軟件"),
        ("法律程序的文件支持", "法律程序的文件支持"),
    ],
)
def test_simplified_becomes_traditional(written, read):
    """Word by word where the passages say nothing; of two that Taiwan writes the one that stands there stays."""
    assert Traditional(["請看規定。"]).write(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("台北市的里长与余专员有补贴", "臺北市的里長與余專員有補貼"),
        ("计划书须经主管核准", "計畫書須經主管核准"),
        ("软件要从网络取得", "軟體要從網路取得"),
        ("请用打印", "請用打印"),
    ],
)
def test_the_passages_decide_how_it_is_written(write, written, read):
    """A stretch that they have is written their way, and a mainland word only becomes Taiwan's where they have it."""
    assert write(written) == read


def test_a_word_that_the_passages_use_stays():
    """A product keeps its name."""
    assert Traditional(["軟件王是產品，軟體則不是。"]).write("软件王是产品名") == "軟件王是產品名"


def test_simplified_sources_are_answered_as_they_are():
    """Where most of what tells is Simplified, nothing is touched."""
    assert is_simplified(SIMPLIFIED)
    assert not is_simplified(RULES)
    assert Traditional([SIMPLIFIED]).write("员工请假须提前申请。") == "员工请假须提前申请。"


@pytest.mark.parametrize("written", ["{}", "1. {}", "規定寫道：「{}」"])
def test_a_quote_from_a_simplified_document_stays(written):
    """Among Traditional ones too, whole or within quotation marks; what it is told in other words does not."""
    both = Traditional([RULES * 2, SIMPLIFIED])
    quote = written.format("员工请假须提前三日申请，由经理批准后生效。")
    assert both.write(quote) == quote
    assert both.write("员工应提前三日请假。") == "員工應提前三日請假。"


def test_a_sentence_written_in_simplified_is_a_citation(passage):
    """Word for word, with the passage's own characters, however the stream is cut, and kept apart from inventions."""
    answer = "员工到职满一年有特休七日，应于年度终结前休毕。[1]公司每年举办旅游。计划书须经主管核准后送会签，请注意。"
    for size in (1, 5, 1000):
        grounder = Grounder("特休幾天？", [passage(RULES)])
        parts = [p for i in range(0, len(answer), size) for p in grounder.feed(answer[i : i + size])]
        shown = "".join([*parts, *grounder.close()])
        assert shown.startswith("員工到職滿一年有特休七日，應於年度終結前休畢。[1]")
        assert grounder.grounded().citations[0].quote.startswith("員工到職滿一年有特休七日，應於年度終結前休畢。")
        assert "旅游" not in shown


def test_a_quote_from_a_simplified_passage_is_grounded_as_it_stands(passage):
    """The citation and the answer have the document's characters."""
    grounded = ground("试用期间不得请长假，发现违规者应当处罚。", "試用", [passage(RULES), passage(SIMPLIFIED)])
    assert grounded
    assert grounded.text == "试用期间不得请长假，发现违规者应当处罚。[1]"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentence=st.text(alphabet=BOTH + RULES + "，。「」のカ図[1] aB國學會裏", max_size=60))
def test_traditional_text_is_never_changed(write, sentence):
    """Whatever comes together of Traditional characters and those of both."""
    assert write(sentence) == sentence


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentence=st.text(alphabet=BOTH + RULES + SIMPLIFIED + "「」のカ図国会 a软件网络头发", max_size=60))
def test_once_is_enough(sentence):
    """Written again it stays, and it keeps its length, but for words."""
    both = Traditional([RULES * 2, SIMPLIFIED])
    written = both.write(sentence)
    assert both.write(written) == written
    assert len(written) == len(sentence)


def test_real_text_comes_back(public_data):
    """Wikipedia's sentences stay; written in Simplified, they come back as they were from their paragraph."""
    articles = json.loads((public_data / "drcd/DRCD_dev.json").read_text("utf-8"))["data"]
    texts = [p["context"] for article in articles[::8] for p in article["paragraphs"]][:60]
    to_simplified = OpenCC("t2s").convert
    changed, lost, count = [], [], 0
    for text in texts:
        known, unknown = Traditional([text]), Traditional(["請看規定。"])
        for sentence in (span.of(text) for span in sentences(text)):
            count += 1
            changed += [sentence] if unknown.write(sentence) != sentence else []
            lost += [sentence] if known.write(to_simplified(sentence)) != sentence else []
    assert count > 300
    assert not changed
    assert len(lost) <= 0.01 * count
