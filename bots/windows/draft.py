"""Drafts a window file from a folder of documents, for ``transom windows new``."""

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from charset_normalizer import from_bytes

from bots.errors import WindowFileError
from bots.windows.faults import SLUG_RULE
from bots.windows.model import DEPARTMENTS, PLACEHOLDER
from bots.windows.parts import is_slug
from bots.windows.suggestions import found
from rag_core.ingest.pool import read_all
from rag_core.ingest.read import Reading
from rag_core.types import Chunk, ChunkKind

READABLE = (
    ".pdf",
    ".docx",
    ".xlsx",
    ".xlsm",
    ".pptx",
    ".html",
    ".htm",
    ".xhtml",
    ".md",
    ".markdown",
    ".txt",
    ".text",
    ".csv",
    ".tsv",
    ".json",
    ".jsonl",
)
"""The file types that ``transom sync`` reads."""

_QUESTION_HEADERS = frozenset({"問題", "問", "題目", "常見問題", "提問", "question", "questions", "q", "faq"})
_MOST_QUESTIONS = 4
_MOST_CANDIDATES = 8
_LONGEST_TOPIC = 16  # characters
_MOST_READ = 30  # files that are read for suggestions; a draft need not know everything
_AT_ONCE = 2
_READING_S = 15.0
_MEMORY_MB = 2000
_LONGEST_QUESTION = 40  # characters; a longer one is no use as a button
_NUMBERING = re.compile(r"^(第?[一二三四五六七八九十百\d]+[章節條]?)?[\s、.．)）]+")
_SAMPLE_BYTES = 200_000
_DEPARTMENT_WORDS = {
    "產": ("production", "quality", "factory", "manufactur"),
    "銷": ("sales", "service", "customer", "support", "shop", "market"),
    "發": ("rd", "research", "develop", "product", "engineering"),
    "財": ("finance", "account", "expense"),
    "資": ("it", "mis", "helpdesk"),
    "人": ("hr", "people", "human"),
}


def draft_window(
    name: str,
    documents: Path,
    company: Path,
    *,
    department: str | None = None,
    serves: Sequence[str] = ("employees",),
) -> Path:
    """Write ``windows/NAME.yaml`` for a folder of documents and return its path. Never overwrites.

    Without ``department`` it is guessed from the name. Raises WindowFileError if the file is there already or cannot
    be written, if the folder holds nothing readable, or if a name, group or department is none.
    """
    text = window_text(name, documents, company, department=department, serves=serves)
    path = company / "windows" / f"{name}.yaml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise WindowFileError(f"{path} is there already; choose another name, or edit that file.") from None
    except OSError as error:
        raise WindowFileError(f"{path} cannot be written ({error.strerror}).") from error
    return path


def window_text(name: str, documents: Path, company: Path, *, department: str | None, serves: Sequence[str]) -> str:
    """Return the text of a window file, with remarks that explain each key. Raises as ``draft_window`` does."""
    for word in (name, *serves):
        if not is_slug(word):
            raise WindowFileError(f'"{word}" {SLUG_RULE}, like  hr')
    if department is not None and department not in DEPARTMENTS:
        raise WindowFileError(f'The department "{department}" must be one of {" ".join(DEPARTMENTS)}')
    files = _documents(documents)
    readings = _readings(files, documents)
    questions = list(dict.fromkeys(_questions(files)))
    department = department or _department_of(name)
    title = f"{name} 窗口"
    return _TEMPLATE.format(
        name=name,
        department=department,
        title=json.dumps(title, ensure_ascii=False),
        serves=", ".join(serves),
        documents=json.dumps(str(documents), ensure_ascii=False)[1:-1],
        knowledge=_knowledge(files, documents, company),
        contact=PLACEHOLDER,
        unread=_unread(files),
        questions=_questions_key(questions[:_MOST_QUESTIONS]),
        candidates=_candidates(questions, readings),
        modes=_modes(readings, name, serves),
    )


def _documents(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise WindowFileError(f"There is no folder {folder}; name the one your documents lie in.")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _is_visible(path.relative_to(folder)))
    if not any(path.suffix.lower() in READABLE for path in files):
        raise WindowFileError(f"{folder} holds no file Transom reads ({', '.join(t[1:] for t in READABLE)}).")
    return files


def _is_visible(path: Path) -> bool:
    return not any(part.startswith((".", "~$")) for part in path.parts)


def _department_of(name: str) -> str:
    """Guess from the name; people correct it where the guess is wrong."""
    pieces = re.split(r"[-_0-9]+", name)
    for department, words in _DEPARTMENT_WORDS.items():
        if any(piece == word or (len(word) > 3 and piece.startswith(word)) for piece in pieces for word in words):
            return department
    return "人"


def _knowledge(files: Sequence[Path], documents: Path, company: Path) -> str:
    """Return one entry for the whole folder, so that what is put there later is read, or named if it cannot be."""
    pattern = json.dumps(f"{_pointer(documents, company)}/**/*", ensure_ascii=False)
    counts = Counter(path.suffix.lower().lstrip(".") or path.name for path in files)
    kinds = "、".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    return f"  - {{path: {pattern}}}  # 現有 {len(files)} 個檔案（{kinds}）；之後放進來的也算"


def _pointer(documents: Path, company: Path) -> str:
    """Return how a window file points to the folder: from windows/ if it belongs to the company, else from the root."""
    full, root = Path(os.path.abspath(documents)), Path(os.path.abspath(company))  # noqa: PTH100 links stay as given
    if full.is_relative_to(root):
        return Path(os.path.relpath(full, root / "windows")).as_posix()
    return full.as_posix()


def _unread(files: Sequence[Path]) -> str:
    others = sorted({path.suffix.lower() or path.name for path in files} - set(READABLE))
    return f"\n  # 這些類型目前讀不了，transom sync 會逐一列出：{'、'.join(others[:10])}" if others else ""


def _readings(files: Sequence[Path], folder: Path) -> dict[str, tuple[Chunk, ...]]:
    """Return what the documents say, by their names, as far as they can be read quickly."""
    paths = [path for path in files if path.suffix.lower() in READABLE][:_MOST_READ]
    read = dict(read_all(paths, workers=_AT_ONCE, limit_s=_READING_S, memory_mb=_MEMORY_MB))
    readings = ((path.relative_to(folder).as_posix(), read.get(path)) for path in paths)
    return {name: one.chunks if isinstance(one, Reading) else () for name, one in readings}


def _modes(readings: Mapping[str, Sequence[Chunk]], name: str, serves: Sequence[str]) -> str:
    """Return the look-ups and forms that the documents hint at, as remarks: what the company has, only people know."""
    texts = {
        name: "\n".join("\n".join((*one.heading, one.text)) for one in chunks) for name, chunks in readings.items()
    }
    hits = found(texts, serves)
    lines = ["", "# 可能用得到的查詢與表單，拿掉前面的 # 就會生效；各個鍵的說明在 docs/windows.md。"] if hits else []
    for section in ("lookups", "forms"):
        own = [hit for hit in hits if hit.suggestion.section == section]
        lines += [f"# {section}:"] if own else []
        for hit in own:
            lines.append(f"#   # 文件提到「{hit.word}」等字 {hit.count} 次，例如 {hit.document}")
            lines += [f"#   {line}" for line in hit.suggestion.text.replace("GROUP", name).splitlines()]
    return "\n".join(lines) + "\n" if lines else ""


def _candidates(questions: Sequence[str], readings: Mapping[str, Sequence[Chunk]]) -> str:
    """Return what else people may ask: further questions of the documents, and the headings they answer under."""
    asked = list(dict.fromkeys([*questions, *_asked(readings)]))
    further = [text for text in asked if text not in questions[:_MOST_QUESTIONS]][:_MOST_CANDIDATES]
    topics = [heading for heading in _topics(readings) if not heading.endswith(("?", "？"))][:_MOST_CANDIDATES]
    lines = [f"#   - {json.dumps(text, ensure_ascii=False)}" for text in further]
    lines += [f"#   文件的章節，可以改寫成問題：{'、'.join(topics)}"] if topics else []
    return (
        "\n".join(["", "# 常見問題的候選：文件裡還有這些，常有人問的移到上面 questions", *lines, ""]) if lines else ""
    )


def _asked(readings: Mapping[str, Sequence[Chunk]]) -> Iterator[str]:
    for chunk in chain.from_iterable(readings.values()):
        last = " ".join(chunk.heading[-1:]).strip()
        if (chunk.kind is ChunkKind.FAQ or last.endswith(("?", "？"))) and 2 <= len(last) <= _LONGEST_QUESTION:
            yield last


def _topics(readings: Mapping[str, Sequence[Chunk]]) -> list[str]:
    """Return the headings below the documents' titles, each once, where they are short enough to be a topic."""
    below = (chunk.heading[1] for chunk in chain.from_iterable(readings.values()) if chunk.heading[1:])
    topics = (_NUMBERING.sub("", " ".join(heading.split())) for heading in below)
    return [one for one in dict.fromkeys(topics) if 2 <= len(one) <= _LONGEST_TOPIC]


def _questions_key(questions: Sequence[str]) -> str:
    if not questions:
        return "# questions: [特休有幾天？, 加班費怎麼算？]"
    return "questions:\n" + "\n".join(f"  - {json.dumps(text, ensure_ascii=False)}" for text in questions)


def _questions(files: Sequence[Path]) -> Iterator[str]:
    """Yield questions that the documents themselves ask, those of tables first."""
    for path in (*_of_type(files, ".csv"), *_of_type(files, ".md")):
        text = _beginning(path)
        asked = _column(text) if path.suffix.lower() == ".csv" else _headings(text)
        for question in asked:
            clean = " ".join(question.split())
            if 2 <= len(clean) <= _LONGEST_QUESTION:
                yield clean


def _of_type(files: Sequence[Path], suffix: str) -> list[Path]:
    return [path for path in files if path.suffix.lower() == suffix][:5]


def _beginning(path: Path) -> str:
    try:
        with path.open("rb") as file:
            best = from_bytes(file.read(_SAMPLE_BYTES)).best()
    except OSError:
        return ""
    return str(best) if best else ""


def _column(text: str) -> Iterator[str]:
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        column = next((index for index, cell in enumerate(header) if cell in _QUESTION_HEADERS), None)
        if column is not None:
            yield from (row[column] for row in rows if len(row) > column)
    except csv.Error:
        return


def _headings(text: str) -> Iterator[str]:
    yield from (found[1] for found in re.finditer(r"^#{1,6}\s+(.+?[？?])\s*#*$", text, re.MULTILINE))


_TEMPLATE = """\
# 窗口「{name}」。由 transom windows new 依 {documents} 產生的草稿，請照實際情況修改；
# 改完執行 transom windows check 檢查，再執行 transom sync 讀入文件。

name: {name}                 # 英文代號，指令與網址用，小寫英數
department: {department}              # 產 銷 人 發 財 資，六選一
title: {{zh-TW: {title}}}   # 使用者看到的名稱，可再加英文，例如 en: HR desk
serves: [{serves}]       # 服務哪些群組；只有這些群組的人用得到這個窗口
persona: 你是公司的窗口，語氣親切，只根據公司的文件回答。
contact: {{name: {contact}}}   # 答不出來時請人去問誰；可加 slack、line、email、phone

# 這個窗口知道的文件。路徑從這個檔案所在的資料夾算起，** 代表任何一層資料夾。
# 只給部分人看的文件另外寫一行，並且不要讓兩行的範圍重疊，例如：
#   - {{path: ../documents/hr/managers/*.md, audience: [managers, hr]}}
knowledge:
{knowledge}{unread}

# 預設所有內容都不會離開公司的機器。確定可以送到外部的模型服務才打開：
# may_leave_company: true

# 建議給使用者點的問題
{questions}
{candidates}{modes}\
"""
