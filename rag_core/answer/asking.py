"""What kind of answer a question wants, and whether a sentence holds one of that kind."""

import re
from dataclasses import dataclass

_NUMERAL = r"\d一二三四五六七八九十百千萬億兩零〇半"

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "time",
        re.compile(
            r"何時|何年|何月|何日|時候|哪一?個?(?:年|天|月|日|世紀|時|朝代)|幾(?:年|月|日|號|點|世紀)|什麼時間"
            r"|\bwhen\b|what (?:time|year|date)",
            re.IGNORECASE,
        ),
    ),
    ("person", re.compile(r"誰|何人|哪一?(?:位|名|些人|個人|人)|什麼人|\bwho(?:m|se)?\b", re.IGNORECASE)),
    (
        "amount",
        re.compile(
            r"多少|幾|多(?:久|長|大|高|遠|重|寬|深|快)|比例|百分|how (?:many|much|long|often|old|far)", re.IGNORECASE
        ),
    ),
    (
        "place",
        re.compile(
            r"哪(?:裡|裏|兒|邊)|何處|何地|哪一?個?(?:國|城|地|州|省|縣|市|區|洲|島)|什麼(?:地方|地區|國家|城市)|\bwhere\b",
            re.IGNORECASE,
        ),
    ),
    ("reason", re.compile(r"為什麼|為何|因為什麼|何故|原因|怎麼會|\bwhy\b", re.IGNORECASE)),
    ("way", re.compile(r"如何|怎麼|怎樣|\bhow\b", re.IGNORECASE)),
)

_SURNAMES = (
    "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘蔣蔡余杜葉程蘇魏呂丁沈任姚盧姜崔鍾譚陸汪范金石"
    "廖賈夏韋方白鄒孟熊秦邱江尹薛段雷侯龍史陶黎賀顧毛郝龔邵萬錢嚴武戴莫孔向湯"
)
_HOLDS: dict[str, re.Pattern[str]] = {
    "time": re.compile(
        rf"[{_NUMERAL}]+(?:年|月|日|世紀|時|點)|年代|時期|朝|\d{{4}}"
        r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|[Mm]onday|"
        r"[Tt]uesday|[Ww]ednesday|[Tt]hursday|[Ff]riday|[Ss]aturday|[Ss]unday|days?|weeks?|months?|years?|hours?)\b"
    ),
    "person": re.compile(rf"[·‧・]|[{_SURNAMES}]\w|爾|斯|德|總統|國王|皇帝|教授|博士|[A-Z][a-z]+"),
    "amount": re.compile(rf"[{_NUMERAL}]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|once|twice)\b"),
    "place": re.compile(r"國|市|省|州|縣|區|島|山|河|海|洲|城|鎮|鄉|村|樓|大學|位於|在|於|\b(?:in|at|on|under|from)\b"),
    "reason": re.compile(r"因|由於|故|以便|為了|使|導致|造成|\b(?:because|since|due)\b"),
    "way": re.compile(r"以|藉|透過|通過|利用|經由|方式|方法|\b(?:by|using|click|go to|open|select)\b"),
}
_COUNTED = frozenset({"time", "amount"})
_MEASURE = re.compile(r"(?:幾|多少|哪一?個?|何種?|什麼|哪些|哪種|哪類)([\u4e00-\u9fff])")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Asking:
    """What a question wants: a kind of answer (or none recognised), its measure word, and the numbers it names."""

    kind: str | None
    measure: str | None  # 國 in 哪個國家, 公 in 多少公里
    numbers: frozenset[str]

    def answered_by(self, sentence: str) -> bool:
        """Return whether the sentence holds something of the wanted kind that the question does not say itself."""
        if self.kind is None:
            return False
        new = sentence
        for number in self.numbers:
            new = new.replace(number, "")
        return bool(_HOLDS[self.kind].search(new))

    def unanswered_by(self, sentence: str) -> bool:
        """Return whether a date or amount is wanted and the sentence certainly has none."""
        return self.kind in _COUNTED and not self.answered_by(sentence)

    def measured_in(self, sentence: str) -> bool:
        """Return whether the sentence has the word the answer is counted or classed in."""
        return self.measure is not None and self.measure in sentence


def asking(question: str) -> Asking:
    """Return what a question in Chinese or English wants."""
    kind = next((kind for kind, cue in _KINDS if cue.search(question)), None)
    measure = _MEASURE.search(question)
    return Asking(kind, measure[1] if measure else None, frozenset(_DIGITS.findall(question)))
