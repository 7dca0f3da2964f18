"""Writes a source as a PPTX: each level-1 heading a slide; what stands below ``## 備忘`` are the speaker's notes."""

from pathlib import Path

from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Inches, Pt

from tools.build_company import package
from tools.build_company.source import Block, Document, Heading, Paragraph, Table

_TITLE_AND_TEXT, _TITLE_ONLY = 1, 5  # layouts of python-pptx's default template
_NOTES = "備忘"


def build(document: Document, target: Path) -> None:
    """Write the source as a PPTX at ``target``."""
    deck = Presentation()
    cover = deck.slides.add_slide(deck.slide_layouts[0])
    cover.shapes.title.text = document.meta["title"]
    cover.placeholders[1].text = f"{document.meta['company']}\n{document.meta['subtitle']}"
    starts = [i for i, block in enumerate(document.blocks) if isinstance(block, Heading) and block.level == 1]
    for start, end in zip(starts, [*starts[1:], len(document.blocks)], strict=True):
        _slide(deck, document.blocks[start:end])
    deck.core_properties.title = document.meta["title"]
    deck.core_properties.author = document.meta["company"]
    deck.save(str(target))
    package.settle(target)


def _slide(deck: Deck, blocks: tuple[Block, ...]) -> None:
    tables = [block for block in blocks if isinstance(block, Table)]
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY if tables else _TITLE_AND_TEXT])
    lines: list[Paragraph] = []
    notes: list[Paragraph] = []
    into = lines
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            slide.shapes.title.text = block.text
        elif isinstance(block, Heading) and block.text == _NOTES:
            into = notes
        elif isinstance(block, Paragraph):
            into.append(block)
    if tables:
        _table(slide, tables[0])
    elif lines:
        _text(slide, lines)
    if notes:
        slide.notes_slide.notes_text_frame.text = "\n".join(note.text for note in notes)


def _text(slide: Slide, lines: list[Paragraph]) -> None:
    frame = slide.placeholders[1].text_frame
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text, paragraph.font.size = line.text, Pt(20)


def _table(slide: Slide, table: Table) -> None:
    rows, columns = len(table.rows), len(table.rows[0])
    shape = slide.shapes.add_table(rows, columns, Inches(0.6), Inches(1.6), Inches(8.8), Inches(0.45 * rows))
    for row_number, row in enumerate(table.rows):
        for column, cell in enumerate(row):
            put = shape.table.cell(row_number, column)
            put.text = cell
            for paragraph in put.text_frame.paragraphs:
                paragraph.font.size = Pt(15)
