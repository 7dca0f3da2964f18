"""Texts and people in free text: only where they are introduced, or have a form that nothing else has."""

import re
from collections.abc import Iterator, Sequence

from bots.windows.modes.field import FieldSpec
from bots.windows.modes.labels import introductions
from bots.windows.modes.meaning import Context, Value
from bots.windows.modes.parsing import matches
from bots.windows.modes.remainder import GONE, Remainder, accepted

_MOST_TOKENS = 20  # a pattern is the file's own, and may be slow
_MOST_PEOPLE = 6  # each is looked for in a table

_LINE_END = re.compile(rf"[\n{GONE}]|$")
_CLAUSE_END = re.compile(rf"[\n{GONE},，。！!？?；;]|\.(?=\s)|$")
_LEAVE = "(?:假|特休|特別休假|事假|病假|公假|婚假|喪假|補休|半天|一天|\\d|今|明|後天|大後|下|這|週|星期|禮拜)"
_WISH = re.compile(
    r"[,，]?\s?(?:所以|因此)"
    rf"|[,，]?\s?(?:我|我們)?(?:想要?|需要|必須|要)?(?:申請|請(?={_LEAVE}))"
    r"|\s(?:so|i want|i need|i'd|i would)\s"
)
_BECAUSE = re.compile(
    r"(?:是)?因為|由於|(?:原因|事由|理由)\s?(?:是|為|:)|\bbecause(?: of)?\b|\bdue to\b|\breason\s?(?:is|:)"
)
_REASON = re.compile(r"原因|事由|理由|說明|用途|緣由|reason|why|purpose", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9_./#+-]{0,60}")
_NAME = re.compile(
    r"@?(?P<name>[\u3400-\u9fff]{2,5}|[A-Za-z]{0,3}\d{3,8}|[\w.+-]{1,40}@[\w.-]{1,40}"
    r"|[A-Za-z][A-Za-z'-]{1,20}(?: [A-Za-z][A-Za-z'-]{1,20})?)"
)
_KNOWN_FORM = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z0-9_.+-]{1,40}@[A-Za-z0-9.-]{1,40}|[A-Za-z]{1,3}\d{3,8})(?![A-Za-z0-9])"
)

_REACH = re.compile(
    r"(?P<zh>[\u3400-\u9fff]{2,5}?)(?:的|之)?\s?(?:分機|電話|手機|信箱|聯絡方式|座位|email|e-mail)"
    r"|(?P<en>[A-Z][A-Za-z-]{1,20}(?: [A-Z][A-Za-z-]{1,20})?)['’]s (?:extension|phone|number|e-?mail|mobile|desk)"
)


def labelled_texts(fields: Sequence[FieldSpec], rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    """Take texts that stand behind their field's label and a colon, until the line ends or another field is named."""
    others = [at for field in fields for at, _ in introductions(field, rest.level, colon=True)]
    for field in fields:
        spots = list(introductions(field, rest.level, colon=True)) if field.type == "text" else []
        if len(spots) != 1:
            continue
        at, begin = spots[0]
        line_end = _line_end(rest.text, begin)
        stop = min([line_end, *(other for other in others if begin < other < line_end)])
        yield from _taken(field, rest, at, begin, stop, context)


def reasons(fields: Sequence[FieldSpec], rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    """Take what follows 因為 for the one field that asks why."""
    field, spots = _asks_why(fields), list(_BECAUSE.finditer(rest.level))
    if field is None or len(spots) != 1:
        return
    begin = spots[0].end()
    end = _CLAUSE_END.search(rest.text, begin)
    wish = _WISH.search(rest.level, begin)
    stop = min(end.start() if end else len(rest.text), wish.start() if wish else len(rest.text))
    yield from _taken(field, rest, spots[0].start(), begin, stop, context)


def _asks_why(fields: Sequence[FieldSpec]) -> FieldSpec | None:
    texts = [field for field in fields if field.type == "text" and not field.pattern]
    asking = [field for field in texts if any(_REASON.search(label) for label in (field.name, *field.label.values()))]
    return asking[0] if len(asking) == 1 else None


def _line_end(text: str, at: int) -> int:
    end = _LINE_END.search(text, at)
    return end.start() if end else len(text)


def _taken(
    field: FieldSpec, rest: Remainder, start: int, begin: int, stop: int, context: Context
) -> Iterator[tuple[str, Value]]:
    """Yield the field with what lies between ``begin`` and ``stop``, and take it from ``start`` on."""
    said = rest.text[begin:stop].strip(" \t,，。.;；、:：")
    if said and (value := accepted(field, said, context)) is not None:
        rest.take(start, stop)
        yield field.name, value


def patterned(fields: Sequence[FieldSpec], rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    """Take texts of a given form, such as an order number, where one token and one field fit each other only."""
    fitting: dict[str, list[re.Match[str]]] = {}
    tokens = [one for one in _TOKEN.finditer(rest.text) if any(map(str.isdigit, one[0]))][:_MOST_TOKENS]
    asking = [field for field in fields if field.type == "text" and field.pattern]
    for field in asking:
        fitting[field.name] = [token for token in tokens if _form_of(field, token[0])]
    for field in asking:
        mine = {token[0]: token for token in fitting[field.name]}
        others = {token[0] for name, found in fitting.items() if name != field.name for token in found}
        if len(mine) == 1 and not mine.keys() & others:
            token = next(iter(mine.values()))
            if (value := accepted(field, _form_of(field, token[0]), context)) is not None:
                rest.take(token.start(), token.end())
                yield field.name, value


def _form_of(field: FieldSpec, token: str) -> str:
    """Return the token as the pattern has it, in capitals if only those fit; "" if neither does."""
    trimmed = token.rstrip(".-/+#")
    return next((one for one in (trimmed, trimmed.upper()) if matches(field.pattern, one)), "")


def people(fields: Sequence[FieldSpec], rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    """Take people who stand behind their field's label.

    For a single field also who is written by number or e-mail, or who is to be reached (王小明的分機).
    """
    asking = [field for field in fields if field.type == "person"]
    taken = set()
    for field in asking:
        spots = list(introductions(field, rest.level))
        if len(spots) == 1 and (found := _named(field, rest, spots[0], context)):
            taken.add(field.name)
            yield found
    if len(asking) == 1 and not taken:
        yield from list(_by_form(asking[0], rest, context)) or list(_by_reach(asking[0], rest, context))


def _named(field: FieldSpec, rest: Remainder, spot: tuple[int, int], context: Context) -> tuple[str, Value] | None:
    match = _NAME.match(rest.text, spot[1])
    if match is None:
        return None
    name, begin = match["name"], match.start("name")
    lengths = range(len(name), 1, -1) if not name.isascii() else dict.fromkeys((len(name), len(name.split()[0])))
    for length in list(lengths)[:_MOST_PEOPLE]:
        if (value := accepted(field, name[:length], context)) is not None:
            rest.take(spot[0], begin + length)
            return field.name, value
    return None


def _by_form(field: FieldSpec, rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    tokens = list({one[0]: one for one in _KNOWN_FORM.finditer(rest.text)}.values())[:_MOST_PEOPLE]
    found = [(token, value) for token in tokens if (value := accepted(field, token[0], context)) is not None]
    if len(found) == 1:
        token, value = found[0]
        rest.take(token.start(), token.end())
        yield field.name, value


def _by_reach(field: FieldSpec, rest: Remainder, context: Context) -> Iterator[tuple[str, Value]]:
    spots = list(_REACH.finditer(rest.text))
    if len(spots) != 1:
        return
    match = spots[0]
    start, stop = match.span("zh" if match["zh"] else "en")
    begins = range(start, stop - 1) if match["zh"] else [start]
    for begin in begins:
        if (value := accepted(field, rest.text[begin:stop].removesuffix("的"), context)) is not None:
            rest.take(begin, stop)
            yield field.name, value
            return
