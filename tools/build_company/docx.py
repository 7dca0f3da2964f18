"""Writes a source as a DOCX: headings by style, paragraphs and ruled tables, the least markup that says so."""

from pathlib import Path
from xml.sax.saxutils import escape

from tools.build_company import package
from tools.build_company.source import Block, Columns, Document, Heading, PageBreak, Paragraph, Table

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WIDTH = 9000  # twentieths of a point between the margins
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PAGE = """<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>
<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="720" w:footer="720" w:gutter="0"/>
</w:sectPr>"""
_TYPES = f"""{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{_WORD_TYPE}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_WORD_TYPE}.styles+xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>"""
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELS = f"""{_XML}<Relationships xmlns="{_PACKAGE_RELATION}">
<Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="word/document.xml"/>
<Relationship Id="rId2" Type="{_PACKAGE_RELATION}/metadata/core-properties" Target="docProps/core.xml"/>
</Relationships>"""
_DOCUMENT_RELS = f"""{_XML}<Relationships xmlns="{_PACKAGE_RELATION}">
<Relationship Id="rId1" Type="{_RELATION}/styles" Target="styles.xml"/></Relationships>"""


def build(document: Document, target: Path) -> None:
    """Write the source as a DOCX at ``target``. The same source gives the same bytes."""
    meta = document.meta
    body = [_paragraph(meta["title"], "Title"), _paragraph(f"{meta['number']}　{meta.get('subtitle', '')}".strip())]
    body += [_block(block) for block in document.blocks]
    text = f"{_XML}<w:document {_W}><w:body>{''.join(body)}{_PAGE}</w:body></w:document>"
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS,
        "docProps/core.xml": _core(meta["title"], meta["company"], meta["date"]),
        "word/document.xml": text,
        "word/_rels/document.xml.rels": _DOCUMENT_RELS,
        "word/styles.xml": _styles(),
    }
    package.write(target, {name: part.encode() for name, part in parts.items()})


def _block(block: Block) -> str:
    match block:
        case Heading():
            return _paragraph(block.text, f"Heading{block.level}")
        case Paragraph():
            return _paragraph(block.hang + block.text, indent=block.indent)
        case Table():
            return _table(block)
        case PageBreak():
            return '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
        case Columns():
            return "".join(_block(inner) for inner in block.blocks)


def _paragraph(text: str, style: str = "", indent: int = 0, *, bold: bool = False) -> str:
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    properties += f'<w:ind w:left="{indent * 360}"/>' if indent else ""
    run = "<w:rPr><w:b/></w:rPr>" if bold else ""
    run += f'<w:t xml:space="preserve">{escape(text)}</w:t>'
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r>{run}</w:r></w:p>"


def _table(table: Table) -> str:
    count = len(table.rows[0])
    shares = table.widths or (1.0,) * count
    widths = [round(_WIDTH * share / sum(shares)) for share in shares]
    sides = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="808080"/>' for side in _SIDES)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = "".join(_row(row, widths, head=number == 0) for number, row in enumerate(table.rows))
    layout = f'<w:tblPr><w:tblW w:w="{_WIDTH}" w:type="dxa"/><w:tblBorders>{sides}</w:tblBorders></w:tblPr>'
    return f"<w:tbl>{layout}<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl><w:p/>"


def _row(row: tuple[str, ...], widths: list[int], *, head: bool) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{_paragraph(cell, bold=head)}</w:tc>'
        for cell, width in zip(row, widths, strict=True)
    )
    return f"<w:tr>{'<w:trPr><w:tblHeader/></w:trPr>' if head else ''}{cells}</w:tr>"


def _styles() -> str:
    font = '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Microsoft JhengHei"/><w:sz w:val="22"/>'
    font += '<w:lang w:eastAsia="zh-TW"/>'
    styles = f"<w:docDefaults><w:rPrDefault><w:rPr>{font}</w:rPr></w:rPrDefault></w:docDefaults>"
    styles += '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    for identifier, name, level, size in (
        ("Title", "Title", None, 40),
        ("Heading1", "heading 1", 0, 30),
        ("Heading2", "heading 2", 1, 26),
        ("Heading3", "heading 3", 2, 24),
    ):
        outline = "" if level is None else f'<w:outlineLvl w:val="{level}"/>'
        styles += f'<w:style w:type="paragraph" w:styleId="{identifier}"><w:name w:val="{name}"/>'
        styles += '<w:basedOn w:val="Normal"/>'
        styles += f'<w:pPr><w:keepNext/><w:spacing w:before="240" w:after="80"/>{outline}</w:pPr>'
        styles += f'<w:rPr><w:b/><w:sz w:val="{size}"/></w:rPr></w:style>'
    return f"{_XML}<w:styles {_W}>{styles}</w:styles>"


def _core(title: str, author: str, date: str) -> str:
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{date}T09:00:00Z</dcterms:created></cp:coreProperties>'
    )
