"""Who is asking: the session's visitor, or the widget's, whom a header names because no cookie reaches a frame."""

from dataclasses import dataclass
from secrets import token_urlsafe

from flask import Request, abort, request, session

from bots.accounts import Website
from bots.errors import NotServed
from bots.messages import CUSTOMERS, Visitor
from bots.platforms.web.sessions import visitor_of
from bots.platforms.web.signing import Clock, VisitorTokens

HEADER = "X-Transom-Visitor"
_WIDGET = "widget-"


@dataclass(frozen=True, slots=True)
class Visitors:
    """Tells visitors apart. A request that names a widget visitor is never taken for the session's."""

    tokens: VisitorTokens
    website: Website
    now: Clock

    def new_widget_token(self) -> str:
        """Return the token of a widget visitor who has never been here."""
        return self.tokens.sign(_WIDGET + token_urlsafe(16))

    def at(self, window: str) -> Visitor:
        """Return who is at this window. Raises NotServed where the website does not show it; aborts with 401."""
        if not is_from_widget(request):
            return visitor_of(session, self.now())
        visitor = self._of_widget(request.headers[HEADER])
        if window not in self.website.windows:
            raise NotServed(window)
        return visitor

    def owner(self, visitor_id: str) -> Visitor | None:
        """Return the visitor a page image was signed for, if that is who asks for it.

        An image element sends no header. For the widget the link itself has to do: it shows what any customer may read.
        """
        if visitor_id.startswith(_WIDGET):
            return Visitor(visitor_id, CUSTOMERS)
        visitor = visitor_of(session, self.now())
        return visitor if visitor.id == visitor_id else None

    def _of_widget(self, token: str) -> Visitor:
        visitor_id = self.tokens.read(token)
        if visitor_id is None:
            abort(401)
        return Visitor(visitor_id, CUSTOMERS)


def is_from_widget(sent: Request) -> bool:
    """Whether the request comes from the widget's page."""
    return HEADER in sent.headers
