"""Finds instructions in what a model says: asked for its rules, it gives them away in pieces, among true words."""

from rag_core.search.terms import fold

_LONG_ENOUGH = 21  # seven Chinese characters or twenty-one letters: a turn of phrase is shorter
_CHINESE = 3  # what a character says, in letters


def stretches(text: str) -> frozenset[str]:
    """Return every stretch of the text that is long enough to be known again, without blanks and punctuation."""
    letters = "".join(character for character in fold(text) if character.isalnum())
    return frozenset(found for start in range(len(letters)) if (found := _stretch(letters, start)))


def _stretch(letters: str, start: int) -> str:
    weight = 0
    for end in range(start, min(start + _LONG_ENOUGH, len(letters))):
        weight += 1 if letters[end] < "\u3040" else _CHINESE
        if weight >= _LONG_ENOUGH:
            return letters[start : end + 1]
    return ""
