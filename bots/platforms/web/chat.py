"""The chat page and what it calls: ask, open a source's page image, choose the language."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from bots.errors import NotServed
from bots.messages import ChatDesk, Language, SourceCard, Visitor
from bots.platforms.web.faults import log_incident
from bots.platforms.web.languages import HTML_LANG, TEXTS, choose_language, is_language
from bots.platforms.web.questions import ANSWER_LENGTH, EXCHANGES, QUESTION_LENGTH, Asked, Unreadable, read_question
from bots.platforms.web.sessions import is_from_our_page, public_mark, signed_in_groups, visitor_of
from bots.platforms.web.signing import Clock, PageTokens
from bots.platforms.web.stream import HEADERS, event_stream

_LIMITS = {"question": QUESTION_LENGTH, "answer": ANSWER_LENGTH, "exchanges": EXCHANGES}


@dataclass(frozen=True, slots=True)
class WebChat:
    """The web chat of one company. ``patience`` is how long the page waits for the next sentence, in seconds."""

    desk: ChatDesk
    tokens: PageTokens
    company_name: str
    now: Clock
    patience: float = 90.0

    def blueprint(self) -> Blueprint:
        """Return the routes, with their templates and static files."""
        blueprint = Blueprint("chat", __name__, template_folder="templates", static_folder="static")
        blueprint.add_url_rule("/", "page", self.page)
        blueprint.add_url_rule("/chat/ask", "ask", self.ask, methods=["POST"])
        blueprint.add_url_rule("/pages/<link>.png", "page_image", self.page_image)
        blueprint.add_url_rule("/language", "language", self.language, methods=["POST"])
        blueprint.app_context_processor(self.common)
        return blueprint

    def common(self) -> dict[str, Any]:
        """Return what every template shows: the sentences, the company's name, and whom we take the visitor for."""
        language = this_language()
        return {
            "t": TEXTS[language],
            "language": language,
            "html_lang": HTML_LANG[language],
            "company_name": self.company_name,
            "signed_in": signed_in_groups(session, self.now()),
        }

    def page(self) -> ResponseReturnValue:
        """Show the windows this visitor may use, and the chat."""
        language, visitor = this_language(), visitor_of(session, self.now())
        session.permanent = True
        windows = [asdict(window) for window in self.desk.windows(visitor, language)]
        data = {
            "texts": dict(TEXTS[language]),
            "windows": windows,
            "visitor": public_mark(visitor),
            "ask": url_for("chat.ask"),
            "patience": self.patience,
            "limits": _LIMITS,
        }
        return render_template("chat.html", windows=windows, data=data)

    def ask(self) -> ResponseReturnValue:
        """Answer one question as an event stream. What cannot be asked is 400, 403 or 415 with a sentence in JSON."""
        language = this_language()
        if not is_from_our_page(request):
            return _refuse(language, "fault_elsewhere", 403)
        if not request.is_json:
            return _refuse(language, "fault_unreadable", 415)
        try:
            asked = read_question(request.get_json(silent=True))
        except Unreadable as fault:
            return _refuse(language, fault.text, 400)
        except RecursionError:  # brackets nested without end
            return _refuse(language, "fault_unreadable", 400)
        return self._answer(visitor_of(session, self.now()), asked, language)

    def page_image(self, link: str) -> ResponseReturnValue:
        """Show a cited page as PNG. Whatever is wrong with a link, it is 404: it tells nothing about what exists."""
        visitor = visitor_of(session, self.now())
        wanted = self.tokens.read(link, visitor.id)
        image = self.desk.page_image(visitor, wanted.chunk_id, wanted.quote) if wanted else None
        if image is None:
            abort(404)
        return Response(image, mimetype="image/png", headers={"Cache-Control": "private, max-age=3600"})

    def language(self) -> ResponseReturnValue:
        """Keep the chosen language in the session and go back to the chat."""
        chosen = request.form.get("language")
        if not is_from_our_page(request) or not is_language(chosen):
            abort(400)
        session["language"] = chosen
        session.permanent = True
        return redirect(url_for("chat.page"), 303)

    def _answer(self, visitor: Visitor, asked: Asked, language: Language) -> Response:
        # The stream runs when the request is over, so what it needs of the request is taken now.
        pattern = url_for("chat.page_image", link="LINK")

        def address(source: SourceCard) -> str:
            return pattern.replace("LINK", self.tokens.sign(visitor.id, source.chunk_id, source.quote))

        stream = event_stream(
            lambda: self.desk.ask(visitor, asked.window, asked.question, asked.history, language),
            address,
            _explainer(language),
        )
        return Response(stream, headers=HEADERS)


def this_language() -> Language:
    """Return the language of the visitor whose request this is."""
    return choose_language(session, request.accept_languages)


def _refuse(language: Language, text: str, status: int) -> ResponseReturnValue:
    return jsonify(message=TEXTS[language][text]), status


def _explainer(language: Language) -> Callable[[Exception], str]:
    def explain(error: Exception) -> str:
        if isinstance(error, NotServed):
            return TEXTS[language]["fault_not_served"]
        return TEXTS[language]["fault_incident"].format(incident=log_incident(error, "chat.ask"))

    return explain
