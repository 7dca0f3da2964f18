"""PDF: pages, headings, columns, tables, running lines, scans."""

import time
from pathlib import Path

import pymupdf
import pytest

from rag_core.errors import UnreadableDocument
from rag_core.ingest.blocks import squeezed
from rag_core.ingest.ocr import page_lines
from rag_core.ingest.read import read_file
from rag_core.types import ChunkKind
from tests.unit.ingest.conftest import write

LINES = [f"左欄第{i}行說明產品保固條件與維修流程的細節" for i in range(10)]
RIGHT = [f"右欄第{i}行說明退貨條件與退款流程以及期限規定" for i in range(10)]


def draw_table(page: pymupdf.Page, rows: list[list[str]], top: float, width: float = 120, height: float = 24) -> None:
    """Draw a ruled table at the left margin."""
    bottom, right = top + height * len(rows), 72 + width * len(rows[0])
    for i in range(len(rows) + 1):
        page.draw_line((72, top + i * height), (right, top + i * height))
    for i in range(len(rows[0]) + 1):
        page.draw_line((72 + i * width, top), (72 + i * width, bottom))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            write(page, 76 + j * width, top + i * height + 16, cell)


def test_pages_headings_and_title(pdf):
    """Text set larger is a heading and the first one the title; pages count from 1 and part the chunks."""

    def draw(document: pymupdf.Document) -> None:
        for number in (1, 2):
            page = document.new_page()
            write(page, 72, 100, "員工請假規定" if number == 1 else "附則", 20)
            write(page, 72, 140, f"第{number}頁的內文說明請假應事先申請。")

    reading = read_file(pdf(draw))
    assert (reading.title, reading.pages) == ("員工請假規定", 2)
    assert [(c.page, c.heading[-1], c.text) for c in reading.chunks] == [
        (1, "員工請假規定", "第1頁的內文說明請假應事先申請。"),
        (2, "附則", "第2頁的內文說明請假應事先申請。"),
    ]


def test_running_headers_and_page_numbers_are_dropped(pdf):
    """What stands in the margin of every page is read on none; the same words in the text stay."""

    def draw(document: pymupdf.Document) -> None:
        for number in range(1, 5):
            page = document.new_page()
            write(page, 72, 40, "A公司 工作規則 機密")
            write(page, 72, 300, f"本頁內容第{number}項，依工作規則辦理。")
            write(page, 290, 810, f"第 {number} 頁，共 4 頁")

    text = "\n".join(c.text for c in read_file(pdf(draw)).chunks)
    assert "機密" not in text
    assert "頁，共" not in text
    assert text.count("依工作規則辦理") == 4


@pytest.mark.parametrize("row_by_row", [False, True])
def test_columns_are_read_one_after_the_other(pdf, row_by_row: bool):
    """Two columns are read down the left and then down the right one, in whichever order they were drawn."""

    def draw(document: pymupdf.Document) -> None:
        page = document.new_page()
        write(page, 180, 60, "兩欄文件的標題", 18)
        left = [(60, 120 + 18 * i, text) for i, text in enumerate(LINES)]
        right = [(310, 120 + 18 * i, text) for i, text in enumerate(RIGHT)]
        rows = [line for pair in zip(left, right, strict=True) for line in pair]
        for x, y, text in rows if row_by_row else [*left, *right]:
            write(page, x, y, text)

    text = squeezed("".join(c.text for c in read_file(pdf(draw)).chunks))
    places = [text.index(line) for line in (*LINES, *RIGHT)]
    assert places == sorted(places)


def test_labels_beside_values_are_no_columns(pdf):
    """A form's labels stay with their values."""

    def draw(document: pymupdf.Document) -> None:
        page = document.new_page()
        for i in range(8):
            write(page, 72, 100 + 22 * i, f"項目{i}：")
            write(page, 200, 100 + 22 * i, f"內容{i}")

    text = squeezed("".join(c.text for c in read_file(pdf(draw)).chunks))
    assert "項目3：內容3項目4：內容4" in text


def test_tables_are_rows_and_no_prose(pdf):
    """A ruled table becomes rows under its header, once; the text around it stays prose, in its place."""
    rows = [["假別", "天數", "說明"], ["特休", "7", "滿一年"], ["病假", "30", "須附證明"]]

    def draw(document: pymupdf.Document) -> None:
        page = document.new_page()
        write(page, 72, 80, "各種假別的天數如下表。")
        draw_table(page, rows, 100)
        write(page, 72, 250, "表中未列者依法令辦理。")

    found = read_file(pdf(draw)).chunks
    assert [(c.kind, c.text) for c in found] == [
        (ChunkKind.PROSE, "各種假別的天數如下表。"),
        (ChunkKind.TABLE, "\n".join(" | ".join(row) for row in rows)),
        (ChunkKind.PROSE, "表中未列者依法令辦理。"),
    ]


def test_a_table_that_goes_on_names_its_columns_in_the_heading(pdf):
    """On the next page the header does not stand, so it is in the heading and not in the text."""

    def draw(document: pymupdf.Document) -> None:
        for rows in ([["項目", "上限"], ["機票", "30000"], ["住宿", "3500"]], [["餐費", "800"], ["交通", "1200"]]):
            draw_table(document.new_page(), rows, 72)

    first, second = read_file(pdf(draw)).chunks
    assert (first.page, first.heading) == (1, ())
    assert (second.page, second.heading, second.text) == (2, ("項目 | 上限",), "餐費 | 800\n交通 | 1200")


def test_articles_across_pages(pdf):
    """Articles of a rule in a PDF are LAW chunks that keep their page."""

    def draw(document: pymupdf.Document) -> None:
        for number, name in ((1, "第一條"), (2, "第二條")):
            page = document.new_page()
            write(page, 72, 120, f"{name} 本規則之第{number}項內容如下。")

    assert [(c.kind, c.heading, c.page) for c in read_file(pdf(draw)).chunks] == [
        (ChunkKind.LAW, ("第一條",), 1),
        (ChunkKind.LAW, ("第二條",), 2),
    ]


def test_articles_stand_below_their_chapter(pdf):
    """Chapters and articles set in the same larger type: the article is inside its chapter, its entries inside it."""

    def draw(document: pymupdf.Document) -> None:
        page = document.new_page()
        lines = ["第一章 總則", "第 1 條 名詞定義", "本辦法用詞定義如下：", "一、總部：臺北", "二、工廠：桃園"]
        for i, line in enumerate([*lines, "第二章 附則", "第 2 條 施行", "本辦法自公布日施行。"]):
            write(page, 72, 120 + 30 * i, line, 15 if line.startswith("第") else 11)

    assert [(c.kind, c.heading, c.text) for c in read_file(pdf(draw)).chunks] == [
        (
            ChunkKind.LAW,
            ("第一章 總則", "第 1 條 名詞定義"),
            "本辦法用詞定義如下：\n一、總部：臺北\n二、工廠：桃園",
        ),
        (ChunkKind.LAW, ("第二章 附則", "第 2 條 施行"), "本辦法自公布日施行。"),
    ]


def scanned(document: pymupdf.Document, text: str, english: str = "", width: float = 595, height: float = 300) -> None:
    """Add a page that is nothing but the picture of this text."""
    with pymupdf.open() as drawn:
        page = drawn.new_page(width=width, height=height)
        write(page, 60, 100, text, 22)
        page.insert_text((60, 160), english, fontsize=22)
        picture = page.get_pixmap(dpi=110)
    document.new_page(width=width, height=height).insert_image(pymupdf.Rect(0, 0, width, height), pixmap=picture)


def test_a_scanned_page_is_read_by_its_picture(pdf):
    """A page without a text layer is found by its words, in Chinese and in English, beside a page with text."""

    def draw(document: pymupdf.Document) -> None:
        write(document.new_page(height=300), 72, 120, "這一頁有文字層，內容是一般的說明文字。")
        scanned(document, "訪客停車請洽總務處", "Parking lot 2468")

    found = read_file(pdf(draw)).chunks
    assert found[0].text == "這一頁有文字層，內容是一般的說明文字。"
    assert found[1].page == 2
    assert "停車" in found[1].text
    assert "2468" in found[1].text


def test_scanned_pages_beyond_the_time_are_named(pdf):
    """When no time is left for OCR the pages are left out, and a warning says how many."""

    def draw(document: pymupdf.Document) -> None:
        write(document.new_page(height=300), 72, 120, "這一頁有文字層，內容是一般的說明文字。")
        scanned(document, "停車")
        scanned(document, "停車")

    reading = read_file(pdf(draw), scanning_s=-1)
    assert len(reading.chunks) == 1
    assert "2 scanned pages" in reading.warnings[0]


def test_a_page_that_claims_to_be_huge_is_rendered_within_bounds():
    """A page of five metres is drawn in at most four million pixels."""
    with pymupdf.open() as document:
        page = document.new_page(width=14_000, height=14_000)
        start = time.monotonic()
        assert page_lines(page) == []
        assert time.monotonic() - start < 60


def test_locked_broken_and_empty_files_are_refused(tmp_path: Path):
    """Each refusal says why."""
    with pymupdf.open() as document:
        document.new_page()
        document.save(tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="a", user_pw="b")
        document.save(tmp_path / "blank.pdf")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of the kind")
    (tmp_path / "empty.pdf").write_bytes(b"")
    reasons = {"locked": "password", "blank": "No text", "broken": "PDF", "empty": "empty"}
    for name, reason in reasons.items():
        with pytest.raises(UnreadableDocument, match=reason):
            read_file(tmp_path / f"{name}.pdf")
