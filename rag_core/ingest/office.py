"""Word, Excel and PowerPoint files."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag_core.errors import UnreadableDocument
from rag_core.ingest.blocks import Block, Content, Heading, Paragraph, Table, tidy
from rag_core.ingest.headings import is_item
from rag_core.ingest.markup import html_content
from rag_core.ingest.table import table_blocks, unused_columns

_LARGEST_UNPACKED = 400_000_000  # bytes; a few kilobytes of zip can hold gigabytes
_MOST_CELLS = 500_000
_OLE = b"\xd0\xcf\x11\xe0"
_WORD_STYLES = "\n".join(
    [f"p[style-name='標題 {level}'] => h{level}:fresh" for level in range(1, 7)]
    + ["p[style-name='Title'] => h1:fresh", "p[style-name='標題'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"]
)


def read_docx(path: Path) -> Content:
    """Return a Word file's blocks. It has no pages: Word makes them when it prints."""
    import mammoth

    data = _unpackable(path, "Word")
    try:
        html = mammoth.convert_to_html(
            io.BytesIO(data), style_map=_WORD_STYLES, convert_image=mammoth.images.img_element(lambda _: {})
        ).value
    except Exception as error:  # the library raises whatever a broken file makes it stumble on
        raise UnreadableDocument(f"The Word file is damaged ({_reason(error)}).") from error
    return html_content(f"<body>{html}</body>")


def read_xlsx(path: Path) -> Content:
    """Return an Excel file's sheets as tables, with the values that Excel last computed."""
    import openpyxl

    data = _unpackable(path, "Excel")
    blocks: list[Block] = []
    warnings: list[str] = []
    left = _MOST_CELLS
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            sheet.reset_dimensions()  # files lie about their size
            rows = tuple(_rows(sheet, left))
            left -= sum(map(len, rows))
            blocks.extend([Heading(sheet.title, 1)] if len(sheets) > 1 else [])
            blocks.extend(table_blocks(rows))
            warnings.extend(unused_columns(rows))
    except Exception as error:  # as above
        raise UnreadableDocument(f"The Excel file is damaged ({_reason(error)}).") from error
    if left <= 0:
        warnings.append(f"Only the first {_MOST_CELLS:,} cells were read; the rest is not searched.")
    return Content(tuple(blocks), warnings=tuple(warnings))


def _rows(sheet: Any, limit: int) -> Iterator[tuple[str, ...]]:
    """Yield a sheet's rows without empty cells at their end, until ``limit`` cells; several empty rows become one."""
    was_empty = True
    for cells in sheet.iter_rows():
        if limit <= 0:
            return
        row = [_cell(cell.value, getattr(cell, "number_format", "")) for cell in cells]
        while row and not row[-1].strip():
            row.pop()
        if row or not was_empty:
            yield tuple(row)
        was_empty = not row
        limit -= len(row)


def _cell(value: object, number_format: str) -> str:
    """Return a cell as people see it, as far as that matters: dates, percentages, whole numbers."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float | int) and not isinstance(value, bool):
        if "%" in (number_format or ""):
            return f"{round(value * 100, 4):g}%"
        return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{round(value, 10)}"
    return str(value)


def read_pptx(path: Path) -> Content:
    """Return a presentation's blocks; a slide is a page, its title a heading."""
    from pptx import Presentation

    data = _unpackable(path, "PowerPoint")
    try:
        slides = list(Presentation(io.BytesIO(data)).slides)
        blocks = [block for number, slide in enumerate(slides, 1) for block in _slide(slide, number)]
    except Exception as error:  # as above
        raise UnreadableDocument(f"The PowerPoint file is damaged ({_reason(error)}).") from error
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    return Content(tuple(blocks), title, pages=len(slides))


def _slide(slide: Any, number: int) -> Iterator[Block]:
    title = slide.shapes.title
    if title is not None and tidy(title.text_frame.text):
        yield Heading(tidy(title.text_frame.text), 1, number)
    shapes = [shape for shape in _shapes(slide.shapes) if title is None or shape.shape_id != title.shape_id]
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        yield from _shape(shape, number)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for line in slide.notes_slide.notes_text_frame.text.splitlines():
            yield Paragraph(tidy(line), number)


def _shapes(shapes: Any) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _shape(shape: Any, number: int) -> Iterator[Block]:
    if shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:
            if text := tidy(paragraph.text):
                yield Paragraph(text, number, item=paragraph.level > 0 or is_item(text))
    elif getattr(shape, "has_table", False) and shape.has_table:
        yield Table(tuple(tuple(cell.text for cell in row.cells) for row in shape.table.rows), number)


def _unpackable(path: Path, program: str) -> bytes:
    """Return the file's bytes once it is known to be a zip that does not unpack to more than memory holds."""
    data = path.read_bytes()
    if data.startswith(_OLE):
        raise UnreadableDocument(f"The file is password-protected or of an old {program} format; save it anew.")
    try:
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(data)).infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableDocument(f"The file is no {program} file, or it is damaged.") from error
    if unpacked > _LARGEST_UNPACKED:
        raise UnreadableDocument(f"The file unpacks to {unpacked // 1_000_000:,} MB, which is too large.")
    return data


def _reason(error: Exception) -> str:
    return tidy(str(error))[:120] or type(error).__name__
