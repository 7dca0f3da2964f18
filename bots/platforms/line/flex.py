"""The Flex cards: one below a reply with its title, sources and notice, and those of a list of windows or a tour.

The colours are those of the web chat (``page.css``): paper, ink, the green of a door, the amber of a lit transom.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bots.messages import Card, Choice, Links, Reply, SourceCard
from bots.platforms.line.actions import action_of, is_openable
from bots.platforms.line.splitting import clean, shorten
from bots.platforms.line.texts import TEXTS

ALT_TEXT: Final = 400  # of LINE's 1,500: it is what a notification shows
BUBBLES: Final = 12
CAROUSEL_BYTES: Final = 48_000  # of LINE's 50 KB
SOURCES_A_BUBBLE: Final = 4
CHOICES_A_CARD: Final = 8
_CARD_MESSAGES: Final = 2  # of the five a reply may have

PAPER: Final = "#f8f2e7"
SURFACE: Final = "#fffdf9"
SUNK: Final = "#f0e7d6"
INK: Final = "#2b251e"
SOFT: Final = "#665b4d"
LINE: Final = "#e0d4be"
DOOR: Final = "#24493f"
ON_DOOR: Final = "#f8efdd"
AMBER: Final = "#7f4506"
AMBER_WASH: Final = "#fbe8c4"

Flex = dict[str, Any]


def foot_message(reply: Reply, links: Links) -> Flex | None:
    """Return the card below the reply's text, or None if there is nothing to show but the title."""
    notice = _line(reply.notice or "", 300)
    if not (reply.sources or reply.refused or notice):
        return None
    pages = _pages(reply, links)
    bubbles = [_foot_bubble(reply, page, notice if number == 0 else "") for number, page in enumerate(pages or [[]])]
    fitting = next(_packed(bubbles))
    hidden = len(reply.sources) - SOURCES_A_BUBBLE * len(fitting)
    if hidden > 0:
        rest = _text(TEXTS[reply.language]["more_sources"].format(count=hidden), size="xs", color=SOFT)
        fitting[-1]["body"]["contents"].append(rest)
    return _message(_foot_alt(reply, notice), fitting)


def card_messages(reply: Reply) -> list[Flex]:
    """Return the reply's cards as at most two carousels."""
    cards = [card for card in reply.cards if card.title.strip() or card.text.strip()]
    if not cards:
        return []
    carousels = list(_packed([_card_bubble(card) for card in cards]))[:_CARD_MESSAGES]
    alt = TEXTS[reply.language]["comma"].join(filter(None, (_line(card.title, 40) for card in cards)))
    return [_message(alt or _line(cards[0].text, ALT_TEXT), bubbles) for bubbles in carousels]


def _message(alt: str, bubbles: Sequence[Flex]) -> Flex:
    contents = bubbles[0] if len(bubbles) == 1 else {"type": "carousel", "contents": list(bubbles)}
    return {"type": "flex", "altText": shorten(alt, ALT_TEXT), "contents": contents}


def _packed(bubbles: Sequence[Flex]) -> Iterator[list[Flex]]:
    """Yield carousels of as many bubbles as one may hold."""
    carousel: list[Flex] = []
    size = 0
    for bubble in bubbles:
        more = len(json.dumps(bubble))
        if carousel and (len(carousel) == BUBBLES or size + more > CAROUSEL_BYTES):
            yield carousel
            carousel, size = [], 0
        carousel.append(bubble)
        size += more
    yield carousel


# --- title, sources, notice ---


def _foot_bubble(reply: Reply, rows: Sequence[Flex], notice: str) -> Flex:
    texts = TEXTS[reply.language]
    lines: list[Flex] = []
    for row in rows:
        lines += [{"type": "separator", "color": LINE}, row] if lines else [row]
    if notice:
        # Alone, it stands below the header that calls it one.
        prefix = texts["notice"] + texts["colon"] if rows or reply.refused else ""
        lines.append(_text(prefix + notice, size="xs", color=SOFT, wrap=True))
    bubble = {"type": "bubble", "size": "mega", "header": _header(reply)}
    return {**bubble, "body": _box(lines, SURFACE, spacing="md", paddingAll="14px")} if lines else bubble


def _header(reply: Reply) -> Flex:
    texts, title = TEXTS[reply.language], _line(reply.window, 40)
    if reply.refused:
        first, second, ground, ink = texts["refused"], title, AMBER_WASH, AMBER
    else:
        what = texts["sources"] if reply.sources else texts["notice"]
        first, second, ground, ink = (title, what, DOOR, ON_DOOR) if title else (what, "", DOOR, ON_DOOR)
    words = [_text(first, size="xs", color=ink, weight="bold", flex=1, wrap=reply.refused)]
    if second:
        words.append(_text(second, size="xs", color=ink, align="end", flex=0))
    row = {"type": "box", "layout": "horizontal", "spacing": "md", "contents": words}
    return _box([row], ground, paddingAll="10px", paddingStart="14px", paddingEnd="14px")


def _pages(reply: Reply, links: Links) -> list[list[Flex]]:
    rows = [_source_row(source, reply, links) for source in reply.sources]
    return [rows[start : start + SOURCES_A_BUBBLE] for start in range(0, len(rows), SOURCES_A_BUBBLE)]


def _source_row(source: SourceCard, reply: Reply, links: Links) -> Flex:
    texts = TEXTS[reply.language]
    url = links.pages.get(source.number, "")
    opens = is_openable(url)
    quote = _line(source.quote, 120)
    lines = [
        _text(_source_title(source, reply), size="sm", color=INK, weight="bold", wrap=True, maxLines=2),
        _text(_where(source, reply), size="xs", color=SOFT, wrap=True, maxLines=2),
        _text(texts["quote"].format(quote=quote) if quote else "", size="xs", color=SOFT, wrap=True, maxLines=4),
        _text(texts["open"] if opens else "", size="xs", color=DOOR, weight="bold"),
    ]
    said = [line for line in lines if line["text"]]
    column = {"type": "box", "layout": "vertical", "spacing": "xs", "flex": 1, "contents": said}
    row = {"type": "box", "layout": "horizontal", "spacing": "md", "contents": [_badge(source.number), column]}
    label = shorten(texts["source"].format(number=source.number), 20)
    return {**row, "action": {"type": "uri", "label": label, "uri": url}} if opens else row


def _source_title(source: SourceCard, reply: Reply) -> str:
    number = TEXTS[reply.language]["source"].format(number=source.number)
    return _line(source.title, 60) or _line(source.document, 60) or number


def _where(source: SourceCard, reply: Reply) -> str:
    page = "" if source.page is None else TEXTS[reply.language]["page"].format(page=source.page)
    return " · ".join(filter(None, (page, _line(source.heading, 80))))


def _badge(number: int) -> Flex:
    digits = _text(str(number), size="xs", color=AMBER, weight="bold", align="center")
    badge = _box([digits], AMBER_WASH, cornerRadius="6px", flex=0, paddingAll="2px")
    return {**badge, "width": "24px", "height": "22px", "justifyContent": "center"}


def _foot_alt(reply: Reply, notice: str) -> str:
    texts = TEXTS[reply.language]
    titles = texts["comma"].join(dict.fromkeys(_source_title(source, reply) for source in reply.sources))
    if titles:
        return f"{texts['sources']}{texts['colon']}{titles}"
    return texts["refused"] if reply.refused else f"{texts['notice']}{texts['colon']}{notice}"


# --- cards ---


def _card_bubble(card: Card) -> Flex:
    rows = [row for row in map(_choice_row, card.choices) if row][:CHOICES_A_CARD]
    title, text = _line(card.title, 60), shorten(clean(card.text).strip(), 300)
    said = [
        _text(title, size="md", color=ON_DOOR, weight="bold", wrap=True),
    ]
    body = [_text(text, size="sm", color=SOFT, wrap=True)] if text else []
    for row in rows:
        body += [{"type": "separator", "color": LINE}, row] if body else [row]
    bubble: Flex = {"type": "bubble", "size": "kilo"}
    if title:
        bubble["header"] = _box(said, DOOR, paddingAll="14px")
    if body:
        bubble["body"] = _box(body, SURFACE, spacing="sm", paddingAll="14px")
    return bubble


def _choice_row(choice: Choice) -> Flex | None:
    """Return a line to tap. It shows the whole label, which a button would cut after 20 characters."""
    action = action_of(choice)
    if action is None:
        return None
    label = _line(choice.label, 80) or action["label"]
    words = [
        _text(label, size="sm", color=DOOR, weight="bold", wrap=True, flex=1),
        _text("›", size="sm", color=AMBER, flex=0, gravity="center"),
    ]
    row = {"type": "box", "layout": "horizontal", "spacing": "sm", "contents": words}
    return {**row, "paddingTop": "6px", "paddingBottom": "6px", "action": action}


# --- parts ---


def _box(contents: Sequence[Flex], ground: str, **more: Any) -> Flex:
    return {"type": "box", "layout": "vertical", "backgroundColor": ground, "contents": list(contents), **more}


def _text(text: str, **more: Any) -> Flex:
    return {"type": "text", "text": text, **more}


def _line(text: str, most: int) -> str:
    """Return the text in one line of at most so many units."""
    return shorten(re.sub(r"\s+", " ", clean(text)).strip(), most)
