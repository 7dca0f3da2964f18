"""Which window answers: the first of the reasons that holds."""

from collections.abc import Sequence

import pytest
from integration.talking import write_company

from bots.conversations.routing import choose, usable
from bots.windows.load import load_company
from bots.windows.model import Window


@pytest.fixture(scope="module")
def windows(tmp_path_factory) -> Sequence[Window]:
    """The windows hr and sales."""
    company = tmp_path_factory.mktemp("routing") / "company"
    write_company(company)
    return sorted(load_company(company).windows, key=lambda window: window.name)


ALL = {"named": "hr", "chosen": "sales", "following": "hr", "default": "hr"}


@pytest.mark.parametrize(
    ("reasons", "best", "name", "how"),
    [
        (ALL, "sales", "hr", "named"),
        ({**ALL, "named": ""}, "hr", "sales", "chosen"),
        ({"following": "hr", "default": "sales"}, "sales", "hr", "follow-up"),
        ({"default": "hr"}, "sales", "sales", "matched"),
        ({"default": "sales"}, None, "sales", "default"),
        ({}, None, "hr", "default"),
        ({"chosen": "gone", "following": "gone", "default": "gone"}, "gone", "hr", "default"),
    ],
)
def test_the_first_reason_that_holds_decides(windows, reasons, best, name, how):
    """What names a window that may not be used here is no reason; without a default it is the first."""
    route = choose(windows, **reasons, matched=lambda: best)
    assert route is not None
    assert (route.window.name, route.how) == (name, how)


@pytest.mark.parametrize("reasons", [{"named": "hr"}, {"chosen": "hr"}, {"following": "hr"}])
def test_nothing_is_searched_where_the_window_is_known(windows, reasons):
    """The search costs time."""
    searched = []
    choose(windows, **reasons, matched=lambda: searched.append(1))
    choose(windows[:1], matched=lambda: searched.append(1))
    assert searched == []


def test_the_only_window_answers_whatever_was_said_before(windows):
    """A default or a follow-up elsewhere does not count."""
    route = choose(windows[1:], following="hr", default="hr", matched=lambda: "hr")
    assert route is not None
    assert (route.window.name, route.how) == ("sales", "only")


def test_no_window_answers_where_none_may(windows):
    """None at all, or the named one is not among them."""
    assert choose([], default="hr", matched=lambda: "hr") is None
    assert choose(windows[1:], named="hr", chosen="sales", matched=lambda: None) is None


@pytest.mark.parametrize(
    ("names", "groups", "limit", "expected"),
    [
        (("sales", "hr"), {"employees"}, None, ["sales", "hr"]),
        (("hr", "sales"), {"customers"}, None, ["sales"]),
        (("hr", "sales"), {"employees"}, frozenset({"hr"}), ["hr"]),
        (("hr", "gone"), {"employees"}, None, ["hr"]),
        (("hr", "sales"), set(), None, []),
    ],
)
def test_the_windows_of_an_account_that_serve_a_viewer(windows, names, groups, limit, expected):
    """In the account's order, and within what a channel allows."""
    found = usable({window.name: window for window in windows}, names, frozenset(groups), limit)
    assert [window.name for window in found] == expected
