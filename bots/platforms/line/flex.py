"""The Flex cards: one below a reply with its title, sources and notice, those of a list of windows, and buttons."""

from collections.abc import Sequence
from typing import Final

from bots.messages import AttachedFile, Card, Choice, Language, Links, Reply, SourceCard
from bots.platforms.line.actions import LABEL, Action, action_of, is_openable
from bots.platforms.line.flexparts import (
    ALT_TEXT,
    AMBER,
    AMBER_WASH,
    DANGER,
    DOOR,
    INK,
    ON_DOOR,
    SOFT,
    SUNK,
    SURFACE,
    Flex,
    box,
    flex_message,
    one_line,
    packed,
    row,
    separator,
    text,
)
from bots.platforms.line.splitting import clean, shorten, units
from bots.platforms.line.texts import TEXTS

SOURCES_A_BUBBLE: Final = 4
CHOICES_A_CARD: Final = 8
FILES_A_CARD: Final = 8
BUTTONS: Final = 8
_BROWSER: Final = "?openExternalBrowser=1"  # has LINE open it outside its own browser, which may not save files
_GROUND: Final = {"": SUNK, "primary": DOOR, "danger": DANGER}


def foot_message(reply: Reply, links: Links) -> Flex | None:
    """Return the card below the reply's text, or None if there is nothing to show but the title."""
    notice = one_line(reply.notice or "", 300)
    if not (reply.sources or reply.refused or notice):
        return None
    pages = _pages(reply, links)
    bubbles = [_foot_bubble(reply, page, notice if number == 0 else "") for number, page in enumerate(pages or [[]])]
    fitting = next(packed(bubbles))
    hidden = len(reply.sources) - SOURCES_A_BUBBLE * len(fitting)
    if hidden > 0:
        rest = text(TEXTS[reply.language]["more_sources"].format(count=hidden), size="xs", color=SOFT)
        fitting[-1]["body"]["contents"].append(rest)
    return flex_message(_foot_alt(reply, notice), fitting)


def card_messages(reply: Reply, links: Links, most: int) -> list[Flex]:
    """Return the reply's cards as at most so many carousels."""
    cards = [card for card in reply.cards if card.title.strip() or card.text.strip()]
    if not cards:
        return []
    carousels = list(packed([_card_bubble(card, links, reply.language) for card in cards]))[:most]
    alt = TEXTS[reply.language]["comma"].join(filter(None, (one_line(card.title, 40) for card in cards)))
    return [flex_message(alt or one_line(cards[0].text, ALT_TEXT), bubbles) for bubbles in carousels]


def button_message(reply: Reply) -> Flex | None:
    """Return the choices of a decision as a card, which stays when quick replies have gone; None if it is none."""
    made = [made for choice in reply.choices[:BUTTONS] if (made := _button(choice))] if is_decision(reply) else []
    if not made:
        return None
    alt = TEXTS[reply.language]["comma"].join(one_line(button["action"]["label"], 40) for button in made)
    bubble = {"type": "bubble", "size": "kilo", "footer": box(made, SURFACE, spacing="sm", paddingAll="14px")}
    return flex_message(alt, [bubble])


def is_decision(reply: Reply) -> bool:
    """Whether a reply asks to decide: its first choice is the primary one. Other choices are quick replies."""
    return bool(reply.choices) and reply.choices[0].style == "primary"


# --- title, sources, notice ---


def _foot_bubble(reply: Reply, rows: Sequence[Flex], notice: str) -> Flex:
    texts = TEXTS[reply.language]
    lines: list[Flex] = []
    for one in rows:
        lines += [separator(), one] if lines else [one]
    if notice:
        # Alone, it stands below the header that calls it one.
        prefix = texts["notice"] + texts["colon"] if rows or reply.refused else ""
        lines.append(text(prefix + notice, size="xs", color=SOFT, wrap=True))
    bubble = {"type": "bubble", "size": "mega", "header": _header(reply)}
    return {**bubble, "body": box(lines, SURFACE, spacing="md", paddingAll="14px")} if lines else bubble


def _header(reply: Reply) -> Flex:
    texts, title = TEXTS[reply.language], one_line(reply.window, 40)
    if reply.refused:
        first, second, ground, ink = texts["refused"], title, AMBER_WASH, AMBER
    else:
        what = texts["sources"] if reply.sources else texts["notice"]
        first, second, ground, ink = (title, what, DOOR, ON_DOOR) if title else (what, "", DOOR, ON_DOOR)
    words = [text(first, size="xs", color=ink, weight="bold", flex=1, wrap=reply.refused)]
    if second:
        words.append(text(second, size="xs", color=ink, align="end", flex=0))
    return box([row(words, spacing="md")], ground, paddingAll="10px", paddingStart="14px", paddingEnd="14px")


def _pages(reply: Reply, links: Links) -> list[list[Flex]]:
    rows = [_source_row(source, reply, links) for source in reply.sources]
    return [rows[start : start + SOURCES_A_BUBBLE] for start in range(0, len(rows), SOURCES_A_BUBBLE)]


def _source_row(source: SourceCard, reply: Reply, links: Links) -> Flex:
    texts = TEXTS[reply.language]
    url = links.pages.get(source.number, "")
    opens = is_openable(url)
    quote = one_line(source.quote, 120)
    lines = [
        text(_source_title(source, reply), size="sm", color=INK, weight="bold", wrap=True, maxLines=2),
        text(_where(source, reply), size="xs", color=SOFT, wrap=True, maxLines=2),
        text(texts["quote"].format(quote=quote) if quote else "", size="xs", color=SOFT, wrap=True, maxLines=4),
        text(texts["open"] if opens else "", size="xs", color=DOOR, weight="bold"),
    ]
    said = [line for line in lines if line["text"]]
    column = {"type": "box", "layout": "vertical", "spacing": "xs", "flex": 1, "contents": said}
    shown = row([_badge(source.number), column], spacing="md")
    label = shorten(texts["source"].format(number=source.number), 20)
    return {**shown, "action": {"type": "uri", "label": label, "uri": url}} if opens else shown


def _source_title(source: SourceCard, reply: Reply) -> str:
    number = TEXTS[reply.language]["source"].format(number=source.number)
    return one_line(source.title, 60) or one_line(source.document, 60) or number


def _where(source: SourceCard, reply: Reply) -> str:
    page = "" if source.page is None else TEXTS[reply.language]["page"].format(page=source.page)
    return " · ".join(filter(None, (page, one_line(source.heading, 80))))


def _badge(number: int) -> Flex:
    digits = text(str(number), size="xs", color=AMBER, weight="bold", align="center")
    badge = box([digits], AMBER_WASH, cornerRadius="6px", flex=0, paddingAll="2px")
    return {**badge, "width": "24px", "height": "22px", "justifyContent": "center"}


def _foot_alt(reply: Reply, notice: str) -> str:
    texts = TEXTS[reply.language]
    titles = texts["comma"].join(dict.fromkeys(_source_title(source, reply) for source in reply.sources))
    if titles:
        return f"{texts['sources']}{texts['colon']}{titles}"
    return texts["refused"] if reply.refused else f"{texts['notice']}{texts['colon']}{notice}"


# --- cards and buttons ---


def _card_bubble(card: Card, links: Links, language: Language) -> Flex:
    title = one_line(card.title, 60)
    body, foot = _card_body(card, links, language), _card_foot(card)
    bubble: Flex = {"type": "bubble", "size": "kilo"}
    if title:
        said = text(title, size="md", color=ON_DOOR, weight="bold", wrap=True)
        bubble["header"] = box([said], DOOR, paddingAll="14px")
    if body:
        bubble["body"] = box(body, SURFACE, spacing="sm", paddingAll="14px")
    if foot:
        bubble["footer"] = box(foot, SURFACE, spacing="sm", paddingAll="14px")
    return bubble


def _card_body(card: Card, links: Links, language: Language) -> list[Flex]:
    words = shorten(clean(card.text).strip(), 300)
    body = [text(words, size="sm", color=SOFT, wrap=True)] if words else []
    rows = [] if _has_buttons(card) else [made for choice in card.choices if (made := _choice_row(choice))]
    for one in (*_file_rows(card, links, language), *rows[:CHOICES_A_CARD]):
        body += [separator(), one] if body else [one]
    return body


def _file_rows(card: Card, links: Links, language: Language) -> list[Flex]:
    rows = [_file_row(file, links.files.get(file.id, "")) for file in card.attachments[:FILES_A_CARD]]
    hidden = len(card.attachments) - len(rows)
    more = TEXTS[language]["more_files"].format(count=hidden)
    return [*rows, text(more, size="xs", color=SOFT)] if hidden > 0 else rows


def _file_row(file: AttachedFile, url: str) -> Flex:
    """Return a line that opens the file, or only names it where there is no address."""
    address, name = url + _BROWSER, one_line(file.name, 120) or file.id
    opens = is_openable(address)
    words = [
        text("📎", size="sm", flex=0),
        text(name, size="sm", color=DOOR if opens else INK, weight="bold", wrap=True, flex=1),
        text(file.size, size="xs", color=SOFT, flex=0, gravity="center"),
    ]
    shown = row(words, spacing="sm", paddingTop="6px", paddingBottom="6px")
    return {**shown, "action": {"type": "uri", "label": shorten(name, LABEL), "uri": address}} if opens else shown


def _card_foot(card: Card) -> list[Flex]:
    choices = card.choices if _has_buttons(card) else ()
    return [made for choice in choices if (made := _button(choice))][:BUTTONS]


def _has_buttons(card: Card) -> bool:
    """Whether a card's choices are buttons rather than lines: they are if one of them has a style."""
    return any(choice.style for choice in card.choices)


def _choice_row(choice: Choice) -> Flex | None:
    """Return a line to tap. It shows the whole label, which a button would cut after 20 characters."""
    action = action_of(choice)
    if action is None:
        return None
    label = one_line(choice.label, 80) or action["label"]
    words = [
        text(label, size="sm", color=DOOR, weight="bold", wrap=True, flex=1),
        text("›", size="sm", color=AMBER, flex=0, gravity="center"),
    ]
    return row(words, spacing="sm", paddingTop="6px", paddingBottom="6px", action=action)


def _button(choice: Choice) -> Flex | None:
    """Return a filled button, or, where its label is too long for one, a box that looks like it."""
    action, label = action_of(choice), one_line(choice.label, 80)
    if action is None:
        return None
    if units(label) > LABEL:
        return _long_button(label, choice, action)
    style = "primary" if choice.style else "secondary"
    return {"type": "button", "style": style, "height": "sm", "color": _GROUND[choice.style], "action": action}


def _long_button(label: str, choice: Choice, action: Action) -> Flex:
    ink = ON_DOOR if choice.style else INK
    words = text(label, size="sm", color=ink, weight="bold", align="center", wrap=True)
    return {**box([words], _GROUND[choice.style], cornerRadius="6px", paddingAll="10px"), "action": action}
