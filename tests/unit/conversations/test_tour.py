"""The tour of the windows that somebody may use."""

from types import SimpleNamespace
from unittest.mock import MagicMock, patch

import pytest

from bots.conversations.tour import Tour, abilities, tour
from bots.messages import Kind, Place
from bots.windows.model import Window

PARTS = {"department": "人", "title": {"zh-TW": "人資窗口", "en": "HR desk"}, "serves": ["employees"]}


def window(**more: object) -> Window:
    return Window.model_validate(
        {"name": "hr", "file": "hr.yaml", "knowledge_lines": (), "questions": ["特休有幾天？"], **PARTS, **more}
    )


def test_a_window_shows_what_it_can_do_with_one_of_each_to_tap():
    """A question, a look-up and a form; what there is not is not named."""
    lookups = {"balance": {"title": "特休餘額", "sql": "balance.sql"}, "shifts": {"sql": "shifts.sql"}}
    forms = {"leave": {"title": {"zh-TW": "請假單", "en": "Leave"}, "fields": [{"name": "reason", "label": "事由"}]}}
    (card,) = tour([window(lookups=lookups, forms=forms)], "zh-TW").cards
    assert card.title == "人資窗口"
    assert card.text == "可以查：特休餘額、shifts\n可以填：請假單"
    assert [(tap.label, tap.say or tap.data) for tap in card.choices] == [
        ("特休有幾天？", "特休有幾天？"),
        ("特休餘額", "lookup=hr/balance"),
        ("請假單", "form=hr/leave"),
    ]
    (bare,) = tour([window()], "en").cards
    assert (bare.title, bare.text, len(bare.choices)) == ("HR desk", "", 1)


def test_a_page_shows_all_that_a_window_does_for_whoever_asks():
    """What serves others is left out, and for a customer what only people we know may fill in."""
    lookups = {"balance": {"title": "特休餘額", "sql": "b.sql"}, "all": {"sql": "a.sql", "serves": ["hr"]}}
    fields = [{"name": "reason", "label": "事由"}]
    forms = {
        "leave": {"title": "請假單", "fields": fields},
        "hint": {"title": "建議", "fields": fields, "anonymous": True},
    }
    hr = window(lookups=lookups, forms=forms)

    def taps(group: str, *, known: bool) -> list[list[str]]:
        cards = abilities(hr, frozenset({group}), "en", known=known).cards
        return [[tap.data for tap in card.choices] for card in cards]

    assert taps("employees", known=True) == [["lookup=hr/balance"], ["form=hr/leave", "form=hr/hint"]]
    assert taps("hr", known=False) == [["lookup=hr/balance", "lookup=hr/all"], ["form=hr/hint"]]
    bare = abilities(window(), frozenset({"employees"}), "zh-TW", known=True)
    assert (bare.text, bare.cards, bare.suggestions) == ("請直接輸入問題，例如：", (), ("特休有幾天？",))


@pytest.mark.parametrize(("more", "toured"), [({}, False), ({"lookups": {"balance": {"sql": "balance.sql"}}}, True)])
def test_a_tour_is_told_where_there_is_more_than_answers(more: dict[str, object], toured: bool):
    """Whoever can only ask has seen everything with the first answer."""
    place = Place("line", "staff", "U1", direct=True)
    event = SimpleNamespace(kind=Kind.MESSAGE, place=place, sender="U1")
    viewer = SimpleNamespace(person=SimpleNamespace(employee_number="A1"))
    here = SimpleNamespace(event=event, viewer=viewer, windows=[window(**more)])
    database = MagicMock()
    with patch("bots.conversations.tour.inbox.is_known", return_value=False):
        assert bool(Tour(database, MagicMock()).after(here)) is toured  # type: ignore[arg-type]  # what it looks at
