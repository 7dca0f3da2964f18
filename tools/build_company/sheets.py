"""Writes a source as an XLSX: each level-1 heading a sheet, its paragraphs above its table."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tools.build_company import package
from tools.build_company.source import Document, Heading, Paragraph, Table


def build(document: Document, target: Path) -> None:
    """Write the source as an XLSX at ``target``. Raises ValueError when text stands before the first heading."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet: Worksheet | None = None
    for block in document.blocks:
        if isinstance(block, Heading):
            sheet = book.create_sheet(block.text)
        elif sheet is None:
            raise ValueError(f"{target.name}: a sheet's heading must come first")
        elif isinstance(block, Table):
            _table(sheet, block)
        elif isinstance(block, Paragraph):
            sheet.append([block.hang + block.text])
    book.properties.title = document.meta["title"]
    book.properties.creator = document.meta["company"]
    book.save(target)
    package.settle(target)


def _table(sheet: Worksheet, table: Table) -> None:
    line = Side(style="thin", color="808080")
    first = sheet.max_row + 1 if sheet.max_row > 1 or sheet["A1"].value else 1
    for row_number, row in enumerate(table.rows, first):
        for column, cell in enumerate(row, 1):
            put = sheet.cell(row_number, column, _value(cell))
            put.alignment = Alignment(wrap_text=True, vertical="top")
            put.border = Border(left=line, right=line, top=line, bottom=line)
            if row_number == first:
                put.font, put.fill = Font(bold=True), PatternFill("solid", fgColor="E6EDF5")
    for column, share in enumerate(table.widths or (1.0,) * len(table.rows[0]), 1):
        sheet.column_dimensions[get_column_letter(column)].width = 8 * share


def _value(cell: str) -> str | int:
    return int(cell) if cell.isdecimal() else cell
