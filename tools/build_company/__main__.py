"""``python -m tools.build_company``: write the sample company's binary documents into ``company/documents``.

A source's name says its kind: ``work-rules.pdf.md`` becomes ``work-rules.pdf``; its front matter says where.
"""

from pathlib import Path

from tools.build_company import docx, pdf, scan, sheets, slides, source

_SOURCES = Path(__file__).parent / "sources"
_DOCUMENTS = Path(__file__).parents[2] / "company" / "documents"
_BUILDERS = {".pdf": pdf.build, ".scan": scan.build, ".docx": docx.build, ".xlsx": sheets.build, ".pptx": slides.build}


def main() -> None:
    """Build every source and print what was written."""
    for path in sorted(_SOURCES.glob("*.md")):
        document = source.read(path)
        target = _DOCUMENTS / document.meta["folder"] / path.name.removesuffix(".md").replace(".scan", ".pdf")
        target.parent.mkdir(parents=True, exist_ok=True)
        _BUILDERS[Path(path.stem).suffix](document, target)
        print(f"{target.relative_to(_DOCUMENTS)}  {target.stat().st_size:,} bytes")
    for path in sorted(_SOURCES.glob("*.txt")):
        folder, _, text = path.read_text(encoding="utf-8").partition("\n")
        target = _DOCUMENTS / folder / path.name
        target.write_bytes(text.replace("\n", "\r\n").encode("cp950"))  # as Windows of that time saved it
        print(f"{target.relative_to(_DOCUMENTS)}  {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
