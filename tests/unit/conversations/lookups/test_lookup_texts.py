"""What look-ups say of themselves."""

import string

from bots.conversations.lookups.texts import EN, ZH


def test_both_languages_say_the_same_things():
    """The same keys, with the same values to be filled in."""
    assert ZH.keys() == EN.keys()
    for key in ZH:
        assert _names(ZH[key]) == _names(EN[key]), key


def _names(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
