"""PDF: where a page's own text does not go on as it is read, the chunk says so."""

import re
from pathlib import Path

import pymupdf
import pytest

from rag_core.ingest.blocks import squeezed
from rag_core.ingest.read import read_file
from rag_core.types import ChunkKind
from tests.unit.ingest.conftest import write
from tests.unit.ingest.test_pdf import draw_table


def assert_pieces_on_their_page(path: Path) -> None:
    with pymupdf.open(path) as document:
        said = [squeezed(page.get_text()) for page in document]
    for chunk in read_file(path).chunks:
        for piece in re.split(r"\n\n|¦", chunk.text):
            assert squeezed(piece.replace(" | ", "").strip("| ")) in said[chunk.page - 1]


def test_an_organisation_chart_is_parted_between_its_boxes(pdf):
    """Boxes written in another order than they are read have a blank line between them; the others have none."""
    boxes = [(300, 130, "孔廟管理委員會"), (72, 130, "財政局"), (72, 100, "秘書處"), (72, 160, "教育局")]

    def draw(document: pymupdf.Document) -> None:
        page = document.new_page()
        for x, y, text in boxes:
            write(page, x, y, text)

    path = pdf(draw)
    assert [chunk.text for chunk in read_file(path).chunks] == ["秘書處\n\n財政局\n\n孔廟管理委員會\n\n教育局"]
    assert_pieces_on_their_page(path)


@pytest.mark.parametrize("by_column", [False, True])
def test_a_table_written_by_column_has_broken_bars(pdf, by_column: bool):
    """Cells of a row that the page does not say one after the other are parted; the others are not."""
    rows = [["職級", "上限"], ["經理", "3,000"], ["專員", "2,200"]]

    def draw(document: pymupdf.Document) -> None:
        page = document.new_page()
        draw_table(page, [["", ""]] * 3 if by_column else rows, 90)
        for j in range(2 * by_column):
            for i, row in enumerate(rows):
                write(page, 76 + 120 * j, 106 + 24 * i, row[j])

    path = pdf(draw)
    (chunk,) = read_file(path).chunks
    assert chunk.kind is ChunkKind.TABLE
    assert ("¦" in chunk.text, " | " in chunk.text) == (by_column, not by_column)
    assert re.split(r" [|¦] |\n+", chunk.text) == [cell for row in rows for cell in row]
    assert_pieces_on_their_page(path)


def test_a_watermark_between_two_lines_parts_them(pdf):
    """A slanted line is not read; the page's own text has it, so no quote runs from above it to below it."""

    def draw(document: pymupdf.Document) -> None:
        page = document.new_page()
        write(page, 72, 300, "本公司員工出差的住宿費用依職級核實報支，")
        at = pymupdf.Point(150, 340)
        page.insert_text(at, "CONFIDENTIAL", fontsize=30, morph=(at, pymupdf.Matrix(45)))
        write(page, 72, 316, "其上限由人資部每年公告一次並通知全體。")

    path = pdf(draw)
    text = "\n".join(chunk.text for chunk in read_file(path).chunks)
    assert "CONFIDENTIAL" not in text
    assert "報支，\n\n其上限" in text
    assert_pieces_on_their_page(path)
