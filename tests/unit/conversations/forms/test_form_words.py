"""The words, sentences and clean texts of forms, and to whom a form is open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.conversations.forms import access, texts, words
from bots.conversations.forms.access import Open
from bots.conversations.forms.cleaning import clean, clean_values, file_name
from bots.messages import FileOffer
from bots.windows.model import Window


def window(**form: object) -> Window:
    fields = [{"name": "what", "label": "內容"}]
    return Window.model_validate(
        {
            "name": "hr",
            "department": "人",
            "title": "人資",
            "serves": ["employees"],
            "forms": {"leave": {"title": "請假單", "fields": fields, **form}},
            "file": "hr.yaml",
            "knowledge_lines": (),
        }
    )


def test_both_languages_have_the_same_sentences() -> None:
    """No sentence is missing in one language, and both take the same values."""
    import string

    def names(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert texts.ZH.keys() == texts.EN.keys()
    assert {key: names(text) for key, text in texts.ZH.items()} == {key: names(text) for key, text in texts.EN.items()}


def test_what_is_put_into_a_sentence_is_not_read_again() -> None:
    """Braces that people write are braces."""
    assert "{number.__class__}" in texts.say("en", "already", number="{number.__class__}")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("送出", "hand_in"),
        ("OK!", "hand_in"),
        (" 取消。", "cancel"),
        ("略過", "skip"),
        ("繼續", "go"),
        ("送出去的貨", None),
    ],
)
def test_a_word_is_a_message_that_holds_nothing_else(text: str, word: str | None) -> None:
    """A word within a sentence is part of the sentence."""
    assert words.read(text) == word


@pytest.mark.parametrize("text", ["特休有幾天？", "可以請半天嗎", "多少錢", "what is left", "為何要填這個"])
def test_questions_look_like_questions(text: str) -> None:
    """By their mark, a particle at the end, or a question word."""
    assert words.asks(text)


@pytest.mark.parametrize("text", ["明天", "病假", "三天", "王小明", ""])
def test_answers_do_not_look_like_questions(text: str) -> None:
    """Short answers are none."""
    assert not words.asks(text)


def test_deceiving_characters_are_taken_out() -> None:
    """Controls, halves of characters and what turns the writing around go; lines, tabs and emoji stay."""
    assert clean("a\x00b\x1b[31m\ud800\u202ec\u2066\ufeff\n\t好🙂") == "ab[31mc\n\t好🙂"
    assert clean_values({"a": "\x00x", "b": ("y\x07", "z")}) == {"a": "x", "b": ("y", "z")}


@given(st.text())
def test_clean_text_can_be_kept(text: str) -> None:
    """Whatever was written can be kept as UTF-8 without NUL."""
    assert "\x00" not in clean(text).encode().decode()


def test_file_names_are_names() -> None:
    """No path, no line end, not too long, and its ending stays."""
    assert file_name(FileOffer("1", "../../etc/passwd", ""), "照片") == "passwd"
    assert file_name(FileOffer("1", "C:\\temp\\a\nb.jpg", ""), "照片") == "a b.jpg"
    assert file_name(FileOffer("1", "", "image/jpeg"), "照片") == "照片"
    assert file_name(FileOffer("1", "長" * 300 + ".jpeg", ""), "照片").endswith("長.jpeg")
    assert len(file_name(FileOffer("1", "長" * 300 + ".jpeg", ""), "照片")) == 120


def test_a_form_is_open_to_whom_it_serves() -> None:
    """The window, the form's own groups and a bound person: each can be lacking, and each has its sentence."""
    employees = frozenset({"employees"})
    found = access.find([window()], employees, "A1", "hr/leave")
    assert isinstance(found, Open)
    assert found.name == "leave"
    assert access.find([window()], employees, "A1", "hr/nothing") == "gone"
    assert access.find([], employees, "A1", "hr/leave") == "not_served"
    assert access.find([], employees, None, "hr/leave") == "not_served_bind"
    assert access.find([window()], employees, None, "hr/leave") == "bind_first"
    assert access.find([window(serves=["managers"])], employees, "A1", "hr/leave") == "not_served"
    assert isinstance(access.find([window(anonymous=True)], employees, None, "hr/leave"), Open)
    assert all(
        texts.knows(key) for key in ("gone", "not_served", "not_served_bind", "bind_first", "not_served_sign_in")
    )
