"""Reads one YAML file of the company, or tells in plain words why it cannot be read."""

import re
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bots.windows.faults import Fault, FileKind

_QUOTED_REFERENCE = '{token: "${ERP_TOKEN}"}'
_BEGINS_WITH_BRACKET = re.compile(
    r"(?:^\s*(?:-\s+)*|(?P<inside>[{\[,]\s*))(?P<key>[\w-]+:\s+)?"
    r"(?P<text>(?:\{[^{}\[\]\"':]*\}|\[[^\[\]{}\"':]*\])[ \t]*[^\s,\]}#].*)"
)
_SYNTAX = (
    (
        r"found character '\\t'",
        "a tab stands where YAML allows only spaces; use two spaces for each step of indentation",
    ),
    (
        r"found character '[@`%]'|found '%'",
        'a text begins with a character that YAML reserves; put it in quotes, like  slack: "@hr-duty"',
    ),
    (
        r"alias|while scanning an? anchor",
        'a text begins with * or &, which YAML reserves; put it in quotes, like  path: "*.pdf"',
    ),
    (
        r"mapping values are not allowed",
        "there is a : where none fits, or the line is indented unlike its neighbours; put a text with ': ' in quotes",
    ),
    (
        r"while scanning a quoted scalar|unexpected end of stream",
        'a quotation mark is not closed; close it, like  email: "hr@a-company.example"',
    ),
    (
        r"expected ',' or '[\]}]'|while parsing a flow",
        "a [list] or {group} is not closed; close it, like  {sample}  (a text that begins with [ or { needs quotes)",
    ),
    (
        r"could not find expected ':'",
        "a key stands there without : and a value; write a half-width : and a space, like  {sample}",
    ),
    (
        r"expected <block end>|expected the node content|block entries|did not find expected",
        "the indentation does not match the lines above; indent keys of one level with the same number of spaces",
    ),
    (r"expected a single document", "a second document begins (---); a file holds only one"),
    (
        r"special characters are not allowed",
        "there is a character that cannot be shown; remove it, it often comes with copied text",
    ),
)


def read_yaml(path: Path, shown: str, kind: FileKind) -> CommentedMap | Fault:
    """Return the keys of a file, with their lines, or the one thing that keeps it from being read.

    ``shown`` is the file's name in messages.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Fault(shown, line, "the file is not UTF-8; save it again as UTF-8 (in an editor: Save with encoding)")
    except OSError as error:
        return Fault(shown, None, f"the file cannot be read ({error.strerror})")
    return _parse(text, shown, kind)


def _parse(text: str, shown: str, kind: FileKind) -> CommentedMap | Fault:
    try:
        content = YAML(typ="rt").load(text)
    except YAMLError as error:
        return _syntax_fault(shown, error, text, kind)
    except RecursionError:
        return Fault(shown, None, f"the file is nested too deeply for {kind.noun}")
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # ruamel's own constructors raise these
        return Fault(shown, None, f"a value cannot be read ({kind.shown(str(error))}); put it in quotes")
    return content if isinstance(content, CommentedMap) else _not_keys(content, shown, kind)


def _not_keys(content: object, shown: str, kind: FileKind) -> CommentedMap | Fault:
    if content is None:
        return Fault(shown, None, f"the file is empty; it needs {kind.outline}") if kind.outline else CommentedMap()
    if isinstance(content, str) and "：" in content:
        return Fault(shown, 1, f"the colon is full-width (：); write it like  {kind.sample}")
    needs = kind.outline or f"for example  {kind.sample}"
    return Fault(shown, 1, f"the file must hold keys with values, not a list or a text; it needs {needs}")


def _syntax_fault(file: str, error: YAMLError, text: str, kind: FileKind) -> Fault:
    """Tell in plain words what the YAML reader stumbled over."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')} {error}"
    line = mark.line + 1 if mark else None
    if isinstance(error, MarkedYAMLError) and (key := re.search(r'found duplicate key "([^"]*)"', problem)):
        return Fault(file, line, f"{kind.shown(key[1])}: is written twice; keep one of them")
    if mark and re.search(r"found character '[@`%]'", problem) and _after_quote(text, mark.line, mark.column):
        return Fault(file, line, "a quotation mark above this line is not closed; close it")
    if full_width := _full_width_colon(text, line):
        return Fault(file, full_width, f"the colon is full-width (：); write it like  {kind.sample}")
    unquoted = _unquoted(text, line, kind, in_flow="while parsing a flow" in problem)
    return Fault(file, line, unquoted or _of_the_parser(problem, kind))


def _of_the_parser(problem: str, kind: FileKind) -> str:
    for pattern, trouble in _SYNTAX:
        if re.search(pattern, problem):
            return trouble.replace("{sample}", kind.sample)
    return f"this is not valid YAML; compare it with an example of {kind.noun}"


def _unquoted(text: str, line: int | None, kind: FileKind, *, in_flow: bool) -> str:
    """Return what to say of a text on the line that begins like a list or group and is none; "" if there is none."""
    if in_flow and _has_bare_reference(text, line):
        return f"inside {{ }} a reference needs quotes; write it like  {_QUOTED_REFERENCE}"
    if written := _bare_text(text, line, in_flow=in_flow):
        shown = "" if kind.holds_secrets else f", like  {written}"
        return f"a text that begins with {{ or [ needs quotes{shown}"
    return ""


def _bare_text(text: str, line: int | None, *, in_flow: bool) -> str:
    """Return how the text on the line is written that goes on behind a {name} or [word] it begins with; "" if none."""
    found = _BEGINS_WITH_BRACKET.search(text.split("\n")[line - 1]) if line else None
    if found is None or (found["inside"] and not in_flow):
        return ""
    whole = _up_to_its_end(found["text"]) if found["inside"] else found["text"].strip()
    mark = "'" if '"' in whole else '"'
    return f"{found['key'] or ''}{mark}{whole}{mark}"


def _up_to_its_end(text: str) -> str:
    """Return the text up to the , or } that ends it within a list or group."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign in "[{") - (sign in "]}")
        if depth < 0 or (sign == "," and depth == 0):
            return text[:at].strip()
    return text.strip()


def _has_bare_reference(text: str, line: int | None) -> bool:
    lines = text.split("\n")
    return line is not None and line <= len(lines) and bool(re.search(r"[\[{:,]\s*\$\{", lines[line - 1]))


def _after_quote(text: str, line: int, column: int) -> bool:
    lines = text.splitlines()
    return line < len(lines) and lines[line][:column].endswith(('"', "'"))


def _full_width_colon(text: str, line: int | None) -> int | None:
    """Return the line, the given one or the one before it, whose key ends with a full-width colon."""
    lines = text.splitlines()
    for number in (line, line and line - 1):
        if number and number <= len(lines) and re.match(r"\s*(- )?[a-z_]+\s*：", lines[number - 1]):
            return number
    return None
