"""Whether a quote stands on the page it is cited from."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pymupdf

from rag_core.types import Citation


@cache
def text_layer(path: Path, page: int) -> str:
    """The page's own text without white space; empty for a scanned page, which has none."""
    with pymupdf.open(path) as document:
        return "".join(document[page - 1].get_text().split())


def not_on_their_page(company: Path, citations: Iterable[Citation]) -> list[str]:
    """Return a line for each citation of a PDF whose quote is not verbatim in the cited page's text layer."""
    missing = []
    for one in citations:
        if not one.document.lower().endswith(".pdf"):
            continue
        if one.page is None or not one.quote.strip():
            missing.append(f"{one.document} p. {one.page}: a PDF's citation needs a page and a quote")
            continue
        text = text_layer(company / one.document, one.page)
        if text and "".join(one.quote.split()) not in text:
            missing.append(f"{one.document} p. {one.page}: {one.quote!r}")
    return missing
