"""Recognise a table of questions and answers by its header, in Chinese or English."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_QUESTION = re.compile(
    r"(常見|民眾|客戶|顧客|會員|使用者|員工|標準)?(問題|提問|問句|疑問|問答題目|題目|問)(內容|描述|敘述)?|q|questions?|faqs?|query|常見問答"
)
_ANSWER = re.compile(
    r"(標準|建議|參考|官方|正確)?(答案|回答|解答|回覆|答覆|回應|解決方法|解決方式|解決方案|答)(內容|說明)?|a|answers?|repl(y|ies)|responses?|solutions?"
)
_LESSER_ANSWER = re.compile(r"(問題)?(說明|處理方式|處理方法|處置|內容|作法|做法)|explanation|resolution|content")
_TOPIC = re.compile(
    r"(主|次|大|中|小|問題)?(分類|類別|類型|主題|科別)|部門|單位|權責單位|業務單位|科室|標題|category|topic|section|department|dept|title|subject|product"
)
_NOISE = re.compile(r"（[^）]*）|\([^)]*\)|[\s　:：()（）\[\]【】*＊#._-]")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what. ``topics`` stand before the question in the heading; ``unused`` are left out."""

    question: int
    answer: int
    topics: tuple[int, ...]
    unused: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with its answer, and the topics it is filed under."""

    topics: tuple[str, ...]
    question: str
    answer: str


def columns(header: tuple[str, ...]) -> Columns | None:
    """Return which columns are question and answer, or None when this is another kind of table."""
    names = [_NOISE.sub("", name).lower() for name in header]
    question = _first(names, _QUESTION)
    answer = _first(names, _ANSWER)
    if question is not None and answer is None:
        answer = _first(names, _LESSER_ANSWER)
    if question is None or answer is None:
        return None
    rest = [i for i in range(len(names)) if i not in (question, answer)]
    topics = tuple(i for i in rest if _TOPIC.fullmatch(names[i]))
    return Columns(question, answer, topics, tuple(i for i in rest if i not in topics and header[i].strip()))


def pairs(rows: Sequence[tuple[str, ...]], found: Columns) -> list[Pair]:
    """Return the pairs of a table's rows (header left out); a row without a question continues the answer above."""
    result: list[Pair] = []
    for row in rows:
        question, answer = row[found.question].strip(), row[found.answer].strip()
        topics = tuple(dict.fromkeys(" ".join(row[i].split()) for i in found.topics if row[i].strip()))
        if question and answer:
            result.append(Pair(topics, " ".join(question.split()), answer))
        elif answer and result:
            last = result[-1]
            result[-1] = Pair(last.topics, last.question, f"{last.answer}\n{answer}")
    return result


def _first(names: list[str], pattern: re.Pattern[str]) -> int | None:
    return next((i for i, name in enumerate(names) if pattern.fullmatch(name)), None)
