"""Takes out of generated text what a reader's browser might follow or run: unknown links, markup, images."""

import re
from functools import lru_cache
from html import unescape

_ACTIVE = re.compile(r"<(script|style|iframe|object|svg|template)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(
    r"<!--.*?(?:-->|$)|</?[A-Za-z][^<>]*(?:>|$)|<[@#!][^<>]*(?:>|$)", re.DOTALL
)  # the last: Slack's mentions
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*(?:\)|$)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]+)\]\(\s*<?([^)\s>]*)[^)]*(?:\)|$)")
_REST = r"[^\s，。；、）)」』】\]<>\"']"
_BARE_ENDING = (  # of an address without a scheme, which chat programs make a link all the same
    "com|net|org|info|biz|xyz|top|site|online|shop|store|app|dev|web|page|link|click|live|club|cloud|tech|icu|vip|work|"
    "blog|space|fun|pro|mobi|asia|zip|mov|example|[a-z]{2}"
)
_ADDRESS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{0,19}}://|www\.|(?:javascript|data|vbscript|mailto|tel):){_REST}+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|(?<![a-z0-9@._-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{{2,24}}/{_REST}*"
    rf"|(?:{_BARE_ENDING})(?![a-z0-9_-])(?::\d+)?(?:[/?#]{_REST}*)?)",
    re.IGNORECASE,
)
_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_RUNS = re.compile(r"(?:javascript|data|vbscript):", re.IGNORECASE)  # never an address to keep
_ENDING = ".,;:!?"


def plain(text: str, known: str) -> str:
    """Return the text without markup, images and hidden characters, and without any address that ``known`` lacks.

    A link keeps its words; its address stays only where the passages have it too, and only if it opens a page.
    """
    before = ""
    while text != before:  # markup may hide behind entities, or come together where other markup was taken out
        before = text
        text = _TAG.sub("", _ACTIVE.sub("", _IMAGE.sub("", _HIDDEN.sub("", text))))
        text = unescape(text) if "&" in text else text
        text = _LINK.sub(lambda link: _kept_link(link[1], link[2], known), text)
    return _ADDRESS.sub(lambda found: _kept_address(found[0], known), text)


def _kept_link(words: str, address: str, known: str) -> str:
    return f"{words} {address}" if address != words and address.rstrip(_ENDING) in _addresses(known) else words


def _kept_address(address: str, known: str) -> str:
    bare = address.rstrip(_ENDING)
    return address if bare in _addresses(known) and not _RUNS.match(bare) else address[len(bare) :]


@lru_cache(maxsize=8)  # asked for every sentence of an answer
def _addresses(known: str) -> frozenset[str]:
    """Return the whole addresses in the passages: the beginning of one leads elsewhere."""
    return frozenset(found[0].rstrip(_ENDING) for found in _ADDRESS.finditer(known))
