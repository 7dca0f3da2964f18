"""What complaints are about, by their words alone."""

import pytest

from bots.conversations.complaints.themes import Theme, Themes, telling

THEMES = [
    Theme("delivery", ("配送延遲", "Late delivery")),
    Theme("漏水", ("漏水",)),
    Theme("noise", ("異音或異味", "Noise or smell")),
    Theme("App 離線", ("App 或連線",)),
    Theme("refund", ("退款或發票", "Refund or invoice")),
    Theme("service", ("服務態度",)),
    Theme("safety", ("冒煙、起火或受傷", "Smoke, fire, injury")),
    Theme("其他", ("其他", "Other")),
]


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("一直漏水", "漏水"),
        ("水箱底部仍滲水", "漏水"),
        ("漏水（臺灣製的也會）", "漏水"),
        ("等了一個禮拜還沒收到", "delivery"),
        ("The courier was two weeks late", "delivery"),
        ("睡眠模式有規律的喀喀聲", "noise"),
        ("It smells burnt and smoke comes out", "safety"),
        ("更新之後常常連不上", "App 離線"),
        ("電子發票沒有打統一編號", "refund"),
        ("等了二十分鐘沒人接", "service"),
        ("顏色跟照片不一樣", ""),
        ("其他", ""),
        ("", ""),
        ("x" * 50_000, ""),
    ],
)
def test_a_text_goes_to_the_theme_whose_words_it_has(text, theme):
    """By its name or what means the same, in any variant; what is near none has none, and "other" draws nothing."""
    assert Themes(THEMES).nearest(text) == theme


def test_earlier_complaints_teach_a_theme():
    """What somebody put somewhere draws the like of it there, though the theme's name says nothing of it."""
    text = "贈品的顏色跟照片不一樣"
    examples = [
        ("gift", "贈品顏色不對"),
        ("gift", "贈品跟照片差很多"),
        ("size", "尺寸太小穿不下"),
        ("size", "尺寸不合"),
    ]
    assert Themes([]).nearest(text) == ""
    assert Themes([], examples).nearest(text) == "gift"
    assert Themes([], [("其他", text)]).nearest(text) == ""


def test_the_others_are_grouped_by_a_word_they_share():
    """The word is shown as people write it; one that nobody else has, or that says nothing, names no group."""
    texts = ["贈品沒有給我", "說好的贈品呢", "the gift was missing", "No Gift at all", "的了是", "獨一無二"]
    assert telling(texts) == ["贈品", "贈品", "gift", "gift", "", ""]


def test_a_group_there_is_already_takes_further_ones():
    """One new complaint joins it alone, where otherwise it would share its word with nobody."""
    assert telling(["贈品壞了"]) == [""]
    assert telling(["贈品壞了"], ["贈品沒有給我", "說好的贈品呢"], ["贈品"]) == ["贈品"]
