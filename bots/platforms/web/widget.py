"""The widget: a script that puts a round button on a shop's pages, and the small chat page in the frame it opens."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from bots.errors import SettingError
from bots.messages import CUSTOMERS, Language, Visitor, WindowCard
from bots.platforms.web.chat import NEWS_S, page_data
from bots.platforms.web.guards import policy
from bots.platforms.web.languages import TEXTS, choose_language, is_language, worded
from bots.platforms.web.visitors import Visitors
from bots.ports import ChatDesk

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?")
_SCRIPT = Path(__file__).with_name("static") / "widget.js"
_SAID = ("widget_open", "widget_close", "widget_title")


@dataclass(frozen=True, slots=True)
class Widget:
    """The widget of one company's website, for anonymous customers. Raises SettingError for what is no origin."""

    desk: ChatDesk
    visitors: Visitors
    patience: float = 90.0
    news_every: float = NEWS_S

    def __post_init__(self) -> None:
        for origin in self.visitors.website.origins:
            if not _ORIGIN.fullmatch(origin):  # it becomes part of a header
                raise SettingError(
                    f"channels.yaml: website: {origin} is no origin; write it like  https://shop.example"
                )

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        blueprint = Blueprint("widget", __name__)
        blueprint.add_url_rule("/widget.js", "script", self.script)
        blueprint.add_url_rule("/widget", "frame", self.frame)
        return blueprint

    def script(self) -> ResponseReturnValue:
        """Return the script, with the few words it says in both languages."""
        said = {language: {key: texts[key] for key in _SAID} for language, texts in TEXTS.items()}
        source = _SCRIPT.read_text(encoding="utf-8").replace('"TEXTS"', json.dumps(said))
        headers = {"Cache-Control": "public, max-age=600", "Cross-Origin-Resource-Policy": "cross-origin"}
        return Response(source, content_type="text/javascript; charset=utf-8", headers=headers)

    def frame(self) -> ResponseReturnValue:
        """Show the chat of one window. Only the website's own pages may frame it."""
        language = self._language()
        window = self._window(language)
        windows = [asdict(window)]
        token = self.visitors.new_widget_token()
        data = page_data(language, windows, self.patience, self.news_every) | {"visitor": token, "compact": True}
        page = render_template("widget.html", window=window, data=data, signed_in=(), **worded(language))
        return self._framed(make_response(page))

    def _framed(self, response: Response) -> Response:
        ancestors = " ".join(self.visitors.website.origins) or "'none'"
        response.headers["Content-Security-Policy"] = policy(ancestors)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def _language(self) -> Language:
        wanted = request.args.get("lang")
        return choose_language({"language": wanted} if is_language(wanted) else {}, request.accept_languages)

    def _window(self, language: Language) -> WindowCard:
        """Return the window asked for, or the website's first. Aborts with 404 for one it does not show."""
        shown = self.visitors.website.windows
        name = request.args.get("window") or (shown[0] if shown else "")
        served = self.desk.windows(Visitor("", CUSTOMERS), language) if name in shown else ()
        card = next((card for card in served if card.name == name), None)
        if card is None:
            abort(404)
        return card
