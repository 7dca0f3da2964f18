"""The web chat: one page, answers that stream in, sources that open at the page."""

from bots.platforms.web.chat import WebChat
from bots.platforms.web.login import LoginPages, UsedTokens, make_login_link

__all__ = ["LoginPages", "UsedTokens", "WebChat", "make_login_link"]
