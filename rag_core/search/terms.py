"""The one term function: what is indexed and what is asked go through it, so that they always meet.

CJK text becomes characters and bigrams, the rest words: measured against jieba words and bigrams alone
on DRCD (docs/decisions). Variants (臺/台, Simplified/Traditional, full width, case) are folded here and
nowhere else: people read the text as it was written.
"""

import re
import unicodedata
from functools import cache

_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003134f"
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>[^\W_{_CJK}]+(?:[.,]\d+)*)")


@cache
def _variants() -> dict[int, str]:
    """Map each CJK character to its simplest variant. Many-to-one, so every writing of a word meets in one."""
    from opencc import OpenCC

    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    folded = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(a): b for a, b in zip(characters, folded, strict=True) if a != b}


def fold(text: str) -> str:
    """Return the text as the index sees it: NFKC, lower case, one variant a character."""
    return unicodedata.normalize("NFKC", text).lower().translate(_variants())


def terms(text: str) -> list[str]:
    """Return the text's terms in order: for CJK each character and each bigram, for the rest words."""
    found: list[str] = []
    for run in _RUN.finditer(fold(text)):
        if word := run["word"]:
            found.append(word.replace(",", ""))
        else:
            cjk = run["cjk"]
            found.extend(cjk)
            found.extend(cjk[i : i + 2] for i in range(len(cjk) - 1))
    return found
