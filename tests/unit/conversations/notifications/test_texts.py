"""The sentences of notifications."""

import re

from bots.conversations.notifications.texts import EN, ZH


def test_both_languages_say_the_same_things() -> None:
    """The same keys, and the same words to fill in."""
    assert ZH.keys() == EN.keys()
    for key, sentence in ZH.items():
        assert set(re.findall(r"\{\w+\}", sentence)) == set(re.findall(r"\{\w+\}", EN[key])), key
