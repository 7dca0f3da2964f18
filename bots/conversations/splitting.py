"""Takes apart a message that asks more than one question. What is not certain stays one."""

import re

_MOST = 3
# A question that somebody quotes (「有幾天？」) ends no sentence, nor does the ? of an address or of ???.
_END = re.compile(r"(?:(?<=？)|(?<=\?)(?![A-Za-z0-9_/=&%#]))(?![？?！!」』）)”\"'])[ \t\u3000]*|\n+")
_NUMBERED = re.compile(r"^\s*(?:\(?\d{1,2}[.)、:：](?!\d)|[（(]?[一二三四五六七八九十][)）、.]|[-*•](?!\d))\s*")
_ASKS = re.compile(
    r"[？?]|什麼|甚麼|怎麼|怎樣|如何|為何|為什麼|何時|哪|誰|多少|多久|幾|嗎|是否|能否|可否|有沒有|是不是|可不可以|能不能"
    r"|\b(?:what|when|where|who|why|how|which|can|could|do|does|is|are|may|should)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(r"^(?:那|或|和|跟|and |or |then )", re.IGNORECASE)
_SHORTEST = 4  # characters; less is no question of its own


def questions_of(text: str) -> list[str]:
    """Return the questions of a message in order, at most three; the whole message if it asks one or none.

    Words that ask nothing (a greeting, the circumstances) stay with the question that follows them, or with the last.
    """
    pieces = [piece.strip() for piece in _END.split(text) if piece and piece.strip()]
    found: list[str] = []
    before: list[str] = []
    for piece in pieces:
        bare = _NUMBERED.sub("", piece).strip()
        if _is_question(bare):
            found.append(" ".join((*before, bare)))
            before = []
        elif bare:
            before.append(bare)
    if not 2 <= len(found) <= _MOST:
        return [text.strip()]
    if before:
        found[-1] = " ".join((found[-1], *before))
    return found


def leans_on(question: str) -> bool:
    """Return whether a question of the same message goes on where the one before ended (那病假呢？).

    另外 and 還有 begin something else.
    """
    return bool(_LEANS.match(question))


def _is_question(piece: str) -> bool:
    return len(re.sub(r"\W", "", piece)) >= _SHORTEST and bool(_ASKS.search(piece))
