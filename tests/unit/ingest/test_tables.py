"""CSV, TSV, JSON Lines and Excel; questions and answers."""

import io
import json

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_core.ingest import faq
from rag_core.ingest.blocks import Heading, Paragraph, Table, size, squeezed
from rag_core.ingest.chunk import LONGEST, chunks, packed, sentences_within
from rag_core.types import ChunkKind


@pytest.mark.parametrize(
    "header",
    [
        ("問題", "答案"),
        ("常見問題", "回答"),
        ("問", "答"),
        ("Question", "Answer"),
        ("Q", "A"),
        ("題目", "解答"),
        ("問題（Question）", "解決方式"),
        ("問題", "說明"),
        (" Questions ", "ANSWERS"),
        ("民眾提問", "答覆內容"),
    ],
)
def test_questions_and_answers_are_recognised_by_header(read, header: tuple[str, str]):
    """A table with such a header becomes one FAQ chunk a row, the question its heading."""
    content = (
        f'編號,{header[0]},{header[1]}\n1,密碼忘了怎麼辦？,"請至入口網站重設。\n分機 123"\n2,VPN 連不上？,重新登入。\n'
    )
    reading = read("faq.csv", content)
    assert [(c.kind, c.heading, c.text) for c in reading.chunks] == [
        (ChunkKind.FAQ, ("密碼忘了怎麼辦？",), "請至入口網站重設。\n分機 123"),
        (ChunkKind.FAQ, ("VPN 連不上？",), "重新登入。"),
    ]
    assert "編號" in reading.warnings[0]


@pytest.mark.parametrize("header", [("品名", "價格"), ("問題編號", "答案"), ("答案", "分數"), ("Name", "Answer")])
def test_other_headers_are_tables(header: tuple[str, str]):
    """A header without both columns is another kind of table."""
    assert faq.columns(header) is None


def test_topics_stand_before_the_question(read):
    """A category column becomes part of the heading path."""
    chunk = read("a.csv", "分類,問題,答案\n帳號,怎麼改密碼？,在設定頁。\n").chunks[0]
    assert chunk.heading == ("帳號", "怎麼改密碼？")


def test_every_part_of_a_long_table_begins_with_its_header(read):
    """A table longer than a chunk is cut between rows, and each part repeats the header row."""
    rows = "\n".join(f"{i},型號-{i},價格 {i * 100} 元" for i in range(200))
    parts = [c.text.split("\n") for c in read("price.csv", f"編號,型號,價格\n{rows}\n").chunks]
    assert len(parts) > 3
    assert {part[0] for part in parts} == {"編號 | 型號 | 價格"}
    assert [line.split(" | ")[0] for part in parts for line in part[1:]] == [str(i) for i in range(200)]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_found(read, delimiter: str):
    """The delimiter is found from the file, in Big5 too."""
    content = "\n".join(
        delimiter.join(row) for row in (["姓名", "分機"], ["王小明", "1, 2" if delimiter != "," else "12"])
    )
    assert read("a.csv", content.encode("cp950")).chunks[0].text.split("\n")[0] == "姓名 | 分機"


def test_json_lines_of_questions(read):
    """JSON Lines with question and answer are an FAQ; lists of answers are joined."""
    lines = [{"id": 1, "question": "How?", "answers": ["So.", "Or so."]}]
    chunk = read("faq.jsonl", "\n".join(map(json.dumps, lines))).chunks[0]
    assert (chunk.kind, chunk.heading, chunk.text) == (ChunkKind.FAQ, ("How?",), "So.\nOr so.")


def test_excel_sheets_dates_and_percentages(read):
    """Each sheet is a section; values are written as people see them; hidden sheets are not read."""
    import datetime as dt

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "匯率"
    sheet.append(["2026 年標準"])
    sheet.append(["項目", "日期", "折扣", "金額"])
    sheet.append(["機票", dt.date(2026, 3, 1), 0.15, 1200.0])
    sheet["C3"].number_format = "0%"
    other = book.create_sheet("問答")
    other.append(["問題", "答案"])
    other.append(["可以報計程車嗎？", "可以。"])
    book.create_sheet("秘密").append(["不該看到", "x"])
    book["秘密"].sheet_state = "hidden"
    book.save(file := io.BytesIO())
    found = read("標準.xlsx", file.getvalue()).chunks
    assert [(c.kind, c.heading, c.text) for c in found] == [
        (ChunkKind.TABLE, ("匯率", "2026 年標準"), "項目 | 日期 | 折扣 | 金額\n機票 | 2026-03-01 | 15% | 1200"),
        (ChunkKind.FAQ, ("問答", "可以報計程車嗎？"), "可以。"),
    ]


def test_empty_cells_keep_their_column():
    """A row that begins with an empty cell still has as many cells as the header."""
    found = chunks([Table((("", "甲", "乙"), ("", "1", ""), ("x", "", "2")))])
    assert [line.split(" | ") for line in found[0].text.split("\n")] == [
        ["", "甲", "乙"],
        ["", "1", ""],
        ["x", "", "2"],
    ]


def test_a_paragraph_stays_whole_and_small_ones_are_put_together():
    """A paragraph below the limit is one chunk; short ones share one; a heading always parts them."""
    long, short = "台灣。" * 250, "短句。"
    found = chunks([Heading("A", 1), *[Paragraph(short)] * 3, Heading("B", 1), Paragraph(long), Paragraph(long)])
    assert [(c.heading, c.text) for c in found] == [(("A",), "\n".join([short] * 3)), (("B",), long), (("B",), long)]


def test_a_list_keeps_its_introduction_in_every_part():
    """A list too long for a chunk is cut between its entries; each part begins with the introducing line."""
    entries = [Paragraph(f"{i}. " + "請附上相關證明文件。" * 8, item=True) for i in range(1, 20)]
    parts = packed([Paragraph("申請時應備："), *entries])
    assert len(parts) > 2
    assert all(part.startswith("申請時應備：\n") for part in parts)


@given(st.text(alphabet="甲乙丙。，！? .ab\n", max_size=3000), st.sampled_from([20.0, 100.0, 450.0]))
def test_cutting_loses_nothing(text: str, limit: float):
    """The parts of a long text are within the limit and together say the same."""
    parts = sentences_within(text, limit)
    assert squeezed("".join(parts)) == squeezed(text)
    assert all(size(part) <= limit for part in parts)


@given(st.lists(st.builds(Paragraph, st.text(alphabet="甲乙。 ab", max_size=1500), item=st.booleans()), max_size=8))
def test_packing_loses_nothing_and_keeps_the_limit(paragraphs: list[Paragraph]):
    """Every paragraph's text is in the pieces, none above the limit."""
    pieces = packed(paragraphs)
    together = squeezed("".join(pieces))
    assert all(size(piece) <= LONGEST + 1 for piece in pieces)
    assert len(together) >= sum(len(squeezed(p.text)) for p in paragraphs)
