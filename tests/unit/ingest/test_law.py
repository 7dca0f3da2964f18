"""Laws by article, as JSON and as text."""

import json

import pytest

from rag_core.errors import UnreadableDocument
from rag_core.ingest.headings import Articles, article
from rag_core.types import ChunkKind


def test_the_law_databases_json_gives_a_chunk_an_article(read):
    """法規內容 with 編章節 and 條號 becomes one LAW chunk an article, under law and chapter."""
    law = {
        "法規名稱": "勞動基準法",
        "法規內容": [
            {"編章節": "   第 四 章 工作時間、休息、休假"},
            {"條號": "第 38 條", "條文內容": "勞工繼續工作滿一定期間者，應給予特別休假：\r\n一、三日。\r\n二、七日。"},
            {"條號": "第 38-1 條", "條文內容": "（刪除）"},
        ],
    }
    reading = read("N0030001.json", "\ufeff" + json.dumps(law, ensure_ascii=False))
    assert reading.title == "勞動基準法"
    assert [(c.kind, c.heading) for c in reading.chunks] == [
        (ChunkKind.LAW, ("勞動基準法", "第 四 章 工作時間、休息、休假", "第 38 條")),
        (ChunkKind.LAW, ("勞動基準法", "第 四 章 工作時間、休息、休假", "第 38-1 條")),
    ]
    assert reading.chunks[0].text == "勞工繼續工作滿一定期間者，應給予特別休假：\n一、三日。\n二、七日。"


def test_articles_with_a_number_only_are_named_as_articles(read):
    """The shape title/articles/article_no gives the same headings."""
    law = {"title": "勞工請假規則", "articles": [{"article_no": "9-1", "chapter_name": None, "content": "一年內。"}]}
    assert read("leave.json", json.dumps(law)).chunks[0].heading == ("勞工請假規則", "第 9-1 條")


def test_several_laws_in_one_file(read):
    """The law database's whole download, a list under Laws, is read law by law."""
    laws = {
        "Laws": [{"LawName": n, "LawArticles": [{"ArticleNo": "第 1 條", "ArticleContent": "內容"}]} for n in "甲乙"]
    }
    assert [c.heading[0] for c in read("all.json", json.dumps(laws)).chunks] == ["甲", "乙"]


def test_other_json_is_refused(read):
    """JSON of another shape is refused with a reason, deep nesting too."""
    for content in ('{"a": {"b": 1}}', "[1, 2]", "not json", "[" * 100_000):
        with pytest.raises(UnreadableDocument):
            read("other.json", content)


def test_text_by_articles(read):
    """Lines that open an article cut the text; a reference at the start of a line does not."""
    text = (
        "第一章 總則\n第一條（目的）\n為規範請假，依\n第三十八條 之規定訂定本辦法。\n"
        "第二條　適用於全體員工。\n第二條之一 約聘人員準用之。\n第 3 條：施行日另定。"
    )
    found = [(c.kind, c.heading, c.text) for c in read("辦法.txt", text).chunks]
    assert [heading[-1] for _, heading, _ in found] == ["第一條（目的）", "第二條", "第二條之一", "第 3 條"]
    assert {kind for kind, _, _ in found} == {ChunkKind.LAW}
    assert "第三十八條 之規定訂定本辦法" in found[0][2]
    assert found[1][2] == "適用於全體員工。"


@pytest.mark.parametrize(
    ("line", "number"),
    [("第三百零五條 x", (305, 0)), ("第 9 條之 1", (9, 1)), ("第38-1條", (38, 1)), ("Article 10-1 (x)", (10, 1))],
)
def test_numbers_of_articles(line: str, number: tuple[int, int]):
    """Article numbers are read in every way they are written."""
    found = article(line)
    assert found is not None
    assert found.number == number


def test_a_reference_opens_no_article():
    """第三十八條規定 in running text is no opening; nor is an article out of order."""
    assert article("第三十八條規定之特別休假") is None
    articles = Articles()
    assert articles.opened_by("第 5 條 內容")
    assert articles.opened_by("第 3 條 第二項所定") is None
    assert articles.opened_by("第 6 條 內容")
