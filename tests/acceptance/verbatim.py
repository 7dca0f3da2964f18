"""Whether a quote stands on the page it is cited from."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pymupdf

from rag_core.types import Citation

_FEW_CHARACTERS = 60  # a stamp, or what a scanner left: with a picture over the page, the text was read from that
_PICTURE = 0.4  # of the page


@cache
def text_layer(path: Path, page: int) -> str:
    """The page's own text without white space; empty for a scanned page, which has none or hardly any."""
    with pymupdf.open(path) as document:
        shown = document[page - 1]
        text = "".join(shown.get_text().split())
        area = max((abs(pymupdf.Rect(image["bbox"]) & shown.rect) for image in shown.get_image_info()), default=0.0)
        return "" if len(text) < _FEW_CHARACTERS and area >= _PICTURE * abs(shown.rect) else text


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
