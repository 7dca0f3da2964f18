"""Texts with names in braces."""

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.windows.modes.template import TemplateError, check, fill_in, names_in


def test_names_are_filled_in() -> None:
    """A name is replaced by its value, and what is not given by a dash."""
    assert fill_in("{kind} {days} 天，{gone}", {"kind": "特休", "days": 3}) == "特休 3 天，–"
    assert names_in("{a} {b} {a}") == ("a", "b")


def test_doubled_braces_are_braces() -> None:
    """{{ is a brace that was meant."""
    assert fill_in("{{a}} {a}", {"a": 1}) == "{a} 1"
    assert names_in("{{a}}") == ()


def test_a_value_can_be_shown_in_its_own_way() -> None:
    """An address takes values percent-encoded."""
    assert fill_in("/orders/{no}", {"no": "a/b?c"}, lambda _, value: quote(str(value), safe="")) == "/orders/a%2Fb%3Fc"


def test_what_is_filled_in_is_not_read_again() -> None:
    """A value with braces stays what it is."""
    assert fill_in("{a}", {"a": "{b}", "b": "secret"}) == "{b}"


@pytest.mark.parametrize("text", ["{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{}", "{0}", "{a", "a}", "{ a }", "{a{b}}"])
def test_nothing_but_names_can_stand_in_braces(text: str) -> None:
    """Attributes, indexes and formats are refused when the file is read, and left alone when filled in."""
    with pytest.raises(TemplateError):
        names_in(text)
    assert "secret" not in fill_in(text, {"a": type("A", (), {"b": "secret"})()}, lambda *_: "x")


def test_an_unknown_name_is_told_when_the_file_is_read() -> None:
    """The message names what there is."""
    check("{kind}", ["kind"])
    with pytest.raises(TemplateError, match=r"\{days\} is not known here; the names are: kind, starts"):
        check("{days}", ["starts", "kind"])


@settings(deadline=None)  # the machine may be busy
@given(st.text(alphabet="{}ab_.!:0 ", max_size=40))
def test_filling_in_never_raises(text: str) -> None:
    """Whatever the template, it becomes a text."""
    assert isinstance(fill_in(text, {"a": 1, "ab": "{b}"}), str)
