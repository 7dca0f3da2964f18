import pytest

from rag_core.answer.language import empty_text, language_of, refusal_text


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("特休有幾天？", "zh"),
        ("VPN 怎麼設定", "zh"),
        ("How do I set up VPN?", "en"),
        ("", "zh"),
        ("123 ?!", "zh"),
        ("😀", "zh"),
    ],
)
def test_any_chinese_makes_a_question_chinese(question: str, language: str) -> None:
    """Chinese characters make it Chinese however much English it holds; no letter at all, too: that is where we are."""
    assert language_of(question) == language


def test_a_refusal_names_the_contact_in_the_language_of_the_question() -> None:
    """The contact is named when there is one, and the sentence is whole without it."""
    assert "人資部" in refusal_text("zh", "人資部")
    assert "Please ask HR." in refusal_text("en", "HR")
    assert "請洽" not in refusal_text("zh")
    assert empty_text("zh") != empty_text("en")
