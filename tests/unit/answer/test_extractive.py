import re

import pytest

from rag_core.answer.extractive import ExtractiveGenerator, choose
from rag_core.answer.ground import ground
from rag_core.types import ChunkKind, GenerationRequest


def answer(result, language="zh"):
    request = GenerationRequest(result.question, language, "", result.passages, result.evidence)
    return "".join(ExtractiveGenerator().generate(request))


@pytest.fixture
def rules(passage):
    return passage(
        "員工到職滿一年有特休七日。特休應於年度終結前休畢。婚假為八日，喪假依親等而定。公司提供午餐。停車場位於地下二樓。"
    )


def test_the_sentence_that_answers_is_shown_with_its_passage(search, rules):
    """The answer holds the sentence with the answer, verbatim, and cites passage 1."""
    text = answer(search("婚假有幾日？", rules))
    assert "婚假為八日" in text
    assert "[1]" in text


def test_a_sure_answer_is_short(search, rules):
    """Sentences that have nothing to do with the question stay out."""
    assert "停車場" not in answer(search("婚假有幾日？", rules))


def test_the_kind_of_answer_asked_for_decides_between_equals(search, passage):
    """Of two sentences with the same words of the question, the one with a date comes first when asked when."""
    text = passage("公司成立於台北的一條小巷。總部大樓裡有餐廳和健身房。公司成立於一九九八年春天。")
    best = max(choose("公司何時成立？", {"公": 1.0, "司": 1.0, "成": 1.0, "立": 1.0}, [text]), key=lambda c: c.chance)
    assert "一九九八年" in best.shown


def test_sentences_stand_in_the_order_of_the_document(search, passage):
    """Chosen sentences are never rearranged within a passage."""
    text = answer(search("滿一年的特休，年度終結前要休畢嗎", passage("滿一年特休七日。特休應於年度終結前休畢。")))
    assert text.index("滿一年") < text.index("休畢")


def test_neighbouring_sentences_share_one_mark(search, passage):
    """A run of neighbours reads as text, with one mark at its end."""
    text = answer(search("滿一年的特休，年度終結前要休畢嗎", passage("滿一年特休七日。特休應於年度終結前休畢。")))
    assert text == "滿一年特休七日。特休應於年度終結前休畢。[1]"


def test_an_faq_is_answered_with_its_answer_cell(search, passage):
    """A short answer is shown whole although it shares no word with the question."""
    faq = passage("請先重開機。再聯絡資訊室。", kind=ChunkKind.FAQ, heading=["印表機卡紙怎麼辦？"])
    assert answer(search("印表機卡紙怎麼辦？", faq)) == "請先重開機。再聯絡資訊室。[1]"


def test_a_long_faq_answer_is_shortened(search, passage):
    """Of a long answer its beginning and what matches is shown, not all."""
    long = "先按住電源鍵五秒。" + "其他說明文字在此敘述。" * 60 + "卡紙請打開後蓋。"
    text = answer(search("印表機卡紙怎麼辦？", passage(long, kind=ChunkKind.FAQ, heading=["印表機卡紙怎麼辦？"])))
    assert text.startswith("先按住電源鍵五秒。")
    assert "打開後蓋" in text
    assert len(text) < len(long) / 2


def test_a_table_row_is_shown_with_its_header(search, passage):
    """The matching row reads as header：cell; other rows stay out."""
    table = passage("職級 | 每日住宿上限\n經理 | 3,000 元\n專員 | 2,200 元", kind=ChunkKind.TABLE)
    text = answer(search("經理每日住宿上限多少？", table))
    assert "職級：經理；每日住宿上限：3,000 元[1]" in text
    assert "2,200" not in text


def test_a_table_that_goes_on_over_a_page_has_its_names_in_the_heading(search, passage):
    """Its first row is a row like the others, named by the header of the page before."""
    table = passage(
        "協理 | 4,000 元\n專員 | 2,200 元", kind=ChunkKind.TABLE, heading=("出差辦法", "職級 | 每日住宿上限")
    )
    assert "每日住宿上限：4,000 元" in answer(search("協理每日住宿上限多少？", table))


def test_a_table_quote_is_the_row_as_it_stands(search, passage):
    """The citation of a shown row quotes its cells as they follow one another on the page, without our bars."""
    table = passage("職級 | 每日住宿上限\n經理 | 3,000 元\n專員 | 2,200 元", kind=ChunkKind.TABLE)
    result = search("經理每日住宿上限多少？", table)
    grounded = ground(answer(result), result.question, result.passages)
    assert grounded
    assert grounded.citations[0].quote.endswith("經理\n3,000 元")
    assert "|" not in grounded.citations[0].quote
    assert "3,000" in grounded.citations[0].quote


def test_a_law_is_answered_with_its_paragraph(search, passage):
    """Of an article the paragraph that matches is shown with the items below it."""
    article = passage(
        "勞工在同一雇主繼續工作滿一定期間者，應給予特別休假：\n一、六個月以上一年未滿者，三日。\n二、一年以上二年未滿者，七日。\n雇主應發給工資。",
        kind=ChunkKind.LAW,
        heading=["勞動基準法", "第 38 條"],
    )
    text = answer(search("特別休假有幾日？", article))
    assert "二、一年以上二年未滿者，七日。" in text


def test_an_answer_needs_text(search, passage):
    """Without passages, or with an empty one, nothing is written."""
    assert answer(search("特休？")) == ""
    assert answer(search("特休？", passage(" \n"))) == ""


def test_every_mark_names_a_passage(search, rules, passage):
    """Marks count from one and stay within the passages."""
    text = answer(search("婚假有幾日？喪假呢？", rules, passage("喪假八日。", chunk_id=2)))
    assert {int(n) for n in re.findall(r"\[(\d+)\]", text)} <= {1, 2}


@pytest.mark.parametrize("question", ["婚假有幾日？", "特休何時休畢？", "停車場在哪裡？", "午餐"])
def test_its_answers_pass_the_check_untouched(search, rules, question):
    """What is extracted verbatim is grounded as it is."""
    result = search(question, rules)
    text = answer(result)
    grounded = ground(text, question, result.passages)
    assert grounded
    assert grounded.text == text
    assert all(citation.quote in rules.text for citation in grounded.citations)


@pytest.mark.parametrize("kind", list(ChunkKind))
@pytest.mark.parametrize("text", ["", "\n", "|", "a |  | b\n", "：\n1、\n", "？！", "[9]", "x" * 3000, "，" * 500])
def test_no_text_breaks_it(search, passage, kind, text):
    """Odd passages of every kind give an answer or none, never an error."""
    shown = answer(search("婚假有幾日？", passage(text, kind=kind)))
    empty = not text.strip() or (kind is ChunkKind.TABLE and text == "|")
    assert bool(shown) != empty


def test_a_sentence_that_only_promises_the_answer_gives_way_to_it(search, passage):
    """Of a lead-in and the sentence with the figure, the figure is shown."""
    text = passage("住宿費上限如下表。\n\n" + "其他說明。" * 20 + "\n\n高雄住宿費上限為二千二百元。")
    assert "二千二百元" in answer(search("高雄住宿費上限是多少？", text))


def test_a_sentence_that_sends_to_its_table_brings_the_rows(search, passage):
    """依下表 is followed by the rows under the same heading, those that match the question first in the budget."""
    heading = ("工作規則", "第 30 條 特別休假日數")
    article = passage("員工繼續工作滿一定期間者，依下表給予特別休假。", heading=heading, chunk_id=1)
    other = passage(
        "出勤日 | 加班費\n特別休假日 | 加倍發給", kind=ChunkKind.TABLE, heading=("工作規則", "加班"), chunk_id=2
    )
    table = passage("年資 | 日數\n一年 | 7 日\n三年 | 14 日", kind=ChunkKind.TABLE, heading=heading, chunk_id=3)
    text = answer(search("特別休假有幾天？", article, other, table))
    assert "年資：一年；日數：7 日[3]" in text
    assert "年資：三年；日數：14 日[3]" in text
    assert "加倍發給" not in text
