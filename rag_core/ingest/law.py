"""Laws as JSON, in the shapes that Taiwan's law database and its users publish; one block an article."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from rag_core.errors import UnreadableDocument
from rag_core.ingest.blocks import Block, Content, Heading, Paragraph
from rag_core.ingest.headings import ARTICLE_LEVEL, article, part_level
from rag_core.ingest.table import records_content
from rag_core.ingest.text import decoded

_NAMES = ("法規名稱", "LawName", "title", "name", "英文法規名稱", "EngLawName", "法律名稱")
_ARTICLES = ("法規內容", "LawArticles", "EngLawArticles", "articles", "條文")
_PARTS = ("編章節", "ArticleChapter", "EngArticleChapter")
_NUMBERS = ("條號", "ArticleNo", "EngArticleNo", "article_no", "no")
_TEXTS = ("條文內容", "ArticleContent", "EngArticleContent", "content", "text")
_COLLECTIONS = ("Laws", "laws", "法規")
_NAME_LEVEL, _CHAPTER_LEVEL = 5, 22
_SPACES = re.compile(r"\s+")


def read_json(data: bytes) -> Content:
    """Return a law's articles, several laws', or flat records as a table. Raises UnreadableDocument for the rest."""
    text, warnings = decoded(data)
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableDocument(f"The file is not JSON ({error}).") from error
    laws = _laws(value)
    if not laws:
        return records_content(value if isinstance(value, list) else [])
    blocks = tuple(block for law in laws for block in _law_blocks(law))
    return Content(blocks, _text(laws[0], _NAMES) if len(laws) == 1 else "", warnings=warnings)


def _laws(value: object) -> list[Mapping[str, object]]:
    if isinstance(value, Mapping):
        inside = next((value[key] for key in _COLLECTIONS if isinstance(value.get(key), list)), None)
        value = inside if inside is not None else [value]
    if not isinstance(value, list):
        return []
    return [law for law in value if isinstance(law, Mapping) and _articles(law)]


def _articles(law: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = next((law[key] for key in _ARTICLES if isinstance(law.get(key), list)), [])
    entries = [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []
    return entries if any(_text(entry, _NUMBERS) and _text(entry, _TEXTS) for entry in entries) else []


def _law_blocks(law: Mapping[str, object]) -> Iterator[Block]:
    if name := _text(law, _NAMES):
        yield Heading(name, _NAME_LEVEL)
    chapter = ""
    for entry in _articles(law):
        if part := _spaced(_text(entry, _PARTS)):
            yield Heading(part, part_level(part) or _CHAPTER_LEVEL)
        if (named := _chapter(entry)) and named != chapter:
            chapter = named
            yield Heading(chapter, _CHAPTER_LEVEL)
        if (number := _number(entry)) and (text := _text(entry, _TEXTS)):
            yield Heading(number, ARTICLE_LEVEL, article=True)
            yield Paragraph(_lines(text))


def _chapter(entry: Mapping[str, object]) -> str:
    number, name = _text(entry, ("chapter_no",)), _text(entry, ("chapter_name",))
    return f"第 {number} 章 {name}" if number.isdigit() else name


def _number(entry: Mapping[str, object]) -> str:
    number = _spaced(_text(entry, _NUMBERS))
    if re.fullmatch(r"[0-9]+([-–][0-9]+)?", number):
        return f"第 {number} 條"
    return number if article(number) or number else ""


def _text(entry: Mapping[str, object], keys: Sequence[str]) -> str:
    return next((str(entry[key]).strip() for key in keys if isinstance(entry.get(key), str | int)), "")


def _spaced(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _lines(text: str) -> str:
    """Return an article with plain line ends. The law database breaks lines in the middle of words at no place."""
    return "\n".join(line.strip() for line in text.replace("\r\n", "\n").split("\n") if line.strip())
