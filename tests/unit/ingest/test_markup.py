"""HTML, Markdown, Word and PowerPoint."""

import contextlib
import io
import zipfile

import pytest
from pptx import Presentation
from pptx.util import Inches

from rag_core.errors import UnreadableDocument
from rag_core.types import ChunkKind

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def test_markdown_headings_lists_and_tables(read):
    """Headings give the path, list entries stay with their introduction, tables keep their header."""
    text = (
        "---\ntitle: 請假說明\nother: x\n---\n# 特休\n\n滿一年**七日**。\n\n## 申請\n\n"
        "步驟：\n\n"
        "1. 上系統\n2. 送主管\n\n"
        "| 年資 | 天數 |\n|---|---|\n| 1 年 | 7 |\n\n{% include x %}\n\n"
        "| 問題 | 答案 |\n|---|---|\n| 可以遞延嗎？ | 可以。 |\n"
    )
    reading = read("leave.md", text)
    assert reading.title == "請假說明"
    assert [(c.kind, c.heading, c.text) for c in reading.chunks] == [
        (ChunkKind.PROSE, ("請假說明", "特休"), "滿一年七日。"),
        (ChunkKind.PROSE, ("請假說明", "特休", "申請"), "步驟：\n1. 上系統\n2. 送主管"),
        (ChunkKind.TABLE, ("請假說明", "特休", "申請"), "年資 | 天數\n1 年 | 7"),
        (ChunkKind.FAQ, ("請假說明", "特休", "申請", "可以遞延嗎？"), "可以。"),
    ]


def test_html_leaves_out_what_is_no_content(read):
    """Navigation, scripts, comments and forms are not read; merged cells stand in each of their rows."""
    html = (
        "<html><head><meta charset=big5><title>退貨</title><script>alert(1)</script></head><body><nav>首頁</nav>"
        "<h1>退貨</h1><div>七日<b>內</b><br>附發票<!-- 秘密 --></div><form>搜尋</form>"
        "<table><tr><th>類</th><th>日</th></tr><tr><td rowspan=2>甲</td><td>1</td></tr><tr><td>2</td></tr></table>"
        "<footer>版權</footer></body></html>"
    )
    reading = read("a.html", html.encode("cp950"))
    assert [c.text for c in reading.chunks] == ["七日內\n附發票", "類 | 日\n甲 | 1\n甲 | 2"]
    assert reading.chunks[0].heading == ("退貨",)


def test_html_that_names_a_wrong_charset_is_read_by_its_bytes(read):
    """A page that says UTF-8 and is Big5 is still read right."""
    assert "退貨政策" in read("a.html", "<meta charset='utf-8'><p>退貨政策</p>".encode("cp950")).chunks[0].text


def test_elements_that_lie_too_deep_are_refused_or_read(read):
    """A page of ten thousand nested elements neither crashes nor hangs."""
    with contextlib.suppress(UnreadableDocument):
        assert "x" in read("deep.html", "<div>" * 10_000 + "x").chunks[0].text


def docx(body: str) -> bytes:
    """Return a Word file of this body."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{TYPES}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
            '"application/xml"/><Override PartName='
            '"/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document'
            '.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{TYPES}/relationships"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')
    return file.getvalue()


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of Word's XML."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_word_headings_and_tables(read):
    """Word's heading styles give the path, its tables are tables, law articles are recognised."""
    cells = "".join(f"<w:tr>{''.join(f'<w:tc>{paragraph(c)}</w:tc>' for c in row)}</w:tr>" for row in ("甲乙", "丙丁"))
    body = (
        paragraph("品質手冊", "Heading1")
        + paragraph("檢驗每批抽樣。")
        + f"<w:tbl>{cells}</w:tbl>"
        + paragraph("第一條　本辦法依品質手冊訂定。")
        + paragraph("第二條　每批抽五件。")
    )
    found = read("sop.docx", docx(body)).chunks
    assert [(c.kind, c.heading[-1], c.text) for c in found] == [
        (ChunkKind.PROSE, "品質手冊", "檢驗每批抽樣。"),
        (ChunkKind.TABLE, "品質手冊", "甲 | 乙\n丙 | 丁"),
        (ChunkKind.LAW, "第一條", "本辦法依品質手冊訂定。"),
        (ChunkKind.LAW, "第二條", "每批抽五件。"),
    ]


def test_slides_are_pages(read):
    """A slide's number is its page, its title the heading; tables and notes are read."""
    deck = Presentation()
    for number in (1, 2):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"第{number}張"
        slide.placeholders[1].text = f"內容{number}"
        slide.notes_slide.notes_text_frame.text = f"備註{number}"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(5), Inches(4), Inches(1)).table
    for i, text in enumerate("甲乙丙丁"):
        table.cell(i // 2, i % 2).text = text
    deck.save(file := io.BytesIO())
    reading = read("deck.pptx", file.getvalue())
    assert reading.pages == 2
    assert {c.page for c in reading.chunks} == {1, 2}
    texts = "\n".join(c.text for c in reading.chunks)
    assert all(word in texts for word in ("內容1", "內容2", "備註1", "甲 | 乙\n丙 | 丁"))


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx"])
@pytest.mark.parametrize(
    "data", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + b"\0" * 100, b"plain text", docx("")[:-30]]
)
def test_broken_office_files_are_refused(read, name: str, data: bytes):
    """Damaged, password-protected and foreign files are refused with a sentence."""
    with pytest.raises(UnreadableDocument):
        read(name, data)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(read):
    """A file that unpacks to more than memory should hold is refused by what its directory says."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as entry:
        for _ in range(410):
            entry.write(b"\0" * 1_000_000)
    with pytest.raises(UnreadableDocument, match="too large"):
        read("bomb.docx", file.getvalue())


@pytest.mark.parametrize(("name", "hint"), [("a.doc", ".docx"), ("a.xyz", "Known are"), ("noending", "Known are")])
def test_unknown_formats_are_named(read, name: str, hint: str):
    """The refusal of a format says what to do."""
    with pytest.raises(UnreadableDocument, match=hint):
        read(name, "x")
