"""A look-up's SQL file: one statement that reads, whose ``:name`` are bound as parameters and never spliced.

The text is cut into tokens, so that a colon in a literal, a comment, a quoted name or a ``::cast`` means what it means
in Postgres.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bots.errors import BotsError

FOLDER = "lookups"
PERSON = "person"
"""The parameter that is the verified person's employee number."""

TYPES: Mapping[str, str] = {
    "text": "text",
    "number": "numeric",
    "money": "numeric",
    "choice": "text",
    "choices": "text[]",
    "date": "date",
    "time": "time",
    "datetime": "timestamp",
    "person": "text",
    "file": "text",
}
"""What Postgres takes a slot's value for, by the slot's type."""

_LARGEST = 100_000  # characters; what is longer was not written by hand
_UNTYPED: Mapping[str, str] = {}
_NAME = r'(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*|"(?:[^"]|"")*")'
_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>--[^\n]*)
  | (?P<block>/\*)
  | (?P<escaped>[eE]'(?:[^'\\]|''|\\.)*'(?:\s*\n\s*'(?:[^'\\]|''|\\.)*')*)
  | (?P<unicode>[uU]&["'])
  | (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<dollar>\$(?P<tag>[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$)
  | (?P<position>\$[0-9]+)
  | (?P<cast>::|:=)
  | (?P<parameter>:[A-Za-z_][A-Za-z0-9_]*)
  | (?P<word>[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*)
  | (?P<number>[0-9][A-Za-z0-9_.]*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEGINNINGS = ("select", "with", "values")
_WRITES = frozenset({"insert", "update", "delete", "merge", "into"})
# Functions that change the role or other settings, run a text as SQL, wait, or reach out of the database. The role and
# the read-only transaction are the wall; this keeps a file from handing its rights over by mistake.
_REACHES_OUT = re.compile(
    r"set_config|pg_\w+|lo_\w+|dblink\w*|(query|cursor|table|schema|database)_to_xml\w*|ts_stat|ts_rewrite"
    r"|nextval|setval|crosstab\w*|connectby|xpath_table"
)


class SqlFileError(BotsError):
    """A SQL file cannot be used; the message says where, what is wrong, and how to write it."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def read_sql(company: Path, name: str) -> str:
    """Return the text of ``lookups/NAME`` of the company. Raises SqlFileError if it is not there or cannot be used."""
    folder = (company / FOLDER).resolve()
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or path.suffix.lower() != ".sql":
            raise SqlFileError(f"{FOLDER}/{name}: must be a .sql file in the company's folder {FOLDER}/")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SqlFileError(f"{FOLDER}/{name}: is not UTF-8; save it again as UTF-8") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no file's"
        raise SqlFileError(f"{FOLDER}/{name}: cannot be read ({reason}); put the file there") from error
    try:
        check(text)
    except SqlFileError as error:
        raise SqlFileError(f"{FOLDER}/{name}:{error}") from error
    return text


def parameters(text: str) -> list[str]:
    """Return the names of the parameters in the order they first appear. Raises SqlFileError."""
    return list(dict.fromkeys(token.text[1:] for token in _tokens(text) if token.kind == "parameter"))


def prepared(text: str, types: Mapping[str, str] = _UNTYPED) -> str:
    """Return the statement as psycopg takes it, ``:name`` as ``%(name)s`` and every other ``%`` doubled.

    ``types`` casts parameters, so that one without a value has a type too. Raises SqlFileError.
    """
    return "".join(_psycopg(token, types) for token in _without_end(text)).strip()


def numbered(text: str, types: Mapping[str, str] = _UNTYPED) -> str:
    """Return the statement as Postgres itself takes it, the parameters as ``$1`` and so on, in their order.

    It has the lines of the text. ``types`` casts parameters, as ``prepared`` does. Raises SqlFileError.
    """
    places = {f":{name}": f"${at}{_cast(name, types)}" for at, name in enumerate(parameters(text), 1)}
    return "".join(places[t.text] if t.kind == "parameter" else t.text for t in _without_end(text))


def name_at(text: str, position: int) -> str:
    """Return the name that stands at a position (from 0) of a statement, such as ``b.days``, as it is written there."""
    found = re.compile(rf"{_NAME}(?:\s*\.\s*{_NAME})*").match(text, position)
    return re.sub(r"\s", "", found[0]) if found else ""


def words_of(text: str) -> frozenset[str]:
    """Return the words of a statement, as the database knows them: tables and columns are among them."""
    tokens = [token for token in _tokens(text) if token.kind in ("word", "quoted")]
    return frozenset(plain_name(token.text) for token in tokens)


def plain_name(written: str) -> str:
    """Return a name as the database knows it: in lower case, unless it stands in quotation marks."""
    return written[1:-1].replace('""', '"') if written.startswith('"') else written.lower()


def check(text: str) -> None:
    """Raise SqlFileError ("LINE: what is wrong") unless the text is one statement that reads."""
    if len(text) > _LARGEST:
        raise SqlFileError(f"1: is longer than {_LARGEST} characters; a look-up is one statement")
    tokens = [token for token in _tokens(text) if token.kind not in ("space", "comment")]
    if "\x00" in text:
        raise SqlFileError("1: holds a character that no text has (NUL); write the file anew")
    if not tokens:
        raise SqlFileError("1: is empty; write one statement, like  select … from … where employee_number = :person")
    _check_beginning(tokens[0])
    ended = False
    for token in tokens:
        if ended:
            raise SqlFileError(f"{token.line}: a second statement begins; a look-up is one statement")
        ended = (token.kind, token.text) == ("mark", ";")
        _check_token(token)


def _check_beginning(first: _Token) -> None:
    if first.kind != "word" or first.text.lower() not in _BEGINNINGS:
        raise SqlFileError(f"{first.line}: must begin with select, with or values; a look-up only reads")


def _check_token(token: _Token) -> None:
    match token.kind:
        case "position":
            raise SqlFileError(f"{token.line}: {token.text} is no parameter here; give it a name, like  :order_no")
        case "word" if token.text.lower() in _WRITES:
            raise SqlFileError(
                f'{token.line}: "{token.text}" writes, and a look-up only reads; put a column of that name in quotes'
            )
        case "word" | "quoted" if _REACHES_OUT.fullmatch(token.text.strip('"').lower()):
            raise SqlFileError(f"{token.line}: {token.text} may not be used in a look-up; it reads tables only")


def _psycopg(token: _Token, types: Mapping[str, str]) -> str:
    if token.kind != "parameter":
        return token.text.replace("%", "%%")
    name = token.text[1:]
    return f"%({name})s{_cast(name, types)}"


def _cast(name: str, types: Mapping[str, str]) -> str:
    return f"::{types[name]}" if name in types else ""


def _without_end(text: str) -> Iterator[_Token]:
    """Yield the tokens but for the semicolon."""
    return (token for token in _tokens(text) if (token.kind, token.text) != ("mark", ";"))


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the text's tokens; together they are the text. Raises SqlFileError where they cannot be told apart."""
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None  # the last alternative matches anything
        kind, end = str(found.lastgroup), found.end()
        if kind == "tag":
            kind = "dollar"
        if kind == "block":
            kind, end = "comment", _end_of_comment(text, at, line)
        elif kind == "dollar":
            kind, end = "string", _end_of_dollar(text, found, line)
        elif kind == "unicode":
            raise SqlFileError(f"{line}: U& is not taken; write the characters themselves")
        elif kind == "mark" and found[0] in "'\"":
            raise SqlFileError(f"{line}: a quotation mark is not closed; close it")
        yield _Token(kind, text[at:end], line)
        line += text.count("\n", at, end)
        at = end


def _end_of_comment(text: str, at: int, line: int) -> int:
    """Return where a block comment ends; Postgres nests them."""
    depth = 0
    for found in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    raise SqlFileError(f"{line}: a comment /* is not closed; close it with */")


def _end_of_dollar(text: str, found: re.Match[str], line: int) -> int:
    end = text.find(found["dollar"], found.end())
    if end < 0:
        raise SqlFileError(f"{line}: {found['dollar']} is not closed; close it with the same mark")
    return end + len(found["dollar"])
