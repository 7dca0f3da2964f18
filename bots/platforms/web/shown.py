"""A reply as the page's script gets it, in plain values."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from bots.messages import AttachedFile, Card, Choice, Reply, SourceCard, Visitor
from bots.platforms.web.signing import PageTokens

Shown = dict[str, Any]
Show = Callable[[Reply, str], Shown]  # a reply and the id of its delivery
ANY_FILE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Shower:
    """Shows replies to one visitor. ``pattern`` is the address of a page image with TOKEN for its token; ``files`` that
    of an attached file with ANY_FILE for its id, empty where none can be opened."""

    visitor: Visitor
    tokens: PageTokens
    pattern: str
    files: str = ""

    def __call__(self, reply: Reply, delivery: str) -> Shown:
        """Return the reply; a source's ``image`` is a link for this visitor, or None."""
        return {
            "text": reply.text,
            "refused": reply.refused,
            "notice": reply.notice,
            "took": reply.took,
            "suggestions": reply.suggestions,
            "choices": _choices(reply.choices),
            "cards": [self._card(card) for card in reply.cards],
            "tables": [{"columns": table.columns, "rows": table.rows} for table in reply.tables],
            "form": asdict(reply.form) if reply.form else None,
            "sources": [self._source(source, delivery) for source in reply.sources],
        }

    def _card(self, card: Card) -> Shown:
        attachments = [self._attachment(file) for file in card.attachments]
        return {"title": card.title, "text": card.text, "choices": _choices(card.choices), "attachments": attachments}

    def _attachment(self, file: AttachedFile) -> Shown:
        return {"name": file.name, "size": file.size, "url": self.files.replace(str(ANY_FILE), file.id)}

    def _source(self, source: SourceCard, delivery: str) -> Shown:
        shown = asdict(source)
        del shown["chunk_id"], shown["has_image"]
        return shown | {"image": self._image(delivery, source.number) if source.has_image else None}

    def _image(self, delivery: str, number: int) -> str:
        return self.pattern.replace("TOKEN", self.tokens.sign(self.visitor.id, delivery, number))


def _choices(choices: tuple[Choice, ...]) -> list[Shown]:
    """Return what can be tapped: what is said, sent back or opened."""
    return [
        {
            "label": choice.label,
            "say": choice.say,
            "data": choice.data,
            "url": _web(choice.url),
            "picker": choice.picker,
            "style": choice.style,
        }
        for choice in choices
    ]


def _web(url: str) -> str:
    """Return the address if it opens a page, and nothing for one that would run something."""
    return url if url.startswith(("https://", "http://")) else ""
