"""A message that asks several questions is taken apart; what is not certain stays one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.conversations.splitting import leans_on, questions_of

LEAVE, SICK, RETURNS = "特別休假有幾日？", "病假一年最多幾日？", "幾日內可以退貨？"


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (LEAVE, [LEAVE]),
        ("  謝謝  ", ["謝謝"]),
        (f"您好！\n{LEAVE}", [f"您好！\n{LEAVE}"]),
        (f"{LEAVE}{SICK}", [LEAVE, SICK]),
        (f"{LEAVE}\n{SICK}", [LEAVE, SICK]),
        (f"1. {LEAVE}\n2. {SICK}\n3. {RETURNS}", [LEAVE, SICK, RETURNS]),
        (f"一、{LEAVE}\n二、{SICK}", [LEAVE, SICK]),
        (f"- {LEAVE}\n- {SICK}", [LEAVE, SICK]),
        (f"您好\n{LEAVE}\n{SICK}", [f"您好 {LEAVE}", SICK]),
        (f"{LEAVE}\n{SICK}\n我到職滿三年", [LEAVE, f"{SICK} 我到職滿三年"]),
        (
            "How many days of leave do I get? Can I return a product?",
            ["How many days of leave do I get?", "Can I return a product?"],
        ),
    ],
)
def test_each_question_stands_alone_with_its_circumstances(text, questions):
    """Numbers and dots of a list go; a greeting stays with what follows, an afterthought with the last."""
    assert questions_of(text) == questions


@pytest.mark.parametrize(
    "text",
    [
        f"{LEAVE}{SICK}{RETURNS}運費是多少？",
        "主管問我「特休有幾天？」我該怎麼回答？",
        "為什麼 https://a.example/?page=1 打不開？",
        "特休到底有幾天？？？",
        f"{LEAVE}好嗎？",
    ],
)
def test_what_is_not_certain_stays_one(text):
    """More than three questions, a quoted one, the ? of an address, several marks, words too short to ask."""
    assert questions_of(text) == [text]


_PIECES = st.sampled_from(
    [LEAVE, SICK, "您好", "我到職滿三年。", "What is it? ", "\n", "？", "1. ", "（二）", "- ", "滿"]
)
_LISTED = re.compile(r"[\s\d.、()（）一二三四五六七八九十:：*•-]")


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=12).map("".join)))
def test_nothing_but_white_space_and_list_marks_is_lost(text):
    """Whatever is written, all its other characters stand in the pieces, in whatever order they were."""
    assert sorted(_LISTED.sub("", "".join(questions_of(text)))) == sorted(_LISTED.sub("", text))


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_there_are_never_more_than_three(text):
    """And always at least one."""
    assert 1 <= len(questions_of(text)) <= 3


@pytest.mark.parametrize(
    ("question", "leans"),
    [("那病假呢？", True), ("And sick leave?", True), (SICK, False), ("另外，幾日內可以退貨？", False)],
)
def test_a_question_may_lean_on_the_one_before(question, leans):
    """By its first word. 另外 begins something else, which another window may know."""
    assert leans_on(question) is leans
