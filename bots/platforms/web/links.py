"""The pages behind links that LINE and Slack carry: a source with its page, the whole reply, an attached file."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from bots.messages import Links, Reply, SourceCard
from bots.platforms.web.attachments import as_response
from bots.platforms.web.languages import worded
from bots.platforms.web.signing import LINK_LIFETIME, LinkToken, LinkTokens
from bots.ports import LinkDesk

_MARK = re.compile(r"\[(\d{1,2})\]")


def links(public_url: str, tokens: LinkTokens, delivery: str, reply: Reply, begun: datetime) -> Links:
    """Return the addresses for a reply on its way: none where the company has no public one.

    They end a week after ``begun``, so that a reply which is tried again is the same to the letter.
    """
    if not public_url:
        return Links()
    base, ends = public_url.rstrip("/"), begun + LINK_LIFETIME
    numbers = [source.number for source in reply.sources if source.has_image]
    pages = {number: f"{base}/s/{tokens.sign(delivery, number, ends)}" for number in numbers}
    attached = [file.id for card in reply.cards for file in card.attachments]
    files = {file: f"{base}/f/{tokens.sign_file(delivery, file, ends)}" for file in attached}
    return Links(f"{base}/a/{tokens.sign(delivery, 0, ends)}", pages, files)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a reply's text; with ``source`` it is the mark of one."""

    text: str
    source: int | None = None


@dataclass(frozen=True, slots=True)
class LinkPages:
    """Pages for whoever holds a link. They need no session and no script; whatever is wrong, it is the same 404."""

    desk: LinkDesk
    tokens: LinkTokens

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        blueprint = Blueprint("links", __name__)
        blueprint.add_url_rule("/s/<token>", "source", self.source)
        blueprint.add_url_rule("/s/<token>.png", "page_image", self.page_image)
        blueprint.add_url_rule("/a/<token>", "answer", self.answer)
        blueprint.add_url_rule("/f/<token>", "attachment", self.attachment)
        blueprint.after_request(_private)
        return blueprint

    def source(self, token: str) -> ResponseReturnValue:
        """Show one source: its place, its words, and the page."""
        link = self._source_link(token)
        reply = self._reply(link)
        source = next((source for source in reply.sources if source.number == link.number), None)
        if source is None:
            abort(404)
        return _shown("cited.html", reply, source=source, token=token, whole=self._sign(link, 0))

    def page_image(self, token: str) -> ResponseReturnValue:
        """Show the page of a source as PNG."""
        link = self._source_link(token)
        image = self.desk.page(link.delivery, link.number)
        if image is None:
            abort(404)
        return Response(image, mimetype="image/png")

    def answer(self, token: str) -> ResponseReturnValue:
        """Show the whole reply with its sources."""
        link = self.tokens.read(token)
        if link is None or link.number != 0:
            abort(404)
        reply = self._reply(link)
        addresses = {source.number: self._address(link, source) for source in reply.sources if source.has_image}
        return _shown("answer.html", reply, pieces=pieces(reply), addresses=addresses)

    def attachment(self, token: str) -> ResponseReturnValue:
        """Show or save an attached file."""
        link = self.tokens.read_file(token)
        file = self.desk.attachment(*link) if link else None
        if file is None:
            abort(404)
        return as_response(file)

    def _source_link(self, token: str) -> LinkToken:
        link = self.tokens.read(token)
        if link is None or link.number < 1:
            abort(404)
        return link

    def _reply(self, link: LinkToken) -> Reply:
        reply = self.desk.reply(link.delivery)
        if reply is None:
            abort(404)
        return reply

    def _address(self, link: LinkToken, source: SourceCard) -> str:
        return url_for("links.source", token=self._sign(link, source.number))

    def _sign(self, link: LinkToken, number: int) -> str:
        # From one page to the next the end stays where it is: nobody prolongs a link by following it.
        return self.tokens.sign(link.delivery, number, link.expires)


def pieces(reply: Reply) -> list[Piece]:
    """Cut the reply's text at the marks of its sources. A mark without a source stays text."""
    known = {source.number for source in reply.sources}
    found = []
    for index, part in enumerate(_MARK.split(reply.text)):
        if index % 2 == 0:
            found.append(Piece(part))
        elif int(part) in known:
            found.append(Piece(f"[{part}]", int(part)))
        else:
            found.append(Piece(f"[{part}]"))
    return [piece for piece in found if piece.text]


def _shown(template: str, reply: Reply, **values: object) -> Response:
    return make_response(render_template(template, reply=reply, **worded(reply.language), **values))


def _private(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
