"""Keeps answers in Traditional Chinese: a small model slips into Simplified, above all where it quotes at length.

Only a sentence with a character that Traditional Chinese does not have is touched; 皇后, 公里, 茶几 and 台灣 are
written with characters of both, and stay. In such a sentence the passages decide first: a stretch that they have is
written the way they write it, so that a quote is word for word again and 雇主 does not become 僱主. What they do not
have goes through OpenCC's ``s2tw``, which knows words (头发 → 頭髮, 发现 → 發現).

Characters only, not ``s2twp``'s words as well: that one turns 程序, 文件, 支持 and 質量 into 程式, 檔案, 支援 and 品質,
so a legal procedure becomes a computer program, and a product or company loses its name. A mainland word becomes
Taiwan's only where it means one thing (软件, 鼠标) and the passages have Taiwan's word and not the mainland's: then
it is the documents' own term. Where the passages are Simplified themselves, nothing is touched.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise

_COMMON = "万与价优体党厂吨圣复宁异怀惊扰据极构柜机洁种离网触赶胜确"  # Big5 has them, for words nobody writes
_EITHER = frozenset("臺佈佔兇僱傢俱喫夥")  # Taiwan writes both this and what Simplified has: no reason to change it
_HARDLY = frozenset("么于儿气适听愿筑并汇")  # of both by the book; beside a Simplified character they are Simplified
# 簽 it is, in an office: OpenCC takes 籤 for 签 alone.
_SIGNED = re.compile("(?<![標書抽牙竹求神詩中尾浮上下])籤(?![詩筒文])")
_SAME = str.maketrans("画瞭藉覆迳汙", "划了借复径污")  # 計畫 is 计划: one word, but no variants of one character
_LEAST_KNOWN = 2  # characters: measured against 3, 4 and 5 on sentences that the passages do not have
_RUN = re.compile(r"[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_QUOTED = re.compile(r"「[^」]+」|『[^』]+』|《[^》]+》|“[^”]+”|〈[^〉]+〉")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s，。；、）」』]+", re.IGNORECASE)
_SURNAME = re.compile(  # 余先生 is not 餘先生, also where no passage names him; but 其餘主管, 對於主任
    "(?<![其剩业業多结盈规示典师模防忧])[余范郁涂岳](?=先生|小姐|女士|[经經]理|主任|老[师師]|教授|[课課组組处處][长長])"
    "|(?<=姓)[余范于郁涂岳]"
)
_LEADING = re.compile(r"^[\W\d]+")  # a list's mark
_WORDS = {  # 默認, 登錄, 用戶 and 複印 are not here: Taiwan has them too, for something else or just as well
    "軟件": "軟體",
    "硬件": "硬體",
    "固件": "韌體",
    "網絡": "網路",
    "互聯網": "網際網路",
    "服務器": "伺服器",
    "數據庫": "資料庫",
    "文件夾": "資料夾",
    "硬盤": "硬碟",
    "優盤": "隨身碟",
    "屏幕": "螢幕",
    "鼠標": "滑鼠",
    "打印": "列印",
    "粘貼": "貼上",
    "視頻": "影片",
    "短信": "簡訊",
    "賬號": "帳號",
    "賬戶": "帳戶",
}


@dataclass(frozen=True, slots=True)
class _Scripts:
    """Which characters tell a script, and each character's simplest form, that all its writings share."""

    simplified: frozenset[str]
    traditional: frozenset[str]
    simplest: dict[int, str]


class Traditional:
    """Writes sentences in Traditional Chinese, the way the passages ``texts`` of one question write it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def write(self, sentence: str) -> str:
        """Return the sentence in Traditional Chinese, byte for byte as it was if it has nothing Simplified."""
        if _scripts().simplified.isdisjoint(sentence) or self._leaves(sentence):
            return sentence
        known, kept = self._known(sentence), _kept(sentence, self._texts)
        telling = [not stays and here != c for c, here, stays in zip(sentence, known, kept, strict=True)]
        may = _open(sentence, known, telling)
        if not any(may):
            return sentence
        places = zip(sentence, known, may, _converted(sentence), kept, strict=True)
        written = (
            old if stays or not changes else here or self._one_of(old, new) for old, here, changes, new, stays in places
        )
        return self._with_words("".join(written))

    def _leaves(self, sentence: str) -> bool:
        """Return whether the sources are Simplified, or a passage has the sentence as it stands."""
        return self._simplified or _stands(_LEADING.sub("", sentence).rstrip(), self._texts)

    @cached_property
    def _simplified(self) -> bool:
        return not self._texts or is_simplified("\n".join(self._texts))

    @cached_property
    def _sources(self) -> str:
        """The passages in Traditional Chinese."""
        return "\n".join(text for text in self._texts if not is_simplified(text))

    @cached_property
    def _simplest(self) -> str:
        return self._sources.translate(_scripts().simplest)

    def _known(self, sentence: str) -> list[str]:
        """Return for each character how the passages write it: in the longest stretch that they have, else ``""``."""
        simplest = sentence.translate(_scripts().simplest)
        known, lengths = [""] * len(sentence), [_LEAST_KNOWN - 1] * len(sentence)
        for start in range(len(sentence)):
            found, length = _longest(simplest, start, self._simplest)
            for place in range(start, start + length):
                if length > lengths[place]:
                    lengths[place], known[place] = length, self._sources[found + place - start]
        return known

    def _one_of(self, old: str, new: str) -> str:
        """Return the new character, but of two that Taiwan writes the old one, unless the passages never do."""
        if new not in _EITHER or old in _scripts().simplified:
            return new
        return new if new in self._sources and old not in self._sources else old

    def _with_words(self, sentence: str) -> str:
        for mainland, taiwan in _WORDS.items():
            if mainland in sentence and taiwan in self._sources and mainland not in self._sources:
                sentence = sentence.replace(mainland, taiwan)
        return sentence


def is_simplified(text: str) -> bool:
    """Return whether the text has more characters of Simplified Chinese alone than of Traditional Chinese alone."""
    scripts = _scripts()
    return sum((c in scripts.simplified) - (c in scripts.traditional) for c in text) > 0


def _longest(text: str, start: int, known: str) -> tuple[int, int]:
    """Return where ``known`` has the longest stretch of the text from ``start`` on, and how long that is."""
    found, end = -1, start + _LEAST_KNOWN
    while end <= len(text) and (place := known.find(text[start:end], max(found, 0))) >= 0:
        found, end = place, end + 1
    return found, end - 1 - start if found >= 0 else 0


def _open(sentence: str, known: Sequence[str], telling: Sequence[bool]) -> list[bool]:
    """Return for each character whether it may change, nothing where no ``telling`` character is Simplified.

    It is Simplified; or it is of both, and a passage has its stretch, or the nearest that tells is a Simplified one.
    """
    scripts = _scripts()
    simplified = [tells and c in scripts.simplified for c, tells in zip(sentence, telling, strict=True)]
    if not any(simplified):
        return [False] * len(sentence)
    traditional = [c in scripts.traditional for c in sentence]
    near = zip(_distances(simplified), _distances(traditional), strict=True)
    nearer = [to_simplified < to_traditional for to_simplified, to_traditional in near]
    both = [
        (bool(here) or c in _HARDLY) and c not in scripts.traditional for c, here in zip(sentence, known, strict=True)
    ]
    return [a or b for a, b in zip(nearer, both, strict=True)]


def _distances(marked: Sequence[bool]) -> list[int]:
    """Return for each place how far the nearest marked place is, the length where there is none."""
    size = len(marked)
    far = [0 if here else size for here in marked]
    for before, place in pairwise(range(size)):
        far[place] = min(far[place], far[before] + 1)
    for after, place in pairwise(reversed(range(size))):
        far[place] = min(far[place], far[after] + 1)
    return far


def _kept(sentence: str, texts: Sequence[str]) -> list[bool]:
    """Return for each character whether it stays: Japanese, a surname; an address or quote that a passage writes so."""
    kept = [False] * len(sentence)
    quoted = (m for m in _QUOTED.finditer(sentence) if _stands(m[0][1:-1], texts))
    addresses = (m for m in _ADDRESS.finditer(sentence) if _stands(m[0], texts))
    japanese = (m for m in _RUN.finditer(sentence) if _is_japanese(m[0]))
    for match in (*quoted, *addresses, *japanese, *_SURNAME.finditer(sentence)):
        kept[match.start() : match.end()] = [True] * len(match[0])
    return kept


def _stands(stretch: str, texts: Sequence[str]) -> bool:
    return any(stretch in text for text in texts)


def _is_japanese(run: str) -> bool:
    """Return whether Japan's character set has all of the run, and no Chinese one a part of it (図, 広, kana)."""
    if not _in(run, "shift_jis"):
        return False
    return any(_KANA.match(c) or not (_in(c, "big5") or _in(c, "gb2312")) for c in run)


def _converted(sentence: str) -> str:
    """Return OpenCC's conversion; character by character in the rare case that a word changes its length."""
    whole = _SIGNED.sub("簽", _converter("s2tw")(sentence))
    if len(whole) == len(sentence):
        return whole
    return "".join(_one_character(c) for c in sentence)


@lru_cache(maxsize=4096)
def _one_character(character: str) -> str:
    converted = _converter("s2tw")(character)
    return converted if len(converted) == 1 else character


def _in(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _scripts() -> _Scripts:
    """Tell the scripts apart. Simplified is what changes into Traditional and Big5, Taiwan's character set, lacks."""
    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    to_simplified, to_traditional, to_taiwan = (_each(characters, name) for name in ("t2s", "s2t", "s2tw"))
    traditional = {c for c in characters if to_simplified[c] != c}
    changing = {c for c in characters if to_traditional[c] != c} - traditional
    simplified = {c for c in changing if c in _COMMON or not _in(c, "big5")}
    simplest = {ord(c): to_simplified.get(to_taiwan[c], to_taiwan[c]).translate(_SAME) for c in characters}
    return _Scripts(frozenset(simplified), frozenset(traditional), simplest)


def _each(characters: Sequence[str], name: str) -> dict[str, str]:
    return dict(zip(characters, _converter(name)("\n".join(characters)).split("\n"), strict=True))


@cache
def _converter(name: str) -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC(name).convert
    return convert
