"""What a window's look-ups, forms and notifications need beside the window file: SQL files, sources, addresses."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from bots.windows.faults import Fault, FileKind, Where, meant
from bots.windows.modes import http_address
from bots.windows.modes.form import Form
from bots.windows.modes.lookup import HttpGet, Lookup
from bots.windows.modes.notification import Notification
from bots.windows.modes.sql_file import FOLDER, PERSON, SqlFileError, parameters, read_sql
from bots.windows.yaml_file import read_yaml

Trouble = tuple[Where, str]
_OWN_SOURCE = "company"
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SETTINGS = ("TRANSOM_", "DATABASE_URL")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SECRET_HEADER = re.compile(r"authorization|cookie|token|secret|key|password", re.IGNORECASE)
_COMPANY_FILE = FileKind("company.yaml", "name: A公司", "", {}, {}, holds_secrets=True)


def of_lookup(lookup: Lookup, company: Path) -> Iterator[Trouble]:
    """Yield what is wrong with where the records come from, with the place below the look-up."""
    slots = [slot.name for slot in lookup.slots]
    if lookup.sql is not None:
        yield from _sql(("sql",), lookup.sql, company, [*slots, PERSON])
        if (known := _source_names(company)) is not None and lookup.source not in known:
            hint = meant(lookup.source, known, "its sources are")
            yield ("source",), f"company.yaml has no source {lookup.source}; {hint}"
    if lookup.http is not None:
        yield from _http(lookup.http, [*slots, PERSON])


def of_form(form: Form) -> Iterator[Trouble]:
    """Yield what is wrong with the call to the company's own system."""
    if form.on_approved is None:
        return
    at = ("on_approved", "http")
    try:
        http_address.check(form.on_approved.http)
    except http_address.AddressError as error:
        yield at, str(error)
    if named := http_address.slots(form.on_approved.http):
        yield at, f"{{{named[0]}}} is not filled in here; what was written goes along in the call itself"
    if form.on_approved.secret and (sentence := no_reference(form.on_approved.secret)):
        yield ("on_approved", "secret"), f"{sentence}; write it like  secret: ${{HRIS_SECRET}}"


def of_notification(notification: Notification, company: Path) -> Iterator[Trouble]:
    """Yield what is wrong with the file that finds the recipients."""
    if notification.to and notification.to.sql:
        yield from _sql(("to", "sql"), notification.to.sql, company, [])


def asks_who(lookup: Lookup, company: Path) -> bool:
    """Whether the look-up needs to know who asks, because it says so or uses the person's number."""
    if lookup.http is not None and PERSON in http_address.slots(lookup.http.url):
        return True
    try:
        return lookup.about_person or (lookup.sql is not None and PERSON in parameters(read_sql(company, lookup.sql)))
    except SqlFileError:
        return False


def _sql(at: Where, name: str, company: Path, known: Sequence[str]) -> Iterator[Trouble]:
    path = company / FOLDER / name
    if path.suffix.lower() == ".sql" and ".." not in path.parts and not path.exists():
        yield at, f"there is no file {FOLDER}/{name}; {_files_hint(name, path.parent)}"
        return
    try:
        named = parameters(read_sql(company, name))
    except SqlFileError as error:
        yield at, str(error)
        return
    for parameter in named:
        if parameter not in known:
            yield at, f"{FOLDER}/{name} names :{parameter}; {_parameter_hint(parameter, known)}"


def _files_hint(name: str, folder: Path) -> str:
    files = sorted(path.name for path in folder.glob("*.sql")) if folder.is_dir() else []
    return meant(Path(name).name, files, "put it there; the files are") if files else "put it there"


def _parameter_hint(name: str, known: Sequence[str]) -> str:
    if not known:
        return "nobody asks here, so there are no parameters; leave it out"
    if name in ("today", "now"):
        return "in SQL that is  current_date  or  now()"
    return meant(f":{name}", [f":{one}" for one in known], "it needs a slot of that name; there are")


def _http(get: HttpGet, known: Sequence[str]) -> Iterator[Trouble]:
    try:
        http_address.check(get.url)
    except http_address.AddressError as error:
        yield ("http", "url"), str(error)
    for name in http_address.slots(get.url):
        if name not in known:
            yield ("http", "url"), f"there is no slot {name}; {meant(name, known, 'there are')}"
    for header, value in get.headers.items():
        if sentence := _bad_header(header, value):
            yield ("http", "headers", header), sentence


def _bad_header(name: str, value: str) -> str:
    if not _HEADER.fullmatch(name):
        return "is no name of a header; write it like  X-Api-Key"
    if not value.isprintable():
        return "must be one line of characters that can be shown"
    if "$" in value or _SECRET_HEADER.search(name):
        sentence = no_reference(value)
        return sentence and f'{sentence}; write it like  {name}: "${{ERP_KEY}}"'
    return ""


def no_reference(value: str) -> str:
    """Return why this is no reference to a variable, without showing it: it may be the secret itself."""
    found = _REFERENCE.fullmatch(value.strip())
    if found is None:
        return "is written out here; put it into an environment variable or .env, and its name here"
    if found[1].upper().startswith(_SETTINGS):
        return f"refers to {found[1]}, which is a setting of Transom; choose a name of its own"
    return ""


def _source_names(company: Path) -> list[str] | None:
    """Return the names that company.yaml gives its sources; None where the file itself is wrong, which it is told."""
    if not (company / "company.yaml").is_file():
        return [_OWN_SOURCE]
    content = read_yaml(company / "company.yaml", "company.yaml", _COMPANY_FILE)
    section: Any = None if isinstance(content, Fault) else content.get("sources", CommentedMap())
    return [_OWN_SOURCE, *map(str, section)] if isinstance(section, dict) else None
