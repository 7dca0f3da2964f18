import pytest

from rag_core.answer.rewrite import rewrite, stand_alone
from rag_core.types import Turn

FOLLOW_UPS = [
    ("特休有幾天？", "那病假呢？", "病假有幾天？"),
    ("特休有幾天？", "病假呢", "病假有幾天？"),
    ("請問特休有幾天？", "那如果是事假呢？", "事假有幾天？"),
    ("特休有幾天？", "那工讀生呢？", "工讀生的特休有幾天？"),
    ("主管的加班費怎麼算？", "員工呢？", "員工的加班費怎麼算？"),
    ("特休有幾天？", "明年呢？", "明年特休有幾天？"),
    ("今年的特休有幾天？", "那明年呢", "明年的特休有幾天？"),
    ("特休有幾天？", "滿三年呢？", "滿三年的話，特休有幾天？"),
    ("特休怎麼申請？", "病假的話呢", "病假怎麼申請？"),
    ("怎麼申請特休？", "病假呢？", "怎麼申請病假？"),
    ("平日加班費怎麼算？", "假日呢？", "假日加班費怎麼算？"),
    ("報銷差旅費的期限是多久？", "交際費呢？", "報銷交際費的期限是多久？"),
    ("出差住宿費上限是多少？", "那餐費呢？", "出差餐費上限是多少？"),
    ("退貨要怎麼辦理？", "換貨呢？", "換貨要怎麼辦理？"),
    ("產品保固多久？", "超過保固期呢？", "超過保固期的話，產品保固多久？"),
    ("特休有幾天？", "怎麼申請？", "特休怎麼申請？"),
    ("特休有幾天？", "要怎麼請？", "特休要怎麼請？"),
    ("婚假有幾天？", "多久以前要提出？", "婚假多久以前要提出？"),
    ("產品保固多久？", "要去哪裡辦理？", "產品保固要去哪裡辦理？"),
    ("VPN 怎麼設定？", "需要什麼文件？", "VPN需要什麼文件？"),
    ("特休有幾天？", "那可以請半天嗎？", "特休可以請半天嗎？"),
    ("特休有幾天？", "它可以遞延到明年嗎？", "特休可以遞延到明年嗎？"),
    ("特休有幾天？", "這個要誰核准？", "特休要誰核准？"),
    ("How many days of annual leave do I have?", "How about sick leave?", "How many days of sick leave do I have?"),
    ("How do I request sick leave?", "What about managers?", "How do I request sick leave for managers?"),
    ("How many days off do employees get?", "And managers?", "How many days off do managers get?"),
    ("How do I request sick leave?", "Who approves it?", "Who approves sick leave?"),
    ("How do I request sick leave?", "Can I carry it over to next year?", "Can I carry sick leave over to next year?"),
    ("How do I request sick leave?", "How long does it take?", "How long does sick leave take?"),
    ("What is the per diem in Taipei?", "What about in Tokyo?", "What is the per diem in Tokyo?"),
    ("How do I request sick leave?", "Who approves?", "Who approves, sick leave?"),
]

WHOLE = [
    ("婚假有幾天？", "喪假有幾天？"),
    ("婚假有幾天？", "那喪假有幾天？"),
    ("婚假有幾天？", "公司的地址在哪裡？"),
    ("婚假有幾天？", "這個月的薪水什麼時候發？"),
    ("婚假有幾天？", "可以帶寵物來上班嗎？"),
    ("婚假有幾天？", "怎麼申請護照？"),
    ("退貨要怎麼辦理？", "運費誰付？"),
    ("婚假有幾天？", "「媽祖在馬祖」這個口號是誰想的？"),
    ("婚假有幾天？", "謝謝"),
    ("婚假有幾天？", "VPN 連不上怎麼辦？"),
    ("How do I request sick leave?", "Is it possible to bring my dog to work?"),
    ("How do I request sick leave?", "How long does it take to get a passport?"),
    ("How do I request sick leave?", "Where do I submit travel receipts?"),
    ("How do I reset my password?", "And how do I set up email?"),
    ("How do I reset my password?", "What is the holiday schedule this year?"),
    ("How do I reset my password?", "I lost my badge, how do I replace it?"),
    ("How do I reset my password?", "What are the rules for remote work?"),
]


@pytest.mark.parametrize(("before", "asked", "whole"), FOLLOW_UPS)
def test_a_follow_up_is_completed_from_the_question_before(before, asked, whole):
    """The new words are kept, the frame of the earlier question is taken over."""
    assert rewrite(asked, [Turn(before, "…")]) == whole


@pytest.mark.parametrize(("before", "asked"), WHOLE)
def test_a_question_that_stands_alone_is_not_touched(before, asked):
    """A full new question comes back character for character."""
    assert rewrite(asked, [Turn(before, "…")]) == asked


@pytest.mark.parametrize("asked", [asked for _, asked, _ in FOLLOW_UPS])
def test_without_history_nothing_is_touched(asked):
    """There is nothing to complete it from."""
    assert rewrite(asked, []) == asked


def test_a_chain_of_follow_ups_is_followed():
    """Each follow-up is completed from the one before as it was completed."""
    history = [Turn("特休有幾天？", ""), Turn("那病假呢？", "")]
    assert rewrite("要怎麼申請？", history) == "病假要怎麼申請？"


def test_a_new_subject_ends_the_chain():
    """After a whole question the earlier one no longer counts."""
    history = [Turn("特休有幾天？", ""), Turn("VPN 怎麼設定？", "")]
    assert rewrite("那印表機呢？", history) == "印表機 怎麼設定？"


def test_a_follow_up_says_that_it_is_one():
    """What is searched holds what is shown."""
    whole = stand_alone("那病假呢？", [Turn("特休有幾天？", "")])
    assert whole.follow_up
    assert whole.question in whole.query
    assert not stand_alone("病假有幾天？", [Turn("特休有幾天？", "")]).follow_up


def test_a_pasted_text_is_no_follow_up():
    """A long message is never rewritten."""
    asked = "那" + "病假" * 60 + "呢？"
    assert rewrite(asked, [Turn("特休有幾天？", "")]) == asked
