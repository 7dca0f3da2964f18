"""How texts feel: Traditional Chinese and English, with negation, degree, wishes, and stars."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.conversations.complaints.sentiment import feeling, starred

NEGATIVE = """
才用兩天就漏水，地板都濕了
打電話等了二十分鐘沒人接
沒有很好
不太好
不是很滿意
好爛
一點也不好用
完全不推薦
客服態度很差
更新 App 2.4 之後清淨機常常連不上
機器是好的，但是客服已讀不回
物流超級慢，等了一個禮拜
不会再买
取消加購後差額還沒退
It doesn't work
not good at all
Never arrived. No reply from anyone!
great product but arrived late and broken
The customer service was not helpful
I don’t recommend it
😡😡
""".strip().split("\n")
POSITIVE = """
不錯
真的好
很好用，推薦
出貨很快，包裝完整，很滿意
客服態度很親切
一點也不吵，很安靜
會再回購
CP值高，推推
沒什麼問題，品質很好
品质很好，非常满意
not bad
works great, fast delivery
no problem so far, quiet and easy to use
""".strip().split("\n")
NEUTRAL = """
買了一台除濕機
天氣變冷，空氣很乾，冷氣沒開
好像是上週買的，用了好久
不好意思請問一下
希望出貨可以更快
沒有壞
東西還可以
I would like to know the warranty
How long is the hose?
=cmd|'/c calc'!A1

""".strip("\n").split("\n")


@pytest.mark.parametrize("text", NEGATIVE)
def test_what_is_bad_is_negative(text):
    """Also where a good word is turned, in either language, in Simplified, with a curly apostrophe, as an emoji."""
    assert feeling(text).sentiment == "negative"


@pytest.mark.parametrize("text", POSITIVE)
def test_what_is_good_is_positive(text):
    """Also where a bad word is turned into praise: 不錯, not bad, 一點也不吵."""
    assert feeling(text).sentiment == "positive"


@pytest.mark.parametrize("text", NEUTRAL)
def test_what_says_nothing_is_neutral(text):
    """Words that only look like a feeling (天氣, 好像), questions, wishes, and no text at all."""
    assert feeling(text).sentiment == "neutral"


def test_a_negation_ends_with_its_clause():
    """What stands behind a comma or a 但是 is not turned by it."""
    assert feeling("東西不大，很好用").sentiment == "positive"
    assert feeling("not big, but good").sentiment == "positive"


def test_more_and_stronger_words_score_further():
    """A degree counts, a strong word counts more, and nothing reaches beyond one."""
    assert feeling("很慢").score < feeling("慢").score < 0
    assert feeling("垃圾").score < feeling("故障").score
    assert feeling("爛。" * 500).score == -1.0


@pytest.mark.parametrize(
    ("stars", "sentiment", "score"),
    [
        (1, "negative", -1),
        (2, "negative", -0.5),
        (3, "neutral", 0),
        (3.5, "neutral", 0.25),
        (4, "positive", 0.5),
        (5, "positive", 1),
    ],
)
def test_stars_say_it_themselves(stars, sentiment, score):
    """One and two are bad, three neither, five good."""
    felt = starred(stars)
    assert (felt.sentiment, felt.score) == (sentiment, score)


@given(st.text(max_size=300))
def test_any_text_has_a_feeling(text):
    """Whatever is written, the score is between -1 and 1, and nothing breaks."""
    assert -1 <= feeling(text).score <= 1
