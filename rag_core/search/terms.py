"""The one term function: what is indexed and what is asked go through it, so that they always meet.

CJK text becomes characters and bigrams, the rest stemmed words: measured against jieba words and bigrams alone
on DRCD (docs/decisions). Variants (臺/台, Simplified/Traditional, full width, case), ways to write a number
(三十八, 38, 3萬, 30,000) and hyphens (e-mail, email) are folded here and nowhere else: people read the text as it
was written.
"""

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache

_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003134f"
_RUN = re.compile(
    rf"(?P<cjk>[{_CJK}]+)"
    rf"|(?P<word>[a-z](?:\+\+|#)(?![a-z0-9])|[^\W_{_CJK}]+(?:['’][^\W\d_{_CJK}]+)*(?:[.,][0-9]+)*)"
)
_HYPHENATED = re.compile(r"[a-z0-9]{1,32}(?:[-‐‑][a-z0-9]{1,32})+")
_NUMBER = re.compile(
    r"(?:(?P<prefix>第|百分之)\s?)?"
    r"(?:(?P<arabic>[0-9]{1,15}(?:,[0-9]{3}){0,4}(?:\.[0-9]{1,6})?)\s?(?P<scale>[百千万亿]{0,2})"
    r"|(?P<chinese>[〇零一二三四五六七八九十百千万亿两]{1,15}))"
    rf"\s?(?P<unit>[{_CJK}%])?(?:(?<=条)\s?之\s?(?P<sub>[0-9]{{1,3}}|[一二三四五六七八九十]{{1,3}}))?"
)
_UNITS = frozenset("年月日天周岁条项款章节元次时人倍级号届名个位小%")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_LONGEST_WORD = 64  # a base64 blob is no word, and an index entry has a limit

_ASKING_ZH = (
    "請問一下 請問 請教 想請問 想問 想請教 我想知道 想知道 我想了解 想了解 我想要 如何 怎麼辦 怎麼樣 怎麼 怎樣 "
    "怎辦 怎 該怎麼 要怎麼 什麼樣 什麼 甚麼 為什麼 為何 為甚麼 何時 何地 何處 何者 何種 何謂 "
    "幾天 幾日 幾年 幾個月 幾個 幾次 幾小時 幾歲 幾點 幾號 幾位 幾人 幾 多久 哪些 哪一個 哪個 "
    "哪裡 哪里 哪種 哪位 哪家 哪 那些 那裡 誰 多少 是否 可否 能否 有沒有 有無 是不是 可不可以 能不能 會不會 "
    "要不要 嗎 呢 麼 吧 啊 謝謝 您好 你好 告訴我 的話 可以 應該 若 如果 有關 關於 需要 是 的 了 我 你 您"
)
_ASKING_EN = (
    "what which who whom whose when where why how a an the of to in on at for from by with as and or is are "
    "was were be been being am do does did doing done have has had having i me my mine we us our you your he "
    "him his she her it its they them their this that these those there here can could should would will shall "
    "may might must if so than then too very just about into out up please any some not no don't doesn't can't "
    "isn't"
)
_ASKING_WEIGHT = 0.3
_BIGRAM_WEIGHT = 0.85


@cache
def _variants() -> dict[int, str]:
    """Map each CJK character to its simplest variant. Many-to-one, so every writing of a word meets in one."""
    from opencc import OpenCC

    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    folded = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(a): b for a, b in zip(characters, folded, strict=True) if a != b}


def fold(text: str) -> str:
    """Return the text as the index sees it: NFKC, lower case, one variant a character."""
    if text.isascii():  # nothing to fold but case, and ten times as fast
        return text.lower()
    return unicodedata.normalize("NFKC", text).lower().translate(_variants())


def terms(text: str) -> list[str]:
    """Return the text's terms, in order within each sort.

    For CJK each character and each bigram; for the rest stemmed words; then hyphenated words in one
    (``e-mail`` → ``email``) and numbers by their value, alone and with their unit (``三十日`` → ``30``, ``30日``).
    """
    folded = fold(text)
    found: list[str] = []
    for run in _RUN.finditer(folded):
        if cjk := run["cjk"]:
            found.extend(cjk)
            found.extend(cjk[i : i + 2] for i in range(len(cjk) - 1))
        else:
            found.append(word_term(run["word"]))
    found.extend(_joined(match[0]) for match in _HYPHENATED.finditer(folded))
    for match in _NUMBER.finditer(folded):
        found.extend(_number_terms(match))
    return found


def query_terms(question: str) -> dict[str, float]:
    """Return the question's terms with their weight, to be multiplied with each term's idf.

    A repeated term weighs as often as it occurs. What only asks (請問, 如何, how, the) keeps a small weight, since
    it is sometimes part of a name; a CJK bigram weighs a little less than a character, whose idf it mostly repeats.
    """
    every = Counter(terms(question))
    topical = Counter(terms(_asking().sub(" ", fold(question))))
    silent = _asking_words()
    weights: dict[str, float] = {}
    for term, count in every.items():
        kept = 0 if term in silent else min(count, topical[term])
        weight = kept + _ASKING_WEIGHT * (count - kept)
        weights[term] = weight * (_BIGRAM_WEIGHT if is_bigram(term) else 1.0)
    return weights


@lru_cache(maxsize=65_536)
def word_term(word: str) -> str:
    """Return the term of one folded word: its stem if it is English, a number without separators."""
    word = word[:_LONGEST_WORD].replace(",", "").replace("’", "'")
    if not word.isascii() or word[:1].isdigit():
        return word.replace("'", "")
    from snowballstemmer import stemmer

    # A stemmer keeps state, so each call has its own: threads share nothing but the cache.
    stem: str = stemmer("english").stemWord(word)
    return stem.replace("'", "")


def is_bigram(term: str) -> bool:
    """Return whether the term is two CJK characters."""
    return len(term) == 2 and term[0] >= "\u3040" and term[1] >= "\u3040"


@cache
def _asking() -> re.Pattern[str]:
    phrases = {fold(phrase) for phrase in _ASKING_ZH.split()}
    return re.compile("|".join(sorted(phrases, key=lambda phrase: (-len(phrase), phrase))))


@cache
def _asking_words() -> frozenset[str]:
    return frozenset(terms(_ASKING_EN))


def _joined(word: str) -> str:
    """Return a hyphenated word in one, except numbers: 38-1 is an article of its own, not 381."""
    plain = re.sub("[-‐‑]", "", word)
    return (word if plain.isdigit() else plain)[:_LONGEST_WORD]


def _number_terms(match: re.Match[str]) -> list[str]:
    prefix, chinese, unit = match["prefix"], match["chinese"], match["unit"] or ""
    if prefix == "百分之":
        unit = "%"
    elif unit not in _UNITS and (chinese or match["scale"]):
        # 萬一, 千萬, 十分: without 第 or a unit a numeral is mostly a word
        if not prefix:
            return []
        unit = ""
    value = _chinese_value(chinese) if chinese else _arabic_value(match["arabic"], match["scale"])
    found = [value] if chinese or match["scale"] else []  # plain digits are a word already
    if unit:
        found.append(value + unit)
    if match["sub"]:
        sub = match["sub"]
        found.append(f"{value}-{sub if sub.isdigit() else _chinese_value(sub)}")
    return found


def _arabic_value(digits: str, scale: str) -> str:
    value = digits.replace(",", "")
    if not scale:
        return value
    factor = 1
    for character in scale:
        factor *= _SCALES[character]
    return f"{float(value) * factor:.0f}"


def _chinese_value(numeral: str) -> str:
    """Return a Chinese numeral's value: 三百零五 → 305, 二〇二五 → 2025, 三萬五千 → 35000."""
    if not any(character in _SCALES for character in numeral):
        return "".join(str(_DIGITS[character]) for character in numeral)
    total = section = digit = 0
    for character in numeral:
        scale = _SCALES.get(character)
        if scale is None:
            digit = _DIGITS[character]
        elif scale < 10_000:
            section += (digit or 1) * scale
            digit = 0
        else:
            total = (total + section + digit or 1) * scale
            section = digit = 0
    return str(total + section + digit)
