"""Both languages say the same things."""

from string import Formatter

from bots.conversations.complaints.texts import EN, ZH


def _slots(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_every_sentence():
    """With the same values in each."""
    assert {key: _slots(text) for key, text in ZH.items()} == {key: _slots(text) for key, text in EN.items()}
