"""Takes out of generated text what a reader's browser might follow or run: unknown links, markup, images."""

import re
from functools import lru_cache
from html import unescape

_ACTIVE = re.compile(r"<(script|style|iframe|object|svg|template)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<!--.*?(?:-->|$)|</?[A-Za-z][^<>]*(?:>|$)", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]+)\]\(\s*<?([^)\s>]*)[^)]*\)")
_ADDRESS = re.compile(
    r"(?:(?:https?|ftp|file|line|slack)://|www\.|(?:javascript|data|vbscript|mailto|tel):)[^\s，。；、）)」』】\]<>\"']+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_ENDING = ".,;:!?"


def plain(text: str, known: str) -> str:
    """Return the text without markup, images and hidden characters, and without any address that ``known`` lacks.

    A link keeps its words; its address stays only where the passages have it too.
    """
    text = _HIDDEN.sub("", text)
    for _ in range(2):  # markup may hide behind entities once
        text = _TAG.sub("", _ACTIVE.sub("", _IMAGE.sub("", text)))
        text = unescape(text) if "&" in text else text
    text = _LINK.sub(lambda link: _kept_link(link[1], link[2], known), text)
    return _ADDRESS.sub(lambda found: _kept_address(found[0], known), text)


def _kept_link(words: str, address: str, known: str) -> str:
    return f"{words} {address}" if address != words and address.rstrip(_ENDING) in _addresses(known) else words


def _kept_address(address: str, known: str) -> str:
    bare = address.rstrip(_ENDING)
    return address if bare in _addresses(known) else address[len(bare) :]


@lru_cache(maxsize=8)  # asked for every sentence of an answer
def _addresses(known: str) -> frozenset[str]:
    """Return the whole addresses in the passages: the beginning of one leads elsewhere."""
    return frozenset(found[0].rstrip(_ENDING) for found in _ADDRESS.finditer(known))
