"""A reply as a Slack message: pure, within Slack's limits whatever the reply holds.

A message is at most 50 blocks and some 13,200 characters; beyond that Slack refuses all of it (msg_blocks_too_long).
What does not fit is left out from the end of the text, with a link to the whole reply where the company has one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bots.messages import AttachedFile, Card, Choice, Delivery, Language, Links, Reply, SourceCard
from bots.platforms.slack.gestures import FORM_TAP
from bots.platforms.slack.parts import (
    SECTION,
    Block,
    buttons,
    context,
    cost,
    is_web_address,
    lines_of,
    linked_lines,
    plain,
    section,
    shortened,
)
from bots.platforms.slack.plain import clean
from bots.platforms.slack.tables import table_groups, table_text, with_rows
from bots.platforms.slack.texts import TEXTS

MESSAGE = 12_800  # characters of a whole message
BLOCKS = 50
TEXT_BLOCKS = 15  # the head, and the text in pieces that may end early
FALLBACK = 3_000  # characters of the text without blocks; chat.update takes 4,000, and escapes make it longer
TEXT_AT_LEAST = 3_000  # characters that the reply's own text may always have
SOURCES = 20
CARDS = 15
FILES = 10  # of one card
SUGGESTIONS = 10
HOME_CARDS = 40
HOME_TEXT = 9_000


@dataclass(frozen=True, slots=True)
class Message:
    """What chat.postMessage and chat.update take. ``text`` is what notifications show, escaped for mrkdwn."""

    text: str
    blocks: list[Block]


def render(delivery: Delivery) -> Message:
    """Return the reply as a message."""
    reply, links = delivery.reply, delivery.links
    head = list(_head(reply))
    tail = _fitting(_tail(reply, links, delivery.id), MESSAGE - TEXT_AT_LEAST - cost(head), BLOCKS - TEXT_BLOCKS)
    room = MESSAGE - cost(head) - cost(tail)
    return Message(_fallback(reply), [*head, *_body(reply, links, room), *tail])


def render_plainly(delivery: Delivery) -> Message:
    """Return the reply as one paragraph: for when Slack refuses the blocks."""
    text = shortened(clean(delivery.reply.text).strip(), FALLBACK - 200)
    sources = [f"[{source.number}] {clean(source.title)}" for source in delivery.reply.sources]
    files = [clean(file.name) for card in delivery.reply.cards for file in card.attachments]
    parts = filter(None, [text, table_text(delivery.reply), *sources, *files])
    whole = shortened("\n".join(parts).strip(), FALLBACK - 100)
    return Message(_fallback(delivery.reply), [section(whole or TEXTS[delivery.reply.language]["nothing"])])


def render_home(delivery: Delivery) -> Block:
    """Return the reply as a person's App Home: windows as cards, at most 100 blocks."""
    reply = delivery.reply
    blocks = [section(piece) for piece in _pieces(clean(reply.text).strip()[:HOME_TEXT])]
    if reply.notice:
        blocks.append(context(reply.notice))
    for number, card in enumerate(reply.cards[:HOME_CARDS]):
        blocks += _card(card, f"card{number}", delivery.links, reply.language)
    blocks += buttons(_suggested(reply), "ask")[:1] + buttons(reply.choices, "choice")[:3]
    return {"type": "home", "blocks": blocks[:100] or [section(TEXTS[reply.language]["nothing"])]}


def escaped(text: str) -> str:
    """Return the text so that Slack finds no mention, link or entity in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _head(reply: Reply) -> Iterator[Block]:
    if reply.window:
        yield context(reply.window)
    if reply.refused:
        yield context(TEXTS[reply.language]["refused"])
    if reply.notice:
        yield context(reply.notice)


def _body(reply: Reply, links: Links, room: int) -> list[Block]:
    text = clean(reply.text).strip()
    if not text:
        return [] if reply.cards or with_rows(reply) else [section(TEXTS[reply.language]["nothing"])]
    if len(text) <= room:
        return [section(piece) for piece in _pieces(text)]
    more = _way_to_the_rest(reply.language, links)
    return [*(section(piece) for piece in _pieces(_cut(text, room - cost(more)))), *more]


def _tail(reply: Reply, links: Links, delivery: str) -> Iterator[list[Block]]:
    """Yield what follows the text, in groups that stand or fall together, the most important first."""
    yield from table_groups(reply, links)
    if reply.form:
        opens = Choice(TEXTS[reply.language]["open_form"], data=f"{FORM_TAP}{reply.form.name}", style="primary")
        yield buttons([opens], "form")
    if reply.feedback and delivery:
        yield [_feedback(reply.language, delivery)]
    if reply.sources:
        lines = [_source(source, links, reply.language) for source in reply.sources[:SOURCES]]
        yield [linked_lines(TEXTS[reply.language]["sources"], lines)]
    for number, card in enumerate(reply.cards[:CARDS]):
        yield _card(card, f"card{number}", links, reply.language)
    yield from ([block] for block in buttons(reply.choices, "choice")[:3])
    yield from ([block] for block in buttons(_suggested(reply), "ask")[:1])


def _fitting(groups: Iterable[list[Block]], room: int, most: int) -> list[Block]:
    """Return the blocks of the groups that fit, with the feedback moved below everything."""
    kept: list[Block] = []
    for group in groups:
        fits = group if cost(group) <= room else [_without_links(block) for block in group]
        if cost(fits) <= room and len(kept) + len(fits) <= most:
            kept += fits
            room -= cost(fits)
    return sorted(kept, key=lambda block: block["type"] == "context_actions")


def _without_links(block: Block) -> Block:
    """Return a list of sources without its addresses, which are most of its length; other blocks as they are."""
    if block["type"] != "rich_text":
        return block
    rows = [
        {**row, "elements": [{"type": "text", "text": piece["text"]} for piece in row["elements"]]}
        for row in block["elements"]
    ]
    return {**block, "elements": rows}


def _source(source: SourceCard, links: Links, language: Language) -> list[tuple[str, str]]:
    address = links.pages.get(source.number, "")
    page = TEXTS[language]["page"].format(page=source.page) if source.page else ""
    rest = "".join(f" · {part}" for part in (page, shortened(clean(source.heading), 120)) if part)
    title = shortened(clean(source.title or source.document), 120)
    return [
        (f"[{source.number}] ", ""),
        (title, address if is_web_address(address) else ""),
        *([(rest, "")] if rest else []),
    ]


def _card(card: Card, name: str, links: Links, language: Language) -> list[Block]:
    text = "\n".join(part for part in (card.title, card.text) if part)
    files = _files(card.attachments, links, language)
    return [{"type": "section", "text": plain(text, 600)}, *files, *buttons(card.choices, name)[:1]]


def _files(files: Sequence[AttachedFile], links: Links, language: Language) -> list[Block]:
    """Return a line a file that opens it, or only names it where there is no address."""
    lines = [_file(file, links.files.get(file.id, "")) for file in files[:FILES]]
    if hidden := len(files) - len(lines):
        lines.append([(TEXTS[language]["more_files"].format(count=hidden), "")])
    return [lines_of(lines)] if lines else []


def _file(file: AttachedFile, address: str) -> list[tuple[str, str]]:
    name = shortened(clean(file.name), 120)
    return [("📎 ", ""), (name, address if is_web_address(address) else ""), (f" · {file.size}", "")]


def _suggested(reply: Reply) -> list[Choice]:
    return [Choice(question, say=question) for question in reply.suggestions[:SUGGESTIONS]]


def _feedback(language: Language, delivery: str) -> Block:
    def button(face: str, meaning: str, value: str) -> Block:
        label = {"type": "plain_text", "text": face}
        return {"text": label, "accessibility_label": TEXTS[language][meaning], "value": f"{value}:{delivery}"}

    pair = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": button("👍", "good", "up"),
        "negative_button": button("👎", "bad", "down"),
    }
    return {"type": "context_actions", "elements": [pair]}


def _way_to_the_rest(language: Language, links: Links) -> list[Block]:
    texts = TEXTS[language]
    return [
        context(texts["shortened"]),
        *buttons([Choice(texts["full"], url=links.answer)] if links.answer else [], "full"),
    ]


def _pieces(text: str) -> list[str]:
    """Return the text in sections, parted at the end of a line or sentence where there is one."""
    pieces = []
    while len(text) > SECTION:
        piece = _cut(text, SECTION)
        pieces.append(piece)
        text = text[len(piece) :]
    return [piece for piece in (*pieces, text) if piece.strip()]


def _cut(text: str, most: int) -> str:
    """Return the beginning of the text, to the last line or sentence that ends within ``most`` characters."""
    beginning = text[: max(most, 1)]
    ends = [beginning.rfind(mark) + 1 for mark in ("\n", "。", "！", "？", ". ")]
    return beginning[: max(ends)] if max(ends) > len(beginning) // 2 else beginning


def _fallback(reply: Reply) -> str:
    titles = "\n".join(card.title for card in reply.cards)
    said = clean(reply.text).strip() or clean(titles).strip() or table_text(reply) or TEXTS[reply.language]["nothing"]
    return shortened(escaped(shortened(said, FALLBACK)), FALLBACK + 500)
