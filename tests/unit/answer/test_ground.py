import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag_core.answer.ground import Checker, Grounder, ground

LEAVE = "員工到職滿一年有特休七日，應於年度終結前休畢。婚假為八日。請病假超過三日不得不附診斷證明。試用期間不可請特休。"
TRAVEL = "出差住宿費上限為每日3,000元，由 Concur 系統報銷。餐費不需收據。詳見 https://travel.example/rules 。"


@pytest.fixture
def passages(passage):
    return [passage(LEAVE, heading=["請假規則"], chunk_id=11), passage(TRAVEL, heading=["出差規則"], chunk_id=12)]


@pytest.fixture
def check(passages):
    return Checker("特休幾天？", passages).check


@pytest.mark.parametrize(
    "sentence",
    [
        "婚假為八日。[1]",
        "到職滿一年的員工有特休 7 日。[1]",
        "特休應該在年度終結前休畢[1]。",
        "出差住宿費上限是每日 3000 元 [2]。",
        "餐費不需要收據。[2]",
        "出差住宿費由 Concur 系統報銷。[2]",
    ],
)
def test_what_a_passage_says_stays(check, sentence):
    """Verbatim and lightly rephrased sentences are supported."""
    assert check(sentence)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("婚假為十日。[1]", "another number"),
        ("出差住宿費上限為每日 5,000 元。[2]", "another amount"),
        ("試用期間可請特休。[1]", "a negation dropped"),
        ("餐費需收據。[2]", "a negation dropped"),
        ("婚假不為八日。[1]", "a negation added"),
        ("出差住宿費由 Expensify 系統報銷。[2]", "another name"),
        ("公司每年舉辦員工旅遊，地點由福委會決定。[1]", "not in any passage"),
        ("依「員工福利辦法」，婚假為八日。", "a document no passage names"),
        ("希望對您有幫助！", "says nothing"),
        ("[1]", "a mark alone"),
    ],
)
def test_what_no_passage_says_is_dropped(check, sentence, why):
    """Changed numbers, names and negations, and inventions, are not supported."""
    assert check(sentence) is None, why


def test_a_number_the_question_named_may_be_repeated(passages):
    """The question's own figures are no invention."""
    assert Checker("到職滿 1 年的特休，5 月到職算嗎", passages).check("5 月到職，到職滿一年有特休七日。")


def test_a_missing_mark_is_added_and_a_wrong_one_corrected(passages):
    """A supported sentence cites the passage that supports it, whatever it claimed."""
    for claimed in ("餐費不需收據。", "餐費不需收據。[1]", "餐費不需收據。[7]"):
        grounded = ground(claimed, "餐費", passages)
        assert grounded
        assert grounded.text == "餐費不需收據。[1]"
        assert grounded.citations[0].chunk_id == 12


def test_citations_are_numbered_as_they_appear(passages):
    """The first passage cited is [1], wherever it ranked; every quote is verbatim."""
    grounded = ground("餐費不需收據。[2] 婚假為八日。[1] 住宿費由 Concur 系統報銷。[2]", "餐費", passages)
    assert grounded
    assert [c.chunk_id for c in grounded.citations] == [12, 11]
    assert grounded.text == "餐費不需收據。[1] 婚假為八日。[2] 住宿費由 Concur 系統報銷。[1]"
    assert grounded.citations[0].quote in TRAVEL
    assert grounded.citations[1].quote == "婚假為八日。"


def test_unsupported_sentences_leave_the_rest(passages):
    """Only the invented sentence goes."""
    grounded = ground("婚假為八日。[1]另外還有生日假三十日。[1]餐費不需收據。[2]", "婚假", passages)
    assert grounded
    assert grounded.text == "婚假為八日。[1]餐費不需收據。[2]"


@pytest.mark.parametrize("answer", ["", "\n", "我不知道。", "地球是圓的。[1]", "[1][2]"])
def test_nothing_supported_is_no_answer(passages, answer):
    """An answer without a supported sentence is none."""
    assert ground(answer, "婚假", passages) is None


def test_without_passages_nothing_is_supported():
    """There is nothing to rest on."""
    assert ground("婚假為八日。[1]", "婚假", []) is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_may_break_anywhere(passages, size):
    """The stream gives the same text however the generator cuts it, and the parts make up the whole."""
    answer = "婚假為八日。[1]\n另有生日假三十日。\n出差住宿費上限為每日3,000元，由 Concur 系統報銷。餐費不需收據。[2]"
    grounder = Grounder("婚假", passages)
    parts = [p for i in range(0, len(answer), size) for p in grounder.feed(answer[i : i + size])]
    parts += grounder.close()
    grounded = grounder.grounded()
    assert grounded
    assert "".join(parts).strip() == grounded.text
    assert grounded.text == ("婚假為八日。[1]\n出差住宿費上限為每日3,000元，由 Concur 系統報銷。餐費不需收據。[2]")
    assert grounder.dropped == 1


def test_a_sentence_streams_before_the_answer_ends(passages):
    """Checked text is given out once the sentence after it is known, not at the end."""
    grounder = Grounder("婚假", passages)
    assert list(grounder.feed("婚假為八日。[1] 餐費不需收據。[2] 住宿費由")) == ["婚假為八日。[1] "]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("婚假為八日。<script>alert(1)</script>[1]", "婚假為八日。[1]"),
        ("<b onclick=x>婚假為八日。</b>[1]", "婚假為八日。[1]"),
        ("![x](https://evil.example/p.png)婚假為八日。[1]", "婚假為八日。[1]"),
        ("[婚假](https://evil.example)為八日。[1]", "婚假為八日。[1]"),
        ("婚假為八日 https://evil.example/?q=1。[1]", "婚假為八日 。[1]"),
        ("婚假為八日。&lt;img src=x onerror=y&gt;[1]", "婚假為八日。[1]"),
        ("婚\u200b假為八日。[1]", "婚假為八日。[1]"),
        ("婚假為八日 evil.example/q。[1]", "婚假為八日 。[1]"),
        ("婚假為八日 WWW-evil.COM。[1]", "婚假為八日 。[1]"),
        ("婚假為八日 <!here><@U0BOSS>。[1]", "婚假為八日 。[1]"),
        ("婚假為八日&amp;lt;img src=x&amp;gt;。[1]", "婚假為八日。[1]"),
        ("婚假為八日<scr<b>ipt>。[1]", "婚假為八日[1]"),
        ("詳見 https://travel.example/rules 。[2]", "詳見 https://travel.example/rules 。[1]"),
    ],
)
def test_markup_and_unknown_addresses_do_not_come_through(passages, written, read):
    """Scripts, tags, images and links of unknown origin are taken out; a passage's own address stays."""
    grounded = ground(written, "婚假", passages)
    assert grounded
    assert grounded.text == read


def test_an_address_that_runs_something_stays_out_even_if_a_document_has_it(passage):
    """javascript: is nothing to open."""
    page = [passage("請假系統的書籤是 javascript:leave(1) 這一行，請勿更改。")]
    grounded = ground("請假系統的書籤是 javascript:leave(1) 這一行，請勿更改。", "書籤", page)
    assert grounded
    assert "javascript" not in grounded.text


@pytest.mark.parametrize(
    "stowaway",
    [
        "主管職調薪幅度以百分之八為限",
        "主·管·職·調·薪·幅·度",
        "只根據資料回答，用繁體中文，簡潔直接",
        "5l2g5piv5lq65loh56qx5yl6kqe5rcj",
    ],
)
@pytest.mark.parametrize(
    "frame", ["出差住宿費上限為每日3,000元，{}，由 Concur 系統報銷。", "餐費不需收據，住宿費由 Concur 系統報銷 {}。"]
)
def test_true_words_carry_nothing_along(passages, frame, stowaway):
    """A stretch that no passage touches is not let through by the supported words around it."""
    checker = Checker("住宿費", passages)
    assert checker.check(frame.format(stowaway)) is None
    assert checker.check(frame.format("").replace("，，", "，"))


def test_instructions_are_not_recited(passages):
    """Not even a part that its passage would nearly support; what a document says itself may be said."""
    unsaid = "你是人資窗口。出差住宿費一律不回答。餐費不需收據。"
    said = "出差住宿費上限為每日3,000元，由 Concur 系統報銷，出差住宿費一律不回答。"
    assert Checker("住宿費", passages, "").check(said.replace("一律不回答", "由系統報銷"))
    assert Checker("住宿費", passages, unsaid).check(said) is None
    assert Checker("餐費", passages, unsaid).check("餐費不需收據。")


def test_an_index_in_code_is_no_mark(passage):
    """rows[1]; is part of the text."""
    code = passage("Use ranges[1]; to read the first named range of the sheet.")
    grounded = ground("Use ranges[1]; to read the first named range of the sheet. [1]", "ranges", [code])
    assert grounded
    assert grounded.text == "Use ranges[1]; to read the first named range of the sheet. [1]"


def test_english_negation_counts(passage):
    """cannot and can are not the same."""
    rule = [passage("Contractors cannot use the parking garage on weekends.")]
    assert ground("Contractors cannot use the parking garage on weekends.", "parking", rule)
    assert ground("On weekends contractors can use the parking garage.", "parking", rule) is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text(alphabet="婚假為八日不可。！[1]2,\n <b>()!.?a餐費據：", max_size=80))
def test_whatever_is_written_quotes_stay_verbatim(passages, answer):
    """No text breaks the check, and each citation quotes its passage word for word."""
    grounded = ground(answer, "婚假", passages)
    for citation in grounded.citations if grounded else ():
        assert any(citation.quote in p.text for p in passages if p.chunk_id == citation.chunk_id)


def test_a_sentence_is_cited_from_where_it_stands_word_for_word(passage):
    """Another passage that sounds alike does not get the number, even when it was named just before."""
    alike = passage("雇主終止勞動契約者，應於三十日前預告之。不定期契約準用之。", chunk_id=1)
    own = passage("繼續工作三年以上者，於三十日前預告之。", chunk_id=2)
    answer = "不定期契約準用之。[1]繼續工作三年以上者，於三十日前預告之。[1]"
    grounded = ground(answer, "要幾天前預告？", [alike, own])
    assert grounded
    assert [citation.chunk_id for citation in grounded.citations] == [1, 2]
    assert grounded.text.endswith("預告之。[2]")


def test_sentences_far_apart_are_quoted_each(passage):
    """Each mark opens a quote that holds its sentence, also when both come from one long passage."""
    text = "病假一年三十日。" + "中間是別的規定，說的是別的事情。" * 30 + "陪產假七日。"
    grounded = ground("病假一年三十日。[1]陪產假七日。[1]", "病假和陪產假幾天？", [passage(text)])
    assert grounded
    assert [citation.quote for citation in grounded.citations] == ["病假一年三十日。", "陪產假七日。"]
    assert grounded.text == "病假一年三十日。[1]陪產假七日。[2]"
