"""What a question is about: its terms without the words that only ask, weighted by how rare they are."""

from collections.abc import Mapping

from rag_core.search.terms import query_terms

_TOPICAL = 0.5
_LONGEST_QUESTION = 600


def topical_weights(question: str, idf: Mapping[str, float]) -> dict[str, float]:
    """Return the question's topical terms with their idf; empty for a question of question words alone.

    A term the search did not weigh counts as the rarest of those it did. Only the first 600 characters count.
    """
    unseen = max(idf.values(), default=1.0)
    asked = query_terms(question[:_LONGEST_QUESTION])
    return {term: idf.get(term, unseen) for term, weight in asked.items() if weight >= _TOPICAL}


def covered(weights: Mapping[str, float], found: frozenset[str]) -> float:
    """Return the share of the weights whose terms are found, from 0 to 1."""
    whole = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in found) / whole if whole else 0.0
