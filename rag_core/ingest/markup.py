"""HTML and Markdown: headings, paragraphs, lists and tables from the element tree."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, Tag

from rag_core.errors import UnreadableDocument
from rag_core.ingest.blocks import Block, Content, Heading, Paragraph, Table, tidy
from rag_core.ingest.headings import Articles, article_blocks
from rag_core.ingest.text import decoded

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?\s*([A-Za-z0-9_-]{2,30})""", re.IGNORECASE)
_SILENT = [
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "footer",
    "header",
    "aside",
    "form",
    "button",
    "select",
    "svg",
    "math",
    "iframe",
    "object",
    "head",
    "canvas",
    "audio",
    "video",
]
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# fmt: off
_ROOMS = frozenset([
    "html", "body", "main", "article", "section", "div", "ul", "ol", "dl", "table", "thead", "tbody",
    "tfoot", "tr", "p", "li", "dt", "dd", "pre", "blockquote", "figure", "figcaption", "details", "summary",
    "fieldset", "address", "center", "hr", "caption", "h1", "h2", "h3", "h4", "h5", "h6", "td",
    "th",
])
# fmt: on
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE_LINE = re.compile(r"^title:[ \t]*(?P<title>.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_TEMPLATE_TAG = re.compile(r"\{%[^%\n]{0,500}%\}")
_ALERT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION|INFO)\][ \t]*", re.IGNORECASE)
_DEEPEST = 200


def read_html(data: bytes) -> Content:
    """Return the blocks of an HTML page; navigation, scripts and forms are left out."""
    declared = _CHARSET.search(data[:4096])
    text, warnings = _as_declared(data, declared[1].decode("ascii")) if declared else decoded(data)
    return html_content(text, warnings)


def _as_declared(data: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    """Decode as the page says it is, where that is true; pages often say what they no longer are."""
    try:
        return data.decode("cp950" if encoding.lower() == "big5" else encoding), ()
    except (UnicodeDecodeError, LookupError):
        return decoded(data)


def read_markdown(data: bytes) -> Content:
    """Return the blocks of a Markdown file; its front matter gives the title."""
    from markdown_it import MarkdownIt

    text, warnings = decoded(data)
    front = _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    named = _TITLE_LINE.search(front["yaml"]) if front else None
    rendered = MarkdownIt("commonmark").enable("table").render(_TEMPLATE_TAG.sub("", _ALERT.sub("", body)))
    content = html_content(rendered, warnings)
    return Content(content.blocks, named["title"].strip("\"'") if named else content.title, warnings=warnings)


def html_content(html: str, warnings: tuple[str, ...] = ()) -> Content:
    """Return the blocks of an HTML text."""
    soup = BeautifulSoup(html, "lxml")
    title = tidy(soup.title.get_text()) if soup.title else ""
    for silent in soup(_SILENT):
        silent.decompose()
    root = soup.find("main") or soup.find("article") or soup.body or soup
    try:
        blocks = tuple(_with_articles(_walk(root, _Place())))
    except RecursionError as error:
        raise UnreadableDocument("The page's elements lie too deep in each other.") from error
    first = next((block.text for block in blocks if isinstance(block, Heading) and block.level == 1), "")
    return Content(blocks, title or first, warnings=warnings)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree we are. ``mark`` is what stands before a list's entry."""

    depth: int = 0
    item: bool = False
    mark: str = ""


def _walk(element: Tag, place: _Place) -> Iterator[Block]:
    if place.depth > _DEEPEST:
        raise UnreadableDocument("The page's elements lie too deep in each other.")
    inline: list[str] = []
    for child in element.children:
        if isinstance(child, Tag) and _is_room(child):
            yield from _text_blocks("".join(inline), place)
            if "".join(inline).strip():
                place = _Place(place.depth, place.item)
            inline = []
            yield from _room(child, _Place(place.depth + 1, place.item, place.mark))
        elif isinstance(child, Tag):
            inline.append("\n" if child.name == "br" else child.get_text())
        elif isinstance(child, NavigableString) and not isinstance(child, Comment):
            inline.append(re.sub(r"\s+", " ", child))
    yield from _text_blocks("".join(inline), place)


def _is_room(tag: Tag) -> bool:
    return tag.name in _ROOMS or tag.find(_ROOMS.__contains__) is not None


def _room(tag: Tag, place: _Place) -> Iterator[Block]:
    """Yield the blocks of an element that stands on lines of its own."""
    if tag.name in _HEADINGS:
        if text := tidy(tag.get_text()):
            yield Heading(text, _HEADINGS[tag.name])
    elif tag.name == "table":
        yield from _table(tag, place)
    elif tag.name in ("ul", "ol"):
        for number, entry in enumerate(tag.find_all("li", recursive=False), 1):
            mark = f"{number}. " if tag.name == "ol" else ""
            yield from _walk(entry, _Place(place.depth + 1, item=True, mark=mark))
    elif tag.name == "pre":
        yield from (Paragraph(line.rstrip(), item=True) for line in tag.get_text().split("\n") if line.strip())
    else:
        yield from _walk(tag, place)


def _text_blocks(text: str, place: _Place) -> Iterator[Block]:
    lines = [line for line in map(tidy, text.split("\n")) if line]
    for i, line in enumerate(lines):
        yield Paragraph((place.mark if i == 0 else "") + line, item=place.item)


def _table(table: Tag, place: _Place) -> Iterator[Block]:
    """Yield a table; one that only lays out the page (tables inside, or one column) yields what is in its cells."""
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    cells = [row.find_all(["td", "th"], recursive=False) for row in rows]
    if table.find("table") or max(map(len, cells), default=0) < 2:
        for cell in (cell for row in cells for cell in row):
            yield from _walk(cell, _Place(place.depth + 1))
        return
    if caption := table.find("caption"):
        yield Paragraph(tidy(caption.get_text()))
    yield Table(_grid(cells))


def _grid(cells: Sequence[Sequence[Tag]]) -> tuple[tuple[str, ...], ...]:
    """Return the cells' texts by row and column; a cell that spans several stands in each of its rows."""
    grid: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}  # column: rows left, text
    for row in cells:
        line: list[str] = []
        for cell in [*row, None]:
            while len(line) in below:
                left, text = below.pop(len(line))
                if left > 1:
                    below[len(line)] = (left - 1, text)
                line.append(text)
            if cell is None:
                break
            text = _cell_text(cell)
            rows_down = _span(cell, "rowspan")
            for _ in range(_span(cell, "colspan")):
                if rows_down > 1:
                    below[len(line)] = (rows_down - 1, text)
                line.append(text)
                text = ""  # a wide cell is said once
        grid.append(line)
    return tuple(tuple(line) for line in grid)


def _cell_text(cell: Tag) -> str:
    for line_break in cell.find_all("br"):
        line_break.replace_with("\n")
    for block in cell.find_all(["p", "li", "div"]):
        block.append("\n")
    return "\n".join(line for line in map(tidy, cell.get_text().split("\n")) if line)


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(int(value), 100) if value.isdigit() and value != "0" else 1


def _with_articles(blocks: Iterator[Block]) -> Iterator[Block]:
    """Mark headings that open an article of a law, and turn paragraphs that do into heading and text."""
    articles = Articles()
    for block in blocks:
        found = None if isinstance(block, Table) else articles.opened_by(block.text)
        if found and isinstance(block, Heading):
            yield Heading(block.text, block.level, block.page, article=True)
        elif found:
            yield from article_blocks(found)
        else:
            yield block
