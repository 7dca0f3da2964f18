"""The web: the chat, the widget for the company's website, the pages behind links, and the API for other systems."""

from bots.platforms.web.api import Api
from bots.platforms.web.chat import WebChat
from bots.platforms.web.links import LinkPages, links
from bots.platforms.web.login import LoginPages, UsedTokens, make_login_link
from bots.platforms.web.seats import Seats
from bots.platforms.web.signing import LinkTokens
from bots.platforms.web.widget import Widget

__all__ = [
    "Api",
    "LinkPages",
    "LinkTokens",
    "LoginPages",
    "Seats",
    "UsedTokens",
    "WebChat",
    "Widget",
    "links",
    "make_login_link",
]
